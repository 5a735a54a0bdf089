// What it costs that a condition comes true, when it is known what every value of a fluent costs. See world.hpp for the whole.
//
// A *sight* is the truth (0) or what a person believes (1 and more). The fluents that are looked at, each of a sight, are numbered code by
// code: a *slot* is what it costs that the fluent comes to have that value. A fluent with very many values has two: the one that it has
// now, and any other. Costs add up, as if nothing ever helped or hindered anything else (see estimate.hpp).
#pragma once

#include <cmath>

#include "search.hpp"

namespace everytale {

class Costs {
public:
    static constexpr float never = Search::never;
    // A number that an expression may come to, and the cost of that.
    struct Option {
        double value;
        float cost;
    };
    using Options = std::vector<Option>;

    Costs(const Tables &tables, const Evaluator &evaluator) : tables_(tables), evaluator_(evaluator), slot_((1 + std::size_t(tables.people)) * tables.lanes.size()) {}

    std::vector<View> views;   // by sight
    std::vector<float> slots;  // what they cost

    static bool small(const Lane &lane) { return lane.mask < 256; }
    static std::size_t codes(const Lane &lane) { return small(lane) ? lane.code_of(lane.high) + 1 : 2; }
    static bool alike(const Lane &a, const Lane &b) { return small(a) && small(b) && a.low == b.low && a.high == b.high && a.unknown == b.unknown; }

    // The slots of a fluent of a sight that is looked at, from now on.
    void look_at(std::size_t pair) {
        looked_at_.push_back(pair);
        slot_[pair] = static_cast<std::uint32_t>(count_);
        count_ += codes(lane(pair));
    }

    // Where the slots of a fluent begin.
    std::uint32_t place(int sight, std::int64_t fluent) const { return slot_[pair(sight, fluent)]; }
    // One number for a sight and a fluent.
    std::size_t pair(int sight, std::int64_t fluent) const { return tables_.lanes.size() * static_cast<std::size_t>(sight) + static_cast<std::size_t>(fluent); }

    // As it is now: that costs nothing, all else cannot be.
    void begin() {
        slots.assign(count_, never);
        for (const std::size_t pair : looked_at_) slots[slot_[pair] + (small(lane(pair)) ? lane(pair).code(views[pair / tables_.lanes.size()].words) : 0)] = 0;
    }

    // What it costs that the expression, seen from there, comes true, or false.
    float truth(std::int64_t index, bool wanted, int sight) const {
        const Node &node = tables_.nodes[index];
        switch (node.op) {
            case NUMBER: return (node.first != 0) == wanted ? 0 : never;
            case UNKNOWN: return wanted ? never : 0;
            case STILL: return 1;
            case NOT: return truth(node.first, !wanted, sight);
            case BELIEVES: return believed(node, wanted, sight);
            case ALL: case ANY: {
                const bool all = (node.op == ALL) == wanted;
                float cost = all ? 0 : never;
                for (std::int32_t operand : tables_.among(node)) {
                    const float its = truth(operand, wanted, sight);
                    cost = all ? cost + its : std::min(cost, its);
                    if (cost >= never && all) return never;
                }
                return cost;
            }
            case IF: {
                const auto parts = tables_.among(node);
                return std::min(truth(parts[0], true, sight) + truth(parts[1], wanted, sight), truth(parts[0], false, sight) + truth(parts[2], wanted, sight));
            }
            case EQUAL: case DIFFERENT:
                if (node.match != 0) return matched(node, wanted == (node.op == EQUAL), sight);
                [[fallthrough]];
            case LESS: case AT_MOST: case GREATER: case AT_LEAST: return compared(node, wanted, sight);
            default: {
                float cost = never;
                for (const Option &option : options(index, sight))
                    if ((!std::isnan(option.value) && option.value != 0) == wanted) cost = std::min(cost, option.cost);
                return cost;
            }
        }
    }

    // The numbers that a fluent may come to have; unknown is not a number.
    Options values(std::int64_t fluent, int sight) const {
        const Lane &lane = tables_.lanes[fluent];
        const float *costs = slots.data() + place(sight, fluent);
        Options result;
        if (!small(lane)) {
            result.push_back({number(lane.decode(lane.code(views[sight].words))), 0});
            if (costs[1] < never) result.push_back({double(lane.high), costs[1]}), result.push_back({double(lane.low), costs[1]});
            return result;
        }
        for (std::size_t code = 0; code < codes(lane); ++code)
            if (costs[code] < never) result.push_back({number(lane.decode(code)), costs[code]});
        return trimmed(std::move(result));
    }

    static double number(Rational value) { return value.known() ? double(value.over) / double(value.under) : std::nan(""); }

    Options options(std::int64_t index, int sight) const {
        const Node &node = tables_.nodes[index];
        switch (node.op) {
            case NUMBER: return {{double(node.first) / double(node.second), 0}};
            case UNKNOWN: return {{std::nan(""), 0}};
            case READ: return values(node.first, sight);
            case BELIEVES: return {{number(evaluator_.value(static_cast<std::int32_t>(index), views[sight])), 0}};
            case SUM: {
                Options total{{0, 0}};
                for (std::int32_t operand : tables_.among(node)) total = combined(total, options(operand, sight), [](double a, double b) { return a + b; });
                return total;
            }
            case MINUS: return combined(options(node.first, sight), options(node.second, sight), [](double a, double b) { return a - b; });
            case TIMES: return combined(options(node.first, sight), options(node.second, sight), [](double a, double b) { return a * b; });
            case OVER: return combined(options(node.first, sight), options(node.second, sight), [](double a, double b) { return b == 0 ? std::nan("") : a / b; });
            case IF: {
                const auto parts = tables_.among(node);
                Options result;
                for (const bool branch : {true, false}) {
                    const float cost = truth(parts[0], branch, sight);
                    if (cost >= never) continue;
                    for (const Option &option : options(parts[branch ? 1 : 2], sight)) result.push_back({option.value, option.cost + cost});
                }
                return trimmed(std::move(result));
            }
            default: {
                Options result;
                for (const bool wanted : {true, false})
                    if (const float cost = truth(index, wanted, sight); cost < never) result.push_back({wanted ? 1.0 : 0.0, cost});
                return result;
            }
        }
    }

