"""Compiling one rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from rulectl.action.registry import Registry
from rulectl.expression import Expression, Functions
from rulectl.plan.actions import compile_actions, run_retry
from rulectl.plan.digest import rule_digest, scope_digest
from rulectl.plan.environment import environment_of, is_enabled
from rulectl.plan.fault import Faults
from rulectl.plan.judging import (
    compile_for_each,
    compile_lets,
    compile_lookups,
    compile_watched,
    compile_when,
    refuse_steps,
)
from rulectl.plan.located import Located
from rulectl.plan.model import LimitsPlan, RulePlan, Selection
from rulectl.plan.reads import Parts, all_readers, lookup_reads, target_reads, trees_of
from rulectl.plan.roots import Place
from rulectl.plan.semantics import events_of, form_of, judge_whole, selector_text
from rulectl.plan.source import Sources
from rulectl.predicate.references import references_tree
from rulectl.predicate.term import Term, expressions
from rulectl.predicate.watched import tree_for
from rulectl.problem import Problem, Severity
from rulectl.resource import Kind
from rulectl.rule.model import AllText, AnyText, NotText, Rule, TermText, Written
from rulectl.value import mapping

_SECRETS = Kind("v1", "Secret")
_RUNNING = frozenset({Place.LET, Place.LOOKUP, Place.LOOKUP_WHERE, Place.ACTION_IF, Place.ACTION})
"""Places of expressions that a run evaluates."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """One rule: its plan, None when something is wrong with it; all that is; every expression that compiled."""

    plan: RulePlan | None
    problems: tuple[Problem, ...]
    expressions: tuple[Located, ...]


def compile_rule(
    rule: Rule, registry: Registry, functions: Functions, environ: Mapping[str, str], now: float
) -> Compiled:
    """What `rule` compiles to, as far as it does."""
    faults = Faults(rule)
    sources = Sources(faults, form_of(rule) == "condition", rule.for_each is not None, functions)
    plan = _Compiling(rule, registry, sources, faults).plan(environ, now)
    is_bad = not rule.sound or any(problem.severity is Severity.ERROR for problem in faults.problems)
    return Compiled(None if is_bad else plan, tuple(faults.problems), tuple(sources.located))


class _Compiling:
    def __init__(self, rule: Rule, registry: Registry, sources: Sources, faults: Faults) -> None:
        self._rule = rule
        self._registry = registry
        self._faults = faults
        self._sources = sources
        self._sources.names.defined["env"] = tuple(name for name, _ in rule.env)

    def plan(self, environ: Mapping[str, str], now: float) -> RulePlan | None:
        rule, faults = self._rule, self._faults
        judge_whole(faults)
        env = environment_of(rule, environ)
        enabled, _ = is_enabled(rule, self._sources, environ, now, faults)
        parts = self._parts()
        if parts is None:
            return None
        self._refuse_whole_when_gone(parts)
        parts = self._with_trees(parts)
        trees = trees_of(parts)
        return RulePlan(
            name=rule.name,
            place=rule.document.place(("metadata", "name")),
            description=rule.description,
            digest=rule_digest(rule.document.value, env),
            scope_digest=scope_digest(rule.document.value),
            mode=rule.mode,
            enabled=enabled,
            env=env,
            form=parts.form,
            select=self._selection(),
            events=parts.events,
            existing=rule.existing or "handle",
            existing_is_written=rule.existing is not None,
            watched=parts.watched,
            when=parts.when,
            for_seconds=rule.for_seconds or 0.0,
            since=parts.since,
            lookups=parts.lookups,
            lets=parts.lets,
            for_each=parts.for_each,
            debounce_seconds=rule.debounce_seconds or 0.0,
            cooldown_seconds=rule.cooldown_seconds or 0.0,
            actions=parts.actions,
            resolved=parts.resolved,
            has_resolved=parts.has_resolved,
            resolved_for_seconds=rule.resolved_for_seconds or 0.0,
            workers=rule.workers,
            retry=run_retry(rule.retry),
            resync_seconds=rule.resync_seconds,
            limits=LimitsPlan(rule.limits.per_minute, rule.limits.on_exceed, rule.limits.deletes),
            cache=rule.cache,
            tree=trees.tree,
            recorded=trees.recorded,
            reads_secrets=any(kind == _SECRETS for kind in self._kinds()),
            judged_by=trees.judged_by,
        )

    def _parts(self) -> Parts | None:
        """Everything compiled, even after a fault, so that all faults are told; None after a faulty action."""
        rule, sources = self._rule, self._sources
        watched = compile_watched(rule, sources)
        lookups = compile_lookups(rule, sources)
        lets = compile_lets(rule, sources)
        when = compile_when(rule, sources)
        since = sources.expression(rule.since, Place.SINCE)
        if form_of(rule) == "condition":
            refuse_steps(self._terms(when, since), lets, self._faults)
        for_each, reference = compile_for_each(rule, sources)
        actions = compile_actions(rule.actions, self._registry, sources, self._faults)
        resolved = compile_actions(rule.resolved or (), self._registry, sources, self._faults)
        if actions is None or resolved is None:
            return None
        return Parts(
            form=form_of(rule),
            events=events_of(rule),
            watched=watched,
            when=when,
            since=since,
            lookups=lookups,
            lets=lets,
            for_each=for_each,
            reference=reference,
            actions=actions,
            resolved=resolved,
            has_resolved=rule.resolved is not None,
            is_full=rule.cache == "full",
            selector_labels=tuple(_selected_labels(rule.watch.label_selector)),
        )

    def _terms(self, when: Term | None, since: Expression | None) -> Iterator[tuple[Expression, Written]]:
        compiled = {expression.text: expression for expression in (expressions(when) if when is not None else ())}
        for written in _written_terms(self._rule.when or ()):
            if written.text in compiled:
                yield compiled[written.text], written
        if since is not None and self._rule.since is not None:
            yield since, self._rule.since

    def _with_trees(self, parts: Parts) -> Parts:
        """`parts` with what is needed of targets and of the objects that lookups find."""
        if not parts.lookups and parts.for_each is None:
            return parts
        readers = all_readers(parts)
        lookups = tuple(replace(one, tree=lookup_reads(one, readers)) for one in parts.lookups)
        for_each = parts.for_each
        if for_each is not None:
            tree = target_reads(for_each, [*parts.actions, *parts.resolved])
            if for_each.references is not None:
                tree = tree | references_tree(for_each.kind)
            for_each = replace(for_each, tree=tree)
        return replace(parts, lookups=lookups, for_each=for_each)

    def _refuse_whole_when_gone(self, parts: Parts) -> None:
        """On `deleted` only recorded fields are known, so nothing that runs then may use the whole object."""
        if any(tree_for(item).whole for item in parts.watched):
            return  # all of the object is watched, so all of it is recorded
        for one in self._sources.located:
            tree = one.expression.reads.get("object")
            if tree is None or not tree.whole or one.place not in _RUNNING or not self._rule.sound:
                continue
            span = (one.offset + one.expression.syntax.start, one.offset + one.expression.syntax.end)
            if "resolved" in one.path:
                message = "when the object is gone, only its recorded fields are known here"
                hint = "name the fields that are needed: those are recorded"
                self._faults.add("RC312", message, one.path, span=span, hint=hint, severity=Severity.WARNING)
            elif "deleted" in parts.events:
                message = "the whole object is not known on deleted: after a restart only recorded fields are"
                hint = "name the fields that are needed, or remove deleted from events"
                self._faults.add("RC312", message, one.path, span=span, hint=hint)

    def _selection(self) -> Selection:
        watch, faults = self._rule.watch, self._faults
        namespace_selector, label_selector = watch.namespace_selector, watch.label_selector
        return Selection(
            kind=watch.kind,
            namespaces=tuple(sorted(watch.namespaces)),
            namespace_selector=None if namespace_selector is None else selector_text(namespace_selector, faults),
            exclude_namespaces=tuple(sorted(watch.exclude_namespaces)),
            label_selector="" if label_selector is None else selector_text(label_selector, faults),
            field_selector="" if watch.field_selector is None else watch.field_selector.text,
        )

    def _kinds(self) -> list[Kind]:
        rule = self._rule
        each = [rule.for_each.kind] if rule.for_each is not None else []
        return [rule.watch.kind, *each, *(lookup.kind for lookup in rule.lookups)]


def _written_terms(terms: Iterable[TermText]) -> Iterator[Written]:
    for term in terms:
        match term:
            case Written():
                yield term
            case AllText(inner) | AnyText(inner):
                yield from _written_terms(inner)
            case NotText(negated):
                yield from _written_terms([negated])


def _selected_labels(selector: Written | None) -> Iterator[str]:
    if selector is None:
        return
    written = mapping(selector.value)
    yield from mapping(written.get("matchLabels"))
    terms = written.get("matchExpressions")
    for term in terms if isinstance(terms, list | tuple) else ():
        yield str(mapping(term).get("key"))
