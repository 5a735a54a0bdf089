// A move applied, at every level of belief, and the triggers that follow. See world.hpp for the whole.
//
// A move is applied to a state once, and remembered: it is worth it, since one believed state is shared by many. New states
// are made innermost first, each closed under triggers as soon as its minds are.
#pragma once

#include <map>

#include "correct.hpp"
#include "watch.hpp"

namespace everytale {

// A fluent set in the mind at the end of a chain of people.
struct Amendment {
    std::span<const Person> chain;
    std::int32_t fluent;
    Word code;
};
using Amendments = std::vector<Amendment>;

struct Firing {
    std::vector<Person> chain;
    std::int32_t trigger;
};
using Firings = std::vector<Firing>;

class Stepper {
public:
    static constexpr State nowhere = ~0u;  // before the start

    Stepper(const Tables &tables, States &states, const Evaluator &evaluator)
        : tables_(tables), states_(states), evaluator_(evaluator), correction_(tables, states, evaluator), watch_(tables, states) {}

    // The state after `move` and all that follows, remembered; whether its precondition holds is the caller's business.
    State after(State s, std::int32_t move) {
        const std::uint64_t key = pair_key(s, static_cast<std::uint32_t>(move));
        if (const State *known = after_.find(key)) return *known;
        const State result = advance(s, move, {}, s, nullptr);
        after_.at(key) = result;
        return result;
    }

    // The same, asking which triggers fire in the true state and in everybody's own mind.
    State after(State s, std::int32_t move, Firings &firings) { return advance(s, move, {}, s, &firings); }

    State revised(State s, const std::vector<Person> &chain, std::int32_t fluent, Word code) { return correction_.revised(s, chain, fluent, code); }

    // The state before the tale begins, from a row of values for every chain of people.
    State start(const Column &offsets, const Column &items, const Column &values, Firings &firings) {
        std::map<std::vector<std::int64_t>, std::size_t> rows;
        Tables::ragged(offsets, offsets.empty() ? 0 : offsets.size() - 1, items.size(), "mind_offsets");
        for (std::size_t row = 0; row + 1 < offsets.size(); ++row) rows[{items.begin() + offsets[row], items.begin() + offsets[row + 1]}] = row;
        Tables::sized(values, (offsets.size() - 1) * tables_.lanes.size(), "mind_values");
        std::vector<std::int64_t> chain;
        return start(rows, values, chain, nullptr, &firings);
    }

    // ---- effects ----

    struct Own {
        std::int32_t fluent, effect;
        Word code;
    };
    struct Outcome {
        std::vector<Own> own;
        Amendments inner;
    };

    // What these effects come to, judged in `view`: all conditions and right sides read it.
    void judge(Range range, const View &view, bool trigger, Outcome &outcome) const {
        for (std::int32_t e = range.begin; e < range.end; ++e) {
            const Effect &effect = tables_.effects[e];
            if (!evaluator_.holds(effect.condition, view)) continue;
            std::span<const Person> chain = effect.believers;
            if (!chain.empty() && chain[0] == view.mind) {
                if (!trigger) continue;  // imagined deception does not deceive its author
                chain = chain.subspan(1);
            }
            if (view.level + static_cast<int>(chain.size()) > tables_.depth) continue;
            if (chain.empty()) judge_own(e, view, outcome.own);
            else judge_inner(effect, chain, view, outcome.inner);
        }
    }

    std::uint64_t applications = 0, closures = 0;
    std::size_t bytes() const { return after_.bytes(); }
    std::size_t growth() const { return after_.growth(); }
    std::function<void()> tick = [] {};

private:
    State start(const std::map<std::vector<std::int64_t>, std::size_t> &rows, const Column &values, std::vector<std::int64_t> &chain, const Draft *outer, Firings *firings) {
        const auto row = rows.find(chain);
        if (row == rows.end()) throw std::invalid_argument("a mind is missing from the start");
        const int level = static_cast<int>(chain.size());
        Draft draft{std::vector<Word>(tables_.words), std::vector<State>(tables_.people, itself), chain.empty() ? -1 : static_cast<Person>(chain.back()), level};
        for (std::size_t i = 0; i < tables_.lanes.size(); ++i) tables_.lanes[i].put(draft.words.data(), code_exactly(tables_.lanes[i], values[row->second * tables_.lanes.size() + i]));
        if (outer != nullptr)
            for (std::int32_t fluent : tables_.known_to[draft.mind]) tables_.lanes[fluent].put(draft.words.data(), tables_.lanes[fluent].code(outer->words.data()));
        for (Person person = 0; level < tables_.depth && person < tables_.people; ++person) {
            if (person == draft.mind) continue;
            chain.push_back(person);
            draft.believed[person] = start(rows, values, chain, &draft, level == 0 ? firings : nullptr);
            chain.pop_back();
        }
        return close(draft, nowhere, level <= 1 ? firings : nullptr);
    }

