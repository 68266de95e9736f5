"""From a document of the right shape to a `Rule`. Parts that a faulty document lacks are simply not there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from rulectl.duration import parse_duration
from rulectl.resource import Kind
from rulectl.rule.document import Placed
from rulectl.rule.model import (
    ActionText,
    AllText,
    AnyText,
    ChangedText,
    ForEachText,
    LimitsText,
    LookupText,
    NotText,
    RetryText,
    Rule,
    StepText,
    TermText,
    WatchText,
    Written,
)
from rulectl.rule.node import Path
from rulectl.rule.schema import COMMON_FIELDS
from rulectl.value import Value, mapping, text

DESCRIPTION = "rulectl.dev/description"
"""The annotation that says what a rule is for."""

_SPEC: Path = ("spec",)


def parse_rule(document: Placed, value: Value, *, sound: bool) -> Rule:
    """The rule in `value`, which has the shape of the schema but for parts that are missing.

    `document` gives the places of what is at the same paths.
    """
    metadata, spec = mapping(mapping(value).get("metadata")), mapping(mapping(value).get("spec"))
    return Rule(
        document=document,
        name=text(metadata.get("name")),
        description=text(mapping(metadata.get("annotations")).get(DESCRIPTION)),
        env=tuple((name, None if default is None else text(default)) for name, default in _env(spec)),
        enabled_if=_written(spec, "enabledIf", _SPEC),
        watch=_watch(mapping(spec.get("watch"))),
        events=_texts(spec, "events") if "events" in spec else None,
        existing=_choice_existing(spec.get("existing")),
        changed=_changed(mapping(spec["changed"])) if "changed" in spec else None,
        when=_terms(spec, "when", _SPEC) if "when" in spec else None,
        for_seconds=_seconds(spec, "for"),
        since=_written(spec, "since", _SPEC),
        lookups=tuple(_lookup(name, mapping(one)) for name, one in mapping(spec.get("lookup")).items()),
        lets=tuple((name, Written(one, ("spec", "let", name))) for name, one in mapping(spec.get("let")).items()),
        for_each=_for_each(mapping(spec["forEach"])) if "forEach" in spec else None,
        debounce_seconds=_seconds(spec, "debounce"),
        cooldown_seconds=_seconds(spec, "cooldown"),
        actions=_actions(spec, "actions"),
        resolved=_actions(spec, "resolved") if "resolved" in spec else None,
        resolved_for_seconds=_seconds(spec, "resolvedFor"),
        workers=_integer(spec, "workers") or 4,
        retry=_retry(spec, _SPEC),
        resync_seconds=_seconds(spec, "resync"),
        limits=_limits(mapping(spec.get("limits"))),
        cache="full" if spec.get("cache") == "full" else "projected",
        mode="audit" if spec.get("mode") == "audit" else "enforce",
        sound=sound,
    )


def _env(spec: Mapping[str, Value]) -> list[tuple[str, Value]]:
    return list(mapping(spec.get("env")).items())


def _choice_existing(value: Value) -> Literal["handle", "skip"] | None:
    if value == "handle":
        return "handle"
    return "skip" if value == "skip" else None


def _watch(watch: Mapping[str, Value]) -> WatchText:
    path: Path = ("spec", "watch")
    return WatchText(
        kind=_kind(watch),
        namespaces=_texts(watch, "namespaces"),
        namespace_selector=_written(watch, "namespaceSelector", path),
        exclude_namespaces=_texts(watch, "excludeNamespaces"),
        label_selector=_written(watch, "labelSelector", path),
        field_selector=_written(watch, "fieldSelector", path),
    )


def _changed(changed: Mapping[str, Value]) -> ChangedText:
    path: Path = ("spec", "changed")
    return ChangedText(
        annotations=_each(changed, "annotations", path),
        labels=_each(changed, "labels", path),
        fields=tuple(_step(one, (*path, "fields", index)) for index, one in _list(changed, "fields")),
    )


def _step(value: Value, path: Path) -> StepText:
    if not isinstance(value, Mapping):
        return StepText(Written(value, path), None, None)
    expression = Written(value.get("path"), (*path, "path"))
    return StepText(expression, _allowed(value, "from"), _allowed(value, "to"))


def _allowed(value: Mapping[str, Value], key: str) -> tuple[Value, ...] | None:
    if key not in value:
        return None
    allowed = value[key]
    return tuple(allowed) if isinstance(allowed, list | tuple) else (allowed,)


def _terms(owner: Mapping[str, Value], key: str, above: Path) -> tuple[TermText, ...]:
    return tuple(_term(one, (*above, key, index)) for index, one in _list(owner, key))


def _term(value: Value, path: Path) -> TermText:
    if not isinstance(value, Mapping):
        return Written(value, path)
    if "any" in value:
        return AnyText(_terms(value, "any", path))
    if "not" in value:
        return NotText(_term(value["not"], (*path, "not")))
    return AllText(_terms(value, "all", path))


def _lookup(name: str, lookup: Mapping[str, Value]) -> LookupText:
    path: Path = ("spec", "lookup", name)
    return LookupText(
        name=name,
        path=path,
        kind=_kind(lookup),
        object_name=_written(lookup, "name", path),
        namespace=_written(lookup, "namespace", path),
        label_selector=_written(lookup, "labelSelector", path),
        where=_written(lookup, "where", path),
    )


def _for_each(for_each: Mapping[str, Value]) -> ForEachText:
    path: Path = ("spec", "forEach")
    return ForEachText(
        path=path,
        kind=_kind(for_each),
        references=_written(for_each, "references", path),
        object_name=_written(for_each, "name", path),
        namespace=_written(for_each, "namespace", path),
        label_selector=_written(for_each, "labelSelector", path),
        where=_written(for_each, "where", path),
    )


def _actions(spec: Mapping[str, Value], key: str) -> tuple[ActionText, ...]:
    return tuple(_action(mapping(one), ("spec", key, index)) for index, one in _list(spec, key))


def _action(action: Mapping[str, Value], path: Path) -> ActionText:
    plugins = tuple(key for key in action if key not in COMMON_FIELDS)
    return ActionText(
        path=path,
        name=text(action.get("name")) or None,
        condition=_written(action, "if", path),
        timeout_seconds=_seconds(action, "timeout"),
        retry=_retry(action, path),
        on_error="continue" if action.get("onError") == "continue" else "stop",
        isolation="process" if action.get("isolation") == "process" else "thread",
        plugins=plugins,
        parameters=Written(action[plugins[0]], (*path, plugins[0])) if plugins else None,
    )


def _retry(owner: Mapping[str, Value], above: Path) -> RetryText | None:
    retry = mapping(owner.get("retry"))
    if not retry:
        return None
    attempts = _integer(retry, "attempts")
    return RetryText(attempts, _seconds(retry, "initialDelay"), _seconds(retry, "maxDelay"), (*above, "retry"))


def _limits(limits: Mapping[str, Value]) -> LimitsText:
    deletes = limits.get("deletes")
    return LimitsText(
        per_minute=_integer(limits, "perMinute"),
        on_exceed="wait" if limits.get("onExceed") == "wait" else "pause",
        deletes=None if deletes is None else str(deletes),
    )


def _kind(owner: Mapping[str, Value]) -> Kind:
    return Kind(text(owner.get("apiVersion")), text(owner.get("kind")))


def _written(owner: Mapping[str, Value], key: str, above: Path) -> Written | None:
    return Written(owner[key], (*above, key)) if key in owner else None


def _each(owner: Mapping[str, Value], key: str, above: Path) -> tuple[Written, ...]:
    return tuple(Written(one, (*above, key, index)) for index, one in _list(owner, key))


def _list(owner: Mapping[str, Value], key: str) -> list[tuple[int, Value]]:
    """The entries with their indexes; null stands for a faulty one that was left out."""
    value = owner.get(key)
    entries = enumerate(value) if isinstance(value, list | tuple) else ()
    return [(index, entry) for index, entry in entries if entry is not None]


def _texts(owner: Mapping[str, Value], key: str) -> tuple[str, ...]:
    return tuple(text(entry) for _, entry in _list(owner, key))


def _integer(owner: Mapping[str, Value], key: str) -> int | None:
    value = owner.get(key)
    return int(value) if isinstance(value, int | float) else None


def _seconds(owner: Mapping[str, Value], key: str) -> float | None:
    value = owner.get(key)
    return parse_duration(value) if isinstance(value, str) else None
