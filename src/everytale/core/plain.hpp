// Every situation of a world without people. See explore.hpp.
//
// A situation is its row of words: nothing is believed. They are taken in batches, in three passes: every thread expands its part of the
// batch; every thread looks up the successors that fall into its shard of the table, in their order; and the new ones are
// numbered, in order, by one, which the shards learn when they are next at work. So the numbers do not depend on how many threads
// there are. What is looked up is fetched ahead of time, from large pages, and where a row takes no more than 32 bits the table
// itself has all of it: nearly all time goes into waiting for memory.
#pragma once

#include <exception>
#include <thread>

#include "explore.hpp"
#include "forget.hpp"

namespace everytale {

class Plain final : public Explorer {
public:
    // `linked`: the moves are kept, not the situations alone. `goal`: a condition; what cannot matter to it any more is forgotten, and its odds
    // remain as they are (forget.hpp); -1: nothing is.
    Plain(Tale &tale, int within, bool linked, int threads, std::int32_t goal)
        : Explorer(within), tale_(tale), tables_(tale.tables()), width_(std::max<std::size_t>(tables_.words, 1)), workers_(std::max(threads, 1)), shards_(workers_.size()) {
        for (Worker &worker : workers_) prepare(worker);
        if (linked) graph_.first.push_back(0);
        const Word *start = tale.states().words(tale.start());
        rows_.assign(start, start + tables_.words), rows_.resize(width_);
        if (goal >= 0) forgetting_.emplace(tables_, std::vector<std::int32_t>{goal});
        if (forgetting_ && !forgetting_->forgets()) forgetting_.reset();
        if (forgetting_) forgetting_->forget(rows_.data());
        graph_.fate.push_back(Graph::OPEN);
        Shard &shard = shards_[shard_of(hash(row(0)))];
        shard.grow(*this);
        shard.size = 1;
    }

    // Whether anything may be forgotten.
    bool forgets() const { return forgetting_.has_value(); }

    static bool fits(const Tables &tables) { return tables.people == 0 && tables.triggers.empty(); }

    bool run(std::uint64_t count) override {
        growing();
        const std::size_t end = graph_.expanded + count;
        while (graph_.expanded < graph_.states() && graph_.expanded < end) {
            descend();
            // A batch ends where the level ends, so that all of it is equally far from the start.
            batch(graph_.expanded, std::min<std::size_t>(std::min(graph_.states(), level_end_), graph_.expanded + batch_size));
        }
        for (Shard &shard : shards_) shard.learn(numbers_);
        const bool done = graph_.expanded == graph_.states();
        if (done && forgetting_ && graph_.linked()) sort();
        return done;
    }

    State state(std::uint32_t situation) override {
        Draft draft{{row(situation), row(situation) + tables_.words}, {}, -1, 0};
        return tale_.states().intern(draft);
    }

    bool holds(std::uint32_t situation, std::int32_t condition) override { return tale_.evaluator().holds(condition, view(row(situation))); }
    const Word *words(std::uint32_t situation) const override { return row(situation); }

    std::vector<std::uint32_t> named() override {
        std::vector<std::uint32_t> found;
        found.reserve(graph_.target.size());
        Worker worker;
        prepare(worker);
        worker.named = true;
        for (std::size_t i = 0; i < graph_.expanded; ++i) {
            if (!graph_.goes_on(i)) continue;
            worker.clear();
            expand(i, worker, true);
            found.insert(found.end(), worker.moves.begin(), worker.moves.end());
        }
        return found;
    }

    const std::vector<Word> &rows() const override { return rows_; }

    void restore(std::vector<Word> rows) override {
        if (rows.size() != graph_.states() * width_) throw std::invalid_argument("it is no graph of this world");
        rows_ = std::move(rows);
        for (Shard &shard : shards_) shard.size = 0;
        for (std::size_t i = 0; i < graph_.states(); ++i) ++shards_[shard_of(hash(row(i)))].size;
        for (Shard &shard : shards_) shard.grow(*this);
    }

