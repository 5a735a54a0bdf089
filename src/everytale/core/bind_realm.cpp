// The Python face of realms; _core.pyi is its contract. See world.hpp for the whole.
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include "bind.hpp"
#include "minded.hpp"
#include "plain.hpp"
#include "play.hpp"

namespace nb = nanobind;
using namespace everytale;

namespace {

template <class T>
using Array = nb::ndarray<const T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Marks = Array<std::uint8_t>;

template <class T>
std::vector<T> items(const Array<T> &array, std::size_t size) {
    if (array.size() != size) throw std::invalid_argument("an array has the wrong length");
    return {array.data(), array.data() + array.size()};
}

// A copy, as a numpy array of its own.
template <class T>
nb::ndarray<nb::numpy, T, nb::ndim<1>> array(const std::vector<T> &items) {
    T *data = new T[std::max<std::size_t>(items.size(), 1)];
    std::copy(items.begin(), items.end(), data);
    return nb::ndarray<nb::numpy, T, nb::ndim<1>>(data, {items.size()}, nb::capsule(data, [](void *p) noexcept { delete[] static_cast<T *>(p); }));
}

class Realm {
public:
    Realm(World &world, std::int64_t player, std::int64_t within, bool linked, std::int64_t threads, std::int64_t goal) : world_(world) {
        world.ask([&](Tale &tale) {
            const int moves = static_cast<int>(Tables::bounded(within, 0, 1'000'000'000, "within"));
            tables_ = &tale.tables();
            const Person person = static_cast<Person>(Tables::bounded(player, -1, tale.tables().people - 1, "player"));
            const std::int32_t condition = tale.tables().node_or_none(goal);
            if (Plain::fits(tale.tables())) {
                auto plain = std::make_unique<Plain>(tale, moves, linked, static_cast<int>(Tables::bounded(threads, 1, 256, "threads")), condition);
                forgets_ = plain->forgets();
                explorer_ = std::move(plain);
            }
            else explorer_ = std::make_unique<Minded>(tale, person, moves, threads > 1);
        });
    }

    template <class Ask>
    auto ask(Ask question) {
        return world_.ask([&](Tale &) { return question(*explorer_); });
    }

    std::uint32_t situation(std::int64_t index) const { return static_cast<std::uint32_t>(Tables::bounded(index, 0, std::int64_t(explorer_->graph().states()) - 1, "situation")); }

    // Marks of situations, and of moves.
    using Given = std::optional<std::pair<std::optional<Marks>, std::optional<Marks>>>;
    Moment moment(const Given &given) {
        Moment found;
        if (!given) return found;
        if (given->first) found.situations = items(*given->first, explorer_->graph().states());
        if (given->second) found.moves = items(*given->second, tables_->moves.size());
        return found;
    }

    // A factor for every move.
    std::vector<Rational> factors(const std::vector<std::pair<std::int64_t, std::int64_t>> &given) const {
        if (given.size() != tables().moves.size()) throw std::invalid_argument("there are not as many factors as moves");
        std::vector<Rational> found;
        for (const auto &[over, under] : given) {
            if (over <= 0 || under <= 0) throw std::invalid_argument("a factor is not greater than 0");
            found.push_back(reduced(over, under));
        }
        return found;
    }

    World &world() { return world_; }
    bool forgets() const { return forgets_; }
    const Tables &tables() const { return *tables_; }
    std::int32_t node(std::int64_t index) const { return tables_->node(index); }
    const Lane &lane(std::int64_t fluent) const { return tables_->lanes[Tables::bounded(fluent, 0, std::int64_t(tables_->lanes.size()) - 1, "fluent")]; }

private:
    World &world_;
    const Tables *tables_ = nullptr;
    std::unique_ptr<Explorer> explorer_;
    bool forgets_ = false;
};

// A graph that is not explored any more, about which questions are asked without the world.
class Fixed {
public:
    Fixed(World &world, std::shared_ptr<const Graph> graph) : world_(world), graph_(std::move(graph)) {
        if (!graph_->linked()) throw std::invalid_argument("its moves are not kept");
    }
    Fixed(World &world, Watched watched) : Fixed(world, std::make_shared<const Graph>(std::move(watched.graph))) { situations_ = std::move(watched.situations), due_ = std::move(watched.due); }

    // Asks with the interpreter's lock released; what it asks may call the tick from time to time.
    template <class Ask>
    decltype(auto) ask(Ask question) {
        nb::gil_scoped_release release;
        return question(*graph_, [this] { world_.look(); });
    }

    std::size_t states() const { return graph_->states(); }
    const std::vector<std::uint32_t> &situations() const { return situations_; }
    const std::vector<std::uint8_t> &due() const { return due_; }

private:
    World &world_;
    const std::shared_ptr<const Graph> graph_;
    std::vector<std::uint32_t> situations_;
    std::vector<std::uint8_t> due_;
};

nb::tuple bounds(const Bounds &found) { return nb::make_tuple(array(found.low), array(found.high)); }

}  // namespace

namespace everytale {

void bind_realm(nb::module_ &m) {
    using namespace nb::literals;
    nb::class_<Fixed>(m, "Graph")
        .def("chain", [](Fixed &f, const Array<std::int16_t> &sinks, std::int64_t columns, double precision) {
            const std::vector<std::int16_t> sink = items(sinks, f.states());
            const std::size_t many = static_cast<std::size_t>(Tables::bounded(columns, 1, ChainSolver::most_columns, "columns"));
            for (std::int16_t column : sink) Tables::bounded(column, -1, columns - 1, "sinks");
            const Odds odds = f.ask([&](const Graph &graph, auto tick) { return ChainSolver(graph, sink, many, tick, true).solve(precision); });
            return nb::make_tuple(array(odds.value), array(odds.error), array(odds.open));
        }, "sinks"_a, "columns"_a, "precision"_a)
        .def("extreme", [](Fixed &f, const Marks &goal, bool most, double precision) {
            const auto marks = items(goal, f.states());
            return bounds(f.ask([&](const Graph &graph, auto tick) { return PlayerSolver(graph, marks, tick).solve(most, precision); }));
        }, "goal"_a, "most"_a, "precision"_a)
        .def("back", [](Fixed &f, const Marks &goal, bool every) {
            const auto marks = items(goal, f.states());
            return array(f.ask([&](const Graph &graph, auto tick) { return PlayerSolver(graph, std::vector<std::uint8_t>(graph.states()), tick).back(marks, every); }));
        }, "goal"_a, "every"_a)
        .def("surely", [](Fixed &f, const Marks &goal) {
            const auto marks = items(goal, f.states());
            return array(f.ask([&](const Graph &graph, auto tick) { return PlayerSolver(graph, marks, tick).surely(); }));
        }, "goal"_a)
        .def("likeliest", [](Fixed &f, const Marks &goal) -> nb::object {
            const auto marks = items(goal, f.states());
            const auto found = f.ask([&](const Graph &graph, auto) { return likeliest(graph, marks); });
            return found ? nb::object(nb::make_tuple(found->edges, found->odds)) : nb::none();
        }, "goal"_a)
        .def("longest", [](Fixed &f) { return f.ask([](const Graph &graph, auto) { return longest(graph); }); })
        .def("fate", [](Fixed &f) { return array(f.ask([](const Graph &graph, auto) -> const std::vector<std::int16_t> & { return graph.fate; })); })
        .def("columns", [](Fixed &f) {
            nb::dict result;
            const Graph *graph = f.ask([](const Graph &graph, auto) { return &graph; });
            result["fate"] = array(graph->fate), result["first"] = array(graph->first), result["target"] = array(graph->target);
            result["weight"] = array(graph->weight), result["move"] = array(graph->move), result["chosen"] = array(graph->chosen);
            nb::list weights;
            for (const Rational &weight : graph->weights) weights.append(nb::make_tuple(weight.over, weight.under));
            result["weights"] = weights, result["situation"] = array(f.situations()), result["due"] = array(f.due());
            return result;
        });
    nb::class_<Realm>(m, "Realm")
        .def(nb::init<World &, std::int64_t, std::int64_t, bool, std::int64_t, std::int64_t>(), nb::keep_alive<1, 2>(), "world"_a, nb::kw_only(), "player"_a, "within"_a, "linked"_a, "threads"_a, "goal"_a = -1)
        .def_prop_ro("forgets", &Realm::forgets)
        .def("run", [](Realm &r, std::int64_t count) { return r.ask([&](Explorer &e) { return e.run(static_cast<std::uint64_t>(Tables::bounded(count, 0, std::int64_t(1) << 40, "count"))); }); }, "count"_a)
        .def("state", [](Realm &r, std::int64_t i) { return r.ask([&](Explorer &e) { return e.state(r.situation(i)); }); }, "situation"_a)
        .def("links", [](Realm &r, std::int64_t i) {
            std::vector<std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t>> result;
            for (const Link &link : r.ask([&](Explorer &e) { return e.links(r.situation(i)); })) result.emplace_back(link.move, link.weight.over, link.weight.under, link.target);
            return result;
        }, "situation"_a)
        .def("mark", [](Realm &r, std::int64_t node, const std::optional<Array<std::uint32_t>> &among) {
            const std::int32_t condition = r.node(node);
            const std::optional<std::vector<std::uint32_t>> some = among ? std::optional(items(*among, among->size())) : std::nullopt;
            if (some)
                for (std::uint32_t one : *some) r.situation(one);
            return array(r.ask([&](Explorer &e) {
                std::vector<std::uint8_t> found(some ? some->size() : e.graph().states());
                for (std::size_t i = 0; i < found.size(); ++i) found[i] = e.holds(some ? (*some)[i] : static_cast<std::uint32_t>(i), condition);
                return found;
            }));
        }, "node"_a, "among"_a = nb::none())
        .def("named", [](Realm &r) { return array(r.ask([](Explorer &e) { return e.named(); })); })
        .def("values", [](Realm &r, std::int64_t fluent) {
            const Lane &lane = r.lane(fluent);
            return array(r.ask([&](Explorer &e) {
                std::vector<std::int64_t> found(e.graph().states());
                for (std::size_t i = 0; i < found.size(); ++i) {
                    const Rational value = lane.decode(lane.code(e.words(static_cast<std::uint32_t>(i))));
                    found[i] = value.known() ? value.over : std::numeric_limits<std::int64_t>::min();
                }
                return found;
            }));
        }, "fluent"_a)
        .def("save", [](Realm &r) {
            nb::dict result;
            r.ask([&](Explorer &e) {
                nb::gil_scoped_acquire acquire;
                const Graph &graph = e.graph();
                const Explorer::Progress now = e.progress();
                result["fate"] = array(graph.fate), result["first"] = array(graph.first), result["target"] = array(graph.target), result["weight"] = array(graph.weight);
                result["move"] = array(graph.move), result["chosen"] = array(graph.chosen), result["rows"] = array(e.rows());
                std::vector<std::int64_t> weights;
                for (const Rational &weight : graph.weights) weights.push_back(weight.over), weights.push_back(weight.under);
                result["weights"] = array(weights);
                result["progress"] = array(std::vector<std::int64_t>{static_cast<std::int64_t>(graph.expanded), now.depth, now.level_end, now.undecided});
            });
            return result;
        })
        .def("resume", [](Realm &r, const Array<std::int16_t> &fate, const Array<std::uint64_t> &first, const Array<std::uint32_t> &target, const Array<std::uint32_t> &weight,
                          const Array<std::uint32_t> &move, const Array<std::uint16_t> &chosen, const Array<std::uint64_t> &rows, const Array<std::int64_t> &weights,
                          const Array<std::int64_t> &progress) {
            const std::vector<std::int64_t> now = items(progress, 4);
            Graph graph{items(fate, fate.size()), items(first, first.size()), items(target, target.size()), items(weight, weight.size()), items(move, move.size()), items(chosen, chosen.size())};
            graph.weights.clear();
            for (std::size_t i = 0; i + 1 < weights.size(); i += 2) {
                if (weights.data()[i + 1] < 1 || weights.data()[i] < 1) throw std::invalid_argument("a weight is no positive number");
                graph.weights.push_back({weights.data()[i], weights.data()[i + 1]});
            }
            if (now[0] < 0 || graph.weights.empty()) throw std::invalid_argument("it is no graph of this world");
            graph.expanded = static_cast<std::size_t>(now[0]);
            std::vector<Word> words(rows.data(), rows.data() + rows.size());
            r.ask([&](Explorer &e) { e.resume(std::move(graph), std::move(words), {now[1], now[2], now[3]}, r.tables()); });
        }, nb::kw_only(), "fate"_a, "first"_a, "target"_a, "weight"_a, "move"_a, "chosen"_a, "rows"_a, "weights"_a, "progress"_a)
        .def("made", [](Realm &r) { return array(r.ask([](Explorer &e) { return e.made(); })); })
        .def("way", [](Realm &r, const Realm::Given &what, const Realm::Given &after, const Realm::Given &before, bool again) -> nb::object {
            const Monitor monitor{r.moment(what), r.moment(after), r.moment(before), again};
            const std::optional<Way> way = r.ask([&](Explorer &e) { return e.way(monitor); });
            if (!way) return nb::none();
            return nb::make_tuple(way->moves, way->end);
        }, "what"_a.none(), "after"_a.none(), "before"_a.none(), "again"_a)
        .def("graph", [](Realm &r) { return new Fixed(r.world(), r.ask([](Explorer &e) { return e.finished(); })); }, nb::rv_policy::take_ownership, nb::keep_alive<0, 1>())
        .def("watched", [](Realm &r, const Realm::Given &what, const Realm::Given &after, const Realm::Given &before, bool again) {
            const Monitor monitor{r.moment(what), r.moment(after), r.moment(before), again};
            return new Fixed(r.world(), r.ask([&](Explorer &e) { return e.watched(monitor, what.has_value()); }));
        }, nb::rv_policy::take_ownership, nb::keep_alive<0, 1>(), "what"_a.none(), "after"_a.none(), "before"_a.none(), "again"_a)
        .def("weighed", [](Realm &r, const std::vector<std::pair<std::int64_t, std::int64_t>> &given) {
            const std::vector<Rational> factors = r.factors(given);
            return new Fixed(r.world(), r.ask([&](Explorer &e) { return std::make_shared<const Graph>(e.weighed(factors)); }));
        }, nb::rv_policy::take_ownership, nb::keep_alive<0, 1>(), "factors"_a)
        .def("figures", [](Realm &r) {
            nb::dict result;
            const auto [states, expanded, moves, depth, undecided, bytes, growth] = r.ask([](Explorer &e) {
                return std::tuple(e.graph().states(), e.graph().expanded, e.graph().target.size(), e.depth(), e.undecided(), e.bytes(), e.growth());
            });
            result["states"] = states, result["expanded"] = expanded, result["moves"] = moves, result["depth"] = depth, result["undecided"] = undecided, result["bytes"] = bytes, result["growth"] = growth;
            return result;
        });
}

}  // namespace everytale
