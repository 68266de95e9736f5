from __future__ import annotations

from rulectl.sandbox import Sandbox
from tests.sandbox.client import CONFIG_MAPS, CRDS, Client, config_map, events, widget_crd

NAMESPACES = "/api/v1/namespaces"


def test_every_sandbox_has_the_namespaces_of_a_cluster() -> None:
    client = Client()
    assert client.names(NAMESPACES) == ["default", "kube-node-lease", "kube-public", "kube-system"]


def test_every_sandbox_is_another_cluster_unless_it_is_seeded() -> None:
    def uid(sandbox: Sandbox) -> object:
        found = sandbox.store.get(sandbox.api.registry.find("", "v1", "namespaces").storage, "kube-system")  # type: ignore[union-attr]
        return found and found.uid

    assert uid(Sandbox()) != uid(Sandbox())
    assert uid(Sandbox(seed=1)) == uid(Sandbox(seed=1))


def test_a_reset_removes_everything_with_events_and_goes_on_counting(client: Client) -> None:
    client.create(CRDS, widget_crd())
    client.create(CONFIG_MAPS, config_map("a"))
    watch, before = client.watch(CONFIG_MAPS, resourceVersion=client.version()), int(client.version())
    client.sandbox.reset()
    assert [event["type"] for event in events(watch)] == ["DELETED"]
    assert int(client.version()) > before
    assert client.names(NAMESPACES)[0] == "default"
    client.get("/apis/example.com/v1", code=404)


def test_moving_the_clock_wakes_those_whose_time_has_come(client: Client) -> None:
    watch, woken = client.watch(CONFIG_MAPS, timeoutSeconds="60"), list[str]()
    watch.wake = lambda: woken.append("once")
    client.sandbox.advance(61)
    assert woken == ["once"]
    assert (watch.read(), watch.closed) == (b"", True)
