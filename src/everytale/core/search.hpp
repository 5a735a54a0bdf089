// Finding a tale: a sequence of possible moves at whose end a goal holds. See world.hpp for the whole.
//
// Best first over the graph of distinct states, in the true state only. Whether a move is in character is the dear question, so it
// is asked when the move's turn comes, not when it is met. Who has a reason mostly has one that is soon found, and what is dear is to
// prove that somebody has none; so a question that is not answered within a little work waits, as if the state were some moves
// further from the goal, and is asked again with twice the work. What the admissible bound says cannot reach the goal in the moves
// left is never met. The search is complete: when nothing is left, there is no such tale within the limits, unless a question stayed
// undecided.
#pragma once

#include <queue>

#include "step.hpp"

namespace everytale {

class Search {
public:
    enum class Status : int { running = 0, found = 1, none = 2, undecided = 3 };
    enum class Order : int { promising = 0, shortest = 1, curious = 2 };
    struct Aim {
        std::int32_t goal;    // a condition of the true state
        std::int32_t ending;  // or, where it is not -1: the tale must come to that ending
        int within;           // moves, at most
        Order order;
        double eagerness;  // how much the estimate counts against the moves made
    };
    // The story's own answers: 1, 0, or -1 where the patience ran out; the ending of a state, or -1; the number of moves to the
    // goal, at least (perhaps none; limit + 1 if not within the limit), and at a guess.
    struct Judge {
        std::function<int(State, std::int32_t, std::int64_t)> in_character;
        std::function<std::int64_t(State)> ending;
        std::function<int(State, int)> least;
        std::function<float(State)> guess;
        std::int64_t patience;
    };
    static constexpr float never = 1e6f;  // the guess where there is no way; still comparable

    Search(const Tables &tables, States &states, const Evaluator &evaluator, const Sieve &sieve, Stepper &stepper, Work &work, const Aim &aim, Judge judge, State start)
        : tables_(tables), states_(states), evaluator_(evaluator), sieve_(sieve), stepper_(stepper), work_(work), aim_(aim), judge_(std::move(judge)) {
        if (reached(start)) {
            nodes_.push_back({start, 0, -1, 0});
            found_ = 0;
        } else {
            arrive(start, 0, -1, 0);
        }
    }

    // Goes on until `enough()`, or to the end. A tale found ends it; another call goes on to the next, which may lead on from there.
    template <class Enough>
    Status run(Enough enough) {
        if (found_ && !told_) return told_ = true, Status::found;
        if (found_) leave(*found_), found_.reset();
        while (!queue_.empty()) {
            if (enough()) return Status::running;
            const Candidate next = queue_.top();
            queue_.pop();
            const Node parent = nodes_[next.parent];
            const int depth = parent.depth + 1;
            if (known(next.state) <= depth) continue;
            const int verdict = judge_.in_character(parent.state, next.move, std::min(judge_.patience, first_patience << next.tries));
            if (verdict == 0) {
                ++refused_;
                continue;
            }
            if (verdict < 0) {
                postpone(next);
                continue;
            }
            if (reached(next.state)) {
                nodes_.push_back({next.state, next.parent, next.move, depth});
                reach_.at(next.state) = depth + 1;
                found_ = static_cast<std::uint32_t>(nodes_.size() - 1);
                told_ = true;
                return Status::found;
            }
            arrive(next.state, next.parent, next.move, depth);
        }
        return undecided_ ? Status::undecided : Status::none;
    }

    // Of a search for the shortest tale: from now on, only one of at most so many moves will do.
    void shorten(int within) {
        if (aim_.order != Order::shortest) throw std::invalid_argument("it does not look for the shortest tale");
        aim_.within = std::min(aim_.within, within);
        std::priority_queue<Candidate> left;
        for (; !queue_.empty() && queue_.top().priority < static_cast<float>(aim_.within + 1); queue_.pop()) left.push(queue_.top());
        queue_.swap(left);
    }

    // The moves of the tale found.
    std::vector<std::int64_t> tale() const {
        std::vector<std::int64_t> moves;
        for (std::uint32_t at = found_.value(); nodes_[at].move >= 0; at = nodes_[at].parent) moves.push_back(nodes_[at].move);
        std::reverse(moves.begin(), moves.end());
        return moves;
    }

    std::uint64_t visited() const { return nodes_.size(); }
    std::uint64_t met() const { return met_; }
    std::uint64_t refused() const { return refused_; }
    std::uint64_t waiting() const { return queue_.size(); }
    int deepest() const { return deepest_; }
    bool undecided() const { return undecided_; }
    std::size_t bytes() const { return nodes_.capacity() * sizeof(Node) + queue_.size() * sizeof(Candidate) + reach_.bytes() + values_.bytes(); }
    std::size_t growth() const { return reach_.growth() + values_.growth() + soon_moved(nodes_) + queue_.size() * sizeof(Candidate); }

private:
    static constexpr float familiar = 1000;  // more than what the states of a guess that is not beside the point differ by
    static constexpr std::int64_t first_patience = 100;
    static constexpr float price = 4;  // of asking again, in moves

