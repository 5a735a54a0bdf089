// An upper bound on what a person could still come to. See world.hpp for the whole.
//
// The relaxation: in the person's own imagination, every move that somebody could consent to is consented to, and a fluent
// keeps every value that it ever had. What others believe may be anything. So the values that a fluent may have after
// 1, 2, ... moves only grow, and the greatest worth among them bounds that of every plan of that length.
//
// The same holds of the tale itself: there every move counts, and what bounds it is not a person's worth but the goal.
//
// It is computed for many states, so what can happen is compiled once for every mind: each effect that matters to the worth, directly or
// through what has to be so before it, becomes a rule of its own, and its conditions become tests of one fluent each against a set of
// codes. A rule is looked at again only when a test of it may newly hold.
#pragma once

#include <memory>

#include "relax.hpp"
#include "states.hpp"

namespace everytale {

class Bound {
public:
    // `goal`: what the true state is worth (-1: nobody asks).
    Bound(const Tables &tables, const States &states, std::int32_t goal = -1) : tables_(tables), states_(states), goal_(goal), rules_((std::size_t(tables.people) + 1) * 4), words_(tables.words + 1) {}

    // The least number of moves (1 or more) after which the owner of `s` might have more than `target`; `limit` + 1 if not within `limit`.
    int steps_to_exceed(State s, Rational target, int limit) { return steps_to_exceed(s, any, target, limit, known_[row_of(s)]); }

    // The same where `move`, whose precondition holds, is the first of them: more is known of that before it is made.
    int steps_to_exceed(State s, std::int32_t move, Rational target, int limit) {
        std::uint32_t &at = by_move_.at(pair_key(row_of(s), static_cast<std::uint32_t>(move)));
        if (at == 0) known_.emplace_back(), at = static_cast<std::uint32_t>(known_.size());
        return steps_to_exceed(s, move, target, limit, known_[at - 1]);
    }

    // The least number of moves, perhaps none, after which the goal might hold in `s`; `limit` + 1 if not within `limit`.
    int steps_to_goal(State s, int limit) {
        Rules &rules = rules_of(s);
        place(rules, states_.view(s));
        return rules.relaxed.possible(goal_) & may_be ? 0 : steps_to_exceed(s, {0, 1}, limit);
    }

    // The most that the owner of `s` might have after 1 to `steps` moves.
    double most(State s, int steps) {
        Layers &layers = known_[row_of(s)];
        if (!layers.complete && layers.most.size() < static_cast<std::size_t>(steps)) compute(s, any, steps, infinity, layers);
        return layers.most[std::min<std::size_t>(steps, layers.most.size()) - 1];
    }

    static double above(Rational number) { return number.known() ? interval(number).high : -infinity; }
    static double below(Rational number) { return number.known() ? interval(number).low : -infinity; }

    std::size_t bytes() const { return index_.bytes() + words_.bytes() + by_words_.bytes() + by_move_.bytes() + known_.size() * (sizeof(Layers) + 64); }
    std::size_t growth() const { return index_.growth() + by_words_.growth() + by_move_.growth() + soon_moved(known_); }

private:
    static constexpr int patience = 4;  // with a trigger that fires again and again
    static constexpr std::int32_t any = -1;

    // The greatest worth after 1, 2, ... moves; complete, where more moves make it no greater.
    struct Layers {
        std::vector<double> most;
        bool complete = false;
    };
    // One of these codes must be among the values of the fluent.
    struct Test {
        std::int32_t fluent;
        Word codes;
    };
    // A condition of several fluents at once, or of one with many values: it may come to `wanted`.
    struct Condition {
        std::int32_t node;
        int wanted;
    };
    struct Rule {
        Range tests, conditions;
        std::int32_t fluent, effect;  // effect: whose value has to be found anew each time, or -1
        Word codes;                   // gained
        std::int32_t move;            // or -1: a trigger
    };
    // A rule that is to be looked at when the fluent comes to have one of these codes, where it had none of them; or whenever it gains any.
    struct Reader {
        Word codes;
        std::int32_t rule;
        bool trigger;
    };
    // What can change anything of importance in one person's own imagination, and by which fluents.
    struct Rules {
        Relaxed relaxed;
        std::int32_t worth;
        std::vector<Rule> all;
        std::vector<Test> tests;
        std::vector<Condition> conditions;
        std::vector<Range> by_move;
        std::vector<std::int32_t> moves, restless;  // restless: triggers that depend on what others believe
        std::vector<std::size_t> slots;             // where those of a fluent begin, one for each of its codes
        std::vector<std::vector<Reader>> awaiting;  // by slot: who has a test that this code may pass
        std::vector<std::vector<Reader>> readers;   // by fluent: whom any change concerns
        std::vector<char> relevant, decisive;       // fluents on which the worth depends, in the end or at once
        std::vector<Word> mask;                     // of the relevant ones
    };
    struct Draft {
        std::vector<Test> tests;
        std::vector<Condition> conditions;
        std::vector<std::int32_t> reads;  // fluents
        bool others = false;              // depends on what others believe
    };

