// A story under way: the questions that Python may ask, with every index checked. See world.hpp for the whole.
#pragma once

#include <map>

#include "intend.hpp"
#include "search.hpp"

namespace everytale {

struct Possible {
    std::vector<std::pair<std::int32_t, Rational>> moves;  // and their weights
    std::vector<std::int64_t> undecided;
};

enum class Verdict : int { undecided = -1, no = 0, yes = 1 };

class Tale {
public:
    Tale(const Columns &c, std::int64_t people, std::int64_t depth, std::int64_t minds, std::int64_t horizon, bool first_effect_wins, std::int64_t author_worth,
         void (*check_signals)())
        : tables_(people, depth, minds, horizon, first_effect_wins, c),
          states_(tables_),
          evaluator_(tables_, states_),
          stepper_(tables_, states_, evaluator_),
          explainer_(tables_, states_, evaluator_, stepper_),
          intender_(tables_, states_, stepper_, explainer_) {
        tables_.node_or_none(author_worth);
        stepper_.tick = explainer_.tick = [this, check_signals] {
            if (++work_ > allowed_) throw OutOfPatience{};
            if (work_ % 4096 == 0) check_signals();
        };
        start_ = stepper_.start(c.mind_offsets, c.mind_items, c.mind_values, start_fired_);
    }
    Tale(const Tale &) = delete;

    void extend(const Column &op, const Column &first, const Column &second, const Column &operands) { tables_.extend(op, first, second, operands); }

    // ---- states ----

    State start() const { return start_; }
    const Firings &start_fired() const { return start_fired_; }
    State believed(std::int64_t s, std::int64_t person) const { return states_.believed(state(s), this->person(person)); }
    Person mind(std::int64_t s) const { return states_.mind(state(s)); }
    int level(std::int64_t s) const { return states_.level(state(s)); }

    Column values(std::int64_t s) const {
        const View view = states_.view(state(s));
        Column result;
        for (const Lane &lane : tables_.lanes) {
            const Rational number = lane.decode(lane.code(view.words));
            result.push_back(number.known() ? number.over : std::numeric_limits<std::int64_t>::min());
        }
        return result;
    }

    State revised(std::int64_t s, const Column &chain, std::int64_t fluent, std::int64_t value) {
        State inner = state(s);
        std::vector<Person> people;
        for (std::int64_t item : chain) {  // a link that leads to the same mind is left out
            const State next = states_.believed(inner, person(item));
            if (next == inner && states_.mind(inner) != item) throw std::out_of_range("nothing is kept so far in");
            if (next != inner) people.push_back(static_cast<Person>(item));
            inner = next;
        }
        const auto index = Tables::bounded(fluent, 0, std::int64_t(tables_.lanes.size()) - 1, "fluent");
        return stepper_.revised(state(s), people, static_cast<std::int32_t>(index), code_exactly(tables_.lanes[index], value));
    }

    Rational evaluate(std::int64_t s, std::int64_t node) const { return evaluator_.value(tables_.node(node), states_.view(state(s))); }
    bool holds(std::int64_t s, std::int64_t node) const { return evaluator_.holds(tables_.node(node), states_.view(state(s))); }

    // ---- moves ----

    State step(std::int64_t s, std::int64_t move) {
        if (!holds_before(state(s), this->move(move))) throw std::invalid_argument("the move's precondition does not hold");
        return stepper_.after(state(s), this->move(move));
    }

    Firings fired(std::int64_t s, std::int64_t move) {
        if (!holds_before(state(s), this->move(move))) throw std::invalid_argument("the move's precondition does not hold");
        Firings firings;
        stepper_.after(state(s), this->move(move), firings);
        return firings;
    }

    Column applicable(std::int64_t s) const {
        Column result;
        for (std::size_t i = 0; i < tables_.moves.size(); ++i)
            if (holds_before(state(s), static_cast<std::int32_t>(i))) result.push_back(static_cast<std::int64_t>(i));
        return result;
    }

    Possible possible(std::int64_t s) { return possible(s, false); }

