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
//     says that this cannot be reached is not taken;
//   - a step to a state that is a shadow is not taken: whatever follows, the shadow can do as well;
//   - the rest of a minimal plan is itself a minimal plan from where it begins, with the budget left: so the person must have a
//     reason for its first step there, even for one that others take. That is what makes dead ends known after one visit.
#pragma once

#include <unordered_set>

#include "bound.hpp"
#include "step.hpp"

namespace everytale {

using Plan = std::vector<std::int32_t>;

class Explainer {
public:
    Explainer(const Tables &tables, States &states, const Evaluator &evaluator, const Sieve &sieve, Stepper &stepper, Work &work)
        : tables_(tables), states_(states), evaluator_(evaluator), sieve_(sieve), stepper_(stepper), work_(work), bound_(tables, states) {}

    // Whether the owner of `s` has a reason for `move` within `budget` moves.
    bool explains(State s, std::int32_t move, int budget) {
        if (!tables_.moves[move].imaginable) return false;
        const std::uint64_t key = pair_key(s, static_cast<std::uint32_t>(move));
        Known verdict = verdicts_.at(key);
        if (budget >= verdict.enough) return true;
        if (verdict.lacking == 0 && !evaluator_.holds(tables_.moves[move].precondition, states_.view(s))) verdict.lacking = never;
        while (verdict.lacking < budget) {
            const int h = verdict.lacking + 1;
            if (plan(s, move, h)) {
                verdict.enough = static_cast<std::uint8_t>(h);
                break;
            }
            verdict.lacking = states_.level(s) > tables_.minds ? never : static_cast<std::uint8_t>(h);
            verdicts_.at(key) = verdict;
        }
        verdicts_.at(key) = verdict;
        return budget >= verdict.enough;
    }

    // Whether everybody whose consent `move` needs would give it in the mind `s`, whose owner must gain from it in any case.
    bool consented(State s, std::int32_t move, int budget) {
        const Person owner = states_.mind(s);
        for (Person person : tables_.moves[move].consenting)
            if (person != owner && !explains(states_.believed(s, person), move, budget)) return false;
        return true;
    }

    // The moves that could be a step of a plan in `s`: their precondition holds, somebody consents, none is expressive.
    std::span<const std::int32_t> steps(State s) {
        Steps &known = steps_.at(s);
        if (known.begin == Steps::none) {
            const std::uint32_t begin = static_cast<std::uint32_t>(step_pool_.size());
            sieve_.each(states_.view(s), evaluator_, [&](std::int32_t move) {
                if (tables_.moves[move].imaginable) step_pool_.push_back(move);
                return false;
            });
            known = {begin, static_cast<std::uint32_t>(step_pool_.size() - begin)};
        }
        return {step_pool_.data() + known.begin, known.count};
    }

    // What `s` is worth to its owner.
    Rational worth(State s) { return evaluator_.value(tables_.worth[states_.mind(s)], states_.view(s)); }

    // Searches the plans that begin with `move`, have budget `h` and are accepted by the definition of EXPL, for those that
    // `aim` cares for: aim.hopeful(bound, length) before a step is taken, aim.found(plan, worth) at an end; true: enough.
    template <class Aim>
    bool search(State s, std::int32_t move, int h, Aim &aim) {
        const Rational now = worth(s);
        const State next = stepper_.after(s, move);
        if (!now.known() || next == s) return false;
        Search<Aim> search{*this, aim, h, {move}, {}};
        const Rational then = worth(next);
        if (less(now, then) && aim.hopeful(then, 1) && aim.found(search.path, then)) return true;
        if (h == 1 || states_.level(s) > tables_.minds || !search.hopeful(next, 1, now)) return false;
        return search.extend(1, next, {s}, now);
    }

    std::size_t remembered() const { return verdicts_.size(); }
    std::size_t bytes() const { return verdicts_.bytes() + steps_.bytes() + step_pool_.capacity() * 4 + bound_.bytes(); }
    std::size_t growth() const { return verdicts_.growth() + steps_.growth() + soon_moved(step_pool_) + bound_.growth(); }

private:
    static constexpr std::uint8_t never = 255;
    struct Known {
        std::uint8_t enough = never, lacking = 0;
    };
    struct Steps {
        static constexpr std::uint32_t none = ~0u;
        std::uint32_t begin = none, count = 0;
    };

