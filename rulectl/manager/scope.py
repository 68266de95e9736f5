"""Which namespaces a rule is about: named, excluded by globs, or chosen by label and followed live."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from rulectl.informer.change import Added, Deleted, Notice, Relisted, Updated
from rulectl.informer.informer import SharedInformer
from rulectl.kube.object import KubeObject
from rulectl.kube.selector import LabelSelector
from rulectl.plan.model import Selection
from rulectl.value import mapping

ALL = "*"


@dataclass(slots=True)
class Namespaces:
    """The namespaces of one rule. `matches` may be called from any thread.

    `informer` watches Namespaces; it is there only for a rule with a namespace selector.
    """

    select: Selection
    namespaced: bool
    informer: SharedInformer | None
    on_change: Callable[[str], None]
    """Called with a namespace that came into scope or left it."""
    _selector: LabelSelector | None = None

    def __post_init__(self) -> None:
        """Reads the selector once."""
        if self.select.namespace_selector is not None:
            self._selector = LabelSelector.parse(self.select.namespace_selector)

    def matches(self, namespace: str) -> bool | None:
        """Whether `namespace` is in scope; None: the namespaces are not listed yet."""
        if not self.namespaced:
            return True
        if self.select.namespaces and namespace not in self.select.namespaces:
            return False
        if any(fnmatchcase(namespace, glob) for glob in self.select.exclude_namespaces):
            return False
        if self._selector is None:
            return True
        if self.informer is None or not self.informer.health().synced:
            return None
        found = self.informer.lister.get(namespace)
        return found is not None and self._selects(found)

    def on_notice(self, notice: Notice) -> None:
        """A namespace has changed: tells of those that came into scope or left it."""
        match notice:
            case Added(key, new) if self._selects(new):
                self.on_change(key.name)
            case Updated(key, old, new) if self._selects(old) != self._selects(new):
                self.on_change(key.name)
            case Deleted(key, old) if self._selects(old):
                self.on_change(key.name)
            case Relisted(deleted):
                for change in deleted:
                    self.on_change(change.key.name)
            case _:
                pass

    def _selects(self, namespace: KubeObject) -> bool:
        if self._selector is None:
            return True
        labels = mapping(mapping(namespace.value().get("metadata")).get("labels"))
        return self._selector.matches(labels)
