// Odds in a realm without choices: a Markov chain. See world.hpp for the whole.
//
// Some situations are *sinks* of some column; the odds of a column in a situation are those of ending in one of its sinks. Situations
// from which no sink can be reached are sinks of the last column: there the tale goes on for ever.
//
// Strongly connected components are solved one after another, those first to which others lead, column by column. What comes out is
// not trusted: with x the odds found, r = Px - x their residual, and w the expected number of moves, likewise found and with
// d = w - Pw > 0 everywhere, the error of x is at most w max(|r|/d), since I - P is an M-matrix (Berman and Plemmons,
// Nonnegative Matrices in the Mathematical Sciences, chapter 6). Roundings are counted into r and d.
#pragma once

#include <bit>
#include <cmath>
#include <functional>
#include <numeric>

#include "graph.hpp"

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

struct Odds {
    std::size_t columns;
    std::vector<double> value;  // states x columns
    std::vector<double> error;  // of every state: each value is off by this, at most
    std::vector<std::uint32_t> open;  // of every state, as bits: the columns whose odds are above 0
    std::uint64_t sweeps = 0;
};

class ChainSolver {
public:
    static constexpr std::size_t most_columns = 31;

    // `sink`: of every state its column, or -1; the last column is for those from which no sink can be reached.
    ChainSolver(const Graph &graph, std::vector<std::int16_t> sink, std::size_t columns, std::function<void()> tick)
        : chances_(graph), sink_(std::move(sink)), columns_(columns), wide_(columns + 1), tick_(std::move(tick)) {
        if (columns < 1 || columns > most_columns) throw std::invalid_argument("too many columns");
    }

