// A tale under way in which a human plays one of the people, and all others act for reasons of their own (docs/semantics.md, 6). See
// world.hpp for the whole.
#pragma once

#include <numeric>

#include "telling/teller.hpp"

namespace everytale {

class Session {
public:
    static constexpr std::size_t longest = 10'000;     // moves of a tale that is played, at most
    static constexpr std::size_t most_between = 1000;  // moves that follow one another while there is nothing to choose, at most
    static constexpr std::int32_t waiting = -1;
    static constexpr std::int32_t unknown = -1, impossible = -2;  // moves that were made before: the story has none such; no state allows it

    // What the player can do now: make a move, or (`waiting`) wait and see; and what that reads.
    struct Option {
        std::int32_t move;
        std::string label;
    };
    // One move of the tale, and its prose: what the player chose by the option, or what followed by itself, with nothing to choose. Where
    // the player waited, it is what somebody else did.
    struct Turn {
        std::int32_t move;
        std::optional<Option> option;
        State before, after;
        std::vector<telling::Told> told;
        Chance chance;  // before it

        bool chosen() const { return option && option->move != waiting; }
    };
    // A move as it is kept, to be made again: that of the world, or `unknown`, or (as all others) `impossible`.
    struct Played {
        std::int32_t move;
        bool chosen;
    };
    // Where moves that were kept no longer fit: at the move of this number, from 1, and why.
    struct Departure {
        std::size_t number;
        std::string reason;
    };
    enum class Stopped : int { goes_on, ending, dead_end, length };

    // `made`: moves to be made again first, as far as they fit.
    Session(Tale &tale, const telling::Book &book, Person player, std::uint64_t seed, const std::vector<Played> &made)
        : tale_(tale), book_(book), player_(static_cast<Person>(Tables::bounded(player, 0, tale.tables().people - 1, "player"))), seed_(seed), teller_(book, seed), chance_(Chance::of(seed, 0)) {
        look();
        if (ending_ >= 0) opening_ = teller_.ending(tale_, ending_, tale_.start());
        repeat(made);
        go_on();
    }

    // ---- where it stands ----

    const std::vector<Turn> &turns() const { return turns_; }
    const std::vector<telling::Told> &opening() const { return opening_; }  // told before anything happens
    const std::vector<Option> &options() const { return options_; }
    const std::optional<Departure> &departure() const { return departure_; }
    Stopped stopped() const { return stopped_; }
    std::int32_t ending() const { return ending_; }  // or -1
    Person player() const { return player_; }
    std::uint64_t seed() const { return seed_; }
    State state() const { return turns_.empty() ? tale_.start() : turns_.back().after; }

    // The turns at which the player chose, which one can go back to.
    std::vector<std::size_t> points() const {
        std::vector<std::size_t> found;
        for (std::size_t i = 0; i < turns_.size(); ++i)
            if (turns_[i].option) found.push_back(i);
        return found;
    }

    // ---- what the player does ----

    // Does it, or waits; then all that follows until there is something to choose again. What cannot be decided leaves all as it was.
    void choose(std::size_t index) {
        if (index >= options_.size()) throw std::out_of_range("there is no such choice");
        const std::size_t number = turns_.size();
        const Chance chance = chance_;
        const Option option = options_[index];
        try {
            if (option.move == waiting) draw(option);
            else make(option.move, option, chance);
            go_on();
        } catch (...) {
            restore(number, chance);
            throw;
        }
    }

    void undo() {
        const std::vector<std::size_t> points = this->points();
        if (points.empty()) throw std::out_of_range("there is no choice to go back to");
        rewind(points.back());
    }

    // Back to before that turn.
    void rewind(std::size_t number) {
        if (number >= turns_.size() || !turns_[number].option) throw std::out_of_range("nothing was chosen at that turn");
        restore(number, turns_[number].chance);
    }

private:
    using Moves = std::vector<std::pair<std::int32_t, Rational>>;

    // The teller forgets what it told since.
    void restore(std::size_t number, Chance chance) {
        turns_.erase(turns_.begin() + static_cast<std::ptrdiff_t>(number), turns_.end());
        chance_ = chance;
        teller_ = telling::Teller(book_, seed_);
        for (const Turn &turn : turns_) teller_.move(tale_, turn.move, turn.before, turn.after);
        look();
    }

    // Sees what can be done and what can happen here.
    void look() {
        options_.clear(), drawn_.clear(), stopped_ = Stopped::goes_on;
        try {
            ending_ = static_cast<std::int32_t>(tale_.ending(state()));
        } catch (const std::invalid_argument &) {
            throw Broken{"undecided", {}};
        }
        if (ending_ >= 0) {
            stopped_ = Stopped::ending;
        } else if (turns_.size() >= longest) {
            stopped_ = Stopped::length;
        } else {
            const Choices choices = tale_.choices(state(), player_);
            if (!choices.undecided.empty()) throw Broken{"undecided", choices.undecided};
            const auto end = choices.moves.begin() + static_cast<std::ptrdiff_t>(choices.chosen);
            for (auto own = choices.moves.begin(); own != end; ++own) options_.push_back({own->first, book_.label(tale_, own->first, state(), player_)});
            tell_apart();
            drawn_.assign(end, choices.moves.end());
            if (!options_.empty() && !drawn_.empty()) options_.push_back({waiting, "Wait"});
            if (options_.empty() && drawn_.empty()) stopped_ = Stopped::dead_end;
        }
    }