    int steps_to_exceed(State s, std::int32_t first, Rational target, int limit, Layers &layers) {
        const double least = interval(target).low;
        for (int step = 1; step <= limit; ++step) {
            if (static_cast<std::size_t>(step) > layers.most.size()) {
                if (layers.complete) break;
                compute(s, first, limit, least, layers);
            }
            if (layers.most[std::min<std::size_t>(step, layers.most.size()) - 1] > least) return step;
        }
        return limit + 1;
    }

    // States that agree in all that matters share a bound.
    std::uint32_t row_of(State s) {
        const std::size_t place = place_of(states_.view(s));
        std::uint32_t &at = index_.at(pair_key(states_.vector(s), static_cast<std::uint32_t>(place)));
        if (at == 0) {
            const Rules &rules = rules_of(s);
            std::vector<Word> words(tables_.words + 1);
            for (std::size_t word = 0; word < tables_.words; ++word) words[word] = states_.words(s)[word] & rules.mask[word];
            words.back() = place;
            const std::uint32_t row = by_words_.find(
                hash_words(words.data(), words.size(), 1), [&](std::uint32_t row) { return std::equal(words.begin(), words.end(), words_[row]); },
                [&] { return rows_.push_back(static_cast<std::uint32_t>(known_.size())), known_.emplace_back(), words_.add(words.data()); });
            at = 1 + rows_[row];
        }
        return at - 1;
    }

    std::size_t place_of(const View &view) const { return std::size_t(view.mind + 1) * 4 + (view.level == tables_.depth) * 2 + (view.level == 1); }

    Rules &rules_of(State s) {
        const View view = states_.view(s);
        auto &known = rules_[place_of(view)];
        if (!known) known = compiled(view.mind, view.level, view.level == tables_.depth);
        return *known;
    }

    void place(Rules &rules, const View &view) const {
        auto &now = rules.relaxed.now;
        for (std::size_t fluent = 0; fluent < now.size(); ++fluent)
            if (rules.relevant[fluent]) now[fluent] = Relaxed::only(tables_.lanes[fluent], tables_.lanes[fluent].code(view.words));
    }

    // ---- layer by layer ----

    // As many layers as it takes to exceed `enough`, at most `steps`; in the first, only the move `first` is made. Triggers idle in `s` stay
    // idle until something that they read changes.
    void compute(State s, std::int32_t first, int steps, double enough, Layers &layers) {
        Rules &rules = rules_of(s);
        place(rules, states_.view(s));
        moves_due_ = rules.moves, triggers_due_ = rules.restless;
        if (first != any) {
            moves_due_.clear();
            for (std::int32_t index = rules.by_move[first].begin; index < rules.by_move[first].end; ++index) moves_due_.push_back(index);
        }
        queued_.assign(rules.all.size(), 0);
        const std::size_t known = layers.most.size();
        decided_ = true;
        for (int step = 1; step <= steps; ++step) {
            gains_.clear();
            for (std::int32_t index : moves_due_) queued_[index] = 0, apply(rules, rules.all[index], false);
            moves_due_.clear();
            bool more = gain(rules);
            times_.assign(triggers_due_.empty() ? 0 : rules.all.size(), 0);
            while (!triggers_due_.empty()) {
                const std::int32_t index = triggers_due_.back();
                triggers_due_.pop_back();
                queued_[index] = 0;
                apply(rules, rules.all[index], ++times_[index] > patience);  // numbers that grow and grow
                more = gain(rules) || more;
            }
            if (static_cast<std::size_t>(step) > known) {
                if (decided_ || layers.most.empty()) {
                    const Interval worth = rules.relaxed.range(rules.worth);
                    layers.most.push_back(worth.low > worth.high ? -infinity : worth.high);
                } else {
                    layers.most.push_back(layers.most.back());
                }
                decided_ = false;
            }
            if (step == 1 && first != any) {
                moves_due_ = rules.moves;
            } else if (!more) {
                layers.complete = true;
                return;
            }
            if (layers.most.back() > enough && static_cast<std::size_t>(step) >= known) return;
        }
    }

