"""What is existing, what is added, and which namespaces a rule is about."""

from __future__ import annotations

from typing import Any

from rulectl.testing.bench import Bench
from tests.scenarios.objects import pod, rule, step

ON_BW = {"annotations": ["bw"]}
EVENTS = ["added", "modified"]


def with_existing(rules: str) -> Bench:
    bench = Bench(rules, start=False)
    bench.cluster.apply(pod(bw="A"))
    bench.start()
    return bench


def test_existing_objects_are_handled_as_added() -> None:
    assert with_existing(rule(changed=ON_BW, events=EVENTS)).bodies() == [step("added", None, "A")]


def test_existing_skip_records_todays_values() -> None:
    bench = with_existing(rule(changed=ON_BW, events=EVENTS, existing="skip"))
    bench.cluster.apply(pod(bw="B"))
    bench.settle()
    assert bench.bodies() == [step("modified", "A", "B")]


def test_with_skip_an_object_created_later_is_added() -> None:
    bench = with_existing(rule(changed=ON_BW, events=EVENTS, existing="skip"))
    bench.cluster.apply(pod("b", bw="B"))
    bench.settle()
    assert bench.bodies() == [step("added", None, "B")]


def test_with_skip_an_object_created_while_down_is_added() -> None:
    bench = with_existing(rule(changed=ON_BW, events=EVENTS, existing="skip"))
    bench.stop()
    bench.cluster.apply(pod("b", bw="B"))
    bench.start()
    assert bench.bodies() == [step("added", None, "B")]


def test_a_rule_for_mere_presence_runs_once_per_object() -> None:
    bench = with_existing(rule())
    bench.cluster.apply(pod(bw="B"))
    bench.restart()
    assert bench.bodies() == [step("added", None, "A")]


def watching(**watch: Any) -> Bench:
    bench = Bench(rule(watch={"apiVersion": "v1", "kind": "Pod", **watch}), start=False)
    for name in ("shop", "web", "kube-extra"):
        namespace: dict[str, Any] = {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": name, "labels": {"n": name}},
        }
        bench.cluster.apply(namespace)
        bench.cluster.apply(pod(name, bw=name, namespace=name))
    bench.start()
    return bench


def seen(bench: Bench) -> list[str]:
    return sorted(body["now"] for body in bench.bodies())  # type: ignore[index]


def test_named_namespaces() -> None:
    assert seen(watching(namespaces=["shop", "web"])) == ["shop", "web"]


def test_excluded_namespaces_are_globs() -> None:
    assert seen(watching(excludeNamespaces=["kube-*"])) == ["shop", "web"]


def test_a_namespace_selector() -> None:
    assert seen(watching(namespaceSelector={"matchLabels": {"n": "web"}})) == ["web"]


def test_a_field_selector_goes_to_the_server() -> None:
    assert seen(watching(fieldSelector="metadata.name=shop")) == ["shop"]


def test_a_crd_that_arrives_later_is_picked_up() -> None:
    watch: dict[str, Any] = {"apiVersion": "example.dev/v1", "kind": "Widget"}
    bench = Bench(rule(watch=watch))
    names = {"plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"}
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    version = {"name": "v1", "served": True, "storage": True, "schema": schema}
    crd: dict[str, Any] = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.dev"},
        "spec": {"group": "example.dev", "scope": "Namespaced", "names": names, "versions": [version]},
    }
    bench.cluster.apply(crd)
    bench.cluster.apply({**watch, "metadata": {"name": "w", "namespace": "default", "annotations": {"bw": "A"}}})
    bench.pass_time(60)
    assert bench.bodies() == [step("added", None, "A")]
