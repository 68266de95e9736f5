"""What the server says to a request: a whole answer, or none at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from rulectl.sandbox.status import ApiError
from rulectl.value import encode

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer; the transport gives it `delay_seconds` after the request came."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": JSON})
    delay_seconds: float = 0.0


class Silence(StrEnum):
    """How a request can end without an answer."""

    REFUSE = "refuse"
    """The connection is not accepted."""
    RESET = "reset"
    """The connection is cut before a byte has come back."""
    HANG = "hang"
    """The connection stays open and nothing ever comes back."""


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The request gets no answer; the transport shows this `delay_seconds` after it came."""

    silence: Silence
    delay_seconds: float = 0.0


Reply: TypeAlias = Answer | NoAnswer


def json_answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer with a JSON body."""
    return Answer(status, encode(value), {"Content-Type": JSON, **(headers or {})})


def plain_answer(text: str, status: int = 200) -> Answer:
    """An answer with a text body."""
    return Answer(status, text.encode(), {"Content-Type": "text/plain; charset=utf-8"})


def refusal(error: ApiError) -> Answer:
    """The answer that tells of an error."""
    return json_answer(error.body(), error.code, error.headers)