    Odds solve(double precision) {
        const Graph &graph = chances_.graph();
        const Components components(graph, [&](std::uint32_t state) { return sink_[state] < 0 && graph.goes_on(state); });
        x_.assign(graph.states() * wide_, 0), local_.resize(graph.states());
        for (std::size_t i = 0; i < graph.states(); ++i)
            if (sink_[i] >= 0) x_[i * wide_ + sink_[i]] = 1;
        trap(components);
        Odds odds{columns_, {}, {}, reached(components), 0};
        double tolerance = precision / 4, factor = 0;
        for (int round = 0; round < 6; ++round, tolerance /= 32) {
            for (std::size_t c = 0; c < components.size(); ++c) settle(components, c, tolerance);
            factor = certificate();
            double most = 0;
            for (std::size_t i = 0; i < graph.states(); ++i) most = std::max(most, x_[i * wide_ + columns_]);
            if (factor * most <= precision) break;
        }
        odds.value.resize(graph.states() * columns_), odds.error.resize(graph.states());
        for (std::size_t i = 0; i < graph.states(); ++i) {
            std::copy_n(x_.begin() + i * wide_, columns_, odds.value.begin() + i * columns_);
            odds.error[i] = std::isfinite(factor) ? factor * x_[i * wide_ + columns_] * (1 + 1e-12) : (sink_[i] >= 0 ? 0 : 1);
        }
        odds.sweeps = sweeps_;
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
                    chances_.over(state, [&](std::uint32_t next, double) { leaves = leaves || components.of[next] != c; });
            }
            if (leaves) continue;
            for (std::uint64_t k = components.first[c]; k < components.first[c + 1]; ++k) {
                const std::uint32_t state = components.order[k];
                sink_[state] = static_cast<std::int16_t>(columns_ - 1);
                x_[state * wide_ + columns_ - 1] = 1;
            }
        }
    }

    // Of every state, as bits, the columns of the sinks that it can come to.
    std::vector<std::uint32_t> reached(const Components &components) const {
        std::vector<std::uint32_t> found(sink_.size());
        for (std::size_t c = 0; c < components.size(); ++c) {
            std::uint32_t all = 0;
            for (std::uint64_t k = components.first[c]; k < components.first[c + 1]; ++k) {
                const std::uint32_t state = components.order[k];
                if (sink_[state] >= 0) all |= std::uint32_t(1) << sink_[state];
                else chances_.over(state, [&](std::uint32_t next, double) { all |= found[next]; });
            }
            for (std::uint64_t k = components.first[c]; k < components.first[c + 1]; ++k) found[components.order[k]] = all;
        }
        return found;
    }

    // One state's values from those after it. How much they change: odds, and moves.
    std::pair<double, double> relax(std::uint32_t state) {
        double sum[most_columns + 1] = {};
        double self = 0;
        chances_.over(state, [&](std::uint32_t next, double odds) {
            if (next == state) {
                self += odds;
                return;
            }
            const double *from = x_.data() + next * wide_;
            for (std::size_t k = 0; k < wide_; ++k) sum[k] += odds * from[k];
        });
        sum[columns_] += 1;
        double change = 0, *to = x_.data() + state * wide_;
        const double scale = 1 / (1 - self);
        for (std::size_t k = 0; k < columns_; ++k) {
            const double value = sum[k] * scale;
            change = std::max(change, std::abs(value - to[k]));
            to[k] = value;
        }
        const double moves = sum[columns_] * scale, later = moves - to[columns_];
        to[columns_] = moves;
        return {change, later};
    }

    // ---- one component ----

    // The moves within a component, its states numbered from 0 on, and what they lead out to.
    struct Block {
        std::vector<std::uint32_t> first, target;
        std::vector<double> odds;  // of every move; or, where all from a state are alike, of that state
        bool alike = true;

        std::size_t size() const { return first.size() - 1; }

        // to = from - P from
        void apply(const double *from, double *to) const {
            for (std::size_t i = 0; i < size(); ++i) {
                double sum = 0;
                if (alike) {
                    for (std::uint32_t at = first[i]; at < first[i + 1]; ++at) sum += from[target[at]];
                    sum *= odds[i];
                } else {
                    for (std::uint32_t at = first[i]; at < first[i + 1]; ++at) sum += odds[at] * from[target[at]];
                }
                to[i] = from[i] - sum;
            }
        }
    };

    void settle(const Components &components, std::size_t c, double tolerance) {
        const std::uint64_t begin = components.first[c], end = components.first[c + 1];
        if (sink_[components.order[begin]] >= 0) return;
        if (end - begin == 1) {
            relax(components.order[begin]);
            if ((c & 0xfff) == 0) tick_();
            return;
        }
        std::vector<std::uint32_t> members(components.order.begin() + begin, components.order.begin() + end);
        std::sort(members.begin(), members.end());
        for (std::size_t i = 0; i < members.size(); ++i) local_[members[i]] = static_cast<std::uint32_t>(i);
        Block block;
        block.first.push_back(0);
        std::vector<double> outside(members.size() * wide_);  // what the moves out of the component bring
        for (std::size_t i = 0; i < members.size(); ++i) {
            chances_.over(members[i], [&](std::uint32_t next, double odds) {
                if (components.of[next] == c) {
                    block.target.push_back(local_[next]), block.odds.push_back(odds);
                    return;
                }
                for (std::size_t k = 0; k < wide_; ++k) outside[i * wide_ + k] += odds * x_[next * wide_ + k];
            });
            outside[i * wide_ + columns_] += 1;
            block.first.push_back(static_cast<std::uint32_t>(block.target.size()));
        }
        compact(block);
        std::vector<double> right(members.size()), left(members.size());
        double most = 1;
        std::size_t rest = columns_;  // one column need not be solved: all of them come to 1
        for (std::size_t k = wide_; k-- > 0;) {  // the moves first: how exact the odds must be depends on them
            bool any = false;
            for (std::size_t i = 0; i < members.size(); ++i) right[i] = outside[i * wide_ + k], left[i] = x_[members[i] * wide_ + k], any = any || right[i] != 0;
            if (!any) continue;
            if (k < columns_ && rest == columns_) {
                rest = k;
                continue;
            }
            solve(block, right, left, k == columns_ ? 0.25 : tolerance / most);
            for (std::size_t i = 0; i < members.size(); ++i) x_[members[i] * wide_ + k] = left[i];
            if (k == columns_) most = std::max(most, *std::max_element(left.begin(), left.end()));
        }
        for (std::size_t i = 0; i < members.size() && rest < columns_; ++i) {
            double *own = x_.data() + members[i] * wide_;
            own[rest] = 0;
            own[rest] = 1 - std::accumulate(own, own + columns_, 0.0);
        }
    }

    static void compact(Block &block) {
        std::vector<double> shared(block.size());
        for (std::size_t i = 0; i < block.size() && block.alike; ++i)
            for (std::uint32_t at = block.first[i]; at < block.first[i + 1]; ++at) {
                if (at == block.first[i]) shared[i] = block.odds[at];
                block.alike = block.alike && block.odds[at] == shared[i];
            }
        if (block.alike) block.odds = std::move(shared);
    }

    // x with |b - (I - P) x| <= tolerance everywhere, from a guess.
    void solve(const Block &block, const std::vector<double> &b, std::vector<double> &x, double tolerance) {
        if (block.size() <= small) eliminate(block, b, x);
        else if (!project(block, b, x, tolerance)) sweep(block, b, x, tolerance);
    }

    // By elimination, which needs no pivots where the matrix is an M-matrix.
    static void eliminate(const Block &block, const std::vector<double> &b, std::vector<double> &x) {
        const std::size_t n = block.size();
        std::vector<double> matrix(n * n);
        x = b;
        for (std::size_t i = 0; i < n; ++i) {
            matrix[i * n + i] = 1;
            for (std::uint32_t at = block.first[i]; at < block.first[i + 1]; ++at) matrix[i * n + block.target[at]] -= block.odds[block.alike ? i : at];
        }
        for (std::size_t k = 0; k < n; ++k)
            for (std::size_t i = k + 1; i < n; ++i) {
                const double factor = matrix[i * n + k] / matrix[k * n + k];
                if (factor == 0) continue;
                for (std::size_t j = k + 1; j < n; ++j) matrix[i * n + j] -= factor * matrix[k * n + j];
                x[i] -= factor * x[k];
            }
        for (std::size_t k = n; k-- > 0;) {
            for (std::size_t j = k + 1; j < n; ++j) x[k] -= matrix[k * n + j] * x[j];
            x[k] /= matrix[k * n + k];
        }
    }

    // By going over the states again and again (Gauss and Seidel): slow, and it always comes nearer.
    void sweep(const Block &block, const std::vector<double> &b, std::vector<double> &x, double tolerance) {
        const std::size_t n = block.size();
        x.assign(n, 0);
        for (int round = 0; round < 100'000; ++round) {
            double most = 0;
            for (std::size_t i = 0; i < n; ++i) {
                double sum = b[i], self = 0;
                for (std::uint32_t at = block.first[i]; at < block.first[i + 1]; ++at) {
                    const double odds = block.odds[block.alike ? i : at];
                    if (block.target[at] == i) self += odds;
                    else sum += odds * x[block.target[at]];
                }
                const double value = sum / (1 - self);
                most = std::max(most, std::abs(value - x[i]));
                x[i] = value;
            }
            ++sweeps_;
            tick_();
            if (most <= tolerance / 4) return;
        }
    }

    // By BiCGSTAB (van der Vorst, 1992), the quickest where it comes to an end. Whether it did.
    bool project(const Block &block, const std::vector<double> &b, std::vector<double> &x, double tolerance) {
        const std::size_t n = block.size();
        std::vector<double> r(n), first(n), p(n), v(n), s(n), t(n);
        const auto dot = [n](const std::vector<double> &one, const std::vector<double> &other) {
            double sum = 0;
            for (std::size_t i = 0; i < n; ++i) sum += one[i] * other[i];
            return sum;
        };
        const auto residual = [&] {
            block.apply(x.data(), r.data());
            double most = 0;
            for (std::size_t i = 0; i < n; ++i) r[i] = b[i] - r[i], most = std::max(most, std::abs(r[i]));
            return most;
        };
        double before = std::numeric_limits<double>::infinity();
        for (int restart = 0; restart < 50; ++restart) {
            const double now = residual();
            if (now <= tolerance) return true;
            if (!(now < before)) return false;
            before = now;
            first = r, p = r;
            double rho = dot(first, r);
            for (int step = 0; step < 2000; ++step) {
                ++sweeps_;
                tick_();
                block.apply(p.data(), v.data());
                const double alpha = rho / dot(first, v);
                for (std::size_t i = 0; i < n; ++i) s[i] = r[i] - alpha * v[i];
                block.apply(s.data(), t.data());
                const double square = dot(t, t);
                const double omega = square > 0 ? dot(t, s) / square : 0;
                double most = 0;
                for (std::size_t i = 0; i < n; ++i) {
                    x[i] += alpha * p[i] + omega * s[i];
                    r[i] = s[i] - omega * t[i];
                    most = std::max(most, std::abs(r[i]));
                }
                const double next = dot(first, r), beta = next / rho * (alpha / omega);
                if (most <= tolerance || !std::isfinite(beta)) break;
                rho = next;
                for (std::size_t i = 0; i < n; ++i) p[i] = r[i] + beta * (p[i] - omega * v[i]);
            }
        }
        return false;
    }

    // The most that |r| / d comes to; infinite where d is not positive.
    double certificate() const {
        constexpr double rounding = 0x1p-52;
        double factor = 0;
        for (std::size_t i = 0; i < chances_.graph().states(); ++i) {
            if (sink_[i] >= 0) continue;
            double sum[most_columns + 1] = {};
            std::size_t terms = 4;
            chances_.over(i, [&](std::uint32_t next, double odds) {
                ++terms;
                const double *from = x_.data() + next * wide_;
                for (std::size_t k = 0; k < wide_; ++k) sum[k] += odds * from[k];
            });
            const double *own = x_.data() + i * wide_, slack = rounding * static_cast<double>(terms);
            const double gain = own[columns_] - sum[columns_] - slack * (own[columns_] + sum[columns_]);
            if (!(gain > 0)) return std::numeric_limits<double>::infinity();
            for (std::size_t k = 0; k < columns_; ++k) factor = std::max(factor, (std::abs(sum[k] - own[k]) + slack * (sum[k] + own[k])) / gain);
        }
        return factor;
    }

    static constexpr std::size_t small = 64;

    const Chances chances_;
    std::vector<std::int16_t> sink_;
    const std::size_t columns_, wide_;
    std::vector<double> x_;  // states x (columns, and the expected number of moves)
    std::vector<std::uint32_t> local_;
    std::function<void()> tick_;
    std::uint64_t sweeps_ = 0;
};

}  // namespace everytale
