// Text in UTF-8, one character (code point) after another, and which characters are letters, spaces, capitals.
//
// The rule is a few lines long, so that a story reads the same on every machine, and not a table of all that Unicode knows:
//
//   letters    those of ASCII, and from U+00AA on whatever lies in none of the ranges `not_letters` (marks that combine are letters)
//   digits     0 to 9
//   capitals   have small letters, one for one, in Latin (ASCII, Latin-1, Extended-A, U+0200 to U+021F, Extended Additional), Greek
//              (U+0386 to U+03CE) and Cyrillic (U+0400 to U+052F); nowhere else, and not where one letter has two others (ß, ı, ſ, ς)
//   spaces     as Python's str.isspace has them
//
// tests/reference/telling/letters.py says the same in terms of Python's str, and a test asks both about every character.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace everytale::telling {

using Letter = char32_t;

// ---- UTF-8 ----

// Whether `text` is well-formed. All other functions take such text only.
inline bool well_formed(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto byte = [&](std::size_t place) { return place < text.size() ? static_cast<unsigned char>(text[place]) : 0u; };
        const unsigned first = byte(at);
        const std::size_t length = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : first >> 3 == 30 ? 4 : 0;
        if (length == 0) return false;
        std::uint32_t code = length == 1 ? first : first & (0x7f >> length);
        for (std::size_t place = at + 1; place < at + length; ++place) {
            if (byte(place) >> 6 != 2) return false;
            code = code << 6 | (byte(place) & 0x3f);
        }
        constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
        if (code < least[length] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return false;
        at += length;
    }
    return true;
}

// The character that begins at byte `at`, which moves on to the next.
inline Letter next(std::string_view text, std::size_t &at) {
    const auto byte = [&] { return static_cast<unsigned char>(text[at++]); };
    const unsigned first = byte();
    if (first < 0x80) return first;
    const int more = first >> 5 == 6 ? 1 : first >> 4 == 14 ? 2 : 3;
    Letter code = first & (0x3f >> more);
    for (int i = 0; i < more && at < text.size(); ++i) code = code << 6 | (byte() & 0x3f);
    return code;
}

// The same without moving on; at the end of the text `none`, which is no letter, digit or space.
inline constexpr Letter none = 0x10FFFF + 1;
inline Letter peek(std::string_view text, std::size_t at) { return at < text.size() ? next(text, at) : none; }

// The character before byte `at`, which moves back to it.
inline Letter previous(std::string_view text, std::size_t &at) {
    do --at;
    while (at > 0 && (static_cast<unsigned char>(text[at]) >> 6) == 2);
    return peek(text, at);
}

inline Letter last(std::string_view text) {
    std::size_t at = text.size();
    return text.empty() ? none : previous(text, at);
}

inline void append(std::string &text, Letter code) {
    if (code < 0x80) {
        text += static_cast<char>(code);
        return;
    }
    const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    text += static_cast<char>((0xF0 << (3 - more) & 0xFF) | (code >> (6 * more)));
    for (int i = more - 1; i >= 0; --i) text += static_cast<char>(0x80 | (code >> (6 * i) & 0x3f));
}

// ---- letters ----

inline bool among(Letter code, std::u32string_view set) { return set.find(code) != set.npos; }