    std::int64_t ending(std::int64_t s) {
        const View view = states_.view(state(s));
        evaluator_.stillness = [&] {
            const Possible moves = possible(s, true);
            if (moves.moves.empty() && !moves.undecided.empty()) throw std::invalid_argument("whether a move is possible is undecided");
            return moves.moves.empty();
        };
        const struct Forget {
            Evaluator &evaluator;
            ~Forget() { evaluator.stillness = nullptr; }
        } forget{evaluator_};
        for (std::size_t i = 0; i < tables_.endings.size(); ++i)
            if (evaluator_.holds(tables_.endings[i], view)) return static_cast<std::int64_t>(i);
        return -1;
    }

    // ---- minds ----

    Verdict in_character(std::int64_t s, std::int64_t move, std::int64_t person) { return verdict(state(s), this->move(move), this->person(person)); }

    std::optional<Intention> intention(std::int64_t s, std::int64_t index, std::int64_t who) {
        const State outer = state(s), mind = states_.believed(outer, person(who));
        const std::int32_t move = this->move(index);
        if (tables_.moves[move].expressive >= 0 || verdict(outer, move, static_cast<Person>(who)) != Verdict::yes) return std::nullopt;
        if (states_.mind(mind) != who) return Intention{{move}, true};
        return intender_.intention(mind, move, tables_.horizon, [this](auto search) { return patient(search, patience_ / proof_share); });
    }

    std::optional<Intention> hope(std::int64_t s, std::int64_t index, std::int64_t who) {
        const State mind = states_.believed(state(s), person(who));
        const std::int32_t move = this->move(index);
        if (!holds_before(mind, move)) return std::nullopt;
        if (states_.mind(mind) != who) return Intention{{move}, true};
        return intender_.hope(mind, move, tables_.horizon, [this](auto search) { return patient(search, patience_ / proof_share); });
    }

    // ---- finding a tale ----

