// The linear equations of one strongly connected component of a Markov chain. See solve.hpp.
//
// With P the odds of moves within the component they are x = Px + b: x is what is sought of its states (the odds of an end, the expected
// number of moves), b what the moves out of it bring.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

namespace everytale {

using Reals = std::vector<double>;

class System {
public:
    using Tick = std::function<void()>;  // called once for each pass over the moves

    // ---- made row by row ----

    void clear() { first_.assign(1, 0), middle_.clear(), target_.clear(), odds_.clear(), scale_.clear(), alike_ = true; }

    void add(std::uint32_t target, double odds) {
        const std::uint32_t here = static_cast<std::uint32_t>(scale_.size());
        if (target == here) self_ += odds;
        else (target < here ? lower_ : upper_).emplace_back(target, odds);
    }

    // A move that leads back to where it is made only delays the others: those are made likelier instead.
    void end_row() {
        const double scale = 1 / (1 - self_);
        const std::size_t begin = target_.size();
        for (const auto *side : {&lower_, &upper_}) {
            for (const auto &[target, odds] : *side) target_.push_back(target), odds_.push_back(odds * scale);
            if (side == &lower_) middle_.push_back(static_cast<std::uint32_t>(target_.size()));
        }
        alike_ = alike_ && std::all_of(odds_.begin() + begin, odds_.end(), [&](double odds) { return odds == odds_[begin]; });
        first_.push_back(static_cast<std::uint32_t>(target_.size())), scale_.push_back(scale);
        self_ = 0, lower_.clear(), upper_.clear();
    }

    // Where all odds of each row are alike, one for each row will do.
    void finish() {
        if (!alike_) return;
        Reals shared(size());
        for (std::size_t i = 0; i < size(); ++i) shared[i] = first_[i] < first_[i + 1] ? odds_[first_[i]] : 0;
        odds_.swap(shared);
    }

    std::size_t size() const { return scale_.size(); }

    // ---- solved ----

    // x with |b + Px - x| <= tolerance everywhere (if rounding allows), from the guess that x holds.
    void solve(Reals b, Reals &x, double tolerance, const Tick &tick) const {
        for (std::size_t i = 0; i < size(); ++i) b[i] *= scale_[i];
        if (size() <= small) eliminate(b, x);
        else if (!(alike_ ? project<true>(b, x, tolerance, tick) : project<false>(b, x, tolerance, tick))) sweep(b, x, tolerance, tick);
    }

    static constexpr std::size_t small = 64;

private:
    double odds(std::size_t row, std::uint32_t at) const { return odds_[alike_ ? row : at]; }

    // What the moves from `row` between `begin` and `end` bring.
    template <bool alike>
    double brought(std::size_t row, std::uint32_t begin, std::uint32_t end, const double *from) const {
        double sum = 0;
        if constexpr (alike) {
            for (std::uint32_t at = begin; at < end; ++at) sum += from[target_[at]];
            return sum * odds_[row];
        } else {
            for (std::uint32_t at = begin; at < end; ++at) sum += odds_[at] * from[target_[at]];
            return sum;
        }
    }

