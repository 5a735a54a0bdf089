// Systems of linear equations as Markov chains bring them: x = b + P x, one strongly connected component at a time. See world.hpp for the
// whole.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <thread>
#include <vector>

namespace everytale {

// Threads that do the same work on parts of a list at the same time. Sums are taken in an order that does not depend on how many there are.
class Team {
public:
    explicit Team(unsigned threads) {
        for (unsigned i = 1; i < threads; ++i)
            threads_.emplace_back([this] {
                for (std::uint64_t seen = 0;;) {
                    while (turn_.load(std::memory_order_acquire) == seen) std::this_thread::yield();
                    ++seen;
                    if (ended_) return;
                    take();
                    left_.fetch_sub(1, std::memory_order_release);
                }
            });
    }
    Team(const Team &) = delete;
    ~Team() {
        ended_ = true;
        turn_.fetch_add(1, std::memory_order_release);
        for (std::thread &thread : threads_) thread.join();
    }

    // Calls `part(begin, end)` for all of 0 ... count, in pieces.
    template <class Part>
    void each(std::size_t count, Part part) {
        if (threads_.empty() || count < worthwhile) {
            part(std::size_t(0), count);
            return;
        }
        const std::function<void(std::size_t)> piece = [&](std::size_t index) { part(count * index / pieces, count * (index + 1) / pieces); };
        share(piece);
    }

    // The sum of what `part(begin, end)` comes to for each piece.
    template <class Part>
    double sum(std::size_t count, Part part) {
        double found[pieces];
        by_piece(count, part, found);
        double total = 0;
        for (const double one : found) total += one;
        return total;
    }

    // The most.
    template <class Part>
    double most(std::size_t count, Part part) {
        double found[pieces];
        by_piece(count, part, found);
        return *std::max_element(found, found + pieces);
    }

private:
    static constexpr std::size_t pieces = 16, worthwhile = 4096;

    template <class Part>
    void by_piece(std::size_t count, Part part, double *found) {
        const std::function<void(std::size_t)> piece = [&](std::size_t index) { found[index] = part(count * index / pieces, count * (index + 1) / pieces); };
        if (threads_.empty() || count < worthwhile)
            for (std::size_t index = 0; index < pieces; ++index) piece(index);
        else share(piece);
    }

    void share(const std::function<void(std::size_t)> &piece) {
        piece_ = &piece;
        next_.store(0, std::memory_order_relaxed);
        left_.store(threads_.size(), std::memory_order_relaxed);
        turn_.fetch_add(1, std::memory_order_release);
        take();
        while (left_.load(std::memory_order_acquire) != 0) std::this_thread::yield();
    }

    void take() {
        for (std::size_t index = next_.fetch_add(1, std::memory_order_relaxed); index < pieces; index = next_.fetch_add(1, std::memory_order_relaxed)) (*piece_)(index);
    }

    std::vector<std::thread> threads_;
    std::atomic<std::uint64_t> turn_{0};
    std::atomic<std::size_t> next_{0}, left_{0};
    std::atomic<bool> ended_{false};
    const std::function<void(std::size_t)> *piece_ = nullptr;
};

// The matrix P by rows: of every row the moves within its component, then those that lead out of it. Columns beyond the last row are sinks.
class Chain {
public:
    // `even`: all of a row are alike.
    void lay_out(std::size_t rows, std::uint64_t moves, bool even) {
        even_ = even;
        first_.reserve(rows + 1), first_.push_back(0), inside_.reserve(rows), target_.reserve(moves);
        even ? odds_.reserve(rows) : odds_.reserve(moves);
    }
    void add(std::uint32_t target, double odds) {
        target_.push_back(target);
        if (!even_) odds_.push_back(odds);
        else last_ = odds;
    }
    void inside_ends() { inside_.push_back(target_.size()); }
    void row_ends() {
        first_.push_back(target_.size());
        if (even_) odds_.push_back(last_);
    }

