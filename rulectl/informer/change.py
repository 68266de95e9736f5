"""What an informer tells its handlers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from rulectl.kube.leaves import EVERYTHING
from rulectl.kube.object import KubeObject
from rulectl.resource import ObjectKey


@dataclass(frozen=True, slots=True)
class Added:
    """An object that this handler has not been told of.

    `initial`: it is not new now, the first complete list had it (or the store, for a handler that came late).
    It may be as old as the cluster, or made while nobody looked.
    """

    key: ObjectKey
    new: KubeObject
    initial: bool = False


@dataclass(frozen=True, slots=True)
class Updated:
    """The store replaced `old` with `new`, the same object (equal uids) with other kept fields.

    Several writes may lie between the two: after a cut watch, one re-list stands for all of them.
    Compare fields; never count Updated events. A write that changes no kept field is not told at all.
    """

    key: ObjectKey
    old: KubeObject
    new: KubeObject
    leaves: int = field(default=EVERYTHING, compare=False, repr=False)
    """Which kept fields differ, in the informer's own numbering; see `rulectl.kube.leaves`."""


@dataclass(frozen=True, slots=True)
class Deleted:
    """An object is gone, or has left the informer's selector: only a GET by name can tell the two apart.

    `final_state_known`: `old` is the state in which it went; else it went unseen and `old` is the last
    state that was seen. Same name and new uid is told as this one, followed by `Added`.
    """

    key: ObjectKey
    old: KubeObject
    final_state_known: bool


@dataclass(frozen=True, slots=True)
class Relisted:
    """A complete list has been absorbed: the first one, or one after a watch that could not go on.

    It follows the list's own `Added` and `Updated`. The objects that the list does not have any more come
    here, all together, and nowhere else: a guard against mass deletion must see them as one. (An object
    whose name stands for a new uid is not among them: its `Deleted` comes right before the `Added`.)

    A handler that came late gets one too, after its initial `Added`, with nothing deleted.
    """

    deleted: tuple[Deleted, ...]
    total: int
    """The objects that the list had, those included that could not be read; 0: it was empty."""
    resource_version: str
    initial: bool = False
    """This handler's first: from here on it has been told of everything."""
    consistent: bool = True
    """The list was read from the server's quorum; else it is only not older than what was known before."""
    backwards: bool = False
    """Versions run backwards: the server was restored from a backup. Compare contents, not versions."""


Change: TypeAlias = Added | Updated | Deleted
Notice: TypeAlias = Change | Relisted
