// What effects come to. See world.hpp for the whole.
#pragma once

#include "correct.hpp"

namespace everytale {

// A fluent set in the mind at the end of a chain of people.
struct Amendment {
    std::span<const Person> chain;
    std::int32_t fluent;
    Word code;
};
using Amendments = std::vector<Amendment>;

class Effects {
public:
    Effects(const Tables &tables, const Evaluator &evaluator) : tables_(tables), evaluator_(evaluator) {}

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

    View end_of(std::span<const Person> chain, View view) const {
        for (Person person : chain) view = evaluator_.through(view, person);
        return view;
    }

private:
    void judge_own(std::int32_t e, const View &view, std::vector<Own> &own) const {
        const Effect &effect = tables_.effects[e];
        const Lane &lane = tables_.lanes[effect.fluent];
        std::optional<Word> code = effect.code;
        if (!code) {
            const Rational number = result(effect, view, view);
            code = code_within(lane, number);
            const bool fits = code && (effect.change != SET || (number.over >= lane.low && number.over <= lane.high) || !number.known());
            if (!fits && view.level == 0) throw Broken{"range", {e, number.known() ? number.over / number.under : std::numeric_limits<std::int64_t>::min()}};
            if (!code) code = lane.code(view.words);
        }
        for (const Own &earlier : own) {
            if (earlier.fluent != effect.fluent) continue;
            if (view.level == 0 && !tables_.first_effect_wins && earlier.code != *code) throw Broken{"contradiction", {earlier.effect, e}};
            return;
        }
        own.push_back({effect.fluent, e, *code});
    }

    void judge_inner(const Effect &effect, std::span<const Person> chain, const View &view, Amendments &inner) const {
        for (const Amendment &earlier : inner)
            if (earlier.fluent == effect.fluent && std::equal(earlier.chain.begin(), earlier.chain.end(), chain.begin(), chain.end())) return;
        if (const auto code = effect.code ? effect.code : code_within(tables_.lanes[effect.fluent], result(effect, view, end_of(chain, view)))) inner.push_back({chain, effect.fluent, *code});
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

    const Tables &tables_;
    const Evaluator &evaluator_;
};

}  // namespace everytale
