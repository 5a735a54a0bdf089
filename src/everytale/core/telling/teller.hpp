// Telling a tale, move by move: its prose, with scenes between, and what the teller did not see and learns of later.
#pragma once

#include "prose.hpp"

namespace everytale::telling {

enum class Occasion : std::uint8_t { scene, close, move, learned, ending };

// A piece of a tale: what opens a scene (with its title, the first time) or closes it, tells a move, tells one that is only learned of
// now, or ends it (the title is then the ending's). Paragraphs may be none.
struct Told {
    Occasion occasion;
    Paragraphs paragraphs;
    std::int32_t move = -1;
    std::optional<std::string> title;
};

// The moves that the teller did not see happen and has not learned of so far. They learn of one when they come to believe anything that
// it made so and that they did not believe before it.
class Missed {
public:
    void add(Tale &tale, Person teller, std::int32_t move, State before, State after) {
        const Word *was = tale.states().words(before), *now = tale.states().words(after), *believed = tale.states().words(tale.states().believed(before, teller));
        std::vector<Made> made;
        for (const Lane &lane : tale.tables().lanes)
            if (const Word code = lane.code(now); code != lane.code(was) && code != lane.code(believed)) made.push_back({&lane - tale.tables().lanes.data(), code});
        if (!made.empty()) moves_.push_back({move, std::move(made)});
    }

    // The moves that the teller has learned of by now, in `state`; they are not missed any more.
    std::vector<std::int32_t> learned(Tale &tale, Person teller, State state) {
        std::vector<std::int32_t> found;
        if (moves_.empty()) return found;
        const Word *believed = tale.states().words(tale.states().believed(state, teller));
        const auto known = [&](const Made &made) { return tale.tables().lanes[static_cast<std::size_t>(made.lane)].code(believed) == made.code; };
        std::vector<One> left;
        for (One &one : moves_) {
            if (std::any_of(one.made.begin(), one.made.end(), known)) found.push_back(one.move);
            else left.push_back(std::move(one));
        }
        moves_ = std::move(left);
        return found;
    }

private:
    struct Made {
        std::ptrdiff_t lane;
        Word code;
    };
    struct One {
        std::int32_t move;
        std::vector<Made> made;
    };

    std::vector<One> moves_;
};

// Tells one tale of the world that the book is of: each move as it is made. What is told of a beginning of a tale is the beginning of what
// is told of all of it. A copy tells on from where it was made.
class Teller {
public:
    // Draws from the stream of prose that `seed` has.
    Teller(const Book &book, std::uint64_t seed) : book_(&book), prose_(book, Chance::of(seed, 1)) {}

    // What is told when `move` is made in the state `before`, which becomes `after` by it.
    std::vector<Told> move(Tale &tale, std::int32_t move, State before, State after) {
        std::vector<Told> told;
        const Book::MoveWords &own = book_->move(move);
        const bool seen = sees(tale, before, move);
        if (seen) open_upon(tale, move, before, told);
        Told piece{Occasion::move, {}, move, std::nullopt};
        tell_move(tale, move, before, seen ? SEEN : UNSEEN, piece.paragraphs);
        tell_following(tale, move, before, piece.paragraphs);
        put(std::move(piece), told);
        if (seen) {
            prose_.saw(own.memory, own.base_memory);
            close(tale, move, before, after, told);
            open_coming(tale, move, before, after, told);
        } else {
            missed_.add(tale, book_->teller(), move, before, after);
        }
        for (const std::int32_t learned : missed_.learned(tale, book_->teller(), after)) {
            Told news{Occasion::learned, {}, learned, std::nullopt};
            prose_.tell(book_->of_move(learned, LEARNED), tale, before, {}, news.paragraphs);
            put(std::move(news), told);
            prose_.remember(book_->move(learned).memory, book_->move(learned).base_memory);
        }
        return told;
    }

    // What is told where the tale comes to that ending.
    std::vector<Told> ending(Tale &tale, std::int32_t ending, State state) {
        std::vector<Told> told;
        Told piece{Occasion::ending, {}, -1, book_->ending_title(ending)};
        prose_.tell(book_->of_ending(ending), tale, state, {}, piece.paragraphs);
        put(std::move(piece), told);
        return told;
    }

    const Prose &prose() const { return prose_; }

private:
    // Whether the teller sees `move`, made in `state`. Nobody in particular sees everything.
    bool sees(const Tale &tale, State state, std::int32_t move) const {
        if (book_->teller() < 0) return true;
        const std::int32_t node = tale.tables().observer[std::size_t(move) * static_cast<std::size_t>(tale.tables().people) + static_cast<std::size_t>(book_->teller())];
        return node >= 0 && tale.holds(state, node);
    }

    static bool comes(const Tale &tale, std::int32_t node, State before, State after) { return node >= 0 && tale.holds(after, node) && !tale.holds(before, node); }

