"""Whatever a rule says, compiling and checking it gives problems, and raises nothing."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from rulectl.check.inspection import inspect
from rulectl.check.report import json_report, text_report
from rulectl.plan.compiler import compile_text
from rulectl.plan.describe import describe_plan
from rulectl.plan.drawing import plan_text
from rulectl.value import Value

GOOD = ["object.spec.a", "old.spec", "object", "lookup.n[].x", "let.a", "results.x", "item.a", "target", "env.A"]
ODD = [
    "event.type == 'added'",
    "length(object.a) > `1`",
    "!object.a.b",
    "object.c[?a == object.b]",
    "''",
    "",
    "@",
    "f(",
]
EXPRESSIONS = st.sampled_from([*GOOD, *ODD])
TEMPLATES = EXPRESSIONS.map(lambda text: f"a ${{{{ {text} }}}}") | st.sampled_from(["x", "${{", "${{ }}", "}}"])
DURATIONS = st.sampled_from(["5m", "0", "-1s", "5", "1h30m", "1000000h", "x"])
KINDS = st.sampled_from([("v1", "Pod"), ("apps/v1", "Deployment"), ("v1", "Podd"), ("acme.io/v1", "Widget"), ("", "")])
TERMS = st.recursive(
    EXPRESSIONS,
    lambda inner: st.fixed_dictionaries({"any": st.lists(inner, max_size=2)}) | st.fixed_dictionaries({"not": inner}),
    max_leaves=4,
)
SELECTORS = st.sampled_from(
    [{}, {"matchLabels": {"a": "b"}}, {"matchExpressions": [{"key": "a", "operator": "In"}]}, "a=b"]
)
ACTIONS = st.lists(
    st.one_of(
        st.fixed_dictionaries({"log": st.fixed_dictionaries({"message": TEMPLATES})}, optional={"if": EXPRESSIONS}),
        st.fixed_dictionaries(
            {"label": st.fixed_dictionaries({"set": st.dictionaries(st.sampled_from("ab"), TEMPLATES)})}
        ),
        st.sampled_from([{}, {"nope": {}}, {"log": None}, {"log": {}, "scale": {}}, {"scale": {"replicas": "x"}}]),
    ),
    max_size=3,
)


def kind_of(pair: tuple[str, str]) -> dict[str, object]:
    return {"apiVersion": pair[0], "kind": pair[1]}


SPECS = st.fixed_dictionaries(
    {"watch": KINDS.map(kind_of), "actions": ACTIONS},
    optional={
        "changed": st.fixed_dictionaries(
            {}, optional={"fields": st.lists(EXPRESSIONS, max_size=2), "labels": st.just(["a*"])}
        ),
        "when": st.lists(TERMS, max_size=3),
        "events": st.lists(st.sampled_from(["added", "modified", "deleted", "x"]), max_size=3),
        "for": DURATIONS,
        "since": EXPRESSIONS,
        "let": st.dictionaries(st.sampled_from(["a", "b"]), EXPRESSIONS, max_size=2),
        "lookup": KINDS.map(lambda pair: {"n": {**kind_of(pair), "where": "item.spec.x"}}),
        "forEach": st.tuples(KINDS, EXPRESSIONS, SELECTORS).map(
            lambda parts: {**kind_of(parts[0]), "references": parts[1], "labelSelector": parts[2]}
        ),
        "resolved": ACTIONS,
        "resolvedFor": DURATIONS,
        "env": st.just({"A": "a"}),
        "enabledIf": EXPRESSIONS,
        "limits": st.sampled_from([{"perMinute": 5}, {"deletes": "10%"}, {"onExceed": "wait"}, {}]),
        "cache": st.sampled_from(["full", "projected", "x"]),
    },
)


@given(SPECS)
@settings(max_examples=200, deadline=None)
def test_any_rule_is_compiled_checked_described_and_reported(spec: dict[str, Value]) -> None:
    document = {
        "apiVersion": "rulectl.dev/v1alpha1",
        "kind": "Rule",
        "metadata": {"name": "any"},
        "spec": spec,
    }
    compilation = compile_text(json.dumps(document), file="any.json", environ={"A": "b"}, now=0.0)
    problems = inspect(compilation)
    assert compilation.has_errors is not bool(compilation.plan.rules)
    assert all(problem.place.line == 1 for problem in problems)
    assert text_report(problems, rules=1).startswith(("any.json:1:", "1 rule"))
    assert json_report(problems)["ok"] is not any(problem.severity == "error" for problem in problems)
    assert plan_text(describe_plan(compilation.plan)).startswith(("Informers", "no rules"))
