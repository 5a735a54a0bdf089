// The native core: a grounded story as numbers, and what people in it believe, foresee and would do.
//
//   rational.hpp   checked numbers
//   table.hpp      storage
//   world.hpp      the tables of a story: fluents, nodes, effects, moves, triggers (this file)
//   states.hpp     states and the minds within them, interned: equality is identity
//   evaluate.hpp   expressions in a state
//   sieve.hpp      which moves or triggers the values of a state rule out
//   watch.hpp      which triggers to look at when something changed
//   effects.hpp    what effects come to
//   step.hpp       a move applied, at every level of belief, and the triggers that follow
//   correct.hpp    how somebody who is surprised by a move changes their mind about what was so before
//   interval.hpp   which numbers an expression may come to
//   relax.hpp      states in which a fluent may have several values at once
//   bound.hpp      an upper bound on what a person could still come to
//   explain.hpp    would they: the search for a minimal plan (EXPL), with everything proved remembered
//   intend.hpp     the best such plan, and the best that could be hoped for
//   estimate.hpp   a guess of how far a goal is
//   cost.hpp       what it costs that a condition comes true, for that guess
//   search.hpp     a tale to a goal, best first
//   telling/       the prose of a tale (telling/book.hpp)
//   session.hpp    a tale that is played
//   outlook.hpp    what may become of a tale that is played
//   pack.hpp       a world as bytes
//   explore.hpp    every situation that a story can come to: minded.hpp with people, plain.hpp without; graph.hpp
//   forget.hpp     what can no longer matter to the odds of a goal
//   system.hpp     equations of situations that lead back to each other; solve.hpp, play.hpp: odds
//   ahead.hpp      parts made by one thread for another
//   bind.cpp       the Python face (_core.pyi is its contract)
//   engine.cpp     the face for a page, as WebAssembly
//
// The terms are those of docs/semantics.md. A *view* is a state as an expression sees it, finished or in the making. A state's
// *level* is how many minds it is in; its *mind* is the innermost of them (-1: the true state, level 0). Fluents are packed
// into 64-bit words, a lane each: code = value - low, one more where unknown (code 0) is admitted.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "rational.hpp"

namespace everytale {

using Column = std::vector<std::int64_t>;
using Person = std::int32_t;
using Word = std::uint64_t;

// The story broke one of its own rules; see WorldError in the contract.
struct Broken {
    const char *what;
    Column detail;
};

enum Operator : std::uint8_t {
    NUMBER, UNKNOWN, READ, BELIEVES, EQUAL, DIFFERENT, LESS, AT_MOST, GREATER, AT_LEAST, NOT, ALL, ANY, SUM, MINUS, TIMES, OVER, IF, STILL
};

struct Lane {
    std::int64_t low, high;
    Word mask;  // unshifted
    std::uint32_t word;
    std::uint8_t shift;
    bool unknown;  // admitted
    Person owner;  // to whom it is self-known, or -1

