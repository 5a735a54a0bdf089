// The graph of the situations that a story can come to. See world.hpp for the whole.
#pragma once

#include "rational.hpp"
#include "table.hpp"
#include "world.hpp"

namespace everytale {

// Situations are numbered in the order in which they are found, breadth first: 0 is the start. The first `expanded` of them are
// known with all their moves. Where only the situations are wanted, it is not `linked`: no moves are kept.
struct Graph {
    enum Fate : std::int16_t { OPEN = -1, GOES_ON = -2, DEAD_END = -3 };  // or the number of an ending

    std::vector<std::int16_t> fate;     // of every situation; OPEN: what follows is not known
    std::vector<std::uint64_t> first;   // of every expanded situation, its first move; one more at the end
    std::vector<std::uint32_t> target;  // of every move, the situation after it
    std::vector<std::uint32_t> weight;  // of every move, its weight, an index into `weights`; empty: all are 1
    std::vector<std::uint32_t> move;    // of every move, which it is; empty: those that are found when its situation is expanded anew
    std::vector<std::uint16_t> chosen;  // of every expanded situation, how many of its moves, which come first, the player chooses from
    std::vector<Rational> weights{{1, 1}};

    std::size_t expanded = 0;

    std::size_t states() const { return fate.size(); }
    bool linked() const { return !first.empty(); }
    std::size_t degree(std::size_t state) const { return state < expanded ? first[state + 1] - first[state] : 0; }
    std::size_t choices(std::size_t state) const { return state < chosen.size() ? chosen[state] : 0; }
    bool goes_on(std::size_t state) const { return fate[state] == GOES_ON; }

    std::uint32_t weight_of(Rational weight) {
        if (weight == weights.front()) return 0;
        for (std::size_t i = weights.size(); i-- > 1;)
            if (weights[i] == weight) return static_cast<std::uint32_t>(i);
        weights.push_back(weight);
        return static_cast<std::uint32_t>(weights.size() - 1);
    }

    // Whether it is a graph at all, of a world with so many moves and endings: what comes from outside may be anything.
    bool sound(std::size_t moves, std::size_t endings) const {
        const std::size_t n = states(), edges = target.size();
        if (n == 0 || expanded > n || first.size() != expanded + 1 || first[0] != 0 || first.back() != edges || !std::is_sorted(first.begin(), first.end())) return false;
        if (!(weight.empty() || weight.size() == edges) || !(move.empty() || move.size() == edges) || !(chosen.empty() || chosen.size() == expanded)) return false;
        for (std::size_t i = 0; i < n; ++i)
            if (fate[i] < DEAD_END || fate[i] >= static_cast<std::int64_t>(endings) || (fate[i] == GOES_ON) != (degree(i) > 0) || choices(i) > degree(i)) return false;
        const auto below = [](const std::vector<std::uint32_t> &list, std::size_t bound) { return std::all_of(list.begin(), list.end(), [bound](std::uint32_t one) { return one < bound; }); };
        const bool positive = std::all_of(weights.begin(), weights.end(), [](const Rational &one) { return one.over > 0 && one.under > 0; });
        return below(target, n) && below(weight, weights.size()) && below(move, moves) && positive && weights.front() == Rational{1, 1};
    }

    std::size_t growth() const { return soon_moved(fate) + soon_moved(first) + soon_moved(target) + soon_moved(weight) + soon_moved(move) + soon_moved(chosen); }

    std::size_t bytes() const {
        return fate.capacity() * 2 + first.capacity() * 8 + target.capacity() * 4 + weight.capacity() * 4 + move.capacity() * 4 + chosen.capacity() * 2;
    }
};

}  // namespace everytale
