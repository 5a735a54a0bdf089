// Expressions in a state. See world.hpp for the whole.
#pragma once

#include <functional>

#include "states.hpp"

namespace everytale {

class Evaluator {
public:
    Evaluator(const Tables &tables, const States &states) : tables_(tables), states_(states) {}

    Rational value(std::int32_t index, const View &view) const {
        const Node &node = tables_.nodes[index];
        try {
            return compute(node, view);
        } catch (Overflow) {
            throw Broken{"overflow", {index}};
        }
    }

    // A condition holds where it is known and not 0; no condition (-1) always does.
    bool holds(std::int32_t index, const View &view) const {
        if (index < 0) return true;
        const Node &node = tables_.nodes[index];
        if (node.match != 0) return ((view.words[node.word] & node.mask) == node.expect) == (node.match > 0);
        switch (node.op) {
            case NUMBER: return node.first != 0;
            case UNKNOWN: return false;
            case READ: {
                const Rational value = read(node.first, view);
                return value.known() && !value.zero();
            }
            case BELIEVES: return holds(static_cast<std::int32_t>(node.second), through(view, static_cast<Person>(node.first)));
            case EQUAL: return value(node.first, view) == value(node.second, view);
            case DIFFERENT: return value(node.first, view) != value(node.second, view);
            case LESS: return less(value(node.first, view), value(node.second, view));
            case AT_MOST: return at_most(value(node.first, view), value(node.second, view));
            case GREATER: return less(value(node.second, view), value(node.first, view));
            case AT_LEAST: return at_most(value(node.second, view), value(node.first, view));
            case NOT: return !holds(static_cast<std::int32_t>(node.first), view);
            case ALL: {
                const Conjunction &its = tables_.conjunctions[node.word];
                for (std::uint32_t at = its.literals; at < its.end_of_literals; ++at)
                    if (!holds(tables_.literals[at], view)) return false;
                for (std::uint32_t at = its.others; at < its.end_of_others; ++at)
                    if (!holds(tables_.others[at], view)) return false;
                return true;
            }
            case ANY:
                for (std::int32_t operand : tables_.among(node))
                    if (holds(operand, view)) return true;
                return false;
            case IF: {
                const auto parts = tables_.among(node);
                return holds(holds(parts[0], view) ? parts[1] : parts[2], view);
            }
            case STILL: return still();
            default: {
                const Rational number = value(index, view);
                return number.known() && !number.zero();
            }
        }
    }

    bool holds(const Literal &literal, const View &view) const {
        const State inner = literal.within < 0 ? itself : view.believed[literal.within];
        const Word *words = inner == itself ? view.words : states_.words(inner);
        return ((words[literal.word] & literal.mask) == literal.expect) == literal.equal;
    }

    Rational read(std::int64_t fluent, const View &view) const {
        const Lane &lane = tables_.lanes[fluent];
        return lane.decode(lane.code(view.words));
    }

    // The view of what `person` believes here.
    View through(const View &view, Person person) const {
        const State inner = States::inner(view, person);
        return inner == itself ? view : states_.view(inner);
    }

    // Whether no move is possible in the state now asked about: only the conditions of endings ask.
    std::function<bool()> stillness;

private:
    bool still() const {
        if (!stillness) throw std::invalid_argument("'no move is possible' can be asked of endings only");
        return stillness();
    }

    Rational compute(const Node &node, const View &view) const {
        switch (node.op) {
            case NUMBER: return {node.first, node.second};
            case UNKNOWN: return unknown;
            case READ: return read(node.first, view);
            case BELIEVES: return value(static_cast<std::int32_t>(node.second), through(view, static_cast<Person>(node.first)));
            case SUM: {
                Rational total;
                for (std::int32_t operand : tables_.among(node)) total = plus(total, value(operand, view));
                return total;
            }
            case MINUS: return plus(value(node.first, view), negated(value(node.second, view)));
            case TIMES: return times(value(node.first, view), value(node.second, view));
            case OVER: return divided(value(node.first, view), value(node.second, view));
            case IF: {
                const auto parts = tables_.among(node);
                return value(holds(parts[0], view) ? parts[1] : parts[2], view);
            }
            default: return {holds(static_cast<std::int32_t>(&node - tables_.nodes.data()), view) ? 1 : 0, 1};
        }
    }

    const Tables &tables_;
    const States &states_;
};

}  // namespace everytale
