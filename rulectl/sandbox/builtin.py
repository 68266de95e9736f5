"""What the server fills in and insists on for built-in kinds: the small part that clients rely on.

Not the whole of Kubernetes' defaulting and validation: `rulectl.sandbox` says what is missing.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping

from rulectl.sandbox.naming import Wrong
from rulectl.sandbox.registry import Served
from rulectl.sandbox.store import StorageType
from rulectl.value import Value, mapping, text

_POD: Mapping[str, Value] = {
    "restartPolicy": "Always",
    "terminationGracePeriodSeconds": 30,
    "dnsPolicy": "ClusterFirst",
    "securityContext": {},
    "schedulerName": "default-scheduler",
}
_SPECS: Mapping[tuple[str, str], Mapping[str, Value]] = {
    ("", "pods"): _POD,
    ("", "replicationcontrollers"): {"replicas": 1},
    ("", "services"): {"type": "ClusterIP", "sessionAffinity": "None"},
    ("", "persistentvolumeclaims"): {"volumeMode": "Filesystem"},
    ("apps", "deployments"): {
        "replicas": 1,
        "strategy": {
            "type": "RollingUpdate",
            "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"},
        },
        "revisionHistoryLimit": 10,
        "progressDeadlineSeconds": 600,
    },
    ("apps", "replicasets"): {"replicas": 1},
    ("apps", "statefulsets"): {"replicas": 1, "podManagementPolicy": "OrderedReady", "revisionHistoryLimit": 10},
    ("apps", "daemonsets"): {"revisionHistoryLimit": 10},
    ("batch", "jobs"): {"parallelism": 1, "completions": 1, "backoffLimit": 6, "suspend": False},
    ("batch", "cronjobs"): {"concurrencyPolicy": "Allow", "suspend": False},
}
_STATUSES: Mapping[tuple[str, str], Mapping[str, Value]] = {
    ("", "pods"): {"phase": "Pending", "qosClass": "BestEffort"},
    ("", "namespaces"): {"phase": "Active"},
    ("", "persistentvolumes"): {"phase": "Pending"},
    ("", "persistentvolumeclaims"): {"phase": "Pending"},
    ("", "services"): {"loadBalancer": {}},
}
_TEMPLATED = frozenset(
    {
        ("", "replicationcontrollers"),
        ("apps", "deployments"),
        ("apps", "replicasets"),
        ("apps", "statefulsets"),
        ("apps", "daemonsets"),
        ("batch", "jobs"),
    }
)
_SELECTING = frozenset(place for place in _TEMPLATED if place[0] == "apps")
_WITH_GENERATION = frozenset(
    {
        *_TEMPLATED,
        ("", "pods"),
        ("batch", "cronjobs"),
        ("networking.k8s.io", "ingresses"),
        ("networking.k8s.io", "ingressclasses"),
        ("networking.k8s.io", "networkpolicies"),
        ("policy", "poddisruptionbudgets"),
        ("flowcontrol.apiserver.k8s.io", "flowschemas"),
        ("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations"),
        ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"),
        ("admissionregistration.k8s.io", "validatingwebhookconfigurations"),
        ("admissionregistration.k8s.io", "validatingadmissionpolicies"),
        ("admissionregistration.k8s.io", "validatingadmissionpolicybindings"),
        ("apiextensions.k8s.io", "customresourcedefinitions"),
    }
)
_KEEPS_STATUS_ON_CREATE = frozenset({("", "nodes")})
_METADATA_BY_STATUS = frozenset({("", "nodes"), ("", "pods")})


def counts_generations(served: Served) -> bool:
    """Whether metadata.generation follows the changes of its objects."""
    return served.custom or served.storage in _WITH_GENERATION


def drops_status_on_create(served: Served) -> bool:
    """Whether a create cannot set the status."""
    return served.has_status and served.storage not in _KEEPS_STATUS_ON_CREATE


def labelled_by_status(served: Served) -> bool:
    """Whether a write to the status subresource may change labels and annotations too."""
    return served.storage in _METADATA_BY_STATUS


def with_defaults(served: Served, body: Mapping[str, Value]) -> dict[str, Value]:
    """A written object with what the server fills in, whether created or updated."""
    result = dict(body)
    defaults = _SPECS.get(served.storage)
    if defaults is not None:
        result["spec"] = {**defaults, **mapping(body.get("spec"))}
    adjust = _ADJUST.get(served.storage)
    if adjust is not None:
        result = adjust(result)
    if served.storage in _TEMPLATED:
        result["spec"] = _templated(served, mapping(result.get("spec")))
    return result


def initial_status(served: Served) -> Mapping[str, Value] | None:
    """The status of a new object that brings none, or None when it has none."""
    return _STATUSES.get(served.storage)


def wrong_spec(served: Served, body: Mapping[str, Value]) -> Iterator[Wrong]:
    """What a built-in kind's validation would refuse, as far as it is known here."""
    spec = mapping(body.get("spec"))
    if served.storage == StorageType("", "pods"):
        yield from _wrong_pod(spec, "spec")
    if served.storage in _TEMPLATED:
        yield from _wrong_template(served, spec)
    if served.storage == StorageType("batch", "cronjobs") and not spec.get("schedule"):
        yield "spec.schedule", "Required value"
    if served.storage == StorageType("", "services"):
        needs_ports = spec.get("type") != "ExternalName" and spec.get("clusterIP") != "None"
        if needs_ports and not spec.get("ports"):
            yield "spec.ports", "Required value"
    if served.storage == StorageType("", "persistentvolumeclaims") and not spec.get("accessModes"):
        yield "spec.accessModes", "Required value: at least 1 access mode is required"
    if served.plural in {"rolebindings", "clusterrolebindings"}:
        for key in ("kind", "name"):
            if not mapping(body.get("roleRef")).get(key):
                yield f"roleRef.{key}", "Required value"


