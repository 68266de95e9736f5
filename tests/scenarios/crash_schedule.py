"""Schedules of operations, drawn from a seed, played, and made shorter when they fail."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tests.scenarios.crash_check import count, faults_of
from tests.scenarios.crash_rules import RULES
from tests.scenarios.crash_stores import Place
from tests.scenarios.crash_world import ANCHOR, ANSWERS, FAULTS, MAPS, NAMES, Counted, Op, World

VALUES = ("A", "B", "C", None)
PHASES = ("Running", "Running", "Pending", "Succeeded")
WAITS = (0.003, 0.05, 1.0, 6.0, 20.0, 70.0, 400.0, 1100.0)


@dataclass(frozen=True, slots=True)
class Mood:
    """What one schedule is about: a few things that go wrong often tell more than everything now and then."""

    kinds: tuple[str, ...]
    names: tuple[str, ...]
    values: tuple[str | None, ...]
    answers: tuple[str, ...]
    faults: tuple[str, ...]


def schedule(seed: int, length: int = 40) -> list[Op]:
    """The schedule of a seed: the same on every machine."""
    rng = random.Random(seed)
    mood = _mood(rng)
    ops: list[Op] = []
    while len(ops) < length:
        kind = rng.choices(mood.kinds, weights=[_DRAW[kind][0] for kind in mood.kinds])[0]
        ops.append(Op(kind, _DRAW[kind][1](rng, mood)))
        if rng.random() < 0.6:
            ops.append(Op("settle"))
        if rng.random() < 0.15:
            ops.append(Op("start"))
    return ops


def drawn_rules(seed: int) -> tuple[str, ...]:
    """The rules that are loaded for the schedule of a seed."""
    rng = random.Random(~seed)
    drawn = set(rng.sample(RULES, 4))
    return tuple(name for name in RULES if name in drawn)


def _mood(rng: random.Random) -> Mood:
    always = ("annotate", "create", "start")
    return Mood(
        kinds=tuple(kind for kind in _DRAW if kind in always or rng.random() < 0.6),
        names=tuple(rng.sample(NAMES, rng.randint(1, len(NAMES)))),
        values=tuple(rng.sample(VALUES, rng.randint(2, len(VALUES)))),
        answers=tuple(rng.sample(list(ANSWERS), rng.randint(1, len(ANSWERS)))),
        faults=tuple(rng.sample(list(FAULTS), rng.randint(1, len(FAULTS)))),
    )


def _meddling(rng: random.Random, mood: Mood) -> Op:
    kind = rng.choice(["annotate", "annotate", "delete", "recreate", "phase", "tier", "alarm"])
    return Op(kind, _DRAW[kind][1](rng, mood))


_DRAW: dict[str, tuple[float, Callable[[random.Random, Mood], tuple[object, ...]]]] = {
    "annotate": (24, lambda r, m: (r.choice((*m.names, *m.names, ANCHOR)), r.choice(m.values))),
    "tier": (5, lambda r, m: (r.choice(m.names), r.choice(("x", "y", None)))),
    "alarm": (8, lambda r, m: (r.choice(m.names), r.choice(("on", "on", "off", None)))),
    "phase": (9, lambda r, m: (r.choice(m.names), r.choice(PHASES))),
    "noise": (2, lambda r, m: (r.choice(m.names), r.choice("12"))),
    "delete": (6, lambda r, m: (r.choice(m.names),)),
    "create": (14, lambda r, m: (r.choice(m.names), r.choice(m.values), r.choice(PHASES))),
    "recreate": (4, lambda r, m: (r.choice(m.names), r.choice(m.values))),
    "config": (6, lambda r, _: (r.choice(MAPS), r.choice("012"))),
    "answer": (14, lambda r, m: tuple(r.choice(m.answers) for _ in range(r.randint(1, 5)))),
    "fault": (6, lambda r, m: (r.choice(m.faults),)),
    "compact": (2, lambda *_: ()),
    "fail_store": (3, lambda r, _: (r.random() < 0.5,)),
    "meddle": (7, lambda r, m: (r.choice(("request", "intent")), _meddling(r, m))),
    "crash": (14, lambda r, _: (r.choice((1, 2, 3, 4, 5, 6, 8, 10, 14, 20, 30)),)),
    "kill": (4, lambda r, _: (r.choice((0, 0, 1, 3)),)),
    "wait": (12, lambda r, _: (r.choice(WAITS),)),
    "start": (12, lambda *_: ()),
    "stop": (3, lambda *_: ()),
    "edit": (1, lambda *_: ()),
}
"""Each kind of operation: how often it comes, and how its arguments are drawn."""


def play(ops: Iterable[Op], place: Place, names: tuple[str, ...] = RULES) -> tuple[list[str], Counted]:
    """Plays a schedule from its beginning to a quiet end; what was wrong, and what was counted."""
    world = World(place, names)
    for op in ops:
        world.do(op)
    world.heal()
    count(world)
    return faults_of(world), world.counted


def shortened(ops: list[Op], fails: Callable[[list[Op]], bool]) -> list[Op]:
    """A schedule that still fails, of which no piece can be left out."""
    size = max(1, len(ops) // 2)
    while True:
        position, removed = 0, False
        while position < len(ops):
            shorter = ops[:position] + ops[position + size :]
            if shorter and fails(shorter):
                ops, removed = shorter, True
            else:
                position += size
        if not removed and size == 1:
            return ops
        size = size if removed and size == 1 else max(1, size // 2)
