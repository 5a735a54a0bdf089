// A *pack*: a world, and all that is told of it, as bytes, for where there is no Python. See world.hpp for the whole.
//
// It is `everytale`, a byte 0, the number of the format, and then *sections*, each a name, a kind, and a list: whole numbers (0) or
// texts (1). Whole numbers, counts too, are LEB128, seven bits a byte, least first; those of lists are folded first (0, -1, 1, -2 ...),
// so that small ones are short. Texts are UTF-8 after the count of their bytes. A pack is data, and may be damaged: nothing is taken
// that is not there, so what it says it holds costs at most a few times its own length.
#pragma once

#include <algorithm>
#include <map>
#include <string_view>

#include "world.hpp"

namespace everytale {

struct Damaged : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class Pack {
public:
    static constexpr std::uint64_t format = 1;

    explicit Pack(std::string_view bytes) : bytes_(bytes) {
        constexpr std::string_view mark("everytale\0", 10);
        if (bytes_.substr(0, mark.size()) != mark) throw Damaged("it is no pack of Everytale");
        at_ = mark.size();
        if (whole() != format) throw Damaged("it was packed by another version of Everytale");
        while (at_ < bytes_.size()) section();
    }

    const Column &numbers(const std::string &name) const { return found(numbers_, name); }
    const std::vector<std::string> &texts(const std::string &name) const { return found(texts_, name); }

private:
    template <class List>
    static const List &found(const std::map<std::string, List> &lists, const std::string &name) {
        const auto list = lists.find(name);
        if (list == lists.end()) throw Damaged("it has no list “" + name + "”");
        return list->second;
    }

    void section() {
        const std::string name = text();
        const std::uint64_t kind = whole(), count = whole();
        if (count > bytes_.size() - at_) throw Damaged("the list “" + name + "” is longer than the pack");
        if (kind == 0) {
            Column &list = numbers_[name];
            list.clear(), list.reserve(count);
            for (std::uint64_t i = 0; i < count; ++i) {
                const std::uint64_t folded = whole();
                list.push_back(static_cast<std::int64_t>(folded >> 1 ^ (~(folded & 1) + 1)));
            }
        } else if (kind == 1) {
            std::vector<std::string> &list = texts_[name];
            list.clear();
            for (std::uint64_t i = 0; i < count; ++i) list.push_back(text());
        } else {
            throw Damaged("the list “" + name + "” is of no kind that is known");
        }
    }

    std::string text() {
        const std::uint64_t size = whole();
        if (size > bytes_.size() - at_) throw Damaged("a text is longer than the pack");
        at_ += size;
        return std::string(bytes_.substr(at_ - size, size));
    }

    std::uint64_t whole() {
        std::uint64_t number = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            if (at_ == bytes_.size()) throw Damaged("it ends too soon");
            const std::uint8_t byte = static_cast<std::uint8_t>(bytes_[at_++]);
            if (shift == 63 && byte > 1) break;
            number |= std::uint64_t(byte & 127) << shift;
            if (byte < 128) return number;
        }
        throw Damaged("a number has more than 64 bits");
    }

    std::string_view bytes_;
    std::size_t at_ = 0;
    std::map<std::string, Column> numbers_;
    std::map<std::string, std::vector<std::string>> texts_;
};

// What a world is made of, as a pack has it: columns, and a list `world` of single numbers.
struct PackedWorld {
    Columns columns;
    std::int64_t people, depth, minds, horizon, first_effect_wins, author_worth;

    // Raises Damaged for what is no world, or one that could cost far more than it is long: the rest is checked as the world is made.
    explicit PackedWorld(const Pack &pack) {
        for (const NamedColumn &named : named_columns) columns.*named.column = pack.numbers(named.name);
        const Column &single = pack.numbers("world");
        if (single.size() != 6) throw Damaged("its world is not whole");
        people = single[0], depth = single[1], minds = single[2], horizon = single[3], first_effect_wins = single[4], author_worth = single[5];
        if (people < 0 || people > 4096) throw Damaged("its world has too many people");
        if (steps() > most_steps) throw Damaged("its conditions are too long");
        if (values() > most_values) throw Damaged("its facts have too many values");
    }

    // Looks in, as work does from time to time, on a world that is being made: its start is to come to rest soon.
    class Opening {
    public:
        void look() {
            if (++looks_ > most_looks) throw Damaged("its start does not come to rest");
        }

    private:
        static constexpr std::uint64_t most_looks = 500;  // about two million units of work
        std::uint64_t looks_ = 0;
    };

private:
    static constexpr std::uint64_t most_steps = 1 << 22, most_values = 1 << 27;

    // How many parts all conditions have, those that are shared counted each time, as they are evaluated.
    std::uint64_t steps() const {
        const Column &op = columns.node_operator, &one = columns.node_first, &other = columns.node_second;
        if (one.size() != op.size() || other.size() != op.size()) throw Damaged("its table of conditions is not whole");
        std::vector<std::uint64_t> parts(op.size());
        std::uint64_t all = 0;
        const auto add = [&](std::uint64_t &sum, std::int64_t node, std::size_t below) {
            if (node >= 0 && static_cast<std::size_t>(node) < below) sum = std::min(sum + parts[static_cast<std::size_t>(node)], 2 * most_steps);
        };
        for (std::size_t i = 0; i < op.size(); ++i) {
            parts[i] = 1;
            const bool group = op[i] == ALL || op[i] == ANY || op[i] == SUM || op[i] == IF;
            if (group) {
                const std::int64_t count = op[i] == IF ? 3 : other[i], size = static_cast<std::int64_t>(columns.operands.size());
                if (one[i] < 0 || count < 0 || count > size || one[i] > size - count) throw Damaged("a condition has parts that are not there");
                for (std::int64_t at = one[i]; at < one[i] + count && parts[i] <= most_steps; ++at) add(parts[i], columns.operands[static_cast<std::size_t>(at)], i);
            } else if (op[i] == BELIEVES) {
                add(parts[i], other[i], i);
            } else if (op[i] != NUMBER && op[i] != UNKNOWN && op[i] != READ && op[i] != STILL) {
                add(parts[i], one[i], i);
                if (op[i] != NOT) add(parts[i], other[i], i);
            }
        }
        for (const Column *roots : {&columns.effect_condition, &columns.effect_value, &columns.move_precondition, &columns.move_weight, &columns.move_expressive, &columns.observer,
                                    &columns.trigger_precondition, &columns.trigger_upon, &columns.worth, &columns.endings})
            for (const std::int64_t root : *roots) add(all, root, parts.size());
        return all;
    }

    // What is kept for every value of a fact: the moves and triggers that it admits, as bits, triggers also by what each person believes,
    // and what each person watches it for.
    std::uint64_t values() const {
        if (columns.fluent_high.size() != columns.fluent_low.size()) throw Damaged("its table of facts is not whole");
        std::uint64_t values = 24 * 256;  // of pairs of facts
        for (std::size_t i = 0; i < columns.fluent_low.size(); ++i) {
            const Word wide = Word(columns.fluent_high[i]) - Word(columns.fluent_low[i]);
            values += wide < 256 ? 2 * (wide + 2) : 1;  // lanes are as wide as a power of two
        }
        const std::uint64_t minds = static_cast<std::uint64_t>(people) + 1, moves = columns.move_precondition.size() / 8 + 1, triggers = columns.trigger_precondition.size() / 8 + 1;
        return values * (moves + minds * (triggers + 16));
    }
};

}  // namespace everytale
