"""The rule and the test that ``rulectl init`` writes; pure."""

from __future__ import annotations

from typing import Literal, TypeAlias

from rulectl.openapi import builtin_resources
from rulectl.resource import Kind

Form: TypeAlias = Literal["changed", "condition"]

_HEAD = """\
# {name}: say here in a sentence what it is for.
#
# Help in the editor: rulectl schema > rule.schema.json, and this line first in the file:
# yaml-language-server: $schema=rule.schema.json
apiVersion: rulectl.dev/v1alpha1
kind: Rule
metadata:
  name: {name}                        # unique among the rules that run together
  annotations:
    rulectl.dev/description: Say here what it is for; reports and `rulectl explain` show it.
spec:
  watch:
    apiVersion: {api_version}
    kind: {kind}{scope}
    # labelSelector: {{matchLabels: {{team: web}}}}     # judged by the API server
"""
_CHANGED = """
  # The rule owes a run as soon as one of these differs from what it was when the rule last succeeded.
  changed:
    labels: [team]
    # annotations: [example.com/limit, example.com/size-*]   # a trailing * watches every key that begins so
    # fields:                                                # JMESPath relative to the object
    # - spec.containers[].image
    # - {path: status.phase, from: Pending, to: Running}
  # It runs when all of this holds, too; until then it stays owed.
  when:
  - object.metadata.name != 'ignored'

  # events: [added, modified, deleted]   # what makes it owe a run; with `changed` the default is [modified]
"""
_CONDITION = """
  # The rule fires once when all of this has come to hold.
  when:
  - label(object, 'team') == 'web'
  for: 5m                                # ... without a break for so long
"""
_ACTIONS = """
  # Actions run in order. `rulectl schema actions` lists what there is, `rulectl schema http` what one takes.
  # In strings ${{{{ }}}} is an expression; `rulectl eval` tries one on an object.
  actions:
  - http:
      method: POST
      url: https://hooks.example.com/{name}
      json:
        object: ${{{{ join('/', [object.metadata.namespace || '-', object.metadata.name]) }}}}
        team: ${{{{ label(object, 'team') }}}}
"""
_RESOLVED = """
  # And these when it no longer holds; an empty list only lets it fire again.
  resolved:
  - log: {message: it is over}
"""
_TEST = '''\
"""{file}, on the real engine: an API server in memory, virtual time, HTTP calls that are only noted down."""

from pathlib import Path

{imports}from rulectl.testing.bench import Bench

RULE = Path(__file__).with_name("{file}").read_text()


def an_object(team):
    metadata = {{"name": "one", {namespace}"labels": {{"team": team}}}}
    return {{"apiVersion": "{api_version}", "kind": "{kind}", "metadata": metadata{spec}}}


{cases}'''
_CUSTOM = """\
RESOURCE = Resource(Kind("{api_version}", "{kind}"), "{plural}", namespaced=True)
# So that the API server knows the kind; load the real one to have its schema checked, too.
CRD = {{
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {{"name": "{plural}.{group}"}},
    "spec": {{
        "group": "{group}",
        "names": {{"kind": "{kind}", "plural": "{plural}"}},
        "scope": "Namespaced",
        "versions": [
            {{
                "name": "{version}",
                "served": True,
                "storage": True,
                "schema": {{"openAPIV3Schema": {{"type": "object", "x-kubernetes-preserve-unknown-fields": True}}}},
            }}
        ],
    }},
}}


def a_bench():
    bench = Bench(RULE)
    bench.cluster.apply(CRD)
    bench.pass_time(60)  # the rule finds out that its kind is served now
    return bench


"""
"""What the test of a custom kind has in addition."""
_CHANGED_CASES = """\
def test_a_change_is_told_once():
    bench = Bench(RULE)
    bench.cluster.apply(an_object("web"))
    bench.settle()
    assert bench.calls == []  # a new object is no change: events are [modified]
    bench.cluster.apply(an_object("shop"))
    bench.settle()
    bench.restart()
    assert [call.body["team"] for call in bench.calls] == ["shop"]


def test_what_failed_is_tried_again():
    bench = Bench(RULE)
    bench.web.script.extend([503, 200])
    bench.cluster.apply(an_object("web"))
    bench.settle()
    bench.cluster.apply(an_object("shop"))
    bench.pass_time(60)
    assert len(bench.calls) == 2
    assert bench.calls[0].key == bench.calls[1].key  # the same Idempotency-Key
"""
_CONDITION_CASES = """\
def test_it_fires_once_when_it_has_held_for_so_long():
    bench = Bench(RULE)
    bench.cluster.apply(an_object("web"))
    bench.pass_time(4 * 60)
    assert bench.calls == []
    bench.pass_time(2 * 60)
    assert [call.body["team"] for call in bench.calls] == ["web"]


def test_it_does_not_fire_when_it_stops_in_between():
    bench = Bench(RULE)
    bench.cluster.apply(an_object("web"))
    bench.pass_time(4 * 60)
    bench.cluster.apply(an_object("shop"))
    bench.pass_time(60 * 60)
    assert bench.calls == []
"""
_PODS = '"containers": [{"name": "main", "image": "app"}]'
_TEMPLATE = f'"template": {{"metadata": {{"labels": {{"app": "one"}}}}, "spec": {{{_PODS}}}}}'
_SELECTED = f'"selector": {{"matchLabels": {{"app": "one"}}}}, {_TEMPLATE}'
_SPECS = {
    "Pod": _PODS,
    "Service": '"ports": [{"port": 80}]',
    "Deployment": _SELECTED,
    "ReplicaSet": _SELECTED,
    "DaemonSet": _SELECTED,
    "StatefulSet": f'"serviceName": "one", {_SELECTED}',
    "Job": f'{_TEMPLATE[:-2]}, "restartPolicy": "Never"}}}}',
}
"""What the API server asks of the spec of some kinds."""


def rule_text(name: str, kind: Kind, form: Form) -> str:
    """A rule of that name for objects of `kind`, with a comment on every part."""
    scope = "" if _is_cluster_scoped(kind) else "\n    # namespaces: [shop, web]           # absent: all"
    head = _HEAD.format(name=name, api_version=kind.api_version, kind=kind.kind, scope=scope)
    actions = _ACTIONS.format(name=name)
    return head + (_CHANGED + actions if form == "changed" else _CONDITION + actions + _RESOLVED)


def test_text(file: str, kind: Kind, form: Form) -> str:
    """Its test, for pytest."""
    spec = _SPECS.get(kind.kind, "")
    imports = ""
    cases = _CHANGED_CASES if form == "changed" else _CONDITION_CASES
    if not any(one.kind == kind for one in builtin_resources()):
        imports = "from rulectl.resource import Kind, Resource\n"
        group, _, version = kind.api_version.rpartition("/")
        custom = _CUSTOM.format(
            api_version=kind.api_version, group=group, version=version, kind=kind.kind, plural=f"{kind.kind.lower()}s"
        )
        changes = 'cluster.patch(RESOURCE, "one", an_object("shop"), "default")'
        cases = cases.replace("Bench(RULE)", "a_bench()").replace('cluster.apply(an_object("shop"))', changes)
        cases = custom + cases
    return _TEST.format(
        file=file,
        api_version=kind.api_version,
        kind=kind.kind,
        namespace="" if _is_cluster_scoped(kind) else '"namespace": "default", ',
        spec=f', "spec": {{{spec}}}' if spec else "",
        cases=cases,
        imports=imports,
    )


def _is_cluster_scoped(kind: Kind) -> bool:
    return any(one.kind == kind and not one.namespaced for one in builtin_resources())
