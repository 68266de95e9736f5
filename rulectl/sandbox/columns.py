"""The columns of tables beside name and age: those of the kinds people look at most, and of CRDs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rulectl.sandbox.jsonpath import at_path
from rulectl.sandbox.registry import PrinterColumn, Served
from rulectl.value import Value, mapping, text

Read = Callable[[Mapping[str, Value]], Value]


@dataclass(frozen=True, slots=True)
class Column:
    """One column; without `read` it is the name or the age."""

    name: str
    type: str = "string"
    description: str = ""
    read: Read | None = None
    priority: int = 0
    """Above 0: only with ``-o wide``."""
    format: str = ""

    def definition(self) -> dict[str, Value]:
        """As it stands in a Table."""
        return {
            "name": self.name,
            "type": self.type,
            "format": self.format,
            "description": self.description,
            "priority": self.priority,
        }


def columns_of(served: Served) -> list[Column]:
    """The columns of a resource's table behind the name."""
    if served.custom:
        return [_printed(column) for column in served.columns]
    return list(_BUILTIN.get(served.storage, ()))


def _printed(column: PrinterColumn) -> Column:
    return Column(
        column.name,
        column.type,
        column.description,
        lambda body: _cell(at_path(body, column.path)),
        column.priority,
    )


def _cell(found: list[Value]) -> Value:
    if not found:
        return None
    return found[0] if len(found) == 1 else ",".join(str(value) for value in found)


def _path(path: str, absent: Value = "<none>") -> Read:
    names = path.split(".")

    def read(body: Mapping[str, Value]) -> Value:
        value: Value = body
        for name in names:
            value = mapping(value).get(name)
        return absent if value is None or value == "" else value

    return read


def _ratio(ready: str, wanted: str) -> Read:
    first, second = _path(ready, 0), _path(wanted, 0)
    return lambda body: f"{first(body)}/{second(body)}"


def _size(field: str) -> Read:
    return lambda body: len(mapping(body.get(field)))


def _list(value: Value) -> list[Mapping[str, Value]]:
    return [mapping(item) for item in value] if isinstance(value, list) else []


def _pod_ready(body: Mapping[str, Value]) -> Value:
    statuses = _list(mapping(body.get("status")).get("containerStatuses"))
    ready = sum(status.get("ready") is True for status in statuses)
    return f"{ready}/{len(_list(mapping(body.get('spec')).get('containers')))}"


def _pod_status(body: Mapping[str, Value]) -> Value:
    status = mapping(body.get("status"))
    if mapping(body.get("metadata")).get("deletionTimestamp"):
        return "Terminating"
    for container in _list(status.get("containerStatuses")):
        for state in ("waiting", "terminated"):
            reason = text(mapping(mapping(container.get("state")).get(state)).get("reason"))
            if reason:
                return reason
    return text(status.get("reason")) or text(status.get("phase")) or "Unknown"


def _restarts(body: Mapping[str, Value]) -> Value:
    counts = (entry.get("restartCount") for entry in _list(mapping(body.get("status")).get("containerStatuses")))
    return str(sum(count for count in counts if isinstance(count, int)))


def _node_status(body: Mapping[str, Value]) -> Value:
    conditions = _list(mapping(body.get("status")).get("conditions"))
    ready = next((entry.get("status") for entry in conditions if entry.get("type") == "Ready"), None)
    told = "Unknown" if ready is None else "Ready" if ready == "True" else "NotReady"
    return f"{told},SchedulingDisabled" if mapping(body.get("spec")).get("unschedulable") else told


def _ports(body: Mapping[str, Value]) -> Value:
    ports = _list(mapping(body.get("spec")).get("ports"))
    return ",".join(f"{port.get('port')}/{port.get('protocol', 'TCP')}" for port in ports) or "<none>"


def _event_object(body: Mapping[str, Value]) -> Value:
    involved = mapping(body.get("involvedObject"))
    return f"{text(involved.get('kind')).lower()}/{text(involved.get('name'))}"


def _completions(body: Mapping[str, Value]) -> Value:
    done = mapping(body.get("status")).get("succeeded") or 0
    return f"{done}/{mapping(body.get('spec')).get('completions') or 1}"


_NAMESPACE_STATUS = Column("Status", read=_path("status.phase"))
_READY = Column("Ready", read=_ratio("status.readyReplicas", "spec.replicas"))
_BUILTIN: Mapping[tuple[str, str], tuple[Column, ...]] = {
    ("", "pods"): (
        Column("Ready", read=_pod_ready),
        Column("Status", read=_pod_status),
        Column("Restarts", read=_restarts),
        Column("IP", read=_path("status.podIP"), priority=1),
        Column("Node", read=_path("spec.nodeName"), priority=1),
    ),
    ("", "namespaces"): (_NAMESPACE_STATUS,),
    ("", "nodes"): (
        Column("Status", read=_node_status),
        Column("Version", read=_path("status.nodeInfo.kubeletVersion")),
    ),
    ("", "configmaps"): (Column("Data", "integer", read=_size("data")),),
    ("", "secrets"): (Column("Type", read=_path("type")), Column("Data", "integer", read=_size("data"))),
    ("", "services"): (
        Column("Type", read=_path("spec.type")),
        Column("Cluster-IP", read=_path("spec.clusterIP")),
        Column("Port(s)", read=_ports),
    ),
    ("", "events"): (
        Column("Type", read=_path("type")),
        Column("Reason", read=_path("reason")),
        Column("Object", read=_event_object),
        Column("Message", read=_path("message")),
    ),
    ("", "persistentvolumeclaims"): (
        Column("Status", read=_path("status.phase")),
        Column("Volume", read=_path("spec.volumeName", "")),
    ),
    ("", "persistentvolumes"): (Column("Status", read=_path("status.phase")),),
    ("", "serviceaccounts"): (),
    ("apps", "deployments"): (
        _READY,
        Column("Up-to-date", "integer", read=_path("status.updatedReplicas", 0)),
        Column("Available", "integer", read=_path("status.availableReplicas", 0)),
    ),
    ("apps", "replicasets"): (
        Column("Desired", "integer", read=_path("spec.replicas", 0)),
        Column("Current", "integer", read=_path("status.replicas", 0)),
        Column("Ready", "integer", read=_path("status.readyReplicas", 0)),
    ),
    ("apps", "statefulsets"): (_READY,),
    ("apps", "daemonsets"): (
        Column("Desired", "integer", read=_path("status.desiredNumberScheduled", 0)),
        Column("Ready", "integer", read=_path("status.numberReady", 0)),
    ),
    ("batch", "jobs"): (Column("Completions", read=_completions),),
    ("batch", "cronjobs"): (
        Column("Schedule", read=_path("spec.schedule")),
        Column("Suspend", read=lambda body: str(bool(mapping(body.get("spec")).get("suspend")))),
    ),
    ("coordination.k8s.io", "leases"): (Column("Holder", read=_path("spec.holderIdentity")),),
    ("apiextensions.k8s.io", "customresourcedefinitions"): (
        Column("Created At", read=_path("metadata.creationTimestamp")),
    ),
}
