"""Which fields a rule needs: in the cache, in the record, and to know when it must be judged again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from rulectl.expression import Expression, Template
from rulectl.fields import NOTHING, WHOLE, FieldTree, tree_of, union
from rulectl.plan.model import ActionPlan, EventName, Form, LookupPlan, TargetPlan
from rulectl.predicate.term import Term, expressions
from rulectl.predicate.watched import Watched, tree_for

ALWAYS = union(tree_of("metadata", key) for key in ("name", "namespace", "uid"))
"""What the engine itself needs of every object: its key and its identity.

Not its resourceVersion: that changes with every update, also with those that change nothing read.
"""

Reader = Expression | Template


@dataclass(frozen=True, slots=True)
class Parts:
    """The compiled parts of one rule, as far as they read something."""

    form: Form
    events: frozenset[EventName]
    watched: tuple[Watched, ...]
    when: Term | None
    since: Expression | None
    lookups: tuple[LookupPlan, ...]
    lets: tuple[tuple[str, Expression], ...]
    for_each: TargetPlan | None
    reference: Expression | None
    """What of `forEach.references` is used: the name, namespace and uid of the object that it gives."""
    actions: tuple[ActionPlan, ...]
    resolved: tuple[ActionPlan, ...]
    has_resolved: bool
    is_full: bool
    selector_labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trees:
    """See the attributes of the same names of `RulePlan`."""

    tree: FieldTree
    recorded: FieldTree
    judged_by: FieldTree


def trees_of(parts: Parts) -> Trees:
    """What the rule needs of a watched object.

    An action's parameters that use `object` as a whole do not make the cache hold all of it: it is
    fetched when the action runs (`ActionPlan.needs_whole`).
    """
    judging = _judging(parts)
    judged = union([*map(tree_for, parts.watched), *_of(judging, "object")])
    acting = [*_acting(parts.actions), *_shared(parts)]
    resolving = [*_acting(parts.resolved), *_shared(parts)]
    everything = [*judging, *acting, *resolving]
    own = union(_own_reads([*parts.actions, *parts.resolved])) if parts.for_each is None else NOTHING
    labels = union(tree_of("metadata", "labels", key) for key in parts.selector_labels)
    olds = union(_of(everything, "old"))
    needed = _without_fetched(parts, everything)
    tree = union([ALWAYS, labels, judged, olds, needed, own, *_sources(everything)])
    recorded = [ALWAYS, *map(tree_for, parts.watched), olds]
    if parts.form == "condition" or parts.has_resolved or "deleted" in parts.events:
        recorded += _of(judging, "object")
    if "deleted" in parts.events:
        recorded += [*_of(acting, "object"), own]
    if parts.has_resolved:
        recorded += [_without_fetched(parts, resolving), own]
    return Trees(WHOLE if parts.is_full else tree, union(recorded), judged)


def lets_reached(lets: tuple[tuple[str, Expression], ...], readers: Iterable[Reader]) -> list[Expression]:
    """The lets that `readers` use, and those that these use."""
    reached: list[Expression] = []
    wanted = _members(readers, "let")
    for name, expression in reversed(lets):
        if name in wanted or "*" in wanted:
            reached.append(expression)
            wanted |= _members([expression], "let")
    return reached


def target_reads(for_each: TargetPlan, actions: Iterable[ActionPlan]) -> FieldTree:
    """What is needed of a target object by `where`, the actions and their plugins."""
    plans = list(actions)
    readers: list[Reader] = [*_acting(plans), *([for_each.where] if for_each.where else [])]
    return union([ALWAYS, _labels(for_each.label_selector), *_of(readers, "target"), *_own_reads(plans)])


def lookup_reads(lookup: LookupPlan, readers: Iterable[Reader]) -> FieldTree:
    """What is needed of each object that a lookup finds, whether it gives one or a list."""
    found = [ALWAYS, _labels(lookup.label_selector)]
    if lookup.where is not None:
        found += _of([lookup.where], "item")
    for tree in _of(readers, "lookup"):
        member = tree.child(lookup.name)
        if member is not None:
            found.append(member if lookup.object_name is not None else _element(member))
    return union(found)


def all_readers(parts: Parts) -> list[Reader]:
    """Every expression and template of the rule."""
    return [*_judging(parts), *_shared(parts), *_acting(parts.actions), *_acting(parts.resolved)]


def _judging(parts: Parts) -> list[Reader]:
    """What is evaluated to judge an object: terms, `since`, and the lets and lookups that these use."""
    used: list[Reader] = [*(expressions(parts.when) if parts.when is not None else ())]
    used += [parts.since] if parts.since is not None else []
    used += lets_reached(parts.lets, used)
    wanted = _members(used, "lookup")
    for lookup in reversed(parts.lookups):
        if lookup.name in wanted or "*" in wanted:
            found = list(_of_lookup(lookup))
            used += found
            wanted |= _members(found, "lookup")
    return used


def _shared(parts: Parts) -> list[Reader]:
    """What a run evaluates besides its actions."""
    found: list[Reader] = [expression for _, expression in parts.lets]
    for lookup in parts.lookups:
        found += _of_lookup(lookup)
    if parts.for_each is not None:
        found += _of_target(parts.for_each)
    return [*found, parts.reference] if parts.reference is not None else found


def _of_lookup(lookup: LookupPlan) -> Iterator[Reader]:
    candidates = (lookup.object_name, lookup.namespace, lookup.label_selector, lookup.where)
    return (one for one in candidates if one is not None)


def _of_target(target: TargetPlan) -> Iterator[Reader]:
    candidates = (target.namespace, target.object_name, target.label_selector, target.where)
    return (one for one in candidates if one is not None)


def _acting(actions: Iterable[ActionPlan]) -> list[Reader]:
    return [reader for action in actions for reader in (action.condition, action.parameters) if reader is not None]


def _labels(selector: Template | None) -> FieldTree:
    """What a selector that is rendered for each object looks at: its keys may come from a template too."""
    return NOTHING if selector is None else tree_of("metadata", "labels")


def _own_reads(actions: Iterable[ActionPlan]) -> Iterator[FieldTree]:
    """What the plugins look at by themselves, of the object that they act on."""
    for action in actions:
        if "resource" not in action.written:
            yield action.type.reads(action.written)


def _without_fetched(parts: Parts, readers: Iterable[Reader]) -> FieldTree:
    """What `readers` use of `object`, but for parameters that have it fetched as a whole."""
    fetched = {id(action.parameters) for action in (*parts.actions, *parts.resolved) if action.needs_whole}
    return union(_of((reader for reader in readers if id(reader) not in fetched), "object"))


def _sources(readers: Iterable[Reader]) -> Iterator[FieldTree]:
    """What is used of the watched objects in the list `sources`."""
    yield from map(_element, _of(readers, "sources"))


def _element(tree: FieldTree) -> FieldTree:
    """What is used of the objects in a list. None of them is a list itself, whatever ``[]`` allows for."""
    if tree.whole:
        return WHOLE
    element = tree.items or NOTHING
    return element if element.whole else replace(element, items=None)


def _of(readers: Iterable[Reader], root: str) -> list[FieldTree]:
    return [reader.reads[root] for reader in readers if root in reader.reads]


def _members(readers: Iterable[Reader], root: str) -> set[str]:
    """The members of `root` that are read; ``*``: any of them."""
    names: set[str] = set()
    for tree in _of(readers, root):
        names |= {"*"} if tree.whole or tree.entries is not None else set(tree.fields)
    return names


def names_read(reads: Mapping[str, FieldTree], root: str) -> frozenset[str]:
    """The members of `root` that one expression reads, as far as they are named."""
    tree = reads.get(root)
    return frozenset(tree.fields) if tree is not None else frozenset()
