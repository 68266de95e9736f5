"""What a person asks of the state: to let held runs go, to try again, to forget."""

from __future__ import annotations

from typing import TypeAlias

import msgspec


class Ack(msgspec.Struct, frozen=True, tag="ack"):
    """The objects whose ends the guard holds are gone indeed: their runs may start."""

    rule: str


class Retry(msgspec.Struct, frozen=True, tag="retry"):
    """What failed for good is tried again, with the same `old`; `name` (and `namespace`) empty: for all objects."""

    rule: str
    namespace: str = ""
    name: str = ""


class Resume(msgspec.Struct, frozen=True, tag="resume"):
    """A paused rule goes on; what was owed meanwhile is run."""

    rule: str


class Rename(msgspec.Struct, frozen=True, tag="rename"):
    """The records of rule `old` are from now on those of `new`, a rule that has none yet."""

    old: str
    new: str


class Clear(msgspec.Struct, frozen=True, tag="clear"):
    """All that is remembered of a rule is forgotten: it is new at its next start."""

    rule: str


Request: TypeAlias = Ack | Retry | Resume | Rename | Clear

_decoder = msgspec.json.Decoder(Request)


def encode_request(request: Request) -> bytes:
    """The request as JSON."""
    return msgspec.json.encode(request)


def decode_request(data: bytes) -> Request:
    """The request in `data`.

    Raises:
        ValueError: it is none.
    """
    request: Request = _decoder.decode(data)
    return request
