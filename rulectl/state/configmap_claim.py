"""Holding the head: taken over at the start, lost to whoever takes it over next."""

from __future__ import annotations

import dataclasses

from rulectl.errors import Conflict, NotFound, PermanentError, TransientError
from rulectl.state.configmap_error import broken
from rulectl.state.configmap_head import Head, head_of
from rulectl.state.configmap_layout import Layout, Names
from rulectl.state.configmap_object import Objects, Stored
from rulectl.state.configmap_payload import payload_of
from rulectl.state.digest import new_meta
from rulectl.state.holder import Holder
from rulectl.state.identity import Owner
from rulectl.value import decode

_ATTEMPTS = 5


class Lost(PermanentError):  # noqa: N818 - what has happened to the claim
    """The state is not this process's any more: it must end, as nothing it does can be recorded."""


class Claim:
    """The right to write the state: each write of the head is a compare-and-swap with the one before.

    Whoever takes the state over writes the head; from then on the process that had it gets conflicts. A
    conflict is never just tried again: what is there is read first, and must be this process's own.
    """

    def __init__(self, objects: Objects, names: Names, owner: Owner, holder: Holder, namespace: str) -> None:
        self._objects = objects
        self._names = names
        self._name = names.head
        self._owner = owner
        self._holder = holder
        self._namespace = namespace
        self._resource_version = ""
        self._written: list[bytes] = []
        """What the head may be if it is this process's: as last written for certain, and what was tried since."""

    def take(self) -> Head:
        """The head, taken over or made anew.

        Raises:
            PermanentError: the state is damaged, another cluster's, or of a newer format.
            TransientError: others are taking it over at this moment.
        """
        for _ in range(_ATTEMPTS):
            found = self._objects.read(self._name)
            try:
                if found is None:
                    return self._begin_anew()
                head = self._read(found)
                self._owner.check(head.owner, f"the state in namespace {self._namespace}")
                mine = dataclasses.replace(head, owner=self._owner, holder=self._holder, epoch=head.epoch + 1)
                document = mine.document()
                self._resource_version = self._objects.replace(self._name, payload_of(document), found.resource_version)
            except Conflict:
                continue  # the one that has it wrote once more, or another is starting: read again
            self._written = [document]
            return mine
        raise TransientError(
            f"the state {self._owner.name} in namespace {self._namespace} is being written by other processes"
            " all the time; see that one rulectl runs with this --name, then start again"
        )

    def write(self, head: Head) -> None:
        """Replaces the head by `head`; when it returns, that is durable.

        Raises:
            Lost: another process has taken the state over, or the head was deleted.
            TransientError: whether it was written is not known. It counts as not done, and the next write
                makes it so.
        """
        document = head.document()
        try:
            self._replace(document)
        except Conflict:
            # Another's, or this process's own whose answer was lost, or nothing but metadata: read it first.
            self.check()
            try:
                self._replace(document)
            except Conflict as error:
                raise TransientError(f"another program changes the ConfigMap {self._name} all the time") from error

    def check(self) -> None:
        """Makes sure, by reading it, that the state is still this process's. Raises Lost."""
        found = self._objects.read(self._name)
        if found is None:
            raise Lost(str(broken(self._namespace, f"the ConfigMap {self._name} was deleted")))
        head = self._read(found)
        if not head.is_of(self._holder):
            raise Lost(
                f"another rulectl has taken over the state {self._owner.name} in namespace {self._namespace}:"
                f" {head.holder}. This process can record nothing any more and ends;"
                " see that one rulectl runs with this --name, or use --leader-elect"
            )
        # A write whose answer was lost may be there, or may still come: it counts as not done, and the next
        # write replaces all of it.
        if found.document() not in map(decode, self._written):
            raise Lost(str(broken(self._namespace, f"the ConfigMap {self._name} was changed by hand")))
        self._resource_version = found.resource_version

    def _replace(self, document: bytes) -> None:
        self._written.append(document)
        try:
            self._resource_version = self._objects.replace(self._name, payload_of(document), self._resource_version)
        except NotFound as error:
            raise Lost(str(broken(self._namespace, f"the ConfigMap {self._name} was deleted"))) from error
        except PermanentError:
            self._written.pop()
            raise
        self._written = [document]

    def _begin_anew(self) -> Head:
        remains = sorted(name for name in self._objects.read_all() if self._names.is_one(name))
        if remains:
            why = f"the ConfigMap {self._name} is not there, but {len(remains)} others are ({remains[0]}, ...)"
            raise broken(self._namespace, why)
        head = Head(self._owner, self._holder, epoch=1, sequence=0, layout=Layout(), meta=new_meta())
        document = head.document()
        self._resource_version = self._objects.create(self._name, payload_of(document))
        self._written = [document]
        return head

    def _read(self, found: Stored) -> Head:
        try:
            return head_of(found.document())
        except ValueError as error:
            raise broken(self._namespace, str(error)) from error
