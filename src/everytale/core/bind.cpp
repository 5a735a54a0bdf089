// The Python face of the core; _core.pyi is its contract. See world.hpp for the whole.
#include <nanobind/nanobind.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <tuple>

#include "bind.hpp"

namespace nb = nanobind;
using namespace everytale;

Column everytale::column(nb::handle source) {
    Py_buffer buffer;
    if (PyObject_GetBuffer(source.ptr(), &buffer, PyBUF_FORMAT | PyBUF_C_CONTIGUOUS) != 0) throw nb::python_error();
    Column result;
    const bool fits = buffer.itemsize == 8 && buffer.ndim == 1 && buffer.format != nullptr && (buffer.format[0] == 'q' || buffer.format[0] == 'l') && buffer.format[1] == 0;
    if (fits) {
        const auto *items = static_cast<const std::int64_t *>(buffer.buf);
        result.assign(items, items + buffer.len / 8);
    }
    PyBuffer_Release(&buffer);
    if (!fits) throw std::invalid_argument("arrays of signed 64-bit integers are needed: array('q')");
    return result;
}

namespace {

constexpr std::int64_t unknown_value = std::numeric_limits<std::int64_t>::min();

using Pair = std::pair<std::int64_t, std::int64_t>;
using Plan = std::pair<std::vector<std::int64_t>, bool>;

void raise(nb::handle type, const Broken &broken) {
    nb::list detail;
    for (std::int64_t item : broken.detail) detail.append(item);
    PyErr_SetObject(type.ptr(), nb::make_tuple(broken.what, detail).ptr());
}

std::optional<Pair> pair(Rational number) {
    if (!number.known()) return std::nullopt;
    return Pair{number.over, number.under};
}

nb::list firings(const Firings &fired) {
    nb::list result;
    for (const Firing &firing : fired) {
        nb::list chain;
        for (Person person : firing.chain) chain.append(person);
        result.append(nb::make_tuple(nb::tuple(chain), firing.trigger));
    }
    return result;
}

std::vector<std::tuple<std::int64_t, std::int64_t, std::int64_t>> weighted(const Possible &possible) {
    std::vector<std::tuple<std::int64_t, std::int64_t, std::int64_t>> moves;
    for (const auto &[move, weight] : possible.moves) moves.emplace_back(move, weight.over, weight.under);
    return moves;
}

nb::object plan(const std::optional<Intention> &found) {
    if (!found) return nb::none();
    nb::list moves;
    for (std::int32_t move : found->plan) moves.append(move);
    return nb::make_tuple(moves, found->best);
}

}  // namespace

