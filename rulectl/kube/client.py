"""A small API client on plain JSON values: the verbs that rules, plugins and the state stores need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from rulectl.clock import Clock
from rulectl.errors import TransientError
from rulectl.kube.status import error_of
from rulectl.kube.transport import Request, Response, Transport
from rulectl.resource import ObjectKey, Resource
from rulectl.value import Value, decode, encode, mapping, text

TIMEOUT_SECONDS = 30.0


class PatchType(Enum):
    """The media types of a patch."""

    MERGE = "application/merge-patch+json"
    JSON = "application/json-patch+json"
    STRATEGIC = "application/strategic-merge-patch+json"
    """Built-in kinds only."""
    APPLY = "application/apply-patch+yaml"
    """Server-side apply; wants a field manager."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; go on with `continue_token` until it is empty."""

    items: tuple[Mapping[str, Value], ...]
    resource_version: str
    continue_token: str
    remaining: int
    """How many more there are, where the server says it; else 0."""


class KubeClient:
    """Each call is one request: no retries, no cache. Safe for any number of threads.

    All raise the errors of `rulectl.errors`: `TransientError` (with what Retry-After asked for) where trying
    again may help, `Forbidden`, `NotFound`, `Conflict`, `Gone` or another `PermanentError` where it cannot.
    """

    def __init__(self, transport: Transport, clock: Clock, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        """`timeout_seconds` is for each request."""
        self._transport = transport
        self._clock = clock
        self._timeout_seconds = timeout_seconds

    def get(self, resource: Resource, key: ObjectKey, *, subresource: str = "") -> Mapping[str, Value]:
        """The object as the server has it now."""
        path = resource.path(key.namespace, key.name, subresource)
        return self._json(Request("GET", path), f"reading {resource.kind} {key}")

    def list_page(
        self,
        resource: Resource,
        namespace: str = "",
        *,
        label_selector: str = "",
        field_selector: str = "",
        limit: int = 500,
        continue_token: str = "",
        resource_version: str = "",
        resource_version_match: str = "",
    ) -> Page:
        """A page of the objects in `namespace` (empty: in all), consistent unless a version is given."""
        query = {
            "labelSelector": label_selector,
            "fieldSelector": field_selector,
            "limit": str(limit) if limit else "",
            "continue": continue_token,
            "resourceVersion": resource_version,
            "resourceVersionMatch": resource_version_match,
        }
        request = Request("GET", resource.path(namespace), _given(query))
        answer = self._json(request, f"listing {resource.kind}")
        metadata = mapping(answer.get("metadata"))
        items, remaining = answer.get("items"), metadata.get("remainingItemCount")
        return Page(
            tuple(mapping(item) for item in items) if isinstance(items, list) else (),
            text(metadata.get("resourceVersion")),
            text(metadata.get("continue")),
            remaining if isinstance(remaining, int) else 0,
        )

    def create(
        self,
        resource: Resource,
        body: Mapping[str, Value],
        *,
        namespace: str = "",
        field_manager: str = "",
        dry_run: bool = False,
    ) -> Mapping[str, Value]:
        """The object as created; `namespace` defaults to the one in `body`.

        Raises:
            Conflict: it exists.
        """
        metadata = mapping(body.get("metadata"))
        path = resource.path(namespace or text(metadata.get("namespace")))
        name = text(metadata.get("name")) or text(metadata.get("generateName"))
        request = Request("POST", path, _writing(field_manager, dry_run=dry_run), encode(body))
        return self._json(request, f"creating {resource.kind} {name}")

    def update(
        self,
        resource: Resource,
        key: ObjectKey,
        body: Mapping[str, Value],
        *,
        subresource: str = "",
        field_manager: str = "",
        dry_run: bool = False,
    ) -> Mapping[str, Value]:
        """The object after it was replaced by `body`.

        Raises:
            Conflict: `body` has a resourceVersion, and it is not the newest.
        """
        path = resource.path(key.namespace, key.name, subresource)
        request = Request("PUT", path, _writing(field_manager, dry_run=dry_run), encode(body))
        return self._json(request, f"updating {resource.kind} {key}")

    def patch(
        self,
        resource: Resource,
        key: ObjectKey,
        body: Value,
        *,
        type: PatchType = PatchType.MERGE,  # noqa: A002 - the API's word for it
        subresource: str = "",
        field_manager: str = "",
        force: bool = False,
        dry_run: bool = False,
    ) -> Mapping[str, Value]:
        """The object after the patch; `force` takes fields over from other managers (apply only).

        A ``metadata.uid`` or ``metadata.resourceVersion`` in `body` is a precondition.

        Raises:
            Conflict: a precondition fails, or (apply) a field belongs to another manager.
        """
        query = _writing(field_manager, dry_run=dry_run)
        if type is PatchType.APPLY and force:
            query["force"] = "true"
        path = resource.path(key.namespace, key.name, subresource)
        request = Request("PATCH", path, query, encode(body), content_type=type.value)
        return self._json(request, f"patching {resource.kind} {key}")

    def delete(
        self,
        resource: Resource,
        key: ObjectKey,
        *,
        uid: str = "",
        resource_version: str = "",
        propagation: str = "",
        grace_period_seconds: int | None = None,
        dry_run: bool = False,
    ) -> Mapping[str, Value]:
        """What the server answers: a Status, or the object where finalizers hold it.

        `propagation` is Background, Foreground or Orphan; empty leaves it to the server.

        Raises:
            Conflict: the object there has not this `uid` or `resource_version`.
            NotFound: it is gone.
        """
        options: dict[str, Value] = {"apiVersion": "v1", "kind": "DeleteOptions"}
        if conditions := _given({"uid": uid, "resourceVersion": resource_version}):
            options["preconditions"] = conditions
        if propagation:
            options["propagationPolicy"] = propagation
        if grace_period_seconds is not None:
            options["gracePeriodSeconds"] = grace_period_seconds
        path = resource.path(key.namespace, key.name)
        request = Request("DELETE", path, _writing("", dry_run=dry_run), encode(options))
        return self._json(request, f"deleting {resource.kind} {key}")

    def request(self, request: Request, what: str = "") -> Response:
        """Any request; `what` is asked for, in words, for the error's message.

        Raises:
            RulectlError: the answer has a status of 300 or more, or there was none.
        """
        response = self._transport.request(request, timeout_seconds=self._timeout_seconds)
        if response.status >= 300:
            raise error_of(response, what or f"{request.method} {request.path}", self._clock.now())
        return response

    def _json(self, request: Request, what: str) -> Mapping[str, Value]:
        response = self.request(request, what)
        try:
            return mapping(decode(response.body))
        except ValueError as error:
            raise TransientError(
                f"{what}: the answer is no JSON; is there a proxy in between? {error}", status=response.status
            ) from error


def _writing(field_manager: str, *, dry_run: bool) -> dict[str, str]:
    return _given({"fieldManager": field_manager, "dryRun": "All" if dry_run else ""})


def _given(query: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in query.items() if value}
