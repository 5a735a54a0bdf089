// Every situation that a story can come to. See world.hpp for the whole.
//
// Two ways lead there. Where people have minds, a situation is an interned state of the tale, and its moves are those that are in
// character (`Minded`, minded.hpp). Where there is nobody, it is a row of words and nothing else (`Plain`, plain.hpp).
#pragma once

#include <memory>

#include "graph.hpp"
#include "tale.hpp"

namespace everytale {

// One move from a situation, and the situation after it.
struct Link {
    std::int32_t move;
    Rational weight;
    std::uint32_t target;
};

// When a moment has come: in situations that are marked (empty: in all), where the move just made is marked (empty: whatever it was).
struct Moment {
    std::vector<std::uint8_t> situations, moves;

    bool none() const { return situations.empty() && moves.empty(); }
    bool come(std::uint32_t situation, std::int32_t move) const {
        return (situations.empty() || situations[situation]) && (moves.empty() || (move >= 0 && moves[move]));
    }
};

// Watches a tale for a moment `what` that lies, where they are given, at or after the first `after` and before the first `before`
// since. With `again`, what is past `before` begins anew, with the next moment.
struct Monitor {
    enum Phase : std::uint8_t { EARLY, DUE, LATE };

    Moment what, after, before;
    bool again;

    // The phase that a tale is in after one more move, if it was in `phase`; before its first (-1), EARLY.
    Phase next(Phase phase, std::uint32_t situation, std::int32_t move) const {
        if (phase == EARLY && (after.none() || after.come(situation, move))) phase = DUE;
        if (phase == DUE && !before.none() && before.come(situation, move)) phase = again ? EARLY : LATE;
        return phase;
    }
};

// A tale: its moves, and where it comes to.
struct Way {
    std::vector<std::int64_t> moves;
    std::uint32_t end;
};

// A graph that remembers what a monitor saw: each of its states is a situation in a phase. Two more come last: where nothing is to be seen
// any more, and where `what` was seen, which is the very last (and the only one, if that is so at the start).
struct Watched {
    Graph graph;
    std::vector<std::uint32_t> situations;  // of every state but these two
    std::vector<std::uint8_t> due;          // and whether it is between `after` and `before`
};

class Explorer {
public:
    explicit Explorer(int within) : within_(within) {}
    virtual ~Explorer() = default;

    // Expands about that many situations more. Whether all are.
    virtual bool run(std::uint64_t count) = 0;
    // The situation as a state of the tale.
    virtual State state(std::uint32_t situation) = 0;
    // Whether the condition holds in a situation.
    virtual bool holds(std::uint32_t situation, std::int32_t condition) = 0;
    // Its fluents, as words.
    virtual const Word *words(std::uint32_t situation) const = 0;
    virtual std::vector<Link> links(std::uint32_t situation) = 0;
    // Of every move, whether it is ever made.
    virtual std::vector<std::uint8_t> made() = 0;
    // Of every move of the graph, which it is.
    virtual std::vector<std::uint32_t> named() = 0;
    virtual std::size_t bytes() const = 0;
    virtual std::size_t growth() const { return graph_.growth(); }
    // Goes on from what another one had found out: its graph, and where there are no people the `rows` of its situations.
    virtual void restore(std::vector<Word> rows) = 0;
    virtual const std::vector<Word> &rows() const = 0;

    struct Progress {
        std::int64_t depth, level_end, undecided;
    };
    Progress progress() const { return {depth_, static_cast<std::int64_t>(level_end_), static_cast<std::int64_t>(undecided_)}; }

    void resume(Graph graph, std::vector<Word> rows, Progress progress, const Tables &tables) {
        growing();
        if (graph_.expanded > 0) throw std::invalid_argument("it is under way already");
        const std::int64_t expanded = static_cast<std::int64_t>(graph.expanded), all = static_cast<std::int64_t>(graph.states());
        if (!graph.sound(tables.moves.size(), tables.endings.size()) || progress.depth < 0 || progress.depth > expanded || progress.level_end < std::max<std::int64_t>(expanded, 1) ||
            progress.level_end > all)
            throw std::invalid_argument("it is no graph of this world");
        graph_ = std::move(graph), depth_ = static_cast<int>(progress.depth), level_end_ = static_cast<std::size_t>(progress.level_end), undecided_ = static_cast<std::uint64_t>(progress.undecided);
        restore(std::move(rows));
    }

