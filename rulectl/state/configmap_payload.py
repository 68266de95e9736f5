"""A JSON document <-> a ConfigMap: as text while it is small, compressed when it is not; pure."""

from __future__ import annotations

import base64
import binascii
import gzip
import zlib
from collections.abc import Mapping

from rulectl.value import Value, decode, mapping, text

STATE_OF = "rulectl.dev/state-of"
"""The label of all that rulectl keeps for itself in a cluster: rules never see such objects."""
_PLAIN, _PACKED = "state.json", "state.json.gz"
_PLAIN_BYTES = 4096
_LABELS = {"app.kubernetes.io/name": "rulectl", "app.kubernetes.io/managed-by": "rulectl"}


def packed_size(document: bytes) -> int:
    """How many of a ConfigMap's 1,048,576 bytes `document` takes."""
    return len(document) if len(document) <= _PLAIN_BYTES else len(_packed(document))


def to_config_map(
    document: bytes, *, namespace: str, name: str, state: str, resource_version: str = ""
) -> dict[str, Value]:
    """The ConfigMap `name` of the state `state`; `resource_version`: only in place of that one."""
    metadata: dict[str, Value] = {"name": name, "namespace": namespace, "labels": {**_LABELS, STATE_OF: state}}
    if resource_version:
        metadata["resourceVersion"] = resource_version
    body: dict[str, Value] = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}
    if len(document) <= _PLAIN_BYTES:
        body["data"] = {_PLAIN: document.decode()}
    else:
        body["binaryData"] = {_PACKED: base64.b64encode(_packed(document)).decode()}
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


def _packed(document: bytes) -> bytes:
    return gzip.compress(document, 6, mtime=0)
