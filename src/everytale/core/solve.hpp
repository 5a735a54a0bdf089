// Odds in a realm without choices: a Markov chain. See world.hpp for the whole.
//
// Some situations are *sinks* of some column; the odds of a column in a situation are those of ending in one of its sinks. Situations
// from which no sink can be reached are sinks of the last column: there the tale goes on for ever.
//
// Strongly connected components are solved one after another, those first to which others lead, column by column: first the expected number
// of moves, which says how exact the odds must be, then the odds, but for one column, which is what the others leave of 1. What comes out is
// not trusted: with x the odds found, r = Px - x their residual, and w the expected number of moves, likewise found and with
// d = w - Pw > 0 everywhere, the error of x is at most w max(|r|/d), since I - P is an M-matrix (Berman and Plemmons,
// Nonnegative Matrices in the Mathematical Sciences, chapter 6). Roundings are counted into r and d.
#pragma once

#include <bit>
#include <cmath>
#include <functional>
#include <numeric>

#include "graph.hpp"
#include "linear.hpp"

namespace everytale {

// The probabilities of a graph's moves. A player, if there is one, chooses evenly.
class Chances {
public:
    explicit Chances(const Graph &graph) : graph_(graph), scale_(graph.expanded) {
        for (const Rational &weight : graph.weights) weights_.push_back(static_cast<double>(weight.over) / static_cast<double>(weight.under));
        for (std::size_t i = 0; i < graph.expanded; ++i) {
            const std::uint64_t begin = graph.first[i] + graph.choices(i), end = graph.first[i + 1];
            double total = 0;
            for (std::uint64_t at = begin; at < end; ++at) total += weight(at);
            scale_[i] = total > 0 ? 1 / total : 0;
        }
    }

    // Calls `each(target, probability)` for the moves from `state`.
    template <class Each>
    void over(std::size_t state, Each each) const {
        const std::uint64_t begin = graph_.first[state], end = graph_.first[state + 1];
        const std::size_t choices = graph_.choices(state);
        const double share = choices == 0 ? 1 : 1.0 / static_cast<double>(choices + (begin + choices < end));
        for (std::uint64_t at = begin; at < begin + choices; ++at) each(graph_.target[at], share);
        drawn(state, [&](std::uint32_t target, double odds) { each(target, odds * share); });
    }

    // The same for those that chance draws from.
    template <class Each>
    void drawn(std::size_t state, Each each) const {
        const std::uint64_t begin = graph_.first[state] + graph_.choices(state), end = graph_.first[state + 1];
        const double scale = scale_[state];
        if (graph_.weight.empty()) {
            for (std::uint64_t at = begin; at < end; ++at) each(graph_.target[at], scale);
        } else {
            for (std::uint64_t at = begin; at < end; ++at) each(graph_.target[at], weights_[graph_.weight[at]] * scale);
        }
    }

    const Graph &graph() const { return graph_; }
    // Whether all moves of a situation are as likely, in every situation.
    bool even() const { return graph_.weight.empty() && graph_.chosen.empty(); }

private:
    double weight(std::uint64_t at) const { return graph_.weight.empty() ? 1 : weights_[graph_.weight[at]]; }

    const Graph &graph_;
    std::vector<double> weights_, scale_;
};

// Strongly connected components (Tarjan, 1972), those first to which others lead.
struct Components {
    std::vector<std::uint32_t> order;        // the states, component by component
    std::vector<std::uint64_t> first;        // where each component begins in it; one more at the end
    std::vector<std::uint32_t> of;           // the component of every state

    // `live(state)`: whether moves from it count.
    template <class Live>
    Components(const Graph &graph, Live live) : of(graph.states(), none) {
        const std::size_t n = graph.states();
        std::vector<std::uint32_t> low(n, 0), open;
        struct Frame {
            std::uint32_t state;
            std::uint64_t at;
        };
        std::vector<Frame> path;
        std::uint32_t met = 0;
        order.reserve(n), first.push_back(0);
        std::vector<std::uint32_t> index(n, 0);
        for (std::uint32_t root = 0; root < n; ++root) {
            if (index[root] != 0) continue;
            const auto enter = [&](std::uint32_t state) {
                index[state] = low[state] = ++met;
                open.push_back(state);
                path.push_back({state, live(state) ? graph.first[state] : ~0ull});
            };
            enter(root);
            while (!path.empty()) {
                const std::uint32_t state = path.back().state;
                if (path.back().at != ~0ull && path.back().at < graph.first[state + 1]) {
                    const std::uint32_t next = graph.target[path.back().at++];
                    if (index[next] == 0) enter(next);
                    else if (of[next] == none) low[state] = std::min(low[state], index[next]);
                    continue;
                }
                path.pop_back();
                if (!path.empty()) low[path.back().state] = std::min(low[path.back().state], low[state]);
                if (low[state] != index[state]) continue;
                std::uint32_t member;
                do {
                    member = open.back();
                    open.pop_back();
                    of[member] = static_cast<std::uint32_t>(first.size() - 1);
                    order.push_back(member);
                } while (member != state);
                first.push_back(order.size());
            }
        }
    }