    // Begins a search; an earlier one is forgotten, not what it proved about people.
    void seek(std::int64_t goal, std::int64_t ending, std::int64_t within, bool shortest, double eagerness) {
        search_.reset();
        bound_.emplace(tables_, states_, tables_.node(goal));
        const Search::Aim aim{static_cast<std::int32_t>(goal), static_cast<std::int32_t>(Tables::bounded(ending, -1, std::int64_t(tables_.endings.size()) - 1, "ending")),
                              static_cast<int>(Tables::bounded(within, 0, 100'000, "within")), shortest ? Search::Order::shortest : Search::Order::promising, eagerness};
        Search::Judge judge{[this](State s, std::int32_t move, std::int64_t patience) { return static_cast<int>(consented(s, move, patience)); }, [this](State s) { return this->ending(s); },
                            [this](State s, int limit) { return bound_->steps_to_exceed(s, {0, 1}, limit); }, patience_};
        search_.emplace(tables_, states_, evaluator_, stepper_, aim, std::move(judge), start_);
    }

    // Searches on for about that much work.
    Search::Status search(std::int64_t work) {
        const std::uint64_t end = work_ + static_cast<std::uint64_t>(Tables::bounded(work, 1, std::int64_t(1) << 60, "work"));
        return sought().run([&] { return work_ >= end; });
    }

    Column tale() { return sought().tale(); }

    // ---- limits and figures ----

    std::int64_t patience() const { return patience_; }
    void set_patience(std::int64_t work) { patience_ = Tables::bounded(work, 0, std::int64_t(1) << 60, "patience"); }
    std::int64_t most_states() const { return states_.most; }
    void set_most_states(std::int64_t count) { states_.most = static_cast<std::uint32_t>(Tables::bounded(count, 0, 4'000'000'000, "most_states")); }

    std::map<std::string, std::uint64_t> figures() const {
        std::map<std::string, std::uint64_t> figures{{"states", states_.size()},
                                                     {"vectors", states_.vectors()},
                                                     {"applications", stepper_.applications},
                                                     {"closures", stepper_.closures},
                                                     {"explanations", explainer_.remembered()},
                                                     {"work", work_},
                                                     {"bytes", states_.bytes() + stepper_.bytes() + explainer_.bytes() + (search_ ? search_->bytes() + bound_->bytes() : 0)}};
        if (search_)
            figures.insert({{"visited", search_->visited()}, {"met", search_->met()}, {"refused", search_->refused()}, {"waiting", search_->waiting()}, {"deepest", search_->deepest()}});
        return figures;
    }

private:
    static constexpr std::int64_t proof_share = 50;  // of patience goes into proving that a plan is the best

    State state(std::int64_t index) const { return static_cast<State>(Tables::bounded(index, 0, std::int64_t(states_.size()) - 1, "state")); }
    std::int32_t move(std::int64_t index) const { return static_cast<std::int32_t>(Tables::bounded(index, 0, std::int64_t(tables_.moves.size()) - 1, "move")); }
    Person person(std::int64_t index) const { return static_cast<Person>(Tables::bounded(index, 0, tables_.people - 1, "person")); }

    bool holds_before(State s, std::int32_t move) const { return evaluator_.holds(tables_.moves[move].precondition, states_.view(s)); }

    // Runs `search` with that much patience; false where it ran out.
    template <class Search>
    bool patient(Search search, std::int64_t patience) {
        allowed_ = work_ + static_cast<std::uint64_t>(patience);
        const struct Forget {
            std::uint64_t &allowed;
            ~Forget() { allowed = ~std::uint64_t(0); }
        } forget{allowed_};
        try {
            search();
            return true;
        } catch (OutOfPatience) {
            return false;
        }
    }

    // Whether everybody who must consent would.
    Verdict consented(State s, std::int32_t index, std::int64_t patience) {
        Verdict all = Verdict::yes;
        for (Person person : tables_.moves[index].consenting) {
            const Verdict its = verdict(s, index, person, patience);
            if (its != Verdict::yes) all = its;
            if (its == Verdict::no) break;
        }
        return all;
    }

    Search &sought() {
        if (!search_) throw std::invalid_argument("nothing is sought");
        return *search_;
    }

    Verdict verdict(State s, std::int32_t index, Person person) { return verdict(s, index, person, patience_); }

    Verdict verdict(State s, std::int32_t index, Person person, std::int64_t patience) {
        const Move &move = tables_.moves[index];
        if (move.expressive >= 0) return evaluator_.holds(move.expressive, states_.view(s)) ? Verdict::yes : Verdict::no;
        const State mind = states_.believed(s, person);
        bool reason = false;
        const bool decided = patient([&] { reason = states_.mind(mind) == person ? explainer_.explains(mind, index, tables_.horizon) : gains(mind, index, person); }, patience);
        return !decided ? Verdict::undecided : reason ? Verdict::yes : Verdict::no;
    }

    // Beyond the deepest level kept, where everybody is as deep as the state itself: one move is all that is imagined.
    bool gains(State s, std::int32_t move, Person person) {
        if (!holds_before(s, move)) return false;
        const std::int32_t worth = tables_.worth[person];
        const State next = stepper_.after(s, move);
        return less(evaluator_.value(worth, states_.view(s)), evaluator_.value(worth, states_.view(next)));
    }

    Possible possible(std::int64_t s, bool one_is_enough) {
        Possible result;
        const View view = states_.view(state(s));
        for (std::size_t i = 0; i < tables_.moves.size(); ++i) {
            const Move &move = tables_.moves[i];
            const std::int32_t index = static_cast<std::int32_t>(i);
            if (!evaluator_.holds(move.precondition, view)) continue;
            const Rational weight = move.weight < 0 ? Rational{1, 1} : evaluator_.value(move.weight, view);
            if (weight == Rational{0, 1}) continue;
            const Verdict all = consented(state(s), index, patience_);
            if (all == Verdict::no) continue;
            if (all == Verdict::undecided) {
                result.undecided.push_back(index);
                continue;
            }
            if (!weight.known() || weight.over < 0) throw Broken{"weight", {index}};
            result.moves.emplace_back(index, weight);
            if (one_is_enough) break;
        }
        return result;
    }

    Tables tables_;
    States states_;
    Evaluator evaluator_;
    Stepper stepper_;
    Explainer explainer_;
    Intender intender_;
    State start_;
    Firings start_fired_;
    std::optional<Bound> bound_;  // of the goal
    std::optional<Search> search_;
    std::uint64_t work_ = 0, allowed_ = ~std::uint64_t(0);
    std::int64_t patience_ = 5'000'000;
};

}  // namespace everytale