    std::size_t size() const { return inside_.size(); }
    std::size_t degree(std::size_t row) const { return first_[row + 1] - first_[row]; }

    // What the moves of a row bring: (P x)[row].
    double after(std::size_t row, const std::vector<double> &x) const { return over(row, first_[row], first_[row + 1], x.data()); }
    double outside(std::size_t row, const std::vector<double> &x) const { return over(row, inside_[row], first_[row + 1], x.data()); }
    // The same of those within the component, whose first row `x` begins at.
    double inside(std::size_t row, std::size_t begin, const double *x) const {
        double sum = 0;
        if (even_) {
            for (std::uint64_t at = first_[row]; at < inside_[row]; ++at) sum += x[target_[at] - begin];
            return sum * odds_[row];
        }
        for (std::uint64_t at = first_[row]; at < inside_[row]; ++at) sum += odds_[at] * x[target_[at] - begin];
        return sum;
    }

    // Solves a row that is a component of its own.
    void settle(std::size_t row, double b, std::vector<double> &x) const {
        double self = 0;
        for (std::uint64_t at = first_[row]; at < inside_[row]; ++at) self += odds(row, at);
        x[row] = (b + outside(row, x)) / (1 - self);
    }

    // Calls `each(target, odds)` for the moves of a row within its component.
    template <class Each>
    void over_inside(std::size_t row, Each each) const {
        for (std::uint64_t at = first_[row]; at < inside_[row]; ++at) each(target_[at], odds(row, at));
    }

private:
    double odds(std::size_t row, std::uint64_t at) const { return odds_[even_ ? row : at]; }
    double over(std::size_t row, std::uint64_t begin, std::uint64_t end, const double *x) const {
        double sum = 0;
        if (even_) {
            for (std::uint64_t at = begin; at < end; ++at) sum += x[target_[at]];
            return sum * odds_[row];
        }
        for (std::uint64_t at = begin; at < end; ++at) sum += odds_[at] * x[target_[at]];
        return sum;
    }

    bool even_ = true;
    double last_ = 0;
    std::vector<std::uint64_t> first_, inside_;
    std::vector<std::uint32_t> target_;
    std::vector<double> odds_;  // of every move; or, where all of a row are alike, of every row
};

// One component of a chain: x = b + P x for its rows, all others known.
class System {
public:
    System(const Chain &chain, std::size_t begin, std::size_t end, double b, std::vector<double> &x, Team &team, const std::function<void()> &tick)
        : chain_(chain), begin_(begin), n_(end - begin), x_(x.data() + begin), team_(team), tick_(tick), b_(n_) {
        team_.each(n_, [&](std::size_t from, std::size_t to) {
            for (std::size_t i = from; i < to; ++i) b_[i] = b + chain_.outside(begin_ + i, x);
        });
    }

    // Until |b + P x - x| <= tolerance everywhere, from what x is; nothing comes of nothing.
    void solve(double tolerance) {
        if (std::all_of(b_.begin(), b_.end(), [](double one) { return one == 0; })) std::fill_n(x_, n_, 0);
        else if (n_ <= small) eliminate();
        else if (!project(tolerance)) sweep(tolerance);
        tick_();
    }

private:
    static constexpr std::size_t small = 48;
    using Vector = std::vector<double>;

    // By elimination, which needs no pivots where the matrix is an M-matrix.
    void eliminate() {
        Vector matrix(n_ * n_);
        for (std::size_t i = 0; i < n_; ++i) {
            matrix[i * n_ + i] = 1;
            chain_.over_inside(begin_ + i, [&](std::uint32_t target, double odds) { matrix[i * n_ + (target - begin_)] -= odds; });
        }
        std::copy(b_.begin(), b_.end(), x_);
        for (std::size_t k = 0; k < n_; ++k)
            for (std::size_t i = k + 1; i < n_; ++i) {
                const double factor = matrix[i * n_ + k] / matrix[k * n_ + k];
                if (factor == 0) continue;
                for (std::size_t j = k + 1; j < n_; ++j) matrix[i * n_ + j] -= factor * matrix[k * n_ + j];
                x_[i] -= factor * x_[k];
            }
        for (std::size_t k = n_; k-- > 0;) {
            for (std::size_t j = k + 1; j < n_; ++j) x_[k] -= matrix[k * n_ + j] * x_[j];
            x_[k] /= matrix[k * n_ + k];
        }
    }

