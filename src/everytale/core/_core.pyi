"""The native core: ground worlds as numbers. Arrays and handles in, handles and arrays out; it knows no names.

Numbers that stand for things
    *person*, *fluent*, *move*, *trigger*, *node*, *ending*: an index from 0. *state*: a handle to an interned state; equal
    states have equal handles, within one world. A state includes whose mind it is and its level (0: the true state).
Values
    Entities are numbered so that the entities of a kind are (nearly) contiguous; yes/no is 1/0; numbers are themselves.
    A fluent's value is a whole number in ``low..high``, or :data:`UNKNOWN` where it is admitted. Worths and weights are
    checked 64-bit rationals, given as ``(numerator, denominator)``, or ``None`` for unknown.
Expressions
    are nodes of one table, ``operator, first, second``, children before parents:

    ==  ========  ================================================================================
    0   NUMBER    the rational first/second
    1   UNKNOWN
    2   READ      the fluent first
    3   BELIEVES  node second, in the state that person first believes in
    4   EQUAL     of nodes first and second; 5 DIFFERENT, 6 LESS, 7 AT_MOST, 8 GREATER, 9 AT_LEAST
    10  NOT       of node first
    11  ALL       of the ``second`` nodes in ``operands`` from ``first``; 12 ANY
    13  SUM       likewise; 14 MINUS (first - second), 15 TIMES, 16 OVER of two nodes
    17  IF        three operands from ``first``: condition, then, otherwise
    18  STILL     no move is possible in this state
    ==  ========  ================================================================================

Ragged lists are passed as ``offsets`` (one longer than the number of rows) and ``items``.
"""

from array import array
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

UNKNOWN: Final[int]
"""The least 64-bit integer: the value of a fluent that has none of the others."""

class WorldError(Exception):
    """A story broke one of its own rules. ``args`` is ``(what, detail)``.

    ``"ring"``: the triggers, in the order in which they fired again and again; ``"range"``: ``[effect, value]``, an effect on
    the true state gives a value out of range; ``"contradiction"``: ``[effect, effect]``, two effects give one fluent different values
    in the true state; ``"overflow"``: ``[node]``; ``"weight"``: ``[move]``, a weight is negative or unknown;
    ``"memory"``: ``[states]``, more states than ``most_states``.
    """

