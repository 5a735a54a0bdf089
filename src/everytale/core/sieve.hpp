// Which moves a state's values do not rule out. See world.hpp for the whole.
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
    Sieve(const Tables &tables, const Evaluator &evaluator) : tables_(tables), width_((tables.moves.size() + 63) / 64), rest_(tables.moves.size()) {
        std::vector<Word> scratch(tables.words);
        for (std::size_t move = 0; move < tables.moves.size(); ++move) {
            const std::int32_t precondition = tables.moves[move].precondition;
            if (precondition < 0) continue;
            const Node &node = tables.nodes[precondition];
            if (node.op == ALL) {
                for (std::int32_t part : tables.among(node)) admit(move, part, evaluator, scratch);
            } else {
                admit(move, precondition, evaluator, scratch);
            }
        }
    }

    // Calls `found(move)` for every move whose precondition holds in `view`, until that returns true.
    template <class Found>
    void each(const View &view, const Evaluator &evaluator, Found found) const {
        for (std::size_t block = 0; block < width_; ++block) {
            Word left = block + 1 < width_ || tables_.moves.size() % 64 == 0 ? ~Word(0) : (Word(1) << tables_.moves.size() % 64) - 1;
            for (const Test &test : tests_) left &= bits_[test.begin + (view.words[test.word] >> test.shift & test.mask) * width_ + block];
            for (; left != 0; left &= left - 1) {
                const std::int32_t move = static_cast<std::int32_t>(block * 64 + std::countr_zero(left));
                if (std::ranges::all_of(rest_[move], [&](std::int32_t part) { return evaluator.holds(part, view); }) && found(move)) return;
            }
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
    const std::size_t width_;
    std::vector<Test> tests_;
    std::vector<Word> bits_;
    std::vector<std::vector<std::int32_t>> rest_;  // of every precondition, what is left to evaluate
};

}  // namespace everytale
