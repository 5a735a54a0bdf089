// What may become of a tale that somebody plays: a realm explored little by little, the odds of its endings at any time, and where
// the tale went in it. See world.hpp for the whole.
#pragma once

#include <cmath>
#include <map>

#include "explore.hpp"
#include "plain.hpp"
#include "play.hpp"

namespace everytale {

class Outlook {
public:
    // The odds of one way to turn out lie between the two.
    struct Between {
        double low, high;
    };
    using Prospect = std::vector<Between>;  // of every ending, of a dead end, and of never ending

    // What could be done at a moment, and what would come of it: a move that the player chooses, or (-1) waiting.
    struct Prospects {
        std::int32_t move;
        Prospect odds;
    };

    // A moment of the tale: its situation, what may become of it, and what there is to choose.
    struct Moment {
        std::uint32_t situation;
        Prospect odds;
        std::vector<Prospects> choices;
    };

    // Situations that are alike in a few facts, or that come to the same end.
    struct Place {
        std::vector<std::optional<Rational>> facts;
        std::int32_t fate;  // the number of an ending, Graph::DEAD_END, Graph::OPEN; Graph::GOES_ON: none of them
        std::uint64_t situations = 0;
        double depth = 0;  // moves to its situations, at least, on average
    };
    struct Map {
        std::vector<Place> places;
        std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t> flow;  // how many moves lead from one place to another
        std::vector<std::uint32_t> way;                                        // the places that the tale came through
    };

    static constexpr int unbounded = 1'000'000'000;

    // `player`: the person who is played.
    Outlook(Tale &tale, Person player, std::function<void()> tick) : tale_(tale), tick_(std::move(tick)) {
        if (Plain::fits(tale.tables())) explorer_ = std::make_unique<Plain>(tale, unbounded, true, 1);
        else explorer_ = std::make_unique<Minded>(tale, player, unbounded);
    }

    // Explores about that many situations more. Whether nothing is left.
    bool run(std::uint64_t count) { return explorer_->run(count); }
    const Graph &graph() const { return explorer_->graph(); }
    std::size_t endings() const { return tale_.tables().endings.size(); }

    // Works out the odds of what is known by now: what follows on situations that are not looked at yet may be anything.
    void solve(double precision) {
        const std::size_t known = endings(), dead = known, open = known + 1, columns = known + 3;
        if (columns > ChainSolver::most_columns) throw std::invalid_argument("a story with so many endings has no odds here");
        std::vector<std::int16_t> sink(graph().states());
        for (std::size_t i = 0; i < sink.size(); ++i) {
            const std::int16_t fate = graph().fate[i];
            sink[i] = fate >= 0 ? fate : fate == Graph::GOES_ON ? std::int16_t(-1) : static_cast<std::int16_t>(fate == Graph::DEAD_END ? dead : open);
        }
        odds_ = ChainSolver(graph(), std::move(sink), columns, tick_).solve(precision);
    }

    // What may become of a situation, as of when it was solved.
    Prospect prospect(std::uint32_t situation) const {
        const std::size_t known = endings(), open = known + 1, never = known + 2;
        if (!solved(situation)) return Prospect(known + 2, {0, 1});
        Prospect found;
        for (std::size_t column = 0; column <= never; ++column)
            if (column != open) found.push_back(between(situation, column));
        return found;
    }

    // Follows a tale by its moves, as far as what it went through is explored.
    std::vector<Moment> follow(const std::vector<std::int64_t> &moves) {
        std::vector<Moment> found{moment(0)};
        for (const std::int64_t move : moves) {
            const auto next = after(found.back().situation, move);
            if (!next) break;
            found.push_back(moment(*next));
        }
        return found;
    }

