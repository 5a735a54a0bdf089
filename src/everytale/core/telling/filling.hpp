// What a book says in a state: its holes filled, choices in words, reasons.
#pragma once

#include "book.hpp"

namespace everytale::telling {

// ---- holes ----

inline Number Book::entity_at(std::int32_t node, const Tale &tale, State state) const {
    if (node < 0) return 0;
    const Rational value = tale.evaluate(state, node);
    return value.known() && value.whole() && value.over > 0 && value.over < std::int64_t(entities_.size()) ? value.over : 0;
}

// The texts and holes of a paragraph, its marks set. Whoever is named agrees with what follows, until they are named in another way.
inline std::string Book::filled(Range parts, const Tale &tale, State state, const Voice &voice, const std::string *because) const {
    std::string text;
    Agreements last;
    for (std::int32_t i = parts.begin; i < parts.end; ++i) {
        const Part &part = parts_[i];
        if (part.kind == Part::TEXT) {
            text += part.text;
            continue;
        }
        const bool begins = begins_sentence(text);
        const std::string word = part.kind != Part::BECAUSE ? this->word(part, tale, state, voice, begins, last) : because != nullptr ? *because : "";
        text += part.capital || begins ? capital(word) : word;
    }
    return typographic(text);
}

// What fills a hole, which `begins` a sentence or not. `last`: what verbs after the name or pronoun of whoever was named agree with.
inline std::string Book::word(const Part &part, const Tale &tale, State state, const Voice &voice, bool begins, Agreements &last) const {
    if (part.kind != Part::ENTITY) {
        const Rational value = tale.evaluate(state, part.node);
        if (!value.known()) return "unknown";
        if (part.kind == Part::TRUTH) return value.zero() ? "no" : "yes";
        return std::to_string(value.over) + (value.whole() ? "" : "/" + std::to_string(value.under));
    }
    const Number number = entity_at(part.node, tale, state);
    if (number == 0) return "unknown";
    const Entity &entity = this->entity(number);
    const auto known = std::find_if(last.begin(), last.end(), [&](const auto &one) { return one.first == number; });
    const auto agrees = [&](Agreement agreement) { known == last.end() ? void(last.emplace_back(number, agreement)) : void(known->second = agreement); };
    const std::string form = part.capital ? with_small_letter(part.text) : std::string(part.text);
    if (form.empty() || form == "'s") {
        agrees(voice.after_name(number));
        return form.empty() ? voice.name(entity, number, begins || part.acts) : voice.possessive(entity, number);
    }
    if (const auto which = case_of(form, entity.pronouns, part.before_word)) {
        agrees(voice.after_pronoun(entity, number));
        return voice.pronoun(entity, number, *which);
    }
    return agreeing(form, known == last.end() ? voice.after_pronoun(entity, number) : known->second, voice.tense);
}

// ---- lines ----

inline void Book::fill(const Line &line, const Tale &tale, State state, const std::string *because, Way &way) const {
    way = {line.number, static_cast<Mark>(line.number), {}, {}};
    for (std::int32_t i = line.beats.begin; i < line.beats.end; ++i) {
        const Beat &beat = beats_[i];
        const Number speaker = entity_at(beat.speaker, tale, state);
        if (beat.manner == THOUGHT && (speaker == 0 || speaker != teller_entity())) continue;
        std::string text = filled(beat.parts, tale, state, voice_, because);
        way.key = mark_of(text, way.key);
        way.sounds.push_back(beat.manner == SPEECH ? sound("“" + text + "”") : sound(text));
        way.said.push_back({beat.manner, std::move(text), speaker});
    }
}

inline const Way &Book::way(std::int32_t place, const Tale &tale, State state, const std::string *because, Way &room) const {
    const std::int32_t index = block_lines_[place];
    const Line &line = lines_[index];
    if (!line.fixed) return fill(line, tale, state, because, room), room;
    std::unique_ptr<Way> &kept = fixed_[index];
    if (!kept) {
        auto made = std::make_unique<Way>();
        fill(line, tale, state, because, *made);
        kept = std::move(made);
    }
    return *kept;
}

// ---- moves ----

inline std::string Book::label(const Tale &tale, std::int32_t index, State state, Person player) const {
    const MoveWords &move = moves_[index];
    if (move.choice >= 0) return filled(beats_[move.choice].parts, tale, state, Voice(), nullptr);
    std::vector<std::string> others;
    for (std::int32_t i = move.arguments.begin; i < move.arguments.end; ++i)
        if (player < 0 || arguments_[i] != people_[player]) others.emplace_back(entity(arguments_[i]).label);
    return Voice::choice(strings_[move.base], others);
}

inline std::string Book::plainly(const Tables &tables, std::int32_t index) const {
    const MoveWords &move = moves_[index];
    std::vector<std::pair<Number, const Entity *>> who;
    for (const Person person : tables.moves[index].consenting) who.emplace_back(people_[person], &entity(people_[person]));
    std::vector<std::string> others;
    for (std::int32_t i = move.arguments.begin; i < move.arguments.end; ++i)
        if (std::none_of(who.begin(), who.end(), [&](const auto &one) { return one.first == arguments_[i]; })) others.emplace_back(entity(arguments_[i]).label);
    return voice_.plainly(who, strings_[move.base], others);
}

inline const std::vector<Book::Followed> &Book::following(Tale &tale, State state, std::int32_t move) const {
    const std::uint64_t key = pair_key(state, static_cast<std::uint32_t>(move));
    if (const auto known = following_.find(key); known != following_.end()) return known->second;
    std::vector<Followed> found;
    for (const Firing &firing : tale.fired(state, move)) {
        const TriggerWords &trigger = triggers_[firing.trigger];
        const bool happens = !firing.chain.empty() == trigger.infers;  // an inference, in the mind that makes it
        const bool own = firing.chain.size() == 1 && firing.chain[0] == teller_;
        if (!trigger.told || !(own || happens)) continue;
        const Witness witness = own || teller_ < 0 ? SEEN : UNSEEN;
        const auto known = std::find_if(found.begin(), found.end(), [&](const Followed &one) { return one.trigger == firing.trigger; });
        if (known == found.end()) found.push_back({firing.trigger, witness});
        else if (witness == SEEN) known->witness = SEEN;
    }
    std::stable_sort(found.begin(), found.end(), [&](const Followed &one, const Followed &other) { return triggers_[one.trigger].infers < triggers_[other.trigger].infers; });
    if (following_.size() >= most_kept) following_.clear();
    return following_[key] = std::move(found);
}

// ---- reasons ----

inline std::optional<Reason> Book::reason(Tale &tale, State state, std::int32_t move, Person person) const {
    const auto found = tale.intention(state, move, person);
    if (!found) return std::nullopt;
    Reason reason{{found->plan.begin(), found->plan.end()}, {}};
    const State before = tale.believed(state, person);
    State after = before;
    for (const std::int32_t step : reason.plan) after = tale.step(after, step);
    for (const WantWords &want : wants_) {
        if (want.person != person || want.because < 0 || want.sign == 0) continue;
        Rational was = {tale.holds(before, want.measure) ? 1 : 0, 1}, will = {tale.holds(after, want.measure) ? 1 : 0, 1};
        if (want.each) was = tale.evaluate(before, want.measure), will = tale.evaluate(after, want.measure);
        const bool serves = want.sign > 0 ? less(was, will) : less(will, was);
        if (serves && std::find(reason.because.begin(), reason.because.end(), want.because) == reason.because.end()) reason.because.push_back(want.because);
    }
    return reason;
}

inline const std::vector<std::int32_t> &Book::teller_because(Tale &tale, State state, std::int32_t move) const {
    const std::uint64_t key = pair_key(state, static_cast<std::uint32_t>(move));
    if (const auto known = because_.find(key); known != because_.end()) return known->second;
    std::optional<Reason> found = reason(tale, state, move, teller_);
    if (because_.size() >= most_kept) because_.clear();
    return because_[key] = found ? std::move(found->because) : std::vector<std::int32_t>();
}

}  // namespace everytale::telling
