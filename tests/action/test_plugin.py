from typing import Any

import pytest

from rulectl.action.binding import Fault, build
from rulectl.action.outcome import Done
from rulectl.action.permission import Permission
from rulectl.action.plugin import ActionType, BadParameters, action_type
from rulectl.action.secret import SecretKeyRef, SecretSource
from rulectl.errors import UsageError
from rulectl.resource import Kind
from tests.action import plugins
from tests.action.fakes import FakeLog, context_for, pod
from tests.action.plugins import Page, Room

PAGE = action_type(Page, defined_by="plugins:Page")
BELL = action_type(plugins.ring_bell, defined_by="plugins:ring_bell")


def page(**more: Any) -> dict[str, Any]:
    return {"room": {"name": "ops"}, "text": "hello", **more}


def test_a_class_gets_its_fields_from_the_rule_with_names_in_camel_case() -> None:
    given = page(repeatAfter="1m30s", users=["ann"], tags={"a": None}, times=3.0, ratio=1)
    assert build(PAGE.parameters, given) == Page(
        Room("ops"), "hello", repeat_after=90.0, users=("ann",), tags={"a": None}, times=3, ratio=1.0
    )


def test_a_reference_to_a_secret_is_bound_as_one() -> None:
    token = {"secretKeyRef": {"namespace": "voyage", "name": "agent", "key": "token"}}
    bound: Any = build(PAGE.parameters, page(token=token))
    assert bound.token == SecretSource(SecretKeyRef("agent", "token", "voyage"))


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"txt": 1}, "txt: unknown parameter 'txt' (did you mean 'text'?)"),
        ({"room": {}}, "room: missing parameter 'name' (it is text)"),
        ({"room": "ops"}, "room: expected a mapping with name or server, not 'ops'"),
        ({"room": {"name": "ops", "sever": "x"}}, "room.sever: unknown parameter 'sever' (did you mean 'server'?)"),
        ({"room": {"name": "#ops"}}, "room: a room's name comes without #"),
        ({"text": 5}, "text: expected text, not the number 5 (write it in quotes)"),
        ({"text": None}, "text: expected text, not null"),
        ({"urgency": "hihg"}, "urgency: expected low or high, not 'hihg' (did you mean 'high'?)"),
        ({"repeatAfter": "5 minutes"}, "repeatAfter: expected a duration such as 30s or 5m, not '5 minutes'"),
        ({"times": -1}, "times: expected a whole number from 0 to 10, not the number -1"),
        ({"times": 1.5}, "times: expected a whole number from 0 to 10, not the number 1.5"),
        ({"times": True}, "times: expected a whole number from 0 to 10, not true"),
        ({"users": "ann"}, "users: expected a list of text, not 'ann'"),
        ({"users": ["ann", 7]}, "users[1]: expected text, not the number 7 (write it in quotes)"),
        ({"tags": {"a": 1}}, "tags.a: expected text, not the number 1 (write it in quotes)"),
        ({"token": "hunter2"}, "token: expected a mapping with secretKeyRef or file, not 'hunter2'"),
        ({"token": {}}, "token: give exactly one of secretKeyRef and file"),
        ({"token": "${{ env.TOKEN }}"}, "token: expected a mapping with secretKeyRef or file, not '${{ env.TOKEN }}'"),
        ({"to": 5}, "to: expected text or a list of text, not the number 5"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_fault_says_where_it_is_and_what_was_expected(more: dict[str, Any], fault: str) -> None:
    parameters = {**page(), **more}
    if "txt" in more:
        del parameters["text"]
    assert [str(one) for one in PAGE.check(parameters)] == [fault]


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(BadParameters) as fault:
        PAGE.bind({"urgency": "x", "users": 1})
    assert [one.path for one in fault.value.faults] == [("urgency",), ("users",), (), ()]


@pytest.mark.parametrize(
    "more",
    [{"times": "${{ x }}"}, {"room": "${{ x }}"}, {"users": ["a", "${{ x }}"]}, {"repeatAfter": "${{ x }}s"}],
    ids=str,
)
def test_before_it_is_rendered_a_template_passes_for_any_type(more: dict[str, Any]) -> None:
    assert PAGE.check({**page(), **more}) == []


def test_a_function_gets_its_parameters_by_name() -> None:
    log = FakeLog()
    outcome = BELL.bind({"times": 2, "bellName": "back"}).run(context_for(pod(), log=log))
    assert (outcome, log.lines) == (Done(), [("back ding ding False", "info")])


def test_a_class_acts_on_the_context_it_is_given() -> None:
    assert PAGE.bind(page()).run(context_for(pod())) == Done("shop/web-1 hello")


def test_a_function_is_described_by_its_parameters() -> None:
    assert BELL.bind({"times": 2}).describe(context_for(pod())) == {"times": 2}


def test_names_come_from_the_plugin_or_its_author() -> None:
    greet = action_type(plugins._greet, defined_by="plugins:_greet")
    assert (PAGE.name, BELL.name, greet.name) == ("page", "ringBell", "wave")
    assert action_type(Page, defined_by="x", name="pager").name == "pager"


def test_permissions_may_depend_on_the_parameters_and_on_what_is_acted_on() -> None:
    assert BELL.permissions({}, Kind("v1", "Pod")) == (Permission(Kind("v1", "Node"), ("get",)),)
    assert BELL.permissions({"own": True}, Kind("v1", "Pod")) == (Permission(Kind("v1", "Pod"), ("get",)),)


@pytest.mark.parametrize(
    ("reference", "namespace", "name"),
    [
        ({"name": "agent", "key": "token"}, None, "agent"),
        ({"namespace": "voyage", "name": "agent", "key": "token"}, "voyage", "agent"),
        ({"namespace": "${{ x }}", "name": "${{ x }}", "key": "token"}, "*", None),
    ],
    ids=["beside the object", "elsewhere", "by template"],
)
def test_secrets_that_are_pointed_to_are_among_the_permissions(
    reference: dict[str, str], namespace: str | None, name: str | None
) -> None:
    wanted = Permission(Kind("v1", "Secret"), ("get",), "", namespace, name)
    assert PAGE.permissions(page(token={"secretKeyRef": reference}), Kind("v1", "Pod")) == (wanted,)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (plugins.later, "later is async; actions run in threads, write a plain function"),
        (plugins.without_context, "without_context has to take (context, ...)"),
        (plugins.with_rest, "parameter *rest: 'str' cannot be given by name; rules name every parameter"),
        (plugins.without_type, "parameter 'room' of without_type has no type; annotate it"),
        (plugins.with_set, "with_set.rooms: set[str] cannot be a parameter's type; use str, int, float, bool"),
        (plugins.WithoutRun, "class WithoutRun has no method run(self, context)"),
        (plugins.NoDataclass, "NoDataclass is no dataclass; write @dataclass(frozen=True, slots=True) above it"),
        (plugins.Reserved, "'timeout' is a common field of all actions; choose another name"),
        (5, "expected a class or a function, found 5"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_does_not_fit_is_refused_with_what_is_missing(made: object, message: str) -> None:
    with pytest.raises(UsageError) as fault:
        action_type(made, defined_by="plugins:it")
    assert str(fault.value).startswith(f"plugin 'plugins:it' does not fit: {message}")


def test_a_fault_unpacks_into_path_message_and_hint() -> None:
    path, message, hint = Fault(("a", 1), "wrong", "do right")
    assert (path, message, hint) == (("a", 1), "wrong", "do right")


def test_an_action_type_is_a_value() -> None:
    assert isinstance(PAGE, ActionType)
    assert PAGE == PAGE  # noqa: PLR0124 - plans are compared
    assert PAGE.doc.startswith("Page somebody.")
