// States in which a fluent may have several values at once, and what expressions may come to there. See world.hpp for the whole.
#pragma once

#include "interval.hpp"
#include "world.hpp"

namespace everytale {

// Which values a fluent may have: a set of codes where there are at most 64, else an interval.
struct Values {
    Word codes;
    std::int64_t low, high;
    bool unknown;
    friend bool operator==(const Values &, const Values &) = default;
};

// Values for every fluent, as somebody (-1: nobody, the true state) imagines them; what others believe may be anything.
class Relaxed {
public:
    // `bottom`: at the deepest level kept, where what others believe is what is so.
    Relaxed(const Tables &tables, Person mind, bool bottom) : tables_(tables), mind_(mind), bottom_(bottom) {
        for (const Lane &lane : tables.lanes) full_.push_back(all(lane));
    }

    std::vector<Values> now;

    const std::vector<Values> &full() const { return full_; }
    int possible(std::int32_t index) const { return possible(index, now); }
    Interval range(std::int64_t index) const { return range(index, now); }
    bool own(Person person) const { return person == mind_ || bottom_; }

    static bool small(const Lane &lane) { return lane.mask < 64; }
    static Values all(const Lane &lane) {
        Word codes = 0;
        if (small(lane)) {
            const Word greatest = lane.code_of(lane.high);
            codes = greatest == 63 ? ~Word(0) : (Word(1) << (greatest + 1)) - 1;
        }
        return {codes, lane.low, lane.high, lane.unknown};
    }

    static bool alike(const Lane &a, const Lane &b) { return small(a) && small(b) && a.low == b.low && a.high == b.high && a.unknown == b.unknown; }

    static Values only(const Lane &lane, Word code) {
        if (small(lane)) return {Word(1) << code, 0, 0, false};
        const Rational number = lane.decode(code);
        if (!number.known()) return {0, lane.high, lane.low, true};
        return {0, number.over, number.over, false};
    }

    static void join(const Lane &lane, Interval to, Values &into) {
        std::int64_t low = 1, high = 0;
        if (to.low <= to.high) {  // clamped; a double may be out of the range of integers
            low = to.low <= double(lane.low) ? lane.low : to.low >= double(lane.high) ? lane.high : static_cast<std::int64_t>(std::floor(to.low));
            high = to.high >= double(lane.high) ? lane.high : to.high <= double(lane.low) ? lane.low : static_cast<std::int64_t>(std::ceil(to.high));
        }
        if (small(lane)) {
            if (low <= high) {
                const Word first = lane.code_of(low), last = lane.code_of(high);
                into.codes |= (last == 63 ? ~Word(0) : (Word(1) << (last + 1)) - 1) & ~((Word(1) << first) - 1);
            }
            if (to.unknown && lane.unknown) into.codes |= 1;
            return;
        }
        if (low <= high) into = into.low > into.high ? Values{0, low, high, into.unknown} : Values{0, std::min(low, into.low), std::max(high, into.high), into.unknown};
        into.unknown = into.unknown || (to.unknown && lane.unknown);
    }

    static Interval of(const Lane &lane, const Values &values) {
        if (!small(lane)) return outward(double(values.low), double(values.high), values.unknown);
        Word codes = values.codes;
        const bool unknown = lane.unknown && (codes & 1);
        if (lane.unknown) codes &= ~Word(1);
        if (codes == 0) return {1, 0, unknown};
        return outward(double(lane.decode(std::countr_zero(codes)).over), double(lane.decode(63 - std::countl_zero(codes)).over), unknown);
    }

private:
    // Whose values a belief speaks of: one's own, or anything.
    const std::vector<Values> &within(Person person, const std::vector<Values> &now) const { return own(person) ? now : full_; }

