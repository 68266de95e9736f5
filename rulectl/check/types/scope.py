"""What the roots of an expression are: the watched object, its baseline, what lookups find, and so on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import TypeAlias

from rulectl.check.types.declared import object_of
from rulectl.check.types.type import ANYTHING, TEXT, TIME, Type, list_of, one_of, record
from rulectl.openapi import Node, node_of_crd
from rulectl.plan.located import Located
from rulectl.plan.roots import Place
from rulectl.plan.semantics import events_of
from rulectl.resource import Kind
from rulectl.rule.model import LookupText

Schemas: TypeAlias = Callable[[Kind], Node | None]
"""The schema of a kind's objects; None when it is not known."""

_MAYBE_TEXT = TEXT.or_null()
_EVENT = record(
    {
        "type": one_of("added", "modified", "deleted", "resync", "resolved"),
        "time": TIME,
        "finalState": one_of("known", "recorded").or_null(),
        "cause": one_of("cleared", "deleted", "left").or_null(),
        "since": TIME.or_null(),
    }
)
_CHANGES = list_of(record({"path": TEXT, "old": ANYTHING, "new": ANYTHING}))
_RULE = record({"name": TEXT, "description": TEXT})


def scope_of(located: Located, schemas: Schemas, lets: Mapping[str, Type]) -> Type:
    """The current value at the beginning of the expression: an object of the roots it has.

    For a relative one it is the watched object. `lets` are the types of earlier lets.
    """
    rule = located.rule
    watched = _object(rule.watch.kind, schemas)
    if located.expression.relative:
        return watched
    roots: dict[str, Type] = {
        "object": watched,
        "old": replace(watched.or_null(), is_sure="added" not in events_of(rule)),
        "event": _EVENT,
        "changes": _CHANGES,
        "rule": _RULE,
        "let": record(dict(lets), ANYTHING),
        "lookup": record({lookup.name: _found(lookup, schemas) for lookup in rule.lookups}, ANYTHING),
        "target": ANYTHING if rule.for_each is None else _object(rule.for_each.kind, schemas),
        "sources": list_of(watched),
        "item": _item(located, schemas),
        "env": record({}, _MAYBE_TEXT),
    }
    return record({name: roots.get(name, ANYTHING) for name in located.expression.roots}, ANYTHING)


def scope_key(located: Located) -> tuple[object, ...] | None:
    """What the scope depends on: equal keys, equal scopes. None: it cannot be told, there are lets in it."""
    expression, rule = located.expression, located.rule
    if "let" in expression.roots:
        return None
    lookups = tuple((one.name, one.kind, one.object_name is None) for one in rule.lookups)
    target = rule.for_each.kind if rule.for_each is not None else None
    item = located.path[2:3] if located.place is Place.LOOKUP_WHERE else ()
    is_added = "added" in events_of(rule)
    return (rule.watch.kind, expression.relative, lookups, target, item, is_added, id(expression.functions))


def _object(kind: Kind, schemas: Schemas) -> Type:
    return object_of(schemas(kind) or _unknown(), kind.kind)


@cache
def _unknown() -> Node:
    """An object of a kind without a schema: its metadata is as everywhere, the rest may be anything."""
    return node_of_crd({"type": "object", "x-kubernetes-preserve-unknown-fields": True})


def _found(lookup: LookupText, schemas: Schemas) -> Type:
    one = _object(lookup.kind, schemas)
    return list_of(one, name=lookup.name) if lookup.object_name is None else one.or_null()


def _item(located: Located, schemas: Schemas) -> Type:
    if located.place is not Place.LOOKUP_WHERE:
        return ANYTHING
    lookup = next((one for one in located.rule.lookups if one.name == located.path[2]), None)
    return ANYTHING if lookup is None else _object(lookup.kind, schemas)
