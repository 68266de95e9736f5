"""Reads secrets just before they are used, and remembers what to mask."""

from __future__ import annotations

import base64
import binascii
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from rulectl.action.kube import KubeObject
from rulectl.action.masker import Masker
from rulectl.action.secret import Secret, SecretKeyRef, SecretSource
from rulectl.clock import Clock
from rulectl.errors import NotFound, PermanentError, TransientError
from rulectl.resource import Kind, ObjectKey, Resource
from rulectl.value import Value, mapping

SECRETS: Final = Resource(Kind("v1", "Secret"), "secrets", namespaced=True)
_LARGEST_FILE: Final = 1 << 20


class SecretGetter(Protocol):
    """The part of `rulectl.action.kube.Kube` that is needed here."""

    def get(self, resource: Resource, key: ObjectKey) -> KubeObject:
        """The object as it is now."""
        ...


@dataclass(frozen=True, slots=True)
class _Copy:
    data: Mapping[str, Value]
    read_at: float


class Secrets(Protocol):
    """Secret values as actions get them."""

    @property
    def masker(self) -> Masker:
        """Knows every value that was handed out."""
        ...

    def read(self, source: SecretSource, namespace: str = "") -> Secret:
        """The value that `source` points to; see `SecretReader.read`."""
        ...

    def read_again(self, source: SecretSource, namespace: str = "") -> Secret:
        """The same, from its source; see `SecretReader.read_again`."""
        ...


class SecretReader:
    """Hands out secret values, any number of threads at once.

    A Kubernetes Secret is kept for `keep_seconds`, so a burst of actions reads it once and a
    rotated one is noticed soon; `read_again` skips that copy. Files are read each time.
    Every value that is handed out is remembered by the `masker`.
    """

    def __init__(self, kube: SecretGetter, clock: Clock, masker: Masker, *, keep_seconds: float = 10.0) -> None:
        self.masker = masker
        self._kube = kube
        self._clock = clock
        self._keep_seconds = keep_seconds
        self._lock = threading.Lock()
        self._copies: dict[ObjectKey, _Copy] = {}

    def read(self, source: SecretSource, namespace: str = "") -> Secret:
        """The value that `source` points to; `namespace` stands in where the reference names none.

        Raises:
            TransientError: it is not there yet, or nobody answered.
            PermanentError: it may not be read (Forbidden), or what is there is no secret value.
        """
        if source.secret_key_ref is not None:
            secret = self._from_cluster(source.secret_key_ref, namespace)
        else:
            secret = _from_file(Path(source.file or ""))
        remember(self.masker, secret)
        return secret

    def read_again(self, source: SecretSource, namespace: str = "") -> Secret:
        """Like `read`, but from its source: for when the other side refused the value we had."""
        if source.secret_key_ref is not None:
            with self._lock:
                self._copies.pop(_key(source.secret_key_ref, namespace), None)
        return self.read(source, namespace)

    def _from_cluster(self, reference: SecretKeyRef, namespace: str) -> Secret:
        key = _key(reference, namespace)
        data = self._data(key)
        encoded = data.get(reference.key)
        if not isinstance(encoded, str):
            there = ", ".join(sorted(data)) or "no keys"
            raise TransientError(f"Secret {key} has no key {reference.key!r} (it has {there}); add the key")
        try:
            return Secret(base64.b64decode(encoded, validate=True))
        except binascii.Error as fault:
            raise PermanentError(f"key {reference.key!r} of Secret {key} is not base64; write it anew") from fault

    def _data(self, key: ObjectKey) -> Mapping[str, Value]:
        now = self._clock.monotonic()
        with self._lock:
            copy = self._copies.get(key)
        if copy is not None and now - copy.read_at < self._keep_seconds:
            return copy.data
        try:
            data = mapping(self._kube.get(SECRETS, key).get("data"))
        except NotFound as fault:
            raise TransientError(f"Secret {key} does not exist; create it") from fault
        with self._lock:
            stale = [old for old, kept in self._copies.items() if now - kept.read_at >= self._keep_seconds]
            for old in stale:
                del self._copies[old]
            self._copies[key] = _Copy(data, now)
        return data


def remember(masker: Masker, secret: Secret) -> None:
    """From now on `secret` is masked, also when it is no text."""
    try:
        masker.remember(secret.reveal())
    except PermanentError:
        masker.remember(base64.b64encode(secret.reveal_bytes()).decode())


def _key(reference: SecretKeyRef, namespace: str) -> ObjectKey:
    chosen = reference.namespace or namespace
    if not chosen:
        raise PermanentError(f"secretKeyRef {reference.name!r} needs a namespace: the object acted on has none")
    return ObjectKey(chosen, reference.name)


def _from_file(path: Path) -> Secret:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_FILE + 1)
    except OSError as fault:
        raise TransientError(f"the secret's file {path} cannot be read: {fault.strerror}") from fault
    if len(data) > _LARGEST_FILE:
        raise PermanentError(f"the secret's file {path} is larger than 1 MiB; name the right file")
    return Secret(data)