    // Notes what the rule may make of the values now; gain() then adds it.
    void apply(const Rules &rules, const Rule &rule, bool widen) {
        const auto &now = rules.relaxed.now;
        if (rule.effect < 0 && (rule.codes & ~now[rule.fluent].codes) == 0) return;
        for (std::int32_t at = rule.tests.begin; at < rule.tests.end; ++at)
            if ((now[rules.tests[at].fluent].codes & rules.tests[at].codes) == 0) return;
        for (std::int32_t at = rule.conditions.begin; at < rule.conditions.end; ++at)
            if (!(rules.relaxed.possible(rules.conditions[at].node) & rules.conditions[at].wanted)) return;
        Values gained = now[rule.fluent];
        if (rule.effect < 0) gained.codes |= rule.codes;
        else widen ? void(gained = rules.relaxed.full()[rule.fluent]) : enrich(rules.relaxed, tables_.effects[rule.effect], gained);
        if (!(gained == now[rule.fluent])) gains_.emplace_back(rule.fluent, gained);
    }

    // Adds what the effect may make of its fluent.
    void enrich(const Relaxed &relaxed, const Effect &effect, Values &gained) const {
        const Lane &lane = tables_.lanes[effect.fluent];
        const Node &value = tables_.nodes[effect.value];
        if (effect.change != SET) {
            const Interval from = Relaxed::of(lane, relaxed.now[effect.fluent]), by = relaxed.range(effect.value);
            Relaxed::join(lane, effect.change == RISES ? sum(from, by) : difference(from, by), gained);
        } else if (value.op == READ && Relaxed::alike(lane, tables_.lanes[value.first])) {
            gained.codes |= relaxed.now[value.first].codes;
        } else {
            Relaxed::join(lane, relaxed.range(effect.value), gained);
        }
    }

    bool gain(Rules &rules) {
        bool any = false;
        for (const auto &[fluent, gained] : gains_) {
            Values &values = rules.relaxed.now[fluent];
            const Values before = values;
            values.codes |= gained.codes, values.unknown = values.unknown || gained.unknown;
            if (gained.low <= gained.high) {
                values.low = before.low > before.high ? gained.low : std::min(before.low, gained.low);
                values.high = before.low > before.high ? gained.high : std::max(before.high, gained.high);
            }
            if (values == before) continue;
            any = true;
            decided_ = decided_ || rules.decisive[fluent];
            for (Word gained = values.codes & ~before.codes; gained != 0; gained &= gained - 1)
                for (const Reader &reader : rules.awaiting[rules.slots[fluent] + static_cast<std::size_t>(std::countr_zero(gained))])
                    if ((before.codes & reader.codes) == 0) call(reader);
            for (const Reader &reader : rules.readers[fluent]) call(reader);
        }
        gains_.clear();
        return any;
    }

    // The rule is to be looked at again.
    void call(const Reader &reader) {
        if (!queued_[reader.rule]) queued_[reader.rule] = 1, (reader.trigger ? triggers_due_ : moves_due_).push_back(reader.rule);
    }

    // ---- what can happen, compiled ----

