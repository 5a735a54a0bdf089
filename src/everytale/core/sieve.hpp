// Which moves (or triggers) a state's values do not rule out. See world.hpp for the whole.
//
// Most of what a precondition asks is about one fluent at a time, or compares two. For every fluent or two so asked about and each of their
// values there is a set of moves, as bits, that these values admit; the moves that may happen are what all those sets have in common. What
// is left of a precondition (sums, beliefs) is evaluated for those moves alone. Moves come in the order of the file.
#pragma once

#include <algorithm>
#include <bit>

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
        for (const Test &test : tests_) left &= bits_[test.begin + test.code(words) * width_ + block];
        return left;
    }

    // What is left to be evaluated of the conditions of `move`.
    std::span<const std::int32_t> rest(std::int32_t move) const { return rest_[move]; }

    // Calls `found(move)` for every move whose precondition holds in `view`, until that returns true; `among`: of these moves, as bits, alone.
    template <class Found>
    void each(const View &view, const Evaluator &evaluator, Found found, const Word *among = nullptr) const {
        for (std::size_t block = 0; block < width_; ++block)
            for (Word left = admitted(view.words, block) & (among ? among[block] : ~Word(0)); left != 0; left &= left - 1) {
                const std::int32_t move = static_cast<std::int32_t>(block * 64 + std::countr_zero(left));
                if (std::all_of(rest_[move].begin(), rest_[move].end(), [&](std::int32_t part) { return evaluator.holds(part, view); }) && found(move)) return;
            }
    }

private:
    static constexpr Word most_values = 256;
    static constexpr std::ptrdiff_t most_pairs = 24;  // each costs a look in every state, whatever moves there are
    // What one fluent, or two, have for values; of one, the second is of no bits.
    struct Test {
        std::int32_t one, other;
        std::uint32_t word, other_word;
        std::uint8_t shift, other_shift, width;
        Word mask, other_mask;
        std::size_t begin;

        Word code(const Word *words) const { return (words[word] >> shift & mask) | (words[other_word] >> other_shift & other_mask) << width; }
    };

    // The fluents that the expression asks about; none: more than two, or beliefs.
    std::vector<std::int32_t> asked(std::int32_t index) const {
        std::vector<std::int32_t> found;
        std::vector<std::int32_t> waiting{index};
        while (!waiting.empty()) {
            const Node &node = tables_.nodes[waiting.back()];
            waiting.pop_back();
            switch (node.op) {
                case NUMBER: case UNKNOWN: break;
                case BELIEVES: case STILL: return {};
                case READ:
                    if (std::find(found.begin(), found.end(), node.first) == found.end()) found.push_back(static_cast<std::int32_t>(node.first));
                    if (found.size() > 2) return {};
                    break;
                case ALL: case ANY: case SUM: case IF: waiting.insert(waiting.end(), tables_.among(node).begin(), tables_.among(node).end()); break;
                case NOT: waiting.push_back(static_cast<std::int32_t>(node.first)); break;
                default: waiting.push_back(static_cast<std::int32_t>(node.first)), waiting.push_back(static_cast<std::int32_t>(node.second));
            }
        }
        std::sort(found.begin(), found.end());
        return found;
    }

    void require(std::size_t move, std::int32_t condition, const Evaluator &evaluator, std::vector<Word> &scratch) {
        const Node &node = tables_.nodes[condition];
        if (node.op != ALL) return admit(move, condition, evaluator, scratch);
        for (std::int32_t part : tables_.among(node)) admit(move, part, evaluator, scratch);
    }

    void admit(std::size_t move, std::int32_t part, const Evaluator &evaluator, std::vector<Word> &scratch) {
        const std::vector<std::int32_t> fluents = asked(part);
        Word values = 1;
        for (const std::int32_t fluent : fluents) values = tables_.lanes[fluent].mask < most_values ? values * (tables_.lanes[fluent].mask + 1) : most_values + 1;
        if (fluents.size() == 2 && std::count_if(tests_.begin(), tests_.end(), [](const Test &test) { return test.other >= 0; }) >= most_pairs) values = most_values + 1;
        if (fluents.empty() || values > most_values) {
            rest_[move].push_back(part);
            return;
        }
        const Lane &one = tables_.lanes[fluents.front()], &other = tables_.lanes[fluents.back()];
        const Test &test = tests_[test_of(fluents.front(), fluents.size() > 1 ? fluents.back() : -1)];
        for (Word code = 0; code <= one.code_of(one.high); ++code)
            for (Word second = 0; second <= (fluents.size() > 1 ? other.code_of(other.high) : 0); ++second) {
                one.put(scratch.data(), code);
                if (fluents.size() > 1) other.put(scratch.data(), second);
                if (!evaluator.holds(part, {scratch.data(), nullptr, -1, 0})) bits_[test.begin + (code | second << test.width) * width_ + move / 64] &= ~(Word(1) << move % 64);
            }
    }

    std::size_t test_of(std::int32_t one, std::int32_t other) {
        const auto known = std::find_if(tests_.begin(), tests_.end(), [&](const Test &test) { return test.one == one && test.other == other; });
        if (known != tests_.end()) return static_cast<std::size_t>(known - tests_.begin());
        const Lane &first = tables_.lanes[one], &second = tables_.lanes[std::max(other, 0)];
        const Word mask = other < 0 ? 0 : second.mask;
        tests_.push_back({one, other, first.word, other < 0 ? first.word : second.word, first.shift, second.shift, static_cast<std::uint8_t>(std::bit_width(first.mask)), first.mask, mask, bits_.size()});
        bits_.resize(bits_.size() + (first.mask + 1) * (mask + 1) * width_, ~Word(0));
        return tests_.size() - 1;
    }

    const Tables &tables_;
    const std::size_t count_, width_;
    std::vector<Test> tests_;
    std::vector<Word> bits_;
    std::vector<std::vector<std::int32_t>> rest_;  // of every precondition, what is left to evaluate
};

}  // namespace everytale
