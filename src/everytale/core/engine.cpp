// The core's face for a page: what WebAssembly exports. Numbers and UTF-8 go in, JSON comes out. See world.hpp for the whole.
//
// Whoever calls puts bytes where `engine_room(size)` says, calls, and reads the text that the call returns up to its byte 0; it stands
// until the next call. Whatever goes wrong comes as {"error": {"what": ..., "words": ...}}. web/src/engine.ts is the other side.
#include <memory>

#include "json.hpp"
#include "outlook.hpp"
#include "pack.hpp"

using namespace everytale;

namespace {

struct Engine {
    Pack pack;
    Tale tale;
    std::optional<Outlook> outlook;
    std::vector<Outlook::Moment> way;  // of the tale that the outlook was last asked about

    explicit Engine(std::string_view bytes) : Engine(Pack(bytes)) {}

private:
    explicit Engine(Pack read) : Engine(read, PackedWorld(read)) {}
    Engine(Pack &read, const PackedWorld &its)
        : pack(std::move(read)), tale(its.columns, its.people, its.depth, its.minds, its.horizon, its.first_effect_wins != 0, its.author_worth, [] {}) {}
};

std::string room, answer;
std::unique_ptr<Engine> engine;

Engine &opened() {
    if (!engine) throw std::invalid_argument("nothing is opened");
    return *engine;
}

Outlook &outlook() {
    if (!opened().outlook) throw std::invalid_argument("no realm is begun");
    return *engine->outlook;
}

template <class Fill>
const char *answered(Fill fill) {
    const auto failed = [](const char *what, const char *words) {
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
        failed("damaged", error.what());
    } catch (const Broken &broken) {
        failed(broken.what, "the story broke one of its own rules");
    } catch (const std::bad_alloc &) {
        failed("memory", "there is not enough memory");
    } catch (const Overflow &) {
        failed("overflow", "a number has become too large");
    } catch (const std::exception &error) {
        failed("wrong", error.what());
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

const char *realm_begin(std::int32_t player) {
    return answered([player](Json &json) {
        Engine &its = opened();
        its.outlook.reset(), its.way.clear();
        its.outlook.emplace(its.tale, static_cast<Person>(Tables::bounded(player, -1, its.tale.tables().people - 1, "player")), [] {});
        figures(json, *its.outlook);
    });
}

const char *realm_run(std::int32_t count) {
    return answered([count](Json &json) {
        outlook().run(static_cast<std::uint64_t>(Tables::bounded(count, 1, 1'000'000, "count")));
        figures(json, outlook());
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
        std::vector<std::int64_t> moves;
        for (std::size_t at = 0; at + 4 <= room.size(); at += 4) {
            std::uint32_t move = 0;
            for (unsigned byte = 0; byte < 4; ++byte) move |= std::uint32_t(static_cast<std::uint8_t>(room[at + byte])) << 8 * byte;
            moves.push_back(move);
        }
        its.way = outlook().follow(moves);
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

// The realm folded by the facts of the view of that number, with the way of the tale last followed.
const char *realm_map(std::int32_t view) {
    return answered([view](Json &json) {
        Engine &its = opened();
        const Column &offsets = its.pack.numbers("view_offsets"), &nodes = its.pack.numbers("view_nodes");
        const Column &kinds = its.pack.numbers("view_kinds");  // of what the node is: 0 yes or no, 1 a name, 2 a number
        const std::vector<std::string> &words = its.pack.texts("view_facts");
        Tables::sized(kinds, nodes.size(), "view_kinds");
        Tables::bounded(static_cast<std::int64_t>(words.size()), static_cast<std::int64_t>(nodes.size()), 1 << 20, "view_facts");
        Tables::ragged(offsets, offsets.empty() ? 0 : offsets.size() - 1, nodes.size(), "view_offsets");
        Tables::bounded(view, 0, static_cast<std::int64_t>(offsets.size()) - 2, "view");
        const std::size_t begin = static_cast<std::size_t>(offsets[view]), end = static_cast<std::size_t>(offsets[view + 1]);
        std::vector<std::int32_t> facts;
        for (std::size_t i = begin; i < end; ++i) facts.push_back(its.tale.tables().node(nodes[i]));
        const Outlook::Map map = outlook().fold(facts, its.way);
        json.key("facts").list();
        for (std::size_t i = begin; i < end; ++i) json.text(words[i]);
        json.end().key("places").list();
        for (const Outlook::Place &place : map.places) {
            json.object().key("fate").whole(place.fate).key("situations").whole(static_cast<std::int64_t>(place.situations)).key("depth").real(place.depth).key("facts").list();
            for (std::size_t i = 0; i < place.facts.size(); ++i) {
                const std::optional<Rational> &value = place.facts[i];
                if (!value) json.none();
                else if (kinds[begin + i] == 0) json.truth(value->over != 0);
                else if (kinds[begin + i] == 1) json.text(name_of(its.pack.texts("names"), value->over));
                else json.real(static_cast<double>(value->over) / static_cast<double>(value->under));
            }
            json.end().end();
        }
        json.end().key("flow").list();
        for (const auto &[between, moves] : map.flow) json.list().whole(between.first).whole(between.second).whole(static_cast<std::int64_t>(moves)).end();
        json.end().key("way").list();
        for (const std::uint32_t place : map.way) json.whole(place);
        json.end();
    });
}

}  // extern "C"