NB_MODULE(_core, m) {
    m.doc() = "The native core: ground worlds as numbers (see _core.pyi).";
    m.attr("UNKNOWN") = unknown_value;
    static PyObject *world_error = PyErr_NewException("everytale.core._core.WorldError", PyExc_Exception, nullptr);
    m.attr("WorldError") = nb::handle(world_error);
    nb::register_exception_translator([](const std::exception_ptr &thrown, void *) {
        try {
            std::rethrow_exception(thrown);
        } catch (const Broken &broken) {
            raise(world_error, broken);
        } catch (Overflow) {
            raise(world_error, {"overflow", {-1}});
        }
    });

    using namespace nb::literals;
    nb::class_<World>(m, "World")
        .def("__init__",
             [](World *self, std::int64_t people, std::int64_t depth, std::int64_t minds, std::int64_t horizon, bool first_effect_wins, std::int64_t author_worth, const nb::kwargs &arrays) {
                 Columns c;
                 for (const auto &[name, target] : named_columns) {
                     if (!arrays.contains(name)) throw nb::type_error((std::string("World() needs ") + name).c_str());
                     c.*target = column(arrays[name]);
                 }
                 if (arrays.size() != std::size(named_columns)) throw nb::type_error("World() was given something that it does not know");
                 new (self) World(c, people, depth, minds, horizon, first_effect_wins, author_worth);
             },
             nb::kw_only(), "people"_a, "depth"_a, "minds"_a, "horizon"_a, "first_effect_wins"_a, "author_worth"_a, "arrays"_a)
        .def_static("unpacked", [](nb::bytes pack) {
            return new World(PackedWorld(Pack({pack.c_str(), pack.size()})));
        }, nb::rv_policy::take_ownership, "pack"_a)
        .def("extend", [](World &w, nb::handle op, nb::handle first, nb::handle second, nb::handle operands) {
            const Column a = column(op), b = column(first), c = column(second), d = column(operands);
            w.ask([&](Tale &t) { t.extend(a, b, c, d); });
        }, "node_operator"_a, "node_first"_a, "node_second"_a, "operands"_a)
        .def("wish", [](World &w, nb::handle worth) { w.wish(column(worth)); }, "worth"_a)
        .def("start", [](World &w) { return w.ask([](Tale &t) { return t.start(); }); })
        .def("believed", [](World &w, std::int64_t s, std::int64_t p) { return w.ask([&](Tale &t) { return t.believed(s, p); }); }, "state"_a, "person"_a)
        .def("mind", [](World &w, std::int64_t s) { return w.ask([&](Tale &t) { return t.mind(s); }); }, "state"_a)
        .def("level", [](World &w, std::int64_t s) { return w.ask([&](Tale &t) { return t.level(s); }); }, "state"_a)
        .def("values", [](World &w, std::int64_t s) { return w.ask([&](Tale &t) { return t.values(s); }); }, "state"_a)
        .def("revised", [](World &w, std::int64_t s, const std::vector<std::int64_t> &chain, std::int64_t fluent, std::int64_t value) {
            return w.ask([&](Tale &t) { return t.revised(s, chain, fluent, value); });
        }, "state"_a, "chain"_a, "fluent"_a, "value"_a)
        .def("evaluate", [](World &w, std::int64_t s, std::int64_t node) { return pair(w.ask([&](Tale &t) { return t.evaluate(s, node); })); }, "state"_a, "node"_a)
        .def("holds", [](World &w, std::int64_t s, std::int64_t node) { return w.ask([&](Tale &t) { return t.holds(s, node); }); }, "state"_a, "node"_a)
        .def("step", [](World &w, std::int64_t s, std::int64_t move) { return w.ask([&](Tale &t) { return t.step(s, move); }); }, "state"_a, "move"_a)
        .def("fired", [](World &w, std::int64_t s, std::int64_t move) { return firings(w.ask([&](Tale &t) { return t.fired(s, move); })); }, "state"_a, "move"_a)
        .def("start_fired", [](World &w) { return firings(w.ask([](Tale &t) { return t.start_fired(); })); })
        .def("applicable", [](World &w, std::int64_t s) { return w.ask([&](Tale &t) { return t.applicable(s); }); }, "state"_a)
        .def("moves", [](World &w, std::int64_t s) {
            const Possible possible = w.ask([&](Tale &t) { return t.possible(s); });
            return std::make_pair(weighted(possible), possible.undecided);
        }, "state"_a)
        .def("choices", [](World &w, std::int64_t s, std::int64_t player) {
            const Choices choices = w.ask([&](Tale &t) { return t.choices(s, player); });
            return std::make_tuple(weighted(choices), choices.chosen, choices.undecided);
        }, "state"_a, "player"_a)
        .def("ending", [](World &w, std::int64_t s) { return w.ask([&](Tale &t) { return t.ending(s); }); }, "state"_a)
        .def("wander", [](World &w, std::int64_t s, std::uint64_t chance, std::int64_t longest) {
            const Wandered found = w.wander(s, chance, longest);
            return std::make_tuple(found.moves, found.states, found.chance, found.stopped);
        }, "state"_a, "chance"_a, "longest"_a)
        .def("in_character", [](World &w, std::int64_t s, std::int64_t move, std::int64_t person) { return static_cast<int>(w.ask([&](Tale &t) { return t.in_character(s, move, person); })); }, "state"_a, "move"_a, "person"_a)
        .def("intention", [](World &w, std::int64_t s, std::int64_t move, std::int64_t person) { return plan(w.ask([&](Tale &t) { return t.intention(s, move, person); })); }, "state"_a, "move"_a, "person"_a)
        .def("hope", [](World &w, std::int64_t s, std::int64_t move, std::int64_t person) { return plan(w.ask([&](Tale &t) { return t.hope(s, move, person); })); }, "state"_a, "move"_a, "person"_a)
        .def("seek", [](World &w, std::int64_t goal, std::int64_t ending, std::int64_t within, std::int64_t order, double eagerness, std::int64_t horizon) {
            return w.ask([&](Tale &t) { return t.seek(goal, ending, within, order, eagerness, horizon); });
        }, nb::kw_only(), "goal"_a, "ending"_a, "within"_a, "order"_a, "eagerness"_a, "horizon"_a)
        .def("search", [](World &w, std::int64_t which, std::int64_t work) { return static_cast<int>(w.ask([&](Tale &t) { return t.search(which, work); })); }, "which"_a, "work"_a)
        .def("tale", [](World &w, std::int64_t which) { return w.ask([&](Tale &t) { return t.tale(which); }); }, "which"_a)
        .def("shorten", [](World &w, std::int64_t which, std::int64_t within) { w.ask([&](Tale &t) { t.shorten(which, within); }); }, "which"_a, "within"_a)
        .def("progress", [](World &w, std::int64_t which) { return w.ask([&](Tale &t) { return t.progress(which); }); }, "which"_a)
        .def("rehearse", [](World &w, std::int64_t count) { return w.ask([&](Tale &t) { return t.rehearse(count); }); }, "count"_a)
        .def("stop", &World::stop)
        .def_prop_ro("growth", &World::growth)
        .def_prop_rw("patience", [](World &w) { return w.ask([](Tale &t) { return t.patience(); }); }, [](World &w, std::int64_t work) { w.ask([&](Tale &t) { t.set_patience(work); }); })
        .def_prop_rw("most_states", [](World &w) { return w.ask([](Tale &t) { return t.most_states(); }); }, [](World &w, std::int64_t count) { w.ask([&](Tale &t) { t.set_most_states(count); }); })
        .def("figures", [](World &w) { return w.ask([](Tale &t) { return t.figures(); }); });
    bind_realm(m);
    bind_telling(m);
}
