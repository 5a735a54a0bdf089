// An upper bound on what a person could still come to. See world.hpp for the whole.
//
// The relaxation: in the person's own imagination, every move that somebody could consent to is consented to, and a fluent
// keeps every value that it ever had. What others believe may be anything. So the values that a fluent may have after
// 1, 2, ... moves only grow, and the greatest worth among them bounds that of every plan of that length.
//
// The same holds of the tale itself: there every move counts, and what bounds it is not a person's worth but the goal.
#pragma once

#include <cmath>

#include "states.hpp"

namespace everytale {

class Bound {
public:
    // `goal`: what the true state is worth (-1: nobody asks).
    Bound(const Tables &tables, const States &states, std::int32_t goal = -1) : tables_(tables), states_(states), goal_(goal) {
        for (const Lane &lane : tables.lanes) full_.push_back(all(lane));
        rules_.resize((std::size_t(tables.people) + 1) * 2);
    }

    // The least number of moves (1 or more) after which the owner of `s` might have more than `target`; `limit` + 1 if not within `limit`.
    int steps_to_exceed(State s, Rational target, int limit) {
        if (limit < 1) return limit + 1;
        const std::vector<double> &layers = bounds(s, limit);
        const double least = interval(target).low;
        for (int step = 1; step <= limit; ++step)
            if (layers[std::min<std::size_t>(step, layers.size()) - 1] > least) return step;
        return limit + 1;
    }

    // The most that the owner of `s` might have after 1 to `steps` moves.
    double most(State s, int steps) {
        const std::vector<double> &layers = bounds(s, steps);
        return layers[std::min<std::size_t>(steps, layers.size()) - 1];
    }

    static double above(Rational number) { return number.known() ? interval(number).high : -infinity; }
    static double below(Rational number) { return number.known() ? interval(number).low : -infinity; }

    std::size_t bytes() const { return index_.bytes() + known_.capacity() * sizeof(Layers); }

private:
    static constexpr double infinity = std::numeric_limits<double>::infinity();

    // Which values a fluent may have: a set of codes where there are at most 64, else an interval.
    struct Values {
        Word codes;
        std::int64_t low, high;
        bool unknown;
        friend bool operator==(const Values &, const Values &) = default;
    };
    // Which numbers an expression may come to; none, where low > high, but perhaps unknown.
    struct Interval {
        double low, high;
        bool unknown;
    };
    struct Layers {
        std::vector<double> most;
        bool complete = false;
    };
    struct Rule {
        std::int32_t precondition, upon;
        Range effects;
        bool trigger;
    };
    // What can change anything in one person's own imagination, and by which fluents.
    struct Rules {
        bool known = false;
        std::vector<Rule> all;
        std::vector<std::int32_t> moves, restless;  // restless: triggers that depend on what others believe
        std::vector<std::vector<std::int32_t>> readers;
    };
    static constexpr int may_be = 1, may_not = 2;

    static bool small(const Lane &lane) { return lane.mask < 64; }
    static Values all(const Lane &lane) {
        Word codes = 0;
        if (small(lane)) {
            const Word greatest = lane.code_of(lane.high);
            codes = greatest == 63 ? ~Word(0) : (Word(1) << (greatest + 1)) - 1;
        }
        return {codes, lane.low, lane.high, lane.unknown};
    }

    const std::vector<double> &bounds(State s, int steps) {
        const View view = states_.view(s);
        const bool bottom = view.level == tables_.depth;
        std::uint32_t &at = index_.at(pair_key(states_.vector(s), static_cast<std::uint32_t>(view.mind + 1) << 1 | bottom));
        if (at == 0) {
            known_.emplace_back();
            at = static_cast<std::uint32_t>(known_.size());
        }
        Layers &layers = known_[at - 1];
        if (!layers.complete && layers.most.size() < static_cast<std::size_t>(steps)) compute(view, bottom, steps, layers);
        return layers.most;
    }

