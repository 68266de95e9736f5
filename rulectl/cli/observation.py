"""What is worth a line when an object changes: the fields that differ, those asked for, under a condition; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rulectl.cli.difference import FieldChange, differences, without_noise
from rulectl.cli.output import Palette, one_line
from rulectl.cli.reporting import MASK, short_value
from rulectl.expression import RELATIVE_ROOT, Expression
from rulectl.fields import NOTHING
from rulectl.kube.object import KubeObject
from rulectl.predicate.term import truth
from rulectl.resource import Kind, ObjectKey
from rulectl.value import Value, encode, same

EventType: TypeAlias = Literal["added", "modified", "deleted"]
WHEN_ROOTS = ("object", "old", "event", "changes")

_SECRET = Kind("v1", "Secret")
_COPY_OF_DATA = "last-applied-configuration"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which changes are shown: of these fields only (none: of all), and only where `when` holds."""

    changed: tuple[Expression, ...] = ()
    when: Expression | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """One change of one object."""

    event: EventType
    kind: Kind
    key: ObjectKey
    uid: str
    changes: tuple[FieldChange, ...]


def observe(
    kind: Kind, old: KubeObject | None, new: KubeObject | None, shown: Filter, now: float
) -> Observation | None:
    """What changed from `old` to `new` (None: it was not, or is no longer there); None: nothing to show.

    Raises:
        EvaluationError: an expression has no value on this object.
    """
    one = new or old
    assert one is not None, "something was or is there"
    event: EventType = "added" if old is None else "deleted" if new is None else "modified"
    before, after = _value(old), _value(new)
    if shown.changed:
        changes = _asked_for(shown.changed, before, after, now)
    elif event == "modified":
        changes = differences(before, after)
    else:
        changes = []
    if not changes and (event == "modified" or shown.changed):
        return None
    if shown.when is not None:
        scope: dict[str, Value] = {
            "object": before if after is None else after,
            "old": None if event == "deleted" else before,
            "event": {"type": event, "time": None, "finalState": "known"},
            "changes": [{"path": one.path, "old": one.old, "new": one.new} for one in changes],
        }
        if not truth(shown.when.evaluate(scope, now)):
            return None
    if kind == _SECRET:
        changes = [_masked(change, shown.changed) for change in changes]
    return Observation(event, kind, one.key, one.uid, tuple(changes))


def text_of(observation: Observation, time: str, palette: Palette) -> str:
    """A line for the object, and one for each field."""
    paint = {"added": palette.good, "deleted": palette.bad}.get(observation.event, palette.warning)
    name = palette.name(str(observation.key))
    lines = [f"{palette.quiet(time)} {paint(observation.event)} {observation.kind.kind} {name}"]
    for change in observation.changes:
        old, new = palette.bad(short_value(change.old)), palette.good(short_value(change.new))
        lines.append(f"  {one_line(change.path)}: {old} -> {new}")
    return "\n".join(lines)


def json_of(observation: Observation, time: str) -> str:
    """One JSON object on one line; `time` is RFC 3339."""
    fields: dict[str, Value] = {
        "time": time,
        "event": observation.event,
        "apiVersion": observation.kind.api_version,
        "kind": observation.kind.kind,
        "namespace": observation.key.namespace,
        "name": observation.key.name,
        "uid": observation.uid,
        "changes": [{"path": one.path, "old": one.old, "new": one.new} for one in observation.changes],
    }
    return encode(fields).decode()


def _value(item: KubeObject | None) -> Mapping[str, Value] | None:
    return without_noise(item.value()) if item is not None else None


def _asked_for(
    paths: Sequence[Expression], old: Mapping[str, Value] | None, new: Mapping[str, Value] | None, now: float
) -> list[FieldChange]:
    found = []
    for path in paths:
        before = path.search(old, now) if old is not None else None
        after = path.search(new, now) if new is not None else None
        if not same(before, after):
            found.append(FieldChange(path.text, before, after))
    return found


def _masked(change: FieldChange, paths: Sequence[Expression]) -> FieldChange:
    """`change` without what a Secret keeps; that it changed may be seen."""
    written = encode([change.old, change.new]).decode()
    if not _reads_data(change, paths) and _COPY_OF_DATA not in change.path + written:
        return change
    old, new = (value if value is None else MASK for value in (change.old, change.new))
    return FieldChange(change.path, old, new)


def _reads_data(change: FieldChange, paths: Sequence[Expression]) -> bool:
    read = next((path.reads.get(RELATIVE_ROOT, NOTHING) for path in paths if path.text == change.path), None)
    if read is None:
        return change.path.split(".")[0] in {"data", "stringData", "@"}
    return any(read.child(name) is not None for name in ("data", "stringData"))
