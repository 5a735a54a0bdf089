// A *pack*: a world, and all that is told of it, as bytes, for where there is no Python. See world.hpp for the whole.
//
// It is `everytale`, a byte 0, the number of the format, and then *sections*, each a name, a kind, and a list: whole numbers (0) or
// texts (1). Whole numbers, counts too, are LEB128, seven bits a byte, least first; those of lists are folded first (0, -1, 1, -2 ...),
// so that small ones are short. Texts are UTF-8 after the count of their bytes. A pack is data, and may be damaged: nothing is taken
// that is not there, so what it says it holds costs at most a few times its own length.
#pragma once

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

    explicit PackedWorld(const Pack &pack) {
        for (const NamedColumn &named : named_columns) columns.*named.column = pack.numbers(named.name);
        const Column &single = pack.numbers("world");
        if (single.size() != 6) throw Damaged("its world is not whole");
        people = single[0], depth = single[1], minds = single[2], horizon = single[3], first_effect_wins = single[4], author_worth = single[5];
    }
};

}  // namespace everytale