    // A piece, after the title or the break that waits for words.
    void put(Told &&piece, std::vector<Told> &told) {
        if (!piece.paragraphs.empty() && heading_) raise({}, told);
        told.push_back(std::move(piece));
    }

    // The heading that waits, with the paragraphs that open its scene.
    void raise(Paragraphs paragraphs, std::vector<Told> &told) {
        Told heading{Occasion::scene, std::move(paragraphs), heading_->move, std::nullopt};
        if (heading_->title >= 0) {
            titled_.insert(heading_->title);
            heading.title = book_->string(heading_->title);
        }
        heading_.reset();
        told.push_back(std::move(heading));
    }

    // ---- scenes ----

    // Opens a scene. Its title is given once in a tale; after that, a break.
    void open(Tale &tale, std::int32_t index, std::int32_t move, State state, std::vector<Told> &told) {
        const Book::Scene &scene = book_->scenes()[static_cast<std::size_t>(index)];
        Paragraphs paragraphs;
        prose_.tell(book_->of_scene(index, false), tale, state, {}, paragraphs);
        prose_.remember(scene.memory, scene.memory);
        scene_ = index;
        heading_ = Heading{move, titled_.count(scene.title) != 0 ? -1 : scene.title};
        if (!paragraphs.empty()) raise(std::move(paragraphs), told);
    }

    // The first of the scenes that open upon a move.
    void open_upon(Tale &tale, std::int32_t move, State before, std::vector<Told> &told) {
        const Range openings = book_->move(move).openings;
        for (std::int32_t i = openings.begin; i < openings.end; ++i)
            if (const Book::Cue cue = book_->opening(i); cue.node < 0 || tale.holds(before, cue.node)) return open(tale, cue.scene, move, before, told);
    }

    // The first of those whose condition comes to hold.
    void open_coming(Tale &tale, std::int32_t move, State before, State after, std::vector<Told> &told) {
        for (std::size_t i = 0; i < book_->scenes().size(); ++i)
            if (comes(tale, book_->scenes()[i].opens, before, after)) return open(tale, static_cast<std::int32_t>(i), move, after, told);
    }

    // Closes the scene that is open, where this closes it: a break comes before whatever is told next.
    void close(Tale &tale, std::int32_t move, State before, State after, std::vector<Told> &told) {
        if (scene_ < 0 || !closes(tale, move, before, after)) return;
        Told piece{Occasion::close, {}, move, std::nullopt};
        prose_.tell(book_->of_scene(scene_, true), tale, after, {}, piece.paragraphs);
        if (!piece.paragraphs.empty()) put(std::move(piece), told);
        scene_ = -1;
        heading_ = Heading{move, -1};
    }

    bool closes(const Tale &tale, std::int32_t move, State before, State after) const {
        const Range closings = book_->move(move).closings;
        for (std::int32_t i = closings.begin; i < closings.end; ++i)
            if (const Book::Cue cue = book_->closing(i); cue.scene == scene_) return cue.node < 0 || tale.holds(before, cue.node);
        return comes(tale, book_->scenes()[static_cast<std::size_t>(scene_)].closes, before, after);
    }

    // ---- moves ----

    // The prose of a move itself, and why its actor makes it.
    void tell_move(Tale &tale, std::int32_t move, State before, Witness witness, Paragraphs &to) {
        const Book::MoveWords &own = book_->move(move);
        if (!own.told) {
            if (witness == SEEN) to.push_back(book_->plainly(tale.tables(), move));
            return;
        }
        const Words &words = book_->of_move(move, witness);
        const auto &consenting = tale.tables().moves[static_cast<std::size_t>(move)].consenting;
        const bool reasons = (own.thinks || words.reasoned) && std::find(consenting.begin(), consenting.end(), book_->teller()) != consenting.end();
        static const std::vector<std::int32_t> none;
        const std::vector<std::int32_t> &because = reasons ? book_->teller_because(tale, before, move) : none;
        prose_.tell(words, tale, before, because, to);
        if (own.thinks) prose_.think(because, to);
    }

    // The prose of what follows by itself.
    void tell_following(Tale &tale, std::int32_t move, State before, Paragraphs &to) {
        if (!book_->follows()) return;
        for (const Book::Followed one : book_->following(tale, before, move)) {
            prose_.tell(book_->of_trigger(one.trigger, one.witness), tale, before, {}, to);
            if (one.witness == SEEN) prose_.remember(book_->trigger(one.trigger).memory, book_->trigger(one.trigger).base_memory);
        }
    }

    struct Heading {
        std::int32_t move, title;  // the title as a string of the book; -1: a break
    };

    const Book *book_;
    Prose prose_;
    Missed missed_;
    std::int32_t scene_ = -1;
    std::set<std::int32_t> titled_;
    std::optional<Heading> heading_;  // what is to come before the next words
};

}  // namespace everytale::telling
