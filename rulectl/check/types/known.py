"""What Kubernetes' documents say in prose only: the values that some fields of built-in kinds have."""

from __future__ import annotations

from collections.abc import Mapping

from rulectl.openapi import Node

_CORE = "io.k8s.api.core.v1."
_CLOSED: Mapping[tuple[str, str], tuple[str, ...]] = {
    (_CORE + "PodStatus", "phase"): ("Pending", "Running", "Succeeded", "Failed", "Unknown"),
    (_CORE + "PodStatus", "qosClass"): ("Guaranteed", "Burstable", "BestEffort"),
    (_CORE + "PodSpec", "restartPolicy"): ("Always", "OnFailure", "Never"),
    (_CORE + "PodSpec", "dnsPolicy"): ("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"),
    (_CORE + "Container", "restartPolicy"): ("Always", "OnFailure", "Never"),
    (_CORE + "Container", "imagePullPolicy"): ("Always", "IfNotPresent", "Never"),
    (_CORE + "Container", "terminationMessagePolicy"): ("File", "FallbackToLogsOnError"),
    (_CORE + "ContainerPort", "protocol"): ("TCP", "UDP", "SCTP"),
    (_CORE + "NamespaceStatus", "phase"): ("Active", "Terminating"),
    (_CORE + "PersistentVolumeClaimStatus", "phase"): ("Pending", "Bound", "Lost"),
    (_CORE + "PersistentVolumeClaimSpec", "volumeMode"): ("Filesystem", "Block"),
    (_CORE + "PersistentVolumeStatus", "phase"): ("Pending", "Available", "Bound", "Released", "Failed"),
    (_CORE + "PersistentVolumeSpec", "volumeMode"): ("Filesystem", "Block"),
    (_CORE + "PersistentVolumeSpec", "persistentVolumeReclaimPolicy"): ("Retain", "Delete", "Recycle"),
    (_CORE + "ServicePort", "protocol"): ("TCP", "UDP", "SCTP"),
    (_CORE + "ServiceSpec", "type"): ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName"),
    (_CORE + "ServiceSpec", "sessionAffinity"): ("None", "ClientIP"),
    (_CORE + "ServiceSpec", "externalTrafficPolicy"): ("Cluster", "Local"),
    (_CORE + "ServiceSpec", "internalTrafficPolicy"): ("Cluster", "Local"),
    (_CORE + "ServiceSpec", "ipFamilyPolicy"): ("SingleStack", "PreferDualStack", "RequireDualStack"),
    (_CORE + "Taint", "effect"): ("NoSchedule", "PreferNoSchedule", "NoExecute"),
    (_CORE + "Toleration", "effect"): ("NoSchedule", "PreferNoSchedule", "NoExecute"),
    (_CORE + "Event", "type"): ("Normal", "Warning"),
    ("io.k8s.api.events.v1.Event", "type"): ("Normal", "Warning"),
    ("io.k8s.api.apps.v1.DeploymentStrategy", "type"): ("RollingUpdate", "Recreate"),
    ("io.k8s.api.apps.v1.StatefulSetUpdateStrategy", "type"): ("RollingUpdate", "OnDelete"),
    ("io.k8s.api.apps.v1.DaemonSetUpdateStrategy", "type"): ("RollingUpdate", "OnDelete"),
    ("io.k8s.api.apps.v1.StatefulSetSpec", "podManagementPolicy"): ("OrderedReady", "Parallel"),
    ("io.k8s.api.batch.v1.CronJobSpec", "concurrencyPolicy"): ("Allow", "Forbid", "Replace"),
    ("io.k8s.api.batch.v1.JobSpec", "completionMode"): ("NonIndexed", "Indexed"),
    ("io.k8s.api.networking.v1.HTTPIngressPath", "pathType"): ("Exact", "Prefix", "ImplementationSpecific"),
    ("io.k8s.api.storage.v1.StorageClass", "reclaimPolicy"): ("Retain", "Delete", "Recycle"),
    ("io.k8s.api.storage.v1.StorageClass", "volumeBindingMode"): ("Immediate", "WaitForFirstConsumer"),
}
"""Sets that Kubernetes' API reference closes: a value outside of one cannot be written or is not served."""

_CONDITION_STATUS = ("True", "False", "Unknown")
_CONDITION_TYPES: Mapping[str, tuple[str, ...]] = {
    _CORE + "PodCondition": (
        "PodScheduled", "PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready", "DisruptionTarget",
    ),
    _CORE + "NodeCondition": ("Ready", "MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable"),
    _CORE + "PersistentVolumeClaimCondition": ("Resizing", "FileSystemResizePending"),
    "io.k8s.api.apps.v1.DeploymentCondition": ("Available", "Progressing", "ReplicaFailure"),
    "io.k8s.api.apps.v1.ReplicaSetCondition": ("ReplicaFailure",),
    "io.k8s.api.batch.v1.JobCondition": (
        "Suspended", "Complete", "Failed", "FailureTarget", "SuccessCriteriaMet",
    ),
    "io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerCondition": ("AbleToScale", "ScalingActive", "ScalingLimited"),
}  # fmt: skip
"""Open sets: anybody may add a condition, so only a slip of one of these is told."""


def closed(owner: Node, field: str) -> tuple[str, ...]:
    """The only texts that a field of `owner` has; empty where any may be.

    The empty text is among them: that is how clients in Go write a field that they leave out.
    """
    known = _CLOSED.get((owner.name, field), ())
    if field == "status" and not known and _is_condition(owner):
        known = _CONDITION_STATUS
    return (*known, "") if known else ()


def usual(owner: Node, field: str) -> tuple[str, ...]:
    """The texts that a field of `owner` usually has."""
    return _CONDITION_TYPES.get(owner.name, ()) if field == "type" else ()


def slip(word: str, known: tuple[str, ...]) -> str:
    """The known word that `word` differs from in case or in one letter; empty when it is known, or far."""
    if word in known:
        return ""
    return next((each for each in known if each.lower() == word.lower() or _is_one_off(word, each)), "")


def _is_condition(owner: Node) -> bool:
    return owner.name.startswith("io.k8s.") and owner.name.endswith("Condition") and "type" in owner.properties


def _is_one_off(left: str, right: str) -> bool:
    """Whether one letter is missing, too many, another, or changed places with the next."""
    if len(left) > len(right):
        left, right = right, left
    if len(right) - len(left) > 1:
        return False
    first = next((index for index, pair in enumerate(zip(left, right, strict=False)) if pair[0] != pair[1]), len(left))
    if len(left) < len(right):
        return left[first:] == right[first + 1 :]
    swapped = left[first : first + 2][::-1] == right[first : first + 2] and left[first + 2 :] == right[first + 2 :]
    return swapped or left[first + 1 :] == right[first + 1 :]