    Word code(const Word *words) const { return words[word] >> shift & mask; }
    void put(Word *words, Word code) const { words[word] = (words[word] & ~(mask << shift)) | code << shift; }
    Word code_of(std::int64_t value) const { return Word(value) - Word(low) + unknown; }
    Rational decode(Word code) const {
        if (unknown && code == 0) return everytale::unknown;
        return {static_cast<std::int64_t>(code - unknown + Word(low)), 1};
    }
};

// A node of the table of expressions. Where it compares a fluent with a constant, `match` says so (1: equal, -1: different):
// then only `mask` of `word` has to be looked at. `quiet`: to evaluate it breaks no rule. Of a conjunction, `word` is its place among them.
struct Node {
    Operator op;
    std::int8_t match = 0;
    bool quiet = true;
    std::uint16_t depth = 1;
    std::uint32_t word = 0;
    std::int64_t first, second;
    Word mask = 0, expect = 0;
};

// One fluent, in a state or one mind further in, against a constant; or several of one word that are all to be equal to constants.
struct Literal {
    Person within;  // -1: in the state itself
    std::uint32_t word;
    Word mask, expect;
    bool equal;
};

// What must hold where a conjunction does, once more: literals, and of its operands the others. Both in ranges.
struct Conjunction {
    std::uint32_t literals, others, end_of_literals, end_of_others;
};

enum Change : std::uint8_t { SET, RISES, EASES };

struct Effect {
    std::int32_t condition, fluent, value;
    Change change;
    std::span<const Person> believers;
    std::optional<Word> code;  // what the fluent is set to, where that is a constant within its range
};

struct Range {
    std::int32_t begin, end;
};

struct Move {
    std::int32_t precondition, weight, expressive;
    Range effects;
    std::span<const Person> consenting;
    bool imaginable;  // may be part of a plan: somebody consents, and it is not expressive
};

struct Trigger {
    std::int32_t precondition, upon;
    Person mind;
    Range effects;
};

// The raw columns, as Python hands them over.
struct Columns {
    Column fluent_low, fluent_high, fluent_unknown, fluent_owner;
    Column node_operator, node_first, node_second, operands;
    Column effect_condition, effect_fluent, effect_value, effect_change, believer_offsets, believer_items;
    Column move_precondition, move_weight, move_expressive, move_effect_offsets, consent_offsets, consent_items, observer;
    Column trigger_precondition, trigger_upon, trigger_mind, trigger_effect_offsets;
    Column worth, endings, mind_offsets, mind_items, mind_values;
};

// By the names that they have in the contract, and in a pack.
struct NamedColumn {
    const char *name;
    Column Columns::*column;
};
inline constexpr NamedColumn named_columns[] = {
    {"fluent_low", &Columns::fluent_low}, {"fluent_high", &Columns::fluent_high}, {"fluent_unknown", &Columns::fluent_unknown}, {"fluent_owner", &Columns::fluent_owner},
    {"node_operator", &Columns::node_operator}, {"node_first", &Columns::node_first}, {"node_second", &Columns::node_second}, {"operands", &Columns::operands},
    {"effect_condition", &Columns::effect_condition}, {"effect_fluent", &Columns::effect_fluent}, {"effect_value", &Columns::effect_value}, {"effect_change", &Columns::effect_change},
    {"believer_offsets", &Columns::believer_offsets}, {"believer_items", &Columns::believer_items},
    {"move_precondition", &Columns::move_precondition}, {"move_weight", &Columns::move_weight}, {"move_expressive", &Columns::move_expressive},
    {"move_effect_offsets", &Columns::move_effect_offsets}, {"consent_offsets", &Columns::consent_offsets}, {"consent_items", &Columns::consent_items}, {"observer", &Columns::observer},
    {"trigger_precondition", &Columns::trigger_precondition}, {"trigger_upon", &Columns::trigger_upon}, {"trigger_mind", &Columns::trigger_mind},
    {"trigger_effect_offsets", &Columns::trigger_effect_offsets}, {"worth", &Columns::worth}, {"endings", &Columns::endings},
    {"mind_offsets", &Columns::mind_offsets}, {"mind_items", &Columns::mind_items}, {"mind_values", &Columns::mind_values}};

// Everything about a story that never changes (but for nodes, which may be appended, and what people want). All indices have been checked.
class Tables {
public:
    static constexpr std::int64_t deepest = 400;  // levels of nesting in an expression; bounds recursion

    Tables(std::int64_t people, std::int64_t depth, std::int64_t minds, std::int64_t horizon, bool first_effect_wins, const Columns &c)
        : people(static_cast<Person>(bounded(people, 0, 4096, "people"))),
          depth(static_cast<int>(bounded(depth, 1, 60, "depth"))),
          minds(static_cast<int>(bounded(minds, 0, 59, "minds"))),
          horizon(static_cast<int>(bounded(horizon, 1, 250, "horizon"))),
          first_effect_wins(first_effect_wins) {
        if (minds + 1 > depth) throw std::invalid_argument("depth must be greater than minds");
        add_fluents(c);
        extend(c.node_operator, c.node_first, c.node_second, c.operands);
        add_effects(c);
        add_moves(c);
        add_triggers(c);
        wish(c.worth);
        for (std::int64_t node : c.endings) endings.push_back(this->node(node));
    }
    Tables(const Tables &) = delete;

    void extend(const Column &op, const Column &first, const Column &second, const Column &items) {
        sized(first, op.size(), "node_first"), sized(second, op.size(), "node_second");
        const std::size_t old_nodes = nodes.size(), old_operands = operands.size(), old_conjunctions = conjunctions.size(), old_literals = literals.size(), old_others = others.size();
        try {
            // Operands name children, which come before their parents, so they may be among the nodes now added.
            for (std::int64_t item : items) operands.push_back(static_cast<std::int32_t>(bounded(item, 0, old_nodes + op.size() - 1, "operands")));
            for (std::size_t i = 0; i < op.size(); ++i) {
                nodes.push_back(checked(op[i], first[i], second[i]));
                if (nodes.back().op == ALL) conjoin(nodes.back());
            }
        } catch (...) {
            nodes.resize(old_nodes), operands.resize(old_operands), conjunctions.resize(old_conjunctions), literals.resize(old_literals), others.resize(old_others);
            throw;
        }
    }

