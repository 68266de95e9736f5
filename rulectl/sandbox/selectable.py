"""Which fields a field selector may name, per resource: the server refuses every other."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rulectl.sandbox.registry import Served
from rulectl.sandbox.selector import (
    FieldTerm,
    Selector,
    field_reader,
    parse_fields,
    parse_labels,
    read_name,
    read_namespace,
)
from rulectl.sandbox.status import bad_request
from rulectl.sandbox.store import StorageType
from rulectl.sandbox.stored import Stored

_POD = (
    "spec.nodeName spec.restartPolicy spec.schedulerName spec.serviceAccountName status.phase status.podIP "
    "status.nominatedNodeName"
)
_EVENT = (
    "involvedObject.kind involvedObject.namespace involvedObject.name involvedObject.uid "
    "involvedObject.apiVersion involvedObject.resourceVersion involvedObject.fieldPath reason "
    "reportingComponent type"
)
_PLAIN: Mapping[StorageType, str] = {
    StorageType("", "pods"): _POD,
    StorageType("", "events"): _EVENT,
    StorageType("", "namespaces"): "status.phase",
    StorageType("", "secrets"): "type",
    StorageType("", "services"): "spec.clusterIP spec.type",
    StorageType("certificates.k8s.io", "certificatesigningrequests"): "spec.signerName",
}
_OTHER: Mapping[tuple[StorageType, str], tuple[tuple[str, ...], str]] = {
    (StorageType("", "pods"), "spec.hostNetwork"): (("spec.hostNetwork",), "false"),
    (StorageType("", "events"), "source"): (("source.component", "reportingComponent"), ""),
    (StorageType("", "nodes"), "spec.unschedulable"): (("spec.unschedulable",), "false"),
    (StorageType("", "replicationcontrollers"), "status.replicas"): (("status.replicas",), "0"),
    (StorageType("apps", "replicasets"), "status.replicas"): (("status.replicas",), "0"),
    (StorageType("batch", "jobs"), "status.successful"): (("status.succeeded",), "0"),
}
"""Fields that are kept elsewhere than their name says, or that mean something when they are absent."""


def selector_of(served: Served, query: Mapping[str, str]) -> Selector:
    """What ``labelSelector`` and ``fieldSelector`` of a request ask for.

    Raises:
        ApiError: 400 when one cannot be read or names a field that cannot be selected by.
    """
    try:
        labels = parse_labels(query.get("labelSelector", ""))
        fields = [
            FieldTerm(_reader(served, path), value, equal)
            for path, value, equal in parse_fields(query.get("fieldSelector", ""))
        ]
    except ValueError as error:
        raise bad_request(str(error)) from error
    return Selector(labels, tuple(fields))


def _reader(served: Served, path: str) -> Callable[[Stored], str]:
    if path == "metadata.name":
        return read_name
    if path == "metadata.namespace" and served.namespaced:
        return read_namespace
    kept = path.replace("regarding.", "involvedObject.", 1) if served.storage.plural == "events" else path
    kept = "reportingComponent" if kept == "reportingController" else kept
    if (served.storage, kept) in _OTHER:
        paths, absent = _OTHER[served.storage, kept]
        return field_reader(paths, absent)
    if kept in _PLAIN.get(served.storage, "").split() or kept in served.selectable:
        return field_reader((kept,), "")
    raise bad_request(f'field label not supported: {path} (for "{served.kind.kind}")')
