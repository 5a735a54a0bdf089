// States and the minds within them, interned. See world.hpp for the whole.
//
// A state is whose mind it is in, its level, the vector of its fluents, and an edge per person to the state that they
// believe in: one row of small numbers. The edge is `itself` for the owner of the mind, and for everybody at the deepest level kept.
// Vectors are interned by themselves: far fewer are distinct than states.
#pragma once

#include "table.hpp"
#include "world.hpp"

namespace everytale {

using State = std::uint32_t;
inline constexpr State itself = ~0u;

// A state as an expression sees it.
struct View {
    const Word *words;
    const State *believed;
    Person mind;
    int level;
};

// A state in the making.
struct Draft {
    std::vector<Word> words;
    std::vector<State> believed;
    Person mind = -1;
    int level = 0;

    View view() const { return {words.data(), believed.data(), mind, level}; }
    void assign(const View &view, const Tables &tables) {
        words.assign(view.words, view.words + tables.words), believed.assign(view.believed, view.believed + tables.people);
        mind = view.mind, level = view.level;
    }
    friend bool operator==(const Draft &, const Draft &) = default;
};

class States {
public:
    explicit States(const Tables &tables) : tables_(tables), vectors_(tables.words), rows_(first + tables.people), carried_(tables.depth + 1) {}

    std::uint32_t size() const { return rows_.size(); }
    std::uint32_t vectors() const { return vectors_.size(); }
    std::size_t bytes() const { return vectors_.bytes() + rows_.bytes() + by_vector_.bytes() + by_state_.bytes(); }

    std::size_t growth() const { return by_vector_.growth() + by_state_.growth(); }

    View view(State s) const {
        const std::uint32_t *row = rows_[s];
        return {vectors_[row[0]], row + first, static_cast<std::int16_t>(row[1] >> 16), static_cast<std::uint8_t>(row[1])};
    }
    void expect(State s) const { prefetch(rows_[s]); }
    const Word *words(State s) const { return vectors_[rows_[s][0]]; }
    std::uint32_t vector(State s) const { return rows_[s][0]; }
    const Word *words_of(std::uint32_t vector) const { return vectors_[vector]; }
    Person mind(State s) const { return static_cast<std::int16_t>(rows_[s][1] >> 16); }
    int level(State s) const { return static_cast<std::uint8_t>(rows_[s][1]); }

    State believed(State s, Person person) const {
        const State inner = rows_[s][first + person];
        return inner == itself ? s : inner;
    }
    // Where that is a state of its own; `itself` where it is the same one.
    static State inner(const View &view, Person person) { return view.believed[person]; }

    // Whether no trigger applies here or further in: unknown until somebody says so.
    enum Rest : std::uint8_t { UNTESTED, RESTS, RESTLESS };
    Rest rest(State s) const { return static_cast<Rest>(rows_[s][1] >> 8 & 0xff); }
    void set_rest(State s, Rest rest) { rows_[s][1] = (rows_[s][1] & ~0xff00u) | std::uint32_t(rest) << 8; }

    std::uint32_t vector_of(const Word *words) {
        const std::size_t count = tables_.words;
        return by_vector_.find(
            hash_words(words, count, 1), [&](std::uint32_t row) { return same(words, vectors_[row], count); }, [&] { return vectors_.add(words); });
    }

    State intern(const Draft &draft) {
        const std::uint32_t vector = vector_of(draft.words.data());
        return intern(draft, vector, sought(draft, vector));
    }

    // Says that a state, whose vector has that number, will soon be looked for; what finds it.
    std::uint64_t sought(const Draft &draft, std::uint32_t vector) const {
        std::uint64_t hash = folded(pair_key(vector, whose(draft)));
        for (std::size_t at = 0; at < draft.believed.size(); ++at) hash += folded(pair_key(static_cast<std::uint32_t>(at + 1), draft.believed[at]));
        by_state_.expect(hash);
        return hash;
    }

    // The same as intern(), where those are known.
    State intern(const Draft &draft, std::uint32_t vector, std::uint64_t sought) {
        const std::uint32_t whose = States::whose(draft);
        return by_state_.find(
            sought,
            [&](State s) {
                const std::uint32_t *row = rows_[s];
                return row[0] == vector && (row[1] & ~0xff00u) == whose && same(draft.believed.data(), row + first, draft.believed.size());
            },
            [&] {
                if (rows_.size() >= most) throw Broken{"memory", {std::int64_t(rows_.size())}};
                scratch_.assign({vector, whose});
                scratch_.insert(scratch_.end(), draft.believed.begin(), draft.believed.end());
                scratch_.resize(first + tables_.people, itself);
                return rows_.add(scratch_.data());
            });
    }

    // The same state as `s` of `other`; `known`: of every state of `other` the one here, or `itself`.
    State carried(const States &other, State s, std::vector<State> &known) {
        if (known.size() <= s) known.resize(other.size(), itself);
        if (known[s] != itself) return known[s];
        const View view = other.view(s);
        Draft &draft = carried_[view.level];
        draft.assign(view, tables_);
        for (State &inner : draft.believed)
            if (inner != itself) inner = carried(other, inner, known);
        const State here = intern(draft);
        if (rest(here) == UNTESTED) set_rest(here, other.rest(s));
        return known[s] = here;
    }

    std::uint32_t most = 20'000'000;

private:
    // A row: the number of the vector; whose mind, whether it rests, the level; then whom everybody believes in.
    static constexpr std::size_t first = 2;
    static std::uint32_t whose(const Draft &draft) { return static_cast<std::uint32_t>(static_cast<std::uint16_t>(draft.mind)) << 16 | static_cast<std::uint32_t>(draft.level); }

    const Tables &tables_;
    Rows<Word> vectors_;
    Rows<std::uint32_t> rows_;
    Index by_vector_, by_state_;
    std::vector<std::uint32_t> scratch_;
    std::vector<Draft> carried_;  // by level
};

}  // namespace everytale
