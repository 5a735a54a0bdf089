// Odds in a realm with a player: a Markov decision process. See world.hpp for the whole.
//
// In a situation the player takes one of their own moves, or waits, and chance draws from the rest. What the player can bring about at
// most, and at least, lies between two bounds that are brought together (interval iteration: Haddad and Monmege, 2018). For the most,
// *end components*, in which the player can stay for ever, count as one situation; for the least, those from which the
// player can avoid the goal for good are found first. Bounds are rounded outwards.
#pragma once

#include <optional>
#include <queue>
#include <unordered_map>

#include "solve.hpp"

namespace everytale {

struct Bounds {
    std::vector<double> low, high;  // of every state
};

class PlayerSolver {
public:
    // `goal`: of every state, whether it is one.
    PlayerSolver(const Graph &graph, std::vector<std::uint8_t> goal, std::function<void()> tick) : graph_(graph), chances_(graph), goal_(std::move(goal)), tick_(std::move(tick)) {}

    Bounds solve(bool most, double precision) {
        const std::size_t n = graph_.states();
        Bounds bounds{std::vector<double>(n), std::vector<double>(n)};
        const std::vector<std::uint8_t> may = back(goal_, !most);
        for (std::size_t i = 0; i < n; ++i) bounds.low[i] = goal_[i], bounds.high[i] = may[i];
        const Components components(graph_, [&](std::uint32_t state) { return live(state) && may[state]; });
        group_.assign(n, none);
        if (most) find_end_components(may);
        double tolerance = precision / 16;
        for (int round = 0; round < 6; ++round, tolerance /= 64) {
            double gap = 0;
            for (std::size_t c = 0; c < components.size(); ++c) {
                const std::span<const std::uint32_t> members(components.order.data() + components.first[c], components.order.data() + components.first[c + 1]);
                iterate(members, components.of, may, most, tolerance, bounds);
                for (const std::uint32_t state : members) gap = std::max(gap, bounds.high[state] - bounds.low[state]);
            }
            if (gap <= precision) break;
        }
        return bounds;
    }

    // The states from which a goal can be reached: by some way of playing, or, with `every`, with odds above 0 however one plays.
    std::vector<std::uint8_t> back(std::vector<std::uint8_t> found, bool every) const {
        for (bool changed = true; changed;) {
            changed = false;
            for (std::size_t i = graph_.expanded; i-- > 0;) {
                if (found[i] || !live(i)) continue;
                bool some = false, all = true;
                options(i, [&](std::uint64_t begin, std::uint64_t end, bool) {
                    bool its = false;
                    for (std::uint64_t at = begin; at < end; ++at) its = its || found[graph_.target[at]];
                    some = some || its, all = all && its;
                });
                if (every ? all : some) found[i] = 1, changed = true;
            }
            tick_();
        }
        return found;
    }

    // The states from which some way of playing comes to a goal with odds of 1 (de Alfaro, 1997).
    std::vector<std::uint8_t> surely() const {
        const std::size_t n = graph_.states();
        std::vector<std::uint8_t> hoped(n, 1);
        for (bool changed = true; changed;) {
            std::vector<std::uint8_t> found = goal_;
            for (bool grown = true; grown;) {
                grown = false;
                for (std::size_t i = graph_.expanded; i-- > 0;) {
                    if (found[i] || !live(i) || !hoped[i]) continue;
                    options(i, [&](std::uint64_t begin, std::uint64_t end, bool) {
                        bool its = false;
                        for (std::uint64_t at = begin; at < end; ++at) its = its || found[graph_.target[at]];
                        if (its && stays(begin, end, [&](std::uint32_t next) { return hoped[next] != 0; })) found[i] = 1, grown = true;
                    });
                }
                tick_();
            }
            changed = found != hoped;
            hoped.swap(found);
        }
        return hoped;
    }

private:
    static constexpr std::uint32_t none = ~0u;
    static constexpr double outward = 0x1p-50;

    bool live(std::size_t state) const { return graph_.goes_on(state) && !goal_[state]; }

    // Calls `each(begin, end, drawn)` for each thing that the player can do in `state`: a move, or waiting.
    template <class Each>
    void options(std::size_t state, Each each) const {
        const std::uint64_t begin = graph_.first[state], chance = begin + graph_.choices(state), end = graph_.first[state + 1];
        for (std::uint64_t at = begin; at < chance; ++at) each(at, at + 1, false);
        if (chance < end) each(chance, end, true);
    }

