// Which moves (or triggers) a state's values do not rule out. See world.hpp for the whole.
//
// Most of what a precondition asks is about one fluent at a time. For every fluent so asked about and each of its values there is a set of
// moves, as bits, that this value admits; the moves that may happen are what all those sets have in common. What is
// left of a precondition (two fluents compared, beliefs) is evaluated for those moves alone. Moves come in the order of the file.
#pragma once

#include <array>

#include "evaluate.hpp"

namespace everytale {

class Sieve {
public:
    // `wanted`: for every move, the conditions that must all hold; -1 says nothing.
    Sieve(const Tables &tables, const Evaluator &evaluator, const std::vector<std::vector<std::int32_t>> &wanted)
        : tables_(tables), count_(wanted.size()), width_((count_ + 63) / 64), rest_(count_) {
        std::vector<Word> scratch(tables.words);
        for (std::size_t move = 0; move < count_; ++move)
            for (const std::int32_t condition : wanted[move])
                if (condition >= 0) require(move, condition, evaluator, scratch);
    }

    // Of all moves.
    static Sieve of_moves(const Tables &tables, const Evaluator &evaluator) {
        std::vector<std::vector<std::int32_t>> wanted;
        for (const Move &move : tables.moves) wanted.push_back({move.precondition});
        return Sieve(tables, evaluator, wanted);
    }

    // How many words a set of moves takes.
    std::size_t width() const { return width_; }

    // The moves among the 64 of this word of the set that `words` do not rule out.
    Word admitted(const Word *words, std::size_t block) const {
        Word left = block + 1 < width_ || count_ % 64 == 0 ? ~Word(0) : (Word(1) << count_ % 64) - 1;
        for (const Test &test : tests_) left &= bits_[test.begin + (words[test.word] >> test.shift & test.mask) * width_ + block];
        return left;
    }

    // What is left to be evaluated of the conditions of `move`.
    std::span<const std::int32_t> rest(std::int32_t move) const { return rest_[move]; }

    // Calls `found(move)` for every move whose precondition holds in `view`, until that returns true.
    template <class Found>
    void each(const View &view, const Evaluator &evaluator, Found found) const {
        for (std::size_t block = 0; block < width_; ++block)
            for (Word left = admitted(view.words, block); left != 0; left &= left - 1) {
                const std::int32_t move = static_cast<std::int32_t>(block * 64 + std::countr_zero(left));
                if (std::ranges::all_of(rest_[move], [&](std::int32_t part) { return evaluator.holds(part, view); }) && found(move)) return;
            }
    }

private:
    static constexpr Word most_values = 256;
    struct Test {
        std::uint32_t word;
        std::uint8_t shift;
        Word mask;
        std::size_t begin;
    };

    // The one fluent that the expression asks about; -1: none, or several, or beliefs.
    std::int32_t only_fluent(std::int32_t index) const {
        std::int32_t found = -1;
        std::vector<std::int32_t> waiting{index};
        while (!waiting.empty()) {
            const Node &node = tables_.nodes[waiting.back()];
            waiting.pop_back();
            switch (node.op) {
                case NUMBER: case UNKNOWN: break;
                case BELIEVES: case STILL: return -1;
                case READ:
                    if (found >= 0 && found != node.first) return -1;
                    found = static_cast<std::int32_t>(node.first);
                    break;
                case ALL: case ANY: case SUM: case IF: waiting.insert(waiting.end(), tables_.among(node).begin(), tables_.among(node).end()); break;
                case NOT: waiting.push_back(static_cast<std::int32_t>(node.first)); break;
                default: waiting.push_back(static_cast<std::int32_t>(node.first)), waiting.push_back(static_cast<std::int32_t>(node.second));
            }
        }
        return found;
    }

    void require(std::size_t move, std::int32_t condition, const Evaluator &evaluator, std::vector<Word> &scratch) {
        const Node &node = tables_.nodes[condition];
        if (node.op != ALL) return admit(move, condition, evaluator, scratch);
        for (std::int32_t part : tables_.among(node)) admit(move, part, evaluator, scratch);
    }

    void admit(std::size_t move, std::int32_t part, const Evaluator &evaluator, std::vector<Word> &scratch) {
        const std::int32_t fluent = only_fluent(part);
        if (fluent < 0 || tables_.lanes[fluent].mask >= most_values) {
            rest_[move].push_back(part);
            return;
        }
        const Lane &lane = tables_.lanes[fluent];
        const Test &test = tests_[test_of(fluent)];
        const Word codes = lane.code_of(lane.high) + 1;
        for (Word code = 0; code < codes; ++code) {
            lane.put(scratch.data(), code);
            if (!evaluator.holds(part, {scratch.data(), nullptr, -1, 0})) bits_[test.begin + code * width_ + move / 64] &= ~(Word(1) << move % 64);
        }
    }

    std::size_t test_of(std::int32_t fluent) {
        const Lane &lane = tables_.lanes[fluent];
        const auto known = std::ranges::find_if(tests_, [&](const Test &test) { return test.word == lane.word && test.shift == lane.shift && test.mask == lane.mask; });
        if (known != tests_.end()) return static_cast<std::size_t>(known - tests_.begin());
        tests_.push_back({lane.word, lane.shift, lane.mask, bits_.size()});
        bits_.resize(bits_.size() + (lane.mask + 1) * width_, ~Word(0));
        return tests_.size() - 1;
    }

    const Tables &tables_;
    const std::size_t count_, width_;
    std::vector<Test> tests_;
    std::vector<Word> bits_;
    std::vector<std::vector<std::int32_t>> rest_;  // of every precondition, what is left to evaluate
};

}  // namespace everytale
