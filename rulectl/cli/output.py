"""How commands write: the choice of ``-o``, and colour only where a person looks at it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import click

_Function = TypeVar("_Function", bound=Callable[..., Any])


class Terminal(Protocol):
    """The part of an output stream that says whether a person looks at it."""

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        ...


@dataclass(frozen=True, slots=True)
class Palette:
    """Paints text by what it means; without colour it gives the text as it is."""

    colour: bool = False

    def good(self, text: str) -> str:
        """Something went well."""
        return self._paint(text, fg="green")

    def bad(self, text: str) -> str:
        """Something went wrong."""
        return self._paint(text, fg="red")

    def warning(self, text: str) -> str:
        """Something wants to be looked at."""
        return self._paint(text, fg="yellow")

    def name(self, text: str) -> str:
        """What to look for first."""
        return self._paint(text, bold=True)

    def quiet(self, text: str) -> str:
        """What may be overlooked."""
        return self._paint(text, dim=True)

    def _paint(self, text: str, **style: Any) -> str:
        return click.style(text, **style) if self.colour and text else text


def palette_for(stream: Terminal) -> Palette:
    """Colour if `stream` is a terminal that can show it and nobody objects (https://no-color.org)."""
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Palette(wanted and stream.isatty())


def output_option(*formats: str) -> Callable[[_Function], _Function]:
    """``-o``/``--output`` as the parameter `output`; the first format is the default."""
    return click.option(
        "-o",
        "--output",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="How to write the result.",
    )


def one_line(text: str) -> str:
    """`text` on one line, without control characters: what comes from a cluster must not steer a terminal."""
    joined = " ".join(text.split())
    if joined.isprintable():
        return joined
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in joined)


def shortened(text: str, width: int) -> str:
    """`text`, cut to `width` characters with an ellipsis."""
    return text if len(text) <= width else f"{text[: width - 1]}\N{HORIZONTAL ELLIPSIS}"
