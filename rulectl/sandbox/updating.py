"""PUT, and the part of PATCH behind the patch: a new state of an object that is there."""

from __future__ import annotations

from collections.abc import Mapping

from rulectl.sandbox import builtin
from rulectl.sandbox.admission import admitted
from rulectl.sandbox.answer import Answer
from rulectl.sandbox.body import check_kind, object_in
from rulectl.sandbox.fieldcheck import checked
from rulectl.sandbox.patch import track_update
from rulectl.sandbox.present import object_answer, stored_answer
from rulectl.sandbox.registry import Served
from rulectl.sandbox.status import bad_request, conflict, invalid, not_found
from rulectl.sandbox.store import key_of
from rulectl.sandbox.stored import Stored
from rulectl.sandbox.world import Call, World
from rulectl.sandbox.writes import put, remove_as
from rulectl.value import Value, mapping, same, text

_SYSTEM = (
    "name",
    "namespace",
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
    "selfLink",
)
_UNSPECIFIED = frozenset({"metadata", "apiVersion", "kind"})


def found(world: World, call: Call) -> Stored:
    """The object that a request names.

    Raises:
        ApiError: 404 when it is not there.
    """
    item = world.store.get(call.served.storage, key_of(call.namespace, call.name))
    if item is None:
        raise not_found(call.served.subject(call.name))
    return item


def update(world: World, call: Call) -> Answer:
    """Answers a PUT to an object or to its status.

    Raises:
        ApiError: the object is not there, or cannot be so; nothing has changed.
    """
    body = check_kind(call, object_in(call))
    old = found(world, call)
    version = mapping(body.get("metadata")).get("resourceVersion")
    if call.served.custom and not version:
        wrong = [("metadata.resourceVersion", "Invalid value: 0: must be specified for an update")]
        raise invalid(call.served.kind.kind, call.served.kind.group, call.name, wrong)
    warnings = checked(call, body)
    return replace(world, call, old, body, warnings=warnings)


def replace(
    world: World,
    call: Call,
    old: Stored,
    wished: Mapping[str, Value],
    *,
    warnings: list[str],
    applied: bool = False,
) -> Answer:
    """Stores a new state of `old` (unless it is a dry run, or nothing changes) and answers with it.

    Args:
        world: The server.
        call: The request.
        old: The object as it is.
        wished: The object as the client wants it, in the version of the request.
        warnings: What to tell the client with the answer.
        applied: `wished` has its managedFields from server-side apply.
    """
    served = call.served
    before = served.shown(old.object)
    check_identity(call, old, mapping(wished.get("metadata")))
    new = _split(served, call.subresource, before, wished)
    _check_finalizers(served, call.name, before, new)
    new = admitted(world, served, new)
    if not applied:
        new = dict(
            track_update(
                before,
                new,
                manager=call.manager,
                node=served.node,
                now=world.timestamp(),
                api_version=served.kind.api_version,
                subresource=call.subresource,
                ignored=unwritable(served, call.subresource),
            )
        )
    if _unchanged(before, new):
        return object_answer(call, before, warnings=warnings)
    if builtin.counts_generations(served) and _specified(served, before) != _specified(served, new):
        metadata = mapping(new["metadata"])
        generation = metadata.get("generation")
        next_one = generation + 1 if isinstance(generation, int) else 1
        new["metadata"] = {**metadata, "generation": next_one}
    if call.dry_run:
        return object_answer(call, new, warnings=warnings)
    return _store(world, call, old, new, warnings)


def unwritable(served: Served, subresource: str) -> tuple[tuple[str, ...], ...]:
    """The fields that a write to an object or to one of its subresources cannot change."""
    if subresource == "status":
        return (("spec",),)
    return (("status",),) if served.has_status else ()


def check_identity(call: Call, old: Stored, metadata: Mapping[str, Value]) -> None:
    """Refuses a write that was meant for another object, or for another state of it.

    Raises:
        ApiError: 409, or 400 when the names differ.
    """
    subject = call.served.subject(call.name)
    name, uid = text(metadata.get("name")), text(metadata.get("uid"))
    if name and name != call.name:
        raise bad_request(f"the name of the object ({name}) does not match the name on the URL ({call.name})")
    namespace = text(metadata.get("namespace"))
    if namespace and namespace != call.namespace:
        raise bad_request("the namespace of the provided object does not match the namespace on the URL")
    if uid and uid != old.uid:
        why = f"Precondition failed: UID in precondition: {uid}, UID in object meta: {old.uid}"
        raise conflict(subject, why)
    version = text(metadata.get("resourceVersion"))
    if version and version not in {"0", str(old.rv)}:
        raise conflict(subject)


def _store(world: World, call: Call, old: Stored, new: Mapping[str, Value], warnings: list[str]) -> Answer:
    served = call.served
    kept = served.kept(new)
    metadata = mapping(new.get("metadata"))
    namespace = served.plural == "namespaces" and not served.kind.group
    if metadata.get("deletionTimestamp") and not metadata.get("finalizers") and not namespace:
        item = remove_as(world, served, old, kept)
    else:
        item = put(world, served, old.key, kept)
    if warnings:
        return object_answer(call, served.shown(item.object), warnings=warnings)
    return stored_answer(world, call, item)


def _split(
    served: Served, subresource: str, before: Mapping[str, Value], wished: Mapping[str, Value]
) -> dict[str, Value]:
    """What of a write takes effect: the status or all the rest, and never what only the server sets."""
    old, given = mapping(before.get("metadata")), mapping(wished.get("metadata"))
    if subresource == "status":
        metadata = dict(old)
        if builtin.labelled_by_status(served):
            labels = {key: given[key] for key in ("labels", "annotations") if key in given}
            metadata.update(labels)
        if "managedFields" in given:
            metadata["managedFields"] = given["managedFields"]
        new = {**before, "metadata": metadata}
        new.pop("status", None)
        return {**new, "status": wished["status"]} if "status" in wished else new
    metadata = dict(given)
    for key in _SYSTEM:
        if key in old:
            metadata[key] = old[key]
        else:
            metadata.pop(key, None)
    metadata["resourceVersion"] = old.get("resourceVersion")
    new = {**wished, "metadata": metadata}
    if served.has_status:
        new.pop("status", None)
        if "status" in before:
            new["status"] = before["status"]
    return new


def _check_finalizers(served: Served, name: str, before: Mapping[str, Value], new: Mapping[str, Value]) -> None:
    old, now = mapping(before.get("metadata")), mapping(new.get("metadata"))
    if not old.get("deletionTimestamp"):
        return
    added = [text(entry) for entry in _list(now) if entry not in _list(old)]
    if added:
        why = f"Forbidden: no new finalizers can be added if the object is being deleted, found {added}"
        raise invalid(served.kind.kind, served.kind.group, name, [("metadata.finalizers", why)])


def _list(metadata: Mapping[str, Value]) -> list[Value]:
    finalizers = metadata.get("finalizers")
    return finalizers if isinstance(finalizers, list) else []


def _unchanged(before: Mapping[str, Value], new: Mapping[str, Value]) -> bool:
    return before == new and same(before, new)


def _specified(served: Served, body: Mapping[str, Value]) -> dict[str, Value]:
    """The part of an object whose changes a generation counts."""
    left_out = _UNSPECIFIED | {"status"} if served.has_status else _UNSPECIFIED
    return {key: value for key, value in body.items() if key not in left_out}