    // What everybody wants: the nodes that say what a state is worth to them.
    void wish(const Column &nodes) {
        std::vector<std::int32_t> wanted;
        for (std::int64_t node : sized(nodes, static_cast<std::size_t>(people), "worth")) wanted.push_back(this->node(node));
        worth = std::move(wanted);
    }

    std::int32_t node(std::int64_t index) const { return static_cast<std::int32_t>(bounded(index, 0, std::int64_t(nodes.size()) - 1, "node")); }
    std::int32_t node_or_none(std::int64_t index) const { return index == -1 ? -1 : node(index); }
    std::span<const std::int32_t> among(const Node &node) const { return {operands.data() + node.first, static_cast<std::size_t>(node.second)}; }

    // The expression as a literal, if it is one.
    std::optional<Literal> literal(std::int64_t index) const {
        const Node &node = nodes[index];
        if (node.match != 0) return Literal{-1, node.word, node.mask, node.expect, node.match > 0};
        if (node.op == READ) {
            const Lane &lane = lanes[node.first];
            if (lane.low < 0 || lane.high != 1) return std::nullopt;
            return Literal{-1, lane.word, lane.mask << lane.shift, lane.code_of(1) << lane.shift, true};
        }
        if (node.op != NOT && node.op != BELIEVES) return std::nullopt;
        std::optional<Literal> inner = literal(node.op == NOT ? node.first : node.second);
        if (!inner) return std::nullopt;
        if (node.op == NOT) inner->equal = !inner->equal;
        else if (inner->within >= 0) return std::nullopt;
        else inner->within = static_cast<Person>(node.first);
        return inner;
    }

    static std::int64_t bounded(std::int64_t value, std::int64_t low, std::int64_t high, const char *what) {
        if (value < low || value > high) throw std::out_of_range(std::string(what) + " " + std::to_string(value) + " is out of range");
        return value;
    }

    static const Column &sized(const Column &column, std::size_t size, const char *what) {
        if (column.size() != size) throw std::invalid_argument(std::string(what) + " has the wrong length");
        return column;
    }

    static void ragged(const Column &offsets, std::size_t rows, std::size_t items, const char *what) {
        sized(offsets, rows + 1, what);
        for (std::size_t i = 0; i <= rows; ++i) bounded(offsets[i], i == 0 ? 0 : offsets[i - 1], items, what);
    }

    const Person people;
    const int depth, minds, horizon;
    const bool first_effect_wins;
    std::size_t words = 0;
    std::vector<Lane> lanes;
    std::vector<std::vector<std::uint16_t>> lane_at;  // for every word, for each of its bits, the lane as an offset from first_lane
    std::vector<std::uint32_t> first_lane;            // of every word
    std::vector<std::vector<std::int32_t>> known_to;  // for every person, the fluents of which they are never wrong
    std::vector<Node> nodes;
    std::vector<std::int32_t> operands;
    std::vector<Conjunction> conjunctions;
    std::vector<Literal> literals;
    std::vector<std::int32_t> others;
    std::vector<Effect> effects;
    std::vector<Move> moves;
    std::vector<std::int32_t> observer;  // moves x people
    std::vector<Trigger> triggers;
    std::vector<std::int32_t> worth, endings;

private:
    Range range(const Column &offsets, std::size_t row) const {
        return {static_cast<std::int32_t>(offsets[row]), static_cast<std::int32_t>(offsets[row + 1])};
    }

