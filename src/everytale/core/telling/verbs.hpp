// Verbs as the teller needs them: made to agree, in the present and in the past.
//
// A story has its verbs in the third person singular of the present (laughs, is); every other form comes from that one.
#pragma once

#include <algorithm>

#include "text.hpp"

namespace everytale::telling {

// Whom a verb agrees with: one who tells of themself; one other; several, or one whose pronoun takes plural verbs.
enum Agreement : std::uint8_t { I, HE, THEY };

enum Tense : std::uint8_t { AS_WRITTEN, PAST, PRESENT };

struct Pair {
    std::string_view from, to;
};

// What a table has for `word`; nothing, where it is not there.
template <std::size_t size>
std::string_view found_in(const Pair (&table)[size], std::string_view word) {
    for (const Pair &pair : table)
        if (pair.from == word) return pair.to;
    return {};
}

inline constexpr Pair plurals[] = {
    {"is", "are"}, {"isn't", "aren't"}, {"was", "were"}, {"wasn't", "weren't"}, {"has", "have"}, {"hasn't", "haven't"}, {"does", "do"}, {"doesn't", "don't"},
    {"dies", "die"}, {"lies", "lie"}, {"ties", "tie"}, {"vies", "vie"}};
inline constexpr Pair pasts[] = {{"is", "was"},   {"isn't", "wasn't"},   {"was", "was"},  {"wasn't", "wasn't"},
                                 {"has", "had"}, {"hasn't", "hadn't"}, {"does", "did"}, {"doesn't", "didn't"}};

// Verbs whose past is not made by a rule, in alphabetical order.
inline constexpr Pair irregular[] = {
    {"arise", "arose"}, {"awake", "awoke"}, {"bear", "bore"}, {"beat", "beat"}, {"become", "became"}, {"begin", "began"}, {"bend", "bent"},
    {"bet", "bet"}, {"bind", "bound"}, {"bite", "bit"}, {"bleed", "bled"}, {"blow", "blew"}, {"break", "broke"}, {"breed", "bred"},
    {"bring", "brought"}, {"build", "built"}, {"burst", "burst"}, {"buy", "bought"}, {"cast", "cast"}, {"catch", "caught"}, {"choose", "chose"},
    {"cling", "clung"}, {"come", "came"}, {"cost", "cost"}, {"creep", "crept"}, {"cut", "cut"}, {"deal", "dealt"}, {"dig", "dug"}, {"draw", "drew"},
    {"dream", "dreamt"}, {"drink", "drank"}, {"drive", "drove"}, {"eat", "ate"}, {"fall", "fell"}, {"feed", "fed"}, {"feel", "felt"},
    {"fight", "fought"}, {"find", "found"}, {"flee", "fled"}, {"fling", "flung"}, {"fly", "flew"}, {"forbid", "forbade"}, {"forget", "forgot"},
    {"forgive", "forgave"}, {"freeze", "froze"}, {"get", "got"}, {"give", "gave"}, {"go", "went"}, {"grind", "ground"}, {"grow", "grew"},
    {"hang", "hung"}, {"hear", "heard"}, {"hide", "hid"}, {"hit", "hit"}, {"hold", "held"}, {"hurt", "hurt"}, {"keep", "kept"}, {"kneel", "knelt"},
    {"know", "knew"}, {"lay", "laid"}, {"lead", "led"}, {"lean", "leant"}, {"leap", "leapt"}, {"leave", "left"}, {"lend", "lent"}, {"let", "let"},
    {"lie", "lay"}, {"light", "lit"}, {"lose", "lost"}, {"make", "made"}, {"mean", "meant"}, {"meet", "met"}, {"mistake", "mistook"},
    {"overhear", "overheard"}, {"pay", "paid"}, {"put", "put"}, {"quit", "quit"}, {"read", "read"}, {"rid", "rid"}, {"ride", "rode"},
    {"ring", "rang"}, {"rise", "rose"}, {"run", "ran"}, {"say", "said"}, {"see", "saw"}, {"seek", "sought"}, {"sell", "sold"}, {"send", "sent"},
    {"set", "set"}, {"shake", "shook"}, {"shed", "shed"}, {"shine", "shone"}, {"shoot", "shot"}, {"show", "showed"}, {"shrink", "shrank"},
    {"shut", "shut"}, {"sing", "sang"}, {"sink", "sank"}, {"sit", "sat"}, {"sleep", "slept"}, {"slide", "slid"}, {"sling", "slung"}, {"slit", "slit"},
    {"speak", "spoke"}, {"spend", "spent"}, {"spin", "span"}, {"spit", "spit"}, {"split", "split"}, {"spread", "spread"}, {"spring", "sprang"},
    {"stand", "stood"}, {"steal", "stole"}, {"stick", "stuck"}, {"sting", "stung"}, {"stink", "stank"}, {"strike", "struck"}, {"string", "strung"},
    {"strive", "strove"}, {"swear", "swore"}, {"sweep", "swept"}, {"swim", "swam"}, {"swing", "swung"}, {"take", "took"}, {"teach", "taught"},
    {"tear", "tore"}, {"tell", "told"}, {"think", "thought"}, {"throw", "threw"}, {"thrust", "thrust"}, {"tread", "trod"}, {"undergo", "underwent"},
    {"understand", "understood"}, {"undo", "undid"}, {"wake", "woke"}, {"wear", "wore"}, {"weave", "wove"}, {"weep", "wept"}, {"win", "won"},
    {"wind", "wound"}, {"withdraw", "withdrew"}, {"wring", "wrung"}, {"write", "wrote"},
};

// Verbs of several syllables with the stress on the last.
inline constexpr std::string_view stressed_late[] = {"admit", "allot", "begin", "commit", "compel", "confer", "control", "defer", "equip", "expel",
                                                     "forget", "incur", "occur", "omit", "permit", "prefer", "refer", "regret", "transfer"};

inline bool is_vowel(Letter c) { return among(c, U"aeiou"); }

inline bool ends_in_one_of(std::string_view word, std::initializer_list<std::string_view> ends) {
    return std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return ends_with(word, end); });
}

