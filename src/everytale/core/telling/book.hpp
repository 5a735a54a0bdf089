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

#include "../tale.hpp"
#include "columns.hpp"
#include "rhythm.hpp"
#include "voice.hpp"

namespace everytale::telling {

// A text, or a hole: what its node comes to, an entity, a truth, a number; or the reason of the move. `text`: of a hole its form (he, is, 's).
struct Part {
    enum Kind : std::uint8_t { TEXT, ENTITY, TRUTH, NUMBER, BECAUSE };
    enum Manner : std::uint8_t { ACTS = 1, BEFORE_WORD = 2 };  // its verb follows at once; a word follows
    Kind kind;
    std::uint8_t manner;
    bool capital;  // its form is written with one
    std::int32_t node;
    std::string text;
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
    std::vector<Said> said;
    std::vector<Sound> sounds;
    Mark key;
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
    Book(const BookColumns &columns, const Tables &tables) { read(columns, tables); }
    Book(const Book &) = delete;

    // ---- for whoever plays ----

    const std::string &title() const { return strings_[title_]; }
    Person teller() const { return teller_; }
    const std::string &move_name(std::int32_t move) const { return strings_[moves_[move].name]; }
    const std::string &ending_title(std::int32_t ending) const { return strings_[ending_titles_[ending]]; }
    const std::string &person_label(Person person) const { return entities_[people_[person]].label; }
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

    const Voice &voice() const { return voice_; }
    Number teller_entity() const { return teller_ < 0 ? 0 : people_[teller_]; }
    std::size_t memories() const { return memories_; }
    bool follows() const { return follows_; }  // whether anything that follows by itself is told at all
    const MoveWords &move(std::int32_t index) const { return moves_[index]; }
    const TriggerWords &trigger(std::int32_t index) const { return triggers_[index]; }
    const std::vector<Scene> &scenes() const { return scenes_; }
    std::size_t endings() const { return ending_titles_.size(); }
    const Cue *openings() const { return openings_.data(); }
    const Cue *closings() const { return closings_.data(); }

    const Words &of_move(std::int32_t move, Witness witness) const { return words_[std::size_t(move) * 3 + witness]; }
    const Words &of_trigger(std::int32_t trigger, Witness witness) const { return words_[moves_.size() * 3 + std::size_t(trigger) * 2 + witness]; }
    const Words &of_scene(std::int32_t scene, bool closing) const { return words_[moves_.size() * 3 + triggers_.size() * 2 + std::size_t(scene) * 2 + closing]; }
    const Words &of_ending(std::int32_t ending) const { return words_[moves_.size() * 3 + triggers_.size() * 2 + scenes_.size() * 2 + ending]; }

    const Block *blocks() const { return blocks_.data(); }
    const When *whens() const { return whens_.data(); }
    const Entity &entity(Number number) const { return entities_[static_cast<std::size_t>(number)]; }

    // The line of a block, filled in `state`: kept for good where it is always the same, else in `room`.
    const Way &way(std::int32_t of_block, const Tale &tale, State state, const std::string *because, Way &room) const;

    // A move for which the author wrote nothing.
    std::string plainly(const Tables &tables, std::int32_t move) const;

private:
    void read(const BookColumns &columns, const Tables &tables);
    void read_prose(const BookColumns &columns, const Tables &tables);
    void read_moves(const BookColumns &columns, const Tables &tables);

    void fill(const Line &line, const Tale &tale, State state, const std::string *because, Way &way) const;
    std::string filled(Range parts, const Tale &tale, State state, const Voice &voice, const std::string *because) const;
    std::string word(std::int32_t part, const Tale &tale, State state, const Voice &voice, bool begins, std::vector<std::pair<Number, Agreement>> &last) const;
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
    std::size_t memories_ = 0;
    bool follows_ = false;

    // What is worked out when it is first asked for. A book is asked by one thread at a time, as the world that it is of.
    mutable std::vector<std::unique_ptr<Way>> fixed_;
};

}  // namespace everytale::telling
