// A guess of how many moves it takes until a condition holds. See world.hpp for the whole.
//
// The additive heuristic of planning (Bonet and Geffner, Planning as heuristic search, 2001): what has to be so before a move
// is reached part by part, as if the parts never helped or hindered each other, and everybody went along. It guides the search for
// tales and proves nothing. What somebody has to believe costs nothing where they do, else one move more than its being so, or as
// much as what makes them believe it whether it is so or not: an effect on their beliefs, an inference of theirs.
//
// A *sight* is the truth (0) or what a person believes (1 and more).
#pragma once

#include <cmath>

#include "search.hpp"

namespace everytale {

class Estimate {
public:
    Estimate(const Tables &tables, const States &states, const Evaluator &evaluator, Work &work, std::int32_t goal)
        : tables_(tables), states_(states), evaluator_(evaluator), work_(work), goal_(goal) {
        for (const Lane &lane : tables.lanes) {
            offset_.push_back(static_cast<std::uint32_t>(codes_));
            codes_ += small(lane) ? lane.code_of(lane.high) + 1 : 2;
        }
        offset_.push_back(static_cast<std::uint32_t>(codes_));
        readers_.resize(tables.lanes.size() * (1 + tables.people));
        for (const Move &move : tables.moves) add({move.precondition, -1, move.effects, 1, 0});
        for (const Trigger &trigger : tables.triggers) {
            add({trigger.precondition, trigger.upon, trigger.effects, 0, 1 + trigger.mind});
            if (trigger.mind >= 0 && std::find(inferring_.begin(), inferring_.end(), 1 + trigger.mind) == inferring_.end()) inferring_.push_back(1 + trigger.mind);
        }
    }

    float of(State s) {
        float &known = known_.at(s);
        if (known == 0) known = 1 + computed(s);
        return known - 1;
    }

    std::size_t bytes() const { return known_.bytes(); }
    std::size_t growth() const { return known_.growth(); }

private:
    static constexpr float never = Search::never;
    static constexpr std::size_t rules_a_unit = 16;

    float computed(State s) {
        views_.clear();
        for (Person person = -1; person < tables_.people; ++person) views_.push_back(states_.view(person < 0 ? s : states_.believed(s, person)));
        cost_.assign(codes_ * views_.size(), never);
        for (int sight = 0; sight <= tables_.people; ++sight)
            for (std::size_t fluent = 0; fluent < tables_.lanes.size(); ++fluent) cost_[place(sight, fluent) + current(sight, fluent)] = 0;
        queue_.clear(), queued_.assign(rules_.size(), 1);
        for (std::size_t i = 0; i < rules_.size(); ++i) queue_.push_back(static_cast<std::int32_t>(i));
        const std::size_t most = rules_.size() * 12;
        for (std::size_t at = 0; at < queue_.size() && at < most; ++at) {
            queued_[queue_[at]] = 0;
            apply(rules_[queue_[at]]);
        }
        work_(std::min(queue_.size(), most) / rules_a_unit + 1);
        return std::min(yes(goal_, 0), never);
    }

    struct Rule {
        std::int32_t precondition, upon;
        Range effects;
        float price;
        int sight;
    };
    // A number that an expression may come to, and the cost of that.
    struct Option {
        double value;
        float cost;
    };
    using Options = std::vector<Option>;
    static constexpr std::size_t most_options = 24;

    static bool small(const Lane &lane) { return lane.mask < 256; }

    // Where the code of the fluent's value now stands among its costs: a large one has two, for that value and for any other.
    std::size_t current(int sight, std::size_t fluent) const {
        const Lane &lane = tables_.lanes[fluent];
        return small(lane) ? lane.code(views_[sight].words) : 0;
    }

    std::size_t place(int sight, std::size_t fluent) const { return codes_ * sight + offset_[fluent]; }

    // Whose beliefs an effect changes, as far as they are followed here; -1: those of nobody, or too deep.
    static int changed(const Rule &rule, const Effect &effect) {
        if (effect.believers.empty()) return rule.sight;
        return rule.sight == 0 && effect.believers.size() == 1 ? 1 + effect.believers[0] : -1;
    }