// Whether it ends in y after a consonant.
inline bool ends_in_soft_y(std::string_view word) { return ends_with(word, "y") && word.size() > 1 && !is_vowel(last(word.substr(0, word.size() - 1))); }

// The verb as after they: laughs becomes laugh, carries carry, is are.
inline std::string plural(std::string_view verb) {
    if (const std::string_view known = found_in(plurals, verb); !known.empty()) return std::string(known);
    if (ends_with(verb, "ies")) return std::string(verb.substr(0, verb.size() - 3)) + "y";
    if (ends_in_one_of(verb, {"sses", "shes", "ches", "xes", "zzes", "oes"})) return std::string(verb.substr(0, verb.size() - 2));
    return std::string(ends_with(verb, "s") ? verb.substr(0, verb.size() - 1) : verb);
}

// The verb as after she: laugh becomes laughs, carry carries, go goes.
inline std::string singular(std::string_view verb) {
    if (verb == "be") return "is";
    if (verb == "have") return "has";
    if (ends_in_soft_y(verb)) return std::string(verb.substr(0, verb.size() - 1)) + "ies";
    return std::string(verb) + (ends_in_one_of(verb, {"s", "sh", "ch", "x", "z", "o"}) ? "es" : "s");
}

// Whether a verb is of one syllable with a short vowel before one last consonant, which is doubled: stop, quit.
inline bool doubles_last(std::string_view verb) {
    std::size_t at = verb.size();
    if (at == 0 || among(previous(verb, at), U"aeiouwxy") || at == 0 || !is_vowel(previous(verb, at))) return false;
    for (std::size_t place = 0; place < at;) {
        if (verb.substr(place, 2) == "qu" && place + 2 <= at) place += 2;
        else if (is_vowel(next(verb, place))) return false;
    }
    return true;
}

// The past of the third person singular: laughs becomes laughed, goes went, stops stopped.
inline std::string past(std::string_view verb) {
    if (const std::string_view known = found_in(pasts, verb); !known.empty()) return std::string(known);
    std::string plain = plural(verb);
    const Pair *known = std::lower_bound(std::begin(irregular), std::end(irregular), plain, [](const Pair &pair, const std::string &word) { return pair.from < word; });
    if (known != std::end(irregular) && known->from == plain) return std::string(known->to);
    if (ends_with(plain, "e")) return plain + "d";
    if (ends_in_soft_y(plain)) return plain.substr(0, plain.size() - 1) + "ied";
    const bool stressed = std::find(std::begin(stressed_late), std::end(stressed_late), plain) != std::end(stressed_late);
    if (stressed || doubles_last(plain)) append(plain, last(plain));
    return plain + "ed";
}

// `verb`, the third person singular of the present, in that tense and agreement.
inline std::string agreeing(std::string_view verb, Agreement agreement, Tense tense) {
    if (tense == PAST) {
        std::string found = past(verb);
        const std::string_view known = agreement == THEY ? found_in(plurals, found) : std::string_view();
        return known.empty() ? found : std::string(known);
    }
    if (agreement == I && verb == "is") return "am";
    if (agreement == I && verb == "was") return "was";
    return agreement == HE ? std::string(verb) : plural(verb);
}

}  // namespace everytale::telling
