// A guess of how many moves it takes until a condition holds. See world.hpp for the whole.
//
// The additive heuristic of planning (Bonet and Geffner, Planning as heuristic search, 2001): what has to be so before a move
// is reached part by part, as if the parts never helped or hindered each other, and everybody went along. It guides the search for
// tales and proves nothing. What somebody has to believe costs nothing where they do, else one move more than its being so, or as
// much as what makes them believe it whether it is so or not: an effect on their beliefs, an inference of theirs.
//
// Only fluents (of a sight) on which the goal depends, in the end, are looked at, and states that agree in them share an estimate. Most conditions
// are that some slots be paid for (see cost.hpp); the others are evaluated as they are written.
#pragma once

#include "cost.hpp"

namespace everytale {

class Estimate {
public:
    Estimate(const Tables &tables, const States &states, const Evaluator &evaluator, Work &work, std::int32_t goal)
        : tables_(tables), states_(states), work_(work), goal_(goal), sights_(1 + static_cast<std::size_t>(tables.people)), costs_(tables, evaluator), deep_(sights_, 0), relevant_(sights_ * tables.lanes.size(), 0) {
        std::vector<Draft> drafts;
        for (const Move &move : tables.moves) drafts.push_back({move.precondition, -1, move.effects, 1, 0});
        for (const Trigger &trigger : tables.triggers) {
            drafts.push_back({trigger.precondition, trigger.upon, trigger.effects, 0, 1 + trigger.mind});
            if (trigger.mind >= 0 && std::find(inferring_.begin(), inferring_.end(), 1 + trigger.mind) == inferring_.end()) inferring_.push_back(1 + trigger.mind);
        }
        find_relevant(drafts);
        number_slots();
        for (const Draft &draft : drafts) compile(draft);
    }

    float of(State s) {
        float &known = known_.at(s);
        if (known == 0) known = 1 + shared(s);
        return known - 1;
    }

    std::size_t bytes() const { return known_.bytes() + keys_.bytes() + by_key_.bytes() + estimates_.capacity() * sizeof(float); }
    std::size_t growth() const { return known_.growth() + by_key_.growth() + soon_moved(estimates_); }

private:
    static constexpr float never = Search::never;
    static constexpr std::size_t rules_a_unit = 16;

    // What can change something: a move, or a trigger.
    struct Draft {
        std::int32_t precondition, upon;
        Range effects;
        float price;
        int sight;
    };
    // What has to be so: the slots to be paid for, and what is left to be evaluated.
    struct Need {
        Range slots, rest;
    };
    // What one effect does: a slot that it fills; the slots of another fluent that it copies; a number that it adds; or what its value says.
    struct Gain {
        enum Kind : std::uint8_t { FILLS, COPIES, ADDS, COMES_TO } kind;
        Need need;
        int whose;
        std::int32_t fluent, effect;
        std::uint32_t slot, source;
        std::int64_t by;
    };
    struct Rule {
        Need need;
        Range gains;
        float price;
        int sight;
    };
    struct Tree {
        std::int32_t node;
        bool wanted;
    };

    // ---- what matters ----

    // Whose beliefs an effect changes, as far as they are followed here; -1: those of nobody, or too deep.
    static int changed(const Draft &draft, const Effect &effect) {
        if (effect.believers.empty()) return draft.sight;
        return draft.sight == 0 && effect.believers.size() == 1 ? 1 + effect.believers[0] : -1;
    }

    // Calls `reads(sight, fluent)` for all on which the cost of the expression depends, and notes whose beliefs about others do.
    template <class Reads>
    void each_read(std::int64_t index, int sight, Reads reads) {
        if (index < 0) return;
        const Node &node = tables_.nodes[index];
        switch (node.op) {
            case NUMBER: case UNKNOWN: case STILL: return;
            case READ:
                reads(sight, node.first);
                if (sight != 0) reads(0, node.first);
                return;
            case NOT: return each_read(node.first, sight, reads);
            case BELIEVES:
                if (sight != 0) deep_[sight] = 1;
                return each_read(node.second, 1 + static_cast<int>(node.first), reads);
            case ALL: case ANY: case SUM: case IF:
                for (std::int32_t operand : tables_.among(node)) each_read(operand, sight, reads);
                return;
            default: each_read(node.first, sight, reads), each_read(node.second, sight, reads);
        }
    }