    std::vector<Link> links(std::uint32_t situation) override {
        std::vector<Link> result;
        if (situation >= graph_.expanded || !graph_.goes_on(situation)) return result;
        Worker worker;
        prepare(worker);
        worker.named = true;
        expand(situation, worker, true);
        for (std::size_t i = 0; i < worker.moves.size(); ++i) {
            const std::uint32_t target = graph_.linked() ? graph_.target[graph_.first[situation] + i] : find(worker.rows.data() + i * width_);
            result.push_back({worker.moves[i], weighted_ ? worker.weights[i] : Rational{1, 1}, target});
        }
        return result;
    }

    std::vector<std::uint8_t> made() override {
        std::vector<std::uint8_t> found(tables_.moves.size());
        std::size_t left = found.size();
        for (std::uint32_t i = 0; i < graph_.expanded && left > 0; ++i)
            if (graph_.goes_on(i))
                tale_.sieve().each(view(row(i)), tale_.evaluator(), [&](std::int32_t move) {
                    const bool drawn = !weighted_ || tables_.moves[move].weight < 0 || !tale_.evaluator().value(tables_.moves[move].weight, view(row(i))).zero();
                    if (drawn && !found[move]) found[move] = 1, --left;
                    return left == 0;
                });
        return found;
    }

    std::size_t bytes() const override {
        std::size_t total = graph_.bytes() + rows_.capacity() * sizeof(Word);
        for (const Shard &shard : shards_) total += shard.slots.size() * sizeof(Slot);
        return total;
    }

    std::size_t growth() const override {
        std::size_t total = graph_.growth() + soon_moved(rows_);
        for (const Shard &shard : shards_)
            if (soon_full(shard.size, shard.slots.size())) total += shard.slots.size() * sizeof(Slot);
        return total;
    }

private:
    static constexpr std::size_t batch_size = 8192;
    static constexpr std::uint32_t none = ~0u;

    // ---- situations, by their rows ----

    struct Slot {
        std::uint32_t tag = 0, number = none;
    };
    // Open addressing over the rows of those whose hash falls into the shard. While a batch is looked up, a new one has
    // the number of its successor in the batch, and `fresh` says where, until the shard learns its own.
    struct Shard {
        Room<Slot> slots;
        std::size_t size = 0;
        std::vector<std::pair<std::size_t, std::uint32_t>> fresh;

        bool full(std::size_t more) const { return (size + more) * 4 > slots.size() * 3; }

        void learn(const std::vector<std::uint32_t> &numbers) {
            for (const auto &[at, successor] : fresh) slots[at].number = numbers[successor];
            fresh.clear();
        }

        void grow(const Plain &plain) {
            slots = Room<Slot>();
            slots = Room<Slot>(std::max<std::size_t>(std::bit_ceil(size * 2), 1024));
            std::uninitialized_fill(slots.begin(), slots.end(), Slot{});
            for (std::size_t i = 0; i < plain.graph_.states(); ++i) {
                const std::uint64_t hash = plain.hash(plain.row(i));
                if (&plain.shards_[plain.shard_of(hash)] != this) continue;
                std::size_t at = hash & (slots.size() - 1);
                while (slots[at].number != none) at = (at + 1) & (slots.size() - 1);
                slots[at] = {static_cast<std::uint32_t>(hash >> 32), static_cast<std::uint32_t>(i)};
            }
        }
    };

    const Word *row(std::size_t situation) const { return rows_.data() + situation * width_; }
    View view(const Word *row) const { return {row, nullptr, -1, 0}; }
    bool same(const Word *one, const Word *other) const {
        std::size_t w = 0;
        while (w < width_ && one[w] == other[w]) ++w;
        return w == width_;
    }
    std::uint64_t hash(const Word *row) const {
        if (!brief_) return hash_words(row, width_, 1);
        // One to one: every step can be taken back. So rows with the same tag are the same.
        std::uint32_t x = static_cast<std::uint32_t>(row[0]);
        x ^= x >> 16, x *= 0x85ebca6bu;
        x ^= x >> 13, x *= 0xc2b2ae35u;
        x ^= x >> 16;
        return std::uint64_t(x) << 32 | x;
    }
    std::size_t shard_of(std::uint64_t hash) const { return (hash >> 60) % shards_.size(); }

