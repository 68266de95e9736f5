"""A JSON document <-> a ConfigMap: as text while it is small, compressed when it is not; pure."""

from __future__ import annotations

import base64
import binascii
import gzip
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from rulectl.value import Value, decode, mapping, text

STATE_OF = "rulectl.dev/state-of"
"""The label of all that rulectl keeps for itself in a cluster: rules never see such objects."""
_PLAIN, _PACKED = "state.json", "state.json.gz"
_PLAIN_BYTES = 4096
_LABELS = {"app.kubernetes.io/name": "rulectl", "app.kubernetes.io/managed-by": "rulectl"}


@dataclass(frozen=True, slots=True)
class Payload:
    """A document as a ConfigMap takes it."""

    text: str = ""
    packed: bytes = b""

    @property
    def size(self) -> int:
        """How many of a ConfigMap's 1,048,576 bytes it takes (text in ASCII)."""
        return len(self.text) + len(self.packed)


def payload_of(document: bytes) -> Payload:
    """The payload for a JSON document."""
    if len(document) <= _PLAIN_BYTES:
        return Payload(text=document.decode())
    return Payload(packed=gzip.compress(document, 6, mtime=0))


def to_config_map(
    payload: Payload, *, namespace: str, name: str, state: str, resource_version: str = ""
) -> dict[str, Value]:
    """The ConfigMap `name` of the state `state`; `resource_version`: only in place of that one."""
    metadata: dict[str, Value] = {"name": name, "namespace": namespace, "labels": {**_LABELS, STATE_OF: state}}
    if resource_version:
        metadata["resourceVersion"] = resource_version
    body: dict[str, Value] = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}
    if payload.packed:
        body["binaryData"] = {_PACKED: base64.b64encode(payload.packed).decode()}
    else:
        body["data"] = {_PLAIN: payload.text}
    return body


def of_config_map(config_map: Mapping[str, Value]) -> Mapping[str, Value]:
    """The document in a ConfigMap.

    Raises:
        ValueError: there is none, or it cannot be read.
    """
    plain = mapping(config_map.get("data")).get(_PLAIN)
    packed = mapping(config_map.get("binaryData")).get(_PACKED)
    if isinstance(plain, str):
        return mapping(decode(plain))
    try:
        return mapping(decode(gzip.decompress(base64.b64decode(text(packed), validate=True))))
    except (binascii.Error, OSError, EOFError, zlib.error) as error:
        raise ValueError(f"what it holds cannot be read: {error}") from error
