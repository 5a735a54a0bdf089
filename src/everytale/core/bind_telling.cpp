// The Python face of the telling, and of a tale that is played; _core.pyi is its contract. See telling/book.hpp for the terms.
#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/set.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bind.hpp"
#include "session.hpp"

namespace nb = nanobind;
using namespace everytale;

namespace {

struct Book {
    World &world;
    telling::Book book;
};

struct Teller {
    const Book &of;
    telling::Teller teller;
};

nb::tuple told(const telling::Book &book, const telling::Told &piece) {
    static constexpr const char *occasions[] = {"scene", "close", "move", "learned", "ending"};
    const nb::object paragraphs = nb::steal(PyTuple_New(static_cast<Py_ssize_t>(piece.paragraphs.size())));
    for (std::size_t i = 0; i < piece.paragraphs.size(); ++i) PyTuple_SET_ITEM(paragraphs.ptr(), static_cast<Py_ssize_t>(i), nb::cast(piece.paragraphs[i]).release().ptr());
    const nb::object move = piece.move < 0 ? nb::none() : nb::cast(book.move_name(piece.move)), title = piece.title ? nb::cast(*piece.title) : nb::none();
    return nb::make_tuple(occasions[static_cast<int>(piece.occasion)], paragraphs, move, title);
}

nb::list all_told(const telling::Book &book, const std::vector<telling::Told> &pieces) {
    nb::list result;
    for (const telling::Told &piece : pieces) result.append(told(book, piece));
    return result;
}

template <class Tell>
nb::list all_told(Teller &teller, Tell tell) {
    return all_told(teller.of.book, teller.of.world.ask(tell));
}

// A session, in whose world others may go on meanwhile.
class Played {
public:
    Played(const Book &book, std::int64_t player, std::uint64_t seed, const std::vector<std::pair<std::int64_t, bool>> &made) : book_(book) {
        std::vector<Session::Played> again;
        for (const auto &[move, chosen] : made) again.push_back({static_cast<std::int32_t>(std::clamp<std::int64_t>(move, Session::impossible, std::numeric_limits<std::int32_t>::max())), chosen});
        book.world.ask([&](Tale &tale) { session_.emplace(tale, book.book, static_cast<Person>(Tables::bounded(player, 0, tale.tables().people - 1, "player")), seed, again); });
    }

    template <class Do>
    void go(Do what) {
        book_.world.ask([&](Tale &) { what(*session_); });
    }

    // What it looks like is known: nothing is asked of the world.
    const Session &session() const { return *session_; }
    const telling::Book &book() const { return book_.book; }

private:
    const Book &book_;
    std::optional<Session> session_;
};

nb::object option(const Session::Option &one) { return nb::make_tuple(one.move, one.label); }

nb::list turns(const Played &played, std::int64_t first) {
    const auto &turns = played.session().turns();
    nb::list result;
    for (std::size_t i = static_cast<std::size_t>(Tables::bounded(first, 0, std::int64_t(turns.size()), "turn")); i < turns.size(); ++i)
        result.append(nb::make_tuple(turns[i].move, turns[i].option ? option(*turns[i].option) : nb::none(), turns[i].before, turns[i].after, all_told(played.book(), turns[i].told)));
    return result;
}

std::int32_t move(const Tale &tale, std::int64_t index) { return static_cast<std::int32_t>(Tables::bounded(index, 0, std::int64_t(tale.tables().moves.size()) - 1, "move")); }

void add(std::vector<telling::Told> &all, std::vector<telling::Told> more) { all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end())); }

std::vector<std::string> words(const std::string &text) {
    std::vector<std::string> found;
    telling::each_word(text, [&](std::string_view word) { found.emplace_back(word); });
    return found;
}

std::vector<std::string> sentences(const std::string &text) {
    std::vector<std::string> found;
    telling::each_sentence(text, [&](std::string_view sentence) { found.emplace_back(sentence); });
    return found;
}

std::string agreeing(const std::string &verb, const std::string &whom, bool past) {
    return telling::agreeing(verb, whom == "I" ? telling::I : whom == "they" ? telling::THEY : telling::HE, past ? telling::PAST : telling::PRESENT);
}

// What the teller knows of English, by itself.
struct English {};

}  // namespace

