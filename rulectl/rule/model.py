"""A rule as it is written: its parts by name, expressions still text, each with where it stands."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from rulectl.resource import Kind
from rulectl.rule.document import Placed
from rulectl.rule.node import Path
from rulectl.value import Value


class Written(msgspec.Struct, frozen=True):
    """A value of the rule that is compiled later, and its path in the rule's document."""

    value: Value
    path: Path

    @property
    def text(self) -> str:
        """The value of an expression, which is text."""
        return self.value if isinstance(self.value, str) else ""


class WatchText(msgspec.Struct, frozen=True):
    """`watch`: selectors are as written, mappings not yet turned into query syntax."""

    kind: Kind
    namespaces: tuple[str, ...]
    namespace_selector: Written | None
    exclude_namespaces: tuple[str, ...]
    label_selector: Written | None
    field_selector: Written | None


class StepText(msgspec.Struct, frozen=True):
    """One entry of `changed.fields`; `old` and `new` are `from` and `to`, None when not written."""

    expression: Written
    old: tuple[Value, ...] | None
    new: tuple[Value, ...] | None


class ChangedText(msgspec.Struct, frozen=True):
    """`changed`."""

    annotations: tuple[Written, ...]
    labels: tuple[Written, ...]
    fields: tuple[StepText, ...]


class AllText(msgspec.Struct, frozen=True):
    """Terms that must all hold."""

    terms: tuple[TermText, ...]


class AnyText(msgspec.Struct, frozen=True):
    """Terms of which one must hold."""

    terms: tuple[TermText, ...]


class NotText(msgspec.Struct, frozen=True):
    """A term that must not hold."""

    term: TermText


TermText: TypeAlias = Written | AllText | AnyText | NotText


class LookupText(msgspec.Struct, frozen=True):
    """One entry of `lookup`."""

    name: str
    path: Path
    kind: Kind
    object_name: Written | None
    namespace: Written | None
    label_selector: Written | None
    where: Written | None


class ForEachText(msgspec.Struct, frozen=True):
    """`forEach`."""

    path: Path
    kind: Kind
    references: Written | None
    object_name: Written | None
    namespace: Written | None
    label_selector: Written | None
    where: Written | None


class RetryText(msgspec.Struct, frozen=True):
    """A `retry`; what is not written is None."""

    attempts: int | None
    initial_seconds: float | None
    max_seconds: float | None
    path: Path


class ActionText(msgspec.Struct, frozen=True):
    """One action: the keys that are no common fields are its plugins, which should be exactly one."""

    path: Path
    name: str | None
    condition: Written | None
    timeout_seconds: float | None
    retry: RetryText | None
    on_error: Literal["stop", "continue"]
    isolation: Literal["thread", "process"]
    plugins: tuple[str, ...]
    parameters: Written | None
    """Of the first plugin key."""


class LimitsText(msgspec.Struct, frozen=True):
    """`limits`."""

    per_minute: int | None
    on_exceed: Literal["pause", "wait"]
    deletes: str | None


class Rule(msgspec.Struct, frozen=True):
    """One rule after its folder's defaults have been put in. Durations are seconds; None: not written."""

    document: Placed
    """Gives places: a part may stand in a RuleDefaults file."""
    name: str
    description: str
    env: tuple[tuple[str, str | None], ...]
    enabled_if: Written | None
    watch: WatchText
    events: tuple[str, ...] | None
    existing: Literal["handle", "skip"] | None
    changed: ChangedText | None
    when: tuple[TermText, ...] | None
    for_seconds: float | None
    since: Written | None
    lookups: tuple[LookupText, ...]
    lets: tuple[tuple[str, Written], ...]
    for_each: ForEachText | None
    debounce_seconds: float | None
    cooldown_seconds: float | None
    actions: tuple[ActionText, ...]
    resolved: tuple[ActionText, ...] | None
    resolved_for_seconds: float | None
    workers: int
    retry: RetryText | None
    resync_seconds: float | None
    limits: LimitsText
    cache: Literal["projected", "full"]
    mode: Literal["enforce", "audit"]
    sound: bool = True
    """Whether its document had no fault of YAML or of shape; where it had, faulty parts are left out."""
