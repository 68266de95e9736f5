"""What a rule needs of its objects: in the cache, in the record, and to be judged again."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulectl.fields import WHOLE, FieldTree
from rulectl.plan.compiler import compile_text
from rulectl.plan.model import RulePlan
from tests.plan.test_compiler import plan
from tests.rule.marked import rule

IDENTITY = ["metadata.name", "metadata.namespace", "metadata.uid"]
CHANGED = "changed: {fields: [spec.c]}"
LOG = 'actions: [{log: {message: "${{ object.spec.a }} ${{ old.spec.b }}"}}]'


def paths(tree: FieldTree) -> list[str]:
    return [path for path in tree.paths() if path not in IDENTITY]


def test_every_object_is_kept_with_its_name_and_its_identity() -> None:
    assert plan("workers: 1").tree.paths() == IDENTITY


def test_the_cache_keeps_what_any_expression_reads() -> None:
    compiled = plan(f"""
changed: {{annotations: [a], labels: [b*], fields: [spec.c]}}
when: [object.status.d, lookup.n.spec.x]
lookup: {{n: {{apiVersion: v1, kind: Node, name: "${{{{ object.spec.e }}}}"}}}}
let: {{f: object.spec.f}}
{LOG}
""")
    assert paths(compiled.tree) == [
        "metadata.annotations.a", "metadata.labels", "spec.a", "spec.b", "spec.c", "spec.e", "spec.f", "status.d",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("spec", "recorded"),
    [
        (f"{CHANGED}\n{LOG}", ["spec.b", "spec.c"]),
        (f"{CHANGED}\nwhen: [object.status]\n{LOG}", ["spec.b", "spec.c"]),
        (f"{CHANGED}\nwhen: [object.d]\nevents: [deleted]\n{LOG}", ["d", "spec.a", "spec.b", "spec.c"]),
        (f"when: [object.status.d]\n{LOG}", ["spec.b", "status.d"]),
        (f"events: [deleted]\n{LOG}", ["spec.a", "spec.b"]),
        ("when: [object.d]\nresolved: [{log: {message: '${{ object.e }}'}}]", ["d", "e"]),
        ("when: [let.x]\nlet: {x: object.d, y: object.e}", ["d"]),
    ],
    ids=["changed", "with when", "deleted", "condition", "presence", "resolved", "lets of a condition"],
)  # fmt: skip
def test_the_record_keeps_what_old_and_an_objects_end_may_show(spec: str, recorded: list[str]) -> None:
    assert paths(plan(spec).recorded) == recorded


def test_a_rule_is_judged_again_by_what_it_watches_and_what_its_terms_read() -> None:
    compiled = plan(f"""
