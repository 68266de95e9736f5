"""Good rules compile to what the engine runs by; bad ones harm no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from rulectl.action.registry import Registry
from rulectl.errors import UsageError
from rulectl.plan.compiler import compile_rules, compile_text
from rulectl.plan.model import RetryPolicy, RulePlan, Selection
from rulectl.predicate.watched import Field, MetadataKey
from rulectl.resource import Kind
from tests.rule.marked import rule
from tests.rule.test_files import write

SHIPPED = Path(__file__).parents[2] / "rules"


def plan(spec: str, environ: dict[str, str] | None = None) -> RulePlan:
    compilation = compile_text(rule(spec), environ=environ, now=1_700_000_000.0)
    assert compilation.problems == ()
    [compiled] = compilation.plan.rules
    return compiled


@pytest.mark.parametrize(
    ("spec", "form", "events"),
    [
        ("changed: {fields: [spec]}", "changed", {"modified"}),
        ("changed: {fields: [spec]}\nwhen: [object.spec]", "changed", {"modified"}),
        ("when: [object.spec]", "condition", {"added", "modified"}),
        ("workers: 1", "presence", {"added"}),
        ("events: [added, deleted]", "presence", {"added", "deleted"}),
        ("changed: {fields: [spec]}\nevents: [deleted]", "changed", {"deleted"}),
    ],
)
def test_a_rules_form_decides_about_the_events_that_it_does_not_name(spec: str, form: str, events: set[str]) -> None:
    compiled = plan(spec)
    assert compiled.form == form
    assert set(compiled.events) == events


def test_a_rule_that_says_little_has_the_defaults() -> None:
    compiled = plan("workers: 4")
    assert compiled.retry == RetryPolicy(0, 0.005, 1000.0)
    assert (compiled.workers, compiled.mode, compiled.cache, compiled.enabled) == (4, "enforce", "projected", True)
    assert (compiled.existing, compiled.existing_is_written, compiled.resync_seconds) == ("handle", False, None)
    assert (compiled.for_seconds, compiled.debounce_seconds, compiled.cooldown_seconds) == (0.0, 0.0, 0.0)
    assert (compiled.limits.per_minute, compiled.limits.on_exceed, compiled.limits.deletes) == (None, "pause", None)


def test_a_scope_is_in_the_servers_query_syntax() -> None:
    compiled = plan("""
watch:
  apiVersion: apps/v1
  kind: Deployment
  namespaceSelector: {matchLabels: {team: web}}
  excludeNamespaces: [kube-*]
  labelSelector:
    matchLabels: {app: shop}
    matchExpressions: [{key: tier, operator: NotIn, values: [a, b]}, {key: old, operator: DoesNotExist}]
  fieldSelector: metadata.name!=x
""")
    assert compiled.select == Selection(
        Kind("apps/v1", "Deployment"), (), "team=web", ("kube-*",), "app=shop,tier notin (a,b),!old", "metadata.name!=x"
    )


def test_a_selector_of_all_namespaces_is_not_the_same_as_none() -> None:
    assert plan("watch: {apiVersion: v1, kind: Pod, namespaceSelector: {}}").select.namespace_selector == ""
    assert plan("watch: {apiVersion: v1, kind: Pod}").select.namespace_selector is None


def test_watched_values_are_compiled_in_their_order() -> None:
    compiled = plan("""