    // By elimination, which needs no pivots where the matrix is an M-matrix.
    void eliminate(const Reals &b, Reals &x) const {
        const std::size_t n = size();
        Reals matrix(n * n);
        x = b;
        for (std::size_t i = 0; i < n; ++i) {
            matrix[i * n + i] = 1;
            for (std::uint32_t at = first_[i]; at < first_[i + 1]; ++at) matrix[i * n + target_[at]] -= odds(i, at);
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
    void sweep(const Reals &b, Reals &x, double tolerance, const Tick &tick) const {
        x.assign(size(), 0);
        for (int round = 0; round < 100'000; ++round) {
            double most = 0;
            for (std::size_t i = size(); i-- > 0;) {
                const double value = b[i] + (alike_ ? brought<true>(i, first_[i], first_[i + 1], x.data()) : brought<false>(i, first_[i], first_[i + 1], x.data()));
                most = std::max(most, std::abs(value - x[i]));
                x[i] = value;
            }
            tick();
            if (most <= tolerance / 4) return;
        }
    }

    // By BiCGSTAB (van der Vorst, 1992), the quickest where it comes to an end. Whether it did.
    //
    // With P = L + U, the moves to lower and to higher states, and D = I / relaxation, it solves A y = c with A = (D - L)^-1 (I - P) (D - U)^-1 D:
    // a sweep down and a sweep up come between each two of its steps (SSOR: Young, Iterative Solution of Large Linear Systems, 1971), and
    // they are all that a step takes: A = T + (D - L)^-1 (D + (I - 2D) T), where T = (D - U)^-1 D (Eisenstat, Efficient
    // implementation of a class of preconditioned conjugate gradient methods, 1981).
    template <bool alike>
    bool project(const Reals &b, Reals &x, double tolerance, const Tick &tick) const {
        const std::size_t n = size();
        Reals r(n), shadow(n), p(n), v(n), s(n), t(n), y(n), work(n);
        // work = (D - U)^-1 D from; `from(i)` is asked for once, and from the last to the first.
        const auto backward = [&](auto from) {
            for (std::size_t i = n; i-- > 0;) work[i] = from(i) + relaxation * brought<alike>(i, middle_[i], first_[i + 1], work.data());
        };
        // to = A from, once it went backward; `each(i)` comes when to[i] is there.
        const auto forward = [&](const Reals &from, Reals &to, auto each) {
            for (std::size_t i = 0; i < n; ++i) {
                const double up = work[i];
                work[i] = from[i] + (relaxation - 2) * up + relaxation * brought<alike>(i, first_[i], middle_[i], work.data());
                to[i] = up + work[i];
                each(i);
            }
            tick();
        };
        double before = infinite;
        for (int restart = 0; restart < 50; ++restart) {
            double now = 0;
            for (std::size_t i = 0; i < n; ++i) work[i] = b[i] - x[i] + brought<alike>(i, first_[i], first_[i + 1], x.data()), now = std::max(now, std::abs(work[i]));
            if (now <= tolerance) return true;
            if (!(now < before)) return false;
            before = now;
            double rho = 0, beta = 0, omega = 0;
            for (std::size_t i = 0; i < n; ++i) r[i] = relaxation * (work[i] + brought<alike>(i, first_[i], middle_[i], r.data())), rho += r[i] * r[i];
            shadow = r, y.assign(n, 0), p.assign(n, 0), v.assign(n, 0);
            for (int step = 0; step < 2000; ++step) {
                backward([&](std::size_t i) { return p[i] = r[i] + beta * (p[i] - omega * v[i]); });
                double along = 0;
                forward(p, v, [&](std::size_t i) { along += shadow[i] * v[i]; });
                const double alpha = rho / along;
                backward([&](std::size_t i) { return s[i] = r[i] - alpha * v[i]; });
                double square = 0, both = 0;
                forward(s, t, [&](std::size_t i) { square += t[i] * t[i], both += t[i] * s[i]; });
                omega = square > 0 ? both / square : 0;
                double most = 0, next = 0;
                for (std::size_t i = 0; i < n; ++i) {
                    y[i] += alpha * p[i] + omega * s[i];
                    r[i] = s[i] - omega * t[i];
                    most = std::max(most, std::abs(r[i])), next += shadow[i] * r[i];
                }
                beta = next / rho * (alpha / omega);
                if (2 * most <= tolerance || !std::isfinite(beta)) break;  // |(D - L) r| <= 2 |r|
                rho = next;
            }
            backward([&](std::size_t i) { return y[i]; });
            for (std::size_t i = 0; i < n; ++i) x[i] += work[i];
        }
        return false;
    }

    static constexpr double relaxation = 1.2;
    static constexpr double infinite = std::numeric_limits<double>::infinity();

    std::vector<std::uint32_t> first_{0}, middle_, target_;  // of each row, where it begins and where its moves to higher states do; of each move, its target
    Reals odds_, scale_;  // of every move (of every row, where all of it are alike); of every row, 1 / (1 - odds of staying)
    bool alike_ = true;
    double self_ = 0;
    std::vector<std::pair<std::uint32_t, double>> lower_, upper_;  // of the row that is being made
};

}  // namespace everytale
