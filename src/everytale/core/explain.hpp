// Would they: EXPL of docs/semantics.md, section 4. See world.hpp for the whole.
//
// `explains(s, a, d)` asks whether the owner of the mind `s` has a reason for the move `a` with budget `d`. What is proved is
// remembered per (s, a): the least budget that suffices and the greatest that does not; mind and depth are part of `s`.
//
// A plan of budget h is searched for depth first, over (steps taken, state, shadows). The *shadows* are all states that
// proper subsequences of the plan so far, with every step explained, lead to; a plan is minimal when at its end no shadow is
// worth as much. They decide everything about what may follow, so plans that agree in all three are searched once. Shadows only
// gain: a plan step can be left out of the subsequence, so what a shadow is worth now it will be worth at the end. Hence
//   - an end must be worth more than every shadow and every state on the way, and a step from which the relaxed bound
//     says that this cannot be reached is not taken. Nearly always the steps left are just as many as the bound wants, and then few moves are of
//     any use: so the bound is asked of what a move could do before it is made;
//   - a step to a state that is a shadow is not taken: whatever follows, the shadow can do as well;
//   - the rest of a minimal plan is itself a minimal plan from where it begins, with the budget left: so the person must have a
//     reason for its first step there, even for one that others take. That is what makes dead ends known after one visit.
//
// A search that fails says what it would take: the least budget with which anything that stopped it might not. So budgets are not tried one by
// one, and often none will do: that is known for good then.
#pragma once

#include <optional>
#include <unordered_set>

#include "bound.hpp"
#include "step.hpp"

namespace everytale {

using Plan = std::vector<std::int32_t>;

class Explainer {
public:
    Explainer(const Tables &tables, States &states, const Evaluator &evaluator, const Sieve &sieve, Stepper &stepper, Work &work)
        : tables_(tables), states_(states), evaluator_(evaluator), sieve_(sieve), stepper_(stepper), work_(work), bound_(std::in_place, tables, states) {}

    static constexpr int never = 255;

    // Whether the owner of `s` has a reason for `move` within `budget` moves.
    bool explains(State s, std::int32_t move, int budget) { return needs(s, move, budget) == 0; }

    // 0 where they have one; else the least budget, greater than this, with which they might, or `never`.
    int needs(State s, std::int32_t move, int budget) {
        const std::uint32_t at = place_of(s, move);
        return at == none ? never : needs_at(s, at, budget);
    }

    // Whether everybody whose consent `move` needs would give it in the mind `s`, its owner included.
    bool agreed(State s, std::int32_t move, int budget) {
        const Person owner = states_.mind(s);
        for (Person person : tables_.moves[move].consenting)
            if (!explains(person == owner ? s : states_.believed(s, person), move, budget)) return false;
        return true;
    }

    // The moves that could be a step of a plan in `s`: their precondition holds, somebody consents, none is expressive.
    std::vector<std::int32_t> steps(State s) {
        const List list = list_of(s);
        std::vector<std::int32_t> moves;
        for (std::uint32_t at = list.begin; at < list.begin + list.count; ++at) moves.push_back(steps_[at].move);
        return moves;
    }

    // What `s` is worth to its owner.
    Rational worth(State s) { return evaluator_.value(tables_.worth[states_.mind(s)], states_.view(s)); }

    // Searches the plans that begin with `move`, have budget `h` and are accepted by the definition of EXPL, for those that
    // `aim` cares for: aim.hopeful(bound, length) before a step is taken, aim.found(plan, worth) at an end; true: enough.
    template <class Aim>
    bool search(State s, std::int32_t move, int h, Aim &aim) {
        int retry = never;
        return search(s, move, stepper_.after(s, move), h, aim, retry);
    }

    // People want something else: what is known of their reasons is forgotten, but not where moves lead.
    void forget() {
        for (Step &step : steps_) step.enough = never, step.lacking = 0, step.barred = false;
        bound_.emplace(tables_, states_);
        verdicts_ = 0;
    }

    std::size_t remembered() const { return verdicts_; }
    std::size_t bytes() const { return lists_.capacity() * sizeof(List) + steps_.capacity() * sizeof(Step) + bound_->bytes(); }
    std::size_t growth() const { return soon_moved(lists_) + soon_moved(steps_) + bound_->growth(); }

private:
    static constexpr std::uint32_t none = ~0u;
    static constexpr State unmade = ~0u;

    // One move that could be a step, where it leads once that is known, the least budget that is known to suffice for a reason, and
    // the greatest that is known not to.
    struct Step {
        std::int32_t move;
        State next = unmade;
        std::uint8_t enough = never, lacking = 0;
        bool barred = false;  // others who must consent never would
    };
    struct List {
        std::uint32_t begin = none, count = 0;
    };

    List list_of(State s) {
        if (s >= lists_.size()) lists_.resize(std::max<std::size_t>(states_.size(), s + 1));
        if (lists_[s].begin == none) {
            const std::size_t begin = steps_.size();
            sieve_.each(states_.view(s), evaluator_, [&](std::int32_t move) {
                if (tables_.moves[move].imaginable) steps_.push_back({move});
                return false;
            });
            lists_[s] = {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(steps_.size() - begin)};
        }
        return lists_[s];
    }