    // The realm folded by what `facts`, nodes, come to; endings are places of their own.
    Map fold(const std::vector<std::int32_t> &facts, const std::vector<Moment> &tale) {
        const Graph &graph = this->graph();
        std::map<std::vector<std::int64_t>, std::uint32_t> known;
        Map map;
        std::vector<std::uint32_t> place(graph.states());
        const std::vector<std::uint32_t> depth = depths();
        for (std::uint32_t i = 0; i < graph.states(); ++i) {
            if (i % 4096 == 0) tick_();
            Place here{{}, graph.fate[i]};
            std::vector<std::int64_t> key{graph.fate[i]};
            if (graph.goes_on(i)) {
                const State state = explorer_->state(i);
                for (const std::int32_t fact : facts) {
                    const Rational value = tale_.evaluate(state, fact);
                    here.facts.push_back(value.known() ? std::optional(value) : std::nullopt);
                    key.push_back(value.over), key.push_back(value.under);
                }
            }
            const auto [at, fresh] = known.try_emplace(std::move(key), static_cast<std::uint32_t>(map.places.size()));
            if (fresh) map.places.push_back(std::move(here));
            place[i] = at->second;
            Place &its = map.places[at->second];
            its.depth += (depth[i] - its.depth) / static_cast<double>(++its.situations);
        }
        for (std::uint32_t i = 0; i < graph.expanded; ++i)
            for (std::uint64_t at = graph.first[i]; at < graph.first[i + 1]; ++at)
                if (place[i] != place[graph.target[at]]) ++map.flow[{place[i], place[graph.target[at]]}];
        for (const Moment &moment : tale)
            if (map.way.empty() || map.way.back() != place[moment.situation]) map.way.push_back(place[moment.situation]);
        return map;
    }

private:
    bool solved(std::uint32_t situation) const { return situation < odds_.states(); }

    // What is open may come to anything.
    Between between(std::uint32_t situation, std::size_t column) const {
        const auto its = odds_.between(situation, column), open = odds_.between(situation, endings() + 1);
        return {its.first, std::min(1.0, its.second + open.second)};
    }

    std::optional<std::uint32_t> after(std::uint32_t situation, std::int64_t move) {
        for (const Link &link : explorer_->links(situation))
            if (link.move == move) return link.target;
        return std::nullopt;
    }

    Moment moment(std::uint32_t situation) {
        Moment found{situation, prospect(situation), {}};
        const std::size_t choices = graph().choices(situation);
        if (choices == 0) return found;
        const std::vector<Link> links = explorer_->links(situation);
        for (std::size_t k = 0; k < choices; ++k) found.choices.push_back({links[k].move, prospect(links[k].target)});
        if (choices == links.size()) return found;
        double total = 0;
        Prospect waiting(endings() + 2, {0, 0});
        for (std::size_t k = choices; k < links.size(); ++k) total += weight(links[k]);
        for (std::size_t k = choices; k < links.size(); ++k) {
            const Prospect its = prospect(links[k].target);
            for (std::size_t column = 0; column < its.size(); ++column)
                waiting[column].low += its[column].low * weight(links[k]) / total, waiting[column].high += its[column].high * weight(links[k]) / total;
        }
        constexpr double rounding = 1e-12;
        for (Between &one : waiting) one = {std::max(0.0, one.low - rounding), std::min(1.0, one.high + rounding)};
        found.choices.push_back({-1, std::move(waiting)});
        return found;
    }

    static double weight(const Link &link) { return static_cast<double>(link.weight.over) / static_cast<double>(link.weight.under); }

    // Of every situation, how many moves it takes at least.
    std::vector<std::uint32_t> depths() const {
        const Graph &graph = this->graph();
        std::vector<std::uint32_t> depth(graph.states());
        std::uint32_t met = 1;  // situations are numbered breadth first
        for (std::uint32_t i = 0; i < graph.expanded; ++i)
            for (std::uint64_t at = graph.first[i]; at < graph.first[i + 1]; ++at)
                if (graph.target[at] >= met) depth[graph.target[at]] = depth[i] + 1, met = graph.target[at] + 1;
        return depth;
    }

    Tale &tale_;
    const std::function<void()> tick_;
    std::unique_ptr<Explorer> explorer_;
    Odds odds_;
};

}  // namespace everytale
