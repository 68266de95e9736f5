"""What `label` and `annotate` share: setting and removing keys below metadata."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

from rulectl.action.contract import ActionContext
from rulectl.action.names import as_text
from rulectl.action.outcome import Done, Outcome, Unchanged
from rulectl.action.permission import is_template
from rulectl.action.subject import ResourceRef, known, subject_of
from rulectl.action.write import described_patch, gone, on_fresh_object, patch, reference_to
from rulectl.fields import FieldTree, tree_of
from rulectl.value import Value, mapping

Part: TypeAlias = Literal["labels", "annotations"]
Scalar: TypeAlias = str | int | float | bool | None


def wanted(given: Mapping[str, Scalar], removed: Iterable[str]) -> dict[str, str | None]:
    """What the keys are to be; None: not there.

    Raises:
        ValueError: a key is both set and removed.
    """
    keys = {key: None if value is None else as_text(value) for key, value in given.items()}
    for key in removed:
        if keys.get(key) is not None:
            raise ValueError(f"{key!r} is both set and removed; choose one")
        keys[key] = None
    if not keys:
        raise ValueError("nothing to do: give set, remove or both")
    return keys


def read_tree(part: Part, parameters: Mapping[str, Value]) -> FieldTree:
    """The keys that unrendered parameters name; all of them when a template decides which."""
    given, removed = parameters.get("set"), parameters.get("remove")
    if parameters.get("resource") is not None:
        return FieldTree()
    keys = [*mapping(given), *(removed if isinstance(removed, list | tuple) else ())]
    if is_template(given) or is_template(removed) or any(map(is_template, keys)):
        return tree_of("metadata", part)
    return tree_of("metadata", part, leaf=FieldTree(fields={str(key): FieldTree() for key in keys}))


def write(context: ActionContext, part: Part, keys: Mapping[str, str | None], reference: ResourceRef | None) -> Outcome:
    """Brings the keys to what they are to be, unless they are."""
    return on_fresh_object(lambda: _once(context, part, keys, reference))


def _once(context: ActionContext, part: Part, keys: Mapping[str, str | None], reference: ResourceRef | None) -> Outcome:
    subject = subject_of(context, reference)
    tree = tree_of("metadata", part, leaf=FieldTree(fields={key: FieldTree() for key in keys}))
    obj = known(context, subject, tree)
    if obj is None:
        return gone(subject)
    there = mapping(mapping(obj.get("metadata")).get(part))
    changes = {key: value for key, value in keys.items() if there.get(key) != value}
    said = ", ".join(f"{key} removed" if value is None else f"{key}={value}" for key, value in sorted(keys.items()))
    if not changes:
        return Unchanged(f"{subject} has {said} already")
    after = patch(context, subject, {"metadata": {part: changes}}, "merge")
    if after is None:
        return gone(subject)
    return Done(f"{part} of {subject}: {said}", reference_to(after))


def described(
    context: ActionContext, part: Part, keys: Mapping[str, str | None], reference: ResourceRef | None
) -> Value:
    """The merge patch: of the keys that differ, as far as the cache knows the object, else of all."""
    changes = dict(keys)
    tree = tree_of("metadata", part, leaf=FieldTree(fields={key: FieldTree() for key in keys}))
    if reference is None and context.known.covers(tree):
        there = mapping(mapping(context.obj.get("metadata")).get(part))
        changes = {key: value for key, value in keys.items() if there.get(key) != value}
    return described_patch(context, reference, {"metadata": {part: changes}}, "merge")