    // Rules are looked at again only when something that they read has gained a value. Triggers idle in `view` stay idle until then.
    void compute(const View &view, bool bottom, int steps, Layers &layers) {
        mind_ = view.mind, bottom_ = bottom;
        layers.most.clear();
        const Rules &rules = rules_of(view.mind, view.level);
        now_.clear();
        for (const Lane &lane : tables_.lanes) now_.push_back(only(lane, lane.code(view.words)));
        moves_due_ = rules.moves, triggers_due_ = rules.restless;
        queued_.assign(rules.all.size(), 0);
        for (int step = 1; step <= steps; ++step) {
            gains_.clear();
            for (std::int32_t index : moves_due_) queued_[index] = 0, apply(rules.all[index]);
            moves_due_.clear();
            bool any = gain(rules);
            for (std::size_t count = 0; !triggers_due_.empty(); ++count) {
                const std::int32_t index = triggers_due_.back();
                triggers_due_.pop_back();
                queued_[index] = 0;
                widen_ = count > 20 * rules.all.size();  // numbers that grow and grow
                apply(rules.all[index]);
                any = gain(rules) || any;
            }
            widen_ = false;
            const Interval worth = range(view.mind < 0 ? goal_ : tables_.worth[view.mind], now_);
            layers.most.push_back(worth.low > worth.high ? -infinity : worth.high);
            if (!any) {
                layers.complete = true;
                return;
            }
        }
    }

    // Notes what the rule's effects may make of the values now; gain() then adds it.
    void apply(const Rule &rule) {
        if (!(possible(rule.upon, now_) & may_be) || !(possible(rule.precondition, now_) & may_be)) return;
        for (std::int32_t e = rule.effects.begin; e < rule.effects.end; ++e) {
            const Effect &effect = tables_.effects[e];
            if (!is_own(effect, mind_, rule.trigger) || !(possible(effect.condition, now_) & may_be)) continue;
            const Lane &lane = tables_.lanes[effect.fluent];
            const Node &value = tables_.nodes[effect.value];
            Values gained = now_[effect.fluent];
            if (effect.change != SET) {
                const Interval from = of(lane, now_[effect.fluent]), by = range(effect.value, now_);
                join(lane, effect.change == RISES ? sum(from, by) : difference(from, by), gained);
            } else if (value.op == READ && alike(lane, tables_.lanes[value.first])) {
                gained.codes |= now_[value.first].codes;
            } else {
                join(lane, range(effect.value, now_), gained);
            }
            if (!(gained == now_[effect.fluent])) gains_.emplace_back(effect.fluent, widen_ ? full_[effect.fluent] : gained);
        }
    }

    bool gain(const Rules &rules) {
        bool any = false;
        for (const auto &[fluent, gained] : gains_) {
            const Values before = now_[fluent];
            Values &values = now_[fluent];
            values.codes |= gained.codes, values.unknown = values.unknown || gained.unknown;
            if (gained.low <= gained.high) {
                values.low = before.low > before.high ? gained.low : std::min(before.low, gained.low);
                values.high = before.low > before.high ? gained.high : std::max(before.high, gained.high);
            }
            if (values == before) continue;
            any = true;
            for (std::int32_t index : rules.readers[fluent])
                if (!queued_[index]) queued_[index] = 1, (rules.all[index].trigger ? triggers_due_ : moves_due_).push_back(index);
        }
        gains_.clear();
        return any;
    }

    const Rules &rules_of(Person mind, int level) {
        Rules &rules = rules_[std::size_t(mind + 1) * 2 + (level == 1)];
        if (rules.known) return rules;
        rules.known = true;
        rules.readers.resize(tables_.lanes.size());
        for (const Move &move : tables_.moves)
            if (move.imaginable || mind < 0) add(rules, {move.precondition, -1, move.effects, false}, mind);
        for (const Trigger &trigger : tables_.triggers)
            if (trigger.mind < 0 || (trigger.mind == mind && level == 1)) add(rules, {trigger.precondition, trigger.upon, trigger.effects, true}, mind);
        return rules;
    }

