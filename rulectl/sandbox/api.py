"""The API server without any I/O: a request in, an answer or a watch out."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

from rulectl.clock import Clock
from rulectl.sandbox import discovery, garbage, subresources
from rulectl.sandbox.accept import wanted, wants_aggregated
from rulectl.sandbox.answer import Answer, NoAnswer, json_answer, plain_answer, refusal
from rulectl.sandbox.creating import create
from rulectl.sandbox.deleting import delete, delete_collection
from rulectl.sandbox.documents import Documents
from rulectl.sandbox.faults import Faults, reply_of
from rulectl.sandbox.listing import list_objects
from rulectl.sandbox.mangler import Mangler
from rulectl.sandbox.patching import patch
from rulectl.sandbox.present import stored_answer
from rulectl.sandbox.registry import Registry
from rulectl.sandbox.route import Route, route
from rulectl.sandbox.status import ApiError, method_not_allowed, no_such_resource
from rulectl.sandbox.store import Store
from rulectl.sandbox.updating import found, update
from rulectl.sandbox.watching import WatchAnswer
from rulectl.sandbox.world import DEFAULT_BOOKMARK_SECONDS, Call, World
from rulectl.sandbox.writes import CRDS

Reply: TypeAlias = Answer | NoAnswer | WatchAnswer
_COLLECTION_VERBS = {"GET": "list", "POST": "create", "DELETE": "deletecollection"}
_OBJECT_VERBS = {"GET": "get", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_READS = frozenset({"GET", "HEAD"})
_TRUE = frozenset({"true", "1", "t", "yes", ""})


class Api:
    """Answers requests as a Kubernetes API server does, from memory, at once.

    `handle` never blocks and never raises. Call it, and read the watches that it gives, under `lock` when
    there is more than one thread. Injected faults are part of what comes back: as data (a delay, no answer,
    a cut stream) that a transport acts out.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        faults: Faults | None = None,
        *,
        kubernetes_version: str | None = None,
        bookmark_seconds: float = DEFAULT_BOOKMARK_SECONDS,
        seed: int | None = None,
    ) -> None:
        """`seed` makes uids and generated names the same every time; leave it out to have them differ."""
        self.lock = threading.RLock()
        self.store = store
        self.faults = Faults() if faults is None else faults
        self.registry = Registry(kubernetes_version)
        rng = random.Random(seed)  # noqa: S311 - names and dice, no secrets
        self.world = World(store, self.registry, clock, rng, bookmark_seconds)
        self.address = "127.0.0.1"
        self.git_version = f"v{self.registry.table.version}.0"
        self._documents = Documents(self.registry, self.git_version)

    def handle(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Reply:
        """The reply to one request; header names may be of any case, `path` and `query` are unescaped."""
        query = query or {}
        lowered = {name.lower(): value for name, value in (headers or {}).items()}
        with self.lock:
            return self._with_faults(method, path, query, lowered, body)

    def _with_faults(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> Reply:
        watch = method == "GET" and _watches(path, query)
        fault = None
        if len(self.faults):
            at = self.world.clock.monotonic()
            fault = self.faults.hit(method, path, watch=watch, at=at)
        if fault is None:
            return self._answer(method, path, query, headers, body, None)
        instead = reply_of(fault)
        if instead is not None and not fault.carry_out:
            return instead
        mangler = self.faults.mangler(fault) if watch else None
        real = self._answer(method, path, query, headers, body, mangler)
        if instead is not None:
            if isinstance(real, WatchAnswer):
                real.close()
            return instead
        if isinstance(real, WatchAnswer):
            real.delay_seconds = fault.delay
            return real
        return replace(real, delay_seconds=fault.delay)

    def _answer(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        body: bytes,
        mangler: Mangler | None,
    ) -> Answer | WatchAnswer:
        try:
            if path.startswith(("/api/", "/apis/")) and (place := route(self.registry, path)):
                return self._resource(method, place, query, headers, body, mangler)
            return self._other(method, path, headers)
        except ApiError as error:
            return refusal(error)
        finally:
            garbage.settle(self.world)

    def _resource(
        self,
        method: str,
        place: Route,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        body: bytes,
        mangler: Mangler | None,
    ) -> Answer | WatchAnswer:
        method = "GET" if method == "HEAD" else method
        call = Call(method, place.served, place.namespace, place.name, place.subresource, query, headers, body)
        if query.get("dryRun", "All") != "All":
            raise ApiError(422, "Invalid", 'dryRun: Unsupported value: supported values: "All"')
        if place.subresource:
            return self._subresource(call)
        if method == "GET" and (place.legacy_watch or _asks(query)):
            return self._watch(call, mangler)
        verb = (_OBJECT_VERBS if call.name else _COLLECTION_VERBS).get(method)
        if verb is None or verb not in call.served.row.verbs:
            raise method_not_allowed()
        if verb == "deletecollection" and call.served.namespaced and not call.namespace:
            raise method_not_allowed()
        if verb == "create" and "list" not in call.served.row.verbs:
            return subresources.review(self.world, call)
        return self._verb(verb, call)

    def _verb(self, verb: str, call: Call) -> Answer:
        match verb:
            case "get":
                return stored_answer(self.world, call, found(self.world, call))
            case "list":
                return list_objects(self.world, call)
            case "create":
                return create(self.world, call)
            case "update":
                return update(self.world, call)
            case "patch":
                return patch(self.world, call)
            case "delete":
                return delete(self.world, call)
        return delete_collection(self.world, call)

    def _watch(self, call: Call, mangler: Mangler | None) -> Answer | WatchAnswer:
        if "watch" not in call.served.row.verbs:
            raise method_not_allowed()
        if call.name:
            fields = ",".join(filter(None, [call.query.get("fieldSelector"), f"metadata.name={call.name}"]))
            call = replace(call, query={**call.query, "fieldSelector": fields})
        return WatchAnswer(self.world, call, mangler)

    def _subresource(self, call: Call) -> Answer:
        below = call.served.row.subresource(call.subresource)
        if below is None:
            raise no_such_resource()
        handler = subresources.HANDLERS.get((call.subresource, call.method))
        if handler is not None:
            return handler(self.world, call)
        verb = _OBJECT_VERBS.get(call.method)
        if verb is None or verb not in below.verbs or below.kind.kind != call.served.kind.kind:
            raise method_not_allowed()
        return self._verb(verb, call)

    def _other(self, method: str, path: str, headers: Mapping[str, str]) -> Answer:
        if method not in _READS:
            return plain_answer("404 page not found\n", 404)
        match path.strip("/").split("/"):
            case ["healthz" | "livez" | "readyz", *_]:
                return plain_answer("ok")
            case ["version"]:
                return json_answer(self._version())
            case ["openapi", "v2"]:
                return Answer(200, self._documents.version2(self.store.collection(CRDS).items))
            case ["openapi", "v3"]:
                return Answer(200, self._documents.index())
            case ["openapi", "v3", *rest]:
                return self._document(rest)
            case ["api" | "apis" as root, *rest]:
                return self._discovery(root, rest, headers)
            case [""]:
                roots = ["/api", "/apis", "/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version"]
                return json_answer({"paths": roots})
        return plain_answer("404 page not found\n", 404)

    def _document(self, rest: list[str]) -> Answer:
        crds = self.store.collection(CRDS).items
        document = None
        match rest:
            case ["api", version]:
                document = self._documents.version3("", version, crds)
            case ["apis", group, version]:
                document = self._documents.version3(group, version, crds)
        return Answer(200, document) if document is not None else plain_answer("404 page not found\n", 404)

    def _discovery(self, root: str, rest: list[str], headers: Mapping[str, str]) -> Answer:
        if not rest and wants_aggregated(headers):
            document = discovery.aggregated(self.registry, core=root == "api")
            return json_answer(document, headers={"Content-Type": discovery.AGGREGATED_TYPE})
        wanted(headers, {})
        shown = None
        match (root, rest):
            case ("api", []):
                shown = discovery.core_versions(self.registry, self.address)
            case ("apis", []):
                shown = discovery.groups(self.registry)
            case ("api", [version]):
                shown = discovery.resources(self.registry, "", version)
            case ("apis", [group]):
                shown = discovery.group(self.registry, group)
            case ("apis", [group, version]):
                shown = discovery.resources(self.registry, group, version)
        return json_answer(shown) if shown is not None else plain_answer("404 page not found\n", 404)

    def _version(self) -> dict[str, str]:
        major, _, minor = self.registry.table.version.partition(".")
        return {
            "major": major,
            "minor": minor,
            "gitVersion": self.git_version,
            "gitCommit": "",
            "gitTreeState": "clean",
            "buildDate": "1970-01-01T00:00:00Z",
            "goVersion": "rulectl sandbox",
            "compiler": "none",
            "platform": "memory",
        }


def _asks(query: Mapping[str, str]) -> bool:
    return "watch" in query and query["watch"].lower() in _TRUE


def _watches(path: str, query: Mapping[str, str]) -> bool:
    return _asks(query) or (path.startswith(("/api/v1/watch/", "/apis/")) and "/watch/" in path)
