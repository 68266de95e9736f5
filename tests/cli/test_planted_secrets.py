"""Secret values that were planted turn up nowhere: not on the terminal, not in the state, not in the cluster."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from rulectl.action.client_kube import ClientKube
from rulectl.clock import SystemClock
from rulectl.kube.connection import ConnectionOptions, load_connection
from rulectl.kube.discovery import Discovery
from rulectl.sandbox import SandboxServer
from rulectl.testing import sandbox
from rulectl.value import encode
from tests.action.http.echo import Echo, echoing
from tests.cli.shell import Shown, rulectl

PLANTED = {
    "bearer": "planted-bearer/4711+x",
    "password": 'planted "pass" word',
    "header": "planted-header-value",
    "key": "planted-signing-key",
    "path": "planted-path-of-a-webhook",
    "env": "planted-environment-value",
    "plugin": "planted-for-a-plugin",
    "routing": "planted-routing-key-0815",
}


def reference(key: str) -> dict[str, Any]:
    return {"secretKeyRef": {"namespace": "default", "name": "planted", "key": key}}


def rule(name: str, *actions: dict[str, Any], **spec: Any) -> dict[str, Any]:
    plain = {"watch": {"apiVersion": "v1", "kind": "ConfigMap"}, "events": ["added"], "retry": {"attempts": 1}}
    return {
        "apiVersion": "rulectl.dev/v1alpha1",
        "kind": "Rule",
        "metadata": {"name": name},
        "spec": {**plain, "existing": "handle", **spec, "actions": list(actions)},
    }


def rules(web: Echo) -> list[dict[str, Any]]:
    request = {
        "headers": {"X-Token": reference("header")},
        "form": {"password": reference("password")},
        "signature": {"key": reference("key")},
        "method": "POST",
    }
    basic = {"username": "me", "password": reference("bearer")}
    log = {"log": {"message": "${{ results.ask }}"}}
    env = {"TOKEN": reference("env")}
    pager = {"routingKey": reference("routing"), "url": f"{web.url}/400"}
    loud, raising = ({"token": reference("plugin"), "how": how} for how in ("return", "raise"))
    secrets = {"apiVersion": "v1", "kind": "Secret"}
    return [
        rule("fine", {"name": "ask", "http": {**request, "url": web.url, "bearerToken": reference("bearer")}}, log),
        rule("refused", {"http": {**request, "url": f"{web.url}/400", "basicAuth": basic}}),
        rule("hidden", {"http": {"url": reference("path"), "json": {}}}),
        rule("program", {"name": "ask", "exec": {"command": ["env"], "env": env}}, log),
        rule("program-fails", {"exec": {"command": ["sh", "-c", "echo $TOKEN >&2; exit 1"], "env": env}}),
        rule("plugin", {"name": "ask", "leak": loud}, log),
        rule("plugin-raises", {"leak": raising}),
        rule("plugin-apart", {"isolation": "process", "leak": raising}),
        rule("paged", {"notify": {"message": "m", "pagerDuty": pager}}),
        rule("seen", {"log": {"message": "kept"}}, watch=secrets, changed={"fields": ["data"]}),
    ]


class World:
    def __init__(self, server: SandboxServer, web: Echo, folder: Path) -> None:
        self.server = server
        self.state = f"sqlite:{folder / 'state.db'}"
        self.folder = folder
        self.rules = folder / "rules.yaml"
        self.rules.write_text("\n---\n".join(json.dumps(one) for one in rules(web)))
        self.common = ("--plugin", "tests.cli.leaky_plugin")
        self.cluster = ("--kubeconfig", str(server.kubeconfig_path))

    def run(self, *more: str) -> Shown:
        return rulectl("run", str(self.rules), "--once", "--allow-exec", *self.common, *self.cluster, *more)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("planted")
    with echoing() as web:
        values = {**PLANTED, "path": f"{web.url}/400/{PLANTED['path']}"}
        data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
        metadata = {"name": "planted", "namespace": "default"}
        objects = [
            {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data},
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one", "namespace": "default"}},
        ]
        manifests = folder / "objects.yaml"
        manifests.write_text("\n---\n".join(json.dumps(one) for one in objects))
        with sandbox(manifests) as server:
            yield World(server, web, folder)


def refuse_planted(text: str) -> None:
    for value in PLANTED.values():
        encoded = base64.b64encode(value.encode()).decode()
        for spelling in (value, encoded, encoded.rstrip("="), quote(value, safe=""), json.dumps(value)[1:-1]):
            assert spelling not in text


def test_a_run_shows_none_of_them_as_text_or_json_and_keeps_none(world: World) -> None:
    shown = world.run("--state", world.state, "-o", "json")
    refuse_planted(shown.out + shown.err)
    lines = [json.loads(line) for line in shown.out.splitlines()]
    ended = {line["rule"]: line["outcome"] for line in lines if line["type"] == "run"}
    assert ended == {
        "fine": "succeeded",
        "refused": "failed",
        "hidden": "failed",
        "program": "succeeded",
        "program-fails": "failed",
        "plugin": "succeeded",
        "plugin-raises": "failed",
        "plugin-apart": "failed",
        "paged": "failed",
        "seen": "succeeded",
    }
    printed = [line for line in lines if line["type"] == "line" and line["rule"] == "plugin-raises"]
    assert (len(printed), printed[0]["message"]) == (51, "printed ***")
    for kept in world.folder.glob("state.db*"):
        refuse_planted(kept.read_bytes().decode("latin-1"))
    for words in (["list"], ["list", "-o", "json"], ["show", "refused"], ["show", "plugin", "-o", "json"]):
        told = rulectl("state", *words, "--state", world.state, *world.cluster)
        refuse_planted(told.out + told.err)


def test_nothing_of_them_is_written_to_the_cluster(world: World) -> None:
    world.run("--state", "memory")
    connection = load_connection(ConnectionOptions(kubeconfig=str(world.server.kubeconfig_path)))
    kube, kinds = ClientKube(connection.transport, SystemClock()), Discovery(connection.transport, SystemClock())
    events = 0
    for resource in (one.resource for one in kinds.served() if "list" in one.verbs):
        if resource.kind.kind != "Secret":
            objects = kube.list(resource)
            events += len(objects) if resource.kind.kind == "Event" else 0
            refuse_planted(encode(list(objects)).decode())
    connection.transport.close()
    assert events >= 6


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("flag", ["--dry-run", "--dry-run=server"])
def test_a_dry_run_shows_references(world: World, flag: str, form: str) -> None:
    shown = world.run("--state", "memory", flag, "-o", form)
    refuse_planted(shown.out + shown.err)
    assert "secretKeyRef" in shown.out


@pytest.mark.parametrize("command", ["validate", "plan", "rbac", "explain"])
def test_what_is_said_about_rules_has_none(world: World, command: str) -> None:
    shown = rulectl(command, str(world.rules), *world.common)
    refuse_planted(shown.out + shown.err)