    // `s` after `move` (-1: none) is seen by its owner and `amendments` are made, closed. `before` is the last closed state in
    // its place: `s`, unless its owner was just corrected.
    State advance(State s, std::int32_t move, const Amendments &amendments, State before, Firings *firings) {
        ++applications;
        tick();
        const View view = states_.view(s);
        Draft draft = states_.draft(s);
        Amendments passed;
        if (move >= 0) {
            const Range range = tables_.moves[move].effects;
            if (range.begin != range.end) {
                Outcome outcome;
                judge(range, view, false, outcome);
                for (const Own &own : outcome.own) tables_.lanes[own.fluent].put(draft.words.data(), own.code);
                passed = std::move(outcome.inner);
            }
        }
        for (const Amendment &amendment : amendments) {
            if (amendment.chain.empty()) tables_.lanes[amendment.fluent].put(draft.words.data(), amendment.code);
            else passed.push_back(amendment);
        }
        if (draft.level < tables_.depth)
            for (Person person = 0; person < tables_.people; ++person)
                if (person != draft.mind) draft.believed[person] = mind_after(person, draft, view, move, passed, states_.believed(before, person), firings);
        return close(draft, before, firings);
    }

    State mind_after(Person person, const Draft &outer, const View &view, std::int32_t move, const Amendments &passed, State before, Firings *firings) {
        const State known = States::inner(view, person);
        const std::int32_t observer = move < 0 ? -1 : tables_.observer[std::size_t(move) * tables_.people + person];
        const bool observes = observer >= 0 && evaluator_.holds(observer, view);
        State base = known;
        if (observes && !evaluator_.holds(tables_.moves[move].precondition, states_.view(known)))
            base = correction_.corrected(known, view, tables_.moves[move].precondition);
        Amendments amendments = inward(passed, person);
        copy_known(person, outer, base, observes ? move : -1, amendments);
        Firings *log = outer.level == 0 ? firings : nullptr;
        if (amendments.empty() && log == nullptr) {
            if (!observes && at_rest(known)) return known;
            if (observes && base == before) return after(base, move);
        } else if (amendments.empty() && !observes && at_rest(known)) {
            return known;
        }
        return advance(base, observes ? move : -1, amendments, before, log);
    }

    static Amendments inward(const Amendments &passed, Person person) {
        Amendments inner;
        for (const Amendment &amendment : passed)
            if (amendment.chain[0] == person) inner.push_back({amendment.chain.subspan(1), amendment.fluent, amendment.code});
        return inner;
    }

    // What is known to its owner goes last, hence overrides; where nothing would change it is left out.
    void copy_known(Person owner, const Draft &outer, State inner, std::int32_t move, Amendments &amendments) const {
        for (std::int32_t fluent : tables_.known_to[owner]) {
            const Lane &lane = tables_.lanes[fluent];
            const Word code = lane.code(outer.words.data());
            bool touched = lane.code(states_.view(inner).words) != code;
            if (move >= 0)
                for (std::int32_t e = tables_.moves[move].effects.begin; e < tables_.moves[move].effects.end; ++e)
                    touched = touched || tables_.effects[e].fluent == fluent;
            for (const Amendment &amendment : amendments) touched = touched || (amendment.chain.empty() && amendment.fluent == fluent);
            if (touched) amendments.push_back({{}, fluent, code});
        }
    }

    void judge_own(std::int32_t e, const View &view, std::vector<Own> &own) const {
        const Effect &effect = tables_.effects[e];
        const Lane &lane = tables_.lanes[effect.fluent];
        const Rational number = result(effect, view, view);
        auto code = code_within(lane, number);
        const bool fits = code && (effect.change != SET || (number.over >= lane.low && number.over <= lane.high) || !number.known());
        if (!fits && view.level == 0) throw Broken{"range", {e, number.known() ? number.over / number.under : std::numeric_limits<std::int64_t>::min()}};
        if (!code) code = lane.code(view.words);
        for (const Own &earlier : own) {
            if (earlier.fluent != effect.fluent) continue;
            if (view.level == 0 && !tables_.first_effect_wins && earlier.code != *code) throw Broken{"contradiction", {earlier.effect, e}};
            return;
        }
        own.push_back({effect.fluent, e, *code});
    }

    void judge_inner(const Effect &effect, std::span<const Person> chain, const View &view, Amendments &inner) const {
        for (const Amendment &earlier : inner)
            if (earlier.fluent == effect.fluent && std::ranges::equal(earlier.chain, chain)) return;
        if (const auto code = code_within(tables_.lanes[effect.fluent], result(effect, view, end_of(chain, view)))) inner.push_back({chain, effect.fluent, *code});
    }

