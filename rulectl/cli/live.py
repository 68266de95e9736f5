"""Kinds and objects as people name them on a command line, looked up in a cluster."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path

from rulectl.cli.connection import ConnectionFlags
from rulectl.cli.output import one_line
from rulectl.clock import SystemClock
from rulectl.errors import NotFound, RulectlError, UsageError
from rulectl.kube.client import KubeClient
from rulectl.kube.connection import Connection, ConnectionOptions, load_connection
from rulectl.kube.discovery import Discovery
from rulectl.problem import nearest
from rulectl.resource import Kind, ObjectKey, Resource
from rulectl.value import Value


def connect(flags: ConnectionFlags, namespace: str = "") -> Connection:
    """The connection that the flags say; nothing is sent yet.

    Raises:
        UsageError: there is no usable configuration.
    """
    if flags.server and "://" not in flags.server:
        raise UsageError(f"--server {flags.server}: write it with its scheme, https://{flags.server}")
    if flags.certificate_authority and not Path(flags.certificate_authority).is_file():
        raise UsageError(
            f"--certificate-authority {flags.certificate_authority}: there is no such file; check the path"
        )
    try:
        return load_connection(ConnectionOptions(**dataclasses.asdict(flags), namespace=namespace))
    except RulectlError as fault:
        if flags.context and f"name {flags.context} in" in str(fault):
            raise UsageError(f"{fault}; `kubectl config get-contexts` lists them") from fault
        raise
    except Exception as fault:  # the client library's parser, its files, its certificates: no common class
        name = flags.kubeconfig or os.environ.get("KUBECONFIG") or "~/.kube/config"
        why = one_line(str(fault))
        raise UsageError(
            f"the configuration {name} cannot be used: {why}; `kubectl config view` reads the same file"
        ) from fault


def is_in_cluster() -> bool:
    """Whether this process is a pod and no kubeconfig says otherwise: `connect` then takes the service account."""
    chosen = os.environ.get("KUBECONFIG") or (Path.home() / ".kube" / "config").exists()
    return not chosen and bool(os.environ.get("KUBERNETES_SERVICE_HOST"))


def resource_named(discovery: Discovery, word: str) -> Resource:
    """What `word` means: ``pods``, ``po``, ``Pod``, ``deployments.apps``, ``apps/v1/Deployment``.

    Raises:
        NotFound: the server serves nothing of that name.
        RulectlError: the server could not be asked.
    """
    api_version, slash, kind = word.rpartition("/")
    exact = discovery.find(Kind(api_version, kind)) if slash else None
    found = exact or next(iter(discovery.search(word)), None)
    if found is not None:
        return found
    known = {
        name: served for served in discovery.served() for name in (served.resource.plural, served.resource.kind.kind)
    }
    near = nearest(word.partition(".")[0], known)
    hint = f"did you mean {near!r}?" if near else "`kubectl api-resources` lists what there is; is its CRD installed?"
    raise NotFound(f"the server has no resource {word!r}; {hint}")


def live_object(words: tuple[str, ...], namespace: str, flags: ConnectionFlags) -> Mapping[str, Value]:
    """The object that ``KIND NAME`` or ``KIND/NAME`` names, as the server has it now.

    Raises:
        UsageError: `words` do not name one object.
        NotFound: there is none of that name.
        RulectlError: the server could not be asked.
    """
    parts = words[0].rsplit("/", 1) if len(words) == 1 else list(words)
    if len(parts) != 2 or not all(parts):
        raise UsageError("name the object as KIND NAME, for example: pod web-0 -n shop")
    connection = connect(flags, namespace)
    clock = SystemClock()
    try:
        resource = resource_named(Discovery(connection.transport, clock), parts[0])
        place = connection.namespace if resource.namespaced else ""
        return KubeClient(connection.transport, clock).get(resource, ObjectKey(place, parts[1]))
    finally:
        connection.transport.close()
