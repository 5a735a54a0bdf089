// A move applied, at every level of belief, and the triggers that follow. See world.hpp for the whole.
//
// A move is applied to a state once, and remembered: it is worth it, since one believed state is shared by many. So is what becomes of
// a believed state that somebody changes their mind about: what is asked for there is a *request*. New states are made innermost
// first, each closed under triggers as soon as its minds are. At each level one state is in the making at a time, so it is made in place, in
// the *frame* of that level, and nothing is allocated.
#pragma once

#include <map>

#include "effects.hpp"
#include "watch.hpp"

namespace everytale {

struct OutOfPatience {};

// How much work was done, in units of about a microsecond. More than is allowed ends it, and from time to time somebody looks
// whether it is to go on.
struct Work {
    std::uint64_t done = 0, allowed = ~std::uint64_t(0);
    std::function<void()> look;

    void operator()(std::uint64_t units = 1) {
        done += units;
        if (done > allowed) throw OutOfPatience{};
        if (done < next_) return;
        next_ = done + 4096;
        look();
    }

private:
    std::uint64_t next_ = 4096;
};

struct Firing {
    std::vector<Person> chain;
    std::int32_t trigger;
};
using Firings = std::vector<Firing>;

class Stepper {
public:
    static constexpr State nowhere = ~0u;  // before the start

    Stepper(const Tables &tables, States &states, const Evaluator &evaluator, Work &work)
        : tables_(tables), states_(states), evaluator_(evaluator), work_(work), correction_(tables, states, evaluator), effects_(tables, evaluator),
          watch_(tables, states, evaluator), frames_(tables.depth + 1),
          looks_back_(std::any_of(tables.triggers.begin(), tables.triggers.end(), [](const Trigger &trigger) { return trigger.upon >= 0; })) {
        for (Frame &frame : frames_) frame.ready.resize(watch_.width());
    }

    // The state after `move` and all that follows, remembered; whether its precondition holds is the caller's business, and may be noted.
    State after(State s, std::int32_t move, bool holds = false) {
        const std::uint64_t key = pair_key(s, static_cast<std::uint32_t>(move));
        if (const Next *known = after_.find(key)) return known->state;
        const State result = advance(s, move, {}, s, nullptr);
        after_.at(key) = {result, holds};
        return result;
    }

    // Says that after() will soon be asked.
    void expect(State s, std::int32_t move) const { after_.expect(pair_key(s, static_cast<std::uint32_t>(move))); }

    // The same over again in every mind, as if nothing were remembered of it.
    State anew(State s, std::int32_t move) {
        remembers_ = false;
        const struct Restore {
            bool &remembers;
            ~Restore() { remembers = true; }
        } restore{remembers_};
        return advance(s, move, {}, s, nullptr);
    }

    // The same, asking which triggers fire in the true state and in everybody's own mind.
    State after(State s, std::int32_t move, Firings &firings) { return advance(s, move, {}, s, &firings); }

    State revised(State s, const std::vector<Person> &chain, std::int32_t fluent, Word code) { return correction_.revised(s, chain, fluent, code); }

    // The state before the tale begins, from a row of values for every chain of people.
    State start(const Column &offsets, const Column &items, const Column &values, Firings &firings) {
        std::map<std::vector<std::int64_t>, std::size_t> rows;
        Tables::ragged(offsets, offsets.empty() ? 0 : offsets.size() - 1, items.size(), "mind_offsets");
        for (std::size_t row = 0; row + 1 < offsets.size(); ++row) rows[{items.begin() + offsets[row], items.begin() + offsets[row + 1]}] = row;
        Tables::sized(values, (offsets.size() - 1) * tables_.lanes.size(), "mind_values");
        std::vector<std::int64_t> chain;
        return start(rows, values, chain, nullptr, &firings);
    }

    const Effects &effects() const { return effects_; }

    std::uint64_t applications = 0, closures = 0;
    std::size_t bytes() const { return after_.bytes() + requests_.capacity() * sizeof(Request) + asked_.capacity() * sizeof(Amendment) + by_request_.bytes() + watch_.bytes(); }
    std::size_t growth() const { return after_.growth() + by_request_.growth() + soon_moved(requests_) + soon_moved(asked_); }

private:
    // What is in the making at one level.
    struct Frame {
        Draft draft, previous;
        Effects::Outcome outcome;
        Amendments passed, amendments;  // for the minds within; for the one whose turn it is
        std::vector<Word> ready, due;           // triggers
        bool marks = false;                     // whether `due` says anything yet
        std::vector<std::int32_t> fired, spent;
    };
    // What a move leads to, and whether it is known that its precondition holds.
    struct Next {
        State state = nowhere;
        bool holds = false;
    };
    // A believed state that is to see a move (-1: none) and to be amended; `before`: see advance().
    struct Request {
        State base, before;
        std::int32_t move;
        std::uint32_t first, count;  // amendments
        State result;
    };

