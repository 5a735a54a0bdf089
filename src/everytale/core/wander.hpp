// Random tales: one move after another, drawn by weight. What a state leads to is worked out once.
#pragma once

#include <numeric>
#include <unordered_map>

#include "chance.hpp"
#include "tale.hpp"

namespace everytale {

// A tale as far as it came. `stopped`: it has come to an ending, or nothing more can happen. If it has not, and is not as long as
// was asked for, what the last state leads to is for whoever asked to find out: it is undecided, or its weights are too large here.
struct Wandered {
    std::vector<std::int64_t> moves, states;
    std::uint64_t chance;
    bool stopped;
};

class Wanderer {
public:
    explicit Wanderer(Tale &tale) : tale_(tale) {}

    Wandered from(std::int64_t start, std::uint64_t chance, std::int64_t longest) {
        Chance draws(chance);
        Wandered found{{}, {}, 0, false};
        State state = tale_.known(start);
        for (Row *row = &this->row(state);; row = &this->row(state)) {
            if (row->fate != Fate::goes_on || static_cast<std::int64_t>(found.moves.size()) >= longest) {
                found.stopped = row->fate == Fate::ends;
                break;
            }
            const std::size_t move = pick(*row, draws);
            Way &way = row->ways[move];
            if (way.to == nowhere) way.to = tale_.after(state, way.move);
            found.moves.push_back(way.move);
            found.states.push_back(state = way.to);
        }
        found.chance = draws.state();
        return found;
    }

    std::size_t bytes() const { return rows_.size() * (sizeof(Row) + 4 * sizeof(void *)) + ways_ * sizeof(Way); }

private:
    static constexpr State nowhere = std::numeric_limits<State>::max();
    static constexpr std::size_t most_rows = 1'000'000;

    enum class Fate : std::uint8_t { goes_on, ends, unclear };

    // A possible move, the weights of all up to it, and the state after it, once that is known.
    struct Way {
        std::int32_t move;
        State to;
        std::uint64_t up_to;
    };

    struct Row {
        std::vector<Way> ways;
        Fate fate;
    };

    static std::size_t pick(const Row &row, Chance &draws) {
        const std::uint64_t drawn = draws.below(row.ways.back().up_to);
        std::size_t index = 0;
        while (drawn >= row.ways[index].up_to) ++index;
        return index;
    }

    Row &row(State state) {
        if (const auto known = rows_.find(state); known != rows_.end()) return known->second;
        if (rows_.size() >= most_rows) {
            rows_.clear();
            ways_ = 0;
        }
        Row made = worked_out(state);
        ways_ += made.ways.size();
        return rows_.emplace(state, std::move(made)).first->second;
    }

    Row worked_out(State state) {
        try {
            if (tale_.ending(state) >= 0) return {{}, Fate::ends};
        } catch (const std::invalid_argument &) {
            return {{}, Fate::unclear};
        }
        const Possible possible = tale_.possible(state);
        if (!possible.undecided.empty()) return {{}, Fate::unclear};
        if (possible.moves.empty()) return {{}, Fate::ends};
        Row row{{}, Fate::goes_on};
        std::uint64_t common = 1, sum = 0;
        for (const auto &[move, weight] : possible.moves)
            if (!times(common, static_cast<std::uint64_t>(weight.under) / std::gcd(common, static_cast<std::uint64_t>(weight.under)), common)) return {{}, Fate::unclear};
        for (const auto &[move, weight] : possible.moves) {
            std::uint64_t whole = 0;
            if (!times(static_cast<std::uint64_t>(weight.over), common / static_cast<std::uint64_t>(weight.under), whole) || (sum += whole) < whole) return {{}, Fate::unclear};
            row.ways.push_back({move, nowhere, sum});
        }
        return row;
    }

    static bool times(std::uint64_t one, std::uint64_t other, std::uint64_t &product) { return !__builtin_mul_overflow(one, other, &product); }

    Tale &tale_;
    std::unordered_map<State, Row> rows_;
    std::size_t ways_ = 0;
};

}  // namespace everytale
