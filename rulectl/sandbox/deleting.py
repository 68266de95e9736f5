"""DELETE: at once, or by way of finalizers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from rulectl.sandbox import builtin
from rulectl.sandbox.answer import Answer, json_answer
from rulectl.sandbox.body import media_type, structured
from rulectl.sandbox.present import item_bytes
from rulectl.sandbox.registry import Served
from rulectl.sandbox.selectable import selector_of
from rulectl.sandbox.status import ApiError, bad_request, conflict, forbidden, success
from rulectl.sandbox.stored import Stored
from rulectl.sandbox.updating import found
from rulectl.sandbox.world import Call, World
from rulectl.sandbox.writes import NAMESPACES, put, remove
from rulectl.value import Value, encode, mapping, text


class Propagation(StrEnum):
    """What becomes of the objects that an object owns."""

    BACKGROUND = "Background"
    FOREGROUND = "Foreground"
    ORPHAN = "Orphan"


GC_FINALIZERS: Mapping[Propagation, str] = {
    Propagation.FOREGROUND: "foregroundDeletion",
    Propagation.ORPHAN: "orphan",
}


_IMMORTAL = frozenset({"default", "kube-system", "kube-public"})


@dataclass(frozen=True, slots=True)
class DeleteOptions:
    """How to delete. None as policy: what the kind does by default (background)."""

    policy: Propagation | None = None
    uid: str = ""
    resource_version: str = ""
    dry_run: bool = False


def delete(world: World, call: Call) -> Answer:
    """Answers a DELETE of one object.

    Raises:
        ApiError: it is not there, or not in the state that the request asks for.
    """
    options = options_of(call)
    item = found(world, call)
    if call.served.storage == NAMESPACES and item.name in _IMMORTAL:
        raise forbidden(call.served.subject(item.name), "this namespace may not be deleted")
    left = delete_item(world, call.served, item, options)
    if left is None:
        return json_answer(success(call.served.subject(call.name), item.uid))
    return json_answer(call.served.shown(left.object))


def delete_collection(world: World, call: Call) -> Answer:
    """Answers a DELETE of a collection: all that the selectors let through."""
    options = options_of(call)
    selector = selector_of(call.served, call.query)
    collection = world.store.collection(call.served.storage)
    chosen = [item for item in collection.in_order(call.namespace) if selector.matches(item)]
    for item in chosen:
        delete_item(world, call.served, item, options)
    head = {"kind": call.served.list_kind, "apiVersion": call.served.kind.api_version}
    start = encode({**head, "metadata": {"resourceVersion": str(world.store.rv)}})[:-1]
    items = b",".join(item_bytes(call.served, item) for item in chosen)
    return Answer(200, start + b',"items":[' + items + b"]}")


def delete_item(world: World, served: Served, item: Stored, options: DeleteOptions) -> Stored | None:
    """Deletes an object; what is left of it while finalizers hold it, or None when it is gone.

    Raises:
        ApiError: 409 when a precondition does not hold.
    """
    _check_preconditions(served, item, options)
    metadata = dict(item.metadata)
    before = metadata.get("finalizers")
    finalizers = [text(entry) for entry in before] if isinstance(before, list) else []
    wanted = GC_FINALIZERS.get(options.policy) if options.policy else None
    if options.policy is not None:
        finalizers = [entry for entry in finalizers if entry not in GC_FINALIZERS.values()]
    if wanted:
        finalizers.append(wanted)
    namespace = served.storage == NAMESPACES
    if not finalizers and not namespace:
        if not options.dry_run:
            remove(world, served, item)
        return None
    metadata.pop("finalizers", None)
    if finalizers:
        metadata["finalizers"] = finalizers
    body: dict[str, Value] = {**item.object, "metadata": metadata}
    if not metadata.get("deletionTimestamp"):
        metadata["deletionTimestamp"] = world.timestamp()
        metadata["deletionGracePeriodSeconds"] = 0
        generation = metadata.get("generation")
        if isinstance(generation, int) and builtin.counts_generations(served):
            metadata["generation"] = generation + 1
    if namespace:
        body["status"] = {**mapping(body.get("status")), "phase": "Terminating"}
    if options.dry_run or body == item.object:
        return item
    return put(world, served, item.key, body)


def options_of(call: Call) -> DeleteOptions:
    """What the body (DeleteOptions) and the query of a DELETE ask for; the query wins.

    Raises:
        ApiError: 400 or 422 when they make no sense.
    """
    body: Mapping[str, Value] = {}
    if call.body.strip():
        read = structured(call.body, media_type(call.headers))
        if not isinstance(read, Mapping) or text(read.get("kind") or "DeleteOptions") != "DeleteOptions":
            raise bad_request("the body of a DELETE is a DeleteOptions object, or nothing")
        body = read
    asked = call.query.get("propagationPolicy") or text(body.get("propagationPolicy"))
    orphan = call.query.get("orphanDependents") or body.get("orphanDependents")
    try:
        policy = Propagation(asked) if asked else None
    except ValueError as error:
        supported = ", ".join(f'"{entry}"' for entry in Propagation)
        message = f'propagationPolicy: Unsupported value: "{asked}": supported values: {supported}'
        raise ApiError(422, "Invalid", message) from error
    if policy is None and orphan is not None:
        policy = Propagation.ORPHAN if orphan in (True, "true", "1") else Propagation.BACKGROUND
    preconditions = mapping(body.get("preconditions"))
    return DeleteOptions(
        policy,
        uid=text(preconditions.get("uid")),
        resource_version=text(preconditions.get("resourceVersion")),
        dry_run=call.dry_run or bool(body.get("dryRun")),
    )


def _check_preconditions(served: Served, item: Stored, options: DeleteOptions) -> None:
    for word, asked, there in (
        ("UID", options.uid, item.uid),
        ("ResourceVersion", options.resource_version, str(item.rv)),
    ):
        if asked and asked != there:
            why = f"Precondition failed: {word} in precondition: {asked}, {word} in object meta: {there}"
            raise conflict(served.subject(item.name), why)