    std::uint32_t find(const Word *wanted) const {
        const std::uint64_t h = hash(wanted);
        const Shard &shard = shards_[shard_of(h)];
        for (std::size_t at = h & (shard.slots.size() - 1); shard.slots[at].number != none; at = (at + 1) & (shard.slots.size() - 1))
            if (shard.slots[at].tag == h >> 32 && (brief_ || same(wanted, row(shard.slots[at].number)))) return shard.slots[at].number;
        return none;
    }

    // Numbers the situations anew, all but the start by their rows, so that moves lead from one to others nearby: solving is then quicker.
    void sort() {
        const std::size_t n = graph_.states();
        std::vector<std::pair<Word, std::uint32_t>> order;  // by the first word, which mostly decides
        std::vector<std::uint32_t> place(n);
        for (std::size_t i = 0; i < n; ++i) order.emplace_back(row(i)[0], static_cast<std::uint32_t>(i));
        std::sort(order.begin() + 1, order.end(), [this](const auto &one, const auto &other) {
            if (one.first != other.first) return one.first < other.first;
            return std::lexicographical_compare(row(one.second), row(one.second) + width_, row(other.second), row(other.second) + width_);
        });
        for (std::size_t i = 0; i < n; ++i) place[order[i].second] = static_cast<std::uint32_t>(i);
        Graph sorted;
        sorted.weights = graph_.weights, sorted.expanded = n;
        sorted.fate.reserve(n), sorted.first.reserve(n + 1), sorted.target.reserve(graph_.target.size()), sorted.weight.reserve(graph_.weight.size());
        std::vector<Word> rows;
        rows.reserve(rows_.size());
        sorted.first.push_back(0);
        for (const auto &[word, from] : order) {
            rows.insert(rows.end(), row(from), row(from) + width_);
            sorted.fate.push_back(graph_.fate[from]);
            for (std::uint64_t at = graph_.first[from]; at < graph_.first[from + 1]; ++at) sorted.target.push_back(place[graph_.target[at]]);
            if (!graph_.weight.empty()) sorted.weight.insert(sorted.weight.end(), graph_.weight.begin() + graph_.first[from], graph_.weight.begin() + graph_.first[from + 1]);
            sorted.first.push_back(sorted.target.size());
        }
        graph_ = std::move(sorted), rows_ = std::move(rows);
        for (Shard &shard : shards_) shard = Shard{};
    }

    // ---- a batch ----

    struct Worker {
        std::optional<Evaluator> evaluator;
        View here;  // the situation that it is at
        Effects::Outcome outcome;
        std::vector<std::int16_t> fates;
        std::vector<std::uint32_t> degrees;
        std::size_t count = 0;  // of successors; the lists of them have room for more
        std::vector<Word> rows;
        std::vector<std::uint64_t> hashes;
        std::vector<std::vector<std::uint32_t>> of_shard;  // of every shard, which of the successors
        bool named = false;                                // whether the moves to them are to be known
        std::vector<std::int32_t> moves;
        std::vector<Rational> weights;
        std::size_t offset = 0;  // of its first successor in the batch
        std::exception_ptr error;

        void clear() {
            fates.clear(), degrees.clear(), moves.clear(), weights.clear(), count = 0;
            for (auto &its : of_shard) its.clear();
        }
        void make_room(std::size_t more, std::size_t width) {
            if (hashes.size() >= count + more) return;
            hashes.resize(2 * (count + more)), rows.resize(hashes.size() * width);
            for (auto &its : of_shard) its.reserve(hashes.size());
        }
    };