changed: {{fields: [spec.c]}}
when: [let.y, lookup.n.spec.x]
for: 5m
since: object.status.t
let: {{x: object.d, y: let.x, unused: object.e}}
lookup:
  n: {{apiVersion: v1, kind: Node, name: "${{{{ object.spec.node }}}}"}}
  unused: {{apiVersion: v1, kind: Node, name: "${{{{ object.spec.other }}}}"}}
{LOG}
""")
    assert paths(compiled.judged_by) == ["d", "spec.c", "spec.node", "status.t"]


def test_an_object_that_an_action_uses_as_a_whole_is_fetched_and_not_kept() -> None:
    compiled = plan('actions: [{log: {message: "${{ object }}"}}, {log: {message: "${{ object.spec.a }}"}}]')
    assert [action.needs_whole for action in compiled.actions] == [True, False]
    assert paths(compiled.tree) == ["spec.a"]


def test_a_full_cache_keeps_everything() -> None:
    assert plan("cache: full").tree == WHOLE


def test_any_change_is_watched_with_the_whole_object() -> None:
    compiled = plan("changed: {fields: ['@']}")
    assert (compiled.tree, compiled.judged_by, compiled.recorded) == (WHOLE, WHOLE, WHOLE)


def test_labels_of_the_selector_are_kept() -> None:
    compiled = plan("watch: {apiVersion: v1, kind: Pod, labelSelector: {matchLabels: {app: web}}}")
    assert paths(compiled.tree) == ["metadata.labels.app"]


def test_what_a_plugin_looks_at_by_itself_is_kept() -> None:
    compiled = plan("actions: [{label: {set: {a: b}}}]")
    assert paths(compiled.tree) == ["metadata.labels.a"]


def test_what_a_plugin_looks_at_is_kept_of_the_target() -> None:
    compiled = plan("forEach: {apiVersion: v1, kind: Pod, where: target.spec.x}\nactions: [{label: {set: {a: b}}}]")
    assert compiled.for_each is not None
    assert (paths(compiled.tree), paths(compiled.for_each.tree)) == ([], ["metadata.labels.a", "spec.x"])


def test_references_need_of_the_object_only_who_it_is() -> None:
    compiled = plan("forEach: {apiVersion: apps/v1, kind: Deployment, references: object}")
    assert compiled.for_each is not None
    assert paths(compiled.tree) == []
    assert "spec.template.spec.volumes[]" in compiled.for_each.tree.paths()
    assert "spec.volumes[]" not in compiled.for_each.tree.paths()


def test_of_looked_up_objects_only_what_is_read_is_kept() -> None:
    compiled = plan("""
lookup:
  node: {apiVersion: v1, kind: Node, name: x}
  quotas: {apiVersion: v1, kind: ResourceQuota, where: item.spec.hard}
when: [lookup.node.status.phase, "lookup.quotas[?status.used].data"]
""")
    node, quotas = compiled.lookups
    assert paths(node.tree) == ["status.phase"]
    assert paths(quotas.tree) == ["data", "spec.hard", "status.used"]


def test_of_sources_only_what_is_read_is_kept() -> None:
    compiled = plan("""
forEach: {apiVersion: v1, kind: Pod, references: object}
actions: [{log: {message: "${{ sources[].data.a }}"}}]
""")
    assert paths(compiled.tree) == ["data.a"]


def test_rules_with_the_same_scope_share_one_informer() -> None:
    text = "---\n".join([
        rule("changed: {fields: [spec.a]}", "a"),
        rule("changed: {fields: [spec.b]}", "b"),
        rule("changed: {fields: [spec.c]}\nwatch: {apiVersion: v1, kind: Pod, namespaces: [x]}", "c"),
        rule("lookup: {p: {apiVersion: v1, kind: Pod, name: x}}\nwhen: [lookup.p.spec.d]", "d"),
    ])  # fmt: skip
    trees = compile_text(text).plan.trees
    assert [(selection.namespaces, paths(tree)) for selection, tree in trees.items()] == [
        ((), ["spec.a", "spec.b", "spec.d"]),
        (("x",), ["spec.c"]),
    ]


NAMES = st.sampled_from(["spec.a", "spec.b", "status.c", "metadata.labels.d", "spec.list[].e"])


@settings(deadline=None)
@given(st.lists(NAMES, max_size=3), st.lists(NAMES, max_size=3), st.lists(NAMES, max_size=3), st.booleans())
def test_what_judges_and_what_is_recorded_is_always_kept(
    watched: list[str], terms: list[str], used: list[str], ends: bool
) -> None:
    spec = f"events: [added{', deleted' if ends else ''}]\n"
    spec += f"changed: {{fields: ['metadata.name', {', '.join(f'{name!r}' for name in dict.fromkeys(watched))}]}}\n"
    spec += "".join(f"{'when:' if index == 0 else ''}\n- object.{name}" for index, name in enumerate(terms))
    message = "".join(f"${{{{ object.{name} }}}}${{{{ old.{name} }}}}" for name in used) or "x"
    compiled: RulePlan = plan(f"{spec}\nactions: [{{log: {{message: '{message}'}}}}]")
    assert compiled.tree.covers(compiled.recorded)
    assert compiled.tree.covers(compiled.judged_by)
