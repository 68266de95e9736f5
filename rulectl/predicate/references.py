"""Which objects an object names: volumes, env, image pull secrets, service account, owners."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from rulectl.fields import WHOLE, FieldTree, tree_of, union
from rulectl.resource import Kind
from rulectl.value import Value, mapping, text


class Reference(NamedTuple):
    """A name in the same namespace; `kind` as in a manifest; `uid` only where the reference has one."""

    kind: str
    name: str
    uid: str = ""


_NAME = tree_of("name")
_CONTAINER = union(
    [
        tree_of(
            "envFrom",
            leaf=FieldTree(items=tree_of("configMapRef", leaf=_NAME) | tree_of("secretRef", leaf=_NAME)),
        ),
        tree_of(
            "env",
            leaf=FieldTree(
                items=tree_of("valueFrom", "configMapKeyRef", leaf=_NAME)
                | tree_of("valueFrom", "secretKeyRef", leaf=_NAME)
            ),
        ),
    ]
)
_POD_SPEC = union(
    [
        tree_of("volumes", leaf=FieldTree(items=WHOLE)),
        tree_of("imagePullSecrets", leaf=FieldTree(items=_NAME)),
        tree_of("serviceAccountName"),
        tree_of("serviceAccount"),
        *(
            tree_of(name, leaf=FieldTree(items=_CONTAINER))
            for name in ("containers", "initContainers", "ephemeralContainers")
        ),
    ]
)
_OWNERS = tree_of("metadata", "ownerReferences")
_POD = tree_of("spec", leaf=_POD_SPEC)
_TEMPLATED = tree_of("spec", "template", "spec", leaf=_POD_SPEC)
_CRON = tree_of("spec", "jobTemplate", "spec", "template", "spec", leaf=_POD_SPEC)
_BUILTIN: Final[Mapping[tuple[str, str], FieldTree]] = {
    ("", "Pod"): _POD,
    ("batch", "CronJob"): _CRON,
    ("batch", "Job"): _TEMPLATED,
    ("", "ReplicationController"): _TEMPLATED,
    **{("apps", kind): _TEMPLATED for kind in ("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet")},
}


def references_tree(kind: Kind) -> FieldTree:
    """What must be kept of an object of `kind` for `references_of` to see all that it names.

    For kinds that are not Kubernetes' own: every place where a pod template may be.
    """
    return _OWNERS | _BUILTIN.get((kind.group, kind.kind), _POD | _TEMPLATED | _CRON)


def references_of(obj: Value) -> frozenset[Reference]:
    """Everything that `obj` names: a Pod, a workload with a pod template, a CronJob, or any owned object."""
    found = set(_owners(obj))
    spec = mapping(mapping(obj).get("spec"))
    template = mapping(mapping(spec.get("template")).get("spec"))
    job = mapping(mapping(spec.get("jobTemplate")).get("spec"))
    for pod in (spec, template, mapping(mapping(job.get("template")).get("spec"))):
        found.update(_pod_references(pod))
    return frozenset(found)


def refers_to(obj: Value, named: Value) -> bool:
    """Whether `obj` names the object `named` (by owner's uid, or by kind and name in its own namespace)."""
    whole = mapping(named)
    metadata = mapping(whole.get("metadata"))
    kind, name, uid = text(whole.get("kind")), text(metadata.get("name")), text(metadata.get("uid"))
    mine = mapping(mapping(obj).get("metadata"))
    here = text(mine.get("namespace")) == text(metadata.get("namespace"))
    return any(
        reference.uid == uid if reference.uid else here and (reference.kind, reference.name) == (kind, name)
        for reference in references_of(obj)
    )


def _owners(obj: Value) -> Iterator[Reference]:
    owners = mapping(mapping(obj).get("metadata")).get("ownerReferences")
    for owner in _each(owners):
        yield Reference(text(owner.get("kind")), text(owner.get("name")), text(owner.get("uid")))


def _pod_references(pod: Mapping[str, Value]) -> Iterator[Reference]:
    for volume in _each(pod.get("volumes")):
        yield from _volume(volume)
        for source in _each(mapping(volume.get("projected")).get("sources")):
            yield from _volume(source)
    for secret in _each(pod.get("imagePullSecrets")):
        yield Reference("Secret", text(secret.get("name")))
    account = text(pod.get("serviceAccountName")) or text(pod.get("serviceAccount"))
    if account:
        yield Reference("ServiceAccount", account)
    for group in ("containers", "initContainers", "ephemeralContainers"):
        for container in _each(pod.get(group)):
            yield from _container(container)


def _container(container: Mapping[str, Value]) -> Iterator[Reference]:
    for source in _each(container.get("envFrom")):
        yield from _named(source, "configMapRef", "ConfigMap")
        yield from _named(source, "secretRef", "Secret")
    for variable in _each(container.get("env")):
        source = mapping(variable.get("valueFrom"))
        yield from _named(source, "configMapKeyRef", "ConfigMap")
        yield from _named(source, "secretKeyRef", "Secret")


def _volume(volume: Mapping[str, Value]) -> Iterator[Reference]:
    yield from _named(volume, "configMap", "ConfigMap")
    yield from _named(volume, "secret", "Secret", key="secretName")
    yield from _named(volume, "secret", "Secret")
    yield from _named(volume, "persistentVolumeClaim", "PersistentVolumeClaim", key="claimName")


def _named(parent: Mapping[str, Value], field: str, kind: str, key: str = "name") -> Iterator[Reference]:
    name = text(mapping(parent.get(field)).get(key))
    if name:
        yield Reference(kind, name)


def _each(value: object) -> Iterator[Mapping[str, Value]]:
    if isinstance(value, list | tuple):
        yield from (item for item in value if isinstance(item, Mapping))
