// Every situation that a story with people comes to. See world.hpp for the whole.
//
// A situation is an interned state of the tale, and its moves are those that are in character. Nearly all of the time goes into what people
// imagine, and that is remembered with the states of a tale; so a second thread works with a tale of its own, which finds out little that
// this one knows already, as long as each goes on from where it has been. What the other thread comes to is carried over, a level at a time.
#pragma once

#include <atomic>
#include <thread>

#include "explore.hpp"

namespace everytale {

class Minded final : public Explorer {
public:
    // `player`: the person who is played, or -1.
    Minded(Tale &tale, Person player, int within, bool threaded) : Explorer(within), tale_(tale), player_(player) {
        if (threaded) mate_ = std::make_unique<Mate>(tale);
        graph_.first.push_back(0);
        arrive(tale.start());
    }

    bool run(std::uint64_t count) override {
        growing();
        while (count > 0 && graph_.expanded < graph_.states()) {
            descend();
            const std::size_t batch = std::min(static_cast<std::size_t>(std::min<std::uint64_t>(count, most_at_once)), level_end_ - graph_.expanded);
            if (mate_ && batch >= least_at_once) expand_together(batch), count -= batch;
            else record(expansion(tale_, states_[graph_.expanded])), --count;
        }
        if (graph_.expanded == graph_.states()) mate_.reset();
        return graph_.expanded == graph_.states();
    }

    State state(std::uint32_t situation) override { return states_[situation]; }

    bool holds(std::uint32_t situation, std::int32_t condition) override { return tale_.holds(states_[situation], condition); }
    const Word *words(std::uint32_t situation) const override { return tale_.states().words(states_[situation]); }
    std::vector<std::uint32_t> named() override { return graph_.move; }

    std::vector<Link> links(std::uint32_t situation) override {
        std::vector<Link> result;
        if (situation >= graph_.expanded) return result;
        for (std::uint64_t at = graph_.first[situation]; at < graph_.first[situation + 1]; ++at)
            result.push_back({static_cast<std::int32_t>(graph_.move[at]), graph_.weight.empty() ? Rational{1, 1} : graph_.weights[graph_.weight[at]], graph_.target[at]});
        return result;
    }

    std::vector<std::uint8_t> made() override {
        std::vector<std::uint8_t> found(tale_.tables().moves.size());
        for (std::uint32_t move : graph_.move) found[move] = 1;
        return found;
    }

    std::size_t bytes() const override { return graph_.bytes() + states_.capacity() * sizeof(State) + numbers_.bytes() + (mate_ ? mate_->bytes() : 0); }
    std::size_t growth() const override { return graph_.growth() + soon_moved(states_) + numbers_.growth() + (mate_ ? mate_->growth() : 0); }

    // The situations are come to anew, each by the move that first led there.
    void restore(std::vector<Word>) override {
        for (std::size_t i = 0; i < graph_.expanded; ++i)
            for (std::uint64_t at = graph_.first[i]; at < graph_.first[i + 1]; ++at) {
                if (i >= states_.size() || graph_.target[at] > states_.size() || graph_.move.empty()) throw std::invalid_argument("it is no graph of this world");
                if (graph_.target[at] < states_.size()) continue;
                const State next = tale_.step(states_[i], graph_.move[at]);
                std::uint32_t &number = numbers_.at(next);
                if (number != 0) throw std::invalid_argument("it is no graph of this world");
                states_.push_back(next);
                number = static_cast<std::uint32_t>(states_.size());
            }
        if (states_.size() != graph_.states()) throw std::invalid_argument("it is no graph of this world");
    }

    const std::vector<Word> &rows() const override {
        static const std::vector<Word> none;
        return none;
    }

private:
    // What follows on a situation: how it is there, what may be done next, and where that leads. `known`: whether all of it
    // is; `done`: whether it was looked at.
    struct Expansion {
        std::int16_t fate = Graph::OPEN;
        bool known = true, done = false;
        Choices choices;
        std::vector<State> next;
    };

    // A second thread, with a tale of its own: nothing is shared but the tables, so nothing has to wait.
    struct Mate {
        explicit Mate(const Tale &tale) : tale(tale.another([this] { if (stopped) throw Stopped{}; })) {}

        struct Stopped {};
        std::atomic<bool> stopped = false;
        const std::unique_ptr<Tale> tale;
        std::vector<State> here, there;  // of its states, ours; of ours, its own: `itself` where that is not known
        std::vector<State> situations;   // of every situation, its own state, likewise

        std::size_t bytes() const { return tale->bytes() + (here.capacity() + there.capacity() + situations.capacity()) * sizeof(State); }
        std::size_t growth() const { return tale->growth() + soon_moved(here) + soon_moved(there) + soon_moved(situations); }
    };

