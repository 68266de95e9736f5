"""Compiling what a rule watches and how it judges: watched values, terms, lookups, lets, targets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from rulectl.expression import Expression, Template
from rulectl.fields import NOTHING
from rulectl.plan.fault import Faults
from rulectl.plan.model import LookupPlan, TargetPlan
from rulectl.plan.reads import names_read
from rulectl.plan.roots import STEP_ROOTS, Place
from rulectl.plan.semantics import selector_text
from rulectl.plan.source import Sources
from rulectl.predicate.term import All, AnyOf, Expr, Not, Term
from rulectl.predicate.watched import Field, MetadataKey, Watched
from rulectl.rule.model import AllText, AnyText, NotText, Rule, TermText, Written


def compile_watched(rule: Rule, sources: Sources) -> tuple[Watched, ...]:
    """The watched values, in the order annotations, labels, fields; faulty ones are left out."""
    if rule.changed is None:
        return ()
    found: list[Watched] = [MetadataKey("annotations", entry.text) for entry in rule.changed.annotations]
    found += [MetadataKey("labels", entry.text) for entry in rule.changed.labels]
    for step in rule.changed.fields:
        expression = sources.relative(step.expression)
        if expression is not None:
            found.append(Field(expression, step.old, step.new))
    return tuple(found)


def compile_when(rule: Rule, sources: Sources) -> Term | None:
    """All terms of `when` as one; faulty ones are left out."""
    if rule.when is None:
        return None
    return All(tuple(_terms(rule.when, sources)))


def _terms(terms: Iterable[TermText], sources: Sources) -> Iterable[Term]:
    for term in terms:
        compiled = _term(term, sources)
        if compiled is not None:
            yield compiled


def _term(term: TermText, sources: Sources) -> Term | None:
    match term:
        case Written():
            expression = sources.expression(term, Place.WHEN)
            return None if expression is None else Expr(expression)
        case AllText(terms):
            return All(tuple(_terms(terms, sources)))
        case AnyText(terms):
            return AnyOf(tuple(_terms(terms, sources)))
        case NotText(inner):
            negated = _term(inner, sources)
            return None if negated is None else Not(negated)
        case _:
            assert_never(term)


def compile_lookups(rule: Rule, sources: Sources) -> tuple[LookupPlan, ...]:
    """The lookups in order, each seeing the earlier ones; their trees are still empty."""
    names = tuple(lookup.name for lookup in rule.lookups)
    plans = []
    for index, lookup in enumerate(rule.lookups):
        sources.names.defined["lookup"], sources.names.later["lookup"] = names[:index], names[index:]
        plans.append(
            LookupPlan(
                name=lookup.name,
                kind=lookup.kind,
                object_name=sources.template(lookup.object_name, Place.LOOKUP),
                namespace=sources.template(lookup.namespace, Place.LOOKUP),
                label_selector=_selector(lookup.label_selector, sources, Place.LOOKUP),
                where=sources.expression(lookup.where, Place.LOOKUP_WHERE),
                tree=NOTHING,
            )
        )
        if lookup.object_name is not None:
            for other, key in ((lookup.where, "where"), (lookup.label_selector, "labelSelector")):
                if other is not None:
                    message = f"{key} cannot stand beside name, which finds one object"
                    sources.faults.about_whole("RC304", message, other.path, "remove one of the two", key=True)
    sources.names.defined["lookup"], sources.names.later["lookup"] = names, ()
    return tuple(plans)


def compile_lets(rule: Rule, sources: Sources) -> tuple[tuple[str, Expression], ...]:
    """The lets in order, each seeing the earlier ones; faulty ones are left out."""
    names = tuple(name for name, _ in rule.lets)
    lets = []
    for index, (name, written) in enumerate(rule.lets):
        sources.names.defined["let"], sources.names.later["let"] = names[:index], names[index:]
        expression = sources.expression(written, Place.LET)
        if expression is not None:
            lets.append((name, expression))
    sources.names.defined["let"], sources.names.later["let"] = names, ()
    return tuple(lets)


def refuse_steps(
    terms: Iterable[tuple[Expression, Written]], lets: tuple[tuple[str, Expression], ...], faults: Faults
) -> None:
    """Tells where a condition's terms see a step (`old`, `changes`, `event`) by way of a let."""
    seeing: dict[str, str] = {}
    for name, expression in lets:
        direct = sorted(STEP_ROOTS & expression.reads.keys())
        inherited = [seeing[other] for other in names_read(expression.reads, "let") if other in seeing]
        for root in (*direct, *inherited):
            seeing.setdefault(name, root)
    for expression, written in terms:
        for name in sorted(names_read(expression.reads, "let") & seeing.keys()):
            message = f"let.{name} reads {seeing[name]}, which is not known in a condition's terms"
            faults.add("RC407", message, written.path, hint="add `changed`, or read it in an action")


def compile_for_each(rule: Rule, sources: Sources) -> tuple[TargetPlan | None, Expression | None]:
    """The targets, their tree still empty, and what is used of the object whose references are asked for."""
    each = rule.for_each
    if each is None:
        return None, None
    references = sources.expression(each.references, Place.FOR_EACH_REFERENCES)
    used = None
    if each.references is not None and references is not None:
        text = f"({each.references.text})"
        parts = f"[{text}.metadata.name, {text}.metadata.namespace, {text}.metadata.uid]"
        used = sources.unwritten(parts, Place.FOR_EACH_REFERENCES)
    plan = TargetPlan(
        kind=each.kind,
        references=references,
        namespace=sources.template(each.namespace, Place.FOR_EACH),
        object_name=sources.template(each.object_name, Place.FOR_EACH),
        label_selector=_selector(each.label_selector, sources, Place.FOR_EACH),
        where=sources.expression(each.where, Place.FOR_EACH_WHERE),
        tree=NOTHING,
    )
    return plan, used


def _selector(written: Written | None, sources: Sources, place: Place) -> Template | None:
    """A selector as a template that gives the API's query syntax."""
    if written is None or sources.template(written, place) is None:
        return None
    return sources.joined(selector_text(written, sources.faults), place)
