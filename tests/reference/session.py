"""A tale in which a human plays one of the people, step by step, as docs/semantics.md, section 6, tells it: the slow twin of the core's."""

from __future__ import annotations

from collections import Counter
from copy import copy
from fractions import Fraction

from everytale.chance import Chance
from everytale.play import Option, Played, Turn
from everytale.story import Ending, Story
from everytale.telling import Told
from everytale.telling.script import Script
from everytale.telling.tell import MOVES, Teller
from everytale.world import GroundMove, State, UnknownMove, World

MOST_BETWEEN = 1000


class SlowSession:
    """A session of ``world`` at the shoulder of the player; ``departure``: the number of the move made before that did not fit, and why."""

    def __init__(self, world: World, player: str, seed: int, made: tuple[Played, ...] = ()) -> None:
        self.world, self.player, self.seed = world, player, seed
        self.story: Story = world.story
        self.script = Script(world, player)
        self.turns: list[Turn] = []
        self.chances: list[Chance] = []
        self.departure: tuple[int, str] | None = None
        self.restore(0, Chance(seed, MOVES))
        self.opening = self.end()
        for number, one in enumerate(made, start=1):
            reason = self.obstacle(one)
            if reason is not None:
                self.departure = number, reason
                break
            self.repeat(one)
        self.go_on()

    @property
    def state(self) -> State:
        return self.turns[-1].after if self.turns else self.world.start

    def choose(self, index: int) -> None:
        option = self.options[index]
        if option.move is None:
            self.draw(option)
        else:
            self.make(option.move, option, copy(self.chance))
        self.go_on()

    def rewind(self, number: int) -> None:
        self.restore(number, self.chances[number])

    def restore(self, number: int, chance: Chance) -> None:
        del self.turns[number:], self.chances[number:]
        self.chance = copy(chance)
        self.voice = Teller(self.script, self.seed)
        for turn in self.turns:
            self.voice.move(turn.move, turn.before, turn.after)
        self.look()

    def look(self) -> None:
        self.options: tuple[Option, ...] = ()
        self.drawn: list[tuple[GroundMove, Fraction]] = []
        self.stopped: str | None = None
        self.ending: Ending | None = self.state.ending
        if self.ending is not None:
            self.stopped = "ending"
            return
        own, self.drawn = self.state.choices(self.player)
        labels = {move: self.script.label(move, self.state, self.player) for move in own}
        often = Counter(labels.values())
        options = [Option(move, words if often[words] == 1 else f"{words} [{move}]") for move, words in labels.items()]
        self.options = (*options, *([Option(None, "Wait")] if own and self.drawn else []))
        if not own and not self.drawn:
            self.stopped = "dead end"

    def go_on(self) -> None:
        began = len(self.turns)
        while not self.options and self.stopped is None:
            if len(self.turns) - began >= MOST_BETWEEN:
                self.stopped = "length"
            else:
                self.draw(None)

    def draw(self, option: Option | None) -> None:
        chance = copy(self.chance)
        index = self.chance.pick([weight for _, weight in self.drawn])
        self.make(self.drawn[index][0], option, chance)

    def make(self, move: GroundMove, option: Option | None, chance: Chance) -> None:
        before = self.state
        after = before.after(move)
        told = self.voice.move(move, before, after)
        self.turns.append(Turn(move, option, before, after, told))
        self.chances.append(chance)
        self.look()
        if self.ending is not None:
            self.turns[-1] = Turn(move, option, before, after, (*told, *self.end()))

    def end(self) -> tuple[Told, ...]:
        return () if self.ending is None else self.voice.ending(self.ending, self.state)

    def repeat(self, one: Played) -> None:
        move, chance = self.world.move(one.move), copy(self.chance)
        if one.chosen:
            self.make(move, next(option for option in self.options if option.move == move), chance)
        else:
            self.chance.pick([weight for _, weight in self.drawn])
            self.make(move, self.options[-1] if self.options else None, chance)

    def obstacle(self, made: Played) -> str | None:
        try:
            move = self.world.move(made.move)
        except UnknownMove:
            return "the story has no such move"
        if self.stopped is not None:
            return f"the tale has ended before (“{self.ending.title}”)" if self.ending else "nothing more happens before it"
        if made.chosen:
            name = self.story.entity[self.player].label
            return None if any(option.move == move for option in self.options) else f"{name} cannot do that there"
        return None if any(drawn == move for drawn, _ in self.drawn) else "it cannot happen there"
