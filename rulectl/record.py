"""``dataclass``, as the standard library's, but made three times as fast: most of what starting a command takes.

Before Python 3.13 the standard library compiles five functions from text for each frozen class. Of these only
``__init__`` differs by more than the names of the fields; the others are shared here. To type checkers it is the
standard library's decorator, and `dataclasses.fields`, `replace` and ``match`` work as with that.
"""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]


def _made(cls: type[Any]) -> type[Any]:
    """A frozen class with slots, equal by its fields."""
    own = vars(cls)
    has_own = {name for name in ("__repr__", "__eq__", "__hash__") if own.get(name) is not None}
    cls.__doc__ = cls.__doc__ or cls.__name__  # else the standard library writes the signature, which takes long
    bare = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    fields = dataclasses.fields(bare)
    bare.__init__ = _init_of(bare, fields)
    key = _key_of([field.name for field in fields if field.compare])
    shown = tuple(field.name for field in fields if field.repr)

    def equal(self: Any, other: object) -> bool:
        return key(self) == key(other) if other.__class__ is self.__class__ else NotImplemented

    def hashed(self: Any) -> int:
        return hash(key(self))

    def described(self: Any) -> str:
        return f"{self.__class__.__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"

    for name, function in (("__eq__", equal), ("__hash__", hashed), ("__repr__", described)):
        if name not in has_own:
            setattr(bare, name, function)
    names = tuple(field.name for field in fields)
    bare.__setattr__ = _refuse_setting  # type: ignore[assignment] # bound when it is looked up
    bare.__delattr__ = _refuse_deleting  # type: ignore[assignment]

    def state(self: Any) -> list[Any]:
        return [getattr(self, name) for name in names]

    def restore(self: Any, values: list[Any]) -> None:
        for name, value in zip(names, values, strict=True):
            object.__setattr__(self, name, value)

    bare.__getstate__ = state  # type: ignore[assignment]
    bare.__setstate__ = restore
    return bare


def _init_of(cls: type[Any], fields: tuple[dataclasses.Field[Any], ...]) -> Callable[..., None]:
    """``__init__``, compiled: calling it is what there is most of."""
    scope: dict[str, Any] = {"_set": object.__setattr__, "_absent": dataclasses.MISSING}
    parameters, keywords, body = ["self"], list[str](), list[str]()
    for field in fields:
        name, value = field.name, field.name
        default = ""
        if field.default_factory is not dataclasses.MISSING:
            scope[f"_make_{name}"] = field.default_factory
            value = f"_make_{name}() if {name} is _absent else {name}" if field.init else f"_make_{name}()"
            default = "=_absent"
        elif field.default is not dataclasses.MISSING:
            scope[f"_default_{name}"] = field.default
            value, default = (name if field.init else f"_default_{name}"), f"=_default_{name}"
        elif not field.init:
            continue
        if field.init:
            (keywords if field.kw_only else parameters).append(f"{name}{default}")
        body.append(f"_set(self, {name!r}, {value})")
    if hasattr(cls, "__post_init__"):
        body.append("self.__post_init__()")
    given = [*parameters, *(["*", *keywords] if keywords else [])]
    text = f"def __init__({', '.join(given)}):\n " + "\n ".join(body or ["pass"])
    exec(text, scope)  # noqa: S102 - names of fields only
    made: Callable[..., None] = scope["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    made.__module__ = cls.__module__
    return made


def _key_of(names: list[str]) -> Callable[[Any], Any]:
    match names:
        case []:
            return lambda _: ()
        case [name]:
            get = operator.attrgetter(name)
            return lambda one: (get(one),)
        case _:
            return operator.attrgetter(*names)


def _refuse_setting(self: Any, name: str, value: object) -> None:  # noqa: ARG001 - the protocol's signature
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_deleting(self: Any, name: str) -> None:  # noqa: ARG001 - the protocol's signature
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


_PLAIN = {"frozen": True, "slots": True}

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(cls=None, /, **options):  # noqa: ANN001, ANN003, ANN201 - type checkers see the other one
        """See `dataclasses.dataclass`."""
        if cls is None and options == _PLAIN:
            return _made
        return dataclasses.dataclass(cls, **options) if cls is not None else dataclasses.dataclass(**options)
