// Checked 64-bit rationals, in lowest terms, with one more value: unknown. See world.hpp for the whole.
#pragma once

#include <cstdint>
#include <limits>

namespace everytale {

// A result does not fit 64 bits.
struct Overflow {};

struct Rational {
    std::int64_t over = 0;
    std::int64_t under = 1;  // 0: unknown

    bool known() const { return under != 0; }
    bool whole() const { return under == 1; }
    bool zero() const { return over == 0; }
    friend bool operator==(const Rational &, const Rational &) = default;
};

inline constexpr Rational unknown{0, 0};

using Wide = __int128;

inline Rational reduced(Wide over, Wide under) {
    if (under < 0) over = -over, under = -under;
    Wide a = over < 0 ? -over : over, b = under;
    while (b != 0) {
        Wide rest = a % b;
        a = b, b = rest;
    }
    over /= a, under /= a;
    constexpr Wide most = std::numeric_limits<std::int64_t>::max();
    if (over > most || over < -most || under > most) throw Overflow{};
    return {static_cast<std::int64_t>(over), static_cast<std::int64_t>(under)};
}

inline Rational whole(Wide number) {
    constexpr Wide most = std::numeric_limits<std::int64_t>::max();
    if (number > most || number < -most) throw Overflow{};
    return {static_cast<std::int64_t>(number), 1};
}

inline Rational plus(Rational a, Rational b) {
    if (!a.known() || !b.known()) return unknown;
    if (a.whole() && b.whole()) return whole(Wide(a.over) + b.over);
    return reduced(Wide(a.over) * b.under + Wide(b.over) * a.under, Wide(a.under) * b.under);
}

inline Rational negated(Rational a) { return {-a.over, a.under}; }

inline Rational times(Rational a, Rational b) {
    if (!a.known() || !b.known()) return unknown;
    if (a.whole() && b.whole()) return whole(Wide(a.over) * b.over);
    return reduced(Wide(a.over) * b.over, Wide(a.under) * b.under);
}

inline Rational divided(Rational a, Rational b) {
    if (!a.known() || !b.known() || b.zero()) return unknown;
    return reduced(Wide(a.over) * b.under, Wide(a.under) * b.over);
}

// Both known and a < b; likewise at_most.
inline bool less(Rational a, Rational b) {
    return a.known() && b.known() && Wide(a.over) * b.under < Wide(b.over) * a.under;
}

inline bool at_most(Rational a, Rational b) {
    return a.known() && b.known() && Wide(a.over) * b.under <= Wide(b.over) * a.under;
}

}  // namespace everytale
