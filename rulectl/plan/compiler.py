"""From rule files to the plan: every good rule compiled, every fault of every rule told."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath

from rulectl.action.registry import Registry
from rulectl.expression import BUILTIN, Functions
from rulectl.plan.located import Located
from rulectl.plan.model import Plan, RulePlan
from rulectl.plan.presets import preset_problems
from rulectl.plan.rule import compile_rule
from rulectl.plan.sharing import shared_trees
from rulectl.problem import Problem, has_errors, in_order
from rulectl.rule.document import Document
from rulectl.rule.load import Loaded, load_rules, load_text
from rulectl.rule.model import Rule


@dataclass(frozen=True, slots=True)
class Compilation:
    """The good rules as a plan, and everything that was found wrong, in the order of files and lines."""

    plan: Plan
    problems: tuple[Problem, ...]
    names: tuple[str, ...] = ()
    """The names of all rules that were read, the bad ones included."""
    tests: tuple[Document, ...] = ()
    """The RuleTest documents that stood among the rules."""
    written: tuple[Rule, ...] = ()
    """All rules as they are written, the bad ones included: for checks that point at a part of one."""
    expressions: tuple[Located, ...] = ()
    """Every expression that compiled, of bad rules too, with its place."""
    others: tuple[Document, ...] = ()
    """The documents among the rules that are somebody else's, such as CustomResourceDefinitions."""

    @property
    def has_errors(self) -> bool:
        """Whether a rule, or a file, could not be used."""
        return has_errors(self.problems)


def compile_rules(
    paths: Iterable[FilePath | str],
    *,
    registry: Registry | None = None,
    functions: Functions = BUILTIN,
    environ: Mapping[str, str] | None = None,
    now: float | None = None,
) -> Compilation:
    """The rules in files and folders, compiled.

    A bad rule harms no other: it is left out of the plan and told in `problems`. Two rules of
    one name are both left out. Nothing is asked of a cluster.

    Args:
        paths: Files, and folders that are searched with all below them.
        registry: The actions that rules may use; the built-in ones by default.
        functions: The functions that expressions may call.
        environ: The process's environment, for `env` and `enabledIf`; empty by default.
        now: The wall-clock time for `enabledIf`; the machine's by default.

    Raises:
        UsageError: a path does not exist.
    """
    loaded = load_rules([FilePath(path) for path in paths])
    return compile_loaded(loaded, registry=registry, functions=functions, environ=environ, now=now)


def compile_text(
    text: str,
    *,
    registry: Registry | None = None,
    functions: Functions = BUILTIN,
    environ: Mapping[str, str] | None = None,
    now: float | None = None,
    file: str = "rule.yaml",
) -> Compilation:
    """The rules in `text`, as `compile_rules` compiles a file named `file`."""
    return compile_loaded(load_text(text, file), registry=registry, functions=functions, environ=environ, now=now)


def compile_loaded(
    loaded: Loaded,
    *,
    registry: Registry | None = None,
    functions: Functions = BUILTIN,
    environ: Mapping[str, str] | None = None,
    now: float | None = None,
) -> Compilation:
    """The rules that were loaded, compiled; see `compile_rules`."""
    actions = Registry.builtin() if registry is None else registry
    moment = time.time() if now is None else now
    problems = list(loaded.problems)
    doubled = _doubled(loaded.rules)
    problems += doubled.problems
    for document in loaded.defaults:
        problems += preset_problems(document, actions)
    plans: list[RulePlan] = []
    expressions: list[Located] = []
    for rule in loaded.rules:
        compiled = compile_rule(rule, actions, functions, environ or {}, moment)
        problems += compiled.problems
        expressions += compiled.expressions
        if compiled.plan is not None and rule.name not in doubled.names:
            plans.append(compiled.plan)
    names = tuple(dict.fromkeys(rule.name for rule in loaded.rules if rule.name))
    whole = Plan(tuple(plans), shared_trees(plans))
    told = tuple(in_order(problems))
    return Compilation(whole, told, names, loaded.tests, loaded.rules, tuple(expressions), loaded.others)


@dataclass(frozen=True, slots=True)
class _Doubled:
    names: frozenset[str]
    problems: tuple[Problem, ...]


def _doubled(rules: Iterable[Rule]) -> _Doubled:
    """Names that more than one rule has, told at each of them."""
    by_name: dict[str, list[Rule]] = {}
    for rule in rules:
        if rule.name:
            by_name.setdefault(rule.name, []).append(rule)
    problems = []
    for name, same in by_name.items():
        for rule in same if len(same) > 1 else ():
            others = ", ".join(str(other.document.place(("metadata", "name"))) for other in same if other is not rule)
            message = f"the rule {name!r} has a name that another rule has too, at {others}"
            path = ("metadata", "name")
            hint = "rename one of them; neither is loaded"
            problems.append(rule.document.problem("RC301", message, path, hint=hint, rule=name))
    return _Doubled(frozenset(name for name, same in by_name.items() if len(same) > 1), tuple(problems))
