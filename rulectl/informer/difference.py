"""What a complete list changes against the store; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rulectl.informer.change import Added, Change, Deleted, Updated
from rulectl.informer.step import Replace
from rulectl.kube.leaves import EVERYTHING
from rulectl.kube.object import KubeObject
from rulectl.kube.projection import Projection
from rulectl.resource import ObjectKey


@dataclass(slots=True)
class Difference:
    """`objects` is the new content of the store."""

    objects: dict[ObjectKey, KubeObject]
    changes: list[Change] = field(default_factory=list)
    deleted: list[Deleted] = field(default_factory=list)
    suppressed: int = 0
    stale: int = 0


def difference(
    old: Mapping[ObjectKey, KubeObject], replace: Replace, projection: Projection, *, guard: bool = True
) -> Difference:
    """From `old` to the list, in the fields of `projection` (the one that `old` was read with).

    `guard`: an item older than what the store has is dropped. (Not if the list was read with other fields:
    an object without the fields that are now asked for would be worse.)

    An item that could not be read exists: what the store has of it stays. If even its name could not be
    read, it may be any of the objects that the list lacks, so none of them is held for deleted.
    """
    result = Difference(dict(replace.objects))
    for key, new in replace.objects.items():
        known = old.get(key)
        if known is not None and guard and not replace.backwards and is_older(new, known):
            result.objects[key] = known
            result.stale += 1
        else:
            _compare(key, known, new, projection, result)
    unreadable = {item.key: item.uid for item in replace.broken}
    for key, gone in old.items():
        if key in replace.objects:
            continue
        if None in unreadable or (key in unreadable and unreadable[key] in ("", gone.uid)):
            result.objects[key] = gone
        else:
            result.deleted.append(Deleted(key, gone, final_state_known=False))
    return result


def changes_of(key: ObjectKey, old: KubeObject | None, new: KubeObject, projection: Projection) -> tuple[Change, ...]:
    """What `new` in the place of `old` is told as; nothing if no kept field changed."""
    if old is None:
        return (Added(key, new),)
    if old.uid != new.uid:
        return (Deleted(key, old, final_state_known=False), Added(key, new))
    if old.resource_version == new.resource_version != "":
        return ()
    leaves = projection.changed(old, new)
    if leaves == 0 or (leaves == EVERYTHING and projection.equal(old, new)):
        return ()
    return (Updated(key, old, new, leaves),)


def is_older(item: KubeObject, known: KubeObject) -> bool:
    """Whether `item` is an earlier state of the same object; False where versions are no numbers."""
    version, newest = item.resource_version, known.resource_version
    if version == newest or not (version.isdecimal() and newest.isdecimal()) or item.uid != known.uid:
        return False
    return int(version) < int(newest)


def _compare(
    key: ObjectKey, known: KubeObject | None, new: KubeObject, projection: Projection, result: Difference
) -> None:
    changes = changes_of(key, known, new, projection)
    result.changes += changes
    if known is not None and not changes and known.resource_version != new.resource_version:
        result.suppressed += 1
