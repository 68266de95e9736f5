"""Kubernetes' protobuf bodies -> objects: what kubectl's typed commands send, and no more.

``kubectl create`` and ``auth can-i`` send protobuf and do not fall back to JSON. Answers need not
be protobuf, so this only decodes. A field that the tables below do not have is refused, never dropped.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from rulectl.errors import PermanentError
from rulectl.value import Value

MAGIC = b"k8s\x00"
HINT = "send JSON or YAML instead: kubectl apply -f FILE, or kubectl create -f FILE"


class UnsupportedProtobuf(PermanentError):  # noqa: N818 - says what it is
    """The body is of a kind, or has a field, that cannot be decoded here (415); the message has a way out."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} in protobuf is not supported by the sandbox; {HINT}", status=415)


def decode(body: bytes) -> dict[str, Value]:
    """The object in a request body of type ``application/vnd.kubernetes.protobuf``.

    Fields at their zero value are left out, as in JSON.

    Raises:
        UnsupportedProtobuf: the kind, or a field that it uses, has no table here.
        ValueError: the body is not in Kubernetes' envelope, or cut short.
    """
    if not body.startswith(MAGIC):
        raise ValueError("not Kubernetes protobuf: the body does not begin with k8s and a zero byte")
    envelope: dict[int, bytes] = {}
    for number, content in _fields(body[len(MAGIC) :]):
        if isinstance(content, bytes):
            envelope[number] = content
    meta = {number: content for number, content in _fields(envelope.get(1, b"")) if isinstance(content, bytes)}
    api_version, kind = meta.get(1, b"").decode(), meta.get(2, b"").decode()
    if envelope.get(3):
        raise UnsupportedProtobuf(f"content encoding {envelope[3].decode(errors='replace')}")
    message = KINDS.get((api_version, kind))
    if message is None:
        raise UnsupportedProtobuf(f"{api_version} {kind}")
    return {"apiVersion": api_version, "kind": kind, **_message(envelope.get(2, b""), message)}


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    type: str
    repeated: bool = False
    entries: bool = False
    pointer: bool = False
    """A pointer in Go: its zero value says something and is kept."""


def _message(data: bytes, message: str) -> dict[str, Value]:
    table, result = _table(message), {}
    lists: dict[str, list[Value]] = {}
    maps: dict[str, dict[str, Value]] = {}
    for number, content in _fields(data):
        field = table.get(number)
        if field is None:
            raise UnsupportedProtobuf(f"field {number} of {message}")
        if field.entries:
            key, value = _entry(content, field)
            maps.setdefault(field.name, {})[key] = value
            continue
        value = _value(content, field.type)
        if field.name == INLINE and isinstance(value, dict):
            result.update(value)
        elif field.repeated:
            lists.setdefault(field.name, []).append(value)
        elif field.pointer or value not in ("", 0, {}, None):
            result[field.name] = value
    return {**result, **lists, **maps}


def _entry(content: bytes | int, field: _Field) -> tuple[str, Value]:
    parts = dict(_fields(_bytes(content)))
    return _bytes(parts.get(1, b"")).decode(), _value(parts.get(2, b""), field.type)


def _value(content: bytes | int, kind: str) -> Value:
    match kind:
        case "str":
            return _bytes(content).decode()
        case "bytes":
            return base64.b64encode(_bytes(content)).decode()
        case "bool":
            return bool(content)
        case "int":
            number = content if isinstance(content, int) else 0
            return number - (1 << 64) if number >> 63 else number
        case "time":
            return _time(dict(_fields(_bytes(content))))
        case "quantity":
            return _bytes(dict(_fields(_bytes(content))).get(1, b"")).decode()
        case "int-or-string":
            parts = dict(_fields(_bytes(content)))
            return _value(parts.get(3, b""), "str") if parts.get(1) else _value(parts.get(2, 0), "int")
        case _:
            return _message(_bytes(content), kind)