    template <class Combine>
    static Options combined(const Options &left, const Options &right, Combine combine) {
        Options result;
        for (const Option &a : left)
            for (const Option &b : right) result.push_back({combine(a.value, b.value), a.cost + b.cost});
        return trimmed(std::move(result));
    }

    // Each number once, at its least cost; the cheapest where there are too many, and the extremes.
    static Options trimmed(Options options) {
        if (options.size() < 2) return options;
        const auto before = [](double a, double b) { return std::isnan(a) ? !std::isnan(b) : a < b; };
        std::sort(options.begin(), options.end(), [&](const Option &a, const Option &b) { return before(a.value, b.value) || (!before(b.value, a.value) && a.cost < b.cost); });
        options.erase(std::unique(options.begin(), options.end(), [&](const Option &a, const Option &b) { return !before(a.value, b.value) && !before(b.value, a.value); }), options.end());
        if (options.size() <= most_options) return options;
        std::stable_sort(options.begin() + 1, options.end() - 1, [](const Option &a, const Option &b) { return a.cost < b.cost; });
        options.erase(options.begin() + most_options - 1, options.end() - 1);
        return options;
    }

private:
    static constexpr std::size_t most_options = 24;

    const Lane &lane(std::size_t pair) const { return tables_.lanes[pair % tables_.lanes.size()]; }

    float believed(const Node &node, bool wanted, int sight) const {
        const Person person = static_cast<Person>(node.first);
        if (evaluator_.holds(static_cast<std::int32_t>(node.second), evaluator_.through(views[sight], person)) == wanted) return 0;
        return std::min(1 + truth(node.second, wanted, 0), truth(node.second, wanted, 1 + person));
    }

    // A fluent against a constant.
    float matched(const Node &node, bool equal, int sight) const {
        const Node &first = tables_.nodes[node.first];
        const std::int64_t fluent = first.op == READ ? first.first : tables_.nodes[node.second].first;
        const Lane &lane = tables_.lanes[fluent];
        if (node.mask == 0) return (node.expect == 0) == equal ? 0 : never;
        const Word wanted = node.expect >> lane.shift;
        const float *costs = slots.data() + place(sight, fluent);
        if (!small(lane)) return (lane.code(views[sight].words) == wanted) == equal ? 0 : costs[1];
        if (equal) return costs[wanted];
        float cost = never;
        for (std::size_t code = 0; code < codes(lane); ++code)
            if (code != wanted) cost = std::min(cost, costs[code]);
        return cost;
    }

    float compared(const Node &node, bool wanted, int sight) const {
        float cost = never;
        const Node &first = tables_.nodes[node.first], &second = tables_.nodes[node.second];
        if ((node.op == EQUAL || node.op == DIFFERENT) && first.op == READ && second.op == READ && alike(tables_.lanes[first.first], tables_.lanes[second.first])) {
            const std::size_t codes = this->codes(tables_.lanes[first.first]);
            const float *a = slots.data() + place(sight, first.first), *b = slots.data() + place(sight, second.first);
            if (wanted == (node.op == EQUAL)) {
                for (std::size_t code = 0; code < codes; ++code) cost = std::min(cost, a[code] + b[code]);
            } else {
                for (std::size_t code = 0; code < codes; ++code)
                    if (a[code] < cost)
                        for (std::size_t other = 0; other < codes; ++other)
                            if (other != code) cost = std::min(cost, a[code] + b[other]);
            }
            return cost;
        }
        if (first.op == READ && second.op == NUMBER && small(tables_.lanes[first.first])) return compared(node.op, first.first, double(second.first) / double(second.second), wanted, sight);
        const Options left = options(node.first, sight), right = options(node.second, sight);
        for (const Option &a : left)
            for (const Option &b : right)
                if (a.cost + b.cost < cost && compare(node.op, a.value, b.value) == wanted) cost = a.cost + b.cost;
        return cost;
    }

    // A fluent, as a number, against a constant.
    float compared(Operator op, std::int64_t fluent, double number, bool wanted, int sight) const {
        const Lane &lane = tables_.lanes[fluent];
        const float *costs = slots.data() + place(sight, fluent);
        float cost = never;
        for (std::size_t code = 0; code < codes(lane); ++code)
            if (costs[code] < cost && compare(op, this->number(lane.decode(code)), number) == wanted) cost = costs[code];
        return cost;
    }

    static bool compare(Operator op, double a, double b) {
        switch (op) {
            case EQUAL: return a == b || (std::isnan(a) && std::isnan(b));
            case DIFFERENT: return !compare(EQUAL, a, b);
            case LESS: return a < b;
            case AT_MOST: return a <= b;
            case GREATER: return a > b;
            default: return a >= b;
        }
    }

    const Tables &tables_;
    const Evaluator &evaluator_;
    std::vector<std::uint32_t> slot_;
    std::vector<std::size_t> looked_at_;
    std::size_t count_ = 0;
};

}  // namespace everytale
