// Which numbers an expression may come to, and what may be true of them. See world.hpp for the whole.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>

#include "rational.hpp"

namespace everytale {

inline constexpr double infinity = std::numeric_limits<double>::infinity();

// Numbers from `low` to `high` (none, where low > high), and perhaps unknown.
struct Interval {
    double low, high;
    bool unknown;
};

// What a condition may be: one, the other, or both.
inline constexpr int may_be = 1, may_not = 2;

// Rounding makes an interval wider, never narrower; small whole numbers are exact.
inline Interval outward(double low, double high, bool unknown) {
    if (std::isnan(low) || std::isnan(high)) return {-infinity, infinity, unknown};
    const auto exact = [](double x) { return std::fabs(x) < 4e15 && x == static_cast<double>(static_cast<std::int64_t>(x)); };
    return {exact(low) ? low : std::nextafter(low, -infinity), exact(high) ? high : std::nextafter(high, infinity), unknown};
}

inline Interval interval(Rational number) {
    if (!number.known()) return {1, 0, true};
    if (number.under == 1 && std::llabs(number.over) < std::int64_t(1) << 52) return {double(number.over), double(number.over), false};
    const double value = double(number.over) / double(number.under);
    return outward(value, value, false);
}

inline Interval sum(Interval a, Interval b) {
    if (a.low > a.high || b.low > b.high) return {1, 0, true};
    return outward(a.low + b.low, a.high + b.high, a.unknown || b.unknown);
}
inline Interval difference(Interval a, Interval b) {
    if (b.low > b.high) return {1, 0, true};
    return sum(a, {-b.high, -b.low, b.unknown});
}
inline Interval product(Interval a, Interval b) {
    if (a.low > a.high || b.low > b.high) return {1, 0, true};
    const double ends[] = {a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high};
    if (std::any_of(std::begin(ends), std::end(ends), [](double x) { return std::isnan(x); })) return {-infinity, infinity, a.unknown || b.unknown};
    return outward(*std::min_element(std::begin(ends), std::end(ends)), *std::max_element(std::begin(ends), std::end(ends)), a.unknown || b.unknown);
}
inline Interval quotient(Interval a, Interval b) {
    if (a.low > a.high || b.low > b.high) return {1, 0, true};
    if (b.low <= 0 && b.high >= 0) return {-infinity, infinity, true};
    const Interval inverse = outward(std::nextafter(1 / b.high, -infinity), std::nextafter(1 / b.low, infinity), b.unknown);
    return product(a, inverse);
}

inline int flipped(int possible) { return (possible & may_be ? may_not : 0) | (possible & may_not ? may_be : 0); }
inline int truth(Interval x) {
    const bool some = x.low <= x.high;
    return (some && (x.low != 0 || x.high != 0) ? may_be : 0) | (x.unknown || (some && x.low <= 0 && x.high >= 0) ? may_not : 0);
}
inline int ordered(Interval a, Interval b, bool strictly) {
    const bool some = a.low <= a.high && b.low <= b.high;
    const bool may = some && (strictly ? a.low < b.high : a.low <= b.high);
    const bool must = some && !a.unknown && !b.unknown && (strictly ? a.high < b.low : a.high <= b.low);
    return (may ? may_be : 0) | (must ? 0 : may_not);
}

}  // namespace everytale
