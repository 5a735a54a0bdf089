// A book: all prose of a world at one shoulder, made ready to be told. telling/script.py makes its columns of a story.
//
// A *line* is one alternative of a `told` block; its *beats* are paragraphs of *parts*: texts, and holes that are filled when told. A
// *block* is one such block of one ground move, *words* all that there is to say of that move to one who witnesses it so: blocks in
// order, and summaries that stand in when they have nothing more to say. What a block asks of the tale so far (*when*) it asks of
// *memories*: the names under which moves and scenes are remembered, numbered.
//
// The words of a book are numbered: of move m seen, unseen and learned 3m, 3m+1, 3m+2; then of each trigger seen and unseen; of each scene
// as it opens and as it closes; of each ending.
#pragma once

#include <memory>
#include <unordered_map>

#include "../tale.hpp"
#include "columns.hpp"
#include "rhythm.hpp"
#include "voice.hpp"

namespace everytale::telling {

// A text, or a hole: what its node comes to, an entity, a truth, a number; or the reason of the move. `text`: of a hole its form (he, is, 's).
struct Part {
    enum Kind : std::uint8_t { TEXT, ENTITY, TRUTH, NUMBER, BECAUSE };
    Kind kind;
    bool acts;         // its verb follows at once
    bool before_word;  // as which `her` is the possessive
    bool capital;      // its form is written with one
    std::int32_t node;
    std::string_view text;
};

enum BeatManner : std::uint8_t { NARRATION, SPEECH, REPORT, THOUGHT };

struct Beat {
    BeatManner manner;
    std::int32_t speaker;  // a node, or -1
    Range parts;
};

// A paragraph before it is known whether it must be said who speaks.
struct Said {
    BeatManner manner;
    std::string text;
    Number speaker;
};

// A line with its holes filled: its paragraphs, what is heard of them, and the key by which it is remembered.
struct Way {
    std::int32_t number;  // of the line
    Mark key;
    std::vector<Said> said;
    std::vector<Sound> sounds;
};

struct Line {
    std::int32_t number;
    bool fixed;  // always filled in the same way
    Range beats;
};

struct When {
    enum Kind : std::uint8_t { FIRST, AGAIN, AFTER, NOT_AFTER, JUST_AFTER };
    Kind kind;
    std::int32_t memory, since;
};

struct Block {
    std::int32_t number, condition;
    bool once, refrain, reasoned;
    Range whens, lines;
};

struct Words {
    Range blocks;
    std::int32_t summaries;  // where they begin
    bool reasoned;           // whether any of them speaks of the reason
};

enum Witness : std::int32_t { SEEN, UNSEEN, LEARNED };

// Why somebody makes a move: the plan that begins with it, and the author's words for what it serves, each once, as strings of the book.
struct Reason {
    std::vector<std::int32_t> plan;
    std::vector<std::int32_t> because;
};

class Book {
public:
    // Raises std::out_of_range or std::invalid_argument where the columns are not of a book of that world.
    Book(const BookColumns &columns, const Tables &tables);
    Book(const Book &) = delete;

    // ---- for whoever plays ----

    const std::string &title() const { return strings_[title_]; }
    Person teller() const { return teller_; }
    const std::string &move_name(std::int32_t move) const { return strings_[moves_[move].name]; }
    const std::string &ending_title(std::int32_t ending) const { return strings_[ending_titles_[ending]]; }
    std::string person_label(Person person) const { return std::string(entities_[people_[person]].label); }
    const std::string &string(std::int32_t index) const { return strings_[index]; }

    // What a choice of `move` reads for `player`: the author's words, else the move's name and arguments.
    std::string label(const Tale &tale, std::int32_t move, State state, Person player) const;

    // The best reason that `person` has for `move` in `state`; nothing if they have none, or need none.
    std::optional<Reason> reason(Tale &tale, State state, std::int32_t move, Person person) const;


    // ---- for whoever tells ----

    struct MoveWords {
        std::int32_t name, base, memory, base_memory;
        bool told, thinks;
        Range arguments, openings, closings;
        std::int32_t choice;
    };
    struct TriggerWords {
        std::int32_t memory, base_memory;
        bool told, infers;
    };
    struct Scene {
        std::int32_t title, memory, opens, closes;
    };
    struct Cue {
        std::int32_t scene, node;
    };

    struct Followed {
        std::int32_t trigger;
        Witness witness;
    };

