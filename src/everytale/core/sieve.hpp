// Which moves (or triggers) a state's values do not rule out. See world.hpp for the whole.
//
// Most of what a precondition asks is about one fluent at a time, or compares two. For every fluent or two so asked about and each of their
// values there is a set of moves, as bits, that these values admit; the moves that may happen are what all those sets have in common. What
// somebody believes can be sieved likewise, by the values that their believed state has. What is left of a precondition (sums, beliefs
// further in) is evaluated for those moves alone. Moves come in the order of the file.
#pragma once

#include <algorithm>
#include <bit>

#include "evaluate.hpp"

namespace everytale {

class Sieve {
public:
    // `wanted`: for every move, the conditions that must all hold; -1 says nothing. `minds`: what is believed is sieved as well.
    Sieve(const Tables &tables, const Evaluator &evaluator, const std::vector<std::vector<std::int32_t>> &wanted, bool minds)
        : tables_(tables), minds_(minds), count_(wanted.size()), width_((count_ + 63) / 64), tests_(1 + (minds ? tables.people : 0)), rest_(count_) {
        std::vector<Ruling> rulings(tables.nodes.size());
        std::vector<Word> words(tables.words);
        const std::vector<State> nowhere_else(tables.people, itself);
        const View scratch{words.data(), nowhere_else.data(), -1, 0};
        for (std::size_t move = 0; move < count_; ++move)
            for (const std::int32_t condition : wanted[move])
                if (condition >= 0) require(move, condition, evaluator, rulings, words, scratch);
    }

    // Of all moves.
    static Sieve of_moves(const Tables &tables, const Evaluator &evaluator) {
        std::vector<std::vector<std::int32_t>> wanted;
        for (const Move &move : tables.moves) wanted.push_back({move.precondition});
        return Sieve(tables, evaluator, wanted, false);
    }

    // How many words a set of moves takes.
    std::size_t width() const { return width_; }

    // Some of the words that a set takes.
    struct Blocks {
        std::size_t begin, end;
    };

    // Those in which what this person believes (-1: what is so) rules out anything.
    Blocks heeding(Person whose) const {
        Blocks all{width_, 0};
        for (const Test &test : tests_[1 + whose]) all = {std::min(all.begin, test.blocks.begin), std::max(all.end, test.blocks.end)};
        return all;
    }

    // Leaves in `set` the moves that `words` do not rule out, as the values of the state itself (-1), or of that which somebody believes in.
    void narrow(const Word *words, Person whose, Word *set) const {
        for (const Test &test : tests_[1 + whose]) {
            const Word *bits = bits_.data() + test.begin + test.code(words) * width_;
            for (std::size_t block = test.blocks.begin; block < test.blocks.end; ++block) set[block] &= bits[block];
        }
    }

    // Rules out `move` where a fluent, in the state itself (-1) or in somebody's mind, has that code, if it has few enough.
    void rule_out(std::size_t move, Person whose, std::int32_t fluent, Word code) {
        if (tables_.lanes[fluent].mask < most_values) rule_out(move, test_of(whose, fluent, -1), code);
    }

