"""Subresources with a kind of their own (scale, eviction, binding, token) and the access reviews."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rulectl.sandbox.answer import Answer, json_answer
from rulectl.sandbox.body import object_in
from rulectl.sandbox.deleting import DeleteOptions, delete_item
from rulectl.sandbox.jsonpath import at_path, set_at
from rulectl.sandbox.patching import object_of, patch_document, patch_type, patched
from rulectl.sandbox.present import stored_answer
from rulectl.sandbox.registry import ScalePaths
from rulectl.sandbox.status import bad_request, conflict, invalid, method_not_allowed
from rulectl.sandbox.stored import Stored
from rulectl.sandbox.updating import check_identity, found, replace
from rulectl.sandbox.world import Call, World
from rulectl.sandbox.writes import namespace_of, put
from rulectl.value import Value, mapping, text

_BUILTIN_SCALE = ScalePaths(".spec.replicas", ".status.replicas", ".spec.selector")
_USER: Mapping[str, Value] = {"username": "sandbox", "groups": ["system:masters", "system:authenticated"]}
Handler = Callable[[World, Call], Answer]


def scale(world: World, call: Call) -> Answer:
    """GET, PUT and PATCH of ``scale``."""
    item = found(world, call)
    paths = call.served.scale or _BUILTIN_SCALE
    now = _scale_of(item, paths)
    if call.method == "GET":
        return json_answer(now)
    if call.method == "PUT":
        wished = object_in(call)
    elif call.method == "PATCH":
        kind = patch_type(call)
        wished = object_of(patched(kind, now, patch_document(call), call))
    else:
        raise method_not_allowed()
    check_identity(call, item, mapping(wished.get("metadata")))
    replicas = mapping(wished.get("spec")).get("replicas", 0)
    if not isinstance(replicas, int) or replicas < 0:
        causes = [("spec.replicas", f"Invalid value: {replicas}: must be greater than or equal to 0")]
        raise invalid("Scale", "autoscaling", call.name, causes)
    body = set_at(call.served.shown(item.object), paths.spec_replicas, replicas)
    replace(world, call, item, body, warnings=[])
    if call.dry_run:
        return json_answer({**now, "spec": {"replicas": replicas}})
    return json_answer(_scale_of(found(world, call), paths))


def evict(world: World, call: Call) -> Answer:
    """POST to ``eviction``: deletes the pod; no disruption budget is looked at."""
    body = object_in(call)
    item = found(world, call)
    preconditions = mapping(mapping(body.get("deleteOptions")).get("preconditions"))
    delete_item(world, call.served, item, DeleteOptions(uid=text(preconditions.get("uid")), dry_run=call.dry_run))
    done = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}
    return json_answer(done, 201)


def bind(world: World, call: Call) -> Answer:
    """POST to ``binding``: says which node a pod runs on."""
    item = found(world, call)
    node = text(mapping(object_in(call).get("target")).get("name"))
    spec = mapping(item.object.get("spec"))
    if not node:
        raise bad_request("a Binding names its node in target.name")
    if spec.get("nodeName"):
        raise conflict(call.served.subject(call.name), f"pod {call.name} is already assigned to a node")
    if not call.dry_run:
        put(world, call.served, item.key, {**item.object, "spec": {**spec, "nodeName": node}})
    done = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}
    return json_answer(done, 201)


def token(world: World, call: Call) -> Answer:
    """POST to a service account's ``token``: a word that means nothing to anybody."""
    found(world, call)
    body = object_in(call)
    status: Mapping[str, Value] = {"token": f"sandbox-{world.new_uid()}", "expirationTimestamp": world.timestamp()}
    head = {"kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1"}
    return json_answer({**body, **head, "status": status}, 201)


def finalize(world: World, call: Call) -> Answer:
    """PUT to a Namespace's ``finalize``: takes it as it is; the sandbox drains namespaces by itself."""
    object_in(call)
    return stored_answer(world, call, found(world, call))


def review(world: World, call: Call) -> Answer:
    """POST of a review: everything is allowed, everybody is known."""
    body = object_in(call)
    kind = call.served.kind
    head = {"kind": kind.kind, "apiVersion": kind.api_version}
    metadata = {"creationTimestamp": None, **mapping(body.get("metadata"))}
    status: Mapping[str, Value]
    match kind.kind:
        case "TokenReview":
            status = {"authenticated": True, "user": _USER}
        case "SelfSubjectReview":
            status = {"userInfo": _USER}
        case "SelfSubjectRulesReview":
            everything: Value = [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}]
            urls: Value = [{"verbs": ["*"], "nonResourceURLs": ["*"]}]
            status = {"resourceRules": everything, "nonResourceRules": urls, "incomplete": False}
        case "Binding":
            raise bad_request("bind a pod by POST to its binding subresource")
        case _:
            status = {"allowed": True, "reason": "the sandbox allows everything"}
    if call.namespace and namespace_of(world, call.namespace) is None:
        raise bad_request(f"there is no namespace {call.namespace!r}")
    return json_answer({**body, **head, "metadata": metadata, "status": status}, 201)


HANDLERS: Mapping[tuple[str, str], Handler] = {
    ("scale", "GET"): scale,
    ("scale", "PUT"): scale,
    ("scale", "PATCH"): scale,
    ("eviction", "POST"): evict,
    ("binding", "POST"): bind,
    ("token", "POST"): token,
    ("finalize", "PUT"): finalize,
}
"""By subresource and method. Others, such as status, are written like the object itself."""


def _scale_of(item: Stored, paths: ScalePaths) -> dict[str, Value]:
    body = item.object
    replicas = (at_path(body, paths.spec_replicas) or [0])[0]
    there = (at_path(body, paths.status_replicas) or [0])[0]
    selector = (at_path(body, paths.selector) or [""])[0] if paths.selector else ""
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {key: item.metadata[key] for key in kept if key in item.metadata},
        "spec": {"replicas": replicas},
        "status": {"replicas": there, "selector": _selector_text(selector)},
    }


def _selector_text(selector: Value) -> str:
    if isinstance(selector, str):
        return selector
    labels = mapping(mapping(selector).get("matchLabels")) or {
        key: value for key, value in mapping(selector).items() if isinstance(value, str)
    }
    return ",".join(f"{key}={text(value)}" for key, value in sorted(labels.items()))