    const Voice &voice() const { return voice_; }
    Number teller_entity() const { return teller_ < 0 ? 0 : people_[teller_]; }
    std::size_t memories() const { return memories_; }
    bool follows() const { return follows_; }  // whether anything that follows by itself is told at all
    const MoveWords &move(std::int32_t index) const { return moves_[index]; }
    const TriggerWords &trigger(std::int32_t index) const { return triggers_[index]; }
    const std::vector<Scene> &scenes() const { return scenes_; }
    std::size_t endings() const { return ending_titles_.size(); }
    const Cue &opening(std::int32_t index) const { return openings_[index]; }
    const Cue &closing(std::int32_t index) const { return closings_[index]; }

    const Words &of_move(std::int32_t move, Witness witness) const { return words_[std::size_t(move) * 3 + witness]; }
    const Words &of_trigger(std::int32_t trigger, Witness witness) const { return words_[moves_.size() * 3 + std::size_t(trigger) * 2 + witness]; }
    const Words &of_scene(std::int32_t scene, bool closing) const { return words_[moves_.size() * 3 + triggers_.size() * 2 + std::size_t(scene) * 2 + closing]; }
    const Words &of_ending(std::int32_t ending) const { return words_[moves_.size() * 3 + triggers_.size() * 2 + scenes_.size() * 2 + ending]; }

    const Block &block(std::int32_t index) const { return blocks_[index]; }
    const When &when(std::int32_t index) const { return whens_[index]; }
    const Entity &entity(Number number) const { return entities_[static_cast<std::size_t>(number)]; }

    // The line that a block has at that place, filled in `state`: kept for good where it is always the same, else in `room`.
    const Way &way(std::int32_t place, const Tale &tale, State state, const std::string *because, Way &room) const;

    // Of the teller's reason for `move`, what it serves. Good until the next call.
    const std::vector<std::int32_t> &teller_because(Tale &tale, State state, std::int32_t move) const;

    // What follows by itself on `move`, and how the teller witnesses it: first what is so, then what is made of it. What follows in the
    // teller's own mind is seen, even where it is not so; the rest they do not see. Good until the next call.
    const std::vector<Followed> &following(Tale &tale, State state, std::int32_t move) const;

    // A move for which the author wrote nothing.
    std::string plainly(const Tables &tables, std::int32_t move) const;

private:
    void read_entities(const BookColumns &c, const Tables &tables);
    void read_prose(const BookColumns &c, const Tables &tables);
    void read_words(const BookColumns &c);
    void read_moves(const BookColumns &c, const Tables &tables);
    void read_scenes(const BookColumns &c, const Tables &tables);
    void check_lengths() const;

    std::int32_t text(std::int64_t index) const { return static_cast<std::int32_t>(Tables::bounded(index, 0, std::int64_t(strings_.size()) - 1, "string")); }
    std::int32_t memory(std::int64_t index);

    void fill(const Line &line, const Tale &tale, State state, const std::string *because, Way &way) const;
    std::string filled(Range parts, const Tale &tale, State state, const Voice &voice, const std::string *because) const;
    using Agreements = std::vector<std::pair<Number, Agreement>>;
    std::string word(const Part &part, const Tale &tale, State state, const Voice &voice, bool begins, Agreements &last) const;
    Number entity_at(std::int32_t node, const Tale &tale, State state) const;

    struct WantWords {
        Person person;
        int sign;
        bool each;
        std::int32_t measure, because;
    };

    std::vector<std::string> strings_;
    std::int32_t title_ = 0;
    Person teller_ = -1;
    Voice voice_;
    std::vector<Entity> entities_;
    std::vector<Number> people_;
    std::vector<Part> parts_;
    std::vector<Beat> beats_;
    std::vector<Line> lines_;
    std::vector<Block> blocks_;
    std::vector<std::int32_t> block_lines_;
    std::vector<When> whens_;
    std::vector<Words> words_;
    std::vector<MoveWords> moves_;
    std::vector<Number> arguments_;
    std::vector<TriggerWords> triggers_;
    std::vector<Scene> scenes_;
    std::vector<Cue> openings_, closings_;
    std::vector<std::int32_t> ending_titles_;
    std::vector<WantWords> wants_;
    std::int64_t most_memories_ = 0;
    std::size_t memories_ = 0;
    bool follows_ = false;

