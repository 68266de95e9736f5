"""`rulectl watch` and `rulectl sandbox`, as processes of their own."""

from __future__ import annotations

import signal
from pathlib import Path

from rulectl.action.client_kube import ClientKube
from rulectl.clock import SystemClock
from rulectl.kube.connection import ConnectionOptions, load_connection
from rulectl.resource import Kind, ObjectKey, Resource
from rulectl.sandbox import SandboxServer
from rulectl.value import Value, decode, mapping
from tests.cli.shell import started

CONFIG_MAPS = Resource(Kind("v1", "ConfigMap"), "configmaps", namespaced=True)
KEY = ObjectKey("default", "web")


def config_map(**data: Value) -> dict[str, Value]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web", "namespace": "default"}, "data": data}


def client(kubeconfig: str) -> ClientKube:
    return ClientKube(load_connection(ConnectionOptions(kubeconfig=kubeconfig)).transport, SystemClock())


def test_the_sandbox_says_first_where_its_kubeconfig_is_and_watch_shows_what_changes_in_it(tmp_path: Path) -> None:
    manifest = tmp_path / "web.yaml"
    manifest.write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: there, namespace: default}\n")
    with started("sandbox", "--load", str(manifest)) as sandbox:
        sandbox.wait_for("Ctrl-C ends it")
        kubeconfig = sandbox.lines[0]
        assert f"  export KUBECONFIG={kubeconfig}" in sandbox.lines
        assert any("This is not a cluster" in line for line in sandbox.lines)
        kube = client(kubeconfig)
        flags = ("--kubeconfig", kubeconfig, "-n", "default")
        with (
            started("watch", "cm", *flags) as people,
            started("watch", "configmaps", *flags, "--changed", "data.a", "-o", "json") as machine,
        ):
            people.wait_for("watching v1 ConfigMap in default: 1 now; Ctrl-C ends", errors=True)
            machine.wait_for("watching", errors=True)
            kube.create(CONFIG_MAPS, "default", config_map(a="1"))
            people.wait_for("added ConfigMap default/web")
            kube.patch(CONFIG_MAPS, KEY, {"data": {"b": "2"}}, "merge")
            people.wait_for(r"^  data\.b: null -> \"2\"$")
            kube.delete(CONFIG_MAPS, KEY)
            people.wait_for("deleted ConfigMap default/web")
            machine.wait_for('"deleted"')
            assert [people.end(signal.SIGINT), machine.end(signal.SIGTERM)] == [0, 0]
        told = [mapping(decode(line)) for line in machine.lines]
        assert [(one["event"], one["changes"]) for one in told] == [
            ("added", [{"path": "data.a", "old": None, "new": "1"}]),
            ("deleted", [{"path": "data.a", "old": "1", "new": None}]),
        ]
        assert sandbox.end(signal.SIGTERM) == 0
        assert not Path(kubeconfig).exists()
        assert sandbox.errors == []


def test_a_watch_that_is_cut_says_so_and_goes_on() -> None:
    with SandboxServer() as server:
        kubeconfig = str(server.kubeconfig_path)
        with started("watch", "ns", "--kubeconfig", kubeconfig) as people:
            people.wait_for("watching v1 Namespace: ", errors=True)
            server.stop()
            people.wait_for("warning: unreachable: .*; trying again", errors=True)
            server.start()
            people.wait_for("watching again", errors=True)
            assert people.end(signal.SIGINT) == 0