    int possible(std::int32_t index, const std::vector<Values> &now) const {
        if (index < 0) return may_be;
        const Node &node = tables_.nodes[index];
        switch (node.op) {
            case NUMBER: return node.first != 0 ? may_be : may_not;
            case UNKNOWN: return may_not;
            case READ: {
                const Lane &lane = tables_.lanes[node.first];
                if (!small(lane)) return truth(of(lane, now[node.first]));
                const Word zero = (lane.low <= 0 && lane.high >= 0 ? Word(1) << lane.code_of(0) : 0) | (lane.unknown ? 1 : 0);
                return ((now[node.first].codes & ~zero) ? may_be : 0) | ((now[node.first].codes & zero) ? may_not : 0);
            }
            case BELIEVES: return possible(static_cast<std::int32_t>(node.second), within(static_cast<Person>(node.first), now));
            case EQUAL: return equal(node, now);
            case DIFFERENT: return flipped(equal(node, now));
            case LESS: return ordered(range(node.first, now), range(node.second, now), true);
            case AT_MOST: return ordered(range(node.first, now), range(node.second, now), false);
            case GREATER: return ordered(range(node.second, now), range(node.first, now), true);
            case AT_LEAST: return ordered(range(node.second, now), range(node.first, now), false);
            case NOT: return flipped(possible(static_cast<std::int32_t>(node.first), now));
            case ALL: case ANY: {
                const int one = node.op == ALL ? may_not : may_be;  // that one operand is enough for
                int result = 3 - one;
                for (std::int32_t operand : tables_.among(node)) {
                    const int its = possible(operand, now);
                    if (!(its & (3 - one))) return one;
                    result |= its & one;
                }
                return result;
            }
            case IF: {
                const auto parts = tables_.among(node);
                const int condition = possible(parts[0], now);
                return (condition & may_be ? possible(parts[1], now) : 0) | (condition & may_not ? possible(parts[2], now) : 0);
            }
            case STILL: return may_be | may_not;
            default: return truth(range(index, now));
        }
    }

    int equal(const Node &node, const std::vector<Values> &now) const {
        const Node &a = tables_.nodes[node.first], &b = tables_.nodes[node.second];
        if (node.match != 0) {
            const std::int64_t fluent = a.op == READ ? a.first : b.first;
            const Lane &lane = tables_.lanes[fluent];
            if (node.mask == 0) return lane.mask == 0 && node.expect == 0 ? may_be : may_not;
            if (small(lane)) {
                const Word wanted = Word(1) << (node.expect >> lane.shift), codes = now[fluent].codes;
                return (codes & wanted ? may_be : 0) | (codes & ~wanted ? may_not : 0);
            }
        }
        if (a.op == READ && b.op == READ && alike(tables_.lanes[a.first], tables_.lanes[b.first])) {
            const Word x = now[a.first].codes, y = now[b.first].codes;
            return (x & y ? may_be : 0) | (x == y && std::has_single_bit(x) ? 0 : may_not);
        }
        const Interval x = range(node.first, now), y = range(node.second, now);
        const bool some_x = x.low <= x.high, some_y = y.low <= y.high;
        const bool may = (x.unknown && y.unknown) || (some_x && some_y && x.low <= y.high && y.low <= x.high);
        const bool must = (some_x && some_y && !x.unknown && !y.unknown && x.low == x.high && y.low == y.high && x.low == y.low) || (!some_x && !some_y);
        return (may ? may_be : 0) | (must ? 0 : may_not);
    }

    Interval range(std::int64_t index, const std::vector<Values> &now) const {
        const Node &node = tables_.nodes[index];
        switch (node.op) {
            case NUMBER: return interval({node.first, node.second});
            case UNKNOWN: return {1, 0, true};
            case READ: return of(tables_.lanes[node.first], now[node.first]);
            case BELIEVES: return range(node.second, within(static_cast<Person>(node.first), now));
            case SUM: {
                Interval total{0, 0, false};
                for (std::int32_t operand : tables_.among(node)) total = sum(total, range(operand, now));
                return total;
            }
            case MINUS: return difference(range(node.first, now), range(node.second, now));
            case TIMES: return product(range(node.first, now), range(node.second, now));
            case OVER: return quotient(range(node.first, now), range(node.second, now));
            case IF: {
                const auto parts = tables_.among(node);
                const int condition = possible(parts[0], now);
                if (condition == may_be) return range(parts[1], now);
                if (condition == may_not) return range(parts[2], now);
                const Interval a = range(parts[1], now), b = range(parts[2], now);
                if (a.low > a.high) return {b.low, b.high, true};
                if (b.low > b.high) return {a.low, a.high, true};
                return {std::min(a.low, b.low), std::max(a.high, b.high), a.unknown || b.unknown};
            }
            default: {
                const int truth = possible(static_cast<std::int32_t>(index), now);
                return {truth & may_not ? 0.0 : 1.0, truth & may_be ? 1.0 : 0.0, false};
            }
        }
    }

    const Tables &tables_;
    const Person mind_;
    const bool bottom_;
    std::vector<Values> full_;
};

}  // namespace everytale