    Rational result(const Effect &effect, const View &view, const View &target) const {
        const Rational value = evaluator_.value(effect.value, view);
        if (effect.change == SET) return value;
        try {
            const Lane &lane = tables_.lanes[effect.fluent];
            const Rational sum = plus(evaluator_.read(effect.fluent, target), effect.change == RISES ? value : negated(value));
            if (less(sum, {lane.low, 1})) return {lane.low, 1};
            if (less({lane.high, 1}, sum)) return {lane.high, 1};
            return sum;
        } catch (Overflow) {
            throw Broken{"overflow", {effect.value}};
        }
    }

    View end_of(std::span<const Person> chain, View view) const {
        for (Person person : chain) view = evaluator_.through(view, person);
        return view;
    }

    // ---- triggers ----

    static constexpr std::size_t many = 16;

    // Fires triggers in `draft`, whose minds are closed, until none applies.
    State close(Draft &draft, State before, Firings *firings) {
        ++closures;
        if (tables_.triggers.empty()) return settled(draft);
        std::vector<Word> due((watch_.order.size() + 63) / 64);
        if (before == nowhere || !at_rest(before)) watch_.mark_all(due);
        else watch_.mark_changes(states_.view(before), draft.view(), due);
        std::vector<Draft> trail;  // in which a ring shows, once there have been many
        Draft previous;
        std::vector<std::int32_t> fired, spent;
        Outcome outcome;
        for (std::size_t at = Watch::first(due); at != Watch::none; at = Watch::first(due)) {
            const std::int32_t index = watch_.order[at];
            if (!applies(index, draft.view(), before, spent, outcome)) {
                due[at / 64] &= ~(Word(1) << at % 64);
                continue;
            }
            previous = draft;
            fire(draft, outcome, firings);
            fired.push_back(index);
            if (firings != nullptr && draft.level <= 1) firings->push_back({draft.level == 0 ? std::vector<Person>{} : std::vector<Person>{draft.mind}, index});
            if (tables_.triggers[index].upon >= 0) spent.push_back(index);
            watch_.mark_changes(previous.view(), draft.view(), due);
            if (fired.size() >= many) {
                const auto again = std::find(trail.begin(), trail.end(), draft);
                if (again != trail.end()) throw Broken{"ring", {fired.begin() + many + (again - trail.begin()), fired.end()}};
                trail.push_back(draft);
            }
            tick();
        }
        return settled(draft);
    }

    State settled(const Draft &draft) {
        const State s = states_.intern(draft);
        states_.set_rest(s, States::RESTS);
        return s;
    }

    // Whether it does, and what its effects come to.
    bool applies(std::int32_t index, const View &view, State before, const std::vector<std::int32_t> &spent, Outcome &outcome) const {
        const Trigger &trigger = tables_.triggers[index];
        if (trigger.mind >= 0 && (view.level != 1 || view.mind != trigger.mind)) return false;
        if (trigger.upon >= 0 && (before == nowhere || std::ranges::find(spent, index) != spent.end() || !evaluator_.holds(trigger.upon, view) ||
                                  evaluator_.holds(trigger.upon, states_.view(before))))
            return false;
        if (!evaluator_.holds(trigger.precondition, view)) return false;
        outcome.own.clear(), outcome.inner.clear();
        judge(trigger.effects, view, true, outcome);
        for (const Own &own : outcome.own)
            if (tables_.lanes[own.fluent].code(view.words) != own.code) return true;
        for (const Amendment &inner : outcome.inner)
            if (tables_.lanes[inner.fluent].code(end_of(inner.chain, view).words) != inner.code) return true;
        return false;
    }

    void fire(Draft &draft, const Outcome &outcome, Firings *firings) {
        for (const Own &own : outcome.own) tables_.lanes[own.fluent].put(draft.words.data(), own.code);
        if (draft.level == tables_.depth) return;
        for (Person person = 0; person < tables_.people; ++person) {
            if (person == draft.mind) continue;
            const State inner = draft.believed[person];
            Amendments amendments = inward(outcome.inner, person);
            copy_known(person, draft, inner, -1, amendments);
            if (!amendments.empty()) draft.believed[person] = advance(inner, -1, amendments, inner, draft.level == 0 ? firings : nullptr);
        }
    }

    // No trigger applies in `s` or in the minds within.
    bool at_rest(State s) {
        if (tables_.triggers.empty()) return true;
        if (states_.rest(s) == States::UNTESTED) states_.set_rest(s, test_rest(s) ? States::RESTS : States::RESTLESS);
        return states_.rest(s) == States::RESTS;
    }

    bool test_rest(State s) {
        const View view = states_.view(s);
        for (Person person = 0; person < tables_.people; ++person)
            if (States::inner(view, person) != itself && !at_rest(States::inner(view, person))) return false;
        Outcome outcome;
        for (std::int32_t index : watch_.order)
            if (applies(index, view, s, {}, outcome)) return false;
        return true;
    }

    const Tables &tables_;
    States &states_;
    const Evaluator &evaluator_;
    Correction correction_;
    Map<State> after_;
    const Watch watch_;
};

}  // namespace everytale
