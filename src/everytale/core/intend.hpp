// The best plan behind a move, and the best that could be hoped for from it. See world.hpp for the whole.
#pragma once

#include "explain.hpp"

namespace everytale {

// A plan, and whether it is proved that none is better: of more worth, else shorter, else earlier in the order of the file.
struct Intention {
    Plan plan;
    bool best = true;
};

class Intender {
public:
    Intender(const Tables &tables, States &states, Stepper &stepper, Explainer &explainer, Work &work) : tables_(tables), states_(states), stepper_(stepper), explainer_(explainer), work_(work) {}

    // `prove` runs what may be cut short: it returns false where patience ran out. The caller knows that there is a plan.
    template <class Prove>
    std::optional<Intention> intention(State s, std::int32_t move, int horizon, Prove prove) {
        Better<false> any{{}, unknown, true};
        for (int h = 1; h <= horizon && any.plan.empty(); ++h) explainer_.search(s, move, h, any);
        if (any.plan.empty()) return std::nullopt;
        Better<true> best{any.plan, any.worth, false};
        const bool proved = prove([&] {
            for (int h = 1; h <= horizon; ++h) explainer_.search(s, move, h, best);
        });
        return Intention{best.plan, proved};
    }

    // The plan of greatest worth (then the shortest, then the earliest) that begins with `move` and whose later steps are explained.
    template <class Prove>
    std::optional<Intention> hope(State s, std::int32_t move, int horizon, Prove prove) {
        const State next = stepper_.after(s, move);
        struct Reached {
            State state;
            std::uint32_t from;
            std::int32_t move;
        };
        std::vector<Reached> reached{{next, 0, move}};
        std::size_t best = 0;
        const bool proved = prove([&] {
            std::size_t begin = 0;
            for (int taken = 1; taken < horizon && states_.level(s) <= tables_.minds; ++taken) {
                Map<char> seen;
                const std::size_t end = reached.size();
                for (std::size_t at = begin; at < end; ++at) {
                    const State here = reached[at].state;
                    for (const std::int32_t step : explainer_.steps(here)) {
                        work_();
                        const State there = stepper_.after(here, step);
                        if (there == here || seen.find(there) != nullptr || !explainer_.agreed(here, step, horizon - taken)) continue;
                        seen.at(there) = 1;
                        reached.push_back({there, static_cast<std::uint32_t>(at), step});
                        const Rational worth = explainer_.worth(there);
                        if (const Rational known = explainer_.worth(reached[best].state); less(known, worth) || (worth.known() && !known.known())) best = reached.size() - 1;
                    }
                }
                begin = end;
            }
        });
        Plan plan;
        for (std::size_t at = best; at != 0; at = reached[at].from) plan.push_back(reached[at].move);
        plan.push_back(move);
        std::reverse(plan.begin(), plan.end());
        return Intention{plan, proved};
    }

private:
    template <bool InOrder>
    struct Better {
        static constexpr bool in_order = InOrder;
        Plan plan;
        Rational worth;
        bool enough;  // the first will do

        bool hopeful(Rational bound, int length) const { return plan.empty() || less(worth, bound) || (bound == worth && length <= static_cast<int>(plan.size())); }
        bool hopeful(double bound, int length) const {
            return plan.empty() || bound > Bound::above(worth) || (bound >= Bound::below(worth) && length <= static_cast<int>(plan.size()));
        }
        bool found(const Plan &other, Rational its) {
            if (plan.empty() || less(worth, its) || other.size() < plan.size() || (other.size() == plan.size() && other < plan)) plan = other, worth = its;
            return enough;
        }
    };

    const Tables &tables_;
    States &states_;
    Stepper &stepper_;
    Explainer &explainer_;
    Work &work_;
};

}  // namespace everytale