    // A rule counts only where it can change anything in the person's own imagination.
    void add(Rules &rules, const Rule &rule, Person mind) {
        const std::int32_t index = static_cast<std::int32_t>(rules.all.size());
        bool own = false, about_others = false;
        const auto read = [&](std::int32_t node) { about_others = note_readers(node, index, mind, rules) || about_others; };
        for (std::int32_t e = rule.effects.begin; e < rule.effects.end; ++e) own = own || is_own(tables_.effects[e], mind, rule.trigger);
        if (!own) return;
        rules.all.push_back(rule);
        read(rule.precondition), read(rule.upon);
        for (std::int32_t e = rule.effects.begin; e < rule.effects.end; ++e) {
            const Effect &effect = tables_.effects[e];
            if (!is_own(effect, mind, rule.trigger)) continue;
            read(effect.condition), read(effect.value);
            if (effect.change != SET || rule.trigger) note_reader(effect.fluent, index, rules);
        }
        if (!rule.trigger) rules.moves.push_back(index);
        else if (about_others) rules.restless.push_back(index);
    }

    static void note_reader(std::int64_t fluent, std::int32_t index, Rules &rules) {
        auto &readers = rules.readers[fluent];
        if (readers.empty() || readers.back() != index) readers.push_back(index);
    }

    // Whether the expression speaks of what others believe.
    bool note_readers(std::int32_t index, std::int32_t rule, Person mind, Rules &rules) const {
        if (index < 0) return false;
        const Node &node = tables_.nodes[index];
        switch (node.op) {
            case NUMBER: case UNKNOWN: case STILL: return false;
            case READ: note_reader(node.first, rule, rules); return false;
            case NOT: return note_readers(node.first, rule, mind, rules);
            case BELIEVES: return note_readers(node.second, rule, mind, rules) || node.first != mind;
            case ALL: case ANY: case SUM: case IF: {
                bool others = false;
                for (std::int32_t operand : tables_.among(node)) others = note_readers(operand, rule, mind, rules) || others;
                return others;
            }
            default: {
                const bool others = note_readers(node.first, rule, mind, rules);
                return note_readers(node.second, rule, mind, rules) || others;
            }
        }
    }

    static bool is_own(const Effect &effect, Person mind, bool trigger) {
        return effect.believers.empty() || (trigger && effect.believers.size() == 1 && effect.believers[0] == mind);
    }

    static bool alike(const Lane &a, const Lane &b) { return small(a) && small(b) && a.low == b.low && a.high == b.high && a.unknown == b.unknown; }

    static Values only(const Lane &lane, Word code) {
        if (small(lane)) return {Word(1) << code, 0, 0, false};
        const Rational number = lane.decode(code);
        if (!number.known()) return {0, lane.high, lane.low, true};
        return {0, number.over, number.over, false};
    }

    void join(const Lane &lane, Interval to, Values &into) const {
        std::int64_t low = 1, high = 0;
        if (to.low <= to.high) {  // clamped; a double may be out of the range of integers
            low = to.low <= double(lane.low) ? lane.low : to.low >= double(lane.high) ? lane.high : static_cast<std::int64_t>(std::floor(to.low));
            high = to.high >= double(lane.high) ? lane.high : to.high <= double(lane.low) ? lane.low : static_cast<std::int64_t>(std::ceil(to.high));
        }
        if (small(lane)) {
            if (low <= high) {
                const Word first = lane.code_of(low), last = lane.code_of(high);
                into.codes |= (last == 63 ? ~Word(0) : (Word(1) << (last + 1)) - 1) & ~((Word(1) << first) - 1);
            }
            if (to.unknown && lane.unknown) into.codes |= 1;
            return;
        }
        if (low <= high) into = into.low > into.high ? Values{0, low, high, into.unknown} : Values{0, std::min(low, into.low), std::max(high, into.high), into.unknown};
        into.unknown = into.unknown || (to.unknown && lane.unknown);
    }

    // ---- expressions ----

    // Whose values a belief speaks of: one's own, or anything.
    const std::vector<Values> &within(Person person, const std::vector<Values> &now) const { return person == mind_ || bottom_ ? now : full_; }

