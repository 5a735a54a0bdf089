"""Exploring: from a world to its realm."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from time import monotonic
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from everytale.core import Graph
from everytale.core import Realm as Core
from everytale.diagnostics import StoryError
from everytale.finding.budget import Budget, CutShort, Progress, peak_memory
from everytale.ground import another, ground
from everytale.markup import tag
from everytale.realm.keep import Keeper, Known
from everytale.realm.odds import Bounds, Columns, Edges, Marks, chain, exactly, extremes
from everytale.story import Ending, Expression, Story
from everytale.world import GroundMove, State, Trace, Undecided, World

if TYPE_CHECKING:
    import pandas

UNBOUNDED = 1_000_000_000
LARGE = 50_000
"""Situations: of more it is worth looking for a smaller realm with the same odds."""
MOST_MEMORY = 8.0
"""Gigabytes, where nobody says."""
SLICE = 0.04
"""Seconds between looks at the clock and the memory."""
OPEN, GOES_ON, DEAD_END = -1, -2, -3
"""What becomes of a situation that is no ending: it is not known what follows, something does, nothing can."""


@dataclass(frozen=True)
class Outcome:
    """One way for tales to turn out: an ``ending``, or (``None``) another, by its ``name``.

    ``odds``: in a realm with a played person the least and the greatest that they can bring about, whatever chance and the others do;
    ``evenly``: if they choose evenly among what they can do (without a player the same). ``least``, ``most``: bounds on either.
    ``shortest``: how many moves it takes at least; ``None``: it is not come to.
    """

    name: str
    ending: Ending | None
    odds: Bounds
    evenly: Bounds
    least: Bounds
    most: Bounds
    situations: int
    shortest: int | None


class Realm:
    """Every situation that a story can come to, numbered from 0, the start, breadth first.

    ``situations`` counts them, ``transitions`` the moves between them; :meth:`states`, :meth:`moves`, :meth:`endings` and :meth:`odds`
    are data frames of them. ``player``: whom a human plays, if anybody. ``status``: *whole*, or *partial* where the exploration was
    bounded or cut short (``stopped``: by what); then odds have bounds that hold whatever the rest may be. ``undecided``: situations
    with a move of which it could not be decided whether somebody would make it.
    """

    def __init__(self, world: World, core: Core, player: str | None, within: int | None, stopped: str | None, seconds: float) -> None:
        figures = core.figures()
        self.world, self.core, self.player, self.within, self.stopped = world, core, player, within, stopped
        self.story = world.story
        self.situations: int = figures["states"]
        self.transitions: int = figures["moves"]
        self.depth: int = figures["depth"]
        self.undecided: int = figures["undecided"]
        self.seconds = seconds
        self.graph: Graph = core.graph()
        self.memory = peak_memory()

    def __repr__(self) -> str:
        return f"Realm({self.story.title!r}, {self.status}, {self.situations} situations, {self.transitions} moves)"

    def _repr_html_(self) -> str:
        """How it shows itself in a notebook: its endings and their odds."""
        rows = (
            tag("tr", tag("th", one.name), tag("td", str(one.odds)), tag("td", "" if one.shortest is None else f"{one.shortest} moves"))
            for one in self.outcomes
            if one.ending is not None or one.odds.high > 0
        )
        known = "" if self.status == "whole" else ", known in part"
        caption = f"{self.story.title}: {self.situations:,} situations, {self.transitions:,} moves{known}"
        head = tag("tr", tag("th", "ending"), tag("th", "odds"), tag("th", "soonest"))
        return tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *rows))

    @cached_property
    def columns(self) -> Mapping[str, Any]:
        """The graph as arrays: see the core's ``Graph.columns``."""
        return self.graph.columns()

    @cached_property
    def edges(self) -> Edges:
        """The moves between situations, with their chances."""
        return Edges.of_graph(self.columns)

    @property
    def fate(self) -> NDArray[np.int16]:
        """Of every situation: the number of its ending, or ``OPEN``, ``GOES_ON``, ``DEAD_END``."""
        found: NDArray[np.int16] = self.columns["fate"]
        return found

    @property
    def open(self) -> Marks:
        """Of every situation, whether it is not known what follows."""
        marks: Marks = np.asarray(self.fate == OPEN, dtype=np.uint8)
        return marks

    @property
    def status(self) -> Literal["whole", "partial"]:
        """*whole*: of every situation it is known what follows."""
        return "partial" if self.open.any() else "whole"

    @property
    def dead_ends(self) -> int:
        """How many situations nothing can follow though no ending has come."""
        return int((self.fate == DEAD_END).sum())

    # ---- situations --------------------------------------------------------------------------------------------------

    def state(self, situation: int) -> State:
        """A situation as a state of the world, minds and all."""
        return State(self.world, self.core.state(situation))

    def links(self, situation: int) -> list[tuple[GroundMove, Fraction, int]]:
        """The moves from a situation, with their weights, and where each leads; what the player chooses from comes first."""
        return [(self.world.moves[move], Fraction(over, under), target) for move, over, under, target in self.core.links(situation)]

    @cached_property
    def made(self) -> NDArray[np.uint32]:
        """Of every move of the graph, in the order of its columns, the number of the world's move that it is."""
        return self.core.named()

    @cached_property
    def _by_move(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        order = np.argsort(self.made, kind="stable")
        return order, np.searchsorted(self.made[order], np.arange(len(self.world.moves) + 1))

    def occurrences(self, move: GroundMove) -> NDArray[np.int64]:
        """The moves of the graph that are ``move``, by their places in its columns."""
        if move.index < 0:
            return np.empty(0, np.int64)
        order, begins = self._by_move
        return order[begins[move.index] : begins[move.index + 1]]

    def holding(self, condition: Expression, binding: Mapping[str, str], situations: NDArray[Any]) -> NDArray[np.bool_]:
        """Of each of ``situations``, whether ``condition`` holds in it, its free variables as ``binding`` says."""
        return self.holding_node(self.world.node(condition, binding), situations)

    def holding_node(self, node: int, situations: NDArray[Any]) -> NDArray[np.bool_]:
        """The same of a node of the world."""
        found: NDArray[np.bool_] = self.world.ask(self.core.mark, node, situations.astype(np.uint32)).astype(bool)
        return found

    @cached_property
    def _found_by(self) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """The situations that some move leads to, and the first that does."""
        return np.unique(self.columns["target"], return_index=True)

    @cached_property
    def discovers(self) -> NDArray[np.bool_]:
        """Of every move of the graph, whether it is the last of :meth:`way_to` the situation that it leads to."""
        targets, edges = self._found_by
        marks = np.zeros(len(self.edges.target), dtype=bool)
        marks[edges[targets != 0]] = True
        return marks

    def way_to(self, situation: int) -> Trace:
        """A shortest tale to ``situation``."""
        targets, edges = self._found_by
        moves: list[int] = []
        while situation != 0:
            edge = int(edges[np.searchsorted(targets, situation)])
            moves.append(int(self.made[edge]))
            situation = int(self.edges.source[edge])
        return self.trace(moves[::-1])

    def where(self, condition: Expression) -> Marks:
        """Of every situation, whether ``condition`` holds."""
        found: Marks = self.world.ask(self.core.mark, self.world.node(condition, {}))
        return found

    def trace(self, moves: list[int]) -> Trace:
        """The tale of these moves of the world, by their numbers."""
        return Trace(tuple(self.world.moves[index].move for index in moves))

    def way(self, goal: Marks) -> Trace | None:
        """The shortest tale to a situation that is marked."""
        found = self.core.way((goal, None), None, None, False)
        return None if found is None else self.trace(found[0])

    def likeliest(self, goal: Marks) -> tuple[Trace, float] | None:
        """The likeliest tale to a situation that is marked, and its odds."""
        found = self.graph.likeliest(goal)
        if found is None:
            return None
        situation, moves = 0, []
        for edge in found[0]:
            move, _, _, target = self.core.links(situation)[edge]
            moves.append(move)
            situation = target
        return self.trace(moves), found[1]

    def along(self, trace: Trace) -> list[int]:
        """The situations that ``trace`` comes through, from the start on. Raises ``ValueError`` where a move is none of the realm's."""
        situations = [0]
        for move in trace.moves:
            leads = {str(one): target for one, _, target in self.links(situations[-1])}
            if str(move) not in leads:
                raise ValueError(f"{move} is not possible after {len(situations) - 1} moves")
            situations.append(leads[str(move)])
        return situations

    # ---- data frames, with the columns of everytale.realm.tables --------------------------------------------------------

    def states(self) -> pandas.DataFrame:
        """Every situation with its facts, a row each."""
        return self._frame("states")

    def moves(self) -> pandas.DataFrame:
        """Every move from every situation, a row each."""
        return self._frame("moves")

    def endings(self) -> pandas.DataFrame:
        """Every way for tales to turn out, with its odds from the start, a row each."""
        return self._frame("endings")

    def odds(self) -> pandas.DataFrame:
        """The odds of every way to turn out, from every situation, a row each."""
        return self._frame("odds")

    def _frame(self, name: str) -> pandas.DataFrame:
        from everytale.realm.tables import TABLES, frame

        return frame(TABLES[name](self))

    # ---- prospects --------------------------------------------------------------------------------------------------------

    @cached_property
    def sinks(self) -> NDArray[np.int16]:
        """Of every situation, the column of :attr:`prospects` that it is a sink of, or -1."""
        return np.where(self.fate == DEAD_END, len(self.story.endings), np.maximum(self.fate, -1)).astype(np.int16)

    @cached_property
    def prospects(self) -> Columns:
        """The odds of every ending in every situation, then those of a dead end, then of never ending; a player chooses evenly."""
        return chain(self.graph, self.sinks, len(self.story.endings) + 1, self.open)

    @cached_property
    def odds_at_start(self) -> tuple[Bounds, ...]:
        """Those of the start alone: in a large realm without people, from a smaller one (see :meth:`coming_to`)."""
        columns = len(self.story.endings) + 1
        smaller = None
        if self.situations > LARGE and self.story.endings and not self.dead_ends:
            smaller = self._forgetting(self.world.node(self.story.endings[0].condition, {}))
        if smaller is None:
            return tuple(self.prospects.at(0, column) for column in range(columns + 1))
        graph = smaller.graph()
        # Where it has a dead end, the realm goes on for ever: with moves that change nothing on which an ending hangs.
        sinks = np.maximum(graph.fate(), -1).astype(np.int16)
        odds = chain(graph, sinks, columns, np.zeros(len(sinks), dtype=np.uint8), start=True)
        return tuple(odds.at(0, column) for column in range(columns + 1))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What the columns of :attr:`prospects` are called."""
        return (*(ending.title for ending in self.story.endings), "dead end", "no end")

    @cached_property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Every ending, a dead end, and going on for ever, with their odds from the start."""
        found = []
        for column, name in enumerate(self.names):
            marks = (self.sinks == column).astype(np.uint8)
            way = self.way(marks) if marks.any() else None
            least, evenly, most = self._chances(self.graph, self.odds_at_start[column], column)
            ending = self.story.endings[column] if column < len(self.story.endings) else None
            shortest = len(way.moves) if way is not None else None
            found.append(Outcome(name, ending, Bounds(least.low, most.high), evenly, least, most, int(marks.sum()), shortest))
        return tuple(found)

    def weighed(self, graph: Graph) -> tuple[Outcome, ...]:
        """The outcomes with the odds that they have in ``graph``, which is that of the realm but for its weights."""
        prospects = chain(graph, self.sinks, len(self.story.endings) + 1, self.open)
        found = []
        for column, one in enumerate(self.outcomes):
            least, evenly, most = self._chances(graph, prospects.at(0, column), column)
            found.append(replace(one, odds=Bounds(least.low, most.high), evenly=evenly, least=least, most=most))
        return tuple(found)

    def extremes(self, goal: Marks) -> tuple[Bounds, Bounds]:
        """The least and the greatest odds of coming to ``goal`` that the player can bring about."""
        return extremes(self.graph, self.fate, goal, self.player is not None)

    def coming_to(self, condition: Expression) -> tuple[Bounds, Bounds]:
        """The least and the greatest odds of coming to where ``condition`` holds that the player can bring about.

        Where there is nobody with a mind they are those of a smaller realm, in which what can no longer matter to them is forgotten.
        """
        node = self.world.node(condition, {})
        smaller = self._forgetting(node)
        if smaller is None:
            return self.extremes(self.where(condition))
        graph = smaller.graph()
        return extremes(graph, graph.fate(), smaller.mark(node), played=False)

    def _forgetting(self, goal: int) -> Core | None:
        """The realm without what cannot matter to the odds of ``goal``, if anything can be left out."""
        if self.player is not None or self.within is not None or self.stopped is not None or self.undecided > 0:
            return None
        core = Core(self.world.core, player=-1, within=UNBOUNDED, linked=True, threads=os.cpu_count() or 1, goal=goal)
        if not core.forgets:
            return None
        try:
            while not self.world.ask(core.run, 1 << 20):
                pass
        except StoryError:  # without what was forgotten, a number may leave its range
            return None
        return core

    def _chances(self, graph: Graph, evenly: Bounds, column: int) -> tuple[Bounds, Bounds, Bounds]:
        """The least odds of a column from the start, those of a player who chooses ``evenly``, and the greatest."""
        if self.player is None:
            return evenly, evenly, evenly
        if column < len(self.names) - 1:
            least, most = extremes(graph, self.fate, (self.sinks == column).astype(np.uint8), True)
            return least, evenly, most
        ends = ((self.fate != GOES_ON) & (self.fate != OPEN)).astype(np.uint8)
        least, most = extremes(graph, self.fate, ends, True)
        return Bounds(1 - most.high, 1 - most.low), evenly, Bounds(1 - least.high, 1 - least.low)

    def exact(self, time: float | None = None) -> dict[str, Fraction] | None:
        """The odds of every outcome as fractions, if the realm is whole and small enough; a player chooses evenly.

        Raises ``TimeoutError`` where they take longer than ``time`` seconds.
        """
        if self.status != "whole":
            return None
        found = exactly(self.graph, self.sinks, len(self.story.endings) + 1, time=time)
        return None if found is None else dict(zip(self.names, found, strict=True))


def explore(
    story: Story,
    *,
    player: str | None = None,
    within: int | None = None,
    horizon: int | None = None,
    minds: int | None = None,
    time: float | None = None,
    memory: float | None = None,
    progress: Callable[[Progress], None] | None = None,
    known: Known | None = None,
    world: World | None = None,
    keep: Callable[[Known], None] | None = None,
) -> Realm:
    """Explore the realm of ``story``, all of it or to ``within`` moves from the start.

    ``player``: a person whose moves a human chooses. ``horizon`` and ``minds`` replace the story's own. ``time`` in seconds, ``memory`` in
    gigabytes (8, unless said) and Ctrl-C cut it short; what there is by then is a *partial* realm. ``progress`` is told how far it is.
    ``keep`` is given what is known from time to time and at the end; a later exploration of the same goes on from it (``known``).
    ``world``: one of ``story`` that nobody else asks, so that what it knows of states need not be found out anew (by one thread: another
    would know nothing of it).
    Raises ``StoryError``, ``Undecided`` where it is cut short before there is a first situation, and ``ValueError`` where ``world`` has
    another horizon, or other minds, than are asked for.
    """
    if world is not None and not (horizon in (None, world.horizon) and minds in (None, world.minds)):
        raise ValueError(f"in the given world people plan {world.horizon} moves ahead and imagine each other {world.minds} deep")
    if player is not None and player not in story.people:
        raise StoryError.one("unknown-name", "There is no such person", f"{player!r} is nobody with a mind.", None, _people(story))
    warm = world is not None
    with Budget(time, MOST_MEMORY if memory is None else memory, progress) as budget:
        if world is None:
            world = budget.prepare(lambda look: another(ground(story, minds=minds, horizon=horizon, within=within, look=look)))
        if world is None:
            raise CutShort(budget.stopped or "interrupted")
        world.core.most_states = 4_000_000_000
        budget.begin()
        budget.what = "exploring"
        core = Core(
            world.core,
            player=-1 if player is None else world.vocabulary.person[player],
            within=UNBOUNDED if within is None else within,
            linked=True,
            threads=1 if warm else os.cpu_count() or 1,
        )
        keeper = Keeper(world, core, (player, within), keep)
        if known is not None:
            keeper.resume(known)
        _run(world, core, budget, keeper)
        keeper.keep()
        return Realm(world, core, player, within, budget.stopped, budget.seconds)


def _run(world: World, core: Core, budget: Budget, keeper: Keeper) -> None:
    count = 16
    try:
        while True:
            began = monotonic()
            if world.ask(core.run, count):
                return
            figures = core.figures()
            budget.states, budget.waiting, budget.deepest = figures["states"], figures["states"] - figures["expanded"], figures["depth"]
            if budget.over((world,), figures["growth"]):
                return
            keeper.keep_now_and_then()
            took = monotonic() - began
            count = min(1 << 20, max(1, int(count * min(4.0, SLICE / max(took, 1e-6)))))
    except KeyboardInterrupt:
        budget.stopped = "interrupted"
    except (Undecided, MemoryError):
        budget.stopped = "memory"


def _people(story: Story) -> str:
    return f"They are: {', '.join(story.people)}." if story.people else "The story has nobody with a mind."
