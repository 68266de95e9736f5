"""Reading from the cache."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rulectl.errors import UsageError
from rulectl.fields import FieldTree, tree_of
from rulectl.informer.store import Store
from rulectl.kube.object import KubeObject
from rulectl.kube.selector import LabelSelector
from rulectl.resource import ObjectKey
from rulectl.value import Value, mapping

_NAMESPACE = "namespace"


class Lister:
    """Reads from the cache, never from the server: as fresh as the watch, and empty before the first list.

    Returned objects are shared and immutable by contract. Order is not promised. Safe for any thread.
    """

    def __init__(self, store: Store, tree: Callable[[], FieldTree]) -> None:
        """`tree` says what the objects in the store keep."""
        self._store = store
        self._tree = tree

    def get(self, name: str, namespace: str = "") -> KubeObject | None:
        """The object of that name; None if the cache does not have it."""
        return self._store.get(ObjectKey(namespace, name))

    def list(self, namespace: str = "", label_selector: str | LabelSelector = "") -> Sequence[KubeObject]:
        """The objects in `namespace` (empty: in all) that the selector matches (empty: all).

        Raises:
            UsageError: the selector cannot be read, or the cache does not keep the labels that it names.
        """
        selector = LabelSelector.parse(label_selector) if isinstance(label_selector, str) else label_selector
        found = self._in(namespace) if namespace else [*self._store.snapshot().values()]
        if not selector.requirements:
            return found
        for requirement in selector.requirements:
            if not self._tree().covers(tree_of("metadata", "labels", requirement.key)):
                raise UsageError(f"the informer's tree must have label {requirement.key!r} to select by it")
        return [item for item in found if selector.matches(_labels(item))]

    def by_index(self, name: str, value: str) -> Sequence[KubeObject]:
        """The objects that the index `name` has under `value`.

        Raises:
            KeyError: there is no such index.
        """
        return self._store.by_index(name, value)

    def __len__(self) -> int:
        return len(self._store)

    def _in(self, namespace: str) -> Sequence[KubeObject]:
        if not self._store.has_index(_NAMESPACE):  # on first use: it costs memory for every object
            self._store.add_index(_NAMESPACE, lambda item: (item.key.namespace,))
        return self._store.by_index(_NAMESPACE, namespace)


def _labels(item: KubeObject) -> Mapping[str, Value]:
    return mapping(mapping(item.value().get("metadata")).get("labels"))