    // Any plan will do.
    struct Any {
        static constexpr bool in_order = false;
        bool hopeful(Rational, int) const { return true; }
        bool hopeful(double, int) const { return true; }
        bool found(const Plan &, Rational) const { return true; }
    };

    bool plan(State s, std::int32_t move, int h) {
        Any any;
        return search(s, move, h, any);
    }

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

        // Whether more than `target` may be reached from `s` after `taken` steps, and the aim cares.
        bool hopeful(State s, int taken, Rational target) {
            const int needed = explainer.bound_.steps_to_exceed(s, target, h - taken);
            if (needed > h - taken) return false;
            if constexpr (Aim::in_order) return aim.hopeful(explainer.bound_.most(s, h - taken), taken + std::max(needed, 1));
            return true;
        }

        // The path so far has taken `taken` steps to `here`; `target` is the greatest worth on the way and of the shadows.
        bool extend(int taken, State here, const Shadows &shadows, Rational target) {
            Explainer &e = explainer;
            const int left = h - taken;
            if (const Rational worth = e.worth(here); less(target, worth)) target = worth;
            for (const std::int32_t move : ordered(here, taken, target)) {
                e.work_();
                const State next = e.stepper_.after(here, move);
                if (!e.consented(here, move, left) || !e.explains(here, move, left)) continue;
                Rational bar = target;
                const Shadows after = shaded(here, shadows, move, left, bar);
                if (std::ranges::binary_search(after, next)) continue;
                path.push_back(move);
                const Rational worth = e.worth(next);
                if (less(bar, worth) && aim.hopeful(worth, taken + 1) && aim.found(path, worth)) return true;
                if (left > 1 && hopeful(next, taken + 1, less(bar, worth) ? worth : bar) && visited.insert({taken + 1, next, after}).second &&
                    extend(taken + 1, next, after, bar))
                    return true;
                path.pop_back();
            }
            return false;
        }

        // The steps worth trying from `here`, the most promising first (or in the order of the file).
        std::vector<std::int32_t> ordered(State here, int taken, Rational target) {
            Explainer &e = explainer;
            const auto steps = e.steps(here);
            const std::vector<std::int32_t> moves(steps.begin(), steps.end());
            std::vector<std::pair<int, std::int32_t>> ranked;
            for (const std::int32_t move : moves) {
                const State next = e.stepper_.after(here, move);
                if (next == here) continue;
                const Rational worth = e.worth(next);
                int needed = 0;
                if (!less(target, worth)) {
                    needed = taken + 1 == h ? h : e.bound_.steps_to_exceed(next, target, h - taken - 1);
                    if (needed > h - taken - 1) continue;
                }
                ranked.emplace_back(Aim::in_order ? 0 : needed, move);
            }
            if (!Aim::in_order) std::ranges::stable_sort(ranked, {}, &std::pair<int, std::int32_t>::first);
            std::vector<std::int32_t> result;
            for (const auto &[needed, move] : ranked) result.push_back(move);
            return result;
        }

        // The shadows after the step: all before, what the step makes of them where it is explained, and `here`: leaving it out.
        Shadows shaded(State here, const Shadows &shadows, std::int32_t move, int left, Rational &bar) {
            Explainer &e = explainer;
            Shadows after = shadows;
            after.push_back(here);
            for (const State shadow : shadows) {
                if (!e.evaluator_.holds(e.tables_.moves[move].precondition, e.states_.view(shadow))) continue;
                const State next = e.stepper_.after(shadow, move);
                if (std::ranges::find(after, next) != after.end() || !e.agreed(shadow, move, left)) continue;
                after.push_back(next);
                if (const Rational worth = e.worth(next); less(bar, worth)) bar = worth;
            }
            std::ranges::sort(after);
            after.erase(std::unique(after.begin(), after.end()), after.end());
            return after;
        }
    };

public:
    // Whether everybody whose consent `move` needs would give it in the mind `s`, its owner included.
    bool agreed(State s, std::int32_t move, int budget) {
        const Person owner = states_.mind(s);
        for (Person person : tables_.moves[move].consenting)
            if (!explains(person == owner ? s : states_.believed(s, person), move, budget)) return false;
        return true;
    }

private:
    const Tables &tables_;
    States &states_;
    const Evaluator &evaluator_;
    const Sieve &sieve_;
    Stepper &stepper_;
    Work &work_;
    Bound bound_;
    Map<Known> verdicts_;
    Map<Steps> steps_;
    std::vector<std::int32_t> step_pool_;
};

}  // namespace everytale