    Expansion expansion(Tale &tale, State state) const {
        Expansion found;
        try {
            found.fate = static_cast<std::int16_t>(tale.ending(state));
        } catch (const std::invalid_argument &) {  // it hangs on a move that is not decided
            found.known = false;
        }
        if (found.known && found.fate < 0 && depth_ < within_) {
            found.choices = tale.choices(state, player_);
            found.known = found.choices.undecided.empty();
            if (found.known) found.fate = found.choices.moves.empty() ? Graph::DEAD_END : Graph::GOES_ON;
        }
        if (found.fate == Graph::GOES_ON)
            for (const auto &[move, weight] : found.choices.moves) found.next.push_back(tale.after(state, move));
        found.done = true;
        return found;
    }

    void record(const Expansion &found) {
        undecided_ += !found.known;
        graph_.fate[graph_.expanded] = found.fate;
        for (std::size_t i = 0; i < found.next.size(); ++i) add(found.choices.moves[i].first, found.choices.moves[i].second, arrive(found.next[i]));
        if (player_ >= 0) graph_.chosen.push_back(static_cast<std::uint16_t>(found.fate == Graph::GOES_ON ? found.choices.chosen : 0));
        graph_.first.push_back(graph_.target.size());
        ++graph_.expanded;
    }

    // Expands so many situations, half of them in the other thread. They are recorded in their order, so whose they were does not show.
    void expand_together(std::size_t count) {
        const std::size_t begin = graph_.expanded;
        const std::vector<std::uint8_t> its = shared_out(begin, count);
        std::vector<Expansion> found(count);
        std::exception_ptr error, other;
        std::thread thread([&] {
            try {
                for (std::size_t i = 0; i < count; ++i)
                    if (its[i]) found[i] = expansion(*mate_->tale, mate_->situations[begin + i]);
            } catch (const Mate::Stopped &) {
            } catch (...) {
                other = std::current_exception();
            }
        });
        try {
            for (std::size_t i = 0; i < count; ++i)
                if (!its[i]) found[i] = expansion(tale_, states_[begin + i]);
        } catch (...) {
            error = std::current_exception(), mate_->stopped = true;
        }
        thread.join();
        mate_->stopped = false;
        for (std::size_t i = 0; i < count; ++i) {
            if (!found[i].done) std::rethrow_exception(its[i] && other ? other : error);
            if (its[i]) record_of_mate(std::move(found[i]));
            else record(found[i]);
        }
    }

    // Of so many situations from `begin` on, which go to the mate: those that it found itself, as far as that is half of them.
    std::vector<std::uint8_t> shared_out(std::size_t begin, std::size_t count) {
        mate_->situations.resize(states_.size(), itself);
        std::vector<std::uint8_t> its(count);
        std::size_t many = 0;
        for (std::size_t i = 0; i < count && 2 * many < count; ++i) many += its[i] = mate_->situations[begin + i] != itself;
        for (std::size_t i = 0; i < count && 2 * many < count; ++i) {
            State &own = mate_->situations[begin + i];
            if (own == itself) own = mate_->tale->states().carried(tale_.states(), states_[begin + i], mate_->there), its[i] = 1, ++many;
        }
        return its;
    }

    void record_of_mate(Expansion found) {
        const std::vector<State> own = found.next;
        for (State &next : found.next) next = tale_.states().carried(mate_->tale->states(), next, mate_->here);
        const std::size_t before = states_.size();
        record(found);
        mate_->situations.resize(states_.size(), itself);
        for (std::size_t i = 0; i < own.size(); ++i)
            if (const std::uint32_t situation = numbers_.at(found.next[i]) - 1; situation >= before) mate_->situations[situation] = own[i];
    }

    void add(std::int32_t move, Rational weight, std::uint32_t target) {
        const std::uint32_t which = graph_.weight_of(weight);
        if (which != 0 && graph_.weight.empty()) graph_.weight.assign(graph_.target.size(), 0);
        if (graph_.weights.size() > 1) graph_.weight.push_back(which);
        graph_.move.push_back(static_cast<std::uint32_t>(move));
        graph_.target.push_back(target);
    }

    std::uint32_t arrive(State state) {
        std::uint32_t &number = numbers_.at(state);
        if (number == 0) {
            states_.push_back(state);
            graph_.fate.push_back(Graph::OPEN);
            number = static_cast<std::uint32_t>(states_.size());
        }
        return number - 1;
    }

    static constexpr std::size_t least_at_once = 16, most_at_once = 4096;  // situations that two threads share

    Tale &tale_;
    const Person player_;
    std::vector<State> states_;
    Map<std::uint32_t> numbers_;  // one more than the number
    std::unique_ptr<Mate> mate_;
};

}  // namespace everytale
