"""POST: a new object."""

from __future__ import annotations

from collections.abc import Mapping

from rulectl.sandbox import builtin
from rulectl.sandbox.admission import admitted
from rulectl.sandbox.answer import Answer
from rulectl.sandbox.body import check_kind, object_in
from rulectl.sandbox.fieldcheck import checked
from rulectl.sandbox.naming import wrong_name
from rulectl.sandbox.patch import track_update
from rulectl.sandbox.present import object_answer, stored_answer
from rulectl.sandbox.status import ApiError, Subject, already_exists, bad_request, forbidden, invalid, not_found
from rulectl.sandbox.store import key_of
from rulectl.sandbox.world import Call, World
from rulectl.sandbox.writes import namespace_of, put
from rulectl.value import Value, mapping, text

_SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_NOT_GIVEN_BY_CLIENTS = frozenset(
    {"uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "selfLink"}
)


def create(world: World, call: Call) -> Answer:
    """Answers a POST to a collection.

    Raises:
        ApiError: the object cannot be created; nothing has changed.
    """
    body = check_kind(call, object_in(call))
    warnings = checked(call, body)
    return insert(world, call, body, warnings=warnings)


def insert(
    world: World, call: Call, body: Mapping[str, Value], *, warnings: list[str], applied: bool = False
) -> Answer:
    """Stores a new object (unless it is a dry run) and answers with it; `applied`: it has managedFields."""
    served = call.served
    metadata = _named(world, call, mapping(body.get("metadata")))
    name = text(metadata["name"])
    if served.namespaced:
        _check_namespace(world, call, name)
    status = body.get("status")
    new = {**body, "metadata": metadata}
    if builtin.drops_status_on_create(served):
        new.pop("status", None)
        status = None
    new = admitted(world, served, new)
    initial = builtin.initial_status(served)
    if status is None and initial is not None:
        new["status"] = initial
    key = key_of(call.namespace, name)
    if world.store.get(served.storage, key) is not None:
        raise already_exists(served.subject(name))
    if not applied:
        new = dict(
            track_update(
                None,
                new,
                manager=call.manager,
                node=served.node,
                now=world.timestamp(),
                api_version=served.kind.api_version,
                ignored=(("status",),) if served.has_status else (),
            )
        )
    if call.dry_run:
        return object_answer(call, new, status=201, warnings=warnings)
    item = put(world, served, key, served.kept(new))
    if warnings:
        return object_answer(call, served.shown(item.object), status=201, warnings=warnings)
    answer = stored_answer(world, call, item)
    return Answer(201, answer.body, answer.headers)


def fresh_metadata(world: World, call: Call, metadata: Mapping[str, Value]) -> dict[str, Value]:
    """The metadata of a new object with what only the server can say."""
    given = {key: value for key, value in metadata.items() if key not in _NOT_GIVEN_BY_CLIENTS}
    given.pop("resourceVersion", None)
    result: dict[str, Value] = {"name": given.get("name")}
    if call.served.namespaced:
        result["namespace"] = call.namespace
    result.update(given)
    result["uid"] = world.new_uid()
    result["creationTimestamp"] = world.timestamp()
    if builtin.counts_generations(call.served):
        result["generation"] = 1
    return result


def _named(world: World, call: Call, metadata: Mapping[str, Value]) -> dict[str, Value]:
    served = call.served
    if metadata.get("resourceVersion"):
        raise bad_request("resourceVersion should not be set on objects to be created")
    name = text(metadata.get("name"))
    if call.name and name and name != call.name:
        raise bad_request(f"the name of the object ({name}) does not match the name on the URL ({call.name})")
    if not name and metadata.get("generateName"):
        suffix = "".join(world.random.choices(_SUFFIX_LETTERS, k=5))
        name = f"{text(metadata['generateName'])[:58]}{suffix}"
    if not name:
        wrong = [("metadata.name", "Required value: name or generateName is required")]
        raise invalid(served.kind.kind, served.kind.group, "", wrong)
    fault = wrong_name(served, name)
    if fault:
        causes = [("metadata.name", f'Invalid value: "{name}": {fault}')]
        raise invalid(served.kind.kind, served.kind.group, name, causes)
    return fresh_metadata(world, call, {**metadata, "name": name})


def _check_namespace(world: World, call: Call, name: str) -> None:
    if not call.namespace:
        raise ApiError(
            405, "MethodNotAllowed", "a namespaced object is created in a namespace: POST to .../namespaces/NAME/..."
        )
    namespace = namespace_of(world, call.namespace)
    if namespace is None:
        raise not_found(Subject("namespaces", "", call.namespace))
    if mapping(namespace.get("metadata")).get("deletionTimestamp"):
        why = f"unable to create new content in namespace {call.namespace} because it is being terminated"
        cause: Value = {
            "reason": "NamespaceTerminating",
            "message": f"namespace {call.namespace} is being terminated",
            "field": "metadata.namespace",
        }
        raise forbidden(call.served.subject(name), why, [cause])
