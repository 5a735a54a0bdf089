// What effects come to. See world.hpp for the whole.
//
// Most of what moves do is plain: a constant, whatever else is so. That is compiled; conditions, sums and minds are left to be judged.
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
    Effects(const Tables &tables, const Evaluator &evaluator) : tables_(tables), evaluator_(evaluator) {
        for (const Move &move : tables.moves) programs_.push_back(compiled(move.effects));
    }

    struct Own {
        std::int32_t fluent, effect;
        Word code;
    };
    struct Outcome {
        std::vector<Own> own;
        Amendments inner;
    };

    // What the effects of a trigger come to, judged in `view`: all conditions and right sides read it.
    void judge(Range range, const View &view, Outcome &outcome) const {
        outcome.own.clear(), outcome.inner.clear();
        for (std::int32_t e = range.begin; e < range.end; ++e) judge(e, view, true, outcome);
    }

    // Makes of `words`, which are those of `view`, what a move makes of them. Whether it does anything to minds: that is then in `outcome.inner`.
    bool make(std::int32_t move, const View &view, Word *words, Outcome &outcome) const {
        const Program &its = programs_[move];
        for (const Patch &patch : its.patches) words[patch.word] = (words[patch.word] & ~patch.mask) | patch.bits;
        for (const Copy &copy : its.copies) {
            const Lane &source = tables_.lanes[copy.from], &target = tables_.lanes[copy.to];
            target.put(words, target.code_of(source.low + static_cast<std::int64_t>(source.code(view.words))));
        }
        for (const Bump &bump : its.bumps) {
            const std::int64_t sum = static_cast<std::int64_t>(view.words[bump.word] >> bump.shift & bump.mask) + bump.by;
            words[bump.word] = (words[bump.word] & ~(bump.mask << bump.shift)) | static_cast<Word>(std::clamp<std::int64_t>(sum, 0, bump.top)) << bump.shift;
        }
        if (its.others.empty()) return false;
        outcome.own.clear(), outcome.inner.clear();
        for (const std::int32_t e : its.others) judge(e, view, false, outcome);
        for (const Own &own : outcome.own) tables_.lanes[own.fluent].put(words, own.code);
        return !outcome.inner.empty();
    }

    View end_of(std::span<const Person> chain, View view) const {
        for (Person person : chain) view = evaluator_.through(view, person);
        return view;
    }

private:
    // Fluents of one word set to constants.
    struct Patch {
        std::uint32_t word;
        Word mask, bits;
    };
    struct Copy {
        std::int32_t to, from;
    };
    // A number that rises or eases, within its range.
    struct Bump {
        std::uint32_t word;
        std::uint8_t shift;
        Word mask;
        std::int64_t top, by;  // of codes
    };
    struct Program {
        std::vector<Patch> patches;
        std::vector<Copy> copies;
        std::vector<Bump> bumps;
        std::vector<std::int32_t> others;  // effects to be judged
    };

    Program compiled(Range range) const {
        Program program;
        for (std::int32_t e = range.begin; e < range.end; ++e)
            if (!is_always(e, range) || !compile(tables_.effects[e], program)) program.others.push_back(e);
        return program;
    }

    // Whether that happens, to the state itself, whatever else is so, and no other effect has a say in it.
    bool is_always(std::int32_t e, Range range) const {
        const Effect &effect = tables_.effects[e];
        if (!effect.believers.empty() || (effect.condition >= 0 && (tables_.nodes[effect.condition].op != NUMBER || tables_.nodes[effect.condition].first == 0))) return false;
        for (std::int32_t other = range.begin; other < range.end; ++other)
            if (other != e && tables_.effects[other].fluent == effect.fluent && tables_.effects[other].believers.empty()) return false;
        return true;
    }

    bool compile(const Effect &effect, Program &program) const {
        const Lane &lane = tables_.lanes[effect.fluent];
        const Node &value = tables_.nodes[effect.value];
        const bool small = value.op == NUMBER && value.second == 1 && std::abs(value.first) < std::int64_t(1) << 40;
        if (effect.code) {
            const Patch next{lane.word, lane.mask << lane.shift, *effect.code << lane.shift};
            const auto one = std::find_if(program.patches.begin(), program.patches.end(), [&](const Patch &patch) { return patch.word == next.word; });
            if (one == program.patches.end()) program.patches.push_back(next);
            else one->mask |= next.mask, one->bits |= next.bits;
        } else if (effect.change == SET && value.op == READ && within(tables_.lanes[value.first], lane)) {
            program.copies.push_back({effect.fluent, static_cast<std::int32_t>(value.first)});
        } else if (effect.change != SET && small && !lane.unknown && lane.code_of(lane.high) < Word(1) << 40) {
            program.bumps.push_back({lane.word, lane.shift, lane.mask, static_cast<std::int64_t>(lane.code_of(lane.high)), effect.change == RISES ? value.first : -value.first});
        } else {
            return false;
        }
        return true;
    }

    // Whether every value of one fluent is one of the other, so that it may be copied.
    static bool within(const Lane &inner, const Lane &outer) { return !inner.unknown && inner.low >= outer.low && inner.high <= outer.high; }

    void judge(std::int32_t e, const View &view, bool trigger, Outcome &outcome) const {
        const Effect &effect = tables_.effects[e];
        if (!evaluator_.holds(effect.condition, view)) return;
        std::span<const Person> chain = effect.believers;
        if (!chain.empty() && chain[0] == view.mind) {
            if (!trigger) return;  // imagined deception does not deceive its author
            chain = chain.subspan(1);
        }
        if (view.level + static_cast<int>(chain.size()) > tables_.depth) return;
        if (chain.empty()) judge_own(e, view, outcome.own);
        else judge_inner(effect, chain, view, outcome.inner);
    }

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
    std::vector<Program> programs_;  // of every move
};

}  // namespace everytale
