// A story under way: the questions that Python may ask, with every index checked. See world.hpp for the whole.
#pragma once

#include <map>

#include "bound.hpp"
#include "estimate.hpp"
#include "intend.hpp"
#include "sieve.hpp"

namespace everytale {

struct Possible {
    std::vector<std::pair<std::int32_t, Rational>> moves;  // and their weights
    std::vector<std::int64_t> undecided;
};

// What the player chooses from, which comes first, then what chance draws from, where the player waits or there is none.
struct Choices : Possible {
    std::size_t chosen = 0;
};

enum class Verdict : int { undecided = -1, no = 0, yes = 1 };

class Tale {
public:
    Tale(const Columns &c, std::int64_t people, std::int64_t depth, std::int64_t minds, std::int64_t horizon, bool first_effect_wins, std::int64_t author_worth,
         std::function<void()> interrupted)
        : Tale(std::make_shared<Tables>(people, depth, minds, horizon, first_effect_wins, c), std::move(interrupted)) {
        tables_.node_or_none(author_worth);
        start_ = stepper_.start(c.mind_offsets, c.mind_items, c.mind_values, start_fired_);
    }
    Tale(const Tale &) = delete;

    // The same tale for another thread, which knows nothing of its states yet. It is not to be extended while the other one works.
    std::unique_ptr<Tale> another(std::function<void()> interrupted) const {
        std::unique_ptr<Tale> other(new Tale(shared_, std::move(interrupted)));
        other->patience_ = patience_, other->states_.most = states_.most;
        return other;
    }

    void extend(const Column &op, const Column &first, const Column &second, const Column &operands) { tables_.extend(op, first, second, operands); }

    // From now on people want what these nodes are worth, one for each.
    void wish(const Column &worth) {
        tables_.wish(worth);
        explainer_.forget();
        searches_.clear(), guides_.clear();
    }

    // ---- states ----

    State start() const { return start_; }
    const Firings &start_fired() const { return start_fired_; }
    State known(std::int64_t s) const { return state(s); }
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
        sieve_.each(states_.view(state(s)), evaluator_, [&](std::int32_t move) { return result.push_back(move), false; });
        return result;
    }

    Possible possible(std::int64_t s) { return possible(s, false); }
    Choices choices(std::int64_t s, std::int64_t player) { return choices(state(s), this->person(player)); }

    // The same where `player` (-1: nobody) is played: that person does what the others needed would go along with, for reasons
    // or for none, or waits.
    Choices choices(State s, Person player) {
        Choices result;
        if (player >= 0) {
            const View view = states_.view(s), mind = states_.view(states_.believed(s, player));
            sieve_.each(view, evaluator_, [&](std::int32_t move) {
                if (!needs(move, player) || !evaluator_.holds(tables_.moves[move].precondition, mind)) return false;
                const Verdict others = consented(s, move, patience_, tables_.horizon, player);
                if (others == Verdict::yes) result.moves.emplace_back(move, Rational{1, 1});
                else if (others == Verdict::undecided) result.undecided.push_back(move);
                return false;
            });
        }
        result.chosen = result.moves.size();
        Possible drawn = possible(s, false, player);
        result.moves.insert(result.moves.end(), drawn.moves.begin(), drawn.moves.end());
        result.undecided.insert(result.undecided.end(), drawn.undecided.begin(), drawn.undecided.end());
        return result;
    }