void everytale::bind_telling(nb::module_ &m) {
    using namespace nb::literals;
    nb::class_<Book> book(m, "Book");
    nb::list columns;
    for (const telling::BookSection &section : telling::book_sections) columns.append(section.name);
    book.attr("columns") = columns;
    book
        .def("__init__",
             [](Book *self, World &world, std::vector<std::string> strings, const nb::kwargs &arrays) {
                 telling::BookColumns columns;
                 columns.strings = std::move(strings);
                 for (const telling::BookSection &section : telling::book_sections) {
                     if (!arrays.contains(section.name)) throw nb::type_error((std::string("Book() needs ") + section.name).c_str());
                     columns.*section.column = column(arrays[section.name]);
                 }
                 if (arrays.size() != std::size(telling::book_sections)) throw nb::type_error("Book() was given something that it does not know");
                 world.ask([&](Tale &tale) { new (self) Book{world, {columns, tale.tables()}}; });
             },
             "world"_a, "strings"_a, "arrays"_a, nb::keep_alive<1, 2>())
        .def("label", [](const Book &b, std::int64_t index, std::int64_t state, std::int64_t player) {
            return b.world.ask([&](Tale &t) {
                return b.book.label(t, move(t, index), t.known(state), static_cast<Person>(Tables::bounded(player, -1, t.tables().people - 1, "player")));
            });
        }, "move"_a, "state"_a, "player"_a);
    nb::class_<Teller>(m, "Teller")
        .def("__init__", [](Teller *self, const Book &book, std::uint64_t seed) { new (self) Teller{book, {book.book, seed}}; }, "book"_a, "seed"_a, nb::keep_alive<1, 2>())
        .def("another", [](const Teller &teller) { return teller; }, nb::keep_alive<0, 1>())
        .def("move", [](Teller &teller, std::int64_t index, std::int64_t before, std::int64_t after) {
            return all_told(teller, [&](Tale &t) { return teller.teller.move(t, move(t, index), t.known(before), t.known(after)); });
        }, "move"_a, "before"_a, "after"_a)
        .def("ending", [](Teller &teller, std::int64_t ending, std::int64_t state) {
            return all_told(teller, [&](Tale &t) {
                return teller.teller.ending(t, static_cast<std::int32_t>(Tables::bounded(ending, 0, std::int64_t(teller.of.book.endings()) - 1, "ending")), t.known(state));
            });
        }, "ending"_a, "state"_a)
        .def("moves", [](Teller &teller, const std::vector<std::int64_t> &moves, const std::vector<std::int64_t> &states) {
            if (states.size() != moves.size() + 1) throw std::invalid_argument("a tale has a state before each move and one after the last");
            return all_told(teller, [&](Tale &t) {
                std::vector<telling::Told> all;
                for (std::size_t i = 0; i < moves.size(); ++i) add(all, teller.teller.move(t, move(t, moves[i]), t.known(states[i]), t.known(states[i + 1])));
                return all;
            });
        }, "moves"_a, "states"_a)
        .def_prop_ro("reached", [](const Teller &t) { return t.teller.prose().reached(); })
        .def_prop_ro("refrains", [](const Teller &t) { return t.teller.prose().refrains(); });
    nb::class_<Played>(m, "Session")
        .def(nb::init<const Book &, std::int64_t, std::uint64_t, const std::vector<std::pair<std::int64_t, bool>> &>(), nb::keep_alive<1, 2>(), "book"_a, "player"_a, "seed"_a, "made"_a)
        .def("choose", [](Played &p, std::int64_t option) { p.go([&](Session &s) { s.choose(static_cast<std::size_t>(Tables::bounded(option, 0, std::int64_t(s.options().size()) - 1, "option"))); }); }, "option"_a)
        .def("rewind", [](Played &p, std::int64_t turn) { p.go([&](Session &s) { s.rewind(static_cast<std::size_t>(Tables::bounded(turn, 0, std::int64_t(s.turns().size()) - 1, "turn"))); }); }, "turn"_a)
        .def("turns", &turns, "first"_a)
        .def_prop_ro("opening", [](const Played &p) { return all_told(p.book(), p.session().opening()); })
        .def_prop_ro("options", [](const Played &p) {
            nb::list result;
            for (const Session::Option &one : p.session().options()) result.append(option(one));
            return result;
        })
        .def_prop_ro("stopped", [](const Played &p) { return static_cast<int>(p.session().stopped()); })
        .def_prop_ro("ending", [](const Played &p) { return p.session().ending(); })
        .def_prop_ro("departure", [](const Played &p) -> nb::object {
            const auto &departure = p.session().departure();
            return departure ? nb::object(nb::make_tuple(departure->number, departure->reason)) : nb::none();
        });
    nb::class_<English>(m, "English")
        .def_static("is_letter", [](const std::string &c) { return telling::is_letter(telling::last(c)); }, "character"_a)
        .def_static("lower", [](const std::string &text) { return telling::lower(text); }, "text"_a)
        .def_static("capital", [](const std::string &text) { return telling::capital(text); }, "text"_a)
        .def_static("begins_sentence", [](const std::string &before) { return telling::begins_sentence(before); }, "before"_a)
        .def_static("words", &words, "text"_a)
        .def_static("sentences", &sentences, "text"_a)
        .def_static("typographic", [](const std::string &text) { return telling::typographic(text); }, "text"_a)
        .def_static("speech", [](const std::string &words, const std::string &said, bool quoted) { return telling::speech(words, said, quoted); }, "words"_a, "said"_a, nb::kw_only(), "quoted"_a)
        .def_static("agreeing", &agreeing, "verb"_a, "agreement"_a, nb::kw_only(), "past"_a)
        .def_static("singular", [](const std::string &verb) { return telling::singular(verb); }, "verb"_a);
}
