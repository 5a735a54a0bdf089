// Which triggers to look at when something changed. See world.hpp for the whole.
//
// Few of many triggers can apply after a change. Those are looked at that read what changed, under the value that it now has, and of them
// only those that the values of the state itself do not rule out (a sieve, remembered for every vector). Sets of triggers are bits, in the order in which triggers fire.
#pragma once

#include "sieve.hpp"

namespace everytale {

class Watch {
public:
    Watch(const Tables &tables, const States &states, const Evaluator &evaluator)
        : order(ranked(tables)), tables_(tables), states_(states), sieve_(tables, evaluator, conditions()), ready_(std::max<std::size_t>(sieve_.width(), 1)) {
        std::vector<std::vector<std::uint32_t>> lists;
        for (Person whose = -1; whose < tables_.people; ++whose)
            for (const Lane &lane : tables_.lanes) {
                slots_.push_back(static_cast<std::uint32_t>(lists.size()));
                lists.resize(lists.size() + (few(lane) ? lane.mask + 1 : 1));
            }
        for (std::size_t at = 0; at < order.size(); ++at) {
            const Trigger &trigger = tables_.triggers[order[at]];
            std::vector<Person> chain;
            watch_condition(trigger.precondition, at, lists), watch_condition(trigger.upon, at, lists);
            for (std::int32_t e = trigger.effects.begin; e < trigger.effects.end; ++e) {
                const Effect &effect = tables_.effects[e];
                watch_condition(effect.condition, at, lists), watch_node(effect.value, chain, at, lists);
                chain.assign(effect.believers.begin(), effect.believers.end());
                watch_fluent(effect.fluent, chain, at, any_code, lists);
                chain.clear();
            }
        }
        watched_.resize(tables_.words * (1 + tables_.people));
        for (Person whose = -1; whose < tables_.people; ++whose)
            for (std::size_t fluent = 0; fluent < tables_.lanes.size(); ++fluent) {
                const Lane &lane = tables_.lanes[fluent];
                const auto first = lists.begin() + slot(whose, fluent);
                if (std::any_of(first, first + (few(lane) ? lane.mask + 1 : 1), [](const auto &list) { return !list.empty(); }))
                    watched_[tables_.words * (1 + whose) + lane.word] |= lane.mask << lane.shift;
            }
        for (const auto &list : lists) {
            begins_.push_back(static_cast<std::uint32_t>(items_.size()));
            items_.insert(items_.end(), list.begin(), list.end());
        }
        begins_.push_back(static_cast<std::uint32_t>(items_.size()));
        private_.resize(width()), reading_.resize(width() * tables_.people);
        for (Person person = 0; person < tables_.people; ++person)
            for (std::size_t fluent = 0; fluent < tables_.lanes.size(); ++fluent)
                for (std::uint32_t list = slot(person, fluent); list < slot(person, fluent) + (few(tables_.lanes[fluent]) ? tables_.lanes[fluent].mask + 1 : 1); ++list)
                    for (const std::uint32_t at : lists[list]) reading_[width() * person + at / 64] |= Word(1) << at % 64;
        for (std::size_t at = 0; at < order.size(); ++at)
            if (tables_.triggers[order[at]].mind >= 0) private_[at / 64] |= Word(1) << at % 64;
    }

    const std::vector<std::int32_t> order;  // of triggers: those that change the world first

    std::size_t width() const { return sieve_.width(); }
    std::size_t bytes() const { return ready_.bytes(); }

    // The triggers that the vector of that number does not rule out.
    const Word *ready(std::uint32_t vector) {
        while (ready_.size() <= vector) {
            scratch_.assign(std::max<std::size_t>(width(), 1), 0);
            for (std::size_t block = 0; block < width(); ++block) scratch_[block] = sieve_.admitted(states_.words_of(ready_.size()), block);
            ready_.add(scratch_.data());
        }
        return ready_[vector];
    }