class World:
    def __init__(
        self,
        *,
        people: int,
        depth: int,
        minds: int,
        horizon: int,
        first_effect_wins: bool,
        fluent_low: array[int],
        fluent_high: array[int],
        fluent_unknown: array[int],
        fluent_owner: array[int],
        node_operator: array[int],
        node_first: array[int],
        node_second: array[int],
        operands: array[int],
        effect_condition: array[int],
        effect_fluent: array[int],
        effect_value: array[int],
        effect_change: array[int],
        believer_offsets: array[int],
        believer_items: array[int],
        move_precondition: array[int],
        move_weight: array[int],
        move_expressive: array[int],
        move_effect_offsets: array[int],
        consent_offsets: array[int],
        consent_items: array[int],
        observer: array[int],
        trigger_precondition: array[int],
        trigger_upon: array[int],
        trigger_mind: array[int],
        trigger_effect_offsets: array[int],
        worth: array[int],
        author_worth: int,
        endings: array[int],
        mind_offsets: array[int],
        mind_items: array[int],
        mind_values: array[int],
    ) -> None:
        """All arrays are ``array("q")`` (signed 64-bit). -1 stands for *none* wherever an index may be missing.

        ``fluent_owner``: the person to whom the fluent is self-known. ``effect_change``: 0 set, 1 rises, 2 eases. Effects of moves, then
        of triggers, lie in one table; ``*_effect_offsets`` index it. ``observer``: moves x people, a node (-1: does not see it).
        ``worth``: a node per person; ``author_worth``: a node or -1. The start, before triggers: the true state is the
        first mind, with an empty chain; then, for
        every chain of at most ``depth`` people without immediate repetition (parents first), ``mind_values`` has a row of
        ``fluents`` values.
        """

    @staticmethod
    def unpacked(pack: bytes) -> World:
        """The world in a pack (:mod:`everytale.world.packing`), whatever else is in it. RuntimeError where it is damaged; ValueError or
        IndexError where it is no world."""

    def extend(self, node_operator: array[int], node_first: array[int], node_second: array[int], operands: array[int]) -> None:
        """Append nodes (and operands) to the table, so that further conditions can be asked about."""

    # states
    def wish(self, worth: array[int]) -> None:
        """From now on, what a state is worth to each person is what these nodes come to. What is known of reasons is forgotten, what
        follows on what is not; searches and explorations that are under way must not go on."""
    def start(self) -> int: ...
    def believed(self, state: int, person: int) -> int: ...
    def mind(self, state: int) -> int:
        """Whose mind this is; -1: the true state."""
    def level(self, state: int) -> int: ...
    def values(self, state: int) -> list[int]: ...
    def revised(self, state: int, chain: Sequence[int], fluent: int, value: int) -> int:
        """The same state but for one fluent in the mind at the end of ``chain`` (empty: in ``state`` itself); no trigger runs."""
    def evaluate(self, state: int, node: int) -> tuple[int, int] | None: ...
    def holds(self, state: int, node: int) -> bool: ...
    # moves
    def step(self, state: int, move: int) -> int:
        """The state after ``move``, whose precondition must hold (ValueError otherwise), and after all that follows."""
    def fired(self, state: int, move: int) -> list[tuple[tuple[int, ...], int]]:
        """Which triggers fire in that step, in order, in the true state ``()`` and in everybody's own mind ``(person,)``."""
    def start_fired(self) -> list[tuple[tuple[int, ...], int]]: ...
    def applicable(self, state: int) -> list[int]:
        """The moves whose precondition holds, in order."""
    def moves(self, state: int) -> tuple[list[tuple[int, int, int]], list[int]]:
        """The possible moves, each with its weight (numerator, denominator), and those that are undecided."""
    def choices(self, state: int, player: int) -> tuple[list[tuple[int, int, int]], int, list[int]]:
        """The same where the person ``player`` is played: the moves that they choose from, each of weight 1, then those that do not
        need them; how many are the former; and those that are undecided."""
    def ending(self, state: int) -> int:
        """The first ending whose condition holds, or -1. ValueError if that hangs on an undecided move."""
    def wander(self, state: int, chance: int, longest: int) -> tuple[list[int], list[int], int, bool]:
        """A random tale from ``state``, every move drawn by its weight from SplitMix64 in the state ``chance``: its moves, the states
        after each, the state of chance then, and whether it has stopped (an ending, or nothing more can happen). If it has not,
        and is shorter than ``longest``, what its last state leads to is undecided, or drawn by weights too large for 64 bits."""

    # minds
    def in_character(self, state: int, move: int, person: int) -> int:
        """1 yes, 0 no, -1 undecided (``patience`` ran out): does ``person`` have a reason, in what they believe at ``state``."""
    def intention(self, state: int, move: int, person: int) -> tuple[list[int], bool] | None:
        """The plan that is their reason, beginning with ``move``, and whether it is proved the best one."""
    def hope(self, state: int, move: int, person: int) -> tuple[list[int], bool] | None:
        """The best that they believe could come of ``move``: the plan of greatest worth that begins with it and that
        everybody needed would go along with; gain or none, minimal or not."""
    # finding a tale
    def seek(self, *, goal: int, ending: int, within: int, order: int, eagerness: float, horizon: int) -> int:
        """Begin a search for a tale of at most ``within`` possible moves to a state where the node ``goal`` holds (which,
        with ``ending`` not -1, only guides the search to that ending), and say which: several may be under way.
        ``order``: which states come first, 0 the most promising, 1 those on the shortest way, 2 the most promising of those with a
        value of a fluent that none had before whose estimate is the same. ``eagerness``: how much the estimated way to the goal counts
        against the moves made. ``horizon``: at most the world's own."""
    def search(self, which: int, work: int) -> int:
        """Search on for about that much work: 0 not done, 1 found (search on for another), 2 there is none (left), 3 none
        but for moves that are undecided."""
    def tale(self, which: int) -> list[int]:
        """The moves of the tale last found."""
    def shorten(self, which: int, within: int) -> None:
        """Of a search for the shortest tale: from now on, only one of at most ``within`` moves will do."""
    def progress(self, which: int) -> dict[str, int]:
        """Of one search: ``visited`` states, moves ``met`` and ``refused``, moves ``waiting``, moves to the ``deepest`` state, and
        whether a move was left ``undecided``."""
    def stop(self) -> None:
        """From another thread: whatever is under way ends at once with ``WorldError("stopped")``, and nothing more is answered."""
    @property
    def growth(self) -> int:
        """From another thread: how many bytes will soon be needed besides those in use, as of a moment ago."""
    # limits and figures
    patience: int
    """How much work (nodes expanded) one verdict may cost before it is undecided."""
    most_states: int
    def rehearse(self, count: int) -> int:
        """For measurements: every move that can be made, whoever would, in the first ``count`` states from the start, made over
        again in every mind, as if nothing were remembered. How many applications that comes to."""
    def figures(self) -> dict[str, int]:
        """Counts since the world was made: ``states``, ``vectors``, ``applications``, ``closures``, ``explanations``, ``bytes``."""

Piece: TypeAlias = tuple[str, tuple[str, ...], str | None, str | None]
"""A piece of a tale: its occasion (``scene``, ``close``, ``move``, ``learned``, ``ending``), its paragraphs, the move, the title."""

