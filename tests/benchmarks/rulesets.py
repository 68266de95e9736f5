"""The same rules twice: as rule files for rulectl, as JMESPath over `old` and `object` for everybody else."""

from __future__ import annotations

import json
from pathlib import Path

# In a rule (as fields of its spec), and as an expression. None of them ever holds: to find that out is measured.
_KINDS: tuple[tuple[dict[str, object], str], ...] = (
    (
        {"changed": {"annotations": ["example.com/key-%d"]}},
        'old.metadata.annotations."example.com/key-%d" != object.metadata.annotations."example.com/key-%d"',
    ),
    (
        {"when": ["(object.status.conditions[?type=='Ready'].status | [0]) == 'Unknown-%d'"]},
        "(object.status.conditions[?type=='Ready'].status | [0]) == 'Unknown-%d'",
    ),
    (
        {"changed": {"fields": [{"path": "spec.containers[].image", "to": "image-%d"}]}},
        "old.spec.containers[].image != object.spec.containers[].image"
        " && contains(object.spec.containers[].image, 'image-%d')",
    ),
    (
        {"when": ["object.status.containerStatuses[?restartCount > `200000000%d`]"]},
        "object.status.containerStatuses[?restartCount > `200000000%d`]",
    ),
    (
        {"when": ["object.status.phase == 'Failed' && object.metadata.labels.app == 'app-%d'"]},
        "object.status.phase == 'Failed' && object.metadata.labels.app == 'app-%d'",
    ),
    (
        {"changed": {"labels": ["tier-%d"]}},
        'old.metadata.labels."tier-%d" != object.metadata.labels."tier-%d"',
    ),
    (
        {"when": ["length(object.spec.containers[?image == 'image-%d']) > `0`"]},
        "length(object.spec.containers[?image == 'image-%d']) > `0`",
    ),
    (
        {"when": ["starts_with(object.spec.nodeName, 'gone-%d')"]},
        "starts_with(object.spec.nodeName, 'gone-%d')",
    ),
    (
        {"changed": {"fields": [{"path": "status.podIP", "to": "10.0.0.%d"}]}},
        "old.status.podIP != object.status.podIP && object.status.podIP == '10.0.0.%d'",
    ),
    (
        {"when": ["object.metadata.ownerReferences[?kind == 'Kind-%d']"]},
        "object.metadata.ownerReferences[?kind == 'Kind-%d']",
    ),
)


def expressions(count: int) -> list[str]:
    """So many distinct expressions."""
    return [_KINDS[number % len(_KINDS)][1].replace("%d", str(number)) for number in range(count)]


def write_rules(folder: Path, count: int) -> None:
    """So many distinct rule files."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        spec = json.loads(json.dumps(_KINDS[number % len(_KINDS)][0]).replace("%d", str(number)))
        rule = {
            "apiVersion": "rulectl.dev/v1alpha1",
            "kind": "Rule",
            "metadata": {"name": f"rule-{number}"},
            "spec": {
                "watch": {"apiVersion": "v1", "kind": "Pod"},
                **spec,
                "actions": [{"log": {"message": f"rule {number}"}}],
            },
        }
        (folder / f"rule-{number}.yaml").write_text(json.dumps(rule))