    // What is left to be evaluated of the conditions of the trigger at that place in the order, when the sieve lets it through.
    std::span<const std::int32_t> rest(std::size_t at) const { return sieve_.rest(static_cast<std::int32_t>(at)); }

    // What some persons make of it in their own minds is nothing to others.
    void keep_own(const View &view, std::vector<Word> &due) const {
        for (std::size_t i = 0; i < due.size(); ++i)
            for (Word left = due[i] & private_[i]; left != 0; left &= left - 1) {
                const Person mind = tables_.triggers[order[i * 64 + std::countr_zero(left)]].mind;
                if (view.level != 1 || view.mind != mind) due[i] &= ~(left & -left);
            }
    }

    void mark_all(std::vector<Word> &due) const {
        for (std::size_t at = 0; at < order.size(); ++at) due[at / 64] |= Word(1) << at % 64;
    }

    // `ready`: see there. Others may be left out: what makes them ready is a change of the state itself, which then marks them.
    void mark_changes(const View &old, const View &now, const Word *ready, std::vector<Word> &due) const {
        mark_differences(-1, old.words, now.words, due);
        for (Person person = 0; person < tables_.people; ++person) {
            if (old.believed[person] == now.believed[person]) continue;
            const Word *reading = reading_.data() + width() * person;
            bool read = false;
            for (std::size_t i = 0; i < width(); ++i) read = read || (ready[i] & reading[i]) != 0;
            if (!read) continue;
            const View was = states_.view(old.believed[person]), is = states_.view(now.believed[person]);
            mark_differences(person, was.words, is.words, due);
            if (!deep_.empty() && !std::equal(was.believed, was.believed + tables_.people, is.believed))
                for (std::uint32_t at : deep_) due[at / 64] |= Word(1) << at % 64;
        }
    }

    static constexpr std::size_t none = ~std::size_t(0);

    static std::size_t first(const std::vector<Word> &due, const Word *ready) {
        for (std::size_t i = 0; i < due.size(); ++i)
            if ((due[i] & ready[i]) != 0) return i * 64 + std::countr_zero(due[i] & ready[i]);
        return none;
    }

private:
    using Lists = std::vector<std::vector<std::uint32_t>>;
    static constexpr Word any_code = ~Word(0);

    static std::vector<std::int32_t> ranked(const Tables &tables) {
        std::vector<std::int32_t> ranks[2];
        for (std::size_t i = 0; i < tables.triggers.size(); ++i) {
            bool world = false;
            for (std::int32_t e = tables.triggers[i].effects.begin; e < tables.triggers[i].effects.end; ++e) world = world || tables.effects[e].believers.empty();
            ranks[world ? 0 : 1].push_back(static_cast<std::int32_t>(i));
        }
        ranks[0].insert(ranks[0].end(), ranks[1].begin(), ranks[1].end());
        return ranks[0];
    }

    std::vector<std::vector<std::int32_t>> conditions() const {
        std::vector<std::vector<std::int32_t>> all;
        for (const std::int32_t index : order) all.push_back({tables_.triggers[index].precondition, tables_.triggers[index].upon});
        return all;
    }

    static bool few(const Lane &lane) { return lane.mask < 64; }
    // What must hold: of its literals only the values with which they do matter.
    void watch_condition(std::int32_t index, std::size_t at, Lists &lists) {
        if (index < 0) return;
        const Node &node = tables_.nodes[index];
        std::vector<Person> chain;
        if (node.op == ALL) {
            for (std::int32_t operand : tables_.among(node)) watch_condition(operand, at, lists);
        } else if (const auto literal = tables_.literal(index)) {
            const std::size_t fluent = read_by(index);
            const Lane &lane = tables_.lanes[fluent];
            Word codes = any_code;
            if (few(lane)) {
                const Word equal = literal->mask == 0 ? (literal->expect == 0 ? any_code : 0) : Word(1) << (literal->expect >> lane.shift);
                codes = literal->equal ? equal : ~equal;
            }
            if (literal->within >= 0) chain.push_back(literal->within);
            watch_fluent(fluent, chain, at, codes, lists);
        } else {
            watch_node(index, chain, at, lists);
        }
    }