    double expected(std::size_t state, std::uint64_t begin, bool drawn, const std::vector<double> &value) const {
        if (!drawn) return value[graph_.target[begin]];
        double sum = 0;
        chances_.drawn(state, [&](std::uint32_t next, double odds) { sum += odds * value[next]; });
        return sum;
    }

    // Maximal end components (de Alfaro, 1997): their states get the number of a group.
    void find_end_components(const std::vector<std::uint8_t> &may) {
        const std::size_t n = graph_.states();
        std::vector<std::uint8_t> inside(n);
        for (std::size_t i = 0; i < n; ++i) inside[i] = live(i) && may[i];
        for (bool changed = true; changed;) {
            changed = false;
            // A graph of those moves alone that can stay among the states still inside.
            Graph within;
            within.fate.assign(n, Graph::GOES_ON), within.expanded = n, within.first.push_back(0);
            for (std::size_t i = 0; i < n; ++i) {
                if (inside[i])
                    options(i, [&](std::uint64_t begin, std::uint64_t end, bool) {
                        if (stays(begin, end, [&](std::uint32_t next) { return inside[next] != 0 && (group_[next] == group_[i]); }))
                            within.target.insert(within.target.end(), graph_.target.begin() + begin, graph_.target.begin() + end);
                    });
                within.first.push_back(within.target.size());
            }
            const Components parts(within, [&](std::uint32_t state) { return inside[state] != 0; });
            for (std::size_t i = 0; i < n; ++i) {
                if (!inside[i]) continue;
                bool any = false;
                options(i, [&](std::uint64_t begin, std::uint64_t end, bool) {
                    any = any || stays(begin, end, [&](std::uint32_t next) { return inside[next] != 0 && group_[next] == group_[i] && parts.of[next] == parts.of[i]; });
                });
                if (!any) inside[i] = 0, changed = true;
            }
            for (std::size_t i = 0; i < n; ++i) {
                const std::uint32_t group = inside[i] ? parts.of[i] : none;
                changed = changed || (group != none) != (group_[i] != none);
                next_group_.push_back(group);
            }
            changed = changed || regrouped();
            group_.swap(next_group_);
            next_group_.clear();
            tick_();
        }
    }

    // Whether the groups split otherwise than before, whatever their numbers.
    bool regrouped() const {
        std::vector<std::uint32_t> before(graph_.states() + 1, none);
        for (std::size_t i = 0; i < graph_.states(); ++i) {
            if (next_group_[i] == none) continue;
            std::uint32_t &its = before[next_group_[i]];
            if (its == none) its = static_cast<std::uint32_t>(i);
            else if (group_[its] != group_[i]) return true;
        }
        std::vector<std::uint32_t> after(graph_.states() + 1, none);
        for (std::size_t i = 0; i < graph_.states(); ++i) {
            if (next_group_[i] == none || group_[i] == none) continue;
            std::uint32_t &its = after[group_[i]];
            if (its == none) its = next_group_[i];
            else if (its != next_group_[i]) return true;
        }
        return false;
    }

    template <class Inside>
    bool stays(std::uint64_t begin, std::uint64_t end, Inside inside) const {
        for (std::uint64_t at = begin; at < end; ++at)
            if (!inside(graph_.target[at])) return false;
        return true;
    }

    // Brings the bounds of one component together, until they lie as far apart as those of what follows it, and `tolerance`.
    void iterate(std::span<const std::uint32_t> members, const std::vector<std::uint32_t> &of, const std::vector<std::uint8_t> &may, bool most, double tolerance, Bounds &bounds) {
        if (members.size() == 1 && (!live(members[0]) || !may[members[0]])) return;
        double apart = 0;
        bool inner = false;  // whether a move stays in it
        for (const std::uint32_t state : members)
            for (std::uint64_t at = graph_.first[state]; at < graph_.first[state + 1]; ++at) {
                const std::uint32_t next = graph_.target[at];
                if (of[next] == of[state]) inner = true;
                else apart = std::max(apart, bounds.high[next] - bounds.low[next]);
            }
        for (std::uint64_t round = 0; round < most_rounds; ++round) {
            double gap = 0, change = 0;
            for (const std::uint32_t state : members) {
                if (group_[state] != none) continue;
                const double before = bounds.high[state] - bounds.low[state];
                bounds.low[state] = std::max(bounds.low[state], best(state, most, bounds.low) * (1 - outward));
                bounds.high[state] = std::min(bounds.high[state], best(state, most, bounds.high) * (1 + outward));
                gap = std::max(gap, bounds.high[state] - bounds.low[state]);
                change = std::max(change, before - (bounds.high[state] - bounds.low[state]));
            }
            if (most) level(members, bounds, gap, change);
            tick_();
            if (!inner || gap <= apart + tolerance || change < 1e-17) break;
        }
    }

