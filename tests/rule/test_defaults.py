"""RuleDefaults: which hold for a rule, and what they give it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rulectl.rule.load import load_rules, load_text
from rulectl.rule.model import Rule
from rulectl.value import Value, mapping
from tests.rule.marked import rule
from tests.rule.test_files import write

HEAD = "apiVersion: rulectl.dev/v1alpha1\nkind: RuleDefaults\nspec:\n"


def defaults(spec: str) -> str:
    return HEAD + "".join(f"  {line}\n" for line in spec.split("\n"))


def spec_of(found: Rule) -> dict[str, Value]:
    return dict(mapping(mapping(found.document.value).get("spec")))


def merged(given: str, own: str) -> dict[str, Value]:
    loaded = load_text(f"{defaults(given)}---\n{rule(own)}")
    assert loaded.problems == ()
    return spec_of(loaded.rules[0])


def test_a_rule_gets_what_it_does_not_say_itself() -> None:
    found = merged("workers: 8\nmode: audit", "workers: 2")
    assert (found["workers"], found["mode"]) == (2, "audit")


@pytest.mark.parametrize(
    ("key", "given", "own", "together"),
    [
        ("env", "env: {A: a, B: b}", "env: {B: c}", {"B": "c", "A": "a"}),
        ("retry", "retry: {attempts: 3, maxDelay: 1m}", "retry: {attempts: 5}", {"attempts": 5, "maxDelay": "1m"}),
        ("limits", "limits: {perMinute: 5}", "limits: {onExceed: wait}", {"onExceed": "wait", "perMinute": 5}),
    ],
)
def test_mappings_are_joined_key_by_key(key: str, given: str, own: str, together: object) -> None:
    assert merged(given, own)[key] == together


def test_a_rule_that_names_namespaces_does_not_get_a_selector_of_them() -> None:
    given = "watch: {namespaceSelector: {matchLabels: {a: b}}, excludeNamespaces: [kube-*]}"
    own = "watch: {apiVersion: v1, kind: Pod, namespaces: [shop]}"
    assert merged(given, own)["watch"] == {
        "apiVersion": "v1", "kind": "Pod", "namespaces": ["shop"], "excludeNamespaces": ["kube-*"],
    }  # fmt: skip


def test_every_action_of_a_plugin_gets_its_presets() -> None:
    given = "actions: {http: {timeout: 5s, headers: {A: b}}, log: {level: debug}}"
    own = "actions: [{http: {url: x, headers: {}}}, {log: {message: m}}]\nresolved: [{http: }]"
    found = merged(given, own)
    assert found["actions"] == [
        {"http": {"url": "x", "headers": {}, "timeout": "5s"}},
        {"log": {"message": "m", "level": "debug"}},
    ]
    assert found["resolved"] == [{"http": {"timeout": "5s", "headers": {"A": "b"}}}]


def test_the_place_of_a_default_is_in_its_own_file(tmp_path: Path) -> None:
    write(tmp_path, {"defaults.yaml": defaults("workers: 8"), "a/rule.yaml": rule("mode: audit")})
    [found] = load_rules([tmp_path]).rules
    assert str(found.document.place(("spec", "workers"))) == f"{tmp_path}/defaults.yaml:4:12"
    assert str(found.document.place(("spec", "mode"))) == f"{tmp_path}/a/rule.yaml:5:9"


def test_the_nearest_folder_has_the_last_word(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "d.yaml": defaults("workers: 8\nmode: audit"),
            "a/d.yaml": defaults("workers: 2"),
            "a/b/rule.yaml": rule("cache: full"),
        },
    )
    [found] = load_rules([tmp_path]).rules
    assert (found.workers, found.mode) == (2, "audit")


def test_one_file_gives_the_same_rule_as_the_whole_repository(tmp_path: Path) -> None:
    files = {"d.yaml": defaults("workers: 8"), "a/d.yml": defaults("mode: audit"), "a/rule.yaml": rule("cache: full")}
    write(tmp_path, {".git/config": "", **files})
    [alone] = load_rules([tmp_path / "a" / "rule.yaml"]).rules
    [among] = load_rules([tmp_path]).rules
    assert spec_of(alone) == spec_of(among)
    assert (alone.workers, alone.mode) == (8, "audit")


def test_defaults_above_the_repository_do_not_hold(tmp_path: Path) -> None:
    write(tmp_path, {"d.yaml": defaults("workers: 8"), "repo/.git/x": "", "repo/rule.yaml": rule("mode: audit")})
    [found] = load_rules([tmp_path / "repo" / "rule.yaml"]).rules
    assert found.workers == 4


def test_two_defaults_in_one_folder_are_told(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": defaults("workers: 8"), "b.yaml": defaults("workers: 9"), "r.yaml": rule("mode: audit")})
    [problem] = load_rules([tmp_path]).problems
    assert problem.code == "RC318"
    assert problem.message == f"this folder has RuleDefaults already, at {tmp_path}/a.yaml:1:1"


def test_a_fault_of_defaults_is_told_once_however_many_rules_have_them() -> None:
    text = "---\n".join([defaults("workers: many"), rule("mode: audit", "a"), rule("mode: audit", "b")])
    [problem] = load_text(text).problems
    assert (problem.code, problem.place.line) == ("RC204", 4)


def test_resolved_for_is_given_only_to_rules_with_resolved() -> None:
    text = "---\n".join(
        [defaults("resolvedFor: 5m"), rule("when: [object]", "a"), rule("when: [object]\nresolved: []", "b")]
    )
    first, second = load_text(text).rules
    assert (first.resolved_for_seconds, second.resolved_for_seconds) == (None, 300.0)
