// What may become of a tale that somebody plays: a realm explored little by little, the odds of its endings at any time, and where
// the tale went in it. See world.hpp for the whole.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>

#include "minded.hpp"
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

    // What situations are told apart by: what a node comes to, or (-1) the value of a fluent.
    struct Fact {
        std::int32_t node, fluent;
    };
    // Situations that are alike in a few facts, or that come to the same end; or (`rest`) those of all places that tales hardly come to.
    struct Place {
        std::vector<std::optional<Rational>> facts;
        std::int32_t fate;  // the number of an ending, Graph::DEAD_END, Graph::OPEN; Graph::GOES_ON: none of them
        bool rest = false;
        std::uint64_t situations = 0;
        double depth = 0;   // moves to its situations, at least, on average
        double visits = 0;  // how often a tale comes here, on average
    };
    struct Flow {
        std::uint64_t moves = 0;
        double often = 0;  // how often a tale makes one of them, on average
    };
    struct Map {
        std::vector<Place> places;
        std::map<std::pair<std::uint32_t, std::uint32_t>, Flow> flow;  // from one place to another
        std::vector<std::uint32_t> way;                               // the places that the tale came through
    };

    static constexpr int unbounded = 1'000'000'000;

    // `player`: the person who is played.
    Outlook(Tale &tale, Person player, std::function<void()> tick) : tale_(tale), tick_(std::move(tick)) {
        if (Plain::fits(tale.tables())) explorer_ = std::make_unique<Plain>(tale, unbounded, true, 1, -1);
        else explorer_ = std::make_unique<Minded>(tale, player, unbounded, false);
    }

    // Explores about that many situations more, unless what is known takes so many bytes already, what it will soon need besides included.
    // Whether it does.
    bool run(std::uint64_t count, std::size_t most_bytes) {
        constexpr std::uint64_t between = 256;  // situations between two looks
        for (std::uint64_t done = 0; done < count; done += between) {
            if (tale_.bytes() + tale_.growth() + explorer_->bytes() + explorer_->growth() > most_bytes) return true;
            if (explorer_->run(std::min(between, count - done))) break;
        }
        return false;
    }
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
        odds_ = ChainSolver(graph(), std::move(sink), columns, tick_, false).solve(precision);
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

    // The realm folded by `facts`, with the places that a tale came through; endings are places of their own.
    Map fold(const std::vector<Fact> &facts, const std::vector<Moment> &tale) {
        const Graph &graph = this->graph();
        const Chances chances(graph);
        const std::vector<double> visits = this->visits(chances);
        const std::vector<std::uint32_t> depth = depths();
        Map map;
        std::vector<std::uint32_t> place = alike(facts, map.places);
        keep_most_visited(visits, tale, place, map.places);
        map.places[place[0]].visits = 1;
        for (std::uint32_t i = 0; i < graph.states(); ++i) {
            Place &its = map.places[place[i]];
            its.depth += (depth[i] - its.depth) / static_cast<double>(++its.situations);
            if (!graph.goes_on(i)) continue;
            chances.over(i, [&](std::uint32_t next, double odds) {
                if (place[next] == place[i]) return;
                Flow &flow = map.flow[{place[i], place[next]}];
                ++flow.moves, flow.often += visits[i] * odds;
                map.places[place[next]].visits += visits[i] * odds;
            });
        }
        for (const Moment &moment : tale)
            if (map.way.empty() || map.way.back() != place[moment.situation]) map.way.push_back(place[moment.situation]);
        return map;
    }

    // The facts that tell most of how a tale will turn out, as of when it was solved: one after another that which leaves least variance of the
    // odds among situations that are alike, each counted as often as tales come to it; not those that go to and fro all the time.
    std::vector<Fact> telling_facts() const {
        const Graph &graph = this->graph();
        const Chances chances(graph);
        const std::vector<double> visits = this->visits(chances);
        std::vector<std::uint32_t> sample;
        for (std::uint32_t i = 0; i < graph.states(); ++i)
            if (graph.goes_on(i) && solved(i)) sample.push_back(i);
        std::stable_sort(sample.begin(), sample.end(), [&](std::uint32_t one, std::uint32_t other) { return visits[one] > visits[other]; });
        if (sample.size() > most_looked_at) sample.resize(most_looked_at);
        std::vector<std::pair<std::int32_t, std::vector<std::uint32_t>>> candidates;
        for (std::size_t fluent = 0; fluent < tale_.tables().lanes.size(); ++fluent) {
            const Lane &lane = tale_.tables().lanes[fluent];
            std::vector<Word> codes;
            for (const std::uint32_t situation : sample) codes.push_back(lane.code(explorer_->words(situation)));
            std::vector<std::uint32_t> parts = numbered(codes);
            const std::uint32_t count = parts.empty() ? 0 : *std::max_element(parts.begin(), parts.end()) + 1;
            if (count > 1 && count <= most_places && changes(lane, sample, visits, chances) <= most_changes) candidates.emplace_back(static_cast<std::int32_t>(fluent), std::move(parts));
        }
        std::vector<Fact> found;
        std::vector<std::uint32_t> group(sample.size(), 0);
        const double whole = variance(sample, visits, group);
        for (double left = whole; found.size() < most_facts;) {
            std::int32_t best = -1;
            double least = left;
            std::vector<std::uint32_t> finest;
            for (const auto &[fluent, parts] : candidates) {
                std::vector<Word> pairs;
                for (std::size_t i = 0; i < sample.size(); ++i) pairs.push_back(pair_key(group[i], parts[i]));
                std::vector<std::uint32_t> joined = numbered(pairs);
                if (joined.empty() || *std::max_element(joined.begin(), joined.end()) >= 2 * most_places) continue;
                if (const double its = variance(sample, visits, joined); its < least - 1e-12) best = fluent, least = its, finest = std::move(joined);
            }
            if (best < 0 || left - least < telling * whole) break;
            found.push_back({-1, best}), left = least, group = std::move(finest);
        }
        return found;
    }