    // Whether it is ruled out there, by that fluent alone.
    bool rules_out(std::size_t move, Person whose, std::int32_t fluent, Word code) const {
        const auto &tests = tests_[1 + whose];
        const auto test = std::find_if(tests.begin(), tests.end(), [&](const Test &one) { return one.one == fluent && one.other < 0; });
        return test != tests.end() && (bits_[test->begin + code * width_ + move / 64] >> move % 64 & 1) == 0;
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
    Word admitted(const Word *words, std::size_t block) const {
        Word left = block + 1 < width_ || count_ % 64 == 0 ? ~Word(0) : (Word(1) << count_ % 64) - 1;
        for (const Test &test : tests_[0]) left &= bits_[test.begin + test.code(words) * width_ + block];
        return left;
    }

    static constexpr Word most_values = 256;
    static constexpr std::ptrdiff_t most_pairs = 24;  // each costs a look in every state, whatever moves there are
    // What one fluent, or two, have for values; of one, the second is of no bits.
    struct Test {
        std::int32_t one, other;
        std::uint32_t word, other_word;
        std::uint8_t shift, other_shift, width;
        Word mask, other_mask;
        std::size_t begin;
        Blocks blocks;  // in which it rules out anything

        Word code(const Word *words) const { return (words[word] >> shift & mask) | (words[other_word] >> other_shift & other_mask) << width; }
    };

    // The fluents that an expression asks about, all of them in one state; none: more than two, or further in.
    struct Asked {
        std::optional<Person> whose;
        std::vector<std::int32_t> fluents;
    };

    Asked asked(std::int32_t index) const {
        Asked found;
        std::vector<std::pair<std::int32_t, Person>> waiting{{index, -1}};
        while (!waiting.empty()) {
            const auto [at, whose] = waiting.back();
            const Node &node = tables_.nodes[at];
            const auto wait = [&, whose = whose](std::int64_t part) { waiting.emplace_back(static_cast<std::int32_t>(part), whose); };
            waiting.pop_back();
            switch (node.op) {
                case NUMBER: case UNKNOWN: break;
                case STILL: return {};
                case BELIEVES:
                    if (!minds_ || (whose >= 0 && whose != node.first)) return {};
                    waiting.emplace_back(static_cast<std::int32_t>(node.second), static_cast<Person>(node.first));
                    break;
                case READ:
                    if (found.whose.value_or(whose) != whose) return {};
                    found.whose = whose;
                    if (std::find(found.fluents.begin(), found.fluents.end(), node.first) == found.fluents.end()) found.fluents.push_back(static_cast<std::int32_t>(node.first));
                    if (found.fluents.size() > 2) return {};
                    break;
                case ALL: case ANY: case SUM: case IF:
                    for (const std::int32_t part : tables_.among(node)) wait(part);
                    break;
                case NOT: wait(node.first); break;
                default: wait(node.first), wait(node.second);
            }
        }
        std::sort(found.fluents.begin(), found.fluents.end());
        return found;
    }

    // What one condition rules out, which many moves may share: some values of one test; or (-1) no test can tell.
    struct Ruling {
        bool known = false;
        Person whose = -1;
        std::ptrdiff_t test = -1;
        std::vector<Word> out;
    };

    void require(std::size_t move, std::int32_t condition, const Evaluator &evaluator, std::vector<Ruling> &rulings, std::vector<Word> &words, const View &scratch) {
        const Node &node = tables_.nodes[condition];
        if (node.op == ALL) {
            for (std::int32_t part : tables_.among(node)) require(move, part, evaluator, rulings, words, scratch);
            return;
        }
        Ruling &ruling = rulings[static_cast<std::size_t>(condition)];
        if (!ruling.known) ruling = ruled(condition, evaluator, words, scratch);
        if (ruling.test < 0) rest_[move].push_back(condition);
        for (const Word code : ruling.out) rule_out(move, tests_[1 + ruling.whose][static_cast<std::size_t>(ruling.test)], code);
    }

    // `scratch`: a view of `words`, as everybody believes them to be.
    Ruling ruled(std::int32_t part, const Evaluator &evaluator, std::vector<Word> &words, const View &scratch) {
        Ruling ruling{true, -1, -1, {}};
        const auto [whose, fluents] = asked(part);
        Word values = 1;
        for (const std::int32_t fluent : fluents) values = tables_.lanes[fluent].mask < most_values ? values * (tables_.lanes[fluent].mask + 1) : most_values + 1;
        if (fluents.size() == 2 && pairs(*whose) >= most_pairs) values = most_values + 1;
        if (fluents.empty() || values > most_values) return ruling;
        const Lane &one = tables_.lanes[fluents.front()], &other = tables_.lanes[fluents.back()];
        const Test &test = test_of(*whose, fluents.front(), fluents.size() > 1 ? fluents.back() : -1);
        ruling.whose = *whose, ruling.test = &test - tests_[1 + *whose].data();
        for (Word code = 0; code <= one.code_of(one.high); ++code)
            for (Word second = 0; second <= (fluents.size() > 1 ? other.code_of(other.high) : 0); ++second) {
                one.put(words.data(), code);
                if (fluents.size() > 1) other.put(words.data(), second);
                if (!evaluator.holds(part, scratch)) ruling.out.push_back(code | second << test.width);
            }
        return ruling;
    }

    void rule_out(std::size_t move, Test &test, Word code) {
        bits_[test.begin + code * width_ + move / 64] &= ~(Word(1) << move % 64);
        test.blocks = {std::min(test.blocks.begin, move / 64), std::max(test.blocks.end, move / 64 + 1)};
    }

    std::ptrdiff_t pairs(Person whose) const {
        return std::count_if(tests_[1 + whose].begin(), tests_[1 + whose].end(), [](const Test &test) { return test.other >= 0; });
    }

    Test &test_of(Person whose, std::int32_t one, std::int32_t other) {
        auto &tests = tests_[1 + whose];
        const auto known = std::find_if(tests.begin(), tests.end(), [&](const Test &test) { return test.one == one && test.other == other; });
        if (known != tests.end()) return *known;
        const Lane &first = tables_.lanes[one], &second = tables_.lanes[std::max(other, 0)];
        const Word mask = other < 0 ? 0 : second.mask;
        tests.push_back({one, other, first.word, other < 0 ? first.word : second.word, first.shift, second.shift, static_cast<std::uint8_t>(std::bit_width(first.mask)), first.mask, mask, bits_.size(), {width_, 0}});
        bits_.resize(bits_.size() + (first.mask + 1) * (mask + 1) * width_, ~Word(0));
        return tests.back();
    }

    const Tables &tables_;
    const bool minds_;
    const std::size_t count_, width_;
    std::vector<std::vector<Test>> tests_;  // of the state itself, then of what everybody believes
    std::vector<Word> bits_;
    std::vector<std::vector<std::int32_t>> rest_;  // of every precondition, what is left to evaluate
};

}  // namespace everytale