inline bool is_space(Letter c) {
    if (c < 0x80) return (c >= 9 && c <= 13) || (c >= 0x1c && c <= 0x20);
    return c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

inline bool is_digit(Letter c) { return c >= '0' && c <= '9'; }

inline bool is_letter(Letter c) {
    if (c < 0x80) return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
    constexpr std::pair<Letter, Letter> not_letters[] = {
        {0x80, 0xa9},     {0xab, 0xb4},     {0xb6, 0xb9},     {0xbb, 0xbf},     {0xd7, 0xd7},       {0xf7, 0xf7},       {0x37e, 0x37e},
        {0x387, 0x387},   {0x1680, 0x1680}, {0x2000, 0x2bff}, {0x2e00, 0x2e7f}, {0x3000, 0x303f},   {0xd800, 0xf8ff},   {0xfe10, 0xfe6f},
        {0xff00, 0xff20}, {0xff3b, 0xff40}, {0xff5b, 0xff65}, {0xffe0, 0xffff}, {0x1f000, 0x1ffff}, {0xe0000, none}};
    for (const auto &range : not_letters)
        if (c <= range.second) return c < range.first;
    return false;
}

inline bool is_letter_or_digit(Letter c) { return is_letter(c) || is_digit(c); }
inline bool in_word(Letter c) { return is_letter_or_digit(c) || c == '_'; }

// What to add to a letter for its other case: where `small`, of a capital for the small letter; else of a small letter for the capital.
inline int other_case(Letter c, bool small) {
    struct Range {
        Letter first, last;
        int distance;  // from a capital to its small letter; 1: they take turns, a capital first
    };
    constexpr Range capitals[] = {
        {'A', 'Z', 32},      {0xc0, 0xd6, 32},    {0xd8, 0xde, 32},    {0x100, 0x12f, 1},  {0x132, 0x137, 1},  {0x139, 0x148, 1},    {0x14a, 0x177, 1},
        {0x178, 0x178, -121}, {0x179, 0x17e, 1},  {0x200, 0x21f, 1},   {0x386, 0x386, 38}, {0x388, 0x38a, 37}, {0x38c, 0x38c, 64},   {0x38e, 0x38f, 63},
        {0x391, 0x3a1, 32},  {0x3a3, 0x3ab, 32},  {0x400, 0x40f, 80},  {0x410, 0x42f, 32}, {0x460, 0x481, 1},  {0x48a, 0x4bf, 1},    {0x4c0, 0x4c0, 15},
        {0x4c1, 0x4ce, 1},   {0x4d0, 0x52f, 1},   {0x1e00, 0x1e95, 1}, {0x1ea0, 0x1eff, 1}};
    for (const Range &range : capitals) {
        if (range.distance == 1) {
            if (c < range.first || c > range.last) continue;
            const bool capital = (c - range.first) % 2 == 0;
            return capital == small ? (small ? 1 : -1) : 0;
        }
        const Letter from = small ? c : c - static_cast<Letter>(range.distance);
        if (from >= range.first && from <= range.last) return small ? range.distance : -range.distance;
    }
    return 0;
}

inline Letter lower(Letter c) { return c + static_cast<Letter>(other_case(c, true)); }
inline Letter upper(Letter c) { return c + static_cast<Letter>(other_case(c, false)); }
inline bool is_capital(Letter c) { return lower(c) != c; }

inline std::string lower(std::string_view text) {
    std::string found;
    for (std::size_t at = 0; at < text.size();) append(found, lower(next(text, at)));
    return found;
}

// ---- ends ----

inline std::string_view without_end(std::string_view text, std::u32string_view set) {
    for (std::size_t at = text.size(); at > 0 && among(previous(text, at), set);) text = text.substr(0, at);
    return text;
}

inline std::string_view without_start(std::string_view text, std::u32string_view set) {
    for (std::size_t at = 0; !text.empty() && among(next(text, at), set); at = 0) text = text.substr(at);
    return text;
}

inline std::string_view without_end_spaces(std::string_view text) {
    for (std::size_t at = text.size(); at > 0 && is_space(previous(text, at));) text = text.substr(0, at);
    return text;
}

inline std::string_view stripped(std::string_view text) {
    text = without_end_spaces(text);
    for (std::size_t at = 0; !text.empty() && is_space(next(text, at)); at = 0) text = text.substr(at);
    return text;
}

inline bool ends_with(std::string_view text, std::string_view end) { return text.size() >= end.size() && text.substr(text.size() - end.size()) == end; }

}  // namespace everytale::telling