    std::size_t size() const { return first.size() - 1; }
    static constexpr std::uint32_t none = ~0u;
};

// The odds of every column in every situation. Those of columns that were `solved` are off by an error that `factor` and the moves
// give; one that was not is what the others leave of 1.
class Odds {
public:
    double value(std::size_t state, std::size_t column) const {
        const std::uint32_t at = place_[state];
        if (at >= moves_.size()) return at - moves_.size() == column;
        if (column != rest_) return column < of_.size() && !of_[column].empty() ? of_[column][at] : 0;
        double left = 1;
        for (const std::vector<double> &one : of_)
            if (!one.empty()) left -= one[at];
        return left;
    }
    // Each value is off by this, at most.
    double error(std::size_t state) const {
        const std::uint32_t at = place_[state];
        if (at >= moves_.size()) return 0;
        return std::isfinite(factor_) ? factor_ * moves_[at] * static_cast<double>(solved_) * (1 + 1e-12) + 0x1p-52 * static_cast<double>(solved_) : 1;
    }
    // Between what the odds certainly lie. What is certain is exact.
    std::pair<double, double> between(std::size_t state, std::size_t column) const {
        const std::uint32_t bit = std::uint32_t(1) << column;
        if ((open_[state] & bit) == 0) return {0, 0};
        if (open_[state] == bit) return {1, 1};
        const double its = value(state, column), off = error(state);
        return {std::clamp(its - off, 0.0, 1.0), std::clamp(its + off, 0.0, 1.0)};
    }
    std::size_t states() const { return place_.size(); }

private:
    friend class ChainSolver;
    std::vector<std::uint32_t> place_;  // of every state, where it lies in a column; from the end on: a sink, of the column so far beyond
    std::vector<double> moves_;
    std::vector<std::vector<double>> of_;  // by column; empty: not solved
    std::vector<std::uint32_t> open_;
    std::size_t rest_ = 0, solved_ = 0;
    double factor_ = 0;
};

class ChainSolver {
public:
    static constexpr std::size_t most_columns = 31;

    // `sink`: of every state its column, or -1; the last column is for those from which no sink can be reached.
    ChainSolver(const Graph &graph, std::vector<std::int16_t> sink, std::size_t columns, std::function<void()> tick, unsigned threads = 1)
        : chances_(graph), sink_(std::move(sink)), columns_(columns), tick_(std::move(tick)), team_(threads) {
        if (columns < 1 || columns > most_columns) throw std::invalid_argument("too many columns");
    }

    Odds solve(double precision) {
        const Graph &graph = chances_.graph();
        Components components(graph, [&](std::uint32_t state) { return sink_[state] < 0 && graph.goes_on(state); });
        tick_();
        trap(components);
        Odds odds;
        odds.open_ = reached(components);
        tick_();
        lay_out(std::move(components), odds);
        const std::size_t live = chain_.size();
        std::uint32_t used = 0;
        for (std::size_t i = 0; i < graph.states(); ++i)
            if (sink_[i] < 0) used |= odds.open_[i];
        odds.of_.resize(columns_), odds.rest_ = columns_;
        if (live == 0) return odds;
        while ((used >> --odds.rest_ & 1) == 0) {}
        odds.solved_ = static_cast<std::size_t>(std::popcount(used)) - 1;
        odds.moves_.assign(live + columns_, 0);
        solve_all(odds.moves_, 1, 0.25);
        const double most = *std::max_element(odds.moves_.begin(), odds.moves_.end());
        double tolerance = precision / most / static_cast<double>(std::max<std::size_t>(odds.solved_, 1)) / 2;
        for (std::size_t k = 0; k < columns_; ++k) {
            if (k == odds.rest_ || (used >> k & 1) == 0) continue;
            odds.of_[k].assign(live + columns_, 0);
            odds.of_[k][live + k] = 1;
        }
        for (int round = 0; round < 5; ++round, tolerance /= 16) {
            odds.factor_ = 0;
            for (std::vector<double> &column : odds.of_) {
                if (column.empty()) continue;
                solve_all(column, 0, tolerance);
                odds.factor_ = std::max(odds.factor_, certificate(column, odds.moves_));
            }
            if (odds.factor_ * most * static_cast<double>(odds.solved_) <= precision) break;
        }
        odds.moves_.resize(live);
        for (std::vector<double> &column : odds.of_)
            if (!column.empty()) column.resize(live);
        return odds;
    }

private:
    // Components that nothing leaves are sinks of the last column.
    void trap(const Components &components) {
        for (std::size_t c = 0; c < components.size(); ++c) {
            bool leaves = false;
            for (std::uint64_t k = components.first[c]; k < components.first[c + 1] && !leaves; ++k) {
                const std::uint32_t state = components.order[k];
                if (sink_[state] >= 0) leaves = true;
                else if (chances_.graph().goes_on(state))
                    for (std::uint64_t at = chances_.graph().first[state]; at < chances_.graph().first[state + 1] && !leaves; ++at) leaves = components.of[chances_.graph().target[at]] != c;
            }
            if (leaves) continue;
            for (std::uint64_t k = components.first[c]; k < components.first[c + 1]; ++k) sink_[components.order[k]] = static_cast<std::int16_t>(columns_ - 1);
        }
    }

