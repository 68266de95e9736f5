"""What rulectl keeps for itself in the cluster, and never shows to rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rulectl.kube.object import KubeObject
from rulectl.resource import Kind, Resource
from rulectl.state.mailbox import MAILBOX_OF
from rulectl.value import mapping, text

OWN_LABEL = "rulectl.dev/state-of"
"""The label of the ConfigMaps and Leases that rulectl keeps; its value is the `--name`."""
CONTROLLER = "rulectl.dev"
"""How rulectl's Events begin to name who reports them."""

_OWN_LABELS = (OWN_LABEL, MAILBOX_OF)
_KINDS = {
    Kind("v1", "ConfigMap"),
    Kind("coordination.k8s.io/v1", "Lease"),
    Kind("v1", "Event"),
    Kind("events.k8s.io/v1", "Event"),
}


@dataclass(frozen=True, slots=True)
class IsOwn:
    """Tells rulectl's own objects: by label, Events by who reported them."""

    def may_be(self, resource: Resource) -> bool:
        """Whether objects of this resource can be rulectl's own: then labels and reporter must be kept."""
        return resource.kind in _KINDS

    def of(self, resource: Resource) -> Callable[[KubeObject], bool]:
        """The same for objects of `resource`; for most, nothing is to be looked at."""
        return self if self.may_be(resource) else lambda _found: False

    def __call__(self, found: KubeObject) -> bool:
        """Whether `found` is rulectl's own."""
        value = found.value()
        labels = mapping(mapping(value.get("metadata")).get("labels"))
        reporter = text(value.get("reportingController")) or text(value.get("reportingComponent"))
        return any(label in labels for label in _OWN_LABELS) or reporter.startswith(CONTROLLER)
