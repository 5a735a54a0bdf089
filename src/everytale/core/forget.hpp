// What can no longer matter to a goal, and so may be forgotten. See world.hpp for the whole.
//
// Odds of coming to a goal are those of a smaller realm, in which a fluent keeps its value only while something may still hang on it.
// A fluent is *relevant* if the goal or an ending asks about it; if a move that may still be made asks about it, or a weight or an effect
// does, and that move may change a relevant fluent: such a move is *visible*. (Program slicing calls it a cone of influence; that it may
// change along the way, dead variable reduction.) All situations that agree in what is relevant have the same visible moves, with
// the same weights, to situations that agree again; the other moves lead to where they agree with the one before. Moves that change
// nothing relevant only delay the others, so leaving them out changes no odds (weak bisimulation: Baier and Hermanns, 1997).
//
// What may still happen hangs on *latches*, fluents whose codes never fall, or never rise: a door that nobody closes again. For each
// combination of their values there is a set of relevant fluents and one of visible moves. As latches go on, moves die and none come to life,
// so both sets only shrink along a tale. Latches themselves are relevant until they are at their end.
#pragma once

#include <numeric>

#include "relax.hpp"

namespace everytale {

class Forgetting {
public:
    // `asked`: the conditions whose odds are sought. There is nobody with a mind, and there are no triggers.
    Forgetting(const Tables &tables, const std::vector<std::int32_t> &asked) : tables_(tables), relaxed_(tables, -1, true), blocks_((tables.moves.size() + 63) / 64) {
        relaxed_.now = relaxed_.full();
        const Cone always = cone(asked, {});
        find_latches(always.relevant);
        std::vector<std::int32_t> turning;
        for (const Latch &latch : latches_) turning.push_back(latch.fluent);
        const std::size_t modes = latches_.empty() ? 1 : latches_.back().stride * latches_.back().values;
        for (std::size_t mode = 0; mode < modes; ++mode) {
            for (const Latch &latch : latches_) relaxed_.now[latch.fluent].codes = ahead(latch, mode / latch.stride % latch.values);
            const Cone its = cone(asked, turning);
            keep_.resize((mode + 1) * tables.words, 0);
            for (std::size_t fluent = 0; fluent < tables.lanes.size(); ++fluent) {
                const Lane &lane = tables.lanes[fluent];
                const bool latch = std::find(turning.begin(), turning.end(), static_cast<std::int32_t>(fluent)) != turning.end();
                if (its.relevant[fluent] || latch) keep_[mode * tables.words + lane.word] |= lane.mask << lane.shift;
                else forgets_ = forgets_ || lane.mask != 0;
            }
            visible_.insert(visible_.end(), its.visible.begin(), its.visible.end());
        }
    }

    // Whether anything is ever forgotten.
    bool forgets() const { return forgets_ && !still_; }

    // The moves, as bits, that matter after `row`.
    const Word *visible(const Word *row) const { return visible_.data() + mode(row) * blocks_; }

    void forget(Word *row) const {
        const Word *keep = keep_.data() + mode(row) * tables_.words;
        for (std::size_t word = 0; word < tables_.words; ++word) row[word] &= keep[word];
    }

private:
    static constexpr std::size_t most_modes = 256;

    struct Latch {
        std::int32_t fluent;
        bool rises;
        std::size_t values, stride;
    };
    struct Cone {
        std::vector<char> relevant;  // of every fluent
        std::vector<Word> visible;   // moves, as bits
    };

    std::size_t mode(const Word *row) const {
        std::size_t found = 0;
        for (const Latch &latch : latches_) found += tables_.lanes[latch.fluent].code(row) * latch.stride;
        return found;
    }

    // ---- latches ----

    static Word ahead(const Latch &latch, std::size_t code) {
        const Word all = (Word(1) << latch.values) - 1, below = (Word(1) << code) - 1;
        return latch.rises ? all & ~below : below | Word(1) << code;
    }

    void find_latches(const std::vector<char> &relevant) {
        std::size_t modes = 1;
        for (std::size_t fluent = 0; fluent < tables_.lanes.size(); ++fluent) {
            const Lane &lane = tables_.lanes[fluent];
            const std::size_t values = lane.code_of(lane.high) + 1;
            if (!relevant[fluent] || lane.mask == 0 || lane.mask > 31 || modes * values > most_modes) continue;
            const bool rises = one_way(static_cast<std::int32_t>(fluent), true);
            if (!rises && !one_way(static_cast<std::int32_t>(fluent), false)) continue;
            latches_.push_back({static_cast<std::int32_t>(fluent), rises, values, modes});
            modes *= values;
        }
    }

