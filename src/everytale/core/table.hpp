// Storage: a growing array whose elements never move, and a hash map from 64-bit keys. See world.hpp for the whole.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace everytale {

inline std::uint64_t mix(std::uint64_t x) {
    x ^= x >> 32, x *= 0xd6e8feb86659fd93ull;
    x ^= x >> 32, x *= 0xd6e8feb86659fd93ull;
    return x ^ (x >> 32);
}

// The next link of a chain of things to be hashed; the whole is to be mixed.
inline std::uint64_t folded(std::uint64_t x) {
    const unsigned __int128 product = static_cast<unsigned __int128>(x ^ 0x9e3779b97f4a7c15ull) * 0xd6e8feb86659fd93ull;
    return static_cast<std::uint64_t>(product) + static_cast<std::uint64_t>(product >> 64);
}

// Memory that will soon be read, so that several waits go on at once.
inline void prefetch([[maybe_unused]] const void *place) {
#if defined(__GNUC__) || defined(__clang__)
    __builtin_prefetch(place);
#endif
}

inline std::uint64_t pair_key(std::uint32_t high, std::uint32_t low) { return std::uint64_t(high) << 32 | low; }

// A table that is three quarters full is moved to one of twice the size. What it will then need besides counts as its growth before that.
inline bool soon_full(std::size_t size, std::size_t slots) { return size * 10 > slots * 7; }

template <class T>
std::size_t soon_moved(const std::vector<T> &list) { return list.size() * 10 > list.capacity() * 9 ? 2 * list.capacity() * sizeof(T) : 0; }

// Room for so many elements, none of them made yet. What is large is kept in large pages where the system has them: it is looked up
// all over the place, and there would be too many small ones to remember where they are.
template <class T>
class Room {
public:
    Room() = default;
    explicit Room(std::size_t count) : count_(count) {
        const std::size_t bytes = count * sizeof(T);
#ifdef __linux__
        large_ = bytes >= page;
        if (large_) {
            const std::size_t whole = (bytes + page - 1) / page * page;
            data_ = static_cast<T *>(::operator new(whole, std::align_val_t(page)));
            madvise(data_, whole, MADV_HUGEPAGE);
            return;
        }
#endif
        if (count != 0) data_ = static_cast<T *>(::operator new(bytes));
    }
    Room(Room &&other) noexcept { swap(other); }
    Room &operator=(Room &&other) noexcept { return swap(other), *this; }
    ~Room() {
#ifdef __linux__
        if (large_) {
            ::operator delete(data_, std::align_val_t(page));
            return;
        }
#endif
        ::operator delete(data_);
    }

    void swap(Room &other) { std::swap(data_, other.data_), std::swap(count_, other.count_), std::swap(large_, other.large_); }
    T *data() const { return data_; }
    T &operator[](std::size_t at) const { return data_[at]; }
    T *begin() const { return data_; }
    T *end() const { return data_ + count_; }
    std::size_t size() const { return count_; }

private:
    static constexpr std::size_t page = 2 << 20;
    T *data_ = nullptr;
    std::size_t count_ = 0;
    bool large_ = false;
};

// Rows of `width` elements each, in blocks: a pointer to a row stays good while others are added.
template <class T>
class Rows {
public:
    explicit Rows(std::size_t width) : width_(width) {}

    const T *operator[](std::uint32_t row) const { return blocks_[row >> shift] + (row & mask) * width_; }
    T *operator[](std::uint32_t row) { return blocks_[row >> shift] + (row & mask) * width_; }
    std::uint32_t size() const { return size_; }
    std::size_t bytes() const { return std::size_t(size_) * width_ * sizeof(T); }

    std::uint32_t add(const T *row) {
        std::copy(row, row + width_, add());
        return size_ - 1;
    }

    // One to be written.
    T *add() {
        if (size_ >> shift == blocks_.size()) grow();
        return (*this)[size_++];
    }

private:
    static constexpr unsigned shift = 8;
    static constexpr std::uint32_t mask = (1u << shift) - 1;