    void add_fluents(const Columns &c) {
        const std::size_t count = c.fluent_low.size();
        bounded(count, 0, 1 << 24, "fluents");
        sized(c.fluent_high, count, "fluent_high"), sized(c.fluent_unknown, count, "fluent_unknown"), sized(c.fluent_owner, count, "fluent_owner");
        known_to.resize(people);
        unsigned used = 64;
        for (std::size_t i = 0; i < count; ++i) {
            constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
            if (c.fluent_low[i] > c.fluent_high[i] || c.fluent_low[i] == least) throw std::invalid_argument("a fluent's range is empty or too wide");
            const bool unknown = c.fluent_unknown[i] != 0;
            const Word greatest = Word(c.fluent_high[i]) - Word(c.fluent_low[i]) + unknown;
            const unsigned width = std::bit_width(greatest);
            if (used + width > 64 || (used == 64 && width == 0)) {
                first_lane.push_back(static_cast<std::uint32_t>(i)), lane_at.emplace_back(64);
                used = 0;
            }
            const Person owner = static_cast<Person>(bounded(c.fluent_owner[i], -1, people - 1, "fluent_owner"));
            const Word mask = width == 64 ? ~Word(0) : (Word(1) << width) - 1;
            const unsigned shift = used == 64 ? 63 : used;
            lanes.push_back({c.fluent_low[i], c.fluent_high[i], mask, static_cast<std::uint32_t>(first_lane.size() - 1), static_cast<std::uint8_t>(shift), unknown, owner});
            // Lanes without bits share a place with others, so a word may hold more than 64; they never differ, hence are never looked up.
            for (unsigned bit = used; bit < used + width; ++bit) lane_at.back()[bit] = static_cast<std::uint16_t>(i - first_lane.back());
            if (i - first_lane.back() >= 60000) used = 64;
            used += width;
            if (owner >= 0) known_to[owner].push_back(static_cast<std::int32_t>(i));
        }
        words = first_lane.size();
    }

    Node checked(std::int64_t op, std::int64_t first, std::int64_t second) const {
        const std::int64_t before = nodes.size();
        Node made{};
        made.op = static_cast<Operator>(bounded(op, NUMBER, STILL, "node_operator"));
        made.first = first, made.second = second;
        const auto child = [&](std::int64_t index) {
            bounded(index, 0, before - 1, "child node");
            made.depth = static_cast<std::uint16_t>(std::max<int>(made.depth, nodes[index].depth + 1));
            made.quiet = made.quiet && nodes[index].quiet;
        };
        switch (made.op) {
            case NUMBER: {
                constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
                if (second < 1 || first == least) throw std::invalid_argument("a number needs a positive denominator and 63 bits");
                const Rational number = reduced(first, second);
                made.first = number.over, made.second = number.under;
                break;
            }
            case UNKNOWN: case STILL: break;
            case READ: bounded(first, 0, std::int64_t(lanes.size()) - 1, "fluent"); break;
            case BELIEVES: bounded(first, 0, people - 1, "person"), child(second); break;
            case NOT: child(first); break;
            case ALL: case ANY: case SUM: case IF: {
                if (made.op == IF) made.second = 3;
                bounded(made.second, 0, operands.size(), "operands"), bounded(first, 0, std::int64_t(operands.size()) - made.second, "operands");
                for (std::int32_t operand : among(made)) child(operand);
                break;
            }
            default: child(first), child(second);
        }
        if (made.op == SUM || made.op == MINUS || made.op == TIMES || made.op == OVER || made.op == STILL) made.quiet = false;
        if (made.depth > deepest) throw std::invalid_argument("an expression is nested too deeply");
        if (made.op == EQUAL || made.op == DIFFERENT) match(made);
        return made;
    }

    // The order says nothing but which broken rule is met first: what comes after an operand that might break one stays there.
    void conjoin(Node &made) {
        Conjunction its{static_cast<std::uint32_t>(literals.size()), static_cast<std::uint32_t>(others.size()), 0, 0};
        bool quiet = true;
        for (std::int32_t operand : among(made)) {
            quiet = quiet && nodes[operand].quiet;
            const auto next = quiet ? literal(operand) : std::nullopt;
            if (next) join(its, *next);
            else others.push_back(operand);
        }
        // The state itself is looked at first, and what is most often not so.
        const auto rarity = [](const Literal &literal) { return std::make_tuple(literal.within < 0, literal.equal, std::popcount(literal.mask)); };
        std::stable_sort(literals.begin() + its.literals, literals.end(), [&](const Literal &a, const Literal &b) { return rarity(a) > rarity(b); });
        its.end_of_literals = static_cast<std::uint32_t>(literals.size()), its.end_of_others = static_cast<std::uint32_t>(others.size());
        made.word = static_cast<std::uint32_t>(conjunctions.size());
        conjunctions.push_back(its);
    }

    // Fluents of one word are compared together.
    void join(const Conjunction &its, const Literal &next) {
        const auto joins = [&](const Literal &one) {
            return one.within == next.within && one.word == next.word && one.equal && next.equal && one.mask != 0 && next.mask != 0 && ((one.expect ^ next.expect) & one.mask & next.mask) == 0;
        };
        const auto one = std::find_if(literals.begin() + its.literals, literals.end(), joins);
        if (one == literals.end()) literals.push_back(next);
        else one->mask |= next.mask, one->expect |= next.expect;
    }