    // From the goal backwards, through all that can change it.
    void find_relevant(const std::vector<Draft> &drafts) {
        std::vector<std::size_t> due;
        const auto mark = [&](int sight, std::int64_t fluent) {
            char &known = relevant_[costs_.pair(sight, fluent)];
            if (!known) known = 1, due.push_back(costs_.pair(sight, fluent));
        };
        std::vector<std::vector<std::pair<std::size_t, std::int32_t>>> changing(relevant_.size());  // by draft and effect
        for (std::size_t i = 0; i < drafts.size(); ++i)
            for (std::int32_t e = drafts[i].effects.begin; e < drafts[i].effects.end; ++e)
                if (const int whose = changed(drafts[i], tables_.effects[e]); whose >= 0) changing[costs_.pair(whose, tables_.effects[e].fluent)].emplace_back(i, e);
        each_read(goal_, 0, mark);
        while (!due.empty()) {
            const std::size_t one = due.back();
            due.pop_back();
            const int sight = static_cast<int>(one / tables_.lanes.size());
            if (std::find(inferring_.begin(), inferring_.end(), sight) != inferring_.end()) mark(0, static_cast<std::int64_t>(one % tables_.lanes.size()));
            for (const auto &[i, e] : changing[one]) {
                const Draft &draft = drafts[i];
                for (const std::int32_t index : {draft.precondition, draft.upon, tables_.effects[e].condition, tables_.effects[e].value}) each_read(index, draft.sight, mark);
            }
        }
    }

    void number_slots() {
        masks_.resize(sights_ * tables_.words);
        for (std::size_t one = 0; one < relevant_.size(); ++one) {
            if (!relevant_[one]) continue;
            const Lane &lane = tables_.lanes[one % tables_.lanes.size()];
            masks_[one / tables_.lanes.size() * tables_.words + lane.word] |= lane.mask << lane.shift;
            costs_.look_at(one);
        }
        readers_.resize(relevant_.size());
        keys_ = Rows<Word>(sights_ * (tables_.words + 1));
    }

    // ---- what can happen, compiled ----

    void compile(const Draft &draft) {
        Rule rule{{}, {static_cast<std::int32_t>(gains_.size()), 0}, draft.price, draft.sight};
        bool possible = true;
        rule.need = needed({draft.precondition, draft.upon}, draft.sight, possible);
        if (!possible) return;
        const std::int32_t index = static_cast<std::int32_t>(rules_.size());
        const auto note = [&](int sight, std::int64_t fluent) {
            auto &readers = readers_[costs_.pair(sight, fluent)];
            if (readers.empty() || readers.back() != index) readers.push_back(index);
        };
        for (std::int32_t e = draft.effects.begin; e < draft.effects.end; ++e) {
            const Effect &effect = tables_.effects[e];
            const int whose = changed(draft, effect);
            if (whose < 0 || !relevant_[costs_.pair(whose, effect.fluent)]) continue;
            Gain gain = gained(effect, e, draft.sight, whose);
            bool its = true;
            gain.need = needed({effect.condition}, draft.sight, its);
            if (!its) continue;
            gains_.push_back(gain);
            each_read(effect.condition, draft.sight, note), each_read(effect.value, draft.sight, note);
            if (effect.change != SET) note(whose, effect.fluent);
        }
        rule.gains.end = static_cast<std::int32_t>(gains_.size());
        if (rule.gains.begin == rule.gains.end) return;
        each_read(draft.precondition, draft.sight, note), each_read(draft.upon, draft.sight, note);
        rules_.push_back(rule);
    }

    Gain gained(const Effect &effect, std::int32_t index, int sight, int whose) const {
        const Lane &lane = tables_.lanes[effect.fluent];
        Gain gain{Gain::COMES_TO, {}, whose, effect.fluent, index, costs_.place(whose, effect.fluent), 0, 0};
        const Node &value = tables_.nodes[effect.value];
        if (!Costs::small(lane)) {
            gain.kind = Gain::FILLS, ++gain.slot;
        } else if (effect.code) {
            gain.kind = Gain::FILLS, gain.slot += static_cast<std::uint32_t>(*effect.code);
        } else if (effect.change == SET && value.op == READ && Costs::alike(lane, tables_.lanes[value.first])) {
            gain.kind = Gain::COPIES, gain.source = costs_.place(sight, value.first);
        } else if (effect.change != SET && value.op == NUMBER && value.second == 1) {
            gain.kind = Gain::ADDS, gain.source = gain.slot, gain.by = effect.change == RISES ? value.first : -value.first;
        } else if (const auto [read, by] = sum_of(value); effect.change == SET && read >= 0 && Costs::alike(lane, tables_.lanes[read])) {
            gain.kind = Gain::ADDS, gain.source = costs_.place(sight, read), gain.by = by;
        }
        return gain;
    }

