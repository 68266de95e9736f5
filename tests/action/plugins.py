"""Plugins as other people write them, good ones and others."""
# ruff: noqa: ARG002 - what they are given they need not use

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

import msgspec

from rulectl.action import (
    ActionContext,
    Done,
    Duration,
    Outcome,
    Permission,
    SecretSource,
    action,
)
from rulectl.resource import Kind
from rulectl.value import Value


@dataclass(frozen=True, slots=True)
class Room:
    """Where to post."""

    name: str
    """The room's name."""
    server: str = "chat.example"

    def __post_init__(self) -> None:
        if self.name.startswith("#"):
            raise ValueError("a room's name comes without #")


@dataclass(frozen=True, slots=True)
class Page:
    """Page somebody.

    And a second paragraph.
    """

    name: ClassVar[str] = "page"

    room: Room
    text: str
    """What they read."""
    urgency: Literal["low", "high"] = "low"
    repeat_after: Duration = 300.0
    """How long until it is said again."""
    times: Annotated[int, msgspec.Meta(ge=0, le=10, description="How often.")] = 1
    ratio: float = 0.5
    users: tuple[str, ...] = ()
    tags: Mapping[str, str | None] = field(default_factory=dict)
    token: SecretSource | None = None
    extra: object = None
    to: str | Sequence[str] = "all"

    def run(self, context: ActionContext) -> Outcome:
        return Done(f"{context.key} {self.text}")


def _may_read_nodes(parameters: Mapping[str, Value], acted_on: Kind) -> tuple[Permission, ...]:
    return (Permission(acted_on if parameters.get("own") else Kind("v1", "Node"), ("get",)),)


@action(permissions=_may_read_nodes)
def ring_bell(context: ActionContext, times: int, bell_name: str = "front", own: bool = False) -> None:
    """Ring a bell.

    Args:
        times: How often
            it rings.
        bell_name: Which one.
    """
    context.log(f"{bell_name} {'ding ' * times}{own}")


@action("wave")
def _greet(context: ActionContext) -> Outcome:
    return Done(context.rule)


async def later(context: ActionContext) -> None: ...


def without_context() -> None: ...


def with_rest(context: ActionContext, *rest: str) -> None: ...


def without_type(context: ActionContext, room) -> None: ...  # type: ignore[no-untyped-def]  # noqa: ANN001


def with_set(context: ActionContext, rooms: set[str]) -> None: ...


@dataclass
class WithoutRun:
    room: str


class NoDataclass:
    name = "noDataclass"

    def run(self, context: ActionContext) -> Outcome:
        return Done()


@dataclass
class Reserved:
    name: ClassVar[str] = "timeout"

    def run(self, context: ActionContext) -> Outcome:
        return Done()
