"""What `watch` shows of a change."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from rulectl.cli.observation import WHEN_ROOTS, Filter, Observation, json_of, observe, text_of
from rulectl.cli.output import Palette
from rulectl.expression import Expression, compile_expression
from rulectl.kube.object import PlainObject
from rulectl.resource import Kind
from rulectl.value import Value

POD, SECRET = Kind("v1", "Pod"), Kind("v1", "Secret")


def obj(**fields: Value) -> PlainObject:
    metadata: Mapping[str, Value] = {"namespace": "shop", "name": "web-0", "uid": "u1", "resourceVersion": "7"}
    return PlainObject({"metadata": metadata, **fields})


def path(text: str) -> Expression:
    return compile_expression(text, roots=(), relative=True)


def when(text: str) -> Filter:
    return Filter(when=compile_expression(text, roots=WHEN_ROOTS))


def seen(
    old: PlainObject | None, new: PlainObject | None, shown: Filter | None = None, kind: Kind = POD
) -> Observation | None:
    return observe(kind, old, new, shown or Filter(), 0.0)


def text(observation: Observation | None) -> str:
    assert observation is not None
    return text_of(observation, "12:00:00", Palette())


PENDING, RUNNING = obj(status={"phase": "Pending"}), obj(status={"phase": "Running"})


def test_a_change_is_a_line_and_one_for_each_field() -> None:
    assert text(seen(PENDING, RUNNING)) == ('12:00:00 modified Pod shop/web-0\n  status.phase: "Pending" -> "Running"')


def test_an_object_that_came_or_went_is_one_line() -> None:
    assert text(seen(None, PENDING)) == "12:00:00 added Pod shop/web-0"
    assert text(seen(PENDING, None)) == "12:00:00 deleted Pod shop/web-0"


def test_a_write_that_changes_only_noise_is_not_shown() -> None:
    newer = PlainObject({**PENDING.value(), "metadata": {"namespace": "shop", "name": "web-0", "uid": "u1"}})
    assert seen(PENDING, newer) is None


def test_only_fields_asked_for_are_shown() -> None:
    shown = Filter((path("status.phase"),))
    assert seen(obj(a=1), obj(a=2), shown) is None
    assert text(seen(None, PENDING, shown)).endswith('\n  status.phase: null -> "Pending"')
    assert seen(None, obj(a=1), shown) is None


@pytest.mark.parametrize(
    ("expression", "is_shown"),
    [
        ("object.status.phase == 'Running'", True),
        ("old.status.phase == 'Running'", False),
        ("event.type == 'modified'", True),
        ("changes[0].path == 'status.phase'", True),
    ],
)
def test_a_condition_sees_what_a_rule_would_see(expression: str, is_shown: bool) -> None:
    assert (seen(PENDING, RUNNING, when(expression)) is not None) == is_shown


def test_on_deleted_a_condition_sees_the_last_state() -> None:
    assert seen(RUNNING, None, when("object.status.phase == 'Running'")) is not None


def test_the_data_of_a_secret_is_masked_and_its_labels_are_not() -> None:
    old = obj(data={"token": "old"}, type="Opaque")
    new = obj(data={"token": "new"}, type="Other")
    assert text(seen(old, new, kind=SECRET)).splitlines()[1:] == [
        '  data.token: "***" -> "***"',
        '  type: "Opaque" -> "Other"',
    ]


def test_an_expression_over_the_data_of_a_secret_is_masked() -> None:
    shown = Filter((path("base64_decode(data.token)"), path("type")))
    told = seen(None, obj(data={"token": "aHVudGVyMg=="}, type="Opaque"), shown, SECRET)
    assert told is not None
    assert [change.new for change in told.changes] == ["***", "Opaque"]


def test_the_copy_that_kubectl_keeps_of_a_secret_is_masked() -> None:
    name = "kubectl.kubernetes.io/last-applied-configuration"
    new = PlainObject({"metadata": {"name": "x", "annotations": {name: '{"data":"hunter2"}'}}})
    told = seen(PlainObject({"metadata": {"name": "x"}}), new, kind=SECRET)
    assert told is not None
    assert [change.new for change in told.changes] == ["***"]


def test_for_machines_a_change_is_one_json_object() -> None:
    told = seen(PENDING, RUNNING)
    assert told is not None
    assert json_of(told, "2026-01-01T00:00:00.000Z") == (
        '{"time":"2026-01-01T00:00:00.000Z","event":"modified","apiVersion":"v1","kind":"Pod","namespace":"shop",'
        '"name":"web-0","uid":"u1","changes":[{"path":"status.phase","old":"Pending","new":"Running"}]}'
    )
