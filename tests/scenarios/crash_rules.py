"""The rules that run side by side while schedules of crashes go on, and what each of them watches."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from rulectl.plan.compiler import compile_text
from rulectl.plan.model import Plan
from tests.scenarios.objects import rule

BW = 'metadata.annotations."bw"'
TIER = 'metadata.labels."tier"'
VALUE = "data.v"

_ALL = ["added", "modified", "deleted"]
_RUNNING = ["object.status.phase == 'Running'"]
_MAPS = {"apiVersion": "v1", "kind": "ConfigMap", "excludeNamespaces": ["kube-*"]}


def _told(path: str, what: str = "run") -> dict[str, str]:
    section, _, key = path.removeprefix("metadata.").partition(".")
    read = f"{section.removesuffix('s')}(%s, '{key.strip(chr(34))}')"
    return {
        "what": what,
        "uid": "${{ object.metadata.uid }}",
        "event": "${{ event.type }}",
        "old": "${{ " + read % "old" + " }}",
        "now": "${{ " + read % "object" + " }}",
    }


def _call(body: Mapping[str, Any], name: str = "push") -> dict[str, Any]:
    url = "http://agent/${{ rule.name }}/" + name
    return {"name": name, "http": {"method": "PUT", "url": url, "json": body}}


_EACH = {
    "what": "run",
    "uid": "${{ target.metadata.name }}",
    "event": "${{ event.type }}",
    "sources": "${{ sources[].[metadata.uid, data.v] }}",
}

WATCHED: Mapping[str, str] = {
    "push": BW,
    "gated": BW,
    "only-modified": BW,
    "slow": BW,
    "in-force": BW,
    "two": TIER,
}
"""The rules that act on a difference, and the one value that each watches."""


RULES = (*WATCHED, "alarm", "present", "each")
"""The names of all of them."""


def rules(names: Collection[str], version: int = 0) -> str:
    """Those of `names`; another `version` is an edit of their actions."""

    def push(path: str, what: str = "run", name: str = "push") -> dict[str, Any]:
        return _call({**_told(path, what), "version": version}, name)

    bw, tier = {"annotations": ["bw"]}, {"labels": ["tier"]}
    specs: dict[str, dict[str, Any]] = {
        "push": {"changed": bw, "events": _ALL, "actions": [push(BW)]},
        "gated": {"changed": bw, "when": _RUNNING, "events": _ALL, "actions": [push(BW)]},
        "only-modified": {"changed": bw, "actions": [push(BW)]},
        "slow": {"changed": bw, "events": _ALL[:2], "debounce": "10s", "cooldown": "1m", "actions": [push(BW)]},
        "in-force": {
            "changed": bw,
            "when": _RUNNING,
            "events": _ALL[:2],
            "actions": [push(BW)],
            "resolved": [push(BW, "clear", name="clear")],
        },
        "two": {"changed": tier, "events": _ALL[:2], "actions": [push(TIER, name="first"), push(TIER, name="second")]},
        "alarm": {
            "when": ["annotation(object, 'alarm') == 'on'"],
            "actions": [push(BW, "fire")],
            "resolved": [push(BW, "clear", name="clear")],
        },
        "present": {"events": ["added", "deleted"], "actions": [push(BW)]},
        "each": {
            "watch": _MAPS,
            "changed": {"fields": [VALUE]},
            "events": _ALL[:2],
            "forEach": {"apiVersion": "apps/v1", "kind": "Deployment", "references": "object"},
            "actions": [_call({**_EACH, "version": version})],
        },
    }
    return "\n---\n".join(rule(name, **specs[name]) for name in names)


@lru_cache(maxsize=32)
def plan(names: tuple[str, ...], version: int = 0) -> Plan:
    """The same, compiled once."""
    compiled = compile_text(rules(names, version))
    assert not compiled.has_errors, compiled.problems
    return compiled.plan