    std::unique_ptr<Rules> compiled(Person mind, int level, bool bottom) const {
        auto rules = std::make_unique<Rules>(Rules{{tables_, mind, bottom}, mind < 0 ? goal_ : tables_.worth[mind], {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, std::vector<Word>(tables_.words)});
        rules->relaxed.now = rules->relaxed.full();
        std::vector<Draft> drafts;
        for (const Move &move : tables_.moves)
            if (move.imaginable || mind < 0) add(*rules, drafts, move.precondition, -1, move.effects, static_cast<std::int32_t>(&move - tables_.moves.data()), mind);
        for (const Trigger &trigger : tables_.triggers)
            if (trigger.mind < 0 || (trigger.mind == mind && level == 1)) add(*rules, drafts, trigger.precondition, trigger.upon, trigger.effects, -1, mind);
        keep_relevant(*rules, drafts);
        return rules;
    }

    void add(Rules &rules, std::vector<Draft> &drafts, std::int32_t precondition, std::int32_t upon, Range effects, std::int32_t move, Person mind) const {
        Draft shared;
        if (!require(rules, precondition, true, shared) || !require(rules, upon, true, shared)) return;
        read(rules, upon, shared);  // what holds already may newly hold after it did not, so any change of what it reads counts
        for (std::int32_t e = effects.begin; e < effects.end; ++e) {
            const Effect &effect = tables_.effects[e];
            if (!(effect.believers.empty() || (move < 0 && effect.believers.size() == 1 && effect.believers[0] == mind))) continue;
            Draft draft = shared;
            if (!require(rules, effect.condition, true, draft)) continue;
            Rule rule{{}, {}, effect.fluent, e, 0, move};
            const std::size_t before = draft.reads.size();
            read(rules, effect.value, draft);
            if (effect.change != SET) draft.reads.push_back(effect.fluent);
            if (draft.reads.size() == before && Relaxed::small(tables_.lanes[effect.fluent])) {
                Values gained{};
                enrich(rules.relaxed, effect, gained);
                rule.effect = -1, rule.codes = gained.codes;
            }
            rules.all.push_back(rule);
            drafts.push_back(std::move(draft));
        }
    }

    // Notes what must be so for the expression to come (or not to come) true; false where that cannot be.
    bool require(Rules &rules, std::int32_t index, bool wanted, Draft &draft) const {
        if (index < 0) return true;
        const Node &node = tables_.nodes[index];
        if (node.op == NOT) return require(rules, static_cast<std::int32_t>(node.first), !wanted, draft);
        if (node.op == BELIEVES && rules.relaxed.own(static_cast<Person>(node.first))) return require(rules, static_cast<std::int32_t>(node.second), wanted, draft);
        if (node.op == (wanted ? ALL : ANY)) {
            for (std::int32_t operand : tables_.among(node))
                if (!require(rules, operand, wanted, draft)) return false;
            return true;
        }
        Draft its;
        read(rules, index, its);
        draft.others = draft.others || its.others;
        const int truth = wanted ? may_be : may_not;
        auto &now = rules.relaxed.now;
        if (its.reads.empty()) return (rules.relaxed.possible(index) & truth) != 0;
        if (its.reads.size() > 1 || !Relaxed::small(tables_.lanes[its.reads[0]])) {
            draft.conditions.push_back({index, truth});
            draft.reads.insert(draft.reads.end(), its.reads.begin(), its.reads.end());
            return true;
        }
        const Values full = now[its.reads[0]];
        Word codes = 0;
        for (Word rest = full.codes; rest != 0; rest &= rest - 1) {
            now[its.reads[0]].codes = rest & -rest;
            if (rules.relaxed.possible(index) & truth) codes |= rest & -rest;
        }
        now[its.reads[0]] = full;
        if (codes != full.codes) draft.tests.push_back({its.reads[0], codes});
        return codes != 0;
    }

    // Which fluents the expression reads in this mind itself, each once.
    void read(const Rules &rules, std::int32_t index, Draft &draft) const {
        if (index < 0) return;
        const Node &node = tables_.nodes[index];
        const auto both = [&] { read(rules, static_cast<std::int32_t>(node.first), draft), read(rules, static_cast<std::int32_t>(node.second), draft); };
        switch (node.op) {
            case NUMBER: case UNKNOWN: case STILL: return;
            case READ:
                if (std::find(draft.reads.begin(), draft.reads.end(), node.first) == draft.reads.end()) draft.reads.push_back(static_cast<std::int32_t>(node.first));
                return;
            case NOT: return read(rules, static_cast<std::int32_t>(node.first), draft);
            case BELIEVES:
                if (rules.relaxed.own(static_cast<Person>(node.first))) return read(rules, static_cast<std::int32_t>(node.second), draft);
                draft.others = true;
                return;
            case ALL: case ANY: case SUM: case IF:
                for (std::int32_t operand : tables_.among(node)) read(rules, operand, draft);
                return;
            default: both();
        }
    }

    // Leaves out the rules that cannot touch what the worth depends on, and wires up the others.
    void keep_relevant(Rules &rules, const std::vector<Draft> &drafts) const {
        rules.relevant.assign(tables_.lanes.size(), 0), rules.decisive = rules.relevant, rules.readers.resize(tables_.lanes.size());
        std::vector<char> kept(drafts.size(), 0);
        std::vector<std::vector<std::int32_t>> changing(tables_.lanes.size());
        for (std::size_t i = 0; i < drafts.size(); ++i) changing[rules.all[i].fluent].push_back(static_cast<std::int32_t>(i));
        Draft worth;
        read(rules, rules.worth, worth);
        for (std::int32_t fluent : worth.reads) rules.decisive[fluent] = 1;
        std::vector<std::int32_t> due = worth.reads;
        while (!due.empty()) {
            const std::int32_t fluent = due.back();
            due.pop_back();
            if (rules.relevant[fluent]) continue;
            rules.relevant[fluent] = 1;
            const Lane &lane = tables_.lanes[fluent];
            rules.mask[lane.word] |= lane.mask << lane.shift;
            for (std::int32_t i : changing[fluent]) {
                kept[i] = 1;
                due.insert(due.end(), drafts[i].reads.begin(), drafts[i].reads.end());
                for (const Test &test : drafts[i].tests) due.push_back(test.fluent);
            }
        }
        const std::vector<Rule> all = std::move(rules.all);
        rules.all.clear(), rules.by_move.resize(tables_.moves.size());
        std::size_t count = 0;
        for (const Values &values : rules.relaxed.full()) rules.slots.push_back(count), count += static_cast<std::size_t>(std::bit_width(values.codes));
        rules.awaiting.resize(count);
        for (std::size_t i = 0; i < drafts.size(); ++i)
            if (kept[i]) wire(rules, all[i], drafts[i]);
    }

    static void wire(Rules &rules, Rule rule, const Draft &draft) {
        const std::int32_t index = static_cast<std::int32_t>(rules.all.size());
        const auto count = [](const auto &list) { return static_cast<std::int32_t>(list.size()); };
        rule.tests.begin = count(rules.tests), rule.conditions.begin = count(rules.conditions);
        rules.tests.insert(rules.tests.end(), draft.tests.begin(), draft.tests.end());
        rules.conditions.insert(rules.conditions.end(), draft.conditions.begin(), draft.conditions.end());
        rule.tests.end = count(rules.tests), rule.conditions.end = count(rules.conditions);
        for (const Test &test : draft.tests)
            for (Word left = test.codes; left != 0; left &= left - 1)
                rules.awaiting[rules.slots[test.fluent] + static_cast<std::size_t>(std::countr_zero(left))].push_back({test.codes, index, rule.move < 0});
        for (std::int32_t fluent : draft.reads) rules.readers[fluent].push_back({0, index, rule.move < 0});
        if (rule.move >= 0) {
            Range &its = rules.by_move[rule.move];
            its = {its.begin == its.end ? index : its.begin, index + 1};
            rules.moves.push_back(index);
        } else if (draft.others) rules.restless.push_back(index);
        rules.all.push_back(rule);
    }

    const Tables &tables_;
    const States &states_;
    const std::int32_t goal_;
    std::vector<std::unique_ptr<Rules>> rules_;  // by mind, whether at the deepest level, whether at the first
    Map<std::uint32_t> index_;                   // of (vector, those three): 1 + the place in known_
    Rows<Word> words_;                           // what matters of the vectors
    Index by_words_;
    std::vector<std::uint32_t> rows_;            // of those, the place in known_
    Map<std::uint32_t> by_move_;                 // of (place in known_, the first move): 1 + the place in known_
    std::vector<Layers> known_;

    // While one bound is computed: what is gained, which rules are to be looked at.
    std::vector<std::pair<std::int32_t, Values>> gains_;
    std::vector<std::int32_t> moves_due_, triggers_due_;
    std::vector<char> queued_, times_;
    bool decided_ = true;  // the worth may have risen since it was last asked
};

}  // namespace everytale