    // As many blocks at once as there are, but not too many; what is never written costs nothing.
    void grow() {
        constexpr std::size_t most = 16 << 20;
        const std::size_t block = width_ << shift, more = std::clamp<std::size_t>(most / (block * sizeof(T) + 1), 1, std::max<std::size_t>(blocks_.size(), 1));
        rooms_.emplace_back(block * more);
        for (std::size_t i = 0; i < more; ++i) blocks_.push_back(rooms_.back().data() + block * i);
    }

    std::size_t width_;
    std::uint32_t size_ = 0;
    std::vector<T *> blocks_;
    std::vector<Room<T>> rooms_;
};

// Open addressing with linear probing. No key is all ones.
template <class V>
class Map {
public:
    V *find(std::uint64_t key) {
        if (size_ == 0) return nullptr;
        for (std::size_t at = mix(key) & mask();; at = (at + 1) & mask()) {
            if (slots_[at].key == key) return &slots_[at].value;
            if (slots_[at].key == vacant) return nullptr;
        }
    }

    // Says that `key` will soon be looked up.
    void expect(std::uint64_t key) const {
        if (size_ != 0) prefetch(&slots_[mix(key) & mask()]);
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
        Room<Slot> old(slots_.size() == 0 ? 64 : slots_.size() * 2);
        std::uninitialized_fill(old.begin(), old.end(), Slot{});
        old.swap(slots_);
        for (const Slot &slot : old)
            if (slot.key != vacant) slots_[place(slot.key)] = slot;
    }

    Room<Slot> slots_;
    std::size_t size_ = 0;
};

// Finds rows by their content: the numbers of equal rows are equal.
class Index {
public:
    // The number of the row for which `same(number)` holds, else that of the one that `add()` makes.
    template <class Same, class Add>
    std::uint32_t find(std::uint64_t hash, Same same, Add add) {
        if (size_ * 4 >= slots_.size() * 3) grow();
        const std::size_t at = place(hash, same);
        if (slots_[at].row == none) {
            const std::uint32_t row = add();
            slots_[at] = {static_cast<std::uint32_t>(hash >> 32), static_cast<std::uint32_t>(hash), row};
            ++size_;
        }
        return slots_[at].row;
    }

    // Says that such a row will soon be looked for.
    void expect(std::uint64_t hash) const {
        if (size_ != 0) prefetch(&slots_[hash & (slots_.size() - 1)]);
    }

    static constexpr std::uint32_t none = ~0u;

    // The same where nothing is to be added: `none`, if there is no such row.
    template <class Same>
    std::uint32_t find(std::uint64_t hash, Same same) const { return size_ == 0 ? none : slots_[place(hash, same)].row; }

    std::size_t bytes() const { return slots_.size() * sizeof(Slot); }
    std::size_t growth() const { return soon_full(size_, slots_.size()) ? 2 * bytes() : 0; }

private:
    struct Slot {
        std::uint32_t tag = 0, low = 0, row = none;
    };

    template <class Same>
    std::size_t place(std::uint64_t hash, Same same) const {
        const std::uint32_t tag = static_cast<std::uint32_t>(hash >> 32);
        std::size_t at = hash & (slots_.size() - 1);
        while (slots_[at].row != none && !(slots_[at].tag == tag && same(slots_[at].row))) at = (at + 1) & (slots_.size() - 1);
        return at;
    }

    void grow() {
        Room<Slot> old(slots_.size() == 0 ? 64 : slots_.size() * 2);
        std::uninitialized_fill(old.begin(), old.end(), Slot{});
        old.swap(slots_);
        for (const Slot &slot : old) {
            if (slot.row == none) continue;
            std::size_t at = slot.low & (slots_.size() - 1);
            while (slots_[at].row != none) at = (at + 1) & (slots_.size() - 1);
            slots_[at] = slot;
        }
    }

    Room<Slot> slots_;
    std::size_t size_ = 0;
};

inline std::uint64_t hash_words(const std::uint64_t *words, std::size_t count, std::uint64_t seed) {
    for (std::size_t i = 0; i < count; ++i) seed = folded(seed ^ words[i]);
    return mix(seed);
}

// Rows are short: a call that compares long ones well would cost more.
template <class T>
bool same(const T *one, const T *other, std::size_t count) {
    std::size_t at = 0;
    while (at < count && one[at] == other[at]) ++at;
    return at == count;
}

}  // namespace everytale
