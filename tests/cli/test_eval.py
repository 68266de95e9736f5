"""`rulectl eval`."""

from __future__ import annotations

from pathlib import Path

import pytest

from rulectl.sandbox import SandboxServer
from tests.cli.shell import rulectl

POD = '{"metadata": {"name": "web-0", "annotations": {"a.io/x": "2M"}}, "spec": {"n": [1, 2]}}'


@pytest.mark.parametrize(
    ("expression", "form", "expected"),
    [
        ("annotation(object, 'a.io/x')", "json", '"2M"\n'),
        ("annotation(object, 'a.io/x')", "raw", "2M\n"),
        ("quantity(annotation(object, 'a.io/x')) > quantity('1M')", "json", "true\n"),
        ("object.spec", "yaml", "n:\n- 1\n- 2\n"),
        ("old", "json", "null\n"),
        ("event.type", "raw", "added\n"),
        ("to ${{ object.metadata.name }}", "raw", "to web-0\n"),
        ("${{ object.spec.n }}", "raw", "[1,2]\n"),
    ],
)
def test_an_expression_is_evaluated_on_an_object(expression: str, form: str, expected: str) -> None:
    shown = rulectl("eval", expression, "-f", "-", "-o", form, stdin=POD)
    assert (shown.out, shown.err, shown.status) == (expected, "", 0)


def test_without_an_object_there_are_still_functions() -> None:
    assert rulectl("eval", "quantity('1Gi')").out == "1073741824\n"


def test_several_objects_give_a_result_each(tmp_path: Path) -> None:
    file = tmp_path / "objects.yaml"
    file.write_text("metadata: {name: a}\n---\nmetadata: {name: b}\n")
    assert rulectl("eval", "object.metadata.name", "-f", str(file), "-o", "yaml").out == "a\n---\nb\n"


def test_old_is_another_object(tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text('{"spec": {"n": [1]}}')
    given = ("-f", "-", "--old", str(tmp_path / "old.json"), "-o", "raw")
    shown = rulectl("eval", "[old.spec.n, object.spec.n, event.type]", *given, stdin=POD)
    assert shown.out == '[[1],[1,2],"modified"]\n'


def test_env_is_what_is_given() -> None:
    assert rulectl("eval", "env.A", "--env", "A=x=y", "-o", "raw").out == "x=y\n"


def test_an_expression_without_a_value_is_told_with_its_object_and_place() -> None:
    shown = rulectl("eval", "sum(object.spec)", "-f", "-", stdin=POD)
    assert (shown.status, shown.out) == (1, "")
    message, *caret = shown.err.splitlines()
    assert message.startswith("error: web-0: sum(): ")
    assert caret == ["  sum(object.spec)", "  ^^^^^^^^^^^^^^^^"]


def test_one_object_that_fails_does_not_hide_the_others() -> None:
    two = '[{"metadata": {"name": "a"}, "n": ["x"]}, {"metadata": {"name": "b"}, "n": [1]}]'
    shown = rulectl("eval", "sum(object.n)", "-f", "-", stdin=two)
    assert (shown.status, shown.out) == (1, "1\n")
    assert shown.err.startswith("error: a: sum()")


def test_functions_of_plugins_can_be_used() -> None:
    assert rulectl("eval", "shout('a')", "--plugin", "tests.cli.plugin:shout", "-o", "raw").out == "A!\n"


def test_an_object_is_read_from_a_cluster() -> None:
    with SandboxServer() as server:
        flags = ("--kubeconfig", str(server.kubeconfig_path))
        assert rulectl("eval", "object.metadata.name", "ns", "default", "-o", "raw", *flags).out == "default\n"
        assert rulectl("eval", "object.kind", "ns/default", "-o", "raw", *flags).out == "Namespace\n"
        missing = rulectl("eval", "object", "configmap", "no", "-n", "default", *flags)
        unknown = rulectl("eval", "object", "nodess", "no", *flags)
    assert (missing.status, unknown.status) == (3, 3)
    assert 'configmaps "no" not found' in missing.err
    assert unknown.err == "error: the server has no resource 'nodess'; did you mean 'nodes'?\n"