    void add(const Rule &rule) {
        bool own = false;
        for (std::int32_t e = rule.effects.begin; e < rule.effects.end; ++e) own = own || changed(rule, tables_.effects[e]) >= 0;
        if (!own) return;
        const std::int32_t index = static_cast<std::int32_t>(rules_.size());
        rules_.push_back(rule);
        note(rule.precondition, index, rule.sight), note(rule.upon, index, rule.sight);
        for (std::int32_t e = rule.effects.begin; e < rule.effects.end; ++e) {
            const Effect &effect = tables_.effects[e];
            note(effect.condition, index, rule.sight), note(effect.value, index, rule.sight);
            if (effect.change != SET && changed(rule, effect) >= 0) note_fluent(effect.fluent, index, changed(rule, effect));
        }
    }

    void note_fluent(std::int64_t fluent, std::int32_t rule, int sight) {
        auto &readers = readers_[tables_.lanes.size() * sight + fluent];
        if (readers.empty() || readers.back() != rule) readers.push_back(rule);
    }

    void note(std::int64_t index, std::int32_t rule, int sight) {
        if (index < 0) return;
        const Node &node = tables_.nodes[index];
        switch (node.op) {
            case NUMBER: case UNKNOWN: case STILL: return;
            case READ:
                for (const int one : {0, sight}) note_fluent(node.first, rule, one);
                return;
            case NOT: return note(node.first, rule, sight);
            case BELIEVES: return note(node.second, rule, 1 + static_cast<int>(node.first));
            case ALL: case ANY: case SUM: case IF:
                for (std::int32_t operand : tables_.among(node)) note(operand, rule, sight);
                return;
            default: note(node.first, rule, sight), note(node.second, rule, sight);
        }
    }

    void apply(const Rule &rule) {
        const int sight = rule.sight;
        const float cost = rule.price + yes(rule.precondition, sight) + yes(rule.upon, sight);
        if (cost >= never) return;
        for (std::int32_t e = rule.effects.begin; e < rule.effects.end; ++e) {
            const Effect &effect = tables_.effects[e];
            const int whose = changed(rule, effect);
            if (whose < 0) continue;
            const float its = cost + yes(effect.condition, sight);
            if (its >= never) continue;
            const std::size_t fluent = static_cast<std::size_t>(effect.fluent);
            const Lane &lane = tables_.lanes[fluent];
            if (!small(lane)) {
                lower(whose, fluent, 1, its);
                continue;
            }
            if (effect.code) {
                lower(whose, fluent, *effect.code, its);
                continue;
            }
            if (const Node &value = tables_.nodes[effect.value]; effect.change == SET && value.op == READ && alike(lane, tables_.lanes[value.first])) {
                const std::size_t source = place(sight, static_cast<std::size_t>(value.first));
                for (std::size_t code = 0; code < offset_[fluent + 1] - offset_[fluent]; ++code)
                    if (cost_[source + code] < never) lower(whose, fluent, code, its + cost_[source + code]);
                continue;
            }
            Options values = options(effect.value, sight);
            if (effect.change != SET) {
                const double sign = effect.change == RISES ? 1 : -1;
                values = combined(this->values(fluent, whose), values, [&](double a, double b) { return std::clamp(a + sign * b, double(lane.low), double(lane.high)); });
            }
            for (const Option &option : values)
                if (const auto code = code_of(lane, option.value)) lower(whose, fluent, *code, its + option.cost);
        }
    }

    static std::optional<std::size_t> code_of(const Lane &lane, double value) {
        if (std::isnan(value)) return lane.unknown ? std::optional<std::size_t>(0) : std::nullopt;
        if (value < double(lane.low) || value > double(lane.high) || value != std::floor(value)) return std::nullopt;
        return lane.code_of(static_cast<std::int64_t>(value));
    }

    void lower(int sight, std::size_t fluent, std::size_t code, float cost) {
        float &known = cost_[place(sight, fluent) + code];
        if (cost >= known) return;
        known = cost;
        for (std::int32_t rule : readers_[tables_.lanes.size() * sight + fluent])
            if (!queued_[rule]) queued_[rule] = 1, queue_.push_back(rule);
        if (sight == 0)
            for (const int other : inferring_) lower(other, fluent, code, cost);  // they notice, in this relaxation
    }

    // ---- what it costs that a condition holds, or does not ----

    float yes(std::int32_t index, int sight) const { return index < 0 ? 0 : truth(index, true, sight); }

