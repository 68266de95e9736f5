"""How ``rulectl state`` reaches a rulectl that holds the state: letters, left beside it."""

from __future__ import annotations

import contextlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rulectl.errors import Conflict, NotFound, RulectlError, TransientError
from rulectl.kube.client import KubeClient
from rulectl.resource import Kind, ObjectKey, Resource
from rulectl.state.request import Request, decode_request, encode_request
from rulectl.value import Value, mapping, text

_CONFIG_MAPS = Resource(Kind("v1", "ConfigMap"), "configmaps", namespaced=True)
_ANSWER = "answer-"
MAILBOX_OF = "rulectl.dev/mailbox-of"
"""The label of the ConfigMap that holds letters: it is rulectl's own, and none of the state's shards."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A request, and the number by which its answer is asked for."""

    number: str
    request: Request


class Mailbox(Protocol):
    """Letters from one process to another, each answered with a line of text."""

    def post(self, request: Request) -> str:
        """Leaves a letter; its number is for `answer`."""
        ...

    def letters(self) -> list[Letter]:
        """The letters that are not answered, oldest first; what is no letter is taken away."""
        ...

    def reply(self, number: str, line: str) -> None:
        """Answers a letter, which is gone then."""
        ...

    def answer(self, number: str) -> str | None:
        """The answer, taken away; None: there is none yet."""
        ...

    def withdraw(self, number: str) -> None:
        """Takes a letter back that nobody has answered."""
        ...


@dataclass(frozen=True, slots=True)
class FolderMailbox:
    """Letters as files in a folder beside the state file, for this user alone."""

    folder: Path

    def post(self, request: Request) -> str:
        """See `Mailbox.post`."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        number = secrets.token_hex(8)
        self._write(f"{number}.json", encode_request(request))
        return number

    def letters(self) -> list[Letter]:
        """See `Mailbox.letters`."""
        found = []
        try:
            paths = sorted(self.folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
        except OSError:
            return []
        for path in paths:
            try:
                found.append(Letter(path.stem, decode_request(path.read_bytes())))
            except (OSError, ValueError):
                with contextlib.suppress(OSError):
                    path.unlink()
        return found

    def reply(self, number: str, line: str) -> None:
        """See `Mailbox.reply`."""
        self._write(f"{number}.answer", line.encode())
        self.withdraw(number)

    def answer(self, number: str) -> str | None:
        """See `Mailbox.answer`."""
        path = self.folder / f"{number}.answer"
        try:
            line = path.read_text()
        except OSError:
            return None
        with contextlib.suppress(OSError):
            path.unlink()
        return line

    def withdraw(self, number: str) -> None:
        """See `Mailbox.withdraw`."""
        with contextlib.suppress(OSError):
            (self.folder / f"{number}.json").unlink()

    def _write(self, name: str, data: bytes) -> None:
        draft = self.folder / f".{name}.{secrets.token_hex(4)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        draft.replace(self.folder / name)


@dataclass(frozen=True, slots=True)
class ConfigMapMailbox:
    """Letters as entries of one ConfigMap; `labels` mark it as rulectl's own."""

    kube: KubeClient
    key: ObjectKey
    labels: dict[str, str]

    def post(self, request: Request) -> str:
        """See `Mailbox.post`."""
        number = secrets.token_hex(8)
        self._set({f"{number}.json": encode_request(request).decode()})
        return number

    def letters(self) -> list[Letter]:
        """See `Mailbox.letters`."""
        found = []
        for name, content in self._data().items():
            number, _, ending = name.rpartition(".")
            if ending != "json":
                continue
            try:
                found.append(Letter(number, decode_request(text(content).encode())))
            except ValueError:
                self._set({name: None})
        return found

    def reply(self, number: str, line: str) -> None:
        """See `Mailbox.reply`."""
        self._set({f"{number}.json": None, f"{_ANSWER}{number}": line})

    def answer(self, number: str) -> str | None:
        """See `Mailbox.answer`."""
        line = self._data().get(f"{_ANSWER}{number}")
        if not isinstance(line, str):
            return None
        self._set({f"{_ANSWER}{number}": None})
        return line

    def withdraw(self, number: str) -> None:
        """See `Mailbox.withdraw`."""
        self._set({f"{number}.json": None})

    def _data(self) -> dict[str, Value]:
        try:
            return dict(mapping(self.kube.get(_CONFIG_MAPS, self.key).get("data")))
        except (NotFound, TransientError):
            return {}

    def _set(self, entries: dict[str, Value]) -> None:
        try:
            self.kube.patch(_CONFIG_MAPS, self.key, {"data": entries}, field_manager="rulectl")
        except NotFound:
            body: dict[str, Value] = {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": self.key.name, "namespace": self.key.namespace, "labels": dict(self.labels)},
                "data": {name: value for name, value in entries.items() if value is not None},
            }
            try:
                self.kube.create(_CONFIG_MAPS, body, field_manager="rulectl")
            except Conflict:
                self._set(entries)


@dataclass(frozen=True, slots=True)
class NoMailbox:
    """Nobody can write to a state that is in memory only."""

    def post(self, request: Request) -> str:  # noqa: ARG002 - the port's
        """See `Mailbox.post`."""
        msg = "a state in memory takes no letters"
        raise RulectlError(msg)

    def letters(self) -> list[Letter]:
        """See `Mailbox.letters`."""
        return []

    def reply(self, number: str, line: str) -> None:
        """See `Mailbox.reply`."""

    def answer(self, number: str) -> str | None:  # noqa: ARG002 - the port's
        """See `Mailbox.answer`."""
        return None

    def withdraw(self, number: str) -> None:
        """See `Mailbox.withdraw`."""
