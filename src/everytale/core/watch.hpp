// Which triggers to look at when something changed. See world.hpp for the whole.
//
// Few of many triggers can apply after a change. Most can be told by the values of a state and of the states believed in alone: a sieve,
// remembered for every vector, lets through those that do, and of those others that may, only such are looked at that read what changed,
// under the value that it now has. Sets of triggers are bits: those that change the mind of one person lie next to each other, whatever the
// order in which they fire.
#pragma once

#include <numeric>

#include "sieve.hpp"

namespace everytale {

class Watch {
public:
    Watch(const Tables &tables, const States &states, const Evaluator &evaluator)
        : tables_(tables), states_(states), order_(ranked(tables)), places_(by_mind()), sieve_(sieved(evaluator)), heeded_(heeded()), ready_(std::max<std::size_t>(row_width(), 1)) {
        allowed_.resize(width() * (1 + tables_.people)), sure_.resize(width()), reading_.resize(width() * tables_.people), scratch_.resize(width());
        for (std::size_t at = 0; at < places_.size(); ++at) {
            const Person mind = tables_.triggers[trigger(at)].mind;
            for (Person whose = -1; whose < tables_.people; ++whose)
                if (mind < 0 || mind == whose) allowed_[width() * (1 + whose) + at / 64] |= Word(1) << at % 64;
            if (is_sure(at)) sure_[at / 64] |= Word(1) << at % 64;
        }
        watch_the_others();
    }

    std::size_t width() const { return sieve_.width(); }
    std::size_t bytes() const { return ready_.bytes(); }

    // The trigger at that place in a set.
    std::int32_t trigger(std::size_t at) const { return order_[places_[at]]; }

    // Finds the triggers that may apply in `view`, whose vector has that number; whether there are any.
    bool admit(const View &view, std::uint32_t vector, std::vector<Word> &ready) {
        // What somebody makes of it in their own mind is nothing to others.
        const Word *allowed = allowed_.data() + width() * (view.level == 1 ? 1 + view.mind : 0);
        const Word *own = row(vector);
        for (std::size_t i = 0; i < ready.size(); ++i) ready[i] = allowed[i] & own[i];
        for (const Heeded &heeded : heeded_) {
            const State inner = States::inner(view, heeded.person);
            const Word *theirs = row(inner == itself ? vector : states_.vector(inner)) + heeded.section;
            for (std::size_t i = heeded.blocks.begin; i < heeded.blocks.end; ++i) ready[i] &= *theirs++;
        }
        Word any = 0;
        for (const Word some : ready) any |= some;
        return any != 0;
    }

    static constexpr std::size_t none = ~std::size_t(0);

    // The place of that which comes first.
    std::size_t first(const std::vector<Word> &ready) const {
        std::size_t found = none;
        for (std::size_t i = 0; i < ready.size(); ++i)
            for (Word left = ready[i]; left != 0; left &= left - 1) {
                const std::size_t at = i * 64 + std::countr_zero(left);
                if (found == none || places_[at] < places_[found]) found = at;
            }
        return found;
    }

    // Whether one of them is not sure to apply.
    bool doubts(const std::vector<Word> &ready) const {
        Word any = 0;
        for (std::size_t i = 0; i < ready.size(); ++i) any |= ready[i] & ~sure_[i];
        return any != 0;
    }

    // Leaves out those that are not sure to apply, unless they are due.
    void keep_due(std::vector<Word> &ready, const std::vector<Word> &due) const {
        for (std::size_t i = 0; i < ready.size(); ++i) ready[i] &= sure_[i] | due[i];
    }

    // What is left to be evaluated of the conditions of the trigger at that place, when the sieve lets it through.
    std::span<const std::int32_t> rest(std::size_t at) const { return sieve_.rest(static_cast<std::int32_t>(at)); }

    void mark_all(std::vector<Word> &due) const { due.assign(width(), ~Word(0)); }

