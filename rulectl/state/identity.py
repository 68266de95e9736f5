"""Whose state it is: the cluster, as far as it can be known, and rulectl's `--name` in it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from rulectl.errors import Forbidden, NotFound, PermanentError, UsageError
from rulectl.resource import Kind, ObjectKey, Resource
from rulectl.value import Value, mapping, text

_NAMESPACES = Resource(Kind("v1", "Namespace"), "namespaces", namespaced=False)
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,48}[a-z0-9])?")


class Reader(Protocol):
    """As much of `rulectl.kube.client.KubeClient` as is needed here."""

    def get(self, resource: Resource, key: ObjectKey) -> Mapping[str, Value]:
        """The object; raises the errors of `rulectl.errors`."""
        ...


@dataclass(frozen=True, slots=True)
class Identity:
    """One cluster, told from others."""

    kind: Literal["kube-system", "server"]
    """Which of the two `value` is."""
    value: str
    """The uid of the namespace kube-system, or the fingerprint of the server's URL and CA."""
    server: str
    """That fingerprint, always known."""
    said: str
    """For people: what it was told by."""

    @classmethod
    def of(cls, value: Mapping[str, Value]) -> Identity:
        """What `to_json` gave. Raises KeyError: a part is missing."""
        kind: Literal["kube-system", "server"] = "kube-system" if value["kind"] == "kube-system" else "server"
        return cls(kind, text(value["value"]), text(value["server"]), text(value["said"]))

    def to_json(self) -> dict[str, str]:
        """For keeping it with a state."""
        return {"kind": self.kind, "value": self.value, "server": self.server, "said": self.said}

    def is_same(self, other: Identity) -> bool:
        """Whether both are one cluster: by the uids if both are known, else by the server.

        So a permission to read namespaces that comes or goes does not make another cluster of it.
        """
        if self.kind == other.kind:
            return self.value == other.value
        return self.server == other.server


@dataclass(frozen=True, slots=True)
class Owner:
    """What a state belongs to, and what it refuses to be used for by anybody else."""

    name: str
    cluster: Identity

    def __post_init__(self) -> None:
        """Raises UsageError: `name` cannot be part of file and object names."""
        if not _NAME.fullmatch(self.name):
            raise UsageError(
                f"--name {self.name!r} is not possible: use at most 50 lower case letters, digits and dashes,"
                " not beginning or ending with a dash"
            )

    def check(self, found: Owner, where: str) -> None:
        """Raises PermanentError when the state at `where`, which belongs to `found`, is not this one's."""
        if not self.cluster.is_same(found.cluster):
            raise PermanentError(
                f"{where} belongs to another cluster: it was made for {found.cluster.said}, this is"
                f" {self.cluster.said}; use --state with another place, or --context for the cluster it belongs to"
            )
        if self.name != found.name:
            raise PermanentError(
                f"{where} belongs to --name {found.name}, not {self.name}:"
                f" use --name {found.name}, or --state with another place"
            )


def cluster_identity(kube: Reader, server: str, ca_hash: str) -> Identity:
    """The cluster behind `kube`, reached at the URL `server` with the CA of that hash (empty without any).

    One request. Where namespaces may not be read, the server's URL and CA stand for the cluster.

    Raises:
        RulectlError: nobody answered, or the credentials are no good (401).
    """
    fingerprint = hashlib.sha256(f"{server.rstrip('/').lower()}\n{ca_hash}".encode()).hexdigest()[:16]
    uid = ""
    try:
        found = kube.get(_NAMESPACES, ObjectKey("", "kube-system"))
    except Forbidden as error:
        if error.status == 401:
            raise
    except NotFound:
        pass  # the odd control plane without a kube-system
    else:
        uid = text(mapping(found.get("metadata")).get("uid"))
    if uid:
        return Identity("kube-system", uid, fingerprint, f"the cluster whose kube-system namespace has uid {uid}")
    by = f"the cluster at {server} (known by URL and CA: the kube-system namespace may not be read)"
    return Identity("server", fingerprint, fingerprint, by)
