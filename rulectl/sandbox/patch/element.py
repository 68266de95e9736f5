"""Path elements, as FieldsV1 writes them: ``f:name``, ``k:{"name":"c"}``, ``v:"x"``, ``i:0``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from rulectl.value import Value, decode, encode, encode_sorted

Element: TypeAlias = str
Path: TypeAlias = tuple[Element, ...]

_RANK = {"f": 0, "k": 1, "v": 2, "i": 3}


def field(name: str) -> Element:
    """The element for a key of an object."""
    return "f:" + name


def keyed(keys: Mapping[str, Value]) -> Element:
    """The element for an item of a list of type map: the fields that name it, sorted."""
    return "k:" + encode_sorted(dict(keys)).decode()


def member(value: Value) -> Element:
    """The element for an item of a list of type set."""
    return "v:" + encode(value).decode()


def canonical(element: str) -> Element:
    """An element that someone else wrote, in our spelling.

    Raises:
        ValueError: it is no path element.
    """
    kind, _, rest = element.partition(":")
    match kind:
        case "f" | "i":
            return element
        case "k":
            keys = decode(rest)
            if isinstance(keys, Mapping):
                return keyed(keys)
        case "v":
            return member(decode(rest))
    raise ValueError(f"{element!r} is no path element: expected f:, k:, v: or i:")


def name_of(element: Element) -> str | None:
    """The object key that an element names; None for items of lists."""
    return element[2:] if element.startswith("f:") else None


def order(element: Element) -> tuple[int, str]:
    """A sort key: fields first, then keyed items, values, indices."""
    return _RANK.get(element[:1], len(_RANK)), element


def shown(path: Iterable[Element]) -> str:
    """A path as people and conflict reports read it: ``.spec.containers[name="c"].image``."""
    return "".join(map(_shown, path))


def _shown(element: Element) -> str:
    kind, _, rest = element.partition(":")
    match kind:
        case "f":
            return "." + rest
        case "k":
            keys = decode(rest)
            pairs = keys.items() if isinstance(keys, Mapping) else ()
            return "[" + ",".join(f"{name}={encode(value).decode()}" for name, value in pairs) + "]"
        case "v":
            return f"[={rest}]"
        case _:
            return f"[{rest}]"
