// The core's face for a page: what WebAssembly exports. Numbers and UTF-8 go in, JSON comes out. See world.hpp for the whole.
//
// Whoever calls puts bytes where `engine_room(size)` says, calls, and reads the text that the call returns up to its byte 0; it stands
// until the next call. Whatever goes wrong comes as {"error": {"what": ..., "words": ...}}, with a sentence for whoever plays. What is
// imported: `emscripten_notify_memory_growth` of `env` and `proc_exit` of `wasi_snapshot_preview1`, neither of which needs to do anything;
// `_initialize` comes before all else. tests/engine.mjs is the least that can call it, web/src the page.
#include <memory>

#include "json.hpp"
#include "outlook.hpp"
#include "pack.hpp"
#include "session.hpp"

using namespace everytale;

namespace {

telling::BookColumns book_of(const Pack &pack) {
    telling::BookColumns columns;
    columns.strings = pack.texts("strings");
    for (const telling::BookSection &section : telling::book_sections) columns.*section.column = pack.numbers(section.name);
    return columns;
}

struct Engine {
    bool open = false;
    Pack pack;
    Tale tale;
    telling::Book book;
    std::optional<Session> session;
    std::optional<Outlook> outlook;
    std::vector<Outlook::Moment> way;  // of the tale that the outlook was last asked about
    bool full = false;                 // the outlook has no room for more