    // The shortest tale to the moment that `monitor` watches for.
    std::optional<Way> way(const Monitor &monitor) {
        struct Step {
            std::uint32_t situation, parent;
            std::int32_t move;
            Monitor::Phase phase;
        };
        std::vector<Step> steps;
        std::vector<std::uint8_t> met(graph_.states());
        std::optional<std::size_t> found;
        const auto arrive = [&](std::uint32_t situation, std::int32_t move, std::uint32_t parent, Monitor::Phase phase) {
            phase = monitor.next(phase, situation, move);
            const bool come = phase == Monitor::DUE && monitor.what.come(situation, move);
            if (phase == Monitor::LATE || (met[situation] >> phase & 1 && !come)) return;
            met[situation] |= 1 << phase;
            steps.push_back({situation, parent, move, phase});
            if (come) found = steps.size() - 1;
        };
        const bool named = !monitor.what.moves.empty() || !monitor.after.moves.empty() || !monitor.before.moves.empty() || !graph_.move.empty();
        arrive(0, -1, 0, Monitor::EARLY);
        for (std::size_t at = 0; at < steps.size() && !found; ++at) {
            const Step from = steps[at];
            if (named) {
                for (const Link &link : links(from.situation)) {
                    if (!found) arrive(link.target, link.move, static_cast<std::uint32_t>(at), from.phase);
                }
            } else if (graph_.goes_on(from.situation)) {
                for (std::uint64_t edge = graph_.first[from.situation]; edge < graph_.first[from.situation + 1] && !found; ++edge)
                    arrive(graph_.target[edge], -1, static_cast<std::uint32_t>(at), from.phase);
            }
        }
        if (!found) return std::nullopt;
        Way way{{}, steps[*found].situation};
        for (std::size_t at = *found; at != 0; at = steps[at].parent) way.moves.push_back(named ? steps[at].move : move_between(steps[steps[at].parent].situation, steps[at].situation));
        std::reverse(way.moves.begin(), way.moves.end());
        return way;
    }

    // All that can be come to, with what `monitor` saw by then; `seen`: where it saw `what`, everything ends.
    Watched watched(const Monitor &monitor, bool seen) {
        constexpr std::uint32_t none = ~0u, late = none - 1, come = none - 2;
        Watched result;
        Graph &graph = result.graph;
        std::vector<std::uint32_t> numbers(2 * graph_.states(), none);
        const auto arrive = [&](std::uint32_t situation, std::int32_t move, Monitor::Phase phase) -> std::uint32_t {
            phase = monitor.next(phase, situation, move);
            if (phase == Monitor::LATE) return late;
            if (phase == Monitor::DUE && seen && monitor.what.come(situation, move)) return come;
            std::uint32_t &number = numbers[2 * situation + phase];
            if (number == none) {
                number = static_cast<std::uint32_t>(result.situations.size());
                result.situations.push_back(situation), result.due.push_back(phase == Monitor::DUE);
                graph.fate.push_back(graph_.fate[situation]);
            }
            return number;
        };
        const std::uint32_t start = arrive(0, -1, Monitor::EARLY);
        graph.weights = graph_.weights;
        graph.first.push_back(0);
        for (std::size_t at = 0; at < result.situations.size(); ++at) {
            const std::uint32_t situation = result.situations[at];
            std::uint64_t edge = graph_.linked() && situation < graph_.expanded ? graph_.first[situation] : 0;
            for (const Link &link : links(situation)) {
                graph.target.push_back(arrive(link.target, link.move, result.due[at] ? Monitor::DUE : Monitor::EARLY));
                if (!graph_.weight.empty()) graph.weight.push_back(graph_.weight[edge++]);
            }
            graph.first.push_back(graph.target.size());
            if (!graph_.chosen.empty()) graph.chosen.push_back(static_cast<std::uint16_t>(graph_.choices(situation)));
        }
        graph.expanded = result.situations.size();
        if (start != come) graph.fate.push_back(Graph::DEAD_END);
        graph.fate.push_back(0);
        if (start == come) graph.first = {0, 0}, graph.expanded = 1;
        const std::uint32_t last = static_cast<std::uint32_t>(graph.states() - 1);
        for (std::uint32_t &target : graph.target)
            if (target >= come) target = target == come ? last : last - 1;
        return result;
    }

    // The same graph, but every weight times the factor of its move.
    Graph weighed(const std::vector<Rational> &factors) {
        Graph other = graph_;
        other.weights.resize(1), other.weight.clear();
        try {
            for (std::uint32_t i = 0; i < graph_.expanded; ++i)
                for (const Link &link : links(i)) other.weight.push_back(other.weight_of(times(link.weight, factors[link.move])));
        } catch (const Overflow &) {
            throw Broken{"overflow", {}};
        }
        return other;
    }

    const Graph &graph() const { return graph_; }
    // The graph for others to keep; nothing more is explored from then on.
    std::shared_ptr<const Graph> finished() { return finished_ = true, shared_; }
    // Moves to the situations now expanded, at least.
    int depth() const { return depth_; }
    // Situations with a move of which it is unknown whether it is possible.
    std::uint64_t undecided() const { return undecided_; }

protected:
    std::int64_t move_between(std::uint32_t from, std::uint32_t to) {
        for (const Link &link : links(from))
            if (link.target == to) return link.move;
        return -1;
    }

    // How many moves it takes to come to the next situation to be expanded.
    void descend() {
        if (graph_.expanded == level_end_) ++depth_, level_end_ = graph_.states();
    }

    void growing() const {
        if (finished_) throw std::invalid_argument("its graph was asked for: nothing more is explored");
    }

private:
    const std::shared_ptr<Graph> shared_ = std::make_shared<Graph>();
    bool finished_ = false;

protected:
    Graph &graph_ = *shared_;
    const int within_;
    int depth_ = 0;
    std::size_t level_end_ = 1;
    std::uint64_t undecided_ = 0;
};

}  // namespace everytale