    State after(State s, std::int32_t move) { return stepper_.after(s, move); }
    const Tables &tables() const { return tables_; }
    States &states() { return states_; }
    const Evaluator &evaluator() const { return evaluator_; }
    const Stepper &stepper() const { return stepper_; }
    const Sieve &sieve() const { return sieve_; }

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
        return intender_.intention(mind, move, tables_.horizon, [this](auto search) { return patient(search, std::min(patience_ / proof_share, most_proof)); });
    }

    std::optional<Intention> hope(std::int64_t s, std::int64_t index, std::int64_t who) {
        const State mind = states_.believed(state(s), person(who));
        const std::int32_t move = this->move(index);
        if (!holds_before(mind, move)) return std::nullopt;
        if (states_.mind(mind) != who) return Intention{{move}, true};
        return intender_.hope(mind, move, tables_.horizon, [this](auto search) { return patient(search, std::min(patience_ / proof_share, most_proof)); });
    }

    // ---- finding a tale ----

    // Begins a search, and says which: several may be under way, each with its own horizon, and share what is proved about people.
    std::int64_t seek(std::int64_t goal, std::int64_t ending, std::int64_t within, std::int64_t order, double eagerness, std::int64_t horizon) {
        const Search::Aim aim{tables_.node(goal), static_cast<std::int32_t>(Tables::bounded(ending, -1, std::int64_t(tables_.endings.size()) - 1, "ending")),
                              static_cast<int>(Tables::bounded(within, 0, 1'000'000, "within")), static_cast<Search::Order>(Tables::bounded(order, 0, 2, "order")), eagerness};
        const int budget = static_cast<int>(Tables::bounded(horizon, 1, tables_.horizon, "horizon"));
        Guide &guide = guides_.try_emplace(aim.goal, tables_, states_, evaluator_, work_, aim.goal).first->second;
        Search::Judge judge{[this, budget](State s, std::int32_t move, std::int64_t patience) { return static_cast<int>(consented(s, move, patience, budget)); },
                            [this](State s) { return this->ending(s); },
                            [&guide](State s, int limit) { return guide.bound.steps_to_goal(s, limit); },
                            [&guide](State s) { return guide.estimate.of(s); },
                            patience_};
        searches_.push_back(std::make_unique<Search>(tables_, states_, evaluator_, sieve_, stepper_, work_, aim, std::move(judge), start_));
        return static_cast<std::int64_t>(searches_.size()) - 1;
    }

    // Searches on for about that much work.
    Search::Status search(std::int64_t which, std::int64_t work) {
        const std::uint64_t end = work_.done + static_cast<std::uint64_t>(Tables::bounded(work, 1, std::int64_t(1) << 60, "work"));
        return sought(which).run([&] { return work_.done >= end; });
    }

    Column tale(std::int64_t which) { return sought(which).tale(); }

    // From now on, only a tale of at most that many moves will do.
    void shorten(std::int64_t which, std::int64_t within) { sought(which).shorten(static_cast<int>(Tables::bounded(within, 0, 1'000'000, "within"))); }

    std::map<std::string, std::uint64_t> progress(std::int64_t which) {
        const Search &search = sought(which);
        return {{"visited", search.visited()}, {"met", search.met()},       {"refused", search.refused()},
                {"waiting", search.waiting()}, {"deepest", search.deepest()}, {"undecided", search.undecided()}};
    }

    // ---- limits and figures ----

    // Makes every move that can be made in the first `count` states from the start, whoever would, over again, in every mind, with
    // nothing remembered. How many applications that were.
    std::uint64_t rehearse(std::int64_t count) {
        Tables::bounded(count, 1, 1'000'000, "count");
        const auto each_move = [&](State s, auto made) {
            sieve_.each(states_.view(s), evaluator_, [&](std::int32_t move) { return made(move), false; });
        };
        std::vector<State> met{start_};
        Map<char> known;
        known.at(start_) = 1;
        for (std::size_t at = 0; at < met.size() && met.size() < static_cast<std::size_t>(count); ++at)
            each_move(met[at], [&](std::int32_t move) {
                const State next = stepper_.after(met[at], move);
                if (std::exchange(known.at(next), 1) == 0) met.push_back(next);
            });
        if (met.size() > static_cast<std::size_t>(count)) met.resize(static_cast<std::size_t>(count));
        const std::uint64_t before = stepper_.applications;
        for (const State s : met) each_move(s, [&](std::int32_t move) { stepper_.anew(s, move); });
        return stepper_.applications - before;
    }

    std::int64_t patience() const { return patience_; }
    void set_patience(std::int64_t work) { patience_ = Tables::bounded(work, 0, std::int64_t(1) << 60, "patience"); }
    std::int64_t most_states() const { return states_.most; }
    void set_most_states(std::int64_t count) { states_.most = static_cast<std::uint32_t>(Tables::bounded(count, 0, 4'000'000'000, "most_states")); }

    std::map<std::string, std::uint64_t> figures() const {
        return {{"states", states_.size()},
                {"vectors", states_.vectors()},
                {"applications", stepper_.applications},
                {"closures", stepper_.closures},
                {"explanations", explainer_.remembered()},
                {"work", work_.done},
                {"bytes", bytes()}};
    }

    std::size_t bytes() const {
        std::size_t total = states_.bytes() + stepper_.bytes() + explainer_.bytes();
        for (const auto &search : searches_) total += search->bytes();
        for (const auto &[goal, guide] : guides_) total += guide.bound.bytes() + guide.estimate.bytes();
        return total;
    }

    // What will soon be needed besides.
    std::size_t growth() const {
        std::size_t total = states_.growth() + stepper_.growth() + explainer_.growth();
        for (const auto &search : searches_) total += search->growth();
        for (const auto &[goal, guide] : guides_) total += guide.bound.growth() + guide.estimate.growth();
        return total;
    }

private:
    Tale(std::shared_ptr<Tables> tables, std::function<void()> interrupted)
        : shared_(std::move(tables)),
          states_(tables_),
          evaluator_(tables_, states_),
          sieve_(Sieve::of_moves(tables_, evaluator_)),
          stepper_(tables_, states_, evaluator_, work_),
          explainer_(tables_, states_, evaluator_, sieve_, stepper_, work_),
          intender_(tables_, states_, stepper_, explainer_, work_) {
        work_.look = std::move(interrupted);
    }

    static constexpr std::int64_t proof_share = 50, most_proof = 100'000;  // how much of the patience goes into proving that a plan is the best

    // How far it is to a goal.
    struct Guide {
        Bound bound;
        Estimate estimate;
        Guide(const Tables &tables, const States &states, const Evaluator &evaluator, Work &work, std::int32_t goal)
            : bound(tables, states, goal), estimate(tables, states, evaluator, work, goal) {}
    };

    State state(std::int64_t index) const { return static_cast<State>(Tables::bounded(index, 0, std::int64_t(states_.size()) - 1, "state")); }
    std::int32_t move(std::int64_t index) const { return static_cast<std::int32_t>(Tables::bounded(index, 0, std::int64_t(tables_.moves.size()) - 1, "move")); }
    Person person(std::int64_t index) const { return static_cast<Person>(Tables::bounded(index, 0, tables_.people - 1, "person")); }

    bool holds_before(State s, std::int32_t move) const { return evaluator_.holds(tables_.moves[move].precondition, states_.view(s)); }

    // Runs `search` with that much patience; false where it ran out.
    template <class Search>
    bool patient(Search search, std::int64_t patience) {
        work_.allowed = work_.done + static_cast<std::uint64_t>(patience);
        const struct Forget {
            std::uint64_t &allowed;
            ~Forget() { allowed = ~std::uint64_t(0); }
        } forget{work_.allowed};
        try {
            search();
            return true;
        } catch (OutOfPatience) {
            return false;
        }
    }

    bool needs(std::int32_t move, Person person) const { return std::find(tables_.moves[move].consenting.begin(), tables_.moves[move].consenting.end(), person) != tables_.moves[move].consenting.end(); }

    // Whether everybody who must consent, but for the player, would.
    Verdict consented(State s, std::int32_t index, std::int64_t patience, int horizon, Person player = -1) {
        Verdict all = Verdict::yes;
        for (Person person : tables_.moves[index].consenting) {
            if (person == player) continue;
            const Verdict its = verdict(s, index, person, patience, horizon);
            if (its != Verdict::yes) all = its;
            if (its == Verdict::no) break;
        }
        return all;
    }

    Search &sought(std::int64_t which) { return *searches_[Tables::bounded(which, 0, std::int64_t(searches_.size()) - 1, "search")]; }

    Verdict verdict(State s, std::int32_t index, Person person) { return verdict(s, index, person, patience_, tables_.horizon); }

    Verdict verdict(State s, std::int32_t index, Person person, std::int64_t patience, int horizon) {
        const Move &move = tables_.moves[index];
        if (move.expressive >= 0) return evaluator_.holds(move.expressive, states_.view(s)) ? Verdict::yes : Verdict::no;
        const State mind = states_.believed(s, person);
        bool reason = false;
        const bool decided = patient([&] { reason = states_.mind(mind) == person ? explainer_.explains(mind, index, horizon) : gains(mind, index, person); }, patience);
        return !decided ? Verdict::undecided : reason ? Verdict::yes : Verdict::no;
    }

    // Beyond the deepest level kept, where everybody is as deep as the state itself: one move is all that is imagined.
    bool gains(State s, std::int32_t move, Person person) {
        if (!holds_before(s, move)) return false;
        const std::int32_t worth = tables_.worth[person];
        const State next = stepper_.after(s, move);
        return less(evaluator_.value(worth, states_.view(s)), evaluator_.value(worth, states_.view(next)));
    }

    // The possible moves that do not need `player`.
    Possible possible(std::int64_t s, bool one_is_enough, Person player = -1) {
        Possible result;
        const View view = states_.view(state(s));
        sieve_.each(view, evaluator_, [&](std::int32_t index) {
            const Move &move = tables_.moves[index];
            if (player >= 0 && needs(index, player)) return false;
            const Rational weight = move.weight < 0 ? Rational{1, 1} : evaluator_.value(move.weight, view);
            if (weight == Rational{0, 1}) return false;
            const Verdict all = consented(state(s), index, patience_, tables_.horizon);
            if (all == Verdict::no) return false;
            if (all == Verdict::undecided) return result.undecided.push_back(index), false;
            if (!weight.known() || weight.over < 0) throw Broken{"weight", {index}};
            result.moves.emplace_back(index, weight);
            return one_is_enough;
        });
        return result;
    }

    const std::shared_ptr<Tables> shared_;
    Tables &tables_ = *shared_;
    States states_;
    Evaluator evaluator_;
    const Sieve sieve_;
    Work work_;
    Stepper stepper_;
    Explainer explainer_;
    Intender intender_;
    State start_ = 0;
    Firings start_fired_;
    std::map<std::int32_t, Guide> guides_;  // by goal
    std::vector<std::unique_ptr<Search>> searches_;
    std::int64_t patience_ = 5'000'000;
};

}  // namespace everytale