class Book:
    """All prose of a world at one shoulder, made ready to be told."""

    columns: Final[list[str]]
    """The names of all columns. Those that end in ``_offsets`` begin with 0, and have an entry more than there are rows."""
    def __init__(self, world: World, strings: list[str], **columns: array[int]) -> None:
        """``telling/columns.hpp`` says what they hold; nodes must be known to the world. Raises ``ValueError`` or ``IndexError`` where they
        are not of a book of that world."""
    def label(self, move: int, state: int, player: int) -> str:
        """What a choice of ``move`` in ``state`` reads for the person ``player`` (-1: for nobody in particular)."""

class Teller:
    """Tells one tale of a book's world, move by move."""

    def __init__(self, book: Book, seed: int) -> None: ...
    def another(self) -> Teller:
        """One who has told the same until now, and goes on by itself."""
    def move(self, move: int, before: int, after: int) -> list[Piece]:
        """What is told when ``move`` is made in the state ``before``, which becomes ``after`` by it."""
    def moves(self, moves: list[int], states: list[int]) -> list[Piece]:
        """The same of several, with the states before each and after the last."""
    def ending(self, ending: int, state: int) -> list[Piece]: ...
    @property
    def reached(self) -> set[int]:
        """The numbers of the lines that were told."""
    @property
    def refrains(self) -> set[str]:
        """The paragraphs told that may come again."""

class Session:
    """A tale of a book's world in which a human plays one of the people (:class:`everytale.play.Session` says the rest)."""

    def __init__(self, book: Book, player: int, seed: int, made: list[tuple[int, bool]]) -> None:
        """``made``: moves to be made again first, as far as they fit, each with whether the player chose it; -1: one that the story
        has not got, -2: one that no state allows. Raises ``WorldError("undecided")`` with the moves of which it is not known whether
        they are possible (none: what an ending asks of them)."""
    def choose(self, option: int) -> None:
        """Take the option of that number, then all that follows until there is something to choose. Raises as the constructor does, and
        then leaves all as it was; ``IndexError`` where there is no such option."""
    def rewind(self, turn: int) -> None:
        """Go back to before that turn. Raises ``IndexError`` where nothing was chosen at it."""
    def turns(self, first: int) -> list[tuple[int, tuple[int, str] | None, int, int, list[Piece]]]:
        """The turns from that number on: move, option, the states before and after, what is told."""
    @property
    def opening(self) -> list[Piece]:
        """What is told before anything happens."""
    @property
    def options(self) -> list[tuple[int, str]]:
        """What the player can do: a move (-1: wait), and how it reads."""
    @property
    def stopped(self) -> int:
        """0: there is something to choose; 1: an ending; 2: a dead end; 3: it has become too long."""
    @property
    def ending(self) -> int:
        """The number of the ending, or -1."""
    @property
    def departure(self) -> tuple[int, str] | None:
        """Where the moves made before no longer fit: at the move of that number, from 1, and why."""

class English:
    """What the teller knows of English, so that it can be tried by itself. Texts are UTF-8; ``telling/text.hpp`` says what a letter is."""

    @staticmethod
    def is_letter(character: str) -> bool: ...
    @staticmethod
    def lower(text: str) -> str:
        """In small letters."""
    @staticmethod
    def capital(text: str) -> str:
        """With a capital at its beginning, after quotation marks."""
    @staticmethod
    def begins_sentence(before: str) -> bool:
        """Whether what comes after ``before`` begins a sentence."""
    @staticmethod
    def words(text: str) -> list[str]: ...
    @staticmethod
    def sentences(text: str) -> list[str]: ...
    @staticmethod
    def typographic(text: str) -> str:
        """With quotation marks that open and close, apostrophes, dashes, ellipses."""
    @staticmethod
    def speech(words: str, said: str, *, quoted: bool) -> str:
        """``words`` in quotation marks, with who says it (*said Jack*; empty: nobody) after the first sentence."""
    @staticmethod
    def agreeing(verb: str, agreement: str, *, past: bool) -> str:
        """A verb, the third person singular of the present, as it agrees with *I*, *he* or *they*."""
    @staticmethod
    def singular(verb: str) -> str:
        """The verb as after *she*: ``laugh`` becomes ``laughs``."""

Marks: TypeAlias = NDArray[np.uint8]
Given: TypeAlias = tuple[Marks | None, Marks | None] | None

