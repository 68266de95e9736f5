from __future__ import annotations

from typing import Any

import pytest

from rulectl.sandbox.jsonpath import at_path, set_at
from rulectl.sandbox.table import age
from rulectl.value import Value
from tests.sandbox.client import CONFIG_MAPS, DEPLOYMENTS, PODS, TABLE, Client, config_map, deployment, pod

START = 1_700_000_000.0


def printed(client: Client, path: str, **query: Any) -> list[list[Any]]:
    shown = client.get(path, accept=TABLE, **query)
    head = [column["name"] for column in shown["columnDefinitions"] if not column["priority"]]
    wide = [column["priority"] > 0 for column in shown["columnDefinitions"]]
    rows = [[cell for cell, hidden in zip(row["cells"], wide, strict=True) if not hidden] for row in shown["rows"]]
    return [head, *rows]


def test_pods_are_printed_as_kubectl_does(client: Client) -> None:
    client.create(PODS, pod("a"))
    ready = {"phase": "Running", "containerStatuses": [{"name": "c", "ready": True, "restartCount": 2}]}
    client.patch(f"{PODS}/a/status", {"status": ready})
    client.create(PODS, pod("b"))
    client.clock.advance(45)
    assert printed(client, PODS) == [
        ["Name", "Ready", "Status", "Restarts", "Age"],
        ["a", "1/1", "Running", "2", "45s"],
        ["b", "0/1", "Pending", "0", "45s"],
    ]


def test_a_container_s_trouble_is_the_pod_s_status(client: Client) -> None:
    client.create(PODS, pod("a"))
    waiting = {"containerStatuses": [{"name": "c", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]}
    client.patch(f"{PODS}/a/status", {"status": waiting})
    assert printed(client, PODS)[1][2] == "CrashLoopBackOff"


def test_deployments_and_config_maps_are_printed_as_kubectl_does(client: Client) -> None:
    client.create(DEPLOYMENTS, deployment("d", replicas=3))
    client.create(CONFIG_MAPS, config_map("m", {"a": "1", "b": "2"}))
    assert printed(client, DEPLOYMENTS) == [
        ["Name", "Ready", "Up-to-date", "Available", "Age"],
        ["d", "0/3", 0, 0, "0s"],
    ]
    assert printed(client, CONFIG_MAPS) == [["Name", "Data", "Age"], ["m", 2, "0s"]]


def test_one_object_can_be_had_as_a_table(client: Client) -> None:
    client.create(CONFIG_MAPS, config_map("m"))
    assert printed(client, f"{CONFIG_MAPS}/m")[1:] == [["m", 1, "0s"]]


@pytest.mark.parametrize(("include", "kind"), [("Metadata", "PartialObjectMetadata"), ("Object", "ConfigMap")])
def test_rows_carry_as_much_of_the_object_as_is_asked_for(client: Client, include: str, kind: str) -> None:
    client.create(CONFIG_MAPS, config_map("m"))
    (row,) = client.get(CONFIG_MAPS, accept=TABLE, includeObject=include)["rows"]
    assert row["object"]["kind"] == kind


def test_rows_can_be_had_without_objects(client: Client) -> None:
    client.create(CONFIG_MAPS, config_map("m"))
    (row,) = client.get(CONFIG_MAPS, accept=TABLE, includeObject="None")["rows"]
    assert "object" not in row


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (450, "7m30s"),
        (3600, "60m"),
        (3 * 3600, "3h"),
        (5 * 3600 + 60, "5h1m"),
        (30 * 3600, "30h"),
        (50 * 3600, "2d2h"),
        (20 * 86400, "20d"),
        (800 * 86400, "2y70d"),
        (3650 * 86400, "10y"),
    ],
)
def test_ages_are_written_as_kubectl_does(seconds: int, expected: str) -> None:
    assert age("2023-11-14T22:13:20Z", START + seconds) == expected


def test_an_age_that_is_not_known_is_said_to_be_so() -> None:
    assert age("", START) == "<unknown>"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (".spec.n", [3]),
        ("{.spec.n}", [3]),
        (".spec.items[*].name", ["a", "b"]),
        (".spec.items[1].name", ["b"]),
        (".spec.items[9].name", []),
        ('.spec.items[?(@.name=="b")].v', [2]),
        (r".spec.a\.b/c", []),
        (".spec['a.b']", [1]),
        (r".spec.a\.b", [1]),
        (".nothing.here", []),
        (".spec.items[", []),
    ],
)
def test_a_printer_column_s_path_is_followed(path: str, expected: list[object]) -> None:
    items: Value = [{"name": "a", "v": 1}, {"name": "b", "v": 2}]
    assert at_path({"spec": {"n": 3, "items": items, "a.b": 1}}, path) == expected


def test_a_value_is_set_at_a_path_without_touching_the_rest() -> None:
    body = {"spec": {"a": 1}}
    assert set_at(body, ".spec.b.c", 2) == {"spec": {"a": 1, "b": {"c": 2}}}
    assert body == {"spec": {"a": 1}}