    void prepare(Worker &worker) const {
        worker.evaluator.emplace(tables_, tale_.states());
        worker.of_shard.resize(shards_.size());
        worker.evaluator->stillness = [this, &worker] {
            bool still = true;
            tale_.sieve().each(worker.here, *worker.evaluator, [&](std::int32_t move) { return still = weight(move, worker).zero(), !still; });
            return still;
        };
    }

    Rational weight(std::int32_t move, const Worker &worker) const {
        const std::int32_t its = tables_.moves[move].weight;
        if (!weighted_ || its < 0) return {1, 1};
        const Rational found = worker.evaluator->value(its, worker.here);
        if (!found.known() || found.over < 0) throw Broken{"weight", {move}};
        return found;
    }

    void expand(std::size_t situation, Worker &worker, bool follow) {
        const Word *from = row(situation);
        const View here = worker.here = view(from);
        const Evaluator &evaluator = *worker.evaluator;
        std::int16_t fate = Graph::OPEN;
        for (std::size_t i = 0; fate < 0 && i < tables_.endings.size(); ++i)
            if (evaluator.holds(tables_.endings[i], here)) fate = static_cast<std::int16_t>(i);
        std::uint32_t degree = 0;
        if (fate < 0 && follow) {
            worker.make_room(tables_.moves.size(), width_);
            tale_.sieve().each(here, evaluator, [&](std::int32_t move) {
                const Rational its = weight(move, worker);
                if (its.zero()) return false;
                Word *to = worker.rows.data() + worker.count * width_;
                for (std::size_t w = 0; w < width_; ++w) to[w] = from[w];
                tale_.stepper().effects().make(move, here, to, worker.outcome);
                if (forgetting_) forgetting_->forget(to);
                const std::uint64_t its_hash = worker.hashes[worker.count] = hash(to);
                worker.of_shard[shard_of(its_hash)].push_back(static_cast<std::uint32_t>(worker.count++));
                if (worker.named) worker.moves.push_back(move);
                if (weighted_) worker.weights.push_back(its);
                ++degree;
                return false;
            }, forgetting_ ? forgetting_->visible(from) : nullptr);
            fate = degree == 0 ? Graph::DEAD_END : Graph::GOES_ON;
        }
        worker.fates.push_back(fate), worker.degrees.push_back(degree);
    }

    void batch(std::size_t begin, std::size_t end) {
        const std::size_t count = workers_.size();
        const bool little = end - begin < 256;
        together([&](std::size_t which) {
            shards_[which].learn(numbers_);
            Worker &worker = workers_[which];
            worker.clear();
            for (std::size_t i = begin + (end - begin) * which / count; i < begin + (end - begin) * (which + 1) / count; ++i) expand(i, worker, depth_ < within_);
        }, little);
        std::size_t total = 0;
        for (Worker &worker : workers_) worker.offset = total, total += worker.count;
        numbers_.resize(total);
        together([&](std::size_t which) { look_up(shards_[which], which); }, little);
        number(total);
        record();
    }

    // Finds the successors that belong to the shard; a new one gets `fresh_bit` and its place in the batch.
    void look_up(Shard &shard, std::size_t which) {
        std::size_t more = 0;
        for (const Worker &worker : workers_) more += worker.of_shard[which].size();
        while (shard.full(more)) shard.size += more, shard.grow(*this), shard.size -= more;
        constexpr std::size_t ahead = 12;
        const std::size_t mask = shard.slots.size() - 1;
        Slot *const slots = shard.slots.data();
        for (const Worker &worker : workers_) {
            const std::vector<std::uint32_t> &its = worker.of_shard[which];
            for (std::size_t i = 0; i < its.size(); ++i) {
                if (i + 2 * ahead < its.size()) prefetch(&slots[worker.hashes[its[i + 2 * ahead]] & mask]);
                if (!brief_ && i + ahead < its.size()) {
                    const Slot &slot = slots[worker.hashes[its[i + ahead]] & mask];
                    if (slot.number < fresh_bit) prefetch(row(slot.number));
                }
                const std::uint64_t h = worker.hashes[its[i]];
                const std::uint32_t tag = static_cast<std::uint32_t>(h >> 32), place = static_cast<std::uint32_t>(worker.offset) + its[i];
                const Word *wanted = worker.rows.data() + its[i] * width_;
                std::size_t at = h & mask;
                for (;; at = (at + 1) & mask) {
                    const Slot slot = slots[at];
                    if (slot.number == none) {
                        slots[at] = {tag, fresh_bit | place};
                        shard.fresh.emplace_back(at, place);
                        ++shard.size;
                        break;
                    }
                    if (slot.tag == tag && (brief_ || same(wanted, slot.number < fresh_bit ? row(slot.number) : successor(slot.number & ~fresh_bit)))) break;
                }
                numbers_[place] = slots[at].number;
            }
        }
    }

