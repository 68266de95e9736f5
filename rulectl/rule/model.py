"""A rule as it is written: its parts by name, expressions still text, each with where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from rulectl.resource import Kind
from rulectl.rule.document import Placed
from rulectl.rule.node import Path
from rulectl.value import Value


@dataclass(frozen=True, slots=True)
class Written:
    """A value of the rule that is compiled later, and its path in the rule's document."""

    value: Value
    path: Path

    @property
    def text(self) -> str:
        """The value of an expression, which is text."""
        return self.value if isinstance(self.value, str) else ""


@dataclass(frozen=True, slots=True)
class WatchText:
    """`watch`: selectors are as written, mappings not yet turned into query syntax."""

    kind: Kind
    namespaces: tuple[str, ...]
    namespace_selector: Written | None
    exclude_namespaces: tuple[str, ...]
    label_selector: Written | None
    field_selector: Written | None


@dataclass(frozen=True, slots=True)
class StepText:
    """One entry of `changed.fields`; `old` and `new` are `from` and `to`, None when not written."""

    expression: Written
    old: tuple[Value, ...] | None
    new: tuple[Value, ...] | None


@dataclass(frozen=True, slots=True)
class ChangedText:
    """`changed`."""

    annotations: tuple[Written, ...]
    labels: tuple[Written, ...]
    fields: tuple[StepText, ...]


@dataclass(frozen=True, slots=True)
class AllText:
    """Terms that must all hold."""

    terms: tuple[TermText, ...]


@dataclass(frozen=True, slots=True)
class AnyText:
    """Terms of which one must hold."""

    terms: tuple[TermText, ...]


@dataclass(frozen=True, slots=True)
class NotText:
    """A term that must not hold."""

    term: TermText


TermText: TypeAlias = Written | AllText | AnyText | NotText


@dataclass(frozen=True, slots=True)
class LookupText:
    """One entry of `lookup`."""

    name: str
    path: Path
    kind: Kind
    object_name: Written | None
    namespace: Written | None
    label_selector: Written | None
    where: Written | None


@dataclass(frozen=True, slots=True)
class ForEachText:
    """`forEach`."""

    path: Path
    kind: Kind
    references: Written | None
    object_name: Written | None
    namespace: Written | None
    label_selector: Written | None
    where: Written | None


@dataclass(frozen=True, slots=True)
class RetryText:
    """A `retry`; what is not written is None."""

    attempts: int | None
    initial_seconds: float | None
    max_seconds: float | None
    path: Path


@dataclass(frozen=True, slots=True)
class ActionText:
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


@dataclass(frozen=True, slots=True)
class LimitsText:
    """`limits`."""

    per_minute: int | None
    on_exceed: Literal["pause", "wait"]
    deletes: str | None


@dataclass(frozen=True, slots=True)
class Rule:
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
