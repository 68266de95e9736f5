"""Rules that read Secrets: they see changes, and records hold nothing of the values."""

from __future__ import annotations

import base64
from typing import Any

from rulectl.resource import Kind, Resource
from rulectl.state.record import Record
from rulectl.testing.bench import Bench
from rulectl.value import encode
from tests.scenarios.objects import call, rule

SECRET = Resource(Kind("v1", "Secret"), "secrets", namespaced=True)
WATCH = {"apiVersion": "v1", "kind": "Secret"}
TOLD = {"event": "${{ event.type }}", "name": "${{ object.metadata.name }}"}


def secret(value: str) -> dict[str, Any]:
    metadata = {"name": "s", "namespace": "default", "annotations": {"note": f"the value is {value}"}}
    return {**WATCH, "metadata": metadata, "data": {"password": base64.b64encode(value.encode()).decode()}}


def bench(*values: str, **spec: Any) -> Bench:
    settings = {"changed": {"fields": ["data"], "annotations": ["note"]}, "actions": [call(TOLD)], **spec}
    made = Bench(rule(watch=WATCH, **settings))
    for value in values:
        made.cluster.apply(secret(value))
        made.settle()
    return made


def recorded(made: Bench) -> str:
    records: tuple[Record, ...] = made.store.load().records
    return encode(records).decode()


def test_a_changed_secret_runs_the_actions() -> None:
    assert [body["event"] for body in bench("alfa-1", "bravo-2").bodies()] == ["modified"]  # type: ignore[index]


def test_the_same_value_again_runs_nothing_also_after_a_restart() -> None:
    made = bench("alfa-1")
    made.restart()
    made.cluster.apply(secret("alfa-1"))
    made.settle()
    assert made.bodies() == []


def test_no_record_holds_a_value() -> None:
    made = bench("alfa-1", "bravo-2", retry={"initialDelay": "1h"})
    made.web.script.append(503)
    made.cluster.apply(secret("charlie-3"))
    made.settle()
    made.cluster.delete(SECRET, "s", "default")
    made.settle()
    text = recorded(made) + str(made.reports)
    for value in ("alfa-1", "bravo-2", "charlie-3"):
        assert value not in text
        assert base64.b64encode(value.encode()).decode() not in text


def test_from_and_to_compare_values_of_secrets_too() -> None:
    old, new = (base64.b64encode(value.encode()).decode() for value in ("alfa-1", "bravo-2"))
    changed = {"fields": [{"path": "data.password", "from": old, "to": new}]}
    assert len(bench("alfa-1", "bravo-2", "charlie-3", changed=changed).calls) == 1