def _wrong_template(served: Served, spec: Mapping[str, Value]) -> Iterator[Wrong]:
    template = mapping(spec.get("template"))
    if served.storage in _SELECTING:
        wanted = mapping(mapping(spec.get("selector")).get("matchLabels"))
        labels = mapping(mapping(template.get("metadata")).get("labels"))
        if not spec.get("selector"):
            yield "spec.selector", "Required value"
        elif any(labels.get(key) != value for key, value in wanted.items()):
            yield (
                "spec.template.metadata.labels",
                "Invalid value: `selector` does not match template `labels`",
            )
    yield from _wrong_pod(mapping(template.get("spec")), "spec.template.spec")


def _wrong_pod(spec: Mapping[str, Value], path: str) -> Iterator[Wrong]:
    containers = spec.get("containers")
    if not isinstance(containers, list) or not containers:
        yield f"{path}.containers", "Required value"
        return
    names: set[str] = set()
    for index, container in enumerate(containers):
        name = text(mapping(container).get("name"))
        if not name:
            yield f"{path}.containers[{index}].name", "Required value"
        if name in names:
            yield f"{path}.containers[{index}].name", f'Duplicate value: "{name}"'
        names.add(name)
        if not mapping(container).get("image") and path == "spec":
            yield f"{path}.containers[{index}].image", "Required value"
    if text(spec.get("restartPolicy") or "Always") not in {"Always", "OnFailure", "Never"}:
        yield f"{path}.restartPolicy", 'Unsupported value: supported values: "Always", "OnFailure", "Never"'


def _templated(served: Served, spec: Mapping[str, Value]) -> dict[str, Value]:
    template = mapping(spec.get("template"))
    if not template.get("spec"):
        return dict(spec)
    pod = {**_POD, **mapping(template["spec"])}
    if served.storage == StorageType("batch", "jobs") and "restartPolicy" not in mapping(template["spec"]):
        del pod["restartPolicy"]
    return {**spec, "template": {**template, "spec": pod}}


def _namespace(body: Mapping[str, Value]) -> dict[str, Value]:
    metadata = mapping(body.get("metadata"))
    labels = {**mapping(metadata.get("labels")), "kubernetes.io/metadata.name": metadata.get("name")}
    spec = {"finalizers": ["kubernetes"], **mapping(body.get("spec"))}
    return {**body, "metadata": {**metadata, "labels": labels}, "spec": spec}


def _secret(body: Mapping[str, Value]) -> dict[str, Value]:
    plain = mapping(body.get("stringData"))
    result = {"type": "Opaque", **{key: value for key, value in body.items() if key != "stringData"}}
    if plain:
        encoded = {key: base64.b64encode(text(value).encode()).decode() for key, value in plain.items()}
        result["data"] = {**mapping(body.get("data")), **encoded}
    return result


def _service(body: Mapping[str, Value]) -> dict[str, Value]:
    spec = mapping(body.get("spec"))
    ports = spec.get("ports")
    if not isinstance(ports, list):
        return dict(body)
    filled = [{"protocol": "TCP", "targetPort": mapping(port).get("port"), **mapping(port)} for port in ports]
    return {**body, "spec": {**spec, "ports": filled}}


_ADJUST: Mapping[tuple[str, str], Callable[[Mapping[str, Value]], dict[str, Value]]] = {
    ("", "namespaces"): _namespace,
    ("", "secrets"): _secret,
    ("", "services"): _service,
}
