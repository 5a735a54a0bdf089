// Chance that is the same on every machine: SplitMix64 (everytale.chance tells more).
#pragma once

#include <cstdint>

namespace everytale {

// A stream of draws.
class Chance {
public:
    explicit Chance(std::uint64_t state) : state_(state) {}

    // The stream of that number which a seed has, apart from its others.
    static Chance of(std::uint64_t seed, std::uint64_t stream) {
        Chance found(seed);
        if (stream != 0) found.state_ = found.next() ^ Chance(stream).next();
        return found;
    }

    std::uint64_t next() {
        state_ += 0x9E3779B97F4A7C15;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    // A number below `bound`, which is not 0, each as likely as the others.
    std::uint64_t below(std::uint64_t bound) {
        const std::uint64_t unfair = (~std::uint64_t(0) % bound + 1) % bound;  // how many of all draws are one too many
        while (true)
            if (const std::uint64_t drawn = next(); drawn <= ~std::uint64_t(0) - unfair) return drawn % bound;
    }

    std::uint64_t state() const { return state_; }

private:
    std::uint64_t state_;
};

}  // namespace everytale
