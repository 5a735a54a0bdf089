// What the parts of the Python face share.
#pragma once

#include <nanobind/nanobind.h>

#include <atomic>
#include <mutex>
#include <optional>

#include "pack.hpp"
#include "wander.hpp"

namespace everytale {

// A tale engine that one thread at a time may use, with the interpreter's lock released while it works.
class World {
public:
    explicit World(const Columns &columns, std::int64_t people, std::int64_t depth, std::int64_t minds, std::int64_t horizon, bool first_effect_wins, std::int64_t author_worth) {
        nanobind::gil_scoped_release release;
        tale_.emplace(columns, people, depth, minds, horizon, first_effect_wins, author_worth, [this] { interrupted(); });
    }

    explicit World(const PackedWorld &its) {
        nanobind::gil_scoped_release release;
        PackedWorld::Opening opening;
        tale_.emplace(its.columns, its.people, its.depth, its.minds, its.horizon, its.first_effect_wins != 0, its.author_worth, [this, opening]() mutable {
            if (!tale_) opening.look();
            interrupted();
        });
    }

    template <class Ask>
    auto ask(Ask question) {
        nanobind::gil_scoped_release release;
        const std::lock_guard<std::mutex> guard(lock_);
        return question(*tale_);
    }

    void wish(const Column &worth) {
        ask([&](Tale &tale) {
            tale.wish(worth);
            wanderer_.reset();
        });
    }

    Wandered wander(std::int64_t start, std::uint64_t chance, std::int64_t longest) {
        return ask([&](Tale &tale) {
            if (!wanderer_) wanderer_.emplace(tale);
            return wanderer_->from(start, chance, longest);
        });
    }

    // Another thread may say that it is enough, and ask how many bytes will soon be needed besides.
    void stop() { stopped_ = true; }
    std::uint64_t growth() const { return growth_; }

    // Raises where the work is to end: another thread said so, or Ctrl-C.
    void look() {
        if (stopped_) throw Broken{"stopped", {}};
        nanobind::gil_scoped_acquire acquire;
        if (PyErr_CheckSignals() != 0) throw nanobind::python_error();
    }

private:
    // Asked from time to time during long work, which Ctrl-C ends as well.
    void interrupted() {
        if (tale_) growth_ = tale_->growth();
        look();
    }

    std::atomic<bool> stopped_ = false;
    std::atomic<std::uint64_t> growth_ = 0;
    std::mutex lock_;
    std::optional<Tale> tale_;
    std::optional<Wanderer> wanderer_;
};

// The whole numbers of an array('q').
Column column(nanobind::handle source);

void bind_realm(nanobind::module_ &m);
void bind_telling(nanobind::module_ &m);

}  // namespace everytale