    // The best of the options; of one in an end component, of those that leave it.
    double best(std::uint32_t state, bool most, const std::vector<double> &value) const {
        double found = most ? 0 : 1;
        options(state, [&](std::uint64_t begin, std::uint64_t end, bool drawn) {
            if (most && group_[state] != none && stays(begin, end, [&](std::uint32_t next) { return group_[next] == group_[state]; })) return;
            const double its = expected(state, begin, drawn, value);
            found = most ? std::max(found, its) : std::min(found, its);
        });
        return found;
    }

    // All states of an end component are worth what the best of the options that leave it is.
    void level(std::span<const std::uint32_t> members, Bounds &bounds, double &gap, double &change) {
        for (const std::uint32_t state : members) {
            if (group_[state] == none) continue;
            auto &[low, high] = groups_[group_[state]];
            low = std::max(low, best(state, true, bounds.low) * (1 - outward)), high = std::max(high, best(state, true, bounds.high) * (1 + outward));
        }
        for (const std::uint32_t state : members) {
            if (group_[state] == none) continue;
            const auto [low, high] = groups_[group_[state]];
            const double before = bounds.high[state] - bounds.low[state];
            bounds.low[state] = std::max(bounds.low[state], low), bounds.high[state] = std::min(bounds.high[state], high);
            gap = std::max(gap, bounds.high[state] - bounds.low[state]);
            change = std::max(change, before - (bounds.high[state] - bounds.low[state]));
        }
        groups_.clear();
    }

    static constexpr std::uint64_t most_rounds = 1'000'000;

    const Graph &graph_;
    const Chances chances_;
    const std::vector<std::uint8_t> goal_;
    std::function<void()> tick_;
    std::vector<std::uint32_t> group_, next_group_;  // the end component of every state
    std::unordered_map<std::uint32_t, std::pair<double, double>> groups_;
};

// The most moves that a tale can have, to where the graph ends; -1: there is no such number.
inline std::int64_t longest(const Graph &graph) {
    const Components components(graph, [&](std::uint32_t state) { return graph.goes_on(state); });
    std::vector<std::int64_t> most(graph.states());
    for (std::size_t c = 0; c < components.size(); ++c) {
        const std::uint32_t state = components.order[components.first[c]];
        if (components.first[c + 1] - components.first[c] > 1) return -1;
        for (std::uint64_t at = 0; graph.goes_on(state) && at < graph.degree(state); ++at) {
            const std::uint32_t next = graph.target[graph.first[state] + at];
            if (next == state) return -1;
            most[state] = std::max(most[state], most[next] + 1);
        }
    }
    return most.empty() ? 0 : most[0];
}

// A way through the graph, each step as the number of a move among those of its situation.
struct Track {
    std::vector<std::uint32_t> edges;
    double odds;
};

// The likeliest way to a goal (Dijkstra, 1959); a player, if there is one, chooses evenly.
inline std::optional<Track> likeliest(const Graph &graph, const std::vector<std::uint8_t> &goal) {
    constexpr double far = std::numeric_limits<double>::infinity();
    constexpr std::uint32_t none = ~0u;
    const Chances chances(graph);
    std::vector<double> cost(graph.states(), far);
    std::vector<std::pair<std::uint32_t, std::uint32_t>> from(graph.states(), {none, 0});
    using Entry = std::pair<double, std::uint32_t>;
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
    cost[0] = 0, queue.push({0, 0});
    while (!queue.empty()) {
        const double its = queue.top().first;
        const std::uint32_t state = queue.top().second;
        queue.pop();
        if (its > cost[state]) continue;
        if (goal[state]) {
            Track track{{}, std::exp(-its)};
            for (std::uint32_t at = state; from[at].first != none; at = from[at].first) track.edges.push_back(from[at].second);
            std::reverse(track.edges.begin(), track.edges.end());
            return track;
        }
        if (!graph.goes_on(state)) continue;
        std::uint32_t edge = 0;
        chances.over(state, [&](std::uint32_t next, double odds) {
            const double sum = its - std::log(odds);
            if (odds > 0 && sum < cost[next] && next != 0) cost[next] = sum, from[next] = {state, edge}, queue.push({sum, next});
            ++edge;
        });
    }
    return std::nullopt;
}

}  // namespace everytale
