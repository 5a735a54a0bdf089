// English as the teller needs it: pronouns in their cases, possessives, capitals, quotation marks, sentences, who said what.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "text.hpp"

namespace everytale::telling {

// ---- words that agree ----

enum Case : std::uint8_t { SUBJECT, OBJECT, POSSESSIVE, ABSOLUTE, REFLEXIVE };
inline constexpr std::size_t cases = 5;

// The words for somebody, by case, and whether verbs after the pronoun are plural (they are).
struct Pronouns {
    std::array<std::string_view, cases> word;
    bool plural = false;
};

// The case that a pronoun names, of any set or of somebody's own; nothing, if it is no pronoun. Where one word is two cases (her, his,
// it), what follows speaks for one: `her` before a word is the possessive.
inline std::optional<Case> case_of(std::string_view word, const Pronouns &own, bool before_word) {
    static constexpr std::string_view sets[][cases] = {
        {"he", "him", "his", "his", "himself"}, {"she", "her", "her", "hers", "herself"}, {"they", "them", "their", "theirs", "themself"}, {"it", "it", "its", "its", "itself"}};
    if (word == "her") return before_word ? POSSESSIVE : OBJECT;
    if (word == "its") return POSSESSIVE;
    for (const auto &set : sets)
        for (std::size_t which = 0; which < cases; ++which)
            if (set[which] == word) return static_cast<Case>(which);
    for (std::size_t which = 0; which < cases; ++which)
        if (own.word[which] == word) return static_cast<Case>(which);
    return std::nullopt;
}

// Jack’s; after a plural in s the apostrophe alone.
inline std::string possessive(std::string_view name, bool plural) { return std::string(name) + (plural && ends_with(name, "s") ? "’" : "’s"); }

// `text` with a capital at its beginning, after quotation marks.
inline std::string capital(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = at;
        const Letter letter = next(text, at);
        if (is_letter(letter)) {
            std::string found(text.substr(0, begin));
            append(found, upper(letter));
            return found.append(text.substr(at));
        }
        if (!among(letter, U"“‘\"'(")) break;
    }
    return std::string(text);
}

// A word with a small letter at its beginning.
inline std::string with_small_letter(std::string_view word) {
    std::string found;
    std::size_t at = 0;
    if (!word.empty()) append(found, lower(next(word, at)));
    return found.append(word.substr(at));
}

// Whether what comes after `before` begins a sentence. After ?” it does not: “Really?” he said.
inline bool begins_sentence(std::string_view before) {
    constexpr std::u32string_view closing = U"”’\"')";
    std::string_view text = without_end(without_end(before, U" \t\n"), U"“‘\"'(");
    const bool spoken = among(last(text), closing);
    text = without_end_spaces(without_end(text, closing));
    if (text.empty()) return !spoken;
    return spoken ? ends_with(text, ".") : among(last(text), U".!?…");
}

// Jack, Ianto and Owen.
inline std::string joined(const std::vector<std::string> &names) {
    std::string found;
    for (std::size_t i = 0; i < names.size(); ++i) found += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
    return found;
}

// ---- words and sentences ----

// Whether a word comes next in `text`, after a space.
inline bool begins_with_word(std::string_view text) {
    std::size_t at = 0;
    while (is_space(peek(text, at))) next(text, at);
    return at > 0 && in_word(peek(text, at));
}

// Calls `found(word)` for the words of `text`, with their apostrophes and hyphens.
template <class Found>
void each_word(std::string_view text, Found found) {
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at;
        if (!is_letter_or_digit(next(text, end))) {
            at = end;
            continue;
        }
        for (std::size_t after = end; after < text.size();) {
            const Letter letter = next(text, after);
            if (is_letter_or_digit(letter) || (among(letter, U"’'-") && is_letter_or_digit(peek(text, after)))) end = after;
            else break;
        }
        found(text.substr(at, end - at));
        at = end;
    }
}

// Whether the text ends in an abbreviation with its point; of a number, where a number follows.
inline bool is_abbreviation(std::string_view text, Letter following) {
    for (const std::string_view title : {"Mr.", "Mrs.", "Ms.", "Dr.", "St.", "No."}) {
        if (!ends_with(text, title) || (title == "No." && !is_digit(following))) continue;
        const std::string_view before = text.substr(0, text.size() - title.size());
        return !in_word(last(before));
    }
    return false;
}

// Calls `found(sentence)` for the sentences of a paragraph: what ends in . ! ? … (and marks that close) before a letter that is not a
// small one of ASCII, before a digit, or before marks that open and one of these.
template <class Found>
void each_sentence(std::string_view text, Found found) {
    std::size_t start = 0;
    const auto end_at = [&](std::size_t end) {
        if (const std::string_view sentence = stripped(text.substr(start, end - start)); !sentence.empty()) found(sentence);
        start = end;
    };
    for (std::size_t at = 0; at < text.size();) {
        if (!among(next(text, at), U".!?…")) continue;
        while (among(peek(text, at), U".!?…")) next(text, at);
        while (among(peek(text, at), U"”’)")) next(text, at);
        std::size_t after = at;
        while (is_space(peek(text, after))) next(text, after);
        std::size_t opened = after;
        while (among(peek(text, opened), U"“‘(")) next(text, opened);
        const Letter letter = peek(text, opened);
        const bool begins = after > at && is_letter_or_digit(letter) && !(letter >= 'a' && letter <= 'z');
        if (at == text.size() || (begins && !is_abbreviation(text.substr(start, at - start), letter))) end_at(after);
    }
    if (start < text.size()) end_at(text.size());
}