def _time(parts: Mapping[int, bytes | int]) -> Value:
    seconds = _value(parts.get(1, 0), "int")
    if not isinstance(seconds, int) or (not seconds and not parts):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, OSError) as fault:
        raise ValueError(f"malformed protobuf: {seconds} is no time") from fault


def _bytes(content: bytes | int) -> bytes:
    if isinstance(content, int):
        raise ValueError("malformed protobuf: a number where text or a message belongs")  # noqa: TRY004
    return content


def _fields(data: bytes) -> Iterator[tuple[int, bytes | int]]:
    """(field number, number or bytes) of every field of a message."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        match tag & 7:
            case 0:
                number, at = _varint(data, at)
                yield tag >> 3, number
            case 2:
                size, at = _varint(data, at)
                if at + size > len(data):
                    raise ValueError("malformed protobuf: the body is cut short")
                yield tag >> 3, data[at : at + size]
                at += size
            case wire:
                raise ValueError(f"malformed protobuf: wire type {wire} does not occur in Kubernetes' kinds")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise ValueError("malformed protobuf: the body is cut short")
        byte = data[at]
        number |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return number & ((1 << 64) - 1), at


@cache
def _table(message: str) -> Mapping[int, _Field]:
    fields: dict[int, _Field] = {}
    for part in _MESSAGES[message].split(","):
        number, name, written = part.split()
        kind = written.removeprefix("[]").removeprefix("{}").removeprefix("*")
        fields[int(number)] = _Field(
            name, kind, written.startswith("[]"), written.startswith("{}"), written.startswith("*")
        )
    return fields


KINDS: Mapping[tuple[str, str], str] = {
    ("v1", "ConfigMap"): "ConfigMap",
    ("v1", "DeleteOptions"): "DeleteOptions",
    ("v1", "Namespace"): "Namespace",
    ("v1", "ResourceQuota"): "ResourceQuota",
    ("v1", "Secret"): "Secret",
    ("v1", "Service"): "Service",
    ("v1", "ServiceAccount"): "ServiceAccount",
    ("apps/v1", "Deployment"): "Deployment",
    ("authentication.k8s.io/v1", "TokenRequest"): "TokenRequest",
    ("authorization.k8s.io/v1", "SelfSubjectAccessReview"): "SelfSubjectAccessReview",
    ("authorization.k8s.io/v1", "SelfSubjectRulesReview"): "SelfSubjectRulesReview",
    ("batch/v1", "CronJob"): "CronJob",
    ("batch/v1", "Job"): "Job",
    ("networking.k8s.io/v1", "Ingress"): "Ingress",
    ("policy/v1", "Eviction"): "Eviction",
    ("policy/v1", "PodDisruptionBudget"): "PodDisruptionBudget",
    ("rbac.authorization.k8s.io/v1", "ClusterRole"): "ClusterRole",
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"): "ClusterRoleBinding",
    ("rbac.authorization.k8s.io/v1", "Role"): "Role",
    ("rbac.authorization.k8s.io/v1", "RoleBinding"): "RoleBinding",
    ("scheduling.k8s.io/v1", "PriorityClass"): "PriorityClass",
}
"""The kinds that can be decoded, and their messages."""

INLINE = "-"
"""Instead of a name: the fields of the message stand in the one around it."""

# number name type; [] repeated, {} map from text, * pointer in Go. Numbers are Kubernetes' wire format.
_MESSAGES: Mapping[str, str] = {
    "AggregationRule": "1 clusterRoleSelectors []LabelSelector",
    "BoundObjectReference": "1 kind str, 2 apiVersion str, 3 name str, 4 uid str",
    "ClientIPConfig": "1 timeoutSeconds *int",
    "ClusterRole": "1 metadata ObjectMeta, 2 rules []PolicyRule, 3 aggregationRule *AggregationRule",
    "ClusterRoleBinding": "1 metadata ObjectMeta, 2 subjects []Subject, 3 roleRef RoleRef",
    "ConfigMap": "1 metadata ObjectMeta, 2 data {}str, 3 binaryData {}bytes, 4 immutable *bool",
    "Container": "1 name str, 2 image str, 3 command []str, 4 args []str, 5 workingDir str, 6 ports []ContainerPort,"
    " 7 env []EnvVar, 8 resources ResourceRequirements, 13 terminationMessagePath str, 14 imagePullPolicy str,"
    " 16 stdin bool, 17 stdinOnce bool, 18 tty bool, 20 terminationMessagePolicy str, 24 restartPolicy *str",
    "ContainerPort": "1 name str, 2 hostPort int, 3 containerPort int, 4 protocol str, 5 hostIP str",
    "CronJob": "1 metadata ObjectMeta, 2 spec CronJobSpec, 3 status CronJobStatus",
    "CronJobSpec": "1 schedule str, 2 startingDeadlineSeconds *int, 3 concurrencyPolicy str, 4 suspend *bool,"
    " 5 jobTemplate JobTemplateSpec, 6 successfulJobsHistoryLimit *int, 7 failedJobsHistoryLimit *int,"
    " 8 timeZone *str",
    "CronJobStatus": "1 active []ObjectReference, 4 lastScheduleTime time, 5 lastSuccessfulTime time",
    "DeleteOptions": "1 gracePeriodSeconds *int, 2 preconditions *Preconditions, 3 orphanDependents *bool,"
    " 4 propagationPolicy *str, 5 dryRun []str, 6 ignoreStoreReadErrorWithClusterBreakingPotential *bool",
    "Deployment": "1 metadata ObjectMeta, 2 spec DeploymentSpec, 3 status DeploymentStatus",
    "DeploymentSpec": "1 replicas *int, 2 selector *LabelSelector, 3 template PodTemplateSpec,"
    " 4 strategy DeploymentStrategy, 5 minReadySeconds int, 6 revisionHistoryLimit *int, 7 paused bool,"
    " 9 progressDeadlineSeconds *int",
    "DeploymentStatus": "1 observedGeneration int, 2 replicas int, 3 updatedReplicas int, 4 availableReplicas int,"
    " 5 unavailableReplicas int, 7 readyReplicas int, 8 collisionCount *int, 9 terminatingReplicas *int",
    "DeploymentStrategy": "1 type str, 2 rollingUpdate *RollingUpdateDeployment",
    "EnvVar": "1 name str, 2 value str",
    "Eviction": "1 metadata ObjectMeta, 2 deleteOptions *DeleteOptions",
    "HTTPIngressPath": "1 path str, 2 backend IngressBackend, 3 pathType *str",
    "HTTPIngressRuleValue": "1 paths []HTTPIngressPath",
    "Ingress": "1 metadata ObjectMeta, 2 spec IngressSpec, 3 status IngressStatus",
    "IngressBackend": "3 resource *TypedLocalObjectReference, 4 service *IngressServiceBackend",
    "IngressLoadBalancerStatus": "1 ingress []LoadBalancerIngress",
    "IngressRule": "1 host str, 2 - IngressRuleValue",
    "IngressRuleValue": "1 http *HTTPIngressRuleValue",
    "IngressServiceBackend": "1 name str, 2 port ServiceBackendPort",
    "IngressSpec": "1 defaultBackend *IngressBackend, 2 tls []IngressTLS, 3 rules []IngressRule,"
    " 4 ingressClassName *str",
    "IngressStatus": "1 loadBalancer IngressLoadBalancerStatus",
    "IngressTLS": "1 hosts []str, 2 secretName str",
    "Job": "1 metadata ObjectMeta, 2 spec JobSpec, 3 status JobStatus",
    "JobSpec": "1 parallelism *int, 2 completions *int, 3 activeDeadlineSeconds *int, 4 selector *LabelSelector,"
    " 5 manualSelector *bool, 6 template PodTemplateSpec, 7 backoffLimit *int, 8 ttlSecondsAfterFinished *int,"
    " 9 completionMode *str, 10 suspend *bool, 12 backoffLimitPerIndex *int, 13 maxFailedIndexes *int,"
    " 14 podReplacementPolicy *str, 15 managedBy *str",
    "JobStatus": "2 startTime time, 3 completionTime time, 4 active int, 5 succeeded int, 6 failed int,"
    " 7 completedIndexes str, 9 ready *int, 10 failedIndexes *str, 11 terminating *int",
    "JobTemplateSpec": "1 metadata ObjectMeta, 2 spec JobSpec",
    "LabelSelector": "1 matchLabels {}str, 2 matchExpressions []LabelSelectorRequirement",
    "LabelSelectorRequirement": "1 key str, 2 operator str, 3 values []str",
    "LoadBalancerStatus": "1 ingress []LoadBalancerIngress",
    "LoadBalancerIngress": "1 ip str, 2 hostname str",
    "LocalObjectReference": "1 name str",
    "Namespace": "1 metadata ObjectMeta, 2 spec NamespaceSpec, 3 status NamespaceStatus",
    "NamespaceSpec": "1 finalizers []str",
    "NamespaceStatus": "1 phase str",
    "NonResourceAttributes": "1 path str, 2 verb str",
    "ObjectMeta": "1 name str, 2 generateName str, 3 namespace str, 4 selfLink str, 5 uid str, 6 resourceVersion str,"
    " 7 generation int, 8 creationTimestamp time, 9 deletionTimestamp time, 10 deletionGracePeriodSeconds *int,"
    " 11 labels {}str, 12 annotations {}str, 13 ownerReferences []OwnerReference, 14 finalizers []str",
    "ObjectReference": "1 kind str, 2 namespace str, 3 name str, 4 uid str, 5 apiVersion str, 6 resourceVersion str,"
    " 7 fieldPath str",
    "OwnerReference": "1 kind str, 3 name str, 4 uid str, 5 apiVersion str, 6 controller *bool,"
    " 7 blockOwnerDeletion *bool",
    "PodDisruptionBudget": "1 metadata ObjectMeta, 2 spec PodDisruptionBudgetSpec, 3 status PodDisruptionBudgetStatus",
    "PodDisruptionBudgetSpec": "1 minAvailable *int-or-string, 2 selector *LabelSelector,"
    " 3 maxUnavailable *int-or-string, 4 unhealthyPodEvictionPolicy *str",
    "PodDisruptionBudgetStatus": "1 observedGeneration int, 3 disruptionsAllowed int, 4 currentHealthy int,"
    " 5 desiredHealthy int, 6 expectedPods int",
    "PodSpec": "2 containers []Container, 3 restartPolicy str, 4 terminationGracePeriodSeconds *int,"
    " 5 activeDeadlineSeconds *int, 6 dnsPolicy str, 7 nodeSelector {}str, 8 serviceAccountName str,"
    " 9 serviceAccount str, 10 nodeName str, 11 hostNetwork bool, 12 hostPID bool, 13 hostIPC bool,"
    " 15 imagePullSecrets []LocalObjectReference, 16 hostname str, 17 subdomain str, 19 schedulerName str,"
    " 20 initContainers []Container, 21 automountServiceAccountToken *bool, 22 tolerations []Toleration,"
    " 24 priorityClassName str, 25 priority *int, 27 shareProcessNamespace *bool, 29 runtimeClassName *str,"
    " 30 enableServiceLinks *bool, 31 preemptionPolicy *str",
    "PodTemplateSpec": "1 metadata ObjectMeta, 2 spec PodSpec",
    "PolicyRule": "1 verbs []str, 2 apiGroups []str, 3 resources []str, 4 resourceNames []str, 5 nonResourceURLs []str",
    "Preconditions": "1 uid *str, 2 resourceVersion *str",
    "PriorityClass": "1 metadata ObjectMeta, 2 value *int, 3 globalDefault bool, 4 description str,"
    " 5 preemptionPolicy *str",
    "ResourceAttributes": "1 namespace str, 2 verb str, 3 group str, 4 version str, 5 resource str, 6 subresource str,"
    " 7 name str",
    "ResourceQuota": "1 metadata ObjectMeta, 2 spec ResourceQuotaSpec, 3 status ResourceQuotaStatus",
    "ResourceQuotaSpec": "1 hard {}quantity, 2 scopes []str",
    "ResourceQuotaStatus": "1 hard {}quantity, 2 used {}quantity",
    "ResourceRequirements": "1 limits {}quantity, 2 requests {}quantity",
    "Role": "1 metadata ObjectMeta, 2 rules []PolicyRule",
    "RoleBinding": "1 metadata ObjectMeta, 2 subjects []Subject, 3 roleRef RoleRef",
    "RoleRef": "1 apiGroup str, 2 kind str, 3 name str",
    "RollingUpdateDeployment": "1 maxUnavailable *int-or-string, 2 maxSurge *int-or-string",
    "Secret": "1 metadata ObjectMeta, 2 data {}bytes, 3 type str, 4 stringData {}str, 5 immutable *bool",
    "SelfSubjectAccessReview": "1 metadata ObjectMeta, 2 spec SelfSubjectAccessReviewSpec,"
    " 3 status SubjectAccessReviewStatus",
    "SelfSubjectAccessReviewSpec": "1 resourceAttributes *ResourceAttributes,"
    " 2 nonResourceAttributes *NonResourceAttributes",
    "SelfSubjectRulesReview": "1 metadata ObjectMeta, 2 spec SelfSubjectRulesReviewSpec,"
    " 3 status SubjectRulesReviewStatus",
    "SelfSubjectRulesReviewSpec": "1 namespace str",
    "Service": "1 metadata ObjectMeta, 2 spec ServiceSpec, 3 status ServiceStatus",
    "ServiceAccount": "1 metadata ObjectMeta, 2 secrets []ObjectReference, 3 imagePullSecrets []LocalObjectReference,"
    " 4 automountServiceAccountToken *bool",
    "ServiceBackendPort": "1 name str, 2 number int",
    "ServicePort": "1 name str, 2 protocol str, 3 port *int, 4 targetPort int-or-string, 5 nodePort int,"
    " 6 appProtocol *str",
    "ServiceSpec": "1 ports []ServicePort, 2 selector {}str, 3 clusterIP str, 4 type str, 5 externalIPs []str,"
    " 7 sessionAffinity str, 8 loadBalancerIP str, 9 loadBalancerSourceRanges []str, 10 externalName str,"
    " 11 externalTrafficPolicy str, 12 healthCheckNodePort int, 13 publishNotReadyAddresses bool,"
    " 14 sessionAffinityConfig *SessionAffinityConfig, 17 ipFamilyPolicy *str, 18 clusterIPs []str,"
    " 19 ipFamilies []str, 20 allocateLoadBalancerNodePorts *bool, 21 loadBalancerClass *str,"
    " 22 internalTrafficPolicy *str, 23 trafficDistribution *str",
    "ServiceStatus": "1 loadBalancer LoadBalancerStatus",
    "SessionAffinityConfig": "1 clientIP *ClientIPConfig",
    "Subject": "1 kind str, 2 apiGroup str, 3 name str, 4 namespace str",
    "SubjectAccessReviewStatus": "1 allowed bool, 2 reason str, 3 evaluationError str, 4 denied bool",
    "SubjectRulesReviewStatus": "3 incomplete bool, 4 evaluationError str",
    "TokenRequest": "1 metadata ObjectMeta, 2 spec TokenRequestSpec, 3 status TokenRequestStatus",
    "TokenRequestSpec": "1 audiences []str, 3 boundObjectRef *BoundObjectReference, 4 expirationSeconds *int",
    "TokenRequestStatus": "1 token str, 2 expirationTimestamp time",
    "TypedLocalObjectReference": "1 apiGroup *str, 2 kind str, 3 name str",
    "Toleration": "1 key str, 2 operator str, 3 value str, 4 effect str, 5 tolerationSeconds *int",
}
