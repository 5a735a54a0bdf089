// Odds in a realm without choices: a Markov chain. See world.hpp for the whole.
//
// Some situations are *sinks* of some column; the odds of a column in a situation are those of ending in one of its sinks. Situations
// from which no sink can be reached are sinks of the last column: there the tale goes on for ever.
//
// Strongly connected components are solved one after another, those first to which others lead (topological value iteration: Dai,
// Mausam, Weld and Goldsmith, 2011), column by column. What comes out is not trusted, but certified, component by component: with x the
// odds found, r = Px - x their residual, P' the moves within the component and w the expected number of those, likewise found and
// with d = w - P'w > 0 everywhere, the error of x is at most w max(|r|/d), and the most of the errors of what the component leads to, since
// I - P' is an M-matrix (Berman and Plemmons, Nonnegative Matrices in the Mathematical Sciences, chapter 6). Roundings are counted into
// r and d. So how x was found does not matter.
#pragma once

#include <bit>
#include <cmath>
#include <functional>
#include <numeric>

#include "ahead.hpp"
#include "graph.hpp"
#include "system.hpp"

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

private:
    double weight(std::uint64_t at) const { return graph_.weight.empty() ? 1 : weights_[graph_.weight[at]]; }

    const Graph &graph_;
    std::vector<double> weights_, scale_;
};

// Strongly connected components, those first to which others lead (Tarjan, 1972; with one number for each state: Pearce, A
// space-efficient algorithm for finding strongly connected components, 2016).
struct Components {
    std::vector<std::uint32_t> order;  // the states, component by component
    std::vector<std::uint64_t> first;  // where each component begins in it; one more at the end
    std::vector<std::uint32_t> of;     // the component of every state

    // `live(state)`: whether moves from it count.
    template <class Live>
    Components(const Graph &graph, Live live) : of(graph.states(), 0) {
        // While it looks for them, `of` has 0 for a state not met yet; for one whose component is not known yet the least number, counted
        // from 1 on, of those that it leads back to; then its component, counted from the top down.
        constexpr std::uint32_t top = ~0u;
        struct Frame {
            std::uint32_t state, own;
            std::uint64_t at, end;
        };
        std::vector<Frame> path;
        std::vector<std::uint32_t> open;
        std::uint32_t met = 0;
        order.reserve(graph.states()), first.push_back(0);
        const auto enter = [&](std::uint32_t state) {
            of[state] = ++met;
            const bool on = live(state);
            path.push_back({state, met, on ? graph.first[state] : 0, on ? graph.first[state + 1] : 0});
            for (std::uint64_t at = path.back().at; at < path.back().end; ++at) prefetch(&of[graph.target[at]]);
        };
        for (std::uint32_t root = 0; root < graph.states(); ++root) {
            if (of[root] != 0) continue;
            enter(root);
            while (!path.empty()) {
                Frame &here = path.back();
                if (here.at < here.end) {
                    const std::uint32_t next = graph.target[here.at];
                    if (of[next] == 0) {
                        enter(next);  // and comes back to this move
                        continue;
                    }
                    of[here.state] = std::min(of[here.state], of[next]);
                    ++here.at;
                    continue;
                }
                const auto [state, own, at, end] = here;
                path.pop_back();
                if (of[state] != own) {
                    open.push_back(state);
                    continue;
                }
                const std::uint32_t number = top - static_cast<std::uint32_t>(first.size() - 1);
                order.push_back(state);
                of[state] = number;
                for (; !open.empty() && of[open.back()] >= own; open.pop_back()) {
                    of[open.back()] = number;
                    order.push_back(open.back());
                }
                first.push_back(order.size());
            }
        }
        for (std::uint32_t &one : of) one = top - one;
    }

    std::size_t size() const { return first.size() - 1; }
};

struct Odds {
    std::size_t columns;
    std::vector<double> value;  // states x columns
    std::vector<double> error;  // of every state: each value is off by this, at most
    std::vector<std::uint32_t> open;  // of every state, as bits: the columns whose odds are above 0
};

class ChainSolver {
public:
    static constexpr std::size_t most_columns = 31;

    // `sink`: of every state its column, or -1; the last column is for those from which no sink can be reached.
    ChainSolver(const Graph &graph, std::vector<std::int16_t> sink, std::size_t columns, std::function<void()> tick, bool threaded)
        : chances_(graph), sink_(std::move(sink)), columns_(columns), tick_(std::move(tick)), threaded_(threaded) {
        if (columns < 1 || columns > most_columns) throw std::invalid_argument("too many columns");
    }