    // Whether no move can make the fluent's code less (`up`), or greater.
    bool one_way(std::int32_t fluent, bool up) {
        const Lane &lane = tables_.lanes[fluent];
        bool found = true;
        for (const Move &move : tables_.moves)
            for (std::int32_t e = move.effects.begin; e < move.effects.end && found; ++e) {
                const Effect &effect = tables_.effects[e];
                if (effect.fluent != fluent) continue;
                if (effect.change != SET) {
                    const Interval by = relaxed_.range(effect.value);
                    found = by.low <= by.high && !by.unknown && ((effect.change == RISES) == up ? by.low >= 0 : by.high <= 0);
                    continue;
                }
                for (Word code = 0; code <= lane.code_of(lane.high) && found; ++code) {
                    if (effect.code && (up ? *effect.code >= code : *effect.code <= code)) continue;
                    relaxed_.now[fluent].codes = Word(1) << code;
                    found = !(relaxed_.possible(move.precondition) & may_be) || !(relaxed_.possible(effect.condition) & may_be);
                }
                relaxed_.now[fluent] = relaxed_.full()[fluent];
            }
        return found;
    }

    // ---- what matters ----

    // With the values that fluents may have from now on (relaxed_.now). `turning`: fluents that matter in any case.
    Cone cone(const std::vector<std::int32_t> &asked, const std::vector<std::int32_t> &turning) {
        Cone found{std::vector<char>(tables_.lanes.size()), std::vector<Word>(blocks_)};
        for (const std::int32_t condition : asked) judges(condition, found.relevant);
        for (const std::int32_t condition : tables_.endings) judges(condition, found.relevant);
        for (const std::int32_t fluent : turning) found.relevant[fluent] = !settled(fluent);
        std::vector<char> alive;
        for (const Move &move : tables_.moves) alive.push_back((relaxed_.possible(move.precondition) & may_be) != 0);
        for (std::size_t before = 0, now = 1; now != before;) {
            before = now;
            for (std::size_t m = 0; m < tables_.moves.size(); ++m) {
                const Move &move = tables_.moves[m];
                bool visible = false;
                for (std::int32_t e = move.effects.begin; e < move.effects.end && alive[m]; ++e) {
                    const Effect &effect = tables_.effects[e];
                    if (!found.relevant[effect.fluent] || !(relaxed_.possible(effect.condition) & may_be)) continue;
                    visible = true;
                    judges(effect.condition, found.relevant), counts(effect.value, found.relevant);
                }
                if (!visible) continue;
                found.visible[m / 64] |= Word(1) << m % 64;
                judges(move.precondition, found.relevant), counts(move.weight, found.relevant);
            }
            now = 1 + static_cast<std::size_t>(std::accumulate(found.relevant.begin(), found.relevant.end(), 0));
            for (const Word word : found.visible) now += static_cast<std::size_t>(std::popcount(word));
        }
        return found;
    }

    // Whether a fluent can have one value only.
    bool settled(std::int32_t fluent) const {
        const Values &values = relaxed_.now[fluent];
        return Relaxed::small(tables_.lanes[fluent]) && std::has_single_bit(values.codes);
    }

    // Marks the fluents on which it hangs whether the condition holds.
    void judges(std::int32_t index, std::vector<char> &relevant) {
        if (index < 0 || relaxed_.possible(index) != (may_be | may_not)) return;
        const Node &node = tables_.nodes[index];
        switch (node.op) {
            case STILL: still_ = true; break;
            case NOT: judges(static_cast<std::int32_t>(node.first), relevant); break;
            case ALL: case ANY:
                for (std::int32_t operand : tables_.among(node)) judges(operand, relevant);
                break;
            default: parts(node, relevant);
        }
    }

    // Marks those on which its value hangs.
    void counts(std::int32_t index, std::vector<char> &relevant) {
        if (index < 0) return;
        const Node &node = tables_.nodes[index];
        switch (node.op) {
            case STILL: still_ = true; break;
            case NOT: case ALL: case ANY: judges(index, relevant); break;
            default: parts(node, relevant);
        }
    }

    void parts(const Node &node, std::vector<char> &relevant) {
        switch (node.op) {
            case NUMBER: case UNKNOWN: break;
            case READ: relevant[node.first] = relevant[node.first] || !settled(static_cast<std::int32_t>(node.first)); break;
            case SUM:
                for (std::int32_t operand : tables_.among(node)) counts(operand, relevant);
                break;
            case IF: {
                const auto branches = tables_.among(node);
                const int condition = relaxed_.possible(branches[0]);
                judges(branches[0], relevant);
                if (condition & may_be) counts(branches[1], relevant);
                if (condition & may_not) counts(branches[2], relevant);
                break;
            }
            case BELIEVES: counts(static_cast<std::int32_t>(node.second), relevant); break;
            default: counts(static_cast<std::int32_t>(node.first), relevant), counts(static_cast<std::int32_t>(node.second), relevant);
        }
    }

    const Tables &tables_;
    Relaxed relaxed_;
    const std::size_t blocks_;
    std::vector<Latch> latches_;
    std::vector<Word> keep_, visible_;  // of every mode
    bool forgets_ = false, still_ = false;
};

}  // namespace everytale