// ---- typography ----

// Whether the mark at that place could close a quotation.
inline bool closes(const std::u32string &text, std::size_t place) {
    const Letter before = place > 0 ? text[place - 1] : U' ', after = place + 1 < text.size() ? text[place + 1] : U' ';
    return !is_space(before) && !is_letter_or_digit(after) && (among(before, U".,!?…—") || !is_letter_or_digit(before) || among(after, U" .,;:!?…\"”\n"));
}

// Whether letters that begin a word elsewhere (’em, ’tis, ’58) stand at that place.
inline bool is_elided(const std::u32string &text, std::size_t place) {
    const auto at = [&](std::size_t where) { return where < text.size() ? lower(text[where]) : none; };
    if (is_digit(at(place)) && is_digit(at(place + 1))) return !in_word(at(place + 2)) || (at(place + 2) == 's' && !in_word(at(place + 3)));
    for (const std::u32string_view word : {U"em", U"er", U"im", U"is", U"cause", U"tis", U"twas", U"til", U"till", U"n", U"bout", U"round", U"cos", U"ere", U"phone"}) {
        std::size_t same = 0;
        while (same < word.size() && at(place + same) == word[same]) ++same;
        if (same == word.size() && !in_word(at(place + same))) return true;
    }
    return false;
}

// Straight quotation marks made to open and close, apostrophes, dashes for --, an ellipsis for ...
inline std::string typographic(std::string_view straight) {
    if (straight.find_first_of("\"'") == straight.npos && straight.find("--") == straight.npos && straight.find("...") == straight.npos) return std::string(straight);
    std::u32string text;
    for (std::size_t at = 0; at < straight.size();) {
        if (straight.substr(at, 3) == "...") text += U'…', at += 3;
        else if (straight.substr(at, 3) == "---") text += U'—', at += 3;
        else if (straight.substr(at, 2) == "--") text += U'—', at += 2;
        else text += next(straight, at);
    }
    std::size_t last_closing = 0;  // the last single mark that could close
    for (std::size_t at = 0; at < text.size(); ++at)
        if (text[at] == U'\'' && closes(text, at)) last_closing = at;
    std::string found;
    Letter before = U' ';
    int inner = 0;  // single quotation marks that are open
    bool quoting = false;
    const auto put = [&](Letter mark) { append(found, before = mark); };
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool opens = among(before, U" \t\n([{—–-/“‘");
        if (text[at] == U'"') {
            quoting = among(before, U"—–-") ? !quoting : opens;
            put(quoting ? U'“' : U'”');
        } else if (text[at] == U'\'') {
            const bool opening = opens && !is_elided(text, at + 1) && last_closing > at + 1;
            put(opening ? U'‘' : U'’');
            if (opening) ++inner;
            else if (inner > 0 && closes(text, at)) --inner;
        } else {
            put(text[at]);
        }
    }
    return found;
}

// ---- who said what ----

inline std::string replaced(std::string text, std::string_view what, std::string_view with) {
    for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + with.size())) text.replace(at, what.size(), with);
    return text;
}

// Double quotation marks within speech become single ones.
inline std::string nested(std::string_view words) { return replaced(replaced(std::string(words), "“", "‘"), "”", "’"); }

// `words` in quotation marks (reported speech has none); with `said`, who says it (said Jack), after the first sentence.
inline std::string speech(std::string_view spoken, const std::string &said, bool quoted) {
    const std::string words = quoted ? nested(stripped(spoken)) : std::string(stripped(spoken));
    const std::string opening = quoted ? "“" : "", closing = quoted ? "”" : "";
    if (said.empty()) return opening + words + closing;
    std::size_t end = words.size(), rest = words.size();
    for (std::size_t at = 0; at < words.size();) {
        if (!among(next(words, at), U".!?…")) continue;
        std::size_t after = at;
        while (is_space(peek(words, after))) next(words, after);
        const Letter letter = peek(words, after);
        if (after == at || !(in_word(letter) || among(letter, U"“‘’'"))) continue;
        end = at, rest = after;
        break;
    }
    std::string first = words.substr(0, end);
    if (ends_with(first, ".")) first.back() = ',';
    else if (!among(last(first), U",?!…—")) first += ',';
    return opening + first + closing + " " + said + "." + (rest < words.size() ? " " + opening + words.substr(rest) + closing : "");
}

}  // namespace everytale::telling