    float truth(std::int64_t index, bool wanted, int sight) const {
        const Node &node = tables_.nodes[index];
        switch (node.op) {
            case NUMBER: return (node.first != 0) == wanted ? 0 : never;
            case UNKNOWN: return wanted ? never : 0;
            case STILL: return 1;
            case NOT: return truth(node.first, !wanted, sight);
            case BELIEVES: return believed(node, wanted, sight);
            case ALL: case ANY: {
                const bool all = (node.op == ALL) == wanted;
                float cost = all ? 0 : never;
                for (std::int32_t operand : tables_.among(node)) {
                    const float its = truth(operand, wanted, sight);
                    cost = all ? cost + its : std::min(cost, its);
                    if (cost >= never && all) return never;
                }
                return cost;
            }
            case IF: {
                const auto parts = tables_.among(node);
                return std::min(truth(parts[0], true, sight) + truth(parts[1], wanted, sight), truth(parts[0], false, sight) + truth(parts[2], wanted, sight));
            }
            case EQUAL: case DIFFERENT:
                if (node.match != 0) return matched(node, wanted == (node.op == EQUAL), sight);
                [[fallthrough]];
            case LESS: case AT_MOST: case GREATER: case AT_LEAST: return compared(node, wanted, sight);
            default: {
                float cost = never;
                for (const Option &option : options(index, sight))
                    if ((!std::isnan(option.value) && option.value != 0) == wanted) cost = std::min(cost, option.cost);
                return cost;
            }
        }
    }

    float believed(const Node &node, bool wanted, int sight) const {
        const Person person = static_cast<Person>(node.first);
        if (evaluator_.holds(static_cast<std::int32_t>(node.second), evaluator_.through(views_[sight], person)) == wanted) return 0;
        return std::min(1 + truth(node.second, wanted, 0), truth(node.second, wanted, 1 + person));
    }

    // A fluent against a constant.
    float matched(const Node &node, bool equal, int sight) const {
        const Node &first = tables_.nodes[node.first];
        const std::size_t fluent = static_cast<std::size_t>(first.op == READ ? first.first : tables_.nodes[node.second].first);
        const Lane &lane = tables_.lanes[fluent];
        if (node.mask == 0) return (node.expect == 0) == equal ? 0 : never;
        const Word wanted = node.expect >> lane.shift;
        const float *costs = cost_.data() + place(sight, fluent);
        if (!small(lane)) return (lane.code(views_[sight].words) == wanted) == equal ? 0 : costs[1];
        if (equal) return costs[wanted];
        float cost = never;
        for (std::size_t code = 0; code < offset_[fluent + 1] - offset_[fluent]; ++code)
            if (code != wanted) cost = std::min(cost, costs[code]);
        return cost;
    }

    static bool alike(const Lane &a, const Lane &b) { return small(a) && small(b) && a.low == b.low && a.high == b.high && a.unknown == b.unknown; }

    float compared(const Node &node, bool wanted, int sight) const {
        float cost = never;
        const Node &first = tables_.nodes[node.first], &second = tables_.nodes[node.second];
        if ((node.op == EQUAL || node.op == DIFFERENT) && first.op == READ && second.op == READ && alike(tables_.lanes[first.first], tables_.lanes[second.first])) {
            const std::size_t fluent = static_cast<std::size_t>(first.first), codes = offset_[fluent + 1] - offset_[fluent];
            const float *a = cost_.data() + place(sight, fluent), *b = cost_.data() + place(sight, static_cast<std::size_t>(second.first));
            if (wanted == (node.op == EQUAL)) {
                for (std::size_t code = 0; code < codes; ++code) cost = std::min(cost, a[code] + b[code]);
            } else {
                for (std::size_t code = 0; code < codes; ++code)
                    if (a[code] < cost)
                        for (std::size_t other = 0; other < codes; ++other)
                            if (other != code) cost = std::min(cost, a[code] + b[other]);
            }
            return cost;
        }
        const Options left = options(node.first, sight), right = options(node.second, sight);
        for (const Option &a : left)
            for (const Option &b : right)
                if (a.cost + b.cost < cost && compare(node.op, a.value, b.value) == wanted) cost = a.cost + b.cost;
        return cost;
    }

    static bool compare(Operator op, double a, double b) {
        switch (op) {
            case EQUAL: return a == b || (std::isnan(a) && std::isnan(b));
            case DIFFERENT: return !compare(EQUAL, a, b);
            case LESS: return a < b;
            case AT_MOST: return a <= b;
            case GREATER: return a > b;
            default: return a >= b;
        }
    }