    State start(const std::map<std::vector<std::int64_t>, std::size_t> &rows, const Column &values, std::vector<std::int64_t> &chain, const Draft *outer, Firings *firings) {
        const auto row = rows.find(chain);
        if (row == rows.end()) throw std::invalid_argument("a mind is missing from the start");
        const int level = static_cast<int>(chain.size());
        Draft draft{std::vector<Word>(tables_.words), std::vector<State>(tables_.people, itself), chain.empty() ? -1 : static_cast<Person>(chain.back()), level};
        for (std::size_t i = 0; i < tables_.lanes.size(); ++i) tables_.lanes[i].put(draft.words.data(), code_exactly(tables_.lanes[i], values[row->second * tables_.lanes.size() + i]));
        if (outer != nullptr)
            for (std::int32_t fluent : tables_.known_to[draft.mind]) tables_.lanes[fluent].put(draft.words.data(), tables_.lanes[fluent].code(outer->words.data()));
        for (Person person = 0; level < tables_.depth && person < tables_.people; ++person) {
            if (person == draft.mind) continue;
            chain.push_back(person);
            draft.believed[person] = start(rows, values, chain, &draft, level == 0 ? firings : nullptr);
            chain.pop_back();
        }
        return close(draft, states_.vector_of(draft.words.data()), nowhere, level <= 1 ? firings : nullptr);
    }

    // `s` after `move` (-1: none) is seen by its owner and `amendments` are made, closed. `before` is the last closed state in
    // its place: `s`, unless its owner was just corrected.
    State advance(State s, std::int32_t move, const Amendments &amendments, State before, Firings *firings) {
        ++applications;
        work_();
        const View view = states_.view(s);
        Frame &frame = frames_[view.level];
        Draft &draft = frame.draft;
        draft.assign(view, tables_);
        frame.passed.clear();
        if (move >= 0 && effects_.make(move, view, draft.words.data(), frame.outcome)) frame.passed.swap(frame.outcome.inner);
        for (const Amendment &amendment : amendments) {
            if (amendment.chain.empty()) tables_.lanes[amendment.fluent].put(draft.words.data(), amendment.code);
            else frame.passed.push_back(amendment);
        }
        if (remembers_ && draft.level < tables_.depth && tables_.people > 2)
            for (Person person = 0; person < tables_.people; ++person)
                if (person != draft.mind) {
                    if (move >= 0) expect(view.believed[person], move);
                    states_.expect(view.believed[person]);
                }
        if (draft.level < tables_.depth)
            for (Person person = 0; person < tables_.people; ++person)
                if (person != draft.mind) draft.believed[person] = mind_after(person, frame, view, move, states_.believed(before, person), firings);
        return close(draft, same(draft.words.data(), view.words, tables_.words) ? states_.vector(s) : states_.vector_of(draft.words.data()), before, firings);
    }

    State mind_after(Person person, Frame &outer, const View &view, std::int32_t move, State before, Firings *firings) {
        const State known = States::inner(view, person);
        const std::int32_t observer = move < 0 ? -1 : tables_.observer[std::size_t(move) * tables_.people + person];
        const bool observes = observer >= 0 && evaluator_.holds(observer, view);
        inward(outer.passed, person, outer.amendments);
        if (observes && remembers_ && outer.amendments.empty() && tables_.known_to[person].empty() && firings == nullptr && (known == before || !looks_back_))
            if (const Next *next = after_.find(pair_key(known, static_cast<std::uint32_t>(move))); next != nullptr && next->holds) return next->state;
        State base = known;
        const bool surprised = observes && !evaluator_.holds(tables_.moves[move].precondition, states_.view(known));
        if (surprised) base = correction_.corrected(known, view, tables_.moves[move].precondition);
        copy_known(person, outer.draft, base, observes ? move : -1, outer.amendments);
        return requested(base, observes ? move : -1, outer.amendments, before, outer.draft.level == 0 ? firings : nullptr, !surprised);
    }

