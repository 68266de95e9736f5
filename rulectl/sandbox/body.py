"""Request bodies: JSON, YAML or (for what kubectl sends so) protobuf, and whether they fit the URL."""

from __future__ import annotations

from collections.abc import Mapping

from rulectl.sandbox.manifest import parse_yaml
from rulectl.sandbox.protobuf import UnsupportedProtobuf
from rulectl.sandbox.protobuf import decode as decode_protobuf
from rulectl.sandbox.status import bad_request, unsupported_media_type
from rulectl.sandbox.world import Call
from rulectl.value import Value, decode, mapping, text

PROTOBUF = "application/vnd.kubernetes.protobuf"


def media_type(headers: Mapping[str, str]) -> str:
    """The Content-Type without its parameters."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def object_in(call: Call) -> dict[str, Value]:
    """The JSON object in the body of a create or update; its namespace and kind fit the URL.

    Raises:
        ApiError: 400 when it is no such object, 415 when its encoding is not known here.
    """
    value = structured(call.body, media_type(call.headers))
    if not isinstance(value, dict):
        raise bad_request("the body of the request is no object: send the object as JSON")
    return value


def structured(body: bytes, kind: str) -> Value:
    """What a body of a media type says.

    Raises:
        ApiError: see `object_in`.
    """
    try:
        if kind == PROTOBUF or body.startswith(b"k8s\x00"):
            return decode_protobuf(body)
        if kind in {"application/yaml", "text/yaml", "application/x-yaml"}:
            return parse_yaml(body)
        if kind in {"", "application/json", "text/plain", "application/x-www-form-urlencoded"} or "json" in kind:
            return decode(body)
    except UnsupportedProtobuf as error:
        raise unsupported_media_type(str(error)) from error
    except ValueError as error:
        raise bad_request(f"the object provided is unrecognized: {error}") from error
    raise unsupported_media_type(
        f"the body of the request was in an unknown format - accepted media types include: "
        f"application/json, application/yaml (not {kind})"
    )


def check_kind(call: Call, body: Mapping[str, Value]) -> dict[str, Value]:
    """The object with apiVersion and kind as the URL has them.

    Raises:
        ApiError: 400 when it says otherwise, or is in another namespace.
    """
    expected = call.served.kind
    kind, version = text(body.get("kind")), text(body.get("apiVersion"))
    if call.served.custom and not kind:
        raise bad_request("Object 'Kind' is missing: every custom resource has apiVersion and kind")
    if (kind or expected.kind) != expected.kind or (version or expected.api_version) != expected.api_version:
        given = f"{kind} in version {version!r}"
        wanted = f"{expected.kind} in version {expected.api_version!r}"
        raise bad_request(f"the object provided is {given}, but the URL is for {wanted}")
    metadata = body.get("metadata")
    if metadata is not None and not isinstance(metadata, dict):
        raise bad_request("metadata must be an object")
    namespace = text(mapping(metadata).get("namespace"))
    if namespace and namespace != call.namespace:
        raise bad_request(
            f"the namespace of the provided object does not match the namespace sent on the request "
            f"({namespace!r} and {call.namespace!r})"
        )
    return {**body, "apiVersion": expected.api_version, "kind": expected.kind}
