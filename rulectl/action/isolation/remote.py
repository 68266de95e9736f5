"""What a plugin in a process of its own works with: every port asks rulectl over the pipes."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import msgspec

from rulectl.action.contract import Level
from rulectl.action.egress import EgressPolicy
from rulectl.action.http.port import HttpRequest, HttpResponse
from rulectl.action.isolation import wire
from rulectl.action.kube import KubeObject, PatchType
from rulectl.action.masker import Masker
from rulectl.action.secret import Secret, SecretSource
from rulectl.action.secrets import remember
from rulectl.resource import Kind, ObjectKey, Resource


class Closed(Exception):  # noqa: N818 - the word for a pipe that nobody reads
    """The other side is gone: there is nothing to go on for."""


@dataclass(slots=True)
class Link:
    """The pipes to rulectl. Any number of the plugin's threads may ask; they take turns."""

    incoming: BinaryIO
    outgoing: BinaryIO
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, frame: wire.Frame) -> None:
        """Sends, without waiting for anything to come back."""
        with self._lock:
            self._write(frame)

    def ask(self, question: wire.Question) -> Any:
        """What rulectl answers; raises what it raised there."""
        with self._lock:
            self._write(question)
            answer = wire.to_plugin(self._line())
        assert isinstance(answer, wire.Answer), "a call comes only when the one before has ended"
        if answer.fault:
            raise wire.fault_of(answer)
        return answer.value

    def next_call(self) -> wire.Call:
        """The next thing to do.

        Raises:
            Closed: there will be none.
        """
        call = wire.to_plugin(self._line())
        assert isinstance(call, wire.Call), "answers come only to questions"
        return call

    def _write(self, frame: wire.Frame) -> None:
        try:
            self.outgoing.write(wire.line_of(frame))
            self.outgoing.flush()
        except OSError as cut:
            raise Closed from cut

    def _line(self) -> bytes:
        line = self.incoming.readline()
        if not line:
            raise Closed
        return line


@dataclass(frozen=True, slots=True)
class RemoteKube:
    """Fulfils `Kube`."""

    link: Link

    def get(
        self, resource: Resource, key: ObjectKey, *, subresource: str = "", timeout_seconds: float = 30.0
    ) -> KubeObject:
        """See `Kube.get`."""
        found: KubeObject = self.link.ask(wire.Get(resource, key, subresource, timeout_seconds))
        return found

    def list(
        self,
        resource: Resource,
        namespace: str = "",
        *,
        label_selector: str = "",
        field_selector: str = "",
        timeout_seconds: float = 30.0,
    ) -> Sequence[KubeObject]:
        """See `Kube.list`."""
        question = wire.ListObjects(resource, namespace, label_selector, field_selector, timeout_seconds)
        found: Sequence[KubeObject] = self.link.ask(question)
        return found

    def create(
        self,
        resource: Resource,
        namespace: str,
        body: KubeObject,
        *,
        field_manager: str = "",
        dry_run: bool = False,
        timeout_seconds: float = 30.0,
    ) -> KubeObject:
        """See `Kube.create`."""
        question = wire.Create(resource, namespace, body, field_manager, dry_run, timeout_seconds)
        made: KubeObject = self.link.ask(question)
        return made

    def update(
        self,
        resource: Resource,
        key: ObjectKey,
        body: KubeObject,
        *,
        subresource: str = "",
        field_manager: str = "",
        dry_run: bool = False,
        timeout_seconds: float = 30.0,
    ) -> KubeObject:
        """See `Kube.update`."""
        question = wire.Update(resource, key, body, subresource, field_manager, dry_run, timeout_seconds)
        written: KubeObject = self.link.ask(question)
        return written

    def patch(
        self,
        resource: Resource,
        key: ObjectKey,
        body: object,
        patch_type: PatchType,
        *,
        subresource: str = "",
        field_manager: str = "",
        force: bool = False,
        dry_run: bool = False,
        timeout_seconds: float = 30.0,
    ) -> KubeObject:
        """See `Kube.patch`."""
        written: KubeObject = self.link.ask(
            wire.Patch(resource, key, body, patch_type, subresource, field_manager, force, dry_run, timeout_seconds)
        )
        return written

    def delete(
        self,
        resource: Resource,
        key: ObjectKey,
        *,
        uid: str = "",
        resource_version: str = "",
        propagation: str = "",
        grace_seconds: int | None = None,
        dry_run: bool = False,
        timeout_seconds: float = 30.0,
    ) -> None:
        """See `Kube.delete`."""
        self.link.ask(
            wire.Delete(resource, key, uid, resource_version, propagation, grace_seconds, dry_run, timeout_seconds)
        )


@dataclass(frozen=True, slots=True)
class RemoteHttp:
    """Fulfils `HttpClient`; connections are made, and egress rules kept, on rulectl's side."""

    link: Link

    def send(
        self,
        request: HttpRequest,
        *,
        egress: EgressPolicy,  # noqa: ARG002 - rulectl's own holds
        timeout_seconds: float,
        max_bytes: int,
    ) -> HttpResponse:
        """See `HttpClient.send`."""
        return msgspec.convert(self.link.ask(wire.Send(request, timeout_seconds, max_bytes)), HttpResponse)


@dataclass(frozen=True, slots=True)
class RemoteSecrets:
    """Fulfils `Secrets`; both sides remember what to mask."""

    link: Link
    masker: Masker

    def read(self, source: SecretSource, namespace: str = "") -> Secret:
        """See `Secrets.read`."""
        return self._read(source, namespace, again=False)

    def read_again(self, source: SecretSource, namespace: str = "") -> Secret:
        """See `Secrets.read_again`."""
        return self._read(source, namespace, again=True)

    def _read(self, source: SecretSource, namespace: str, *, again: bool) -> Secret:
        encoded = self.link.ask(wire.Read(source.secret_key_ref, source.file, namespace, again))
        secret = Secret(base64.b64decode(encoded))
        remember(self.masker, secret)
        return secret


@dataclass(frozen=True, slots=True)
class RemoteResolver:
    """Fulfils `Resolver`."""

    link: Link

    def __call__(self, kind: Kind) -> Resource:
        """See `Resolver`."""
        return msgspec.convert(self.link.ask(wire.Resolve(kind)), Resource)


def logger(link: Link) -> Callable[..., None]:
    """Fulfils `Log`."""

    def log(line: str, level: Level = "info") -> None:
        link.send(wire.Say(line, level))

    return log