    // The same as advance(), remembered; `holds`: the move's precondition does.
    State requested(State base, std::int32_t move, const Amendments &amendments, State before, Firings *firings, bool holds = false) {
        if (amendments.empty() && move < 0 && at_rest(base)) return base;
        if (firings != nullptr || !remembers_) return advance(base, move, amendments, before, firings);
        if (!looks_back_) before = base;
        if (amendments.empty() && move >= 0 && base == before) return after(base, move, holds);
        std::uint64_t hash = mix(pair_key(base, before)) ^ static_cast<std::uint32_t>(move);
        for (const Amendment &amendment : amendments) {
            hash = folded(hash ^ amendment.code) ^ static_cast<std::uint32_t>(amendment.fluent);
            for (const Person person : amendment.chain) hash = folded(hash ^ static_cast<std::uint32_t>(person));
        }
        hash = mix(hash);
        const auto same = [&](std::uint32_t row) {
            const Request &request = requests_[row];
            return request.base == base && request.before == before && request.move == move && request.count == amendments.size() &&
                   std::equal(amendments.begin(), amendments.end(), asked_.begin() + request.first, [](const Amendment &a, const Amendment &b) {
                       return a.fluent == b.fluent && a.code == b.code && std::equal(a.chain.begin(), a.chain.end(), b.chain.begin(), b.chain.end());
                   });
        };
        if (const std::uint32_t row = by_request_.find(hash, same); row != Index::none) return requests_[row].result;
        const State result = advance(base, move, amendments, before, nullptr);
        by_request_.find(hash, same, [&] {
            requests_.push_back({base, before, move, static_cast<std::uint32_t>(asked_.size()), static_cast<std::uint32_t>(amendments.size()), result});
            asked_.insert(asked_.end(), amendments.begin(), amendments.end());
            return static_cast<std::uint32_t>(requests_.size() - 1);
        });
        return result;
    }

    static void inward(const Amendments &passed, Person person, Amendments &inner) {
        inner.clear();
        for (const Amendment &amendment : passed)
            if (amendment.chain[0] == person) inner.push_back({amendment.chain.subspan(1), amendment.fluent, amendment.code});
    }

    // What is known to its owner goes last, hence overrides; where nothing would change it is left out.
    void copy_known(Person owner, const Draft &outer, State inner, std::int32_t move, Amendments &amendments) const {
        for (std::int32_t fluent : tables_.known_to[owner]) {
            const Lane &lane = tables_.lanes[fluent];
            const Word code = lane.code(outer.words.data());
            bool touched = lane.code(states_.view(inner).words) != code;
            if (move >= 0)
                for (std::int32_t e = tables_.moves[move].effects.begin; e < tables_.moves[move].effects.end; ++e)
                    touched = touched || tables_.effects[e].fluent == fluent;
            for (const Amendment &amendment : amendments) touched = touched || (amendment.chain.empty() && amendment.fluent == fluent);
            if (touched) amendments.push_back({{}, fluent, code});
        }
    }

    // ---- triggers ----

    static constexpr std::size_t many = 16, restless = 100'000;

    // Fires triggers in `draft`, whose minds are closed and whose vector has that number, until none applies.
    State close(Draft &draft, std::uint32_t vector, State before, Firings *firings) {
        ++closures;
        std::uint64_t sought = states_.sought(draft, vector);
        if (tables_.triggers.empty()) return settled(draft, vector, sought);
        Frame &frame = frames_[draft.level];
        Draft landmark;  // comes again where triggers go round in a ring (Brent, 1980); set anew each time that they are twice as many
        std::size_t marked = 0;
        frame.marks = false;
        frame.fired.clear(), frame.spent.clear();
        for (;;) {
            const std::size_t at = next(draft.view(), vector, before, frame);
            if (at == Watch::none) return settled(draft, vector, sought);
            const std::int32_t index = watch_.trigger(at);
            frame.previous = draft;
            fire(draft, frame, firings);
            if (draft.words != frame.previous.words) vector = states_.vector_of(draft.words.data());
            sought = states_.sought(draft, vector);
            frame.fired.push_back(index);
            if (firings != nullptr && draft.level <= 1) firings->push_back({draft.level == 0 ? std::vector<Person>{} : std::vector<Person>{draft.mind}, index});
            if (tables_.triggers[index].upon >= 0) frame.spent.push_back(index);
            if (frame.marks) {
                watch_.admit(draft.view(), vector, frame.ready);
                watch_.mark_changes(frame.previous.view(), draft.view(), frame.ready, frame.due);
            }
            if (frame.fired.size() >= many) {
                if (marked != 0 && draft == landmark) throw Broken{"ring", {frame.fired.begin() + static_cast<std::ptrdiff_t>(marked), frame.fired.end()}};
                if (frame.fired.size() > restless) throw Broken{"ring", {frame.fired.end() - many, frame.fired.end()}};
                if (frame.fired.size() >= 2 * marked) landmark = draft, marked = frame.fired.size();
            }
            work_();
        }
    }