    std::uint32_t place_of(State s, std::int32_t move) {
        const List list = list_of(s);
        const auto begin = steps_.begin() + list.begin, end = begin + list.count;
        const auto found = std::lower_bound(begin, end, move, [](const Step &step, std::int32_t wanted) { return step.move < wanted; });
        return found != end && found->move == move ? static_cast<std::uint32_t>(found - steps_.begin()) : none;
    }

    State next_at(State s, std::uint32_t at) {
        if (steps_[at].next == unmade) {
            const State next = stepper_.after(s, steps_[at].move, true);
            steps_[at].next = next;
        }
        return steps_[at].next;
    }

    int needs_at(State s, std::uint32_t at, int budget) {
        if (budget >= steps_[at].enough) return 0;
        if (steps_[at].lacking == 0) {
            ++verdicts_;
            const int limit = states_.level(s) > tables_.minds ? 1 : tables_.horizon, least = least_via(s, steps_[at].move, worth(s), limit);
            steps_[at].lacking = static_cast<std::uint8_t>(least > limit ? never : least - 1);
        }
        while (steps_[at].lacking < budget) {
            const int h = steps_[at].lacking + 1;
            Any any;
            int retry = never;
            if (search(s, steps_[at].move, next_at(s, at), h, any, retry)) {
                steps_[at].enough = static_cast<std::uint8_t>(h);
                return 0;
            }
            steps_[at].lacking = static_cast<std::uint8_t>(retry > tables_.horizon ? never : retry - 1);
        }
        return steps_[at].lacking == never ? never : steps_[at].lacking + 1;
    }

    // How many moves it takes from `s`, `move` the first of them, until there might be more than `target`.
    int least_via(State s, std::int32_t move, Rational target, int limit) {
        const int least = bound_->steps_to_exceed(s, target, limit);
        return least > limit ? least : bound_->steps_to_exceed(s, move, target, limit);
    }

    // Whether everybody else whose consent `move` needs would give it in the mind `s`: 0, or the least budget with which it might be otherwise.
    int missing(State s, std::int32_t move, int budget) {
        const Person owner = states_.mind(s);
        for (Person person : tables_.moves[move].consenting)
            if (person != owner)
                if (const int its = needs(states_.believed(s, person), move, budget); its != 0) return its;
        return 0;
    }

    // The same, as far as it is known already or takes but one step to find out. Most steps come to nothing by this, before they are made.
    int known_missing(State s, std::int32_t move, int budget) {
        const Person owner = states_.mind(s);
        for (Person person : tables_.moves[move].consenting) {
            if (person == owner) continue;
            const State mind = states_.believed(s, person);
            const std::uint32_t at = place_of(mind, move);
            if (at == none) return never;
            if (states_.level(mind) > tables_.minds) {
                if (const int its = needs_at(mind, at, budget); its != 0) return its;
            } else if (const int lacking = steps_[at].lacking; lacking >= budget) {
                return lacking == never ? never : lacking + 1;
            }
        }
        return 0;
    }

    template <class Aim>
    bool search(State s, std::int32_t move, State next, int h, Aim &aim, int &retry) {
        const Rational now = worth(s);
        if (!now.known() || next == s) return false;
        Search<Aim> search{*this, aim, h, {move}, {}, never};
        const Rational then = worth(next);
        if (less(now, then) && aim.hopeful(then, 1) && aim.found(search.path, then)) return true;
        if (states_.level(s) > tables_.minds) return false;
        const bool found = search.hopeful(next, 1, now) && search.extend(1, next, {s}, now);
        retry = search.retry;
        return found;
    }

    // Any plan will do.
    struct Any {
        static constexpr bool in_order = false;
        bool hopeful(Rational, int) const { return true; }
        bool hopeful(double, int) const { return true; }
        bool found(const Plan &, Rational) const { return true; }
    };

    using Shadows = std::vector<State>;  // sorted

    struct Visit {
        int taken;
        State state;
        Shadows shadows;
        friend bool operator==(const Visit &, const Visit &) = default;
    };
    struct VisitHash {
        std::size_t operator()(const Visit &visit) const {
            std::uint64_t hash = pair_key(static_cast<std::uint32_t>(visit.taken), visit.state);
            for (State shadow : visit.shadows) hash = mix(hash ^ shadow) + 0x9e3779b97f4a7c15ull;
            return mix(hash);
        }
    };

    template <class Aim>
    struct Search {
        Explainer &explainer;
        Aim &aim;
        const int h;
        Plan path;
        std::unordered_set<Visit, VisitHash> visited;
        int retry;  // the least budget with which something might be otherwise

        // What is short of a budget here, after `taken` steps, might not be with one that leaves `left` there.
        void lacks(int taken, int left) {
            if (left != never) retry = std::min(retry, std::max(taken + left, h + 1));
        }