    // Of every state, as bits, the columns of the sinks that it can come to.
    std::vector<std::uint32_t> reached(const Components &components) const {
        const Graph &graph = chances_.graph();
        std::vector<std::uint32_t> found(sink_.size());
        for (std::size_t c = 0; c < components.size(); ++c) {
            std::uint32_t all = 0;
            for (std::uint64_t k = components.first[c]; k < components.first[c + 1]; ++k) {
                const std::uint32_t state = components.order[k];
                if (sink_[state] >= 0) all |= std::uint32_t(1) << sink_[state];
                else
                    for (std::uint64_t at = graph.first[state]; at < graph.first[state + 1]; ++at) all |= found[graph.target[at]];
            }
            for (std::uint64_t k = components.first[c]; k < components.first[c + 1]; ++k) found[components.order[k]] = all;
        }
        return found;
    }

    // The states that are no sinks, component by component, each with its moves: those within its component first.
    void lay_out(Components components, Odds &odds) {
        const Graph &graph = chances_.graph();
        std::vector<std::uint32_t> states;  // by place
        odds.place_.resize(graph.states());
        std::uint64_t edges = 0;
        for (std::size_t c = 0; c < components.size(); ++c) {
            const auto begin = components.order.begin() + static_cast<std::ptrdiff_t>(components.first[c]), end = components.order.begin() + static_cast<std::ptrdiff_t>(components.first[c + 1]);
            if (sink_[*begin] >= 0) continue;
            std::sort(begin, end);
            parts_.push_back(static_cast<std::uint32_t>(states.size()));
            for (auto at = begin; at != end; ++at) {
                odds.place_[*at] = static_cast<std::uint32_t>(states.size());
                states.push_back(*at);
                edges += graph.degree(*at);
            }
        }
        const std::size_t live = states.size();
        parts_.push_back(static_cast<std::uint32_t>(live));
        for (std::size_t i = 0; i < graph.states(); ++i)
            if (sink_[i] >= 0) odds.place_[i] = static_cast<std::uint32_t>(live + static_cast<std::size_t>(sink_[i]));
        chain_.lay_out(live, edges, chances_.even());
        std::size_t at = 0;
        for (std::size_t part = 0; part + 1 < parts_.size(); ++part) {
            for (; at < parts_[part + 1]; ++at) {
                chances_.over(states[at], [&](std::uint32_t next, double chance) {
                    if (const std::uint32_t to = odds.place_[next]; to >= parts_[part] && to < parts_[part + 1]) chain_.add(to, chance);
                });
                chain_.inside_ends();
                chances_.over(states[at], [&](std::uint32_t next, double chance) {
                    if (const std::uint32_t to = odds.place_[next]; !(to >= parts_[part] && to < parts_[part + 1])) chain_.add(to, chance);
                });
                chain_.row_ends();
            }
            if (part % 4096 == 0) tick_();
        }
    }

    // x with |b + P x - x| <= tolerance everywhere, where b is the same for all that is no sink.
    void solve_all(std::vector<double> &x, double b, double tolerance) {
        for (std::size_t part = 0; part + 1 < parts_.size(); ++part) {
            const std::size_t begin = parts_[part], end = parts_[part + 1];
            if (end - begin == 1) chain_.settle(begin, b, x);
            else System(chain_, begin, end, b, x, team_, tick_).solve(tolerance);
        }
    }

    // The most that |r| / d comes to; infinite where d is not positive.
    double certificate(const std::vector<double> &x, const std::vector<double> &moves) {
        constexpr double rounding = 0x1p-52;
        return team_.most(chain_.size(), [&](std::size_t begin, std::size_t end) {
            double factor = 0;
            for (std::size_t i = begin; i < end; ++i) {
                const double slack = rounding * static_cast<double>(chain_.degree(i) + 4), its = chain_.after(i, x), later = chain_.after(i, moves);
                const double gain = moves[i] - later - slack * (moves[i] + later);
                if (!(gain > 0)) return std::numeric_limits<double>::infinity();
                factor = std::max(factor, (std::abs(its - x[i]) + slack * (std::abs(its) + std::abs(x[i]))) / gain);
            }
            return factor;
        });
    }

    const Chances chances_;
    std::vector<std::int16_t> sink_;
    const std::size_t columns_;
    const std::function<void()> tick_;
    Team team_;
    Chain chain_;
    std::vector<std::uint32_t> parts_;  // where each component begins among the places, and the end
};

}  // namespace everytale
