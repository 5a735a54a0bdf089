"""How long it takes to check a story of 5,000 lines.

The story is generated: half of its lines are prose, the rest is what a long one would have, many people, facts, wants, moves and tests.
Prints one row for each stage; the goal is less than a second for all of them together.
"""

from __future__ import annotations

import time

from everytale.diagnostics import Source, Span, StoryError
from everytale.ground import ground
from everytale.language import read_story

LINES = 5_000
GOAL = 1.0

_HEAD = """\
tale "A Long One"
teller P0
minds 1
horizon 2
kind person: P0 (she), P1 (he), P2 (they), P3 (she)
kind place: square, bridge, attic
fact at(person): place
fact evening: yes or no
start
    at(everybody) = square
stage outside: p with at(p) = square and not evening
event nightfall
    if not evening
    then evening
    told: It was dark.
"""
_CHAPTER = """
# ---- chapter {n} ----
fact heard_{n}(p: person): yes or no, known to p
fact count_{n}: 0 to 4
wants P{who}
    +2 heard_{n}(P{other}) and count_{n} > 1        because "it had to be said some day"
    -1 each count_{n}                              because "once was enough"
action whisper_{n} by P{who} to P{other} in outside
    if not heard_{n}(P{other}) and (count_{n} < 3 or P{other} believes heard_{n}(P{who}))
    then heard_{n}(P{other}), count_{n} rises
    weight 3 when count_{n} = 0, 1
    told when first time
        {{P{who}}} looked round the square, and bent down to {{P{other}.him}}, and said the thing that {{P{who}.he}} had
        been keeping all the week in the pocket where other people have a handkerchief.

        "I had rather that you did not repeat it," said {{P{who}}}; and {{P{other}}} promised, and meant it, for as
        long as it takes to cross a square.
    told
        {{P{who}}} said it again. It had not improved.
      | "As I was saying," said {{P{who}}}, who had not been.
trigger overheard_{n}
    upon count_{n} = 2
    then everybody believes count_{n} = 2
    told: It got about.
test "chapter {n}"
    given count_{n} = 1
    expect that count_{n} = 1 and not heard_{n}(P{other})
"""


def story(lines: int = LINES) -> str:
    """A story of about so many lines."""
    text, chapter = [_HEAD], 0
    length = _HEAD.count("\n")
    while length < lines:
        people = {"who": chapter % 4, "other": (chapter + 1) % 4}
        text.append(_CHAPTER.format(n=chapter, **people))
        length += _CHAPTER.count("\n")
        chapter += 1
    return "".join(text)


def no_file(name: str, span: Span) -> Source:
    raise StoryError(())


def main() -> None:
    source = Source("long.tale", story())
    begun = time.perf_counter()
    found, diagnostics = read_story(source, no_file)
    read = time.perf_counter() - begun
    assert found is not None, diagnostics
    begun = time.perf_counter()
    ground(found)
    grounded = time.perf_counter() - begun
    lines = source.text.count("\n")
    print("| stage | lines | seconds | lines a second |\n| --- | ---: | ---: | ---: |")
    for stage, seconds in (("read", read), ("ground", grounded), ("check", read + grounded)):
        print(f"| {stage} | {lines:,} | {seconds:.2f} | {lines / seconds:,.0f} |")
    verdict = "Within" if read + grounded < GOAL else "Beyond"
    print(f"\n{len(diagnostics)} diagnostics. {verdict} the goal of {GOAL:.0f} second for `check`.")


if __name__ == "__main__":
    main()
