// Rhythm: how well a piece of prose goes on after what was told just before.
//
// Of the ways to tell a thing that are left, the teller takes the one that jars least: that says no sentence again, begins no third
// sentence in a row with the same word, makes no third one of the same build, and echoes no word. All of it is counting.
//
// Sentences and words are known by a hash of 64 bits: that two of a tale of ten thousand have the same one happens once in 10^11 tales,
// and then a way is thought to jar that does not.
#pragma once

#include <algorithm>
#include <cstring>
#include <unordered_set>
#include <vector>

#include "../table.hpp"
#include "english.hpp"

namespace everytale::telling {

using Mark = std::uint64_t;

inline Mark mark_of(std::string_view text, Mark seed = 0) {
    Mark found = folded(seed ^ text.size());
    for (; text.size() >= 8; text.remove_prefix(8)) {
        Mark part;
        std::memcpy(&part, text.data(), 8);
        found = folded(found ^ part);
    }
    Mark rest = 0;
    std::memcpy(&rest, text.data(), text.size());
    return mix(folded(found ^ rest));
}

// What is heard of a paragraph: of each sentence its beginning (the first word; of speech none: 0) and build (0 to 2 by length; of
// speech -1), its sentences of more than a few words, and its long words, in order and each once.
struct Sound {
    std::vector<Mark> sentences, beginnings, long_words;
    std::vector<int> builds;
};

inline constexpr int in_a_row = 3;
inline constexpr std::size_t few_words = 4;  // a sentence of fewer may come again: “No.”, He waited.
inline constexpr std::size_t long_word = 5;  // letters from which a word is heard again
inline constexpr std::size_t earshot = 2;    // paragraphs in which it is

// Long words that nobody hears; nor is one with an apostrophe heard.
inline const std::unordered_set<std::string_view> &unheard() {
    static const std::unordered_set<std::string_view> words = {
        "about",    "above",   "after",   "again",   "against",  "almost",     "along",     "already",  "always", "another",    "because",    "before",   "began",
        "begin",    "behind",  "being",   "below",   "between",  "both",       "came",      "could",    "down",   "during",     "either",     "enough",   "every",
        "found",    "going",   "great",   "having",  "herself",  "himself",    "itself",    "maybe",    "might",  "much",       "must",       "never",    "nobody",
        "nothing",  "often",   "only",    "other",   "others",   "perhaps",    "quite",     "rather",   "really", "right",      "round",      "seemed",   "should",
        "since",    "somebody", "someone", "something", "sometimes", "still",  "than",      "their",    "theirs", "themself",   "themselves", "there",    "these",
        "thing",    "things",  "think",   "those",   "though",   "thought",    "three",     "through",  "today",  "together",   "towards",    "under",    "until",
        "upon",     "very",    "where",   "which",   "while",    "whole",      "whose",     "within",   "without", "would"};
    return words;
}

inline bool is_heard(std::string_view word) {
    std::size_t letters = 0;
    for (std::size_t at = 0; at < word.size(); ++letters)
        if (const Letter letter = next(word, at); !is_letter(letter) || is_capital(letter)) return false;
    return letters >= long_word && unheard().count(word) == 0;
}

// What is heard of `paragraph`.
inline Sound sound(std::string_view paragraph) {
    Sound found;
    each_sentence(paragraph, [&](std::string_view sentence) {
        std::size_t words = 0;
        Mark first = 0;
        each_word(sentence, [&](std::string_view word) {
            if (words++ == 0) first = mark_of(lower(word));
            if (is_heard(word)) found.long_words.push_back(mark_of(word));
        });
        if (words == 0) return;
        if (words >= few_words) found.sentences.push_back(mark_of(without_start(without_end(sentence, U"“”‘ "), U"“”‘ ")));
        const bool narrated = !among(peek(sentence, 0), U"“‘");
        found.beginnings.push_back(narrated ? first : 0);
        found.builds.push_back(narrated ? (words > 6) + (words > 16) : -1);
    });
    std::sort(found.long_words.begin(), found.long_words.end());
    found.long_words.erase(std::unique(found.long_words.begin(), found.long_words.end()), found.long_words.end());
    return found;
}

// What a reader still has in the ear of one tale.
class Ear {
public:
    void hear(const Sound &paragraph) {
        told_.insert(paragraph.sentences.begin(), paragraph.sentences.end());
        for (std::size_t i = 0; i < paragraph.beginnings.size(); ++i) row_.push({paragraph.beginnings[i], paragraph.builds[i]});
        std::swap(long_words_[0], long_words_[1]);
        long_words_[1] = paragraph.long_words;
    }

    // How much paragraphs would jar here; 0: not at all.
    int jars(const std::vector<Sound> &paragraphs) const {
        constexpr int said_again = 12, same_beginning = 4, same_build = 1, echo = 1;
        int cost = 0;
        Row row = row_;
        for (const Sound &paragraph : paragraphs) {
            for (const Mark sentence : paragraph.sentences) cost += said_again * static_cast<int>(told_.count(sentence));
            if (&paragraph == &paragraphs.front())  // what a longer piece echoes later on is its own affair
                for (const auto &heard : long_words_) cost += echo * in_both(paragraph.long_words, heard);
            for (std::size_t i = 0; i < paragraph.beginnings.size(); ++i) {
                row.push({paragraph.beginnings[i], paragraph.builds[i]});
                cost += same_beginning * row.same_beginning() + same_build * row.same_build();
            }
        }
        return cost;
    }

private:
    // The last sentences; where there are none yet, of a beginning and a build that nothing has.
    struct Row {
        struct Begun {
            Mark beginning = 0;
            int build = -1;
        };
        Begun last[in_a_row];

        void push(Begun sentence) {
            std::rotate(last, last + 1, last + in_a_row);
            last[in_a_row - 1] = sentence;
        }
        bool same_beginning() const {
            return last[0].beginning != 0 && std::all_of(last, last + in_a_row, [&](const Begun &one) { return one.beginning == last[0].beginning; });
        }
        bool same_build() const {
            return last[0].build >= 0 && std::all_of(last, last + in_a_row, [&](const Begun &one) { return one.build == last[0].build; });
        }
    };

    static int in_both(const std::vector<Mark> &one, const std::vector<Mark> &other) {
        int found = 0;
        for (auto a = one.begin(), b = other.begin(); a != one.end() && b != other.end();) {
            if (*a == *b) ++found;
            (*a < *b ? a : b) += 1;
        }
        return found;
    }

    std::unordered_set<Mark> told_;
    Row row_;
    std::vector<Mark> long_words_[earshot];
};

}  // namespace everytale::telling
