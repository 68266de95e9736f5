"""From a Python class or function to an action that rules can use."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final, TypeAlias, TypeVar, cast

from rulectl.action.annotation import Unfit, record_of
from rulectl.action.binding import Fault, Misfit, built, faults
from rulectl.action.contract import Action, ActionContext
from rulectl.action.outcome import Done, Outcome
from rulectl.action.permission import Permission
from rulectl.action.references import secret_permissions
from rulectl.action.schema import record_schema, schema_of
from rulectl.action.shape import RecordShape
from rulectl.errors import UsageError
from rulectl.fields import NOTHING, FieldTree
from rulectl.resource import Kind
from rulectl.value import Value

COMMON_FIELDS: Final = frozenset({"name", "if", "timeout", "retry", "onError", "isolation"})
_NAME: Final = re.compile(r"[a-z][A-Za-z0-9]*")
_SOME: Final = Kind("v1", "Pod")
"""A kind acted on, to ask a plugin about."""
_Permissions: TypeAlias = Callable[[Mapping[str, Value], Kind], tuple[Permission, ...]]
_Made = TypeVar("_Made", bound=Callable[..., Any])


class BadParameters(UsageError):  # noqa: N818 - says what happened
    """The rendered parameters do not fit; `faults` says where and what was expected."""

    def __init__(self, name: str, found: list[Fault]) -> None:
        super().__init__(f"{name}: " + "; ".join(map(str, found)))
        self.faults = tuple(found)


@dataclass(frozen=True, slots=True)
class ActionType:
    """An action as rules know it: a name and the parameters it takes."""

    name: str
    doc: str
    parameters: RecordShape
    defined_by: str
    """``rulectl``, a package's name, or ``module:name``."""
    has_server_dry_run: bool
    """Whether `run` may be called with ``dry_run="server"``; others are described instead."""
    target: str
    """``module:name``, where another process finds it; empty when none could."""
    _make: Callable[[object, Mapping[str, Value]], Action]
    _permissions: _Permissions
    _reads: Callable[[Mapping[str, Value]], FieldTree]

    @property
    def schema(self) -> Mapping[str, Value]:
        """The JSON Schema (draft 2020-12) of the rendered parameters."""
        return schema_of(self.parameters)

    @property
    def rule_schema(self) -> Mapping[str, Value]:
        """The JSON Schema of what a rule may write: templates may stand for values of any type."""
        return record_schema(self.parameters, templates=True)

    def check(self, parameters: Value) -> list[Fault]:
        """What is wrong with parameters as a rule has them, all of it; templates pass for any type."""
        return [self._hinted(fault) for fault in faults(self.parameters, parameters)]

    def check_at_load(self, parameters: Mapping[str, Value]) -> list[Fault]:
        """Like `check`, and whether the plugin can say what it reads and asks for, which all of rulectl relies on."""
        found = self.check(parameters)
        questions: dict[str, Callable[[], bool]] = {
            "reads()": lambda: isinstance(self._reads(parameters), FieldTree),
            "permissions()": lambda: all(isinstance(one, Permission) for one in self._permissions(parameters, _SOME)),
        }
        for what, ask in questions.items():
            try:
                if not ask():
                    found.append(Fault((), f"the plugin's {what} returned something else than it has to"))
            except Exception as bug:  # noqa: BLE001 - a sick plugin must harm no other rule
                found.append(Fault((), f"the plugin's {what} raised {type(bug).__name__}: {bug}"))
        return found

    def _hinted(self, fault: Fault) -> Fault:
        is_misplaced = len(fault.path) == 1 and fault.path[0] in COMMON_FIELDS and fault.message.startswith("unknown")
        return fault._replace(hint=f"a common field: write it beside `{self.name}`") if is_misplaced else fault

    def bind(self, parameters: Mapping[str, Value]) -> Action:
        """The action, ready to run, from rendered parameters.

        Raises:
            BadParameters: they do not fit.
        """
        try:
            return self._make(built(self.parameters, parameters), parameters)
        except Misfit as misfit:
            raise BadParameters(self.name, [self._hinted(fault) for fault in misfit.faults]) from misfit
        except ValueError as refusal:
            raise BadParameters(self.name, [Fault((), str(refusal))]) from refusal

    def permissions(self, parameters: Mapping[str, Value], acted_on: Kind) -> tuple[Permission, ...]:
        """What it asks of the API server, given unrendered parameters and the kind acted on.

        The Secrets that the parameters point to are among it, also for plugins that say nothing of them.
        """
        return (*self._permissions(parameters, acted_on), *secret_permissions(self.parameters, parameters))

    def reads(self, parameters: Mapping[str, Value]) -> FieldTree:
        """Which parts of the object acted on it looks at by itself, so that the cache keeps them."""
        return self._reads(parameters)


@dataclass(frozen=True, slots=True)
class Declared:
    """What the decorator `action` says about a class or function."""

    name: str
    permissions: _Permissions | None


def action(
    name: str = "",
    *,
    permissions: _Permissions | None = None,
) -> Callable[[_Made], _Made]:
    """Marks a class or function as an action; needed only for another name, or a function's permissions.

    Args:
        name: The key in a rule; a function's or class's own name in camelCase when absent.
        permissions: From unrendered parameters and the kind acted on to what it asks of the API server.
    """

    def mark(made: _Made) -> _Made:
        cast("Any", made).rulectl_action = Declared(name, permissions)
        return made

    return mark