    // The fluent that a literal reads.
    std::size_t read_by(std::int64_t index) const {
        const Node &node = tables_.nodes[index];
        switch (node.op) {
            case READ: return static_cast<std::size_t>(node.first);
            case NOT: return read_by(node.first);
            case BELIEVES: return read_by(node.second);
            default: return read_by(tables_.nodes[node.first].op == READ ? node.first : node.second);
        }
    }

    void watch_node(std::int64_t index, std::vector<Person> &chain, std::size_t at, Lists &lists) {
        if (index < 0) return;
        const Node &node = tables_.nodes[index];
        switch (node.op) {
            case NUMBER: case UNKNOWN: case STILL: return;
            case READ: return watch_fluent(static_cast<std::size_t>(node.first), chain, at, any_code, lists);
            case NOT: return watch_node(node.first, chain, at, lists);
            case BELIEVES:
                chain.push_back(static_cast<Person>(node.first));
                watch_node(node.second, chain, at, lists);
                return chain.pop_back();
            case ALL: case ANY: case SUM: case IF:
                for (std::int32_t operand : tables_.among(node)) watch_node(operand, chain, at, lists);
                return;
            default: watch_node(node.first, chain, at, lists), watch_node(node.second, chain, at, lists);
        }
    }

    // A link of the chain may lead nowhere (in somebody's own mind, at the deepest level), so every shorter reading counts too.
    void watch_fluent(std::size_t fluent, const std::vector<Person> &chain, std::size_t at, Word codes, Lists &lists) {
        note(-1, fluent, codes, at, lists);
        for (Person person : chain) note(person, fluent, codes, at, lists);
        if (chain.size() > 1) note(deep_, at);
    }

    void note(Person whose, std::size_t fluent, Word codes, std::size_t at, Lists &lists) const {
        const Lane &lane = tables_.lanes[fluent];
        for (Word code = 0; code < (few(lane) ? lane.mask + 1 : 1); ++code)
            if (codes >> code & 1) note(lists[slot(whose, fluent) + code], at);
    }

    static void note(std::vector<std::uint32_t> &list, std::size_t at) {
        if (list.empty() || list.back() != at) list.push_back(static_cast<std::uint32_t>(at));
    }

    // The first of the lists for the values of a fluent (one list, where there are many): in the state itself (-1), or one mind further in.
    std::uint32_t slot(Person whose, std::size_t fluent) const { return slots_[tables_.lanes.size() * (1 + whose) + fluent]; }

    void mark_differences(Person whose, const Word *old, const Word *now, std::vector<Word> &due) const {
        if (old == now) return;
        const Word *watched = watched_.data() + tables_.words * (1 + whose);
        for (std::size_t word = 0; word < tables_.words; ++word)
            for (Word rest = (old[word] ^ now[word]) & watched[word]; rest != 0;) {
                const std::size_t fluent = tables_.first_lane[word] + tables_.lane_at[word][std::countr_zero(rest)];
                const Lane &lane = tables_.lanes[fluent];
                const std::uint32_t list = slot(whose, fluent) + static_cast<std::uint32_t>(few(lane) ? lane.code(now) : 0);
                for (std::uint32_t i = begins_[list]; i < begins_[list + 1]; ++i) due[items_[i] / 64] |= Word(1) << items_[i] % 64;
                rest &= ~(lane.mask << lane.shift);
            }
    }

    const Tables &tables_;
    const States &states_;
    const Sieve sieve_;
    Rows<Word> ready_;  // of every vector
    std::vector<Word> scratch_, private_, watched_;
    std::vector<Word> reading_;  // of every person, the triggers that read fluents in their mind
    // Triggers by what they read or set (fluents of the state itself, then those one mind further in), each under the values
    // with which it might apply: under every value where that is not plain, or where there are many.
    std::vector<std::uint32_t> slots_, begins_, items_, deep_;
};

}  // namespace everytale