    // What is worked out when it is first asked for. A book is asked by one thread at a time, as the world that it is of.
    static constexpr std::size_t most_kept = 100'000;
    mutable std::vector<std::unique_ptr<Way>> fixed_;
    mutable std::unordered_map<std::uint64_t, std::vector<std::int32_t>> because_;  // by state and move
    mutable std::unordered_map<std::uint64_t, std::vector<Followed>> following_;
};

// ---- reading it ------------------------------------------------------------------------------------------------------

inline Book::Book(const BookColumns &columns, const Tables &tables) : strings_(columns.strings) {
    for (const std::string &text : strings_)
        if (!well_formed(text)) throw std::invalid_argument("a string of the book is not UTF-8");
    most_memories_ = 2 * std::int64_t(columns.move_memory.size() + columns.trigger_memory.size() + columns.when_memory.size()) + std::int64_t(columns.scene_memory.size());
    read_entities(columns, tables);
    read_prose(columns, tables);
    read_moves(columns, tables);
    read_scenes(columns, tables);
    read_words(columns);
    check_lengths();
}

inline std::int32_t Book::memory(std::int64_t index) {
    Tables::bounded(index, 0, most_memories_ - 1, "memory");
    memories_ = std::max(memories_, static_cast<std::size_t>(index) + 1);
    return static_cast<std::int32_t>(index);
}

inline void Book::read_entities(const BookColumns &c, const Tables &tables) {
    const std::size_t count = c.entity_label.size();
    Tables::sized(c.entity_word, count * cases, "entity_word"), Tables::sized(c.entity_plural, count, "entity_plural");
    entities_.resize(count + 1);  // 0 is nobody
    for (std::size_t i = 0; i < count; ++i) {
        Entity &entity = entities_[i + 1];
        entity.label = strings_[text(c.entity_label[i])];
        for (std::size_t which = 0; which < cases; ++which) entity.pronouns.word[which] = strings_[text(c.entity_word[i * cases + which])];
        entity.pronouns.plural = c.entity_plural[i] != 0;
    }
    for (const std::int64_t number : Tables::sized(c.person_entity, static_cast<std::size_t>(tables.people), "person_entity"))
        people_.push_back(Tables::bounded(number, 1, std::int64_t(count), "person_entity"));
    Tables::sized(c.settings, 4, "settings");
    title_ = text(c.settings[0]);
    teller_ = static_cast<Person>(Tables::bounded(c.settings[1], -1, tables.people - 1, "teller"));
    voice_.me = Tables::bounded(c.settings[2], 0, std::int64_t(count), "me");
    voice_.tense = static_cast<Tense>(Tables::bounded(c.settings[3], AS_WRITTEN, PRESENT, "tense"));
}

// The rows of a ragged table.
inline std::vector<Range> ranges(const Column &offsets, std::size_t rows, std::size_t items, const char *what) {
    Tables::ragged(offsets, rows, items, what);
    std::vector<Range> found;
    for (std::size_t i = 0; i < rows; ++i) found.push_back({static_cast<std::int32_t>(offsets[i]), static_cast<std::int32_t>(offsets[i + 1])});
    return found;
}

inline void Book::read_prose(const BookColumns &c, const Tables &tables) {
    const auto constant = [&](std::int32_t node) { return node < 0 || tables.nodes[node].op <= UNKNOWN; };
    const std::size_t parts = c.part_kind.size(), beats = c.beat_manner.size(), lines = c.line_number.size();
    Tables::sized(c.part_text, parts, "part_text"), Tables::sized(c.part_node, parts, "part_node"), Tables::sized(c.part_acts, parts, "part_acts");
    for (std::size_t i = 0; i < parts; ++i) {
        Part part{static_cast<Part::Kind>(Tables::bounded(c.part_kind[i], Part::TEXT, Part::BECAUSE, "part_kind")), c.part_acts[i] != 0, false, false, -1, strings_[text(c.part_text[i])]};
        if (part.kind != Part::TEXT && part.kind != Part::BECAUSE) part.node = tables.node(c.part_node[i]);
        part.capital = part.kind != Part::TEXT && is_capital(peek(part.text, 0));
        parts_.push_back(part);
    }
    const std::vector<Range> of_beats = ranges(c.beat_part_offsets, beats, parts, "beat_part_offsets");
    Tables::sized(c.beat_speaker, beats, "beat_speaker");
    for (std::size_t i = 0; i < beats; ++i)
        beats_.push_back({static_cast<BeatManner>(Tables::bounded(c.beat_manner[i], NARRATION, THOUGHT, "beat_manner")), tables.node_or_none(c.beat_speaker[i]), of_beats[i]});
    for (const Beat &beat : beats_)
        for (std::int32_t i = beat.parts.begin; i + 1 < beat.parts.end; ++i) parts_[i].before_word = parts_[i + 1].kind == Part::TEXT && begins_with_word(parts_[i + 1].text);
    const std::vector<Range> of_lines = ranges(c.line_beat_offsets, lines, beats, "line_beat_offsets");
    for (std::size_t i = 0; i < lines; ++i) {
        bool fixed = true;
        for (std::int32_t beat = of_lines[i].begin; beat < of_lines[i].end; ++beat) {
            fixed = fixed && constant(beats_[beat].speaker);
            for (std::int32_t part = beats_[beat].parts.begin; part < beats_[beat].parts.end; ++part) fixed = fixed && parts_[part].kind != Part::BECAUSE && constant(parts_[part].node);
        }
        lines_.push_back({static_cast<std::int32_t>(Tables::bounded(c.line_number[i], 0, std::numeric_limits<std::int32_t>::max(), "line_number")), fixed, of_lines[i]});
    }
    fixed_.resize(lines);
    const std::size_t blocks = c.block_number.size();
    Tables::sized(c.block_condition, blocks, "block_condition"), Tables::sized(c.block_manner, blocks, "block_manner"), Tables::sized(c.when_since, c.when_kind.size(), "when_since");
    const std::vector<Range> whens = ranges(c.block_when_offsets, blocks, Tables::sized(c.when_memory, c.when_kind.size(), "when_memory").size(), "block_when_offsets");
    const std::vector<Range> of_blocks = ranges(c.block_line_offsets, blocks, c.block_line_items.size(), "block_line_offsets");
    for (std::size_t i = 0; i < blocks; ++i) {
        const std::int64_t manner = Tables::bounded(c.block_manner[i], 0, 7, "block_manner");
        blocks_.push_back({static_cast<std::int32_t>(Tables::bounded(c.block_number[i], 0, std::numeric_limits<std::int32_t>::max(), "block_number")), tables.node_or_none(c.block_condition[i]), (manner & 1) != 0,
                           (manner & 2) != 0, (manner & 4) != 0, whens[i], of_blocks[i]});
    }
    for (const std::int64_t line : c.block_line_items) block_lines_.push_back(static_cast<std::int32_t>(Tables::bounded(line, 0, std::int64_t(lines) - 1, "block_line_items")));
    for (std::size_t i = 0; i < c.when_kind.size(); ++i)
        whens_.push_back({static_cast<When::Kind>(Tables::bounded(c.when_kind[i], When::FIRST, When::JUST_AFTER, "when_kind")), memory(c.when_memory[i]), c.when_since[i] == -1 ? -1 : memory(c.when_since[i])});
}

inline void Book::read_moves(const BookColumns &c, const Tables &tables) {
    const std::size_t moves = tables.moves.size(), triggers = tables.triggers.size();
    Tables::sized(c.move_name, moves, "move_name"), Tables::sized(c.move_base, moves, "move_base"), Tables::sized(c.move_memory, moves, "move_memory");
    Tables::sized(c.move_base_memory, moves, "move_base_memory"), Tables::sized(c.move_manner, moves, "move_manner"), Tables::sized(c.move_choice, moves, "move_choice");
    Tables::sized(c.opening_node, c.opening_scene.size(), "opening_node"), Tables::sized(c.closing_node, c.closing_scene.size(), "closing_node");
    const std::vector<Range> arguments = ranges(c.move_argument_offsets, moves, c.move_argument_items.size(), "move_argument_offsets");
    const std::vector<Range> openings = ranges(c.opening_offsets, moves, c.opening_scene.size(), "opening_offsets"), closings = ranges(c.closing_offsets, moves, c.closing_scene.size(), "closing_offsets");
    for (std::size_t i = 0; i < moves; ++i) {
        const std::int64_t manner = Tables::bounded(c.move_manner[i], 0, 3, "move_manner");
        moves_.push_back({text(c.move_name[i]), text(c.move_base[i]), memory(c.move_memory[i]), memory(c.move_base_memory[i]), (manner & 1) != 0, (manner & 2) != 0, arguments[i], openings[i], closings[i],
                          static_cast<std::int32_t>(Tables::bounded(c.move_choice[i], -1, std::int64_t(beats_.size()) - 1, "move_choice"))});
    }
    for (const std::int64_t number : c.move_argument_items) arguments_.push_back(Tables::bounded(number, 1, std::int64_t(entities_.size()) - 1, "move_argument_items"));
    Tables::sized(c.trigger_memory, triggers, "trigger_memory"), Tables::sized(c.trigger_base_memory, triggers, "trigger_base_memory"), Tables::sized(c.trigger_told, triggers, "trigger_told");
    for (std::size_t i = 0; i < triggers; ++i)
        triggers_.push_back({memory(c.trigger_memory[i]), memory(c.trigger_base_memory[i]), c.trigger_told[i] != 0, tables.triggers[i].mind >= 0});
    const std::size_t wants = c.want_person.size();
    Tables::sized(c.want_sign, wants, "want_sign"), Tables::sized(c.want_each, wants, "want_each"), Tables::sized(c.want_measure, wants, "want_measure"), Tables::sized(c.want_because, wants, "want_because");
    for (std::size_t i = 0; i < wants; ++i)
        wants_.push_back({static_cast<Person>(Tables::bounded(c.want_person[i], 0, tables.people - 1, "want_person")), static_cast<int>(Tables::bounded(c.want_sign[i], -1, 1, "want_sign")), c.want_each[i] != 0,
                          tables.node(c.want_measure[i]), c.want_because[i] == -1 ? -1 : text(c.want_because[i])});
}

inline void Book::read_scenes(const BookColumns &c, const Tables &tables) {
    const std::size_t scenes = c.scene_title.size();
    Tables::sized(c.scene_memory, scenes, "scene_memory"), Tables::sized(c.scene_opens, scenes, "scene_opens"), Tables::sized(c.scene_closes, scenes, "scene_closes");
    for (std::size_t i = 0; i < scenes; ++i) scenes_.push_back({text(c.scene_title[i]), memory(c.scene_memory[i]), tables.node_or_none(c.scene_opens[i]), tables.node_or_none(c.scene_closes[i])});
    const auto cues = [&](const Column &of, const Column &node, std::vector<Cue> &found) {
        for (std::size_t i = 0; i < of.size(); ++i) found.push_back({static_cast<std::int32_t>(Tables::bounded(of[i], 0, std::int64_t(scenes) - 1, "scene")), tables.node_or_none(node[i])});
    };
    cues(c.opening_scene, c.opening_node, openings_), cues(c.closing_scene, c.closing_node, closings_);
    for (const std::int64_t title : Tables::sized(c.ending_title, tables.endings.size(), "ending_title")) ending_titles_.push_back(text(title));
}

inline void Book::read_words(const BookColumns &c) {
    const std::size_t triggers = moves_.size() * 3, scenes = triggers + triggers_.size() * 2, count = scenes + scenes_.size() * 2 + ending_titles_.size();
    const std::vector<Range> blocks = ranges(c.words_block_offsets, count, blocks_.size(), "words_block_offsets");
    Tables::sized(c.words_summary, count, "words_summary");
    for (std::size_t i = 0; i < count; ++i) {
        const std::int64_t summaries = Tables::bounded(c.words_summary[i], 0, blocks[i].end - blocks[i].begin, "words_summary");
        bool reasoned = false;
        for (std::int32_t block = blocks[i].begin; block < blocks[i].end; ++block) reasoned = reasoned || blocks_[block].reasoned;
        words_.push_back({blocks[i], blocks[i].end - static_cast<std::int32_t>(summaries), reasoned});
        follows_ = follows_ || (i >= triggers && i < scenes && blocks[i].begin != blocks[i].end);
    }
}

// Few strings may stand in many places: what they come to in all is bounded before any of it is told.
inline void Book::check_lengths() const {
    constexpr std::size_t longest_paragraph = 1 << 18, longest_book = 1 << 28;
    std::size_t longest = 0, all = 0;  // of what fills a hole
    for (const Entity &entity : entities_) {
        longest = std::max(longest, entity.label.size());
        for (const std::string_view word : entity.pronouns.word) longest = std::max(longest, word.size());
    }
    for (const WantWords &want : wants_)
        if (want.because >= 0) longest = std::max(longest, strings_[want.because].size());
    for (const Beat &beat : beats_) {
        std::size_t length = 0;
        for (std::int32_t i = beat.parts.begin; i < beat.parts.end && length <= longest_paragraph; ++i) length += 1 + parts_[i].text.size() + (parts_[i].kind == Part::TEXT ? 0 : longest);
        if (length > longest_paragraph || (all += length) > longest_book) throw std::invalid_argument("the prose of the book is too long");
    }
}

}  // namespace everytale::telling