    // Two of the same words are told apart by the move itself.
    void tell_apart() {
        std::vector<std::string> labels;
        for (const Option &option : options_) labels.push_back(option.label);
        for (Option &option : options_)
            if (std::count(labels.begin(), labels.end(), option.label) > 1) option.label += " [" + book_.move_name(option.move) + "]";
    }

    void go_on() {
        const std::size_t began = turns_.size();
        while (options_.empty() && stopped_ == Stopped::goes_on) {
            if (turns_.size() - began >= most_between) stopped_ = Stopped::length;
            else draw(std::nullopt);
        }
    }

    // What somebody else does, or what happens.
    void draw(const std::optional<Option> &option) {
        const Chance chance = chance_;
        make(drawn_[pick()].first, option, chance);
    }

    void make(std::int32_t move, const std::optional<Option> &option, Chance chance) {
        const State before = state(), after = tale_.step(before, move);
        turns_.push_back({move, option, before, after, teller_.move(tale_, move, before, after), chance});
        look();
        if (ending_ < 0) return;
        for (telling::Told &told : teller_.ending(tale_, ending_, after)) turns_.back().told.push_back(std::move(told));
    }

    // Of what may be drawn, each exactly as likely as its weight says.
    std::size_t pick() {
        unsigned __int128 common = 1, sum = 0;
        for (const auto &[move, weight] : drawn_) {
            const std::uint64_t under = static_cast<std::uint64_t>(weight.under), left = static_cast<std::uint64_t>(common % under);
            const std::uint64_t shared = std::gcd(under, left);  // of under and common
            if (__builtin_mul_overflow(common, static_cast<unsigned __int128>(under / shared), &common)) throw Overflow{};
        }
        std::vector<unsigned __int128> whole;
        for (const auto &[move, weight] : drawn_) {
            unsigned __int128 one = 0;
            const unsigned __int128 times = common / static_cast<std::uint64_t>(weight.under);
            if (__builtin_mul_overflow(times, static_cast<unsigned __int128>(static_cast<std::uint64_t>(weight.over)), &one) || __builtin_add_overflow(sum, one, &sum)) throw Overflow{};
            whole.push_back(one);
        }
        unsigned __int128 drawn = below(sum);
        std::size_t index = 0;
        while (drawn >= whole[index]) drawn -= whole[index++];
        return index;
    }

    // A number below `bound`, of one draw, or of two where it is that large.
    unsigned __int128 below(unsigned __int128 bound) {
        if (bound >> 64 == 0) return chance_.below(static_cast<std::uint64_t>(bound));
        const unsigned __int128 most = ~static_cast<unsigned __int128>(0), unfair = (most % bound + 1) % bound;
        while (true) {
            const unsigned __int128 high = chance_.next(), drawn = high << 64 | chance_.next();
            if (drawn <= most - unfair) return drawn % bound;
        }
    }

    // ---- moves made before ----

    // Makes the moves that were made before, as far as they fit; chance is drawn from as it was then.
    void repeat(const std::vector<Played> &made) {
        for (std::size_t number = 1; number <= made.size(); ++number) {
            const Played &one = made[number - 1];
            if (std::string reason = obstacle(one); !reason.empty()) {
                departure_ = Departure{number, std::move(reason)};
                return;
            }
            const Chance chance = chance_;
            if (one.chosen) {
                const auto option = std::find_if(options_.begin(), options_.end(), [&](const Option &own) { return own.move == one.move; });
                make(one.move, Option(*option), chance);
            } else {
                pick();
                make(one.move, options_.empty() ? std::nullopt : std::optional<Option>(options_.back()), chance);
            }
        }
    }

    // Why that move cannot be the next one, if it cannot.
    std::string obstacle(const Played &made) const {
        if (made.move == unknown) return "the story has no such move";
        if (stopped_ == Stopped::ending) return "the tale has ended before (“" + book_.ending_title(ending_) + "”)";
        if (stopped_ != Stopped::goes_on) return "nothing more happens before it";
        if (made.chosen) {
            const bool can = std::any_of(options_.begin(), options_.end(), [&](const Option &own) { return own.move == made.move; });
            return can ? "" : book_.person_label(player_) + " cannot do that there";
        }
        const bool can = std::any_of(drawn_.begin(), drawn_.end(), [&](const auto &one) { return one.first == made.move; });
        return can ? "" : "it cannot happen there";
    }

    Tale &tale_;
    const telling::Book &book_;
    const Person player_;
    const std::uint64_t seed_;
    telling::Teller teller_;
    Chance chance_;
    std::vector<Turn> turns_;
    std::vector<telling::Told> opening_;
    std::vector<Option> options_;
    Moves drawn_;
    std::optional<Departure> departure_;
    Stopped stopped_ = Stopped::goes_on;
    std::int32_t ending_ = -1;
};

}  // namespace everytale
