"""The store, its indexes, and the lister over them."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulectl.errors import UsageError
from rulectl.fields import WHOLE, FieldTree, tree_of
from rulectl.informer.lister import Lister
from rulectl.informer.store import Store
from rulectl.kube.object import KubeObject, PlainObject
from rulectl.resource import ObjectKey
from rulectl.value import Value, mapping, text


def pod(name: str, node: Value = "n1", namespace: str = "shop", **labels: str) -> KubeObject:
    return PlainObject(
        {
            "metadata": {"name": name, "namespace": namespace, "labels": dict(labels)},
            "spec": {"nodeName": node},
        }
    )


def by_node(item: KubeObject) -> Iterable[str]:
    node = mapping(item.value()["spec"])["nodeName"]
    if node == "odd":
        raise ValueError("an odd node")
    return (text(node),)


def filled(*items: KubeObject) -> Store:
    store = Store()
    for item in items:
        store.put(item.key, item)
    return store


def names(items: Iterable[KubeObject]) -> list[str]:
    return sorted(item.key.name for item in items)


def lister_of(*items: KubeObject, tree: FieldTree = WHOLE) -> Lister:
    return Lister(filled(*items), lambda: tree)


def test_putting_gives_back_what_was_there() -> None:
    store = Store()
    first, second = pod("a"), pod("a", "n2")
    assert store.put(first.key, first) is None
    assert store.put(second.key, second) is first
    assert store.remove(first.key) is second
    assert store.remove(first.key) is None


def test_an_index_follows_changes() -> None:
    store = filled(pod("a"), pod("b", "n2"))
    store.add_index("node", by_node)
    store.put(ObjectKey("shop", "a"), pod("a", "n2"))
    assert names(store.by_index("node", "n2")) == ["a", "b"]
    assert names(store.by_index("node", "n1")) == []
    store.replace({ObjectKey("shop", "c"): pod("c", "n2")})
    assert names(store.by_index("node", "n2")) == ["c"]


def test_an_index_function_that_fails_hides_that_object_from_that_index_only() -> None:
    store = filled(pod("a"), pod("b", "odd"))
    store.add_index("node", by_node)
    assert names(store.by_index("node", "n1")) == ["a"]
    assert store.quarantined("node") == {ObjectKey("shop", "b"): "ValueError('an odd node')"}
    store.put(ObjectKey("shop", "b"), pod("b", "n1"))
    assert names(store.by_index("node", "n1")) == ["a", "b"]
    assert store.quarantined("node") == {}


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["n1", "n2", "odd", None])), max_size=30))
def test_an_index_always_equals_one_that_is_built_anew(changes: list[tuple[str, str | None]]) -> None:
    store = Store()
    store.add_index("live", by_node)
    for name, node in changes:
        if node is None:
            store.remove(ObjectKey("shop", name))
        else:
            store.put(ObjectKey("shop", name), pod(name, node))
    store.add_index("new", by_node)
    for node in ("n1", "n2"):
        assert names(store.by_index("live", node)) == names(store.by_index("new", node))
    assert store.quarantined("live") == store.quarantined("new")


def test_a_snapshot_is_not_touched_by_later_changes() -> None:
    store = filled(pod("a"))
    snapshot = store.snapshot()
    store.remove(ObjectKey("shop", "a"))
    assert len(snapshot) == 1


def test_the_lister_gets_by_name_and_lists_by_namespace() -> None:
    lister = lister_of(pod("a"), pod("b", namespace="web"))
    assert lister.get("a", "shop") is not None
    assert lister.get("a", "web") is None
    assert names(lister.list()) == ["a", "b"]
    assert names(lister.list("web")) == ["b"]
    assert len(lister) == 2


def test_the_lister_selects_by_label() -> None:
    lister = lister_of(pod("a", app="x"), pod("b", app="y"), pod("c"))
    assert names(lister.list(label_selector="app in (x,y)")) == ["a", "b"]
    assert names(lister.list("shop", "!app")) == ["c"]


def test_selecting_by_a_label_that_is_not_kept_is_an_error_and_not_an_empty_answer() -> None:
    lister = lister_of(pod("a"), tree=tree_of("metadata", "labels", "app"))
    assert names(lister.list(label_selector="app!=x")) == ["a"]
    with pytest.raises(UsageError, match="must have label 'tier'"):
        lister.list(label_selector="tier=a")


def test_an_index_that_is_not_declared_is_an_error() -> None:
    with pytest.raises(KeyError):
        lister_of().by_index("nope", "x")