    void match(Node &made) const {
        const Node *fluent = &nodes[made.first], *constant = &nodes[made.second];
        if (fluent->op != READ) std::swap(fluent, constant);
        if (fluent->op != READ || (constant->op != NUMBER && constant->op != UNKNOWN)) return;
        const Lane &lane = lanes[fluent->first];
        const std::optional<Word> code = this->constant(lane, *constant);
        made.match = made.op == EQUAL ? 1 : -1, made.word = lane.word;
        made.mask = code ? lane.mask << lane.shift : 0;
        made.expect = code ? *code << lane.shift : 1;
    }

    void add_effects(const Columns &c) {
        const std::size_t count = c.effect_condition.size();
        sized(c.effect_fluent, count, "effect_fluent"), sized(c.effect_value, count, "effect_value"), sized(c.effect_change, count, "effect_change");
        ragged(c.believer_offsets, count, c.believer_items.size(), "believer_offsets");
        for (std::int64_t person : c.believer_items) believers_.push_back(static_cast<Person>(bounded(person, 0, people - 1, "believer")));
        std::vector<Person> chain;
        std::vector<std::pair<std::size_t, std::size_t>> spans;
        for (std::size_t i = 0; i < count; ++i) {  // immediate repetitions in a chain say nothing
            const std::size_t begin = chain.size();
            for (std::int64_t at = c.believer_offsets[i]; at < c.believer_offsets[i + 1]; ++at)
                if (chain.size() == begin || chain.back() != believers_[at]) chain.push_back(believers_[at]);
            spans.emplace_back(begin, chain.size() - begin);
        }
        believers_ = std::move(chain);
        for (std::size_t i = 0; i < count; ++i) {
            effects.push_back({node_or_none(c.effect_condition[i]), static_cast<std::int32_t>(bounded(c.effect_fluent[i], 0, std::int64_t(lanes.size()) - 1, "effect_fluent")),
                               node(c.effect_value[i]), static_cast<Change>(bounded(c.effect_change[i], SET, EASES, "effect_change")),
                               {believers_.data() + spans[i].first, spans[i].second}, std::nullopt});
            if (effects.back().change == SET) effects.back().code = constant(lanes[effects.back().fluent], nodes[effects.back().value]);
        }
    }

    // The code of a constant that is in the range of the lane.
    static std::optional<Word> constant(const Lane &lane, const Node &node) {
        if (node.op == UNKNOWN && lane.unknown) return Word(0);
        if (node.op == NUMBER && node.second == 1 && node.first >= lane.low && node.first <= lane.high) return lane.code_of(node.first);
        return std::nullopt;
    }

    void add_moves(const Columns &c) {
        const std::size_t count = c.move_precondition.size();
        sized(c.move_weight, count, "move_weight"), sized(c.move_expressive, count, "move_expressive"), sized(c.observer, count * people, "observer");
        ragged(c.move_effect_offsets, count, effects.size(), "move_effect_offsets");
        ragged(c.consent_offsets, count, c.consent_items.size(), "consent_offsets");
        for (std::int64_t person : c.consent_items) consenting_.push_back(static_cast<Person>(bounded(person, 0, people - 1, "consenting")));
        for (std::size_t i = 0; i < count; ++i) {
            const std::span<const Person> consenting{consenting_.data() + c.consent_offsets[i], static_cast<std::size_t>(c.consent_offsets[i + 1] - c.consent_offsets[i])};
            const std::int32_t expressive = node_or_none(c.move_expressive[i]);
            moves.push_back({node_or_none(c.move_precondition[i]), node_or_none(c.move_weight[i]), expressive, range(c.move_effect_offsets, i), consenting,
                             !consenting.empty() && expressive < 0});
        }
        for (std::int64_t index : c.observer) observer.push_back(node_or_none(index));
    }

    void add_triggers(const Columns &c) {
        const std::size_t count = c.trigger_precondition.size();
        sized(c.trigger_upon, count, "trigger_upon"), sized(c.trigger_mind, count, "trigger_mind");
        ragged(c.trigger_effect_offsets, count, effects.size(), "trigger_effect_offsets");
        for (std::size_t i = 0; i < count; ++i)
            triggers.push_back({node_or_none(c.trigger_precondition[i]), node_or_none(c.trigger_upon[i]),
                                static_cast<Person>(bounded(c.trigger_mind[i], -1, people - 1, "trigger_mind")), range(c.trigger_effect_offsets, i)});
    }

    std::vector<Person> believers_, consenting_;
};

}  // namespace everytale
