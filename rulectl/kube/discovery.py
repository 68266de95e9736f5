"""What the server serves: from a kind, or from what people call it, to its resource."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from rulectl.clock import Clock
from rulectl.errors import NotFound, PermanentError, TransientError
from rulectl.kube.catalogue import Catalogue, Served, catalogue_of, served_by_version, versions_of
from rulectl.kube.client import KubeClient
from rulectl.kube.transport import JSON, Request, Transport
from rulectl.resource import Kind, Resource
from rulectl.value import Value, decode, mapping

REFRESH_SECONDS = 10.0
"""A kind that is not there is looked for again at most so often; a CRD may arrive at any time."""

AGGREGATED = ",".join(
    (
        "application/json;as=APIGroupDiscoveryList;v=v2;g=apidiscovery.k8s.io",
        "application/json;as=APIGroupDiscoveryList;v=v2beta1;g=apidiscovery.k8s.io",
        JSON,
    )
)


class Discovery:
    """Cached; reads again when asked for a kind it does not know. Safe for any thread."""

    def __init__(self, transport: Transport, clock: Clock) -> None:
        self._client = KubeClient(transport, clock)
        self._clock = clock
        self._lock = threading.Lock()  # guards the two below; held while reading, so that one thread reads
        self._catalogue: Catalogue | None = None
        self._read_at = 0.0

    def find(self, kind: Kind) -> Resource | None:
        """The resource of `kind`; None: the server does not serve it (now).

        Raises:
            RulectlError: the server could not be asked.
        """
        found = self._current(stale=False).by_kind(kind)
        return found or self._current(stale=True).by_kind(kind)

    def search(self, word: str) -> tuple[Resource, ...]:
        """The resources that people may mean by `word`, the best first; none: nothing is called so.

        A plural, singular, short name or kind, with a group or a version and group behind it:
        ``pods po pod Pod deploy.apps deployments.v1.apps``.

        Raises:
            RulectlError: the server could not be asked.
        """
        found = self._current(stale=False).search(word)
        return found or self._current(stale=True).search(word)

    def served(self) -> tuple[Served, ...]:
        """All that is served, each group's preferred version first.

        Raises:
            RulectlError: the server could not be asked.
        """
        return self._current(stale=False).served

    def unavailable(self) -> tuple[str, ...]:
        """The groups and versions that the server lists but could not describe: an aggregated API is down."""
        return self._current(stale=False).unavailable

    def refresh(self) -> None:
        """The next question is answered from the server."""
        with self._lock:
            self._catalogue = None

    def _current(self, *, stale: bool) -> Catalogue:
        """`stale`: what is cached does not do; it is read again unless that was just done."""
        with self._lock:
            age = self._clock.monotonic() - self._read_at
            if self._catalogue is None or (stale and age >= REFRESH_SECONDS):
                self._catalogue = self._read()
                self._read_at = self._clock.monotonic()
            return self._catalogue

    def _read(self) -> Catalogue:
        served: list[Served] = []
        unavailable: list[str] = []
        for root in ("/api", "/apis"):
            answer = self._get(root, AGGREGATED)
            if answer.get("kind") == "APIGroupDiscoveryList":
                found, missing = catalogue_of(answer)
            else:
                found, missing = self._read_one_by_one(versions_of(answer))
            served += found
            unavailable += missing
        return Catalogue(tuple(served), tuple(unavailable))

    def _read_one_by_one(self, versions: Iterable[str]) -> tuple[list[Served], list[str]]:
        served: list[Served] = []
        unavailable: list[str] = []
        for version in versions:
            path = f"/apis/{version}" if "/" in version else f"/api/{version}"
            try:
                served += served_by_version(version, self._get(path, JSON))
            except (TransientError, NotFound):
                unavailable.append(version)  # one broken aggregated API must not hide all others
        return served, unavailable

    def _get(self, path: str, accept: str) -> dict[str, Value]:
        response = self._client.request(Request("GET", path, accept=accept), f"reading {path}")
        try:
            return dict(mapping(decode(response.body)))
        except ValueError as error:
            raise PermanentError(f"{path} is not JSON: is this a Kubernetes API server? {error}") from error
