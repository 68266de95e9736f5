"""Who is told of an update: by its fields, and by screens that stand for many handlers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rulectl.fields import FieldTree, tree_of
from rulectl.informer.audience import Audience
from rulectl.informer.change import Added, Notice, Updated
from rulectl.informer.counters import Counters
from rulectl.informer.registration import Registration
from rulectl.informer.screen import Seat
from rulectl.kube.projection import Projection
from rulectl.value import encode

PHASE, LABELS = tree_of("status", "phase"), tree_of("metadata", "labels", "app")
PROJECTION = Projection(PHASE | LABELS)


class Some:
    """A screen that lets through what is in `wanted`, and notes what it was asked."""

    def __init__(self, *wanted: int) -> None:
        self.wanted = wanted
        self.asked: list[tuple[int, ...]] = []

    def called(self, update: Updated, seats: Sequence[int], asked: int) -> Iterable[int]:  # noqa: ARG002 - see Screen
        assert asked == sum(1 << seat for seat in seats)
        self.asked.append(tuple(seats))
        return [seat for seat in seats if seat in self.wanted]


def registered(told: list[str], name: str, tree: FieldTree, seat: Seat | None = None) -> Registration:
    def handler(notice: Notice) -> None:
        told.append(f"{name} {type(notice).__name__.lower()}")

    made = Registration(handler, tree, Counters(), is_narrow=True, seat=seat)
    made.read_with(PROJECTION)
    return made


def update(phase: str) -> Updated:
    old, new = (
        PROJECTION.decode(encode({"metadata": {"name": "a", "labels": {"app": "x"}}, "status": {"phase": one}}))
        for one in ("Pending", phase)
    )
    return Updated(new.key, old, new, PROJECTION.changed(old, new))


def test_a_screen_is_asked_once_for_all_its_handlers_whose_fields_changed() -> None:
    told: list[str] = []
    screen = Some(1)
    seats = [registered(told, f"seat {number}", PHASE, Seat(screen, number)) for number in range(3)]
    other = registered(told, "seat 3", LABELS, Seat(screen, 3))
    Audience([*seats, other, registered(told, "plain", PHASE)]).tell([update("Running")])
    assert screen.asked == [(0, 1, 2)]
    assert told == ["plain updated", "seat 1 updated"]


def test_what_is_no_update_passes_every_screen() -> None:
    told: list[str] = []
    screen = Some()
    new = update("Running").new
    Audience([registered(told, "seat 0", PHASE, Seat(screen, 0))]).tell([Added(new.key, new)])
    assert (told, screen.asked) == (["seat 0 added"], [])
