"""PATCH: which kinds of patches there are, and what each makes of an object."""

from __future__ import annotations

from collections.abc import Mapping

from rulectl.sandbox.answer import Answer
from rulectl.sandbox.body import check_kind, media_type
from rulectl.sandbox.creating import insert
from rulectl.sandbox.fieldcheck import checked
from rulectl.sandbox.manifest import parse_yaml
from rulectl.sandbox.patch import PatchError, apply, json_patch, merge_patch, strategic_merge
from rulectl.sandbox.status import ApiError, bad_request, conflict, invalid, not_found, unsupported_media_type
from rulectl.sandbox.store import key_of
from rulectl.sandbox.updating import found, replace, unwritable
from rulectl.sandbox.world import Call, World
from rulectl.value import Value, decode, mapping, text

JSON_PATCH = "application/json-patch+json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"


def patch(world: World, call: Call) -> Answer:
    """Answers a PATCH of an object or of its status.

    Raises:
        ApiError: the patch cannot be done; nothing has changed.
    """
    if media_type(call.headers) == APPLY:
        return _apply(world, call)
    kind = patch_type(call)
    old = found(world, call)
    before = call.served.shown(old.object)
    body = object_of(patched(kind, before, patch_document(call), call))
    wished = check_kind(call, body)
    return replace(world, call, old, wished, warnings=checked(call, wished))


def patch_type(call: Call) -> str:
    """The patch's media type.

    Raises:
        ApiError: 415 when the resource does not take it.
    """
    kind = media_type(call.headers)
    allowed = [JSON_PATCH, MERGE, *([] if call.served.custom else [STRATEGIC]), APPLY]
    if kind not in allowed:
        raise unsupported_media_type(
            "the body of the request was in an unknown format - accepted media types include: " + ", ".join(allowed)
        )
    return kind


def patch_document(call: Call) -> Value:
    """The patch itself.

    Raises:
        ApiError: 400 when it is no JSON.
    """
    try:
        return decode(call.body)
    except ValueError as error:
        raise bad_request(f"error decoding patch: {error}") from error


def patched(kind: str, before: Mapping[str, Value], document: Value, call: Call) -> Value:
    """What a patch of a media type makes of an object.

    Raises:
        ApiError: it does not fit the object.
    """
    try:
        if kind == JSON_PATCH:
            return json_patch(before, document)
        if not isinstance(document, Mapping):
            raise bad_request("error decoding patch: a merge patch is a JSON object")
        if kind == STRATEGIC:
            return strategic_merge(before, document, call.served.node)
        return merge_patch(before, document)
    except PatchError as error:
        raise refused(error) from error


def object_of(value: Value) -> dict[str, Value]:
    """The object that a patch has made.

    Raises:
        ApiError: 422 when it is no object.
    """
    if isinstance(value, Mapping):
        return dict(value)
    raise ApiError(422, "Invalid", "the patch leaves no object: it replaces the whole by another type")


def refused(error: PatchError) -> ApiError:
    """The refusal that a fault of a patch is answered with."""
    causes: list[Value] = [cause.to_value() for cause in error.causes]
    return ApiError(
        error.status, error.reason or "InternalError", str(error), details={"causes": causes} if causes else {}
    )


def _apply(world: World, call: Call) -> Answer:
    served, manager = call.served, call.query.get("fieldManager", "")
    if not manager:
        wrong = [("fieldManager", "Required value: is required for apply patch")]
        raise invalid("PatchOptions", "meta.k8s.io", "", wrong)
    try:
        document = parse_yaml(call.body)
    except ValueError as error:
        raise bad_request(f"error decoding YAML: {error}") from error
    if not isinstance(document, Mapping):
        raise bad_request("an applied configuration is an object")
    configuration = {**check_kind(call, document), "apiVersion": document.get("apiVersion")}
    key = key_of(call.namespace, call.name)
    old = world.store.get(served.storage, key)
    metadata = mapping(configuration.get("metadata"))
    if old is None and call.subresource:
        raise not_found(served.subject(call.name))
    if old is None and metadata.get("uid"):
        why = (
            f"uid mismatch: the provided object specified uid {text(metadata['uid'])}, and no existing object was found"
        )
        raise conflict(served.subject(call.name), why)
    given = {**configuration, "metadata": {**metadata, "name": metadata.get("name") or call.name}}
    if served.namespaced:
        given["metadata"] = {**mapping(given["metadata"]), "namespace": call.namespace}
    warnings = checked(call, given)
    live = served.shown(old.object) if old else None
    try:
        wished = dict(
            apply(
                live,
                given,
                manager=manager,
                force=call.flag("force"),
                node=served.node,
                now=world.timestamp(),
                api_version=served.kind.api_version,
                subresource=call.subresource,
                ignored=unwritable(served, call.subresource),
            )
        )
    except PatchError as error:
        raise refused(error) from error
    if old is None:
        return insert(world, call, wished, warnings=warnings, applied=True)
    version = text(metadata.get("resourceVersion"))
    if version and version != str(old.rv):
        raise conflict(served.subject(call.name))
    merged = {**wished, "metadata": {**mapping(wished["metadata"]), "resourceVersion": str(old.rv)}}
    return replace(world, call, old, merged, warnings=warnings, applied=True)
