"""The state in words and tables, for ``rulectl state list`` and ``show``: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rulectl.controller.evaluation import rfc3339
from rulectl.errors import UsageError
from rulectl.problem import nearest
from rulectl.state.record import Record, RuleState
from rulectl.state.store import Loaded
from rulectl.value import Value, encode, mapping, text

_COLUMNS = ("rule", "objects", "owed", "retrying", "held", "failed", "paused")


def overview(kept: Loaded) -> list[Mapping[str, Value]]:
    """One entry for each rule that is remembered, by name."""
    names = sorted({state.rule for state in kept.rules} | {record.rule for record in kept.records})
    states = {state.rule: state for state in kept.rules}
    return [_rule(name, states.get(name), [one for one in kept.records if one.rule == name]) for name in names]


def rule_lines(rules: Sequence[Mapping[str, Value]]) -> list[str]:
    """The entries of `overview` as a table."""
    if not rules:
        return ["nothing is remembered yet"]
    rows = [[str(rule[column]) if rule[column] not in ("", 0) else "-" for column in _COLUMNS] for rule in rules]
    table = [[column.upper() for column in _COLUMNS], *rows]
    widths = [max(len(row[index]) for row in table) for index in range(len(_COLUMNS))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]


def details(kept: Loaded, rule: str, namespace: str, name: str) -> list[Mapping[str, Value]]:
    """One entry for each object of a rule, or for the one that is named.

    Raises:
        UsageError: there is none; the message says which there are.
    """
    records = [one for one in kept.records if one.rule == rule]
    if not records:
        names = sorted({state.rule for state in kept.rules})
        near = nearest(rule, names)
        hint = f"did you mean {near!r}?" if near else f"remembered are: {', '.join(names) or 'none'}"
        msg = f"no object is remembered for a rule {rule!r}; {hint}"
        raise UsageError(msg)
    if name:
        records = [one for one in records if (one.namespace, one.name) == (namespace, name)]
        if not records:
            msg = f"rule {rule!r} remembers no {namespace}/{name}; `rulectl state show {rule}` lists what it does"
            raise UsageError(msg)
    return [_object(record) for record in sorted(records, key=lambda one: (one.namespace, one.name, one.uid))]


def object_lines(objects: Sequence[Mapping[str, Value]]) -> list[str]:
    """The entries of `details` for people."""
    lines = []
    for one in objects:
        lines.append(f"{one['object']} ({one['uid']}): {one['state']}")
        for title in ("baseline", "owed", "run", "failed", "fired", "waiting"):
            if one.get(title):
                lines.append(f"  {title}: {_failure(one[title]) if title == 'failed' else _shown(one[title])}")
    return lines


def _failure(value: Value) -> str:
    failed = mapping(value)
    again = "`rulectl state retry` runs it again"
    return f"run {failed.get('number')}, at {text(failed.get('at'))}: {text(failed.get('message'))}; {again}"


def _rule(name: str, state: RuleState | None, records: Sequence[Record]) -> Mapping[str, Value]:
    sources = [one for one in records if not one.is_target]
    return {
        "rule": name,
        "objects": len(sources),
        "owed": sum(one.owed is not None and one.run is None for one in sources),
        "retrying": sum(one.run is not None and one.run.attempts > 0 for one in records),
        "held": sum(one.held for one in sources),
        "failed": sum(one.failed is not None for one in sources),
        "paused": state.paused_reason if state is not None and state.paused else "",
    }


def _object(record: Record) -> Mapping[str, Value]:
    place = f"{record.namespace}/{record.name}" if record.namespace else record.name
    return {
        "object": f"{place} (target)" if record.is_target else place,
        "uid": record.uid,
        "state": _state(record),
        "baseline": dict(record.base),
        "owed": _owed(record),
        "run": _run(record),
        "failed": _failed(record),
        "fired": f"since {rfc3339(record.fired.at)}" if record.fired is not None else "",
        "waiting": [f"{one.namespace}/{one.name}" for one in record.waiting],
    }


def _state(record: Record) -> str:
    if record.held:
        return "held: a list lacked it; `rulectl state ack` lets its run go"
    if record.failed is not None:
        return "failed for good"
    if record.run is not None:
        return "begun"
    if record.owed is not None or record.waiting:
        return "owed"
    if record.fired is not None:
        return "fired"
    return "settled" if record.settled or record.is_target else "new"


def _owed(record: Record) -> str:
    return "" if record.owed is None else f"{record.owed.event}, since {rfc3339(record.owed.at)}"


def _run(record: Record) -> Mapping[str, Value]:
    run = record.run
    if run is None:
        return {}
    told: dict[str, Value] = {"number": run.number, "event": run.event, "begun": rfc3339(run.begun)}
    if run.done:
        told["done"] = sorted(run.done)
    if run.attempts:
        told |= {"attempts": run.attempts, "error": run.error, "next": rfc3339(run.retry_at)}
    if run.targets is not None:
        told["targets"] = [f"{one.namespace}/{one.name}: {one.ended or 'under way'}" for one in run.targets]
    return told


def _failed(record: Record) -> Mapping[str, Value]:
    failed = record.failed
    if failed is None:
        return {}
    return {"number": failed.number, "at": rfc3339(failed.at), "message": failed.message}


def _shown(value: Value) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {text(part) or encode(part).decode()}" for name, part in mapping(value).items())
    return encode(value).decode()
