"""The messages between rulectl and a plugin's process: one JSON object a line, no pickles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import msgspec

from rulectl.action.contract import DryRun, Level
from rulectl.action.egress import EgressDenied
from rulectl.action.http.port import HttpRequest
from rulectl.action.kube import PatchType
from rulectl.action.secret import SecretKeyRef
from rulectl.errors import (
    Conflict,
    Forbidden,
    Gone,
    NotFound,
    PermanentError,
    RulectlError,
    TransientError,
    Unreachable,
    UsageError,
)
from rulectl.fields import FieldTree
from rulectl.resource import Kind, ObjectKey, Resource

LONGEST_LINE = 16 << 20
"""Bytes; a plugin that sends more at once is killed."""


class Frame(msgspec.Struct, frozen=True, tag_field="frame", tag=str.lower):
    """A message."""


class Surroundings(msgspec.Struct, frozen=True):
    """What of an `ActionContext` can be written down."""

    rule: str
    action: str
    obj: Any
    resource: Resource
    key: ObjectKey
    uid: str
    seconds: float
    """Until the deadline."""
    idempotency_key: str
    known: FieldTree
    attempt: int
    dry_run: DryRun
    allow_exec: bool


class Call(Frame, frozen=True):
    """To the plugin: act, or say what you would do. `target` is ``module:name``."""

    target: str
    name: str
    verb: Literal["run", "describe"]
    parameters: dict[str, Any]
    context: Surroundings


class Answer(Frame, frozen=True):
    """To the plugin: what came of its question; `fault` is the name of an exception, empty: none."""

    value: Any = None
    fault: str = ""
    message: str = ""
    status: int = 0
    retry_after_seconds: float | None = None


class Say(Frame, frozen=True):
    """From the plugin: a line for the log."""

    line: str
    level: Level


class Over(Frame, frozen=True):
    """From the plugin: the call has ended; `kind` as in `rulectl.action.outcome`, ``described`` with a description."""

    kind: Literal["done", "unchanged", "retryafter", "failed", "crashed", "described"]
    message: str = ""
    seconds: float | None = None
    result: Any = None
    traceback: str = ""


class Get(Frame, frozen=True):
    """See `Kube.get`."""

    resource: Resource
    key: ObjectKey
    subresource: str
    timeout_seconds: float


class ListObjects(Frame, frozen=True):
    """See `Kube.list`."""

    resource: Resource
    namespace: str
    label_selector: str
    field_selector: str
    timeout_seconds: float


class Create(Frame, frozen=True):
    """See `Kube.create`."""

    resource: Resource
    namespace: str
    body: Any
    field_manager: str
    dry_run: bool
    timeout_seconds: float


class Update(Frame, frozen=True):
    """See `Kube.update`."""

    resource: Resource
    key: ObjectKey
    body: Any
    subresource: str
    field_manager: str
    dry_run: bool
    timeout_seconds: float


class Patch(Frame, frozen=True):
    """See `Kube.patch`."""

    resource: Resource
    key: ObjectKey
    body: Any
    patch_type: PatchType
    subresource: str
    field_manager: str
    force: bool
    dry_run: bool
    timeout_seconds: float


class Delete(Frame, frozen=True):
    """See `Kube.delete`."""

    resource: Resource
    key: ObjectKey
    uid: str
    resource_version: str
    propagation: str
    grace_seconds: int | None
    dry_run: bool
    timeout_seconds: float


class Resolve(Frame, frozen=True):
    """See `Resolver`."""

    kind: Kind


class Send(Frame, frozen=True):
    """See `HttpClient.send`; the egress policy is this side's."""

    request: HttpRequest
    timeout_seconds: float
    max_bytes: int


class Read(Frame, frozen=True):
    """See `SecretReader`."""

    reference: SecretKeyRef | None
    file: str | None
    namespace: str
    again: bool


Question: TypeAlias = Get | ListObjects | Create | Update | Patch | Delete | Resolve | Send | Read
FromPlugin: TypeAlias = Say | Over | Question
ToPlugin: TypeAlias = Call | Answer

_encoder = msgspec.json.Encoder()
_from_plugin: msgspec.json.Decoder[FromPlugin] = msgspec.json.Decoder(FromPlugin)
_to_plugin: msgspec.json.Decoder[ToPlugin] = msgspec.json.Decoder(ToPlugin)
_FAULTS: Mapping[str, type[RulectlError]] = {
    fault.__name__: fault
    for fault in (
        Conflict,
        EgressDenied,
        Forbidden,
        Gone,
        NotFound,
        PermanentError,
        TransientError,
        Unreachable,
        UsageError,
    )
}


def line_of(frame: Frame) -> bytes:
    """`frame` as it is sent."""
    return _encoder.encode(frame) + b"\n"


def from_plugin(line: bytes) -> FromPlugin:
    """What a plugin's process sent.

    Raises:
        ValueError: it is none of the messages.
    """
    return _from_plugin.decode(line)


def to_plugin(line: bytes) -> ToPlugin:
    """What a plugin's process was sent."""
    return _to_plugin.decode(line)


def fault_answer(fault: RulectlError) -> Answer:
    """A fault as an answer; one that is not known by name goes as the nearest above it that is."""
    name = next(kind.__name__ for kind in type(fault).__mro__ if kind.__name__ in _FAULTS or kind is RulectlError)
    seconds = fault.retry_after_seconds if isinstance(fault, TransientError) else None
    status = fault.status if isinstance(fault, TransientError | PermanentError) else 0
    return Answer(None, name, str(fault), status, seconds)


def fault_of(answer: Answer) -> RulectlError:
    """The exception that `answer` stands for."""
    kind = _FAULTS.get(answer.fault, PermanentError)
    if issubclass(kind, TransientError):
        return kind(answer.message, retry_after_seconds=answer.retry_after_seconds, status=answer.status)
    if issubclass(kind, PermanentError):
        return kind(answer.message, status=answer.status)
    return kind(answer.message)
