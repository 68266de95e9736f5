"""The guard against mass deletion: a list that lacks many objects at once is not believed at once.

A lost permission, a wrong cluster, an empty answer look like deletion to who compares lists. What one complete
list would start is judged as a whole, before any of it starts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from rulectl.controller.beginning import is_in_force, with_tried
from rulectl.plan.model import RulePlan
from rulectl.state.record import Record

SHARE: Final = 0.30
COUNT: Final = 20
SAMPLE: Final = 20


@dataclass(frozen=True, slots=True)
class Pass:
    """What the list says is believed."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Believed if the server says of each of `sample`, asked by name, that it is not there."""

    sample: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Hold:
    """Not believed; a person has to look."""

    reason: str


Verdict: TypeAlias = Pass | Ask | Hold


def would_run(rule: RulePlan, record: Record) -> bool:
    """Whether the end of the object would start a `deleted` or `resolved` run, for all that the list says."""
    if record.rescoped and (rule.select.label_selector or rule.select.field_selector):
        return False  # an edited selector does not list it: the server is asked for each by name
    if rule.has_resolved and is_in_force(record):
        return True
    if rule.form == "condition" or "deleted" not in rule.events:
        return False
    tried = with_tried(record)
    return bool(record.base or tried) and bool(rule.when is None or record.when_held or tried)


def judge_list(missing: Sequence[Record], population: int, listed: int, deletes: str | None) -> Verdict:
    """What to make of a complete list.

    Args:
        missing: The records whose objects the list lacks and whose end would start a run.
        population: How many records the rule has in what was listed, those of `missing` included.
        listed: How many objects the list had.
        deletes: The rule's `limits.deletes`.
    """
    if not missing or deletes == "none":
        return Pass()
    count = len(missing)
    if deletes is not None:
        most = population * float(deletes[:-1]) / 100 if deletes.endswith("%") else float(deletes)
        return Pass() if count <= most else Hold(f"a list lacks {count} objects, and limits.deletes is {deletes}")
    if listed == 0:
        return Hold(f"a list is empty that would end {count} of {population} objects")
    if count > COUNT and count > SHARE * population:
        step = max(1, count // SAMPLE)
        return Ask(tuple(missing[::step][:SAMPLE]))
    return Pass()
