"""Which roots an expression sees, by the place in a rule where it stands."""

from __future__ import annotations

import enum

ALL_ROOTS = (
    "object", "old", "event", "changes", "lookup", "item", "target", "sources", "let", "env", "rule", "results",
)  # fmt: skip
STEP_ROOTS = frozenset({"old", "event", "changes"})
"""What a condition's terms cannot see: they judge a state, not a step from one to another."""

_STATE = frozenset({"object", "lookup", "rule"})
_JUDGED = _STATE | {"let"}


class Place(enum.Enum):
    """A place of expressions; the value is what messages call it."""

    ENABLED_IF = "enabledIf"
    WHEN = "when"
    SINCE = "since"
    LOOKUP = "a lookup's name, namespace or labelSelector"
    LOOKUP_WHERE = "a lookup's where"
    LET = "let"
    FOR_EACH = "forEach"
    FOR_EACH_REFERENCES = "forEach.references"
    FOR_EACH_WHERE = "forEach.where"
    ACTION_IF = "an action's if"
    ACTION = "an action's parameters"


def roots_at(place: Place, *, is_condition: bool, has_for_each: bool) -> frozenset[str]:
    """The roots that an expression at `place` may use.

    `let` sees neither target, sources nor results: it is evaluated for the watched object, before
    there are targets. `env` is known in `let` and in templates only.
    """
    step = STEP_ROOTS
    fan = frozenset({"target", "sources"}) if has_for_each else frozenset[str]()
    match place:
        case Place.ENABLED_IF:
            return frozenset({"env"})
        case Place.WHEN | Place.SINCE:
            return _JUDGED if is_condition else _JUDGED | step
        case Place.LOOKUP:
            return _STATE | {"env"} if is_condition else _STATE | {"env"} | step
        case Place.LOOKUP_WHERE:
            return _STATE | {"item"} if is_condition else _STATE | {"item"} | step
        case Place.LET:
            return _JUDGED | step | {"env"}
        case Place.FOR_EACH:
            return _JUDGED | step | {"env"}
        case Place.FOR_EACH_REFERENCES:
            return _JUDGED | step
        case Place.FOR_EACH_WHERE:
            return _JUDGED | step | {"target"}
        case Place.ACTION_IF:
            return _JUDGED | step | fan | {"results"}
        case Place.ACTION:
            return _JUDGED | step | fan | {"results", "env"}


def why_not(root: str, place: Place, *, is_condition: bool, has_for_each: bool) -> tuple[str, str]:
    """What to say, and what to do, about a known root that `place` does not have."""
    where = place.value
    if root in STEP_ROOTS and is_condition:
        return (
            f"{root} is not known in {where} of a condition, which judges the object as it is",
            "add `changed`, or read it in an action",
        )
    if place is Place.ENABLED_IF:
        return f"enabledIf sees env only, not {root}", "an environment variable is written env.NAME"
    match root:
        case "env":
            return f"env is not known in {where}", "name the value in let: {name: env.NAME}, and use let.name"
        case "target" | "sources" if not has_for_each:
            return f"{root} is known with forEach only", "the watched object is called object"
        case "target" | "sources":
            return f"{root} is not known in {where}: it is judged before there are targets", "use it in an action"
        case "results":
            return f"results is not known in {where}", "results of earlier actions are known in actions"
        case "item":
            return f"item is known in a lookup's where only, not in {where}", "the watched object is called object"
        case "let":
            return f"let is not known in {where}: lookups are found first", "write the expression out"
        case _:
            return f"{root} is not known in {where}", ""
