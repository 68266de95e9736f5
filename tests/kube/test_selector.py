"""Label selectors."""

from __future__ import annotations

import pytest

from rulectl.errors import UsageError
from rulectl.kube.selector import LabelSelector
from rulectl.value import Value


@pytest.mark.parametrize(
    ("selector", "labels", "matches"),
    [
        ("", {}, True),
        ("a=b", {"a": "b"}, True),
        ("a==b", {"a": "c"}, False),
        ("a!=b", {}, True),
        ("a!=b", {"a": "b"}, False),
        ("a in (b, c),d", {"a": "c", "d": ""}, True),
        ("a notin (b)", {}, True),
        ("!a", {"a": ""}, False),
        ("a,!b", {"a": "x"}, True),
        ("a=", {"a": ""}, True),
        ("app.kubernetes.io/name=x", {"app.kubernetes.io/name": "x"}, True),
    ],
)
def test_kubectls_text_selects_as_the_server_does(selector: str, labels: dict[str, Value], *, matches: bool) -> None:
    assert LabelSelector.parse(selector).matches(labels) is matches


@pytest.mark.parametrize("selector", ["a=b", "a!=b", "a in (b,c)", "a notin (b,c)", "a", "!a", "a=b,!c,d in (e,f)"])
def test_it_is_written_as_it_is_read(selector: str) -> None:
    assert str(LabelSelector.parse(selector)) == selector


def test_a_manifests_selector_has_the_same_text() -> None:
    selector = LabelSelector.of(
        {
            "matchLabels": {"app": "web"},
            "matchExpressions": [
                {"key": "tier", "operator": "In", "values": ["a", "b"]},
                {"key": "canary", "operator": "DoesNotExist"},
            ],
        }
    )
    assert str(selector) == "app=web,tier in (a,b),!canary"


@pytest.mark.parametrize("selector", ["a=b=c", "a in b", "=b", "a b", "a in (b"])
def test_what_is_no_selector_is_a_usage_error(selector: str) -> None:
    with pytest.raises(UsageError, match="is no label selector"):
        LabelSelector.parse(selector)


@pytest.mark.parametrize(
    ("term", "message"),
    [
        ({"key": "a", "operator": "Gt", "values": ["1"]}, "the operator is one of"),
        ({"key": "a", "operator": "In"}, "values go with In and NotIn"),
        ({"key": "a", "operator": "Exists", "values": ["1"]}, "values go with In and NotIn"),
    ],
    ids=["operator", "no values", "values"],
)
def test_a_term_that_makes_no_sense_is_a_usage_error(term: dict[str, Value], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        LabelSelector.of({"matchExpressions": [term]})
