"""Which informers the rules share: one for each selection, keeping what any of its rules reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rulectl.fields import FieldTree, union
from rulectl.plan.model import RulePlan, Selection


def shared_trees(plans: Iterable[RulePlan]) -> dict[Selection, FieldTree]:
    """What each shared informer keeps, in the order in which the rules ask for them."""
    asked: dict[Selection, list[FieldTree]] = {}
    for plan in plans:
        for _, selection, tree in informers_of(plan):
            asked.setdefault(selection, []).append(tree)
    return {selection: union(trees) for selection, trees in asked.items()}


def informers_of(plan: RulePlan) -> Iterator[tuple[str, Selection, FieldTree]]:
    """What one rule needs informers for: ``watch``, ``lookup.NAME``, ``forEach``.

    Lookups and targets are looked for in all namespaces: which ones is known only for each object.
    """
    yield "watch", plan.select, plan.tree
    for lookup in plan.lookups:
        yield f"lookup.{lookup.name}", Selection(lookup.kind), lookup.tree
    if plan.for_each is not None:
        yield "forEach", Selection(plan.for_each.kind), plan.for_each.tree