    explicit Engine(std::string_view bytes) : Engine(Pack(bytes)) {}

private:
    explicit Engine(Pack read) : Engine(read, PackedWorld(read)) {}
    Engine(Pack &read, const PackedWorld &its)
        : pack(std::move(read)),
          tale(its.columns, its.people, its.depth, its.minds, its.horizon, its.first_effect_wins != 0, its.author_worth,
               [this, opening = PackedWorld::Opening()]() mutable {
                   if (!open) opening.look();
               }),
          book(book_of(pack), tale.tables()) {
        open = true;
    }
};

std::string room, answer;
std::unique_ptr<Engine> engine;

Engine &opened() {
    if (!engine) throw std::invalid_argument("nothing is opened");
    return *engine;
}

Session &session() {
    if (!opened().session) throw std::invalid_argument("no tale is begun");
    return *engine->session;
}

Outlook &outlook() {
    if (!opened().outlook) throw std::invalid_argument("no realm is begun");
    return *engine->outlook;
}

std::vector<std::uint32_t> numbers_in_room() {
    std::vector<std::uint32_t> found;
    for (std::size_t at = 0; at + 4 <= room.size(); at += 4) {
        std::uint32_t number = 0;
        for (unsigned byte = 0; byte < 4; ++byte) number |= std::uint32_t(static_cast<std::uint8_t>(room[at + byte])) << 8 * byte;
        found.push_back(number);
    }
    return found;
}

const char *broken_words(std::string_view what) {
    if (what == "undecided") return "It could not be found out in time what can happen here.";
    if (what == "memory") return "There are more situations than can be kept.";
    return "The story breaks one of its own rules here.";
}

template <class Fill>
const char *answered(Fill fill) {
    const auto failed = [](const char *what, std::string_view words) {
        Json json;
        json.object().key("error").object().key("what").text(what).key("words").text(words).end().end();
        answer = json.str();
    };
    try {
        Json json;
        json.object();
        fill(json);
        json.end();
        answer = json.str();
    } catch (const Damaged &error) {
        failed("damaged", std::string("The story cannot be opened: ") + error.what() + ".");
    } catch (const Broken &broken) {
        failed(broken.what, broken_words(broken.what));
    } catch (const std::bad_alloc &) {
        failed("memory", "There is not enough memory left.");
    } catch (const Overflow &) {
        failed("overflow", "A number of the story has become too large.");
    } catch (const std::exception &error) {
        failed("wrong", std::string("That cannot be done: ") + error.what() + ".");
    }
    return answer.c_str();
}

void prospect(Json &json, const Outlook::Prospect &odds) {
    json.list();
    for (const Outlook::Between &one : odds) json.list().real(one.low).real(one.high).end();
    json.end();
}

void figures(Json &json, const Outlook &outlook) {
    const Graph &graph = outlook.graph();
    json.key("states").whole(static_cast<std::int64_t>(graph.states())).key("expanded").whole(static_cast<std::int64_t>(graph.expanded));
    json.key("moves").whole(static_cast<std::int64_t>(graph.target.size())).key("whole").truth(graph.expanded == graph.states());
}

const std::string &name_of(const std::vector<std::string> &names, std::int64_t index) {
    static const std::string none;
    return index >= 0 && static_cast<std::size_t>(index) < names.size() ? names[static_cast<std::size_t>(index)] : none;
}

// ---- a tale that is played -------------------------------------------------------------------------------------------

void told(Json &json, const std::vector<telling::Told> &pieces) {
    static constexpr const char *occasions[] = {"scene", "close", "move", "learned", "ending"};
    json.list();
    for (const telling::Told &piece : pieces) {
        json.object().key("occasion").text(occasions[static_cast<int>(piece.occasion)]).key("title");
        piece.title ? json.text(*piece.title) : json.none();
        json.key("paragraphs").list();
        for (const std::string &paragraph : piece.paragraphs) json.text(paragraph);
        json.end().end();
    }
    json.end();
}

// Where the tale stands. Turns before `from` are as they were shown.
void view(Json &json, Engine &its, std::size_t from) {
    static constexpr const char *stops[] = {"", "ending", "dead end", "length"};
    const Session &session = *its.session;
    json.key("title").text(its.book.title()).key("player").whole(session.player()).key("seed").text(std::to_string(session.seed()));
    json.key("from").whole(static_cast<std::int64_t>(from)).key("count").whole(static_cast<std::int64_t>(session.turns().size())).key("turns").list();
    for (std::size_t i = from; i < session.turns().size(); ++i) {
        const Session::Turn &turn = session.turns()[i];
        json.object().key("move").whole(turn.move).key("chosen").truth(turn.chosen()).key("option");
        turn.option ? json.text(turn.option->label) : json.none();
        json.key("told");
        told(json, turn.told);
        json.end();
    }
    json.end().key("opening");
    told(json, session.opening());
    json.key("options").list();
    for (const Session::Option &option : session.options()) json.text(option.label);
    json.end().key("points").list();
    for (const std::size_t point : session.points()) json.whole(static_cast<std::int64_t>(point));
    json.end().key("stopped");
    session.stopped() == Session::Stopped::goes_on ? json.none() : json.text(stops[static_cast<int>(session.stopped())]);
    json.key("ending");
    session.ending() < 0 ? json.none() : json.text(its.book.ending_title(session.ending()));
    json.key("departure");
    if (!session.departure()) json.none();
    else json.object().key("number").whole(static_cast<std::int64_t>(session.departure()->number)).key("reason").text(session.departure()->reason).end();
}

// What somebody's reason for a move is, read in a state; null where there is none.
void reason(Json &json, Engine &its, State state, std::int32_t move, Person person) {
    const std::optional<telling::Reason> found = its.book.reason(its.tale, state, move, person);
    if (!found) {
        json.none();
        return;
    }
    json.object().key("because").list();
    for (const std::int32_t because : found->because) json.text(its.book.string(because));
    json.end().key("plan").list();
    for (const std::int32_t step : found->plan) json.text(its.book.label(its.tale, step, state, person));
    json.end().end();
}

// ---- facts -----------------------------------------------------------------------------------------------------------

// A value of that kind: 0 yes or no, 1 a name, 2 a number.
void value(Json &json, const Engine &its, std::int64_t kind, Rational value) {
    if (!value.known()) json.none();
    else if (kind == 0) json.truth(value.over != 0);
    else if (kind == 1) json.text(name_of(its.pack.texts("names"), value.over));
    else if (value.whole()) json.whole(value.over);
    else json.real(static_cast<double>(value.over) / static_cast<double>(value.under));
}

std::int64_t kind_of(const Engine &its, std::size_t fluent) {
    const Column &kinds = its.pack.numbers("fluent_kinds");
    return fluent < kinds.size() ? kinds[fluent] : 2;
}

// A fact as the pack has it in words, with a value that its fluent has.
void fact(Json &json, const Engine &its, std::size_t fluent, Rational number) {
    json.object().key("fact").text(name_of(its.pack.texts("fluent_words"), static_cast<std::int64_t>(fluent))).key("value");
    value(json, its, kind_of(its, fluent), number);
    json.end();
}

// What a realm is looked at by: facts, in words, and of what kind each is.
struct Looked {
    std::vector<Outlook::Fact> facts;
    std::vector<std::string> words;
    std::vector<std::int64_t> kinds;
};

Looked looked_at(const Engine &its, std::int32_t view) {
    const Column &offsets = its.pack.numbers("view_offsets"), &nodes = its.pack.numbers("view_nodes"), &kinds = its.pack.numbers("view_kinds");
    const std::vector<std::string> &words = its.pack.texts("view_facts");
    Looked looked;
    Tables::sized(kinds, nodes.size(), "view_kinds");
    Tables::ragged(offsets, offsets.empty() ? 0 : offsets.size() - 1, std::min(nodes.size(), words.size()), "view_offsets");
    if (offsets.size() < 2) {
        looked.facts = its.outlook->telling_facts();
        for (const Outlook::Fact &one : looked.facts) {
            looked.words.push_back(name_of(its.pack.texts("fluent_words"), one.fluent));
            looked.kinds.push_back(kind_of(its, static_cast<std::size_t>(one.fluent)));
        }
        return looked;
    }
    Tables::bounded(view, 0, static_cast<std::int64_t>(offsets.size()) - 2, "view");
    for (std::size_t i = static_cast<std::size_t>(offsets[static_cast<std::size_t>(view)]); i < static_cast<std::size_t>(offsets[static_cast<std::size_t>(view) + 1]); ++i)
        looked.facts.push_back({its.tale.tables().node(nodes[i]), -1}), looked.words.push_back(words[i]), looked.kinds.push_back(kinds[i]);
    return looked;
}

}  // namespace