    // The first trigger that applies, by its place in the order, and what its effects come to. Those that did not in `before`, and read
    // nothing that changed, do not now.
    std::size_t next(const View &view, std::uint32_t vector, State before, Frame &frame) {
        if (!watch_.admit(view, vector, frame.ready)) return Watch::none;
        if (watch_.doubts(frame.ready)) {
            if (!frame.marks) mark(view, before, frame);
            watch_.keep_due(frame.ready, frame.due);
        }
        for (;;) {
            const std::size_t at = watch_.first(frame.ready);
            if (at == Watch::none || applies(at, view, before, frame)) return at;
            frame.ready[at / 64] &= ~(Word(1) << at % 64);
            if (frame.marks) frame.due[at / 64] &= ~(Word(1) << at % 64);
        }
    }

    void mark(const View &view, State before, Frame &frame) {
        frame.marks = true;
        if (before == nowhere || !at_rest(before)) return watch_.mark_all(frame.due);
        frame.due.assign(frame.ready.size(), 0);
        watch_.mark_changes(states_.view(before), view, frame.ready, frame.due);
    }

    State settled(const Draft &draft, std::uint32_t vector, std::uint64_t sought) {
        const State s = states_.intern(draft, vector, sought);
        if (states_.rest(s) != States::RESTS) states_.set_rest(s, States::RESTS);
        return s;
    }

    // Whether the trigger at that place in the order, which the sieve let through, does; and what its effects come to.
    bool applies(std::size_t at, const View &view, State before, Frame &frame) const {
        const std::int32_t index = watch_.trigger(at);
        const Trigger &trigger = tables_.triggers[index];
        for (const std::int32_t part : watch_.rest(at))
            if (!evaluator_.holds(part, view)) return false;
        if (trigger.upon >= 0 && (before == nowhere || std::find(frame.spent.begin(), frame.spent.end(), index) != frame.spent.end() || evaluator_.holds(trigger.upon, states_.view(before)))) return false;
        Effects::Outcome &outcome = frame.outcome;
        effects_.judge(trigger.effects, view, outcome);
        for (const Effects::Own &own : outcome.own)
            if (tables_.lanes[own.fluent].code(view.words) != own.code) return true;
        for (const Amendment &inner : outcome.inner)
            if (tables_.lanes[inner.fluent].code(effects_.end_of(inner.chain, view).words) != inner.code) return true;
        return false;
    }

    void fire(Draft &draft, Frame &frame, Firings *firings) {
        for (const Effects::Own &own : frame.outcome.own) tables_.lanes[own.fluent].put(draft.words.data(), own.code);
        if (draft.level == tables_.depth) return;
        for (Person person = 0; person < tables_.people; ++person) {
            if (person == draft.mind) continue;
            const State inner = draft.believed[person];
            inward(frame.outcome.inner, person, frame.amendments);
            copy_known(person, draft, inner, -1, frame.amendments);
            if (!frame.amendments.empty()) draft.believed[person] = requested(inner, -1, frame.amendments, inner, draft.level == 0 ? firings : nullptr);
        }
    }

    // No trigger applies in `s` or in the minds within.
    bool at_rest(State s) {
        if (tables_.triggers.empty()) return true;
        if (states_.rest(s) == States::UNTESTED) states_.set_rest(s, test_rest(s) ? States::RESTS : States::RESTLESS);
        return states_.rest(s) == States::RESTS;
    }

    bool test_rest(State s) {
        const View view = states_.view(s);
        for (Person person = 0; person < tables_.people; ++person)
            if (States::inner(view, person) != itself && !at_rest(States::inner(view, person))) return false;
        // Frames are of what is in the making; a state to be tested may lie at a level where something is.
        Frame frame;
        frame.ready.resize(watch_.width()), frame.marks = true;
        watch_.mark_all(frame.due);
        return next(view, states_.vector(s), s, frame) == Watch::none;
    }

    const Tables &tables_;
    States &states_;
    const Evaluator &evaluator_;
    Work &work_;
    Correction correction_;
    const Effects effects_;
    Watch watch_;
    std::vector<Frame> frames_;  // by level
    const bool looks_back_;      // whether a trigger asks what was so before
    bool remembers_ = true;
    Map<Next> after_;
    std::vector<Request> requests_;
    Amendments asked_;
    Index by_request_;
};

}  // namespace everytale