    int possible(std::int32_t index, const std::vector<Values> &now) const {
        if (index < 0) return may_be;
        const Node &node = tables_.nodes[index];
        switch (node.op) {
            case NUMBER: return node.first != 0 ? may_be : may_not;
            case UNKNOWN: return may_not;
            case READ: {
                const Lane &lane = tables_.lanes[node.first];
                if (!small(lane)) return truth(of(lane, now[node.first]));
                const Word zero = (lane.low <= 0 && lane.high >= 0 ? Word(1) << lane.code_of(0) : 0) | (lane.unknown ? 1 : 0);
                return ((now[node.first].codes & ~zero) ? may_be : 0) | ((now[node.first].codes & zero) ? may_not : 0);
            }
            case BELIEVES: return possible(static_cast<std::int32_t>(node.second), within(static_cast<Person>(node.first), now));
            case EQUAL: return equal(node, now);
            case DIFFERENT: return flipped(equal(node, now));
            case LESS: return ordered(range(node.first, now), range(node.second, now), true);
            case AT_MOST: return ordered(range(node.first, now), range(node.second, now), false);
            case GREATER: return ordered(range(node.second, now), range(node.first, now), true);
            case AT_LEAST: return ordered(range(node.second, now), range(node.first, now), false);
            case NOT: return flipped(possible(static_cast<std::int32_t>(node.first), now));
            case ALL: case ANY: {
                const int one = node.op == ALL ? may_not : may_be;  // that one operand is enough for
                int result = 3 - one;
                for (std::int32_t operand : tables_.among(node)) {
                    const int its = possible(operand, now);
                    if (!(its & (3 - one))) return one;
                    result |= its & one;
                }
                return result;
            }
            case IF: {
                const auto parts = tables_.among(node);
                const int condition = possible(parts[0], now);
                return (condition & may_be ? possible(parts[1], now) : 0) | (condition & may_not ? possible(parts[2], now) : 0);
            }
            case STILL: return may_be | may_not;
            default: return truth(range(index, now));
        }
    }

    static int flipped(int possible) { return (possible & may_be ? may_not : 0) | (possible & may_not ? may_be : 0); }
    static int truth(Interval x) {
        const bool some = x.low <= x.high;
        return (some && (x.low != 0 || x.high != 0) ? may_be : 0) | (x.unknown || (some && x.low <= 0 && x.high >= 0) ? may_not : 0);
    }
    static int ordered(Interval a, Interval b, bool strictly) {
        const bool some = a.low <= a.high && b.low <= b.high;
        const bool may = some && (strictly ? a.low < b.high : a.low <= b.high);
        const bool must = some && !a.unknown && !b.unknown && (strictly ? a.high < b.low : a.high <= b.low);
        return (may ? may_be : 0) | (must ? 0 : may_not);
    }

    int equal(const Node &node, const std::vector<Values> &now) const {
        const Node &a = tables_.nodes[node.first], &b = tables_.nodes[node.second];
        if (node.match != 0) {
            const std::int64_t fluent = a.op == READ ? a.first : b.first;
            const Lane &lane = tables_.lanes[fluent];
            if (node.mask == 0) return lane.mask == 0 && node.expect == 0 ? may_be : may_not;
            if (small(lane)) {
                const Word wanted = Word(1) << (node.expect >> lane.shift), codes = now[fluent].codes;
                return (codes & wanted ? may_be : 0) | (codes & ~wanted ? may_not : 0);
            }
        }
        if (a.op == READ && b.op == READ && alike(tables_.lanes[a.first], tables_.lanes[b.first])) {
            const Word x = now[a.first].codes, y = now[b.first].codes;
            return (x & y ? may_be : 0) | (x == y && std::has_single_bit(x) ? 0 : may_not);
        }
        const Interval x = range(node.first, now), y = range(node.second, now);
        const bool some_x = x.low <= x.high, some_y = y.low <= y.high;
        const bool may = (x.unknown && y.unknown) || (some_x && some_y && x.low <= y.high && y.low <= x.high);
        const bool must = (some_x && some_y && !x.unknown && !y.unknown && x.low == x.high && y.low == y.high && x.low == y.low) || (!some_x && !some_y);
        return (may ? may_be : 0) | (must ? 0 : may_not);
    }

    static Interval of(const Lane &lane, const Values &values) {
        if (!small(lane)) return outward(double(values.low), double(values.high), values.unknown);
        Word codes = values.codes;
        const bool unknown = lane.unknown && (codes & 1);
        if (lane.unknown) codes &= ~Word(1);
        if (codes == 0) return {1, 0, unknown};
        return outward(double(lane.decode(std::countr_zero(codes)).over), double(lane.decode(63 - std::countl_zero(codes)).over), unknown);
    }