class Realm:
    """The situations that a story can come to, numbered from 0, the start, in the order in which they are found, breadth first."""

    def __init__(self, world: World, *, player: int, within: int, linked: bool, threads: int, goal: int = -1) -> None:
        """``player``: the person who is played, or -1. ``within``: moves to a situation, at most. ``linked``: moves are kept,
        not the situations alone (always so where there are people). ``threads``: where there are people, two are used at most;
        how many does not change what is found. ``goal``: a condition; where there are no people, what cannot matter any more to
        coming there, or to an ending, is forgotten, and moves that change nothing else are left out. The odds of both remain as
        they are; the situations become fewer, and once all are expanded they are numbered anew."""

    @property
    def forgets(self) -> bool:
        """Whether there is anything to be forgotten."""

    def run(self, count: int) -> bool:
        """Expand about ``count`` situations more. Whether all are."""
    def figures(self) -> dict[str, int]:
        """``states``, how many are ``expanded``, ``moves``, the ``depth`` that was come to, ``undecided`` situations, ``bytes``, and
        by how many they will soon grow (``growth``)."""
    def state(self, situation: int) -> int:
        """The situation as a state of the world."""
    def links(self, situation: int) -> list[tuple[int, int, int, int]]:
        """Its moves: which, the weight (numerator, denominator), the situation after it. Those that the player chooses from come first."""
    def mark(self, node: int, among: NDArray[np.uint32] | None = None) -> Marks:
        """Of every situation, or of every one of ``among``, whether the condition holds."""
    def values(self, fluent: int) -> NDArray[np.int64]:
        """The value of a fluent in every situation."""
    def named(self) -> NDArray[np.uint32]:
        """Of every move of the graph, in the order of its columns, which it is."""
    def save(self) -> dict[str, Any]:
        """All that is known by now, as arrays, for :meth:`resume`."""
    def resume(
        self,
        *,
        fate: NDArray[np.int16],
        first: NDArray[np.uint64],
        target: NDArray[np.uint32],
        weight: NDArray[np.uint32],
        move: NDArray[np.uint32],
        chosen: NDArray[np.uint16],
        rows: NDArray[np.uint64],
        weights: NDArray[np.int64],
        progress: NDArray[np.int64],
    ) -> None:
        """Go on from what was known of the same world. ValueError where it cannot be of this one."""
    def made(self) -> Marks:
        """Of every move of the world, whether it is ever made."""
    def way(self, what: Given, after: Given, before: Given, again: bool) -> tuple[list[int], int] | None:
        """The shortest tale to a moment ``what`` that lies at or after the first ``after``, and before the first ``before``
        since: its moves, and the situation that it comes to. With ``again``, what is past ``before`` begins anew. A moment is
        marks of situations and of moves (``None``: all)."""
    def graph(self) -> Graph:
        """Its moves; nothing more is explored from then on."""
    def watched(self, what: Given, after: Given, before: Given, again: bool) -> Graph:
        """All that tales come to, each situation once before ``after`` has come and once from then on, up to ``before``, if tales come to
        it in both ways. Two more come last: where ``before`` is past, and, the very last, where ``what`` has come (``None``: it never
        does); if it has at the start, that is all."""
    def weighed(self, factors: Sequence[tuple[int, int]]) -> Graph:
        """The same graph, but every weight times the factor (numerator, denominator; greater than 0) of its move."""

class Graph:
    """The moves between situations, as of when it was asked for."""

    def chain(
        self, sinks: NDArray[np.int16], columns: int, precision: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.uint32]]:
        """Odds of coming to the ``sinks`` of each column (-1: no sink), if moves are drawn, and a player chooses evenly; the last
        column is that of situations from which no sink can be reached. Values (situations x columns, one row after another),
        by how much those of each situation may be off, and, as bits, which of them are above 0."""
    def extreme(self, goal: Marks, most: bool, precision: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Lower and upper bounds on the odds of coming to ``goal`` that a player can bring about at most, or at least."""
    def back(self, goal: Marks, every: bool) -> Marks:
        """From where ``goal`` can be reached: by some way of playing, or (``every``) with odds above 0 however one plays."""
    def surely(self, goal: Marks) -> Marks:
        """From where some way of playing comes to ``goal`` with odds of 1."""
    def likeliest(self, goal: Marks) -> tuple[list[int], float] | None:
        """The likeliest way from the start to ``goal``: of each situation on it, which of its moves; and the odds."""
    def fate(self) -> NDArray[np.int16]:
        """Of every situation: see ``columns``."""
    def longest(self) -> int:
        """The most moves that a tale can have; -1: there is no such number."""
    def columns(self) -> dict[str, Any]:
        """``fate`` of every situation (the number of an ending, -1: not expanded, -2: it goes on, -3: a dead end), ``first`` move
        of every situation, ``target`` and ``weight`` (in ``weights``) of every move and ``move``, which it is (empty: all weights
        are 1, moves as ``links`` says), ``chosen``: how many of its moves the player chooses from. Where it was ``watched``, also which
        ``situation`` each is but the last two, and whether ``after`` has come (``due``)."""