    Odds solve(double precision) {
        const std::size_t n = chances_.graph().states();
        const Components components(chances_.graph(), [&](std::uint32_t state) { return sink_[state] < 0 && chances_.graph().goes_on(state); });
        Odds odds{columns_, {}, {}, survey(components)};
        used_.clear();
        for (std::size_t k = 0; k < columns_; ++k)
            if (std::find(sink_.begin(), sink_.end(), static_cast<std::int16_t>(k)) != sink_.end()) used_.push_back(k);
        wide_ = used_.size();
        x_.assign(n * wide_, 0), error_.assign(n, 0);
        number(components);
        for (std::size_t k = 0; k < wide_; ++k)
            for (std::size_t i = 0; i < n; ++i)
                if (sink_[i] == static_cast<std::int16_t>(used_[k])) x_[i * wide_ + k] = 1;
        double tolerance = precision / static_cast<double>(depth_ + 1);  // what each of the components after another may add
        for (int round = 0; round < 4; ++round, tolerance /= 32) {
            if (settle(components, tolerance) <= precision) break;
        }
        odds.value.assign(n * columns_, 0);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t k = 0; k < wide_; ++k) odds.value[i * columns_ + used_[k]] = x_[i * wide_ + k];
        odds.error = std::move(error_);
        return odds;
    }