def actions_in(module: ModuleType) -> list[ActionType]:
    """All actions that `module` itself defines: what is marked, and dataclasses with `name` and `run`.

    Raises:
        UsageError: there is none, or one does not fit.
    """
    own = [made for made in vars(module).values() if getattr(made, "__module__", "") == module.__name__]
    found = [made for made in own if _is_marked(made)]
    if not found:
        raise UsageError(
            f"plugin {module.__name__!r} defines no action; mark a class or function with @rulectl.action.action()"
        )
    return [action_type(made, defined_by=f"{module.__name__}:{made.__name__}") for made in found]


def _is_marked(made: object) -> bool:
    if hasattr(made, "rulectl_action"):
        return True
    return inspect.isclass(made) and isinstance(getattr(made, "name", None), str) and hasattr(made, "run")


def action_type(made: object, *, defined_by: str, name: str = "") -> ActionType:
    """What `made`, a dataclass with `run` or a function of a context, is as an action.

    Args:
        made: The class or function.
        defined_by: Who brings it, for reports.
        name: The name it is registered under, when somebody else decides that.

    Raises:
        UsageError: it does not fit; the message says what is missing.
    """
    try:
        if inspect.isclass(made):
            return _from_class(made, defined_by, name)
        if inspect.isfunction(made):
            return _from_function(made, defined_by, name)
    except Unfit as fault:
        raise UsageError(f"plugin {defined_by!r} does not fit: {fault}") from fault
    raise UsageError(f"plugin {defined_by!r} does not fit: expected a class or a function, found {made!r}")


def _from_class(made: type[Any], defined_by: str, name: str) -> ActionType:
    run = getattr(made, "run", None)
    if not inspect.isfunction(run):
        raise Unfit(f"class {made.__name__} has no method run(self, context)")
    _refuse_other_than(run, ["self", "context"], exactly=True)
    declared: Declared = getattr(made, "rulectl_action", Declared("", None))
    own_name = getattr(made, "name", "")
    has_describe = inspect.isfunction(getattr(made, "describe", None))

    def make(built: object, parameters: Mapping[str, Value]) -> Action:
        bound = cast("Action", built)
        return bound if has_describe else _Described(bound.run, parameters)

    return ActionType(
        _checked_name(name or declared.name or (own_name if isinstance(own_name, str) else "") or _lower(made)),
        inspect.getdoc(made) or "",
        record_of(made),
        defined_by,
        bool(getattr(made, "has_server_dry_run", False)),
        _target(made),
        make,
        declared.permissions or cast("_Permissions", getattr(made, "permissions", _no_permissions)),
        getattr(made, "reads", _reads_nothing),
    )


def _from_function(made: Callable[..., Any], defined_by: str, name: str) -> ActionType:
    if inspect.iscoroutinefunction(made):
        raise Unfit(f"{made.__name__} is async; actions run in threads, write a plain function")
    _refuse_other_than(made, ["context"], exactly=False)
    declared: Declared = getattr(made, "rulectl_action", Declared("", None))
    shape = record_of(made, skip=1)
    parameters = RecordShape(shape.name, dict, shape.parameters, documented=made)

    def make(built: object, written: Mapping[str, Value]) -> Action:
        arguments = cast("dict[str, Any]", built)

        def run(context: ActionContext) -> Outcome:
            returned: Outcome | None = made(context, **arguments)
            return Done() if returned is None else returned

        return _Described(run, written)

    return ActionType(
        _checked_name(name or declared.name or _camel(made.__name__)),
        inspect.getdoc(made) or "",
        parameters,
        defined_by,
        has_server_dry_run=False,
        target=_target(made),
        _make=make,
        _permissions=declared.permissions or _no_permissions,
        _reads=_reads_nothing,
    )


@dataclass(frozen=True, slots=True)
class _Described:
    """An action that does not describe itself: its parameters stand for what it would do."""

    _run: Callable[[ActionContext], Outcome]
    parameters: Mapping[str, Value]

    def run(self, context: ActionContext) -> Outcome:
        return self._run(context)

    def describe(self, context: ActionContext) -> Value:  # noqa: ARG002 - the protocol's signature
        return dict(self.parameters)


def _refuse_other_than(function: Callable[..., Any], names: list[str], *, exactly: bool) -> None:
    given = list(inspect.signature(function).parameters)
    if len(given) < len(names) or (exactly and len(given) != len(names)):
        wanted = ", ".join(names) + ("" if exactly else ", ...")
        raise Unfit(f"{function.__qualname__} has to take ({wanted})")


def _checked_name(name: str) -> str:
    if name in COMMON_FIELDS:
        raise Unfit(f"{name!r} is a common field of all actions; choose another name")
    if not _NAME.fullmatch(name):
        raise Unfit(f"{name!r} cannot be an action's name; write it like slackMessage")
    return name


def _target(made: Callable[..., Any]) -> str:
    is_found = made.__module__ != "__main__" and "<" not in made.__qualname__
    return f"{made.__module__}:{made.__qualname__}" if is_found else ""


def _lower(made: type) -> str:
    return made.__name__[:1].lower() + made.__name__[1:]


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


def _no_permissions(parameters: Mapping[str, Value], acted_on: Kind) -> tuple[Permission, ...]:  # noqa: ARG001
    return ()


def _reads_nothing(parameters: Mapping[str, Value]) -> FieldTree:  # noqa: ARG001
    return NOTHING