private:
    bool solved(std::uint32_t situation) const { return situation < odds_.error.size(); }

    Between between(std::uint32_t situation, std::size_t column) const {
        const std::size_t open = endings() + 1;
        const std::uint32_t may = odds_.open[situation];
        if ((may & (1u << column)) == 0 && (may & (1u << open)) == 0) return {0, 0};
        if (may == 1u << column) return {1, 1};
        const double error = odds_.error[situation], value = odds_.value[situation * odds_.columns + column];
        const double rest = (may & (1u << open)) == 0 ? 0 : odds_.value[situation * odds_.columns + open] + error;
        return {std::max(0.0, value - error), std::min(1.0, value + error + rest)};
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

    static constexpr std::size_t most_facts = 3, most_places = 16, most_looked_at = 3000;
    static constexpr double most_changes = 5;    // of a fact in a tale, on average, for it to be chosen
    static constexpr double telling = 0.02;      // how much of the variance a fact must take away to be chosen
    static constexpr double most_steps = 1e8;    // moves that tales are followed for, all situations counted

    // Of every situation, how often a tale comes to it, on average, as far as it is explored: all tales followed at once.
    std::vector<double> visits(const Chances &chances) const {
        const Graph &graph = this->graph();
        std::vector<double> now(graph.states()), next(graph.states()), all(graph.states());
        now[0] = all[0] = 1;
        const double steps = std::max(50.0, most_steps / static_cast<double>(graph.target.size() + 1));
        for (double step = 0, under_way = 1; step < steps && under_way > 1e-9; ++step) {
            tick_();
            std::fill(next.begin(), next.end(), 0);
            for (std::size_t i = 0; i < graph.expanded; ++i)
                if (now[i] != 0 && graph.goes_on(i)) chances.over(i, [&](std::uint32_t to, double odds) { next[to] += now[i] * odds; });
            under_way = 0;
            for (std::size_t i = 0; i < next.size(); ++i) all[i] += next[i], under_way += next[i];
            now.swap(next);
        }
        return all;
    }

    Rational value(const Fact &fact, std::uint32_t situation) {
        if (fact.node >= 0) return tale_.evaluate(explorer_->state(situation), fact.node);
        const Lane &lane = tale_.tables().lanes[static_cast<std::size_t>(fact.fluent)];
        return lane.decode(lane.code(explorer_->words(situation)));
    }

    // Of every situation its place, numbered in the order in which they are met.
    std::vector<std::uint32_t> alike(const std::vector<Fact> &facts, std::vector<Place> &places) {
        const Graph &graph = this->graph();
        std::map<std::vector<std::int64_t>, std::uint32_t> known;
        std::vector<std::uint32_t> place(graph.states());
        for (std::uint32_t i = 0; i < graph.states(); ++i) {
            if (i % 4096 == 0) tick_();
            Place here{{}, graph.fate[i]};
            std::vector<std::int64_t> key{graph.fate[i]};
            for (const Fact &fact : graph.goes_on(i) ? facts : std::vector<Fact>()) {
                const Rational its = value(fact, i);
                here.facts.push_back(its.known() ? std::optional(its) : std::nullopt);
                key.push_back(its.over), key.push_back(its.under);
            }
            const auto [at, fresh] = known.try_emplace(std::move(key), static_cast<std::uint32_t>(places.size()));
            if (fresh) places.push_back(std::move(here));
            place[i] = at->second;
        }
        return place;
    }

    // Makes one place of all that are visited least, but for those that the tale came through.
    void keep_most_visited(const std::vector<double> &visits, const std::vector<Moment> &tale, std::vector<std::uint32_t> &place, std::vector<Place> &places) const {
        std::vector<double> often(places.size());
        for (std::size_t i = 0; i < place.size(); ++i) often[place[i]] += visits[i];
        std::vector<std::uint8_t> kept(places.size());
        std::vector<std::uint32_t> order;
        for (std::uint32_t i = 0; i < places.size(); ++i)
            if (places[i].fate == Graph::GOES_ON) order.push_back(i);
            else kept[i] = 1;
        std::stable_sort(order.begin(), order.end(), [&](std::uint32_t one, std::uint32_t other) { return often[one] > often[other]; });
        for (std::size_t i = 0; i < std::min(order.size(), most_places); ++i) kept[order[i]] = 1;
        kept[place[0]] = 1;
        for (const Moment &moment : tale) kept[place[moment.situation]] = 1;
        if (std::count(kept.begin(), kept.end(), 0) < 2) return;
        std::vector<std::uint32_t> number(places.size());
        std::vector<Place> few;
        for (std::uint32_t i = 0; i < places.size(); ++i)
            if (kept[i]) number[i] = static_cast<std::uint32_t>(few.size()), few.push_back(std::move(places[i]));
        for (std::uint32_t i = 0; i < places.size(); ++i)
            if (!kept[i]) number[i] = static_cast<std::uint32_t>(few.size());
        few.push_back({{}, Graph::GOES_ON, true});
        for (std::uint32_t &one : place) one = number[one];
        places = std::move(few);
    }

    // The same partition, its parts numbered from 0.
    static std::vector<std::uint32_t> numbered(const std::vector<Word> &codes) {
        std::map<Word, std::uint32_t> known;
        std::vector<std::uint32_t> found;
        for (const Word code : codes) found.push_back(known.try_emplace(code, static_cast<std::uint32_t>(known.size())).first->second);
        return found;
    }

    // How often a fluent changes in a tale, on average, as far as these situations tell.
    double changes(const Lane &lane, const std::vector<std::uint32_t> &sample, const std::vector<double> &visits, const Chances &chances) const {
        std::vector<std::uint8_t> among(graph().states());
        double all = 0, seen = 0, changed = 0;
        for (const std::uint32_t situation : sample) among[situation] = 1;
        for (std::size_t i = 0; i < visits.size(); ++i) all += visits[i];
        for (const std::uint32_t situation : sample) {
            const Word code = lane.code(explorer_->words(situation));
            chances.over(situation, [&](std::uint32_t next, double odds) {
                if (!among[next]) return;
                seen += visits[situation] * odds;
                if (lane.code(explorer_->words(next)) != code) changed += visits[situation] * odds;
            });
        }
        return seen > 0 ? changed * all / seen : 0;
    }

    // The variance of the odds that is left among the situations of one part.
    double variance(const std::vector<std::uint32_t> &sample, const std::vector<double> &visits, const std::vector<std::uint32_t> &part) const {
        const std::size_t parts = part.empty() ? 0 : *std::max_element(part.begin(), part.end()) + std::size_t(1);
        double left = 0;
        for (std::size_t column = 0; column < endings() + 2; ++column) {
            std::vector<double> total(parts), mean(parts);
            const std::size_t in = column < endings() + 1 ? column : column + 1;  // the column of what is not known tells nothing
            const auto odds = [&](std::size_t i) { return odds_.value[sample[i] * odds_.columns + in]; };
            for (std::size_t i = 0; i < sample.size(); ++i) total[part[i]] += visits[sample[i]], mean[part[i]] += visits[sample[i]] * odds(i);
            for (std::size_t k = 0; k < parts; ++k) mean[k] /= std::max(total[k], 1e-300);
            for (std::size_t i = 0; i < sample.size(); ++i) left += visits[sample[i]] * (odds(i) - mean[part[i]]) * (odds(i) - mean[part[i]]);
        }
        return left;
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
    Odds odds_{};
};

}  // namespace everytale