    // The fluent and the whole number whose sum the node is; else -1.
    std::pair<std::int64_t, std::int64_t> sum_of(const Node &node) const {
        const Node *one = nullptr, *other = nullptr;
        if (node.op == MINUS) one = &tables_.nodes[node.first], other = &tables_.nodes[node.second];
        else if (node.op == SUM && tables_.among(node).size() == 2) one = &tables_.nodes[tables_.among(node)[0]], other = &tables_.nodes[tables_.among(node)[1]];
        else return {-1, 0};
        if (node.op == SUM && one->op == NUMBER) std::swap(one, other);
        if (one->op != READ || other->op != NUMBER || other->second != 1) return {-1, 0};
        return {one->first, node.op == MINUS ? -other->first : other->first};
    }

    Need needed(std::initializer_list<std::int32_t> conditions, int sight, bool &possible) {
        std::vector<std::uint32_t> slots;
        std::vector<Tree> rest;
        for (const std::int32_t condition : conditions)
            if (condition >= 0) possible = possible && split(condition, true, sight, slots, rest);
        const auto stored = [](auto &all, const auto &some) {
            const std::int32_t begin = static_cast<std::int32_t>(all.size());
            all.insert(all.end(), some.begin(), some.end());
            return Range{begin, static_cast<std::int32_t>(all.size())};
        };
        return {stored(paid_, slots), stored(trees_, rest)};
    }

    // Splits a conjunction; false where it cannot be.
    bool split(std::int32_t index, bool wanted, int sight, std::vector<std::uint32_t> &slots, std::vector<Tree> &rest) const {
        const Node &node = tables_.nodes[index];
        if (node.op == NOT) return split(static_cast<std::int32_t>(node.first), !wanted, sight, slots, rest);
        if (node.op == NUMBER) return (node.first != 0) == wanted;
        if (node.op == (wanted ? ALL : ANY)) {
            for (std::int32_t operand : tables_.among(node))
                if (!split(operand, wanted, sight, slots, rest)) return false;
            return true;
        }
        if (node.match != 0) {
            const bool equal = wanted == (node.op == EQUAL);
            const Node &first = tables_.nodes[node.first];
            const std::int64_t fluent = first.op == READ ? first.first : tables_.nodes[node.second].first;
            const Lane &lane = tables_.lanes[fluent];
            if (node.mask == 0) return (node.expect == 0) == equal;
            const std::uint32_t code = static_cast<std::uint32_t>(node.expect >> lane.shift);
            if (Costs::small(lane) && (equal || Costs::codes(lane) == 2)) return slots.push_back(costs_.place(sight, fluent) + (equal ? code : 1 - code)), true;
        }
        if (node.op == READ && !tables_.lanes[node.first].unknown && tables_.lanes[node.first].low == 0 && tables_.lanes[node.first].high == 1)
            return slots.push_back(costs_.place(sight, node.first) + wanted), true;
        rest.push_back({index, wanted});
        return true;
    }

    // ---- an estimate ----

    // States that agree in all that matters share it.
    float shared(State s) {
        costs_.views.clear(), key_.clear();
        for (std::size_t sight = 0; sight < sights_; ++sight) {
            const State its = sight == 0 ? s : states_.believed(s, static_cast<Person>(sight - 1));
            costs_.views.push_back(states_.view(its));
            for (std::size_t word = 0; word < tables_.words; ++word) key_.push_back(costs_.views.back().words[word] & masks_[sight * tables_.words + word]);
            key_.push_back(deep_[sight] ? its : 0);
        }
        const std::uint32_t row = by_key_.find(
            hash_words(key_.data(), key_.size(), 1), [&](std::uint32_t row) { return std::equal(key_.begin(), key_.end(), keys_[row]); },
            [&] { return estimates_.push_back(-1), keys_.add(key_.data()); });
        if (estimates_[row] < 0) estimates_[row] = computed();
        return estimates_[row];
    }

    float computed() {
        costs_.begin();
        queue_.resize(rules_.size()), queued_.assign(rules_.size(), 1);
        for (std::size_t i = 0; i < rules_.size(); ++i) queue_[i] = static_cast<std::int32_t>(i);
        const std::size_t most = rules_.size() * 12;
        for (std::size_t at = 0; at < queue_.size() && at < most; ++at) {
            queued_[queue_[at]] = 0;
            apply(rules_[queue_[at]]);
        }
        work_(std::min(queue_.size(), most) / rules_a_unit + 1);
        return std::min(costs_.truth(goal_, true, 0), never);
    }

    float cost_of(const Need &need, int sight) const {
        float cost = 0;
        for (std::int32_t at = need.slots.begin; at < need.slots.end; ++at) cost += costs_.slots[paid_[at]];
        for (std::int32_t at = need.rest.begin; at < need.rest.end && cost < never; ++at) cost += costs_.truth(trees_[at].node, trees_[at].wanted, sight);
        return cost;
    }