    static Interval interval(Rational number) {
        if (!number.known()) return {1, 0, true};
        const double value = double(number.over) / double(number.under);
        return outward(value, value, false);
    }

    // Rounding makes an interval wider, never narrower; small whole numbers are exact.
    static Interval outward(double low, double high, bool unknown) {
        if (std::isnan(low) || std::isnan(high)) return {-infinity, infinity, unknown};
        const auto exact = [](double x) { return std::fabs(x) < 4e15 && x == std::floor(x); };
        return {exact(low) ? low : std::nextafter(low, -infinity), exact(high) ? high : std::nextafter(high, infinity), unknown};
    }

    static Interval sum(Interval a, Interval b) {
        if (a.low > a.high || b.low > b.high) return {1, 0, true};
        return outward(a.low + b.low, a.high + b.high, a.unknown || b.unknown);
    }
    static Interval difference(Interval a, Interval b) {
        if (b.low > b.high) return {1, 0, true};
        return sum(a, {-b.high, -b.low, b.unknown});
    }
    static Interval product(Interval a, Interval b) {
        if (a.low > a.high || b.low > b.high) return {1, 0, true};
        const double ends[] = {a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high};
        if (std::ranges::any_of(ends, [](double x) { return std::isnan(x); })) return {-infinity, infinity, a.unknown || b.unknown};
        return outward(*std::ranges::min_element(ends), *std::ranges::max_element(ends), a.unknown || b.unknown);
    }
    static Interval quotient(Interval a, Interval b) {
        if (a.low > a.high || b.low > b.high) return {1, 0, true};
        if (b.low <= 0 && b.high >= 0) return {-infinity, infinity, true};
        const Interval inverse = outward(std::nextafter(1 / b.high, -infinity), std::nextafter(1 / b.low, infinity), b.unknown);
        return product(a, inverse);
    }

    Interval range(std::int64_t index, const std::vector<Values> &now) const {
        const Node &node = tables_.nodes[index];
        switch (node.op) {
            case NUMBER: return interval({node.first, node.second});
            case UNKNOWN: return {1, 0, true};
            case READ: return of(tables_.lanes[node.first], now[node.first]);
            case BELIEVES: return range(node.second, within(static_cast<Person>(node.first), now));
            case SUM: {
                Interval total{0, 0, false};
                for (std::int32_t operand : tables_.among(node)) total = sum(total, range(operand, now));
                return total;
            }
            case MINUS: return difference(range(node.first, now), range(node.second, now));
            case TIMES: return product(range(node.first, now), range(node.second, now));
            case OVER: return quotient(range(node.first, now), range(node.second, now));
            case IF: {
                const auto parts = tables_.among(node);
                const int condition = possible(parts[0], now);
                if (condition == may_be) return range(parts[1], now);
                if (condition == may_not) return range(parts[2], now);
                const Interval a = range(parts[1], now), b = range(parts[2], now);
                if (a.low > a.high) return {b.low, b.high, true};
                if (b.low > b.high) return {a.low, a.high, true};
                return {std::min(a.low, b.low), std::max(a.high, b.high), a.unknown || b.unknown};
            }
            default: {
                const int truth = possible(static_cast<std::int32_t>(index), now);
                return {truth & may_not ? 0.0 : 1.0, truth & may_be ? 1.0 : 0.0, false};
            }
        }
    }

    const Tables &tables_;
    const States &states_;
    const std::int32_t goal_;
    std::vector<Values> full_;
    std::vector<Rules> rules_;
    Map<std::uint32_t> index_;  // of (vector, mind, deepest level): 1 + the place in known_
    std::vector<Layers> known_;

    // While one bound is computed: whose it is, the values so far, what is gained by them, which rules are to be looked at.
    Person mind_ = -1;
    bool bottom_ = false, widen_ = false;
    std::vector<Values> now_;
    std::vector<std::pair<std::int32_t, Values>> gains_;
    std::vector<std::int32_t> moves_due_, triggers_due_;
    std::vector<char> queued_;
};

}  // namespace everytale
