// States and the minds within them, interned. See world.hpp for the whole.
//
// A state is whose mind it is in, its level, the vector of its fluents, and a pointer per person to the state that they
// believe in. The pointer is `itself` for the owner of the mind, and for everybody at the deepest level kept.
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
    friend bool operator==(const Draft &, const Draft &) = default;
};

class States {
public:
    explicit States(const Tables &tables) : tables_(tables), vectors_(tables.words), heads_(1), believed_(std::max(tables.people, 1)) {}

    std::uint32_t size() const { return heads_.size(); }
    std::uint32_t vectors() const { return vectors_.size(); }
    std::size_t bytes() const { return vectors_.bytes() + heads_.bytes() + believed_.bytes() + by_vector_.bytes() + by_state_.bytes(); }

    std::size_t growth() const { return by_vector_.growth() + by_state_.growth(); }

    View view(State s) const {
        const Head &head = *heads_[s];
        return {head.words, believed_[s], head.mind, head.level};
    }
    Draft draft(State s) const {
        const View v = view(s);
        return {{v.words, v.words + tables_.words}, {v.believed, v.believed + tables_.people}, v.mind, v.level};
    }
    const Word *words(State s) const { return heads_[s]->words; }
    std::uint32_t vector(State s) const { return heads_[s]->vector; }
    Person mind(State s) const { return heads_[s]->mind; }
    int level(State s) const { return heads_[s]->level; }

    State believed(State s, Person person) const {
        const State inner = believed_[s][person];
        return inner == itself ? s : inner;
    }
    // Where that is a state of its own; `itself` where it is the same one.
    static State inner(const View &view, Person person) { return view.believed[person]; }

    // Whether no trigger applies here or further in: unknown until somebody says so.
    enum Rest : std::uint8_t { UNTESTED, RESTS, RESTLESS };
    Rest rest(State s) const { return heads_[s]->rest; }
    void set_rest(State s, Rest rest) { heads_[s]->rest = rest; }

    State intern(const Draft &draft) {
        const std::size_t words = tables_.words, people = tables_.people;
        const std::uint32_t vector = by_vector_.find(
            hash_words(draft.words.data(), words, 1), [&](std::uint32_t row) { return std::equal(draft.words.begin(), draft.words.end(), vectors_[row]); },
            [&] { return vectors_.add(draft.words.data()); });
        std::uint64_t hash = mix(pair_key(vector, static_cast<std::uint32_t>(draft.level) << 16 | static_cast<std::uint16_t>(draft.mind)));
        for (State state : draft.believed) hash = mix(hash ^ state) + 0x9e3779b97f4a7c15ull;
        return by_state_.find(
            mix(hash),
            [&](State s) {
                const Head &head = *heads_[s];
                return head.vector == vector && head.mind == draft.mind && head.level == draft.level && std::equal(draft.believed.begin(), draft.believed.end(), believed_[s]);
            },
            [&] {
                if (heads_.size() >= most) throw Broken{"memory", {std::int64_t(heads_.size())}};
                const Head head{vectors_[vector], vector, static_cast<std::int16_t>(draft.mind), static_cast<std::uint8_t>(draft.level), UNTESTED};
                believed_.add(people != 0 ? draft.believed.data() : &itself);  // a row is never empty
                return heads_.add(&head);
            });
    }

    std::uint32_t most = 20'000'000;

private:
    struct Head {
        const Word *words;
        std::uint32_t vector;
        std::int16_t mind;
        std::uint8_t level;
        Rest rest;
    };

    const Tables &tables_;
    Rows<Word> vectors_;
    Rows<Head> heads_;
    Rows<State> believed_;
    Index by_vector_, by_state_;
};

}  // namespace everytale