extern "C" {

char *engine_room(std::size_t size) {
    room.resize(size);
    return room.data();
}

// The pack that lies in the room.
const char *engine_open() {
    return answered([](Json &json) {
        engine.reset();
        engine = std::make_unique<Engine>(room);
        for (const char *list : {"title", "fingerprint", "people", "names", "ending_titles", "moves"}) {
            json.key(list).list();
            for (const std::string &text : engine->pack.texts(list)) json.text(text);
            json.end();
        }
    });
}

// Begins a tale in which `player` is played; moves that were made before, as 32-bit numbers 2 (move + 1) + chosen, lie in the room (move
// -1: one that the story has not got).
const char *tale_begin(std::int32_t player, std::uint32_t seed_high, std::uint32_t seed_low) {
    return answered([=](Json &json) {
        Engine &its = opened();
        std::vector<Session::Played> made;
        for (const std::uint32_t number : numbers_in_room()) {
            const std::int64_t move = static_cast<std::int64_t>(number >> 1) - 1;
            made.push_back({move < static_cast<std::int64_t>(its.tale.tables().moves.size()) ? static_cast<std::int32_t>(move) : -1, (number & 1) != 0});
        }
        its.session.reset();
        its.session.emplace(its.tale, its.book, static_cast<Person>(player), std::uint64_t(seed_high) << 32 | seed_low, made);
        view(json, its, 0);
    });
}

const char *tale_choose(std::int32_t option) {
    return answered([option](Json &json) {
        const std::size_t from = session().turns().size();
        session().choose(static_cast<std::size_t>(Tables::bounded(option, 0, 1'000'000, "option")));
        view(json, *engine, from);
    });
}

const char *tale_undo() {
    return answered([](Json &json) {
        session().undo();
        view(json, *engine, session().turns().size());
    });
}

const char *tale_rewind(std::int32_t turn) {
    return answered([turn](Json &json) {
        session().rewind(static_cast<std::size_t>(Tables::bounded(turn, 0, 1'000'000, "turn")));
        view(json, *engine, session().turns().size());
    });
}

// Why the move of a turn was made: for everybody whose consent it needed, the truth, and what the player makes of it.
const char *tale_why(std::int32_t number) {
    return answered([number](Json &json) {
        Engine &its = opened();
        const auto &turns = session().turns();
        const Session::Turn &turn = turns[static_cast<std::size_t>(Tables::bounded(number, 0, static_cast<std::int64_t>(turns.size()) - 1, "turn"))];
        const Tables &tables = its.tale.tables();
        const Move &move = tables.moves[static_cast<std::size_t>(turn.move)];
        const Person player = session().player();
        const State mind = its.tale.believed(turn.before, player);
        const std::int32_t observer = tables.observer[static_cast<std::size_t>(turn.move) * static_cast<std::size_t>(tables.people) + static_cast<std::size_t>(player)];
        json.key("event").truth(move.consenting.empty()).key("chosen").truth(turn.chosen());
        json.key("seen").truth(observer >= 0 && its.tale.holds(turn.before, observer));
        json.key("foreseen").truth(its.tale.holds(mind, move.precondition)).key("slipped").truth(move.expressive >= 0).key("people").list();
        for (const Person person : move.consenting) {
            json.object().key("person").whole(person).key("truth");
            reason(json, its, turn.before, turn.move, person);
            json.key("taken");
            its.tale.holds(mind, move.precondition) ? reason(json, its, mind, turn.move, person) : (void)json.none();
            json.end();
        }
        json.end();
    });
}

// Of everybody else, what the player thinks that they might do now, and what they think otherwise than the player.
const char *tale_people() {
    return answered([](Json &json) {
        Engine &its = opened();
        const Person player = session().player();
        const State mind = its.tale.believed(session().state(), player);
        const Tables &tables = its.tale.tables();
        const Possible possible = session().stopped() == Session::Stopped::goes_on ? its.tale.possible(mind) : Possible{};
        const View own = its.tale.states().view(mind);
        json.key("people").list();
        for (Person person = 0; person < tables.people; ++person) {
            if (person == player) continue;
            json.object().key("person").whole(person).key("might").list();
            std::vector<std::string> labels;
            for (const auto &[move, weight] : possible.moves) {
                const auto &consenting = tables.moves[static_cast<std::size_t>(move)].consenting;
                if (std::find(consenting.begin(), consenting.end(), person) == consenting.end()) continue;
                std::string label = its.book.label(its.tale, move, mind, person);
                if (std::find(labels.begin(), labels.end(), label) == labels.end()) labels.push_back(std::move(label));
            }
            for (const std::string &label : labels) json.text(label);
            json.end().key("thinks").list();
            const View theirs = its.tale.states().view(its.tale.believed(mind, person));
            for (std::size_t i = 0; i < tables.lanes.size(); ++i)
                if (const Lane &lane = tables.lanes[i]; lane.code(own.words) != lane.code(theirs.words)) fact(json, its, i, lane.decode(lane.code(theirs.words)));
            json.end().end();
        }
        json.end();
    });
}

const char *realm_begin(std::int32_t player) {
    return answered([player](Json &json) {
        Engine &its = opened();
        its.outlook.reset(), its.way.clear(), its.full = false;
        its.outlook.emplace(its.tale, static_cast<Person>(Tables::bounded(player, -1, its.tale.tables().people - 1, "player")), [] {});
        figures(json, *its.outlook);
    });
}

// `full`: there is no room for more, and the next call is an error.
const char *realm_run(std::int32_t count) {
    return answered([count](Json &json) {
        constexpr std::size_t most_bytes = std::size_t(1500) << 20;  // of the two gigabytes that it may have (web/build-engine.sh)
        outlook();
        if (engine->full) throw std::bad_alloc();
        engine->full = engine->outlook->run(static_cast<std::uint64_t>(Tables::bounded(count, 1, 1'000'000, "count")), most_bytes);
        figures(json, *engine->outlook);
        json.key("full").truth(engine->full);
    });
}

const char *realm_odds(double precision) {
    return answered([precision](Json &json) {
        outlook().solve(std::max(precision, 1e-12));
        figures(json, outlook());
        json.key("odds");
        prospect(json, outlook().prospect(0));
    });
}

// The tale whose moves, as 32-bit numbers, lie in the room: what may have become of it at every moment, and of everything that could
// have been chosen.
const char *realm_way() {
    return answered([](Json &json) {
        Engine &its = opened();
        const std::vector<std::uint32_t> moves = numbers_in_room();
        its.way = outlook().follow({moves.begin(), moves.end()});
        json.key("moments").list();
        for (const Outlook::Moment &moment : its.way) {
            json.object().key("situation").whole(moment.situation).key("odds");
            prospect(json, moment.odds);
            json.key("choices").list();
            for (const Outlook::Prospects &choice : moment.choices) {
                json.object().key("move");
                choice.move < 0 ? json.none() : json.whole(choice.move);
                json.key("odds");
                prospect(json, choice.odds);
                json.end();
            }
            json.end().end();
        }
        json.end();
    });
}

// The realm folded by the facts of the view of that number, or by those that tell most where the story has no view, with the way of the
// tale last followed.
const char *realm_map(std::int32_t view) {
    return answered([view](Json &json) {
        Engine &its = opened();
        outlook();
        const Looked looked = looked_at(its, view);
        const Outlook::Map map = its.outlook->fold(looked.facts, its.way);
        json.key("facts").list();
        for (const std::string &words : looked.words) json.text(words);
        json.end().key("places").list();
        for (const Outlook::Place &place : map.places) {
            json.object().key("fate").whole(place.fate).key("rest").truth(place.rest).key("situations").whole(static_cast<std::int64_t>(place.situations));
            json.key("depth").real(place.depth).key("visits").real(place.visits).key("facts").list();
            for (std::size_t i = 0; i < place.facts.size(); ++i) value(json, its, looked.kinds[i], place.facts[i].value_or(unknown));
            json.end().end();
        }
        json.end().key("flow").list();
        for (const auto &[between, flow] : map.flow) json.list().whole(between.first).whole(between.second).whole(static_cast<std::int64_t>(flow.moves)).real(flow.often).end();
        json.end().key("way").list();
        for (const std::uint32_t place : map.way) json.whole(place);
        json.end();
    });
}

}  // extern "C"