    // ---- which numbers an expression may come to; unknown is not a number ----

    Options values(std::size_t fluent, int sight) const {
        const Lane &lane = tables_.lanes[fluent];
        const float *costs = cost_.data() + place(sight, fluent);
        Options result;
        if (!small(lane)) {
            result.push_back({number(lane.decode(lane.code(views_[sight].words))), 0});
            if (costs[1] < never) result.push_back({double(lane.high), costs[1]}), result.push_back({double(lane.low), costs[1]});
            return result;
        }
        for (std::size_t code = 0; code < offset_[fluent + 1] - offset_[fluent]; ++code)
            if (costs[code] < never) result.push_back({number(lane.decode(code)), costs[code]});
        return trimmed(std::move(result));
    }

    static double number(Rational value) { return value.known() ? double(value.over) / double(value.under) : std::nan(""); }

    Options options(std::int64_t index, int sight) const {
        const Node &node = tables_.nodes[index];
        switch (node.op) {
            case NUMBER: return {{double(node.first) / double(node.second), 0}};
            case UNKNOWN: return {{std::nan(""), 0}};
            case READ: return values(static_cast<std::size_t>(node.first), sight);
            case BELIEVES: return {{number(evaluator_.value(static_cast<std::int32_t>(index), views_[sight])), 0}};
            case SUM: {
                Options total{{0, 0}};
                for (std::int32_t operand : tables_.among(node)) total = combined(total, options(operand, sight), [](double a, double b) { return a + b; });
                return total;
            }
            case MINUS: return combined(options(node.first, sight), options(node.second, sight), [](double a, double b) { return a - b; });
            case TIMES: return combined(options(node.first, sight), options(node.second, sight), [](double a, double b) { return a * b; });
            case OVER: return combined(options(node.first, sight), options(node.second, sight), [](double a, double b) { return b == 0 ? std::nan("") : a / b; });
            case IF: {
                const auto parts = tables_.among(node);
                Options result;
                for (const bool branch : {true, false}) {
                    const float cost = truth(parts[0], branch, sight);
                    if (cost >= never) continue;
                    for (const Option &option : options(parts[branch ? 1 : 2], sight)) result.push_back({option.value, option.cost + cost});
                }
                return trimmed(std::move(result));
            }
            default: {
                Options result;
                for (const bool wanted : {true, false})
                    if (const float cost = truth(index, wanted, sight); cost < never) result.push_back({wanted ? 1.0 : 0.0, cost});
                return result;
            }
        }
    }

    template <class Combine>
    static Options combined(const Options &left, const Options &right, Combine combine) {
        Options result;
        for (const Option &a : left)
            for (const Option &b : right) result.push_back({combine(a.value, b.value), a.cost + b.cost});
        return trimmed(std::move(result));
    }

    // Each number once, at its least cost; the cheapest where there are too many, and the extremes.
    static Options trimmed(Options options) {
        if (options.size() < 2) return options;
        const auto before = [](double a, double b) { return std::isnan(a) ? !std::isnan(b) : a < b; };
        std::sort(options.begin(), options.end(), [&](const Option &a, const Option &b) { return before(a.value, b.value) || (!before(b.value, a.value) && a.cost < b.cost); });
        options.erase(std::unique(options.begin(), options.end(), [&](const Option &a, const Option &b) { return !before(a.value, b.value) && !before(b.value, a.value); }), options.end());
        if (options.size() <= most_options) return options;
        std::stable_sort(options.begin() + 1, options.end() - 1, [](const Option &a, const Option &b) { return a.cost < b.cost; });
        options.erase(options.begin() + most_options - 1, options.end() - 1);
        return options;
    }

    const Tables &tables_;
    const States &states_;
    const Evaluator &evaluator_;
    Work &work_;
    const std::int32_t goal_;
    std::vector<std::uint32_t> offset_;  // of every fluent, where its codes' costs begin
    std::size_t codes_ = 0;
    std::vector<Rule> rules_;
    std::vector<std::vector<std::int32_t>> readers_;

    std::vector<int> inferring_;  // sights of people who make inferences
    Map<float> known_;            // 1 + the estimate

    // While one estimate is computed.
    std::vector<View> views_;  // by sight
    std::vector<float> cost_;
    std::vector<std::int32_t> queue_;
    std::vector<char> queued_;
};

}  // namespace everytale
