// Storage: a growing array whose elements never move, and a hash map from 64-bit keys. See world.hpp for the whole.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace everytale {

inline std::uint64_t mix(std::uint64_t x) {
    x ^= x >> 32, x *= 0xd6e8feb86659fd93ull;
    x ^= x >> 32, x *= 0xd6e8feb86659fd93ull;
    return x ^ (x >> 32);
}

inline std::uint64_t pair_key(std::uint32_t high, std::uint32_t low) { return std::uint64_t(high) << 32 | low; }

// A table that is three quarters full is moved to one of twice the size. What it will then need besides counts as its growth before that.
inline bool soon_full(std::size_t size, std::size_t slots) { return size * 10 > slots * 7; }

template <class T>
std::size_t soon_moved(const std::vector<T> &list) { return list.size() * 10 > list.capacity() * 9 ? 2 * list.capacity() * sizeof(T) : 0; }

// Rows of `width` elements each, in blocks: a pointer to a row stays good while others are added.
template <class T>
class Rows {
public:
    explicit Rows(std::size_t width) : width_(width) {}

    const T *operator[](std::uint32_t row) const { return blocks_[row >> shift].get() + (row & mask) * width_; }
    T *operator[](std::uint32_t row) { return blocks_[row >> shift].get() + (row & mask) * width_; }
    std::uint32_t size() const { return size_; }
    std::size_t bytes() const { return blocks_.size() * width_ * sizeof(T) << shift; }

    std::uint32_t add(const T *row) {
        if ((size_ & mask) == 0 && size_ >> shift == blocks_.size())
            blocks_.push_back(std::make_unique<T[]>(width_ << shift));
        std::copy(row, row + width_, (*this)[size_]);
        return size_++;
    }

private:
    static constexpr unsigned shift = 10;
    static constexpr std::uint32_t mask = (1u << shift) - 1;
    std::size_t width_;
    std::uint32_t size_ = 0;
    std::vector<std::unique_ptr<T[]>> blocks_;
};

// Open addressing with linear probing. No key is all ones.
template <class V>
class Map {
public:
    V *find(std::uint64_t key) {
        if (slots_.empty()) return nullptr;
        for (std::size_t at = mix(key) & mask();; at = (at + 1) & mask()) {
            if (slots_[at].key == key) return &slots_[at].value;
            if (slots_[at].key == vacant) return nullptr;
        }
    }

    // The value under `key`, made from V{} where there is none. Good until the next call.
    V &at(std::uint64_t key) {
        if (size_ * 4 >= slots_.size() * 3) grow();
        std::size_t at = place(key);
        if (slots_[at].key == vacant) slots_[at].key = key, ++size_;
        return slots_[at].value;
    }

    std::size_t size() const { return size_; }
    std::size_t bytes() const { return slots_.size() * sizeof(Slot); }
    std::size_t growth() const { return soon_full(size_, slots_.size()) ? 2 * bytes() : 0; }

private:
    static constexpr std::uint64_t vacant = ~0ull;
    struct Slot {
        std::uint64_t key = vacant;
        V value{};
    };

    std::size_t mask() const { return slots_.size() - 1; }

    std::size_t place(std::uint64_t key) const {
        std::size_t at = mix(key) & mask();
        while (slots_[at].key != key && slots_[at].key != vacant) at = (at + 1) & mask();
        return at;
    }

    void grow() {
        std::vector<Slot> old(slots_.empty() ? 64 : slots_.size() * 2);
        old.swap(slots_);
        for (const Slot &slot : old)
            if (slot.key != vacant) slots_[place(slot.key)] = slot;
    }

    std::vector<Slot> slots_;
    std::size_t size_ = 0;
};

// Finds rows by their content: the numbers of equal rows are equal.
class Index {
public:
    // The number of the row for which `same(number)` holds, else that of the one that `add()` makes.
    template <class Same, class Add>
    std::uint32_t find(std::uint64_t hash, Same same, Add add) {
        if (size_ * 4 >= slots_.size() * 3) grow();
        const std::uint32_t tag = static_cast<std::uint32_t>(hash >> 32);
        std::size_t at = hash & (slots_.size() - 1);
        for (; slots_[at].row != none; at = (at + 1) & (slots_.size() - 1))
            if (slots_[at].tag == tag && same(slots_[at].row)) return slots_[at].row;
        const std::uint32_t row = add();
        slots_[at] = {tag, static_cast<std::uint32_t>(hash), row};
        ++size_;
        return row;
    }

    std::size_t bytes() const { return slots_.size() * sizeof(Slot); }
    std::size_t growth() const { return soon_full(size_, slots_.size()) ? 2 * bytes() : 0; }

private:
    static constexpr std::uint32_t none = ~0u;
    struct Slot {
        std::uint32_t tag = 0, low = 0, row = none;
    };

    void grow() {
        std::vector<Slot> old(slots_.empty() ? 64 : slots_.size() * 2);
        old.swap(slots_);
        for (const Slot &slot : old) {
            if (slot.row == none) continue;
            std::size_t at = slot.low & (slots_.size() - 1);
            while (slots_[at].row != none) at = (at + 1) & (slots_.size() - 1);
            slots_[at] = slot;
        }
    }

    std::vector<Slot> slots_;
    std::size_t size_ = 0;
};

inline std::uint64_t hash_words(const std::uint64_t *words, std::size_t count, std::uint64_t seed) {
    for (std::size_t i = 0; i < count; ++i) seed = mix(seed ^ words[i]) + 0x9e3779b97f4a7c15ull;
    return mix(seed);
}

}  // namespace everytale