    const Word *successor(std::size_t place) const {
        const Worker *worker = &workers_.back();
        while (worker->offset > place) --worker;
        return worker->rows.data() + (place - worker->offset) * width_;
    }

    // New situations are numbered in the order of the batch.
    void number(std::size_t total) {
        for (std::size_t i = 0; i < total; ++i) {
            if (numbers_[i] < fresh_bit) continue;
            const std::uint32_t place = numbers_[i] & ~fresh_bit;
            if (place != i) {
                numbers_[i] = numbers_[place];
                continue;
            }
            if (graph_.states() >= most) throw Broken{"memory", {std::int64_t(graph_.states())}};
            numbers_[i] = static_cast<std::uint32_t>(graph_.states());
            graph_.fate.push_back(Graph::OPEN);
            const Word *its = successor(i);
            rows_.insert(rows_.end(), its, its + width_);
        }
    }

    void record() {
        for (const Worker &worker : workers_) {
            std::size_t at = 0;
            for (std::size_t i = 0; i < worker.fates.size(); ++i) {
                graph_.fate[graph_.expanded] = worker.fates[i];
                for (std::size_t end = at + worker.degrees[i]; at < end && graph_.linked(); ++at) {
                    const std::uint32_t weight = weighted_ ? graph_.weight_of(worker.weights[at]) : 0;
                    if (weighted_) graph_.weight.push_back(weight);
                    graph_.target.push_back(numbers_[worker.offset + at]);
                }
                if (graph_.linked()) graph_.first.push_back(graph_.target.size());
                ++graph_.expanded;
            }
        }
    }

    // Does the work in every thread at once; `little` of it is not worth the threads.
    template <class Work>
    void together(Work work, bool little = false) {
        std::vector<std::thread> threads;
        const auto guarded = [&](std::size_t which) {
            try {
                work(which);
            } catch (...) {
                workers_[which].error = std::current_exception();
            }
        };
        for (std::size_t which = 1; which < workers_.size(); ++which) {
            if (little) guarded(which);
            else threads.emplace_back(guarded, which);
        }
        guarded(0);
        for (std::thread &thread : threads) thread.join();
        for (Worker &worker : workers_)
            if (worker.error) std::rethrow_exception(worker.error);
    }

    static constexpr std::uint32_t fresh_bit = 1u << 31, most = fresh_bit - 1;

    Tale &tale_;
    const Tables &tables_;
    const std::size_t width_;
    const bool weighted_ = std::any_of(tables_.moves.begin(), tables_.moves.end(), [this](const Move &move) {
        return move.weight >= 0 && !(tables_.nodes[move.weight].op == NUMBER && tables_.nodes[move.weight].first == 1 && tables_.nodes[move.weight].second == 1);
    });
    // Whether all of a row is in its lowest 32 bits.
    const bool brief_ = width_ == 1 && std::all_of(tables_.lanes.begin(), tables_.lanes.end(), [](const Lane &lane) { return lane.mask == 0 || std::bit_width(lane.mask) + lane.shift <= 32; });
    std::optional<Forgetting> forgetting_;
    std::vector<Word> rows_;
    std::vector<Worker> workers_;
    std::vector<Shard> shards_;
    std::vector<std::uint32_t> numbers_;  // of the batch's successors
};

}  // namespace everytale
