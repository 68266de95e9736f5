"""The compiled rule: what the controller runs by. Values only; no thread, no socket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from rulectl.action.registry import ActionType
from rulectl.expression import Expression, Template
from rulectl.fields import WHOLE, FieldTree
from rulectl.predicate.term import Term
from rulectl.predicate.watched import Watched
from rulectl.problem import Place
from rulectl.resource import Kind
from rulectl.value import Value

EventName: TypeAlias = Literal["added", "modified", "deleted"]
Form: TypeAlias = Literal["changed", "condition", "presence"]
"""What makes a rule owe a run: a watched value differs; terms come to hold; the object is there."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which objects of a kind: the part of a watch that decides about scope.

    `namespaces` empty: all (but for the excluded globs, and those that `namespace_selector` leaves
    out, which is followed live). Selectors are in the API's own query syntax.
    """

    kind: Kind
    namespaces: tuple[str, ...] = ()
    namespace_selector: str | None = None
    exclude_namespaces: tuple[str, ...] = ()
    label_selector: str = ""
    field_selector: str = ""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential back-off; `attempts` 0: until it succeeds. Delays are in seconds."""

    attempts: int
    initial_seconds: float
    max_seconds: float


@dataclass(frozen=True, slots=True)
class LookupPlan:
    """Other objects from a shared informer's cache: one by `name`, else the list that `where` keeps.

    `namespace` None: of all namespaces (or the kind is cluster-scoped). `tree` is what is read of each object.
    """

    name: str
    kind: Kind
    object_name: Template | None
    namespace: Template | None
    label_selector: Template | None
    where: Expression | None
    tree: FieldTree


@dataclass(frozen=True, slots=True)
class TargetPlan:
    """`forEach`: the objects that the actions run for; all given conditions must hold.

    `references`: an expression for the referenced object (usually ``object``), None when not asked for.
    """

    kind: Kind
    references: Expression | None
    namespace: Template | None
    object_name: Template | None
    label_selector: Template | None
    where: Expression | None
    tree: FieldTree


@dataclass(frozen=True, slots=True)
class ActionPlan:
    """One action of a rule: its plugin, its parameters as a template, and the common fields."""

    name: str
    type: ActionType
    parameters: Template
    condition: Expression | None
    timeout_seconds: float
    retry: RetryPolicy | None
    on_error: Literal["stop", "continue"]
    isolation: Literal["thread", "process"]
    place: Place
    keep_result: bool
    """Whether a later action reads `results.NAME`."""
    result_tree: FieldTree = WHOLE
    """What later actions read of it: the rest need not be recorded."""
    needs_whole: bool = False
    """Whether its parameters use `object` as a whole: it is fetched when the action runs, unless the cache is full."""
    written: Mapping[str, Value] = field(default_factory=dict)
    """The parameters as the rule has them, presets included, templates not rendered."""


@dataclass(frozen=True, slots=True)
class LimitsPlan:
    """How many runs may begin in a sliding minute, and how many deletions a re-list may start.

    `deletes`: ``None`` the guard as it is by default, ``"none"`` no guard, ``"5"`` or ``"10%"`` a limit.
    """

    per_minute: int | None
    on_exceed: Literal["pause", "wait"]
    deletes: str | None


@dataclass(frozen=True, slots=True)
class RulePlan:
    """One rule, compiled. `digest` tells an edited rule, `scope_digest` an edited scope."""

    name: str
    place: Place
    description: str
    digest: str
    scope_digest: str
    mode: Literal["enforce", "audit"]
    enabled: bool
    env: Mapping[str, str]
    form: Form
    select: Selection
    events: frozenset[EventName]
    existing: Literal["handle", "skip"]
    existing_is_written: bool
    """Whether the rule says `existing` itself (a memory store skips unless it does)."""
    watched: tuple[Watched, ...]
    when: Term | None
    for_seconds: float
    since: Expression | None
    lookups: tuple[LookupPlan, ...]
    lets: tuple[tuple[str, Expression], ...]
    for_each: TargetPlan | None
    debounce_seconds: float
    cooldown_seconds: float
    actions: tuple[ActionPlan, ...]
    resolved: tuple[ActionPlan, ...]
    has_resolved: bool
    """Whether `resolved` is written (an empty list resolves without acting)."""
    resolved_for_seconds: float
    workers: int
    retry: RetryPolicy
    resync_seconds: float | None
    limits: LimitsPlan
    cache: Literal["projected", "full"]
    tree: FieldTree
    """What is kept of a watched object in the cache (the rule's part of it)."""
    recorded: FieldTree
    """What is kept of it in the record: all that `old` may show, and what `deleted` and `resolved` read."""
    reads_secrets: bool
    judged_by: FieldTree
    """The fields whose change makes a new judgement necessary (watched values, terms, lets, since)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All good rules, by name, in the order of their files."""

    rules: tuple[RulePlan, ...]
    trees: Mapping[Selection, FieldTree] = field(default_factory=dict)
    """What one shared informer keeps for all rules with the same selection."""