    struct Node {
        State state;
        std::uint32_t parent;
        std::int32_t move;
        int depth;
    };
    struct Candidate {
        float priority;
        std::uint32_t order;  // of two that are as good, the one met first
        std::uint32_t parent;
        std::int32_t move;
        State state;
        int tries;
        friend bool operator<(const Candidate &a, const Candidate &b) { return a.priority != b.priority ? a.priority > b.priority : a.order > b.order; }
    };

    bool reached(State s) { return aim_.ending >= 0 ? judge_.ending(s) == aim_.ending : evaluator_.holds(aim_.goal, states_.view(s)); }

    // The fewest moves in which a state has been reached.
    int known(State s) {
        const int *depth = reach_.find(s);
        return depth == nullptr || *depth == 0 ? std::numeric_limits<int>::max() : *depth - 1;
    }

    void arrive(State s, std::uint32_t parent, std::int32_t move, int depth) {
        const std::uint32_t at = static_cast<std::uint32_t>(nodes_.size());
        nodes_.push_back({s, parent, move, depth});
        reach_.at(s) = depth + 1;
        deepest_ = std::max(deepest_, depth);
        leave(at);
    }

    // Meets all states that a state reached may be left for.
    void leave(std::uint32_t at) {
        const Node left = nodes_[at];
        if (left.depth >= aim_.within || (!tables_.endings.empty() && judge_.ending(left.state) >= 0)) return;
        const View view = states_.view(left.state);
        sieve_.each(view, evaluator_, [&](std::int32_t move) {
            try {
                if (!idle(move, view)) meet(stepper_.after(left.state, move), at, move, left.depth + 1);
            } catch (const Broken &) {  // an error of the story only where somebody would do that
                const int verdict = judge_.in_character(left.state, move, judge_.patience);
                if (verdict > 0) throw;
                refused_ += verdict == 0;
                undecided_ = undecided_ || verdict < 0;
            }
            return false;
        });
    }

    bool idle(std::int32_t move, const View &view) const {
        if (tables_.moves[move].weight < 0) return false;
        const Rational weight = evaluator_.value(tables_.moves[move].weight, view);
        if (!weight.known() || weight.over < 0) throw Broken{"weight", {move}};
        return weight.zero();
    }

    void meet(State s, std::uint32_t parent, std::int32_t move, int depth) {
        ++met_;
        work_();
        if (known(s) <= depth) return;
        const int left = aim_.within - depth, least = judge_.least(s, left);
        if (least > left) return;
        if (aim_.order == Order::shortest) {
            queue_.push({static_cast<float>(depth + least) + static_cast<float>(least) / never, order_++, parent, move, s, 0});
            return;
        }
        const float guess = judge_.guess(s);
        float priority = static_cast<float>(depth + aim_.eagerness * guess);
        if (aim_.order == Order::curious && !novel(s, guess)) priority += familiar;
        queue_.push({priority, order_++, parent, move, s, 0});
    }

    // Whether a fluent has a value that it had in no state met before whose guess is the same. Such states come first in a curious
    // search, so that it does not stay where the guess is mistaken (Lipovetzky and Geffner, Best-first width search, 2017).
    bool novel(State s, float guess) {
        const View view = states_.view(s);
        const std::uint32_t near = static_cast<std::uint32_t>(std::min(guess, familiar));
        bool any = false;
        for (std::size_t fluent = 0; fluent < tables_.lanes.size(); ++fluent) {
            const Lane &lane = tables_.lanes[fluent];
            if (lane.mask == 0) continue;
            char &known = values_.at(pair_key(near << 21 | static_cast<std::uint32_t>(fluent), static_cast<std::uint32_t>(lane.code(view.words))));
            any = any || !known;
            known = 1;
        }
        return any;
    }

    void postpone(Candidate next) {
        if (first_patience << next.tries >= judge_.patience) {
            undecided_ = true;
            return;
        }
        ++next.tries;
        if (aim_.order != Order::shortest) next.priority += price, next.order = order_++;
        queue_.push(next);
    }

    const Tables &tables_;
    States &states_;
    const Evaluator &evaluator_;
    const Sieve &sieve_;
    Stepper &stepper_;
    Work &work_;
    Aim aim_;
    const Judge judge_;
    std::vector<Node> nodes_;
    std::priority_queue<Candidate> queue_;
    Map<char> values_;  // met, of a guess and a fluent
    Map<int> reach_;
    std::optional<std::uint32_t> found_;
    bool told_ = false, undecided_ = false;
    std::uint32_t order_ = 0;
    std::uint64_t met_ = 0, refused_ = 0;
    int deepest_ = 0;
};

}  // namespace everytale
