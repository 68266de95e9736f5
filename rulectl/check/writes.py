"""What an action writes: known for the built-in ones, from their parameters as the rule has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rulectl.action.permission import is_template
from rulectl.fields import NOTHING, WHOLE, FieldTree, tree_of, union
from rulectl.plan.model import ActionPlan, RulePlan
from rulectl.resource import Kind
from rulectl.value import Value, mapping, text

Effect: TypeAlias = Literal["modified", "added", "deleted"]


@dataclass(frozen=True, slots=True)
class Write:
    """An action changes `fields` of objects of `kind`, or makes or deletes them.

    `own`: it is the very object that the rule watches.
    """

    kind: Kind
    effect: Effect
    fields: FieldTree
    own: bool


def writes_of(rule: RulePlan, action: ActionPlan) -> tuple[Write, ...]:
    """What `action` writes; nothing when it writes no objects, or that cannot be known.

    Actions of plugins are not known; what a template will say is not either.
    """
    parameters = action.written
    kind = _acted_on(rule, parameters)
    if kind is None or action.type.defined_by != "rulectl":
        return ()
    own = rule.for_each is None and "resource" not in parameters
    match action.type.name:
        case "label" | "annotate":
            section = "labels" if action.type.name == "label" else "annotations"
            keys = [*mapping(parameters.get("set")), *_texts(parameters.get("remove"))]
            fields = union(tree_of("metadata", section, key) for key in keys)
            return (Write(kind, "modified", fields, own),)
        case "restart":
            fields = tree_of("spec", "template", "metadata", "annotations")
            return (Write(kind, "modified", fields, own),)
        case "scale":
            return (Write(kind, "modified", tree_of("spec", "replicas"), own),)
        case "patch":
            return (Write(kind, "modified", _patched(parameters.get("body")), own),)
        case "delete":
            return (Write(kind, "deleted", WHOLE, own),)
        case "apply":
            return _applied(mapping(parameters.get("manifest")))
        case "job":
            return (Write(Kind("batch/v1", "Job"), "added", WHOLE, own=False),)
        case _:
            return ()


def _acted_on(rule: RulePlan, parameters: Mapping[str, Value]) -> Kind | None:
    resource = mapping(parameters.get("resource"))
    if not resource:
        return rule.for_each.kind if rule.for_each is not None else rule.select.kind
    api_version, kind = resource.get("apiVersion"), resource.get("kind")
    return None if is_template(api_version) or is_template(kind) else Kind(text(api_version), text(kind))


def _applied(manifest: Mapping[str, Value]) -> tuple[Write, ...]:
    api_version, kind = manifest.get("apiVersion"), manifest.get("kind")
    if not manifest or is_template(api_version) or is_template(kind):
        return ()
    fields = {key: value for key, value in manifest.items() if key not in {"apiVersion", "kind"}}
    applied = Kind(text(api_version), text(kind))
    return (
        Write(applied, "added", WHOLE, own=False),
        Write(applied, "modified", _leaves(fields), own=False),
    )


def _patched(body: Value) -> FieldTree:
    """The fields of a merge patch, or the paths of a JSON patch."""
    if isinstance(body, list | tuple):
        return union(_pointer(text(mapping(step).get("path"))) for step in body)
    return _leaves(body) if isinstance(body, Mapping) else NOTHING


def _pointer(path: str) -> FieldTree:
    steps = [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:]]
    return tree_of(*(step for step in steps if not step.isdigit() and step != "-"))


def _leaves(value: Value) -> FieldTree:
    if isinstance(value, Mapping) and value:
        return FieldTree(fields={key: _leaves(part) for key, part in value.items()})
    return WHOLE


def _texts(value: Value) -> Iterable[str]:
    return [text(item) for item in value] if isinstance(value, list | tuple) else []