    // By going over the states again and again (Gauss and Seidel): slow, and it always comes nearer.
    void sweep(double tolerance) {
        std::fill_n(x_, n_, 0);
        for (int round = 0; round < 100'000; ++round) {
            double most = 0;
            for (std::size_t i = 0; i < n_; ++i) {
                double sum = b_[i], self = 0;
                chain_.over_inside(begin_ + i, [&](std::uint32_t target, double odds) {
                    if (target - begin_ == i) self += odds;
                    else sum += odds * x_[target - begin_];
                });
                const double value = sum / (1 - self);
                most = std::max(most, std::abs(value - x_[i]));
                x_[i] = value;
            }
            tick_();
            if (most <= tolerance / 4) return;
        }
    }

    // By BiCGSTAB (van der Vorst, 1992), the quickest where it comes to an end. Whether it did.
    bool project(double tolerance) {
        Vector r(n_), first, p, v(n_), s(n_), t(n_);
        double before = std::numeric_limits<double>::infinity();
        for (int restart = 0; restart < 50; ++restart) {
            const double now = team_.most(n_, [&](std::size_t from, std::size_t to) {
                double most = 0;
                for (std::size_t i = from; i < to; ++i) r[i] = b_[i] - applied(i, x_), most = std::max(most, std::abs(r[i]));
                return most;
            });
            if (now <= tolerance) return true;
            if (!(now < before)) return false;
            before = now;
            first = r, p = r;
            double rho = dot(first, r);
            for (int step = 0; step < 2000; ++step) {
                tick_();
                const double shadow = team_.sum(n_, [&](std::size_t from, std::size_t to) {
                    double sum = 0;
                    for (std::size_t i = from; i < to; ++i) v[i] = applied(i, p.data()), sum += first[i] * v[i];
                    return sum;
                });
                const double alpha = rho / shadow;
                team_.each(n_, [&](std::size_t from, std::size_t to) {
                    for (std::size_t i = from; i < to; ++i) s[i] = r[i] - alpha * v[i];
                });
                team_.each(n_, [&](std::size_t from, std::size_t to) {
                    for (std::size_t i = from; i < to; ++i) t[i] = applied(i, s.data());
                });
                const double square = dot(t, t), omega = square > 0 ? dot(t, s) / square : 0;
                const double most = team_.most(n_, [&](std::size_t from, std::size_t to) {
                    double most = 0;
                    for (std::size_t i = from; i < to; ++i) {
                        x_[i] += alpha * p[i] + omega * s[i];
                        r[i] = s[i] - omega * t[i];
                        most = std::max(most, std::abs(r[i]));
                    }
                    return most;
                });
                const double next = dot(first, r), beta = next / rho * (alpha / omega);
                if (most <= tolerance || !std::isfinite(beta)) break;
                rho = next;
                team_.each(n_, [&](std::size_t from, std::size_t to) {
                    for (std::size_t i = from; i < to; ++i) p[i] = r[i] + beta * (p[i] - omega * v[i]);
                });
            }
        }
        return false;
    }

    // (x - P x)[i]
    double applied(std::size_t i, const double *x) const { return x[i] - chain_.inside(begin_ + i, begin_, x); }

    double dot(const Vector &one, const Vector &other) {
        return team_.sum(n_, [&](std::size_t from, std::size_t to) {
            double sum = 0;
            for (std::size_t i = from; i < to; ++i) sum += one[i] * other[i];
            return sum;
        });
    }

    const Chain &chain_;
    const std::size_t begin_, n_;
    double *const x_;
    Team &team_;
    const std::function<void()> &tick_;
    Vector b_;
};

}  // namespace everytale