    // Marks those that read what changed. Others than those that are `ready` may be left out: what will make them so is a change too.
    void mark_changes(const View &old, const View &now, const std::vector<Word> &ready, std::vector<Word> &due) const {
        if (items_.empty()) return;
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

private:
    using Lists = std::vector<std::vector<std::uint32_t>>;
    static constexpr Word any_code = ~Word(0);

    // Those that change the world first.
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

    // Those that change the mind of one person lie next to each other, so that what that person believes says something of few words.
    std::vector<std::uint32_t> by_mind() const {
        std::vector<std::uint32_t> places(order_.size());
        std::iota(places.begin(), places.end(), 0);
        std::stable_sort(places.begin(), places.end(), [&](std::uint32_t one, std::uint32_t other) { return changed(one) < changed(other); });
        return places;
    }

    Person changed(std::uint32_t rank) const {
        const Range range = tables_.triggers[order_[rank]].effects;
        const auto &believers = tables_.effects[range.begin].believers;
        return range.begin == range.end || believers.empty() ? -1 : believers[0];
    }

    // What is set, unconditionally, to a constant in this state or in that of one person whom somebody believes in: whose (-1: its own).
    std::optional<Person> plainly(const Effect &effect) const {
        if (!effect.code || effect.believers.size() > 1) return std::nullopt;
        return effect.believers.empty() ? -1 : effect.believers[0];
    }

    std::span<const Effect> effects(std::size_t at) const {
        const Range range = tables_.triggers[trigger(at)].effects;
        return {tables_.effects.data() + range.begin, static_cast<std::size_t>(range.end - range.begin)};
    }

    // Lets those through whose conditions hold and whose one effect, if they have but one, is not so already.
    Sieve sieved(const Evaluator &evaluator) const {
        std::vector<std::vector<std::int32_t>> wanted;
        for (std::size_t at = 0; at < places_.size(); ++at) {
            wanted.push_back({tables_.triggers[trigger(at)].precondition, tables_.triggers[trigger(at)].upon});
            if (effects(at).size() == 1) wanted.back().push_back(effects(at)[0].condition);
        }
        Sieve sieve(tables_, evaluator, wanted, true);
        for (std::size_t at = 0; at < places_.size(); ++at)
            if (effects(at).size() == 1)
                if (const auto whose = plainly(effects(at)[0])) sieve.rule_out(at, *whose, effects(at)[0].fluent, *effects(at)[0].code);
        return sieve;
    }

    // Whether the sieve lets the trigger through only where it applies, but for effects that are nothing to the deepest minds.
    bool is_sure(std::size_t at) const {
        if (tables_.triggers[trigger(at)].upon >= 0 || !rest(at).empty()) return false;
        return std::any_of(effects(at).begin(), effects(at).end(), [&](const Effect &effect) {
            const auto whose = plainly(effect);
            return whose && (effect.condition < 0 || effects(at).size() == 1) && sieve_.rules_out(at, *whose, effect.fluent, *effect.code);
        });
    }

    // Somebody whose beliefs the sieve asks about: where in a set, and where in a row the words for that begin.
    struct Heeded {
        Person person;
        Sieve::Blocks blocks;
        std::size_t section;
    };

    std::vector<Heeded> heeded() const {
        std::vector<Heeded> found;
        std::size_t section = width();
        for (Person person = 0; person < tables_.people; ++person) {
            const Sieve::Blocks blocks = sieve_.heeding(person);
            if (blocks.begin >= blocks.end) continue;
            found.push_back({person, blocks, section});
            section += blocks.end - blocks.begin;
        }
        return found;
    }

    std::size_t row_width() const { return heeded_.empty() ? width() : heeded_.back().section + heeded_.back().blocks.end - heeded_.back().blocks.begin; }

    // Of a vector, the triggers that it does not rule out as the values of the state itself, then as those that everybody heeded believes in.
    const Word *row(std::uint32_t vector) {
        while (ready_.size() <= vector) make_row(states_.words_of(ready_.size()));
        return ready_[vector];
    }

    void make_row(const Word *words) {
        Word *made = ready_.add();
        const auto narrowed = [&](Person whose) {
            std::fill(scratch_.begin(), scratch_.end(), ~Word(0));
            sieve_.narrow(words, whose, scratch_.data());
            return scratch_.data();
        };
        std::copy_n(narrowed(-1), width(), made);
        for (const Heeded &one : heeded_) std::copy(narrowed(one.person) + one.blocks.begin, scratch_.data() + one.blocks.end, made + one.section);
    }

    // Lists those of which the sieve does not say all, under what they read.
    void watch_the_others() {
        Lists lists;
        for (Person whose = -1; whose < tables_.people; ++whose)
            for (const Lane &lane : tables_.lanes) {
                slots_.push_back(static_cast<std::uint32_t>(lists.size()));
                lists.resize(lists.size() + (few(lane) ? lane.mask + 1 : 1));
            }
        for (std::size_t at = 0; at < places_.size(); ++at) {
            if (is_sure(at)) continue;
            const Trigger &its = tables_.triggers[trigger(at)];
            std::vector<Person> chain;
            watch_condition(its.precondition, at, lists), watch_condition(its.upon, at, lists);
            for (const Effect &effect : effects(at)) {
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
                for (std::uint32_t list = slot(whose, fluent); list < slot(whose, fluent) + (few(lane) ? lane.mask + 1 : 1); ++list) {
                    if (!lists[list].empty()) watched_[tables_.words * (1 + whose) + lane.word] |= lane.mask << lane.shift;
                    for (const std::uint32_t at : lists[list])
                        if (whose >= 0) reading_[width() * whose + at / 64] |= Word(1) << at % 64;
                }
            }
        for (const auto &list : lists) {
            begins_.push_back(static_cast<std::uint32_t>(items_.size()));
            items_.insert(items_.end(), list.begin(), list.end());
        }
        begins_.push_back(static_cast<std::uint32_t>(items_.size()));
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
    const std::vector<std::int32_t> order_;    // in which triggers fire
    const std::vector<std::uint32_t> places_;  // of every bit of a set, the place in that order
    const Sieve sieve_;
    const std::vector<Heeded> heeded_;
    Rows<Word> ready_;  // of every vector
    std::vector<Word> scratch_, watched_;
    std::vector<Word> allowed_;  // in most places, then in the mind of every person
    std::vector<Word> sure_;     // those of which the sieve says all
    std::vector<Word> reading_;  // of every person, those of the others that read fluents in their mind
    // The others by what they read or set (fluents of the state itself, then those one mind further in), each under the values
    // with which it might apply: under every value where that is not plain, or where there are many.
    std::vector<std::uint32_t> slots_, begins_, items_, deep_;
};

}  // namespace everytale
