from typing import Any

import pytest

from rulectl.action.outcome import Done, Unchanged
from rulectl.fields import NOTHING, WHOLE, tree_of
from tests.action.builtin.bench import faults, kind_of, run
from tests.action.fakes import POD, FakeKube, context_for, pod


def cluster(**metadata: Any) -> FakeKube:
    return FakeKube().put(POD, pod(**metadata))


def test_only_what_differs_is_sent_with_the_uid_as_precondition() -> None:
    kube = cluster(labels={"tier": "gold", "old": "x"})
    outcome = run("label", {"set": {"tier": "gold", "team": "blue"}, "remove": ["old"]}, context_for(pod(), kube))
    assert isinstance(outcome, Done)
    assert outcome.message == "labels of Pod shop/web-1: old removed, team=blue, tier=gold"
    body = {"metadata": {"labels": {"team": "blue", "old": None}, "uid": "uid-web"}}
    assert kube.writes == [("patch", "Pod shop/web-1", body)]


def test_it_keeps_quiet_when_the_values_are_already_there() -> None:
    kube = cluster(annotations={"team": "blue"})
    outcome = run("annotate", {"set": {"team": "blue", "gone": None}}, context_for(pod(), kube))
    assert outcome == Unchanged("Pod shop/web-1 has gone removed, team=blue already")
    assert kube.writes == []


def test_an_object_that_the_cache_knows_well_enough_is_not_asked_for() -> None:
    kube, known = cluster(labels={"tier": "gold"}), tree_of("metadata", "labels")
    outcome = run("label", {"set": {"tier": "gold"}}, context_for(pod(labels={"tier": "gold"}), kube, known=known))
    assert (type(outcome), kube.calls) == (Unchanged, [])


def test_numbers_and_booleans_become_text() -> None:
    kube = cluster()
    run("annotate", {"set": {"count": 3, "ratio": 0.5, "whole": 2.0, "on": True}}, context_for(pod(), kube))
    annotations = kube.writes[0][2]["metadata"]["annotations"]
    assert annotations == {"count": "3", "ratio": "0.5", "whole": "2", "on": "true"}


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("label", {}, "nothing to do: give set, remove or both"),
        ("label", {"set": {"a": "1"}, "remove": ["a"]}, "'a' is both set and removed; choose one"),
        ("label", {"set": {"a": "x y"}}, "'x y' cannot be the value of label 'a'"),
        ("label", {"set": {"-a": "x"}}, "'-a' cannot be a key"),
        ("annotate", {"set": {"Bad_Prefix/a": "x"}}, "'Bad_Prefix/a' cannot be a key"),
        ("annotate", {"remove": ["/a"]}, "'/a' cannot be a key"),
        ("annotate", {"set": {"a": ["x"]}}, "set.a: expected text, a whole number, a number, true or false or null"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_kubernetes_would_refuse_is_a_fault_of_the_rule(name: str, parameters: Any, message: str) -> None:
    (fault,) = faults(name, parameters)
    assert fault.startswith(message)


def test_an_annotation_may_hold_any_text() -> None:
    assert faults("annotate", {"set": {"example.com/note": "any text, with spaces\n"}}) == []


def test_the_cache_keeps_the_keys_that_the_rule_names() -> None:
    reads = kind_of("label").reads({"set": {"tier": "x"}, "remove": ["old"]})
    assert reads.paths() == ["metadata.labels.old", "metadata.labels.tier"]
    assert kind_of("label").reads({"set": "${{ let.labels }}"}) == tree_of("metadata", "labels", leaf=WHOLE)
    assert kind_of("label").reads({"set": {"a": "b"}, "resource": {"kind": "Node"}}) == NOTHING