changed:
  fields: [spec.replicas, {path: status.phase, from: Pending, to: [Running, null]}]
  labels: [tier]
  annotations: [a/*]
""")
    keys = [item for item in compiled.watched if isinstance(item, MetadataKey)]
    fields = [item for item in compiled.watched if isinstance(item, Field)]
    assert keys == [MetadataKey("annotations", "a/*"), MetadataKey("labels", "tier")]
    assert [(field.expression.text, field.old, field.new) for field in fields] == [
        ("spec.replicas", None, None),
        ("status.phase", ("Pending",), ("Running", None)),
    ]


def test_the_environment_has_the_rules_defaults_where_nothing_is_set() -> None:
    compiled = plan("env: {A: a, B: b, C: }", {"B": "set", "D": "not named"})
    assert compiled.env == {"A": "a", "B": "set"}


@pytest.mark.parametrize(
    ("condition", "environ", "enabled"),
    [
        ("env.SWITCH == 'true'", {"SWITCH": "true"}, True),
        ("env.SWITCH == 'true'", {"SWITCH": "false"}, False),
        ("env.SWITCH == 'true'", {}, False),
        ("env.A == 'a'", {}, True),
        ("env.A == 'a'", {"A": "b"}, False),
    ],
)
def test_a_rule_is_off_where_enabled_if_does_not_hold(condition: str, environ: dict[str, str], enabled: bool) -> None:
    assert plan(f"env: {{A: a}}\nenabledIf: {condition}", environ).enabled is enabled


def test_actions_have_the_names_of_their_plugins_unless_they_say_others() -> None:
    compiled = plan(
        "actions: [{log: {message: a}}, {log: {message: b}}, {name: log_3, log: {message: c}}, {log: {message: d}}]"
    )
    assert [action.name for action in compiled.actions] == ["log", "log_2", "log_3", "log_4"]


def test_the_common_fields_of_an_action_are_compiled() -> None:
    compiled = plan("""
actions:
- if: object.spec
  timeout: 5s
  retry: {attempts: 3}
  onError: continue
  isolation: process
  log: {message: x}
""")
    [action] = compiled.actions
    assert (action.timeout_seconds, action.on_error, action.isolation) == (5.0, "continue", "process")
    assert action.retry == RetryPolicy(3, 1.0, 60.0)
    assert str(action.place) == "rule.yaml:11:5"


def test_results_are_kept_only_where_a_later_action_reads_them() -> None:
    compiled = plan("""
actions:
- {name: a, log: {message: x}}
- {name: b, log: {message: x}}
- {name: c, if: results.a.status, log: {message: "${{ results.a.body }}"}}
""")
    assert [action.keep_result for action in compiled.actions] == [True, False, False]


def test_all_results_are_kept_where_they_are_read_as_a_whole() -> None:
    compiled = plan('actions: [{log: {message: x}}, {log: {message: "${{ results }}"}}]')
    assert [action.keep_result for action in compiled.actions] == [True, False]


def test_a_selector_with_templates_becomes_one_template() -> None:
    compiled = plan("""
lookup:
  pods:
    apiVersion: v1
    kind: Pod
    labelSelector: {matchLabels: {app: "${{ object.spec.app }}", tier: web}}
""")
    [lookup] = compiled.lookups
    assert lookup.label_selector is not None
    assert lookup.label_selector.render({"object": {"spec": {"app": "shop"}}}, 0.0) == "app=shop,tier=web"


def test_an_empty_resolved_is_still_one() -> None:
    compiled = plan("when: [object.spec]\nresolved: []")
    assert (compiled.has_resolved, compiled.resolved) == (True, ())


@pytest.mark.parametrize(
    ("kind", "reads"), [("v1, kind: Secret", True), ("v1, kind: Pod", False), ("acme.io/v1, kind: Secret", False)]
)
def test_a_rule_about_secrets_is_known_as_one(kind: str, reads: bool) -> None:
    assert plan(f"watch: {{apiVersion: {kind}}}").reads_secrets is reads
    assert plan(f"lookup: {{a: {{apiVersion: {kind}}}}}").reads_secrets is reads


def test_a_bad_rule_harms_no_other() -> None:
    text = "---\n".join([rule("when: [foo.a]", "bad"), rule("workers: 1", "good"), rule("evnts: []", "worse")])
    compilation = compile_text(text)
    assert [one.name for one in compilation.plan.rules] == ["good"]
    assert [problem.code for problem in compilation.problems] == ["RC402", "RC203"]
    assert [problem.rule for problem in compilation.problems] == ["bad", "worse"]
    assert compilation.names == ("bad", "good", "worse")


def test_faults_of_shape_and_of_expressions_are_told_in_one_run() -> None:
    compilation = compile_text(rule("evnts: []\nworkers: many\nwhen: [foo.a, 5]\nactions: [{htpp: {}}]"))
    assert [problem.code for problem in compilation.problems] == ["RC203", "RC204", "RC402", "RC204", "RC501"]


def test_an_expression_that_a_comment_cuts_off_is_told_to_be_quoted() -> None:
    [problem] = compile_text(rule("when:\n- object.a == 'b #c'")).problems
    assert problem.hint == "to YAML ' #' begins a comment: quote the expression"


def test_two_rules_of_one_name_are_both_told_and_both_left_out() -> None:
    text = "---\n".join([rule("workers: 1", "a"), rule("workers: 2", "b"), rule("workers: 3", "a")])
    compilation = compile_text(text)
    assert [one.name for one in compilation.plan.rules] == ["b"]
    assert [str(problem) for problem in compilation.problems] == [
        "rule.yaml:3:18: RC301 the rule 'a' has a name that another rule has too, at rule.yaml:19:18"
        " (rename one of them; neither is loaded)",
        "rule.yaml:19:18: RC301 the rule 'a' has a name that another rule has too, at rule.yaml:3:18"
        " (rename one of them; neither is loaded)",
    ]


def test_a_plugin_that_cannot_be_loaded_is_told_where_it_is_used() -> None:
    registry = Registry.builtin().with_entry_points([])
    compilation = compile_text(rule("actions: [{log: {message: x}}]"), registry=registry)
    assert compilation.problems == ()


def test_a_path_that_does_not_exist_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        compile_rules([tmp_path / "nothing"])


def test_the_same_rule_in_another_place_has_the_same_digest() -> None:
    one = compile_text("# a comment\n" + rule("workers: 1\nmode: audit"), file="x.yaml").plan.rules[0]
    other = plan("mode: audit\n\nworkers:   1")
    assert (one.digest, one.scope_digest) == (other.digest, other.scope_digest)


@pytest.mark.parametrize(
    ("spec", "same_scope"),
    [
        ("workers: 2", True),
        ("when: [object.spec]", True),
        ("watch: {apiVersion: v1, kind: Pod, namespaces: [a]}", False),
    ],
)
def test_an_edited_rule_has_another_digest(spec: str, same_scope: bool) -> None:
    before, after = plan("workers: 1"), plan(spec)
    assert before.digest != after.digest
    assert (before.scope_digest == after.scope_digest) is same_scope


def test_the_environment_counts_as_part_of_the_rule() -> None:
    assert plan("env: {A: }", {"A": "x"}).digest != plan("env: {A: }", {"A": "y"}).digest


def test_the_shipped_rules_compile_without_a_problem() -> None:
    compilation = compile_rules([SHIPPED], environ={"VOYAGE_SERVER_ENABLE_PODLIMIT": "true"})
    assert compilation.problems == ()
    assert {one.name: one.form for one in compilation.plan.rules} == {
        "node-not-ready": "condition",
        "pod-bandwidth": "changed",
        "restart-on-config": "changed",
    }
    assert all(one.enabled for one in compilation.plan.rules)


def test_one_file_compiles_to_the_same_as_its_folder(tmp_path: Path) -> None:
    write(tmp_path, {".git/x": "", "a/rule.yaml": rule("workers: 1"), "b.yaml": rule("workers: 2", "b")})
    [alone] = compile_rules([tmp_path / "a/rule.yaml"]).plan.rules
    among = compile_rules([str(tmp_path)]).plan.rules
    assert (alone.name, alone.digest) == (among[0].name, among[0].digest)
