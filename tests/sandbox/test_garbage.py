from __future__ import annotations

from typing import Any

from tests.sandbox.client import CONFIG_MAPS, CRDS, WIDGETS, Client, config_map, owner, told, widget

NAMESPACES = "/api/v1/namespaces"


def family(client: Client, *, block: bool = False, **child: Any) -> None:
    """`parent`, its `child`, and the child's `grandchild`."""
    parent = client.create(CONFIG_MAPS, config_map("parent"))
    made = client.create(CONFIG_MAPS, config_map("child", ownerReferences=owner(parent, block=block), **child))
    client.create(CONFIG_MAPS, config_map("grandchild", ownerReferences=owner(made)))


def test_what_an_object_owns_goes_with_it(client: Client) -> None:
    family(client)
    client.delete(f"{CONFIG_MAPS}/parent")
    assert client.names(CONFIG_MAPS) == []


def test_owners_go_before_what_they_own_in_the_background(client: Client) -> None:
    family(client)
    watch = client.watch(CONFIG_MAPS, resourceVersion=client.version())
    client.delete(f"{CONFIG_MAPS}/parent", propagationPolicy="Background")
    assert [name for _, name in told(watch)] == ["parent", "child", "grandchild"]


def test_owners_wait_for_what_blocks_them_in_the_foreground(client: Client) -> None:
    family(client, block=True)
    watch = client.watch(CONFIG_MAPS, resourceVersion=client.version())
    held = client.delete(f"{CONFIG_MAPS}/parent", propagationPolicy="Foreground")
    assert held["metadata"]["finalizers"] == ["foregroundDeletion"]
    gone = [name for kind, name in told(watch) if kind == "DELETED"]
    assert sorted(gone) == ["child", "grandchild", "parent"]
    assert gone.index("child") < gone.index("parent")


def test_the_foreground_waits_for_a_dependent_s_finalizers(client: Client) -> None:
    family(client, block=True, finalizers=["x.io/f"])
    client.delete(f"{CONFIG_MAPS}/parent", propagationPolicy="Foreground")
    assert client.get(f"{CONFIG_MAPS}/parent")["metadata"]["deletionTimestamp"]
    client.patch(f"{CONFIG_MAPS}/child", {"metadata": {"finalizers": None}})
    assert client.names(CONFIG_MAPS) == []


def test_orphans_stay_and_forget_their_owner(client: Client) -> None:
    family(client)
    client.delete(f"{CONFIG_MAPS}/parent", {"kind": "DeleteOptions", "propagationPolicy": "Orphan"})
    assert client.names(CONFIG_MAPS) == ["child", "grandchild"]
    assert "ownerReferences" not in client.get(f"{CONFIG_MAPS}/child")["metadata"]


def test_one_owner_that_is_left_keeps_an_object(client: Client) -> None:
    first = client.create(CONFIG_MAPS, config_map("first"))
    second = client.create(CONFIG_MAPS, config_map("second"))
    client.create(CONFIG_MAPS, config_map("child", ownerReferences=[*owner(first), *owner(second)]))
    client.delete(f"{CONFIG_MAPS}/first")
    references = client.get(f"{CONFIG_MAPS}/child")["metadata"]["ownerReferences"]
    assert [reference["name"] for reference in references] == ["second"]


def test_an_object_whose_owner_never_was_here_is_left_alone(client: Client) -> None:
    stranger = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "uid": "elsewhere"}}
    client.create(CONFIG_MAPS, config_map("child", ownerReferences=owner(stranger)))
    client.create(CONFIG_MAPS, config_map("other"))
    client.delete(f"{CONFIG_MAPS}/other")
    assert client.names(CONFIG_MAPS) == ["child"]


def test_a_namespace_takes_all_that_is_in_it_along(client: Client) -> None:
    client.create(NAMESPACES, {"metadata": {"name": "shop"}})
    client.create(f"{NAMESPACES}/shop/configmaps", {"metadata": {"name": "a"}})
    answer = client.delete(f"{NAMESPACES}/shop")
    assert answer["status"]["phase"] == "Terminating"
    client.get(f"{NAMESPACES}/shop", code=404)
    client.get(f"{NAMESPACES}/shop/configmaps/a", code=404)


def test_a_namespace_takes_custom_resources_along_too(widgets: Client) -> None:
    widgets.create(NAMESPACES, {"metadata": {"name": "shop"}})
    widgets.create(WIDGETS.replace("default", "shop"), widget("w", size=1))
    widgets.delete(f"{NAMESPACES}/shop")
    assert widgets.names("/apis/example.com/v1/widgets") == []


def test_a_namespace_that_finalizers_hold_up_takes_nothing_new(client: Client) -> None:
    client.create(NAMESPACES, {"metadata": {"name": "shop"}})
    client.create(f"{NAMESPACES}/shop/configmaps", {"metadata": {"name": "a", "finalizers": ["x.io/f"]}})
    client.delete(f"{NAMESPACES}/shop")
    refused = client.create(f"{NAMESPACES}/shop/configmaps", {"metadata": {"name": "b"}}, code=403)
    assert refused["details"]["causes"][0]["reason"] == "NamespaceTerminating"
    client.patch(f"{NAMESPACES}/shop/configmaps/a", {"metadata": {"finalizers": []}})
    client.get(f"{NAMESPACES}/shop", code=404)


def test_a_namespace_s_own_finalizers_hold_it_when_it_is_empty(client: Client) -> None:
    client.create(NAMESPACES, {"metadata": {"name": "shop", "finalizers": ["x.io/f"]}})
    client.delete(f"{NAMESPACES}/shop")
    client.patch(f"{NAMESPACES}/shop", {"metadata": {"finalizers": None}})
    client.get(f"{NAMESPACES}/shop", code=404)


def test_a_crd_takes_its_objects_along(widgets: Client) -> None:
    widgets.create(WIDGETS, widget("w", size=1))
    watch = widgets.watch(WIDGETS, resourceVersion=widgets.version())
    widgets.delete(f"{CRDS}/widgets.example.com")
    assert widgets.ask("GET", WIDGETS).status == 404  # type: ignore[union-attr]
    assert told(watch) == []
    assert watch.closed


def test_a_crd_waits_for_its_objects_finalizers(widgets: Client) -> None:
    body = widget("w", size=1)
    body["metadata"]["finalizers"] = ["x.io/f"]
    widgets.create(WIDGETS, body)
    widgets.delete(f"{CRDS}/widgets.example.com")
    widgets.patch(f"{WIDGETS}/w", {"metadata": {"finalizers": None}})
    widgets.get(f"{CRDS}/widgets.example.com", code=404)
