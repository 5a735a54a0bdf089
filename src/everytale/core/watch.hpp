// Which triggers to look at when something changed. See world.hpp for the whole.
#pragma once

#include "states.hpp"

namespace everytale {

class Watch {
public:
    Watch(const Tables &tables, const States &states) : tables_(tables), states_(states) {
        for (const Lane &lane : tables_.lanes) own_.push_back({std::vector<std::vector<std::uint32_t>>(few(lane) ? lane.mask + 1 : 1)});
        for (std::size_t at = 0; at < own_.size() * tables_.people; ++at) inner_.push_back(own_[at / tables_.people]);
        std::vector<std::int32_t> ranked[2];
        for (std::size_t i = 0; i < tables_.triggers.size(); ++i) {
            bool world = false;
            for (std::int32_t e = tables_.triggers[i].effects.begin; e < tables_.triggers[i].effects.end; ++e) world = world || tables_.effects[e].believers.empty();
            ranked[world ? 0 : 1].push_back(static_cast<std::int32_t>(i));
        }
        for (const auto &rank : ranked) order.insert(order.end(), rank.begin(), rank.end());
        for (std::size_t at = 0; at < order.size(); ++at) {
            const Trigger &trigger = tables_.triggers[order[at]];
            std::vector<Person> chain;
            watch_condition(trigger.precondition, at), watch_condition(trigger.upon, at);
            for (std::int32_t e = trigger.effects.begin; e < trigger.effects.end; ++e) {
                const Effect &effect = tables_.effects[e];
                watch_condition(effect.condition, at), watch_node(effect.value, chain, at);
                chain.assign(effect.believers.begin(), effect.believers.end());
                watch_fluent(effect.fluent, chain, at, any_code);
                chain.clear();
            }
        }
    }

    std::vector<std::int32_t> order;  // of triggers: those that change the world first

    void mark_all(std::vector<Word> &due) const {
        for (std::size_t at = 0; at < order.size(); ++at) due[at / 64] |= Word(1) << at % 64;
    }

    void mark_changes(const View &old, const View &now, std::vector<Word> &due) const {
        each_difference(old, now, [&](std::size_t fluent) { mark(own_[fluent].of(tables_.lanes[fluent].code(now.words)), due); });
        for (Person person = 0; person < tables_.people; ++person) {
            if (old.believed[person] == now.believed[person]) continue;
            const View was = states_.view(old.believed[person]), is = states_.view(now.believed[person]);
            each_difference(was, is, [&](std::size_t fluent) { mark(inner_[fluent * tables_.people + person].of(tables_.lanes[fluent].code(is.words)), due); });
            if (!std::equal(was.believed, was.believed + tables_.people, is.believed)) mark(deep_, due);
        }
    }

    static constexpr std::size_t none = ~std::size_t(0);

    static std::size_t first(const std::vector<Word> &due) {
        for (std::size_t i = 0; i < due.size(); ++i)
            if (due[i] != 0) return i * 64 + std::countr_zero(due[i]);
        return none;
    }

private:
    // Triggers by what they read or set (their own fluents, those one mind further in, or deeper ones), each under the values
    // with which it might apply: under every value where that is not plain, or where there are many.
    struct Watchers {
        std::vector<std::vector<std::uint32_t>> by_code;  // or one for all codes
        const std::vector<std::uint32_t> &of(Word code) const { return by_code[code < by_code.size() ? code : 0]; }
    };
    static constexpr Word any_code = ~Word(0);

    static bool few(const Lane &lane) { return lane.mask < 64; }
    // What must hold: of its literals only the values with which they do matter.
    void watch_condition(std::int32_t index, std::size_t at) {
        if (index < 0) return;
        const Node &node = tables_.nodes[index];
        std::vector<Person> chain;
        if (node.op == ALL) {
            for (std::int32_t operand : tables_.among(node)) watch_condition(operand, at);
        } else if (const auto literal = tables_.literal(index)) {
            const std::size_t fluent = read_by(index);
            const Lane &lane = tables_.lanes[fluent];
            Word codes = any_code;
            if (few(lane)) {
                const Word equal = literal->mask == 0 ? (literal->expect == 0 ? any_code : 0) : Word(1) << (literal->expect >> lane.shift);
                codes = literal->equal ? equal : ~equal;
            }
            if (literal->within >= 0) chain.push_back(literal->within);
            watch_fluent(fluent, chain, at, codes);
        } else {
            watch_node(index, chain, at);
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

    void watch_node(std::int64_t index, std::vector<Person> &chain, std::size_t at) {
        if (index < 0) return;
        const Node &node = tables_.nodes[index];
        switch (node.op) {
            case NUMBER: case UNKNOWN: case STILL: return;
            case READ: return watch_fluent(static_cast<std::size_t>(node.first), chain, at, any_code);
            case NOT: return watch_node(node.first, chain, at);
            case BELIEVES:
                chain.push_back(static_cast<Person>(node.first));
                watch_node(node.second, chain, at);
                return chain.pop_back();
            case ALL: case ANY: case SUM: case IF:
                for (std::int32_t operand : tables_.among(node)) watch_node(operand, chain, at);
                return;
            default: watch_node(node.first, chain, at), watch_node(node.second, chain, at);
        }
    }

    // A link of the chain may lead nowhere (in somebody's own mind, at the deepest level), so every shorter reading counts too.
    void watch_fluent(std::size_t fluent, const std::vector<Person> &chain, std::size_t at, Word codes) {
        note(own_[fluent], codes, at);
        for (Person person : chain) note(inner_[fluent * tables_.people + person], codes, at);
        if (chain.size() > 1) note(deep_, at);
    }

    static void note(Watchers &watchers, Word codes, std::size_t at) {
        for (std::size_t code = 0; code < watchers.by_code.size(); ++code)
            if (codes >> code & 1) note(watchers.by_code[code], at);
    }

    static void note(std::vector<std::uint32_t> &list, std::size_t at) {
        if (list.empty() || list.back() != at) list.push_back(static_cast<std::uint32_t>(at));
    }

    static void mark(const std::vector<std::uint32_t> &list, std::vector<Word> &due) {
        for (std::uint32_t at : list) due[at / 64] |= Word(1) << at % 64;
    }

    template <class Note>
    void each_difference(const View &old, const View &now, Note note) const {
        if (old.words == now.words) return;
        for (std::size_t word = 0; word < tables_.words; ++word)
            for (Word rest = old.words[word] ^ now.words[word]; rest != 0;) {
                const std::size_t fluent = tables_.first_lane[word] + tables_.lane_at[word][std::countr_zero(rest)];
                note(fluent);
                rest &= ~(tables_.lanes[fluent].mask << tables_.lanes[fluent].shift);
            }
    }

    const Tables &tables_;
    const States &states_;
    std::vector<Watchers> own_, inner_;
    std::vector<std::uint32_t> deep_;
};

}  // namespace everytale