    void apply(const Rule &rule) {
        const float cost = rule.price + cost_of(rule.need, rule.sight);
        if (cost >= never) return;
        for (std::int32_t at = rule.gains.begin; at < rule.gains.end; ++at) {
            const Gain &gain = gains_[at];
            const float its = cost + cost_of(gain.need, rule.sight);
            if (its < never) apply(gain, its, rule.sight);
        }
    }

    void apply(const Gain &gain, float cost, int sight) {
        const Lane &lane = tables_.lanes[gain.fluent];
        switch (gain.kind) {
            case Gain::FILLS: return lower(gain, gain.slot, cost);
            case Gain::COPIES:
                for (std::uint32_t code = 0; code < Costs::codes(lane); ++code) lower(gain, gain.slot + code, cost + costs_.slots[gain.source + code]);
                return;
            case Gain::ADDS: return add(gain, lane, cost);
            case Gain::COMES_TO: break;
        }
        const auto known = costs_.slots.begin() + costs_.place(gain.whose, gain.fluent);
        if (std::all_of(known, known + static_cast<std::ptrdiff_t>(Costs::codes(lane)), [cost](float its) { return its <= cost; })) return;
        const Effect &effect = tables_.effects[gain.effect];
        Costs::Options values = costs_.options(effect.value, sight);
        if (effect.change != SET) {
            const double sign = effect.change == RISES ? 1 : -1;
            values = Costs::combined(costs_.values(gain.fluent, gain.whose), values, [&](double a, double b) { return std::clamp(a + sign * b, double(lane.low), double(lane.high)); });
        }
        for (const Costs::Option &option : values)
            if (const auto code = code_of(lane, option.value)) lower(gain, gain.slot + static_cast<std::uint32_t>(*code), cost + option.cost);
    }

    // Again and again, where a number is added to itself: its codes are visited in the direction in which it goes.
    void add(const Gain &gain, const Lane &lane, float cost) {
        const std::int64_t first = lane.unknown, last = static_cast<std::int64_t>(Costs::codes(lane)) - 1;
        const bool stops = tables_.effects[gain.effect].change != SET;
        for (std::int64_t step = first; step <= last; ++step) {
            const std::int64_t code = gain.by > 0 ? step : last - (step - first), sum = code + gain.by;
            const float its = cost + costs_.slots[gain.source + static_cast<std::uint32_t>(code)];
            if (its < never && (stops || (sum >= first && sum <= last))) lower(gain, gain.slot + static_cast<std::uint32_t>(std::clamp(sum, first, last)), its);
        }
        if (lane.unknown) lower(gain, gain.slot, cost + costs_.slots[gain.source]);
    }

    static std::optional<std::size_t> code_of(const Lane &lane, double value) {
        if (std::isnan(value)) return lane.unknown ? std::optional<std::size_t>(0) : std::nullopt;
        if (value < double(lane.low) || value > double(lane.high) || value != std::floor(value)) return std::nullopt;
        return lane.code_of(static_cast<std::int64_t>(value));
    }

    void lower(const Gain &gain, std::uint32_t slot, float cost) {
        lower(gain.whose, gain.fluent, slot - costs_.place(gain.whose, gain.fluent), cost);
    }

    void lower(int sight, std::int32_t fluent, std::uint32_t code, float cost) {
        const std::size_t one = costs_.pair(sight, fluent);
        float &known = costs_.slots[costs_.place(sight, fluent) + code];
        if (cost >= known) return;
        known = cost;
        for (std::int32_t rule : readers_[one])
            if (!queued_[rule]) queued_[rule] = 1, queue_.push_back(rule);
        if (sight == 0)
            for (const int other : inferring_)  // they notice, in this relaxation
                if (relevant_[costs_.pair(other, fluent)]) lower(other, fluent, code, cost);
    }

    const Tables &tables_;
    const States &states_;
    Work &work_;
    const std::int32_t goal_;
    const std::size_t sights_;
    Costs costs_;
    std::vector<int> inferring_;  // sights of people who make inferences
    std::vector<char> deep_;      // by sight: what these people believe of others matters, as a whole

    // By sight and fluent.
    std::vector<char> relevant_;
    std::vector<std::vector<std::int32_t>> readers_;
    std::vector<Word> masks_;  // of every sight, the relevant ones in a vector

    std::vector<Rule> rules_;
    std::vector<Gain> gains_;
    std::vector<std::uint32_t> paid_;
    std::vector<Tree> trees_;

    Map<float> known_;    // 1 + the estimate
    Rows<Word> keys_{1};  // what matters of the states
    Index by_key_;
    std::vector<float> estimates_;  // of those

    // While one estimate is computed.
    std::vector<Word> key_;
    std::vector<std::int32_t> queue_;
    std::vector<char> queued_;
};

}  // namespace everytale
