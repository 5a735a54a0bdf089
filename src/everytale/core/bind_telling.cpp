// The Python face of the telling; _core.pyi is its contract. See telling/book.hpp for the terms.
#include <nanobind/nanobind.h>
#include <nanobind/stl/set.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bind.hpp"
#include "telling/teller.hpp"

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

template <class Tell>
nb::list all_told(Teller &teller, Tell tell) {
    const std::vector<telling::Told> pieces = teller.of.world.ask(tell);
    nb::list result;
    for (const telling::Told &piece : pieces) result.append(told(teller.of.book, piece));
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
    nb::class_<Book>(m, "Book")
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
