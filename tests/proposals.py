"""What the library takes for somebody's reason, proposed to the slow interpreter, which judges it for itself."""

from __future__ import annotations

from everytale.ground import another, ground
from everytale.minds import intention
from everytale.story import Story
from everytale.world import State, World
from tests.reference import Mind, Tale


def judge(story: Story, *, minds: int, horizon: int, within: int | None) -> Tale:
    """The slow interpreter, under the limits of a search, to judge what was found; what the library takes for reasons is proposed to it."""
    return Tale(story, minds=minds, horizon=horizon, proposals=Proposals(story, minds=minds, horizon=horizon, within=within))


class Proposals:
    """Proposes the library's intentions, asked in a state that is made to be what the interpreter takes somebody's mind to be: so what
    the library thinks of how states follow one another does not matter."""

    def __init__(self, story: Story, *, minds: int, horizon: int, within: int | None) -> None:
        self._world = ground(story, minds=minds, horizon=horizon, within=within)
        self._worlds: dict[int, World] = {}
        """By the budget: the horizon of those who are asked."""

    def __call__(self, mind: Mind, person: str, move: str, budget: int) -> tuple[str, ...]:
        if budget not in self._worlds:
            self._worlds[budget] = another(self._world, horizon=budget)
        world = self._worlds[budget]
        found = intention(self._state(world, mind), world.move(move), person)
        return tuple(str(step) for step in found.plan) if found else ()

    def _state(self, world: World, mind: Mind) -> State:
        """The state that is that mind: any of its owner's, as deep in, with other values."""
        other = next(person for person in (*world.story.people, None) if person != mind.owner)
        inwards = [mind.owner if (mind.level - level) % 2 == 0 else other for level in range(1, mind.level + 1)]
        return self._revised(world.start.believes(*filter(None, inwards)), (), mind)

    def _revised(self, state: State, chain: tuple[str, ...], mind: Mind) -> State:
        for fluent, value in state.believes(*chain).values().items():
            if value != mind.value((fluent.key, fluent.arguments)):
                state = state.supposing(chain, fluent, mind.value((fluent.key, fluent.arguments)))
        for person, inner in mind.believed:
            state = self._revised(state, (*chain, person), inner)
        return state
