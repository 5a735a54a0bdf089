// The voice in which a story is told: its tense, and whether the teller is I.
//
// Only holes and the teller's own words (said Jack) have a voice. Prose that is written out stays as it is written.
#pragma once

#include "english.hpp"
#include "verbs.hpp"

namespace everytale::telling {

// Somebody or something: how prose names it, and its pronouns.
struct Entity {
    std::string_view label;
    Pronouns pronouns;
};

// Entities are numbered from 1, in the order of the world's values; 0 is nobody.
using Number = std::int64_t;

class Voice {
public:
    Tense tense = AS_WRITTEN;
    Number me = 0;  // who is I

    std::string name(const Entity &entity, Number number, bool subject) const { return std::string(!own(number) ? entity.label : subject ? "I" : "me"); }
    std::string possessive(const Entity &entity, Number number) const { return own(number) ? "my" : telling::possessive(entity.label, entity.pronouns.plural); }

    std::string pronoun(const Entity &entity, Number number, Case which) const {
        static const Pronouns of_me{{"I", "me", "my", "mine", "myself"}};
        return std::string((own(number) ? of_me : entity.pronouns).word[which]);
    }

    // What a verb after somebody's name or pronoun agrees with.
    Agreement after_name(Number number) const { return own(number) ? I : HE; }
    Agreement after_pronoun(const Entity &entity, Number number) const { return own(number) ? I : entity.pronouns.plural ? THEY : HE; }

    // Who says it: said Jack, I said.
    std::string says(const Entity &speaker, Number number) const {
        std::string said = agreeing("says", after_name(number), tense == AS_WRITTEN ? PAST : tense);
        return own(number) ? "I " + said : said.append(" ").append(speaker.label);
    }

    // A move for which the author wrote nothing: by whom, its `name`, and with what.
    std::string plainly(const std::vector<std::pair<Number, const Entity *>> &who, const std::string &name, const std::vector<std::string> &others) const {
        const std::string words = replaced(name, "_", " "), after = others.empty() ? "" : " (" + listed(others) + ")";
        if (who.empty()) return capital(words) + after + ".";
        std::vector<std::string> actors;
        for (const bool mine : {false, true})  // I come last
            for (const auto &[number, entity] : who)
                if (own(number) == mine) actors.push_back(this->name(*entity, number, true));
        const std::size_t end = std::min(words.find(' '), words.size());
        const Agreement agreement = who.size() > 1 ? THEY : after_name(who[0].first);
        return capital(joined(actors) + " " + agreeing(singular(words.substr(0, end)), agreement, tense == AS_WRITTEN ? PRESENT : tense) + words.substr(end) + after + ".");
    }

    // A move as it reads where one can choose it.
    static std::string choice(const std::string &name, const std::vector<std::string> &others) {
        return capital(stripped(replaced(name, "_", " "))) + (others.empty() ? "" : " (" + listed(others) + ")");
    }

private:
    bool own(Number number) const { return me != 0 && number == me; }

    static std::string listed(const std::vector<std::string> &names) {
        std::string found;
        for (const std::string &name : names) found += (found.empty() ? "" : ", ") + name;
        return found;
    }
};

}  // namespace everytale::telling