private:
    // Makes components that nothing leaves sinks of the last column, and finds of every state, as bits, the columns of the sinks that it can
    // come to.
    std::vector<std::uint32_t> survey(const Components &components) {
        std::vector<std::uint32_t> found(sink_.size());
        std::vector<std::uint32_t> depth(components.size());  // how many large components a tale comes through, at most
        for (std::size_t c = 0; c < components.size(); ++c) {
            std::uint32_t all = 0;
            for (std::uint64_t k = components.first[c]; k < components.first[c + 1]; ++k) {
                const std::uint32_t state = components.order[k];
                if (sink_[state] >= 0) all |= std::uint32_t(1) << sink_[state];
                else if (chances_.graph().goes_on(state))
                    chances_.over(state, [&](std::uint32_t next, double) { all |= found[next], depth[c] = std::max(depth[c], depth[components.of[next]]); });
            }
            const bool trap = all == 0;
            if (trap) all = std::uint32_t(1) << (columns_ - 1);
            for (std::uint64_t k = components.first[c]; k < components.first[c + 1]; ++k) {
                found[components.order[k]] = all;
                if (trap) sink_[components.order[k]] = static_cast<std::int16_t>(columns_ - 1);
            }
            if (!trap && components.first[c + 1] - components.first[c] > System::small) ++depth[c];
            depth_ = std::max<std::size_t>(depth_, depth[c]);
        }
        return found;
    }

    // A component of several states, as far as it does not hang on what follows it.
    struct Part {
        std::vector<std::uint32_t> members;  // in their order in the graph
        System system;
        Reals moves;  // how many moves within it are expected from each
    };

    // Numbers the states of each component in their order in the graph.
    void number(const Components &components) {
        local_.resize(sink_.size());
        std::vector<std::uint32_t> met(components.size(), 0);
        for (std::size_t i = 0; i < sink_.size(); ++i) local_[i] = met[components.of[i]]++;
    }

    // Solves all components, one after another. The most that a value is off by.
    double settle(const Components &components, double tolerance) {
        const auto states = [&](std::size_t c) { return static_cast<std::size_t>(components.first[c + 1] - components.first[c]); };
        const auto sinks = [&](std::size_t c) { return sink_[components.order[components.first[c]]] >= 0; };
        std::vector<std::size_t> large;
        for (std::size_t c = 0; c < components.size(); ++c)
            if (states(c) > System::small && !sinks(c)) large.push_back(c);
        const auto make = [&](std::size_t k, const std::function<void()> &look) { return part(components, large[k], look); };
        Ahead<Part> parts(large.size(), room, [&](std::size_t k) { return states(large[k]); }, make, threaded_);
        double most = 0;
        for (std::size_t c = 0; c < components.size(); ++c) {
            if (sinks(c)) continue;
            if ((c & 0xfff) == 0) tick_();
            if (states(c) == 1) most = std::max(most, relax(components.order[components.first[c]]));
            else most = std::max(most, settle(components, states(c) > System::small ? parts.take(tick_) : part(components, c, tick_), tolerance));
        }
        return most;
    }

    Part part(const Components &components, std::size_t c, const std::function<void()> &look) const {
        Part made;
        made.members.resize(components.first[c + 1] - components.first[c]);
        for (std::uint64_t k = components.first[c]; k < components.first[c + 1]; ++k) made.members[local_[components.order[k]]] = components.order[k];
        for (const std::uint32_t state : made.members) {
            if ((made.system.size() & 0xffff) == 0) look();
            chances_.over(state, [&](std::uint32_t next, double odds) {
                if (components.of[next] == c) made.system.add(local_[next], odds);
            });
            made.system.end_row();
        }
        made.system.finish();
        made.moves.assign(made.members.size(), 0);
        made.system.solve(Reals(made.members.size(), 1), made.moves, 0.25, look);
        return made;
    }

    double settle(const Components &components, const Part &part, double tolerance) {
        const auto &[members, system, moves] = part;
        const std::uint32_t own = components.of[members[0]];
        std::vector<double> outside(members.size() * wide_);  // what the moves out of the component bring
        double errors = 0;                                    // the most that one of these brings is off by
        for (std::size_t i = 0; i < members.size(); ++i)
            chances_.over(members[i], [&](std::uint32_t next, double odds) {
                if (components.of[next] == own) return;
                for (std::size_t k = 0; k < wide_; ++k) outside[i * wide_ + k] += odds * x_[next * wide_ + k];
                errors = std::max(errors, error_[next]);
            });
        const double longest = std::max(1.0, *std::max_element(moves.begin(), moves.end()));
        Reals right(members.size()), left(members.size());
        for (std::size_t k = 1; k < wide_; ++k) {  // the first need not be solved: all of them come to 1
            for (std::size_t i = 0; i < members.size(); ++i) right[i] = outside[i * wide_ + k], left[i] = x_[members[i] * wide_ + k];
            if (std::all_of(right.begin(), right.end(), [](double one) { return one == 0; })) continue;
            system.solve(right, left, 0.75 * tolerance / longest, tick_);
            for (std::size_t i = 0; i < members.size(); ++i) x_[members[i] * wide_ + k] = left[i];
        }
        for (const std::uint32_t state : members) {
            double *its = x_.data() + state * wide_;
            its[0] = 1 - std::accumulate(its + 1, its + wide_, 0.0);
        }
        return certify(components, members, moves, errors);
    }

    // One state that its moves leave, or lead back to itself. How much its values are off by.
    double relax(std::uint32_t state) {
        double *own = x_.data() + state * wide_;
        std::fill(own, own + wide_, 0);
        double self = 0, errors = 0, terms = 4;
        chances_.over(state, [&](std::uint32_t next, double odds) {
            ++terms;
            if (next == state) {
                self += odds;
                return;
            }
            for (std::size_t k = 0; k < wide_; ++k) own[k] += odds * x_[next * wide_ + k];
            errors += odds * error_[next];
        });
        const double rest = 1 - self, slack = rounding * terms / rest;
        for (std::size_t k = 0; k < wide_; ++k) own[k] /= rest;
        return error_[state] = rest > 0 ? (errors / rest + slack) * (1 + 2 * slack) : 1;
    }

    // Bounds the errors of the members of a component by those of what follows it (`errors`) and their residuals, and says the most of them.
    double certify(const Components &components, const std::vector<std::uint32_t> &members, const Reals &moves, double errors) {
        double factor = 0, longest = 0;
        double sum[most_columns];
        for (std::size_t i = 0; i < members.size(); ++i) {
            std::fill(sum, sum + wide_, 0);
            double later = 0, terms = 4;
            chances_.over(members[i], [&](std::uint32_t next, double odds) {
                ++terms;
                for (std::size_t k = 0; k < wide_; ++k) sum[k] += odds * x_[next * wide_ + k];
                if (components.of[next] == components.of[members[i]]) later += odds * moves[local_[next]];
            });
            const double *own = x_.data() + members[i] * wide_, slack = rounding * terms;
            const double gain = moves[i] - later - slack * (moves[i] + later);
            if (!(gain > 0 && moves[i] > 0)) factor = std::numeric_limits<double>::infinity();
            for (std::size_t k = 0; k < wide_; ++k) factor = std::max(factor, (std::abs(sum[k] - own[k]) + slack * (std::abs(sum[k]) + std::abs(own[k]))) / gain);
        }
        for (std::size_t i = 0; i < members.size(); ++i) {
            error_[members[i]] = std::isfinite(factor) ? std::min(1.0, (errors + factor * moves[i]) * (1 + 1e-12)) : 1;
            longest = std::max(longest, error_[members[i]]);
        }
        return longest;
    }

    static constexpr double rounding = 0x1p-52;
    static constexpr std::size_t room = 1'000'000;  // states whose components are made ready ahead

    const Chances chances_;
    std::vector<std::int16_t> sink_;
    const std::size_t columns_;
    const std::function<void()> tick_;
    const bool threaded_;
    std::vector<std::size_t> used_;  // the columns that have a sink
    std::size_t wide_ = 0, depth_ = 0;
    std::vector<double> x_, error_;  // states x columns used, and what they are off by
    std::vector<std::uint32_t> local_;  // of every state, its number in its component
};

}  // namespace everytale