        // How many steps it takes from `s`, after `taken`, until there might be more than `target`; more than are left, if they do not do.
        int needed(State s, int taken, Rational target) {
            return needed(taken, [&](int limit) { return explainer.bound_->steps_to_exceed(s, target, limit); });
        }

        template <class Least>
        int needed(int taken, Least least_within) {
            const int limit = (retry > h + 1 ? explainer.tables_.horizon : h) - taken;
            const int least = limit <= 0 ? 1 : least_within(limit);
            if (least > h - taken && (least <= limit || limit < 1)) lacks(taken, least);
            return least;
        }

        // Whether more than `target` may be reached from `s` after `taken` steps, and the aim cares.
        bool hopeful(State s, int taken, Rational target) {
            const int least = needed(s, taken, target);
            if (least > h - taken) return false;
            if constexpr (Aim::in_order) return aim.hopeful(explainer.bound_->most(s, h - taken), taken + std::max(least, 1));
            return true;
        }

        // The path so far has taken `taken` steps to `here`; `target` is the greatest worth on the way and of the shadows.
        bool extend(int taken, State here, const Shadows &shadows, Rational target) {
            Explainer &e = explainer;
            const int left = h - taken;
            if (const Rational worth = e.worth(here); less(target, worth)) target = worth;
            for (const auto &[rank, at] : ordered(here, taken, target)) {
                e.work_();
                const std::int32_t move = e.steps_[at].move;
                const State next = e.steps_[at].next;
                int short_of = e.missing(here, move, left);
                if (short_of == 0) short_of = e.needs_at(here, at, left);
                if (short_of != 0) {
                    lacks(taken, short_of);
                    continue;
                }
                Rational bar = target;
                const Shadows after = shaded(here, shadows, move, left, bar);
                if (std::binary_search(after.begin(), after.end(), next)) continue;
                path.push_back(move);
                const Rational worth = e.worth(next);
                if (less(bar, worth) && aim.hopeful(worth, taken + 1) && aim.found(path, worth)) return true;
                if (hopeful(next, taken + 1, less(bar, worth) ? worth : bar) && visited.insert({taken + 1, next, after}).second && extend(taken + 1, next, after, bar)) return true;
                path.pop_back();
            }
            return false;
        }

        // The steps worth trying from `here`, the most promising first (or in the order of the file).
        std::vector<std::pair<int, std::uint32_t>> ordered(State here, int taken, Rational target) {
            Explainer &e = explainer;
            const int left = h - taken;
            const List list = e.list_of(here);
            std::vector<std::pair<int, std::uint32_t>> ranked;
            for (std::uint32_t at = list.begin; at < list.begin + list.count; ++at) {
                if (e.steps_[at].barred) continue;
                if (const int lacking = e.steps_[at].lacking; lacking >= left) {
                    lacks(taken, lacking == never ? never : lacking + 1);
                    continue;
                }
                if (const int short_of = e.known_missing(here, e.steps_[at].move, left); short_of != 0) {
                    e.work_();
                    lacks(taken, short_of);
                    e.steps_[at].barred = short_of == never;
                    continue;
                }
                if (e.steps_[at].next == unmade && needed(taken, [&](int limit) { return e.least_via(here, e.steps_[at].move, target, limit); }) > left) continue;
                const State next = e.next_at(here, at);
                if (next == here) continue;
                int rank = 0;
                if (!less(target, e.worth(next))) {
                    rank = needed(next, taken + 1, target);
                    if (rank > left - 1) continue;
                }
                ranked.emplace_back(Aim::in_order ? 0 : rank, at);
            }
            if (!Aim::in_order) std::stable_sort(ranked.begin(), ranked.end(), [](const auto &a, const auto &b) { return a.first < b.first; });
            return ranked;
        }

        // The shadows after the step: all before, what the step makes of them where it is explained, and `here`: leaving it out.
        Shadows shaded(State here, const Shadows &shadows, std::int32_t move, int left, Rational &bar) {
            Explainer &e = explainer;
            Shadows after = shadows;
            after.push_back(here);
            for (const State shadow : shadows) {
                const std::uint32_t at = e.place_of(shadow, move);
                if (at == none) continue;
                const State next = e.next_at(shadow, at);
                if (std::find(after.begin(), after.end(), next) != after.end() || !e.agreed(shadow, move, left)) continue;
                after.push_back(next);
                if (const Rational worth = e.worth(next); less(bar, worth)) bar = worth;
            }
            std::sort(after.begin(), after.end());
            after.erase(std::unique(after.begin(), after.end()), after.end());
            return after;
        }
    };

    const Tables &tables_;
    States &states_;
    const Evaluator &evaluator_;
    const Sieve &sieve_;
    Stepper &stepper_;
    Work &work_;
    std::optional<Bound> bound_;
    std::vector<List> lists_;  // of every state that was asked about
    std::vector<Step> steps_;
    std::size_t verdicts_ = 0;
};

}  // namespace everytale
