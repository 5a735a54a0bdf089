// How somebody who is surprised by a move changes their mind about what was so before. See world.hpp for the whole.
//
// They saw a move whose precondition is false in what they believe: they visit it in negation normal form, and put right
// every literal that is false to them, so that the move can be understood.
#pragma once

#include <algorithm>
#include <optional>

#include "evaluate.hpp"

namespace everytale {

// The code of a number where errors are nobody's: clamped to the range. Nothing where the lane cannot hold it.
inline std::optional<Word> code_within(const Lane &lane, Rational number) {
    if (!number.known()) return lane.unknown ? std::optional<Word>(0) : std::nullopt;
    if (!number.whole()) return std::nullopt;
    return lane.code_of(std::clamp(number.over, lane.low, lane.high));
}

// The code of a value handed over from outside, where the least integer is unknown.
inline Word code_exactly(const Lane &lane, std::int64_t value) {
    if (value == std::numeric_limits<std::int64_t>::min()) {
        if (!lane.unknown) throw std::invalid_argument("unknown is not admitted here");
        return 0;
    }
    if (value < lane.low || value > lane.high) throw std::invalid_argument("value " + std::to_string(value) + " is out of range");
    return lane.code_of(value);
}

class Correction {
public:
    Correction(const Tables &tables, States &states, const Evaluator &evaluator) : tables_(tables), states_(states), evaluator_(evaluator) {}

    // What the owner of `believed` should have believed, given that `condition` held in `actual`. No trigger runs.
    State corrected(State believed, const View &actual, std::int32_t condition) {
        wrong_.clear(), path_.clear();
        visit(condition, true, actual, states_.view(believed));
        const auto doubtful = [](const Revision &r) { return !r.equality; };
        if (std::any_of(wrong_.begin(), wrong_.end(), doubtful)) std::stable_partition(wrong_.begin(), wrong_.end(), doubtful);  // equalities win
        return revised(believed, 0, wrong_);
    }

    // The same state with one fluent changed in the mind at the end of `chain`.
    State revised(State s, const std::vector<Person> &chain, std::int32_t fluent, Word code) { return revised(s, 0, {{chain, fluent, code, true}}); }

private:
    struct Revision {
        std::vector<Person> chain;
        std::int32_t fluent;
        Word code;
        bool equality;
    };

    State revised(State s, std::size_t depth, const std::vector<Revision> &revisions) {
        if (revisions.empty()) return s;
        if (std::all_of(revisions.begin(), revisions.end(), [&](const Revision &r) { return r.chain.size() == depth; })) {
            here_.assign(states_.view(s), tables_);
            for (const Revision &r : revisions) tables_.lanes[r.fluent].put(here_.words.data(), r.code);
            return states_.intern(here_);
        }
        Draft draft;
        draft.assign(states_.view(s), tables_);
        std::vector<Person> inward;
        for (const Revision &r : revisions) {
            if (r.chain.size() == depth) tables_.lanes[r.fluent].put(draft.words.data(), r.code);
            else if (std::find(inward.begin(), inward.end(), r.chain[depth]) == inward.end()) inward.push_back(r.chain[depth]);
        }
        for (Person person : inward) {
            std::vector<Revision> rest;
            for (const Revision &r : revisions)
                if (r.chain.size() > depth && r.chain[depth] == person) rest.push_back(r);
            draft.believed[person] = revised(states_.believed(s, person), depth + 1, rest);
        }
        return states_.intern(draft);
    }

    void visit(std::int32_t index, bool wanted, const View &actual, const View &believed) {
        if (index < 0) return;
        const Node &node = tables_.nodes[index];
        switch (node.op) {
            case NOT: return visit(static_cast<std::int32_t>(node.first), !wanted, actual, believed);
            case ALL: case ANY:
                for (std::int32_t operand : tables_.among(node))
                    if ((node.op == ALL) == wanted || evaluator_.holds(operand, actual) == wanted) visit(operand, wanted, actual, believed);
                return;
            case BELIEVES: return further_in(node, actual, believed, [&](const View &a, const View &b) { visit(static_cast<std::int32_t>(node.second), wanted, a, b); });
            case NUMBER: case UNKNOWN: return;
            default: break;
        }
        if (evaluator_.holds(index, believed) == wanted) return;
        if (node.op == READ) return revise(node.first, Rational{wanted ? 1 : 0, 1}, true);
        if ((node.op == EQUAL && wanted) || (node.op == DIFFERENT && !wanted)) {
            if (is_fluent(node.first)) return assign(node.first, evaluator_.value(node.second, actual), actual, believed);
            if (is_fluent(node.second)) return assign(node.second, evaluator_.value(node.first, actual), actual, believed);
        }
        doubt(index, actual, believed);
    }

    // A fluent, perhaps within beliefs.
    bool is_fluent(std::int64_t index) const {
        const Node *node = &tables_.nodes[index];
        while (node->op == BELIEVES) node = &tables_.nodes[node->second];
        return node->op == READ;
    }

    void assign(std::int64_t index, Rational value, const View &actual, const View &believed) {
        const Node &node = tables_.nodes[index];
        if (node.op == READ) return revise(node.first, value, true);
        further_in(node, actual, believed, [&](const View &a, const View &b) { assign(node.second, value, a, b); });
    }

    // Every fluent in the expression becomes unknown, or what it is where that is not admitted.
    void doubt(std::int64_t index, const View &actual, const View &believed) {
        const Node &node = tables_.nodes[index];
        switch (node.op) {
            case NUMBER: case UNKNOWN: case STILL: return;
            case READ: return revise(node.first, tables_.lanes[node.first].unknown ? unknown : evaluator_.read(node.first, actual), false);
            case BELIEVES: return further_in(node, actual, believed, [&](const View &a, const View &b) { doubt(node.second, a, b); });
            case NOT: return doubt(node.first, actual, believed);
            case ALL: case ANY: case SUM: case IF:
                for (std::int32_t operand : tables_.among(node)) doubt(operand, actual, believed);
                return;
            default: doubt(node.first, actual, believed), doubt(node.second, actual, believed);
        }
    }

    // Nothing is kept about others at the deepest level.
    template <class Visit>
    void further_in(const Node &node, const View &actual, const View &believed, Visit visit) {
        const Person person = static_cast<Person>(node.first);
        const View inner = evaluator_.through(actual, person);
        if (person == believed.mind) return visit(inner, believed);
        if (States::inner(believed, person) == itself) return;
        path_.push_back(person);
        visit(inner, evaluator_.through(believed, person));
        path_.pop_back();
    }

    void revise(std::int64_t fluent, Rational value, bool equality) {
        if (const auto code = code_within(tables_.lanes[fluent], value)) wrong_.push_back({path_, static_cast<std::int32_t>(fluent), *code, equality});
    }

    const Tables &tables_;
    States &states_;
    const Evaluator &evaluator_;
    std::vector<Revision> wrong_;
    std::vector<Person> path_;
    Draft here_;  // in the making
};

}  // namespace everytale
