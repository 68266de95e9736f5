"""Bad rule files, read as `rulectl validate` reads them: every fault with its code, line and column, and no other.

The tables of tests/rule and tests/plan go through the same door here: what they expect is found, whatever else is.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from rulectl.check.inspection import inspect
from rulectl.plan.compiler import compile_rules, compile_text
from rulectl.rule.codes import CODES
from tests.plan import test_bad_rules
from tests.rule import test_bad_shapes, test_bad_yaml
from tests.rule.marked import Fault, expected, found, rule, unmarked

DEPLOYMENT = "watch: {apiVersion: apps/v1, kind: Deployment}\n"
NODE = "watch: {apiVersion: v1, kind: Node}\n"
CHANGED = "changed: {fields: [status.phase]}\n"
LOG = "actions:\n- log:\n    message: "

SPECS = {
    # kinds
    "a kind that is misspelt": ("RC420", "watch: {apiVersion: apps/v1, kind: ▲Deploymnet}"),
    "a kind in small letters": ("RC420", "watch: {apiVersion: v1, kind: ▲pod}"),
    "a plural for a kind": ("RC420", "watch: {apiVersion: v1, kind: ▲Pods}"),
    "a kind of another group": ("RC420", "watch: {apiVersion: v1, kind: ▲Deployment}"),
    "a kind to look up that is misspelt": ("RC420", "lookup: {n: {apiVersion: v1, kind: ▲Nod, name: a}}"),
    "a kind of targets that is misspelt": (
        "RC420",
        f"{CHANGED}forEach: {{apiVersion: v1, kind: ▲Servce, references: object}}",
    ),
    "a namespace for a kind that has none": ("RC319", "watch: {apiVersion: v1, kind: Node, ▲namespaces: [a]}"),
    # fields that are not there
    "a field that is misspelt": ("RC421", "when:\n- object.status.▲phas == 'Running'"),
    "a field of another kind": ("RC421", f"{DEPLOYMENT}when:\n- object.status.▲phase == 'Running'"),
    "a field in small letters": ("RC421", "when:\n- object.spec.▲nodename"),
    "a field in snake case": ("RC421", f"{DEPLOYMENT}when:\n- object.status.▲available_replicas"),
    "a field at the top that belongs below": ("RC421", "when:\n- object.▲phase == 'Running'"),
    "an annotation as a field of metadata": ("RC421", "when:\n- object.metadata.▲annotation"),
    "a field of an element that is misspelt": ("RC421", "when:\n- object.spec.containers[].▲imag"),
    "a field in a filter that is misspelt": ("RC421", "when:\n- object.status.conditions[?▲typ == 'Ready']"),
    "a watched field that is misspelt": ("RC421", "changed: {fields: [status.▲phas]}"),
    "a watched field with a step that is misspelt": (
        "RC421",
        "changed: {fields: [{path: spec.▲nodNames, to: a}]}",
    ),
    "a step": ("RC603", "changed: {fields: [{path: ▲status.phase, to: Running}]}"),
    "a field in a template that is misspelt": ("RC421", f"{LOG}on ${{{{ object.spec.▲nodName }}}} now"),
    "a field in a nested parameter that is misspelt": (
        "RC421",
        'actions: [{http: {url: "http://a", json: {a: [{b: "${{ object.spec.▲nodName }}"}]}}}]',
    ),
    "a field in let that is misspelt": ("RC421", "let: {a: object.spec.▲nodName}"),
    "a field of old that is misspelt": ("RC421", f"{CHANGED}when:\n- old.status.▲phas == 'Running'"),
    "a field of what was looked up": (
        "RC421",
        "lookup: {n: {apiVersion: v1, kind: Node, name: a}}\nwhen:\n- lookup.n.spec.▲unschedulabel",
    ),
    "a field of item that is misspelt": (
        "RC421",
        "lookup: {n: {apiVersion: v1, kind: Node, where: item.spec.▲unschedulabel}}",
    ),
    "a field of a target that is misspelt": (
        "RC421",
        f"{CHANGED}forEach: {{apiVersion: apps/v1, kind: Deployment, references: object, where: target.spec.▲replica}}",
    ),
    "a field in if that is misspelt": ("RC421", "actions: [{if: object.spec.▲nodName, log: {message: x}}]"),
    "a field of a condition that is misspelt": ("RC421", "when:\n- condition(object, 'Ready').▲state == 'True'"),
    "a field of event that is misspelt": ("RC421", f"{CHANGED}when:\n- event.▲typ == 'added'"),
    "a field of changes that is misspelt": ("RC421", f"{CHANGED}when:\n- changes[].▲paths"),
    "two fields that are misspelt": ("RC421 RC421", "when:\n- object.spec.▲nodName || object.status.▲phas"),
    "a field of two terms that is misspelt": ("RC421 RC421", "when:\n- object.status.▲phas\n- object.status.▲fase"),
    # types
    "a number compared with a text": ("RC422", f"{DEPLOYMENT}when:\n- ▲object.spec.replicas == '3'"),
    "a text compared with a number": ("RC422", "when:\n- ▲object.status.phase == `3`"),
    "a truth value compared with a text": ("RC422", f"{NODE}when:\n- ▲object.spec.unschedulable == 'true'"),
    "a condition's status compared with true": ("RC422", "when:\n- ▲condition(object, 'Ready').status == `true`"),
    "an order of texts": ("RC422", "when:\n- ▲object.status.phase > `3`"),
    "a function of a number given a text": ("RC422", "when:\n- abs(▲object.spec.nodeName)"),
    "the length of a number": ("RC422", f"{DEPLOYMENT}when:\n- length(▲object.spec.replicas) > `3`"),
    "a text function given a list": ("RC422", "when:\n- starts_with(▲object.spec.containers, 'a')"),
    "a field of a text": ("RC423", "when:\n- object.status.phase.▲name"),
    "a field of a number": ("RC423", f"{DEPLOYMENT}when:\n- object.spec.replicas.▲max"),
    "a field of a list": ("RC423", "when:\n- object.spec.containers.▲image"),
    "a projection of an object": ("RC423", "when:\n- object.▲spec[].image"),
    "an index of an object": ("RC423", "when:\n- object.spec▲[0]"),
    "a value that a field never has": ("RC424", "when:\n- object.status.phase == ▲'running'"),
    "a policy that does not exist": ("RC424", "when:\n- object.spec.restartPolicy == ▲'Sometimes'"),
    # what is the same for every object
    "a number as a test": ("RC701", f"{DEPLOYMENT}when:\n- ▲length(object.metadata.name)"),
    "a comparison of literals": ("RC701", "when:\n- (▲'a' == 'a')"),
    "an order of texts by their characters": ("RC702", "when:\n- ▲object.status.phase < 'Running'"),
    # traps
    "a list compared with a text": ("RC415", "when:\n- ▲object.spec.containers[].image == 'a'"),
    "a text in double quotes": ("RC414", "when:\n- object.status.conditions[?type == ▲\"Ready\"]"),
    "an expression in which the pipe binds last": (
        "RC411",
        "when:\n- ▲object.spec.nodeName && object.spec.containers[] | [0]",
    ),
    "an exclamation mark before a path": ("RC412", "when:\n- '▲!object.spec.nodeName'"),
    "an order of what is not there on added": (
        "RC417",
        f"events: [added, modified]\n{CHANGED}when: ['▲old.spec.priority < object.spec.priority']",
    ),
    "a let that is called like a root": ("RC605", "let: {▲object: object.spec}\nwhen: [let.object]"),
    "a root in a filter": (
        "RC413",
        "when:\n- object.spec.containers[?name == ▲object.metadata.name]",
    ),
    "a function of what may be absent": ("RC416", "when:\n- length(▲object.spec.volumes) > `0`"),
    # rules that write what they watch
    "a label that is watched and set": (
        "RC601",
        "changed: {labels: [a]}\nactions:\n- ▲label: {set: {a: b}}",
    ),
    "a scale of what is watched": (
        "RC601",
        f"{DEPLOYMENT}changed: {{fields: [spec.replicas]}}\nactions:\n- ▲scale: {{replicas: 3}}",
    ),
    # the shape and the rest at once
    "faults of every kind at once": (
        "RC203 RC207 RC206 RC421 RC501",
        "▲evnts: [added]\nfor: ▲5 minutes\nexisting: ▲ignore\nwhen:\n- object.status.▲phas\nactions:\n- ▲htpp: {}",
    ),
    "a fault in every action": (
        "RC502 RC402 RC501",
        "actions:\n- http: {url: x, ▲methd: GET}\n- log: {message: '${{ ▲foo }}'}\n- ▲labl: {}",
    ),
    "a fault in resolved": (
        "RC502",
        "when: [object.spec.nodeName]\nresolved:\n- label: {▲sets: {a: b}}",
    ),
    "an event's reason in words": ("RC502", "actions: [{event: {reason: ▲not good, message: x}}]"),
    "a secret without a key": (
        "RC502",
        "actions: [{http: {url: 'http://a', bearerToken: {▲secretKeyRef: {namespace: a, name: b}}}}]",
    ),
    "a misplaced common field": ("RC502", "actions: [{log: {message: x, ▲timeout: 5s}}]"),
}  # fmt: skip


def faults(text: str) -> list[Fault]:
    problems = inspect(compile_text(unmarked(text), environ={}))
    return [fault for fault in found(problems) if fault.code != "RC120"]


@pytest.mark.parametrize(("codes", "spec"), SPECS.values(), ids=SPECS)
def test_a_bad_rule_is_told_at_its_places_and_nothing_else_is(codes: str, spec: str) -> None:
    text = rule(spec)
    told = [fault for fault in faults(text) if fault.code != "RC603" or codes == "RC603"]  # a note beside the fault
    assert told == expected(text, codes.split())


ELSEWHERE = {
    **{f"yaml: {name}": (codes, text) for name, (codes, text) in test_bad_yaml.CASES.items()},
    **{f"shape: {name}": (codes, rule(spec)) for name, (codes, spec) in test_bad_shapes.SPECS.items()},
    **{f"rule: {name}": (codes, rule(spec)) for name, (codes, spec) in test_bad_rules.SPECS.items()},
}


@pytest.mark.parametrize(("codes", "text"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_what_loading_and_compiling_find_is_told_by_validate(codes: str, text: str) -> None:
    told = set(faults(text))
    marks = codes.split() if text.count("▲") > 1 else codes.split()[:1]
    assert set(expected(text, marks)) <= told


def test_there_are_enough_of_them() -> None:
    assert len(SPECS) + len(ELSEWHERE) >= 250


def test_every_code_is_told_in_some_test() -> None:
    texts = "".join(file.read_text() for file in Path(__file__).parent.parent.rglob("test_*.py"))
    assert [code for code in CODES if f'"{code}' not in texts and f" {code}" not in texts] == []


def test_faults_of_several_files_are_told_in_one_run(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(rule("workers: many", "a"))
    (tmp_path / "b.yml").write_text(rule("when: [object.status.phas]", "b"))
    (tmp_path / "c.json").write_text('{"apiVersion": "rulectl.dev/v1alpha1", "kind": "Rul"}')
    (tmp_path / "d.yaml").write_bytes(b"a: \xff\n")
    (tmp_path / "e.yaml").write_text(rule("workers: 1", "a"))
    problems = inspect(compile_rules([tmp_path], environ={}))
    told = [(Path(problem.place.file).name, problem.code) for problem in problems]
    assert told == [
        ("a.yaml", "RC301"),
        ("a.yaml", "RC204"),
        ("b.yml", "RC421"),
        ("c.json", "RC202"),
        ("d.yaml", "RC102"),
        ("e.yaml", "RC301"),
    ]
