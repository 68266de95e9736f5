"""What the engine reports, as a line for people or a JSON object for machines; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import assert_never

from rulectl.cli.output import Palette, one_line, shortened
from rulectl.controller.report import ActionEnded, Fault, Held, Line, Notice, Paused, Report, RunEnded
from rulectl.duration import format_duration
from rulectl.resource import ObjectKey
from rulectl.state.record import Change
from rulectl.value import Value, encode

VALUE_WIDTH = 80
"""A value in a line for people is cut to so many characters; JSON has all of it."""
MASK = "***"
"""Stands for each value of a Secret."""
_LEVELS = {"debug": "debug: ", "info": "", "warning": "warning: ", "error": "error: "}


def text_of(report: Report, time: str, palette: Palette) -> str:
    """One line for people; `time` is what stands in front."""
    return f"{palette.quiet(time)} {_line(report, palette)}"


def json_of(report: Report, time: str) -> str:
    """One JSON object on one line; `time` is RFC 3339. `type` says which of the reports it is."""
    return encode({"time": time, **_fields(report)}).decode()


def short_value(value: Value) -> str:
    """`value` as JSON, cut to what a line can bear."""
    return shortened(one_line(encode(value).decode()), VALUE_WIDTH)


def _line(report: Report, palette: Palette) -> str:
    match report:
        case RunEnded():
            return _run(report, palette)
        case Fault(rule, key, message):
            return f"{_about(rule, key, palette)}: {palette.bad('not evaluated')}: {one_line(message)}"
        case Paused(rule, reason):
            return f"{palette.name(rule)}: {palette.bad('paused')}: {one_line(reason)}"
        case Held(rule, count, reason):
            runs = "1 run" if count == 1 else f"{count} runs"
            return f"{palette.name(rule)}: {palette.bad(f'{runs} held')}: {one_line(reason)}"
        case Line(rule, key, action, level, text):
            return f"{_about(rule, key, palette)} {action}: {_levelled(level, text, palette)}"
        case Notice(message, level, rule):
            about = f"{palette.name(rule)}: " if rule else ""
            return f"{about}{_levelled(level, message, palette)}"
        case _:
            assert_never(report)


def _about(rule: str, key: ObjectKey | None, palette: Palette) -> str:
    return f"{palette.name(rule)} {key}" if key is not None else palette.name(rule)


def _levelled(level: str, text: str, palette: Palette) -> str:
    line = _LEVELS[level] + one_line(text)
    paint = {"warning": palette.warning, "error": palette.bad, "debug": palette.quiet}.get(level)
    return paint(line) if paint else line


def _run(run: RunEnded, palette: Palette) -> str:
    head = f"{palette.name(run.rule)} {run.event} {run.kind} {run.key}"
    if run.target is not None:
        head = f"{head} for {run.target}"
    parts = [", ".join(_change(change, run.kind) for change in run.changes)]
    parts.append(", ".join(_action(action, run, palette) for action in run.actions))
    return f"{head}: {'; '.join(part for part in [*parts, *_ending(run, palette)] if part)}"


def _change(change: Change, kind: str) -> str:
    old, new = _masked(change.old, kind), _masked(change.new, kind)
    return f"{one_line(change.path)} {short_value(old)} -> {short_value(new)}"


def _masked(value: Value, kind: str) -> Value:
    return MASK if kind == "Secret" and value is not None else value


def _action(action: ActionEnded, run: RunEnded, palette: Palette) -> str:
    # What `log` wrote has had a line of its own.
    message = "" if action.plugin == "log" and action.verb == "done" else one_line(action.message)
    if run.outcome == "would" and action.verb == "done":
        return f"{action.action} {palette.warning('would')} {action.plugin} {one_line(action.message)}"
    paint = {"done": palette.good, "retry": palette.warning, "failed": palette.bad}.get(action.verb, palette.quiet)
    return f"{action.action} {paint(action.verb)}" + (f" ({message})" if message else "")


def _ending(run: RunEnded, palette: Palette) -> Iterator[str]:
    """How long it took, and where it did not end well: what comes next."""
    told = any(action.message and action.message in run.message for action in run.actions)
    why = "" if told or not run.message else f": {one_line(run.message)}"
    match run.outcome:
        case "succeeded" | "would":
            took = "<1ms" if run.seconds < 0.001 else format_duration(round(run.seconds, 3))
            yield took + (f", try {run.attempt}" if run.attempt > 1 else "")
        case "retry":
            wait = "" if run.retry_in_seconds is None else f" in {_rough(run.retry_in_seconds)}"
            yield palette.warning(f"try {run.attempt} did not work{why}; next try{wait}")
        case "failed":
            tries = "" if run.attempt == 1 else f" after {run.attempt} tries"
            yield palette.bad(f"failed for good{tries}{why}") + "; runs again when a watched value or the rule changes"
        case _:
            assert_never(run.outcome)


def _rough(seconds: float) -> str:
    return format_duration(round(seconds, 3 if seconds < 1 else 1 if seconds < 10 else 0))


def _fields(report: Report) -> Mapping[str, Value]:
    match report:
        case RunEnded():
            return _run_fields(report)
        case Fault(rule, key, message):
            return {"type": "fault", "rule": rule, "object": _key(key), "message": message}
        case Paused(rule, reason):
            return {"type": "paused", "rule": rule, "message": reason}
        case Held(rule, count, reason):
            return {"type": "held", "rule": rule, "count": count, "message": reason}
        case Line(rule, key, action, level, text):
            about: dict[str, Value] = {"type": "line", "rule": rule, "object": _key(key)}
            return {**about, "action": action, "level": level, "message": text}
        case Notice(message, level, rule):
            return {"type": "notice", "rule": rule or None, "level": level, "message": message}
        case _:
            assert_never(report)


def _run_fields(run: RunEnded) -> dict[str, Value]:
    return {
        "type": "run",
        "rule": run.rule,
        "event": run.event,
        "object": {"kind": run.kind, "namespace": run.key.namespace, "name": run.key.name},
        "target": _key(run.target),
        "number": run.number,
        "attempt": run.attempt,
        "outcome": run.outcome,
        "changes": [
            {"path": change.path, "old": _masked(change.old, run.kind), "new": _masked(change.new, run.kind)}
            for change in run.changes
        ],
        "actions": [
            {"name": one.action, "plugin": one.plugin, "outcome": one.verb, "message": one.message}
            for one in run.actions
        ],
        "seconds": round(run.seconds, 6),
        "message": run.message,
        "retryInSeconds": None if run.retry_in_seconds is None else round(run.retry_in_seconds, 3),
    }


def _key(key: ObjectKey | None) -> dict[str, Value] | None:
    return None if key is None else {"namespace": key.namespace, "name": key.name}
