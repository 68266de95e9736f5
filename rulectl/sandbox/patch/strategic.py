"""Strategic merge patch: merge patch in which lists of built-in kinds merge by key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rulectl.openapi import Node
from rulectl.sandbox.patch.fault import bad_request
from rulectl.sandbox.patch.listorder import by_presence, in_order, place_of
from rulectl.value import Value, mapping, same

DIRECTIVE = "$patch"
RETAIN_KEYS = "$retainKeys"
ELEMENT_ORDER = "$setElementOrder/"
DELETE_FROM_LIST = "$deleteFromPrimitiveList/"


def strategic_merge(target: Mapping[str, Value], patch: Value, node: Node | None) -> Mapping[str, Value]:
    """`target` with `patch` merged in as the kind's schema says.

    Objects merge key by key and null removes, as in a merge patch. A list replaces the old one, unless
    the schema gives it the strategy merge: then scalars are united, and objects merged with the one
    of the same merge key; new ones come in front of those that only `target` has, except where the
    order that both have says otherwise. The directives ``$patch``, ``$retainKeys``, ``$setElementOrder/..``
    and ``$deleteFromPrimitiveList/..`` are honoured. Neither argument is changed.

    Raises:
        PatchError: 400, the patch is no object, or a directive or list of it is malformed.
    """
    if not isinstance(patch, Mapping):
        raise bad_request("a strategic merge patch is an object")
    return _maps(target, patch, node)


def _maps(target: Mapping[str, Value], patch: Mapping[str, Value], node: Node | None) -> Mapping[str, Value]:
    rest = dict(patch)
    match rest.pop(DIRECTIVE, "merge"):
        case "replace":
            return rest
        case "delete":
            return {}
        case "merge":
            pass
        case other:
            raise bad_request(f"invalid value for {DIRECTIVE}: {other!r}; one of merge, replace, delete")
    result = dict(target)
    if RETAIN_KEYS in rest:
        _retain(result, rest)
    for key in [key for key in rest if key.startswith(ELEMENT_ORDER)]:
        _reorder(result, rest, key.removeprefix(ELEMENT_ORDER), rest.pop(key), node)
    for key, value in rest.items():
        if key.startswith(DELETE_FROM_LIST):
            name = key.removeprefix(DELETE_FROM_LIST)
            if isinstance(result.get(name), list | tuple):
                unwanted = _items(value, key)
                result[name] = [item for item in _items(result[name], name) if not _among(item, unwanted)]
        elif value is None:
            result.pop(key, None)
        elif key in result:
            result[key] = _merged(result[key], value, node.child(key) if node is not None else None)
        else:
            result[key] = _new(value)
    return result


def _merged(old: Value, new: Value, node: Node | None) -> Value:
    replaces = node is not None and "replace" in node.patch_strategy
    if isinstance(old, Mapping) and isinstance(new, Mapping) and not replaces:
        return _maps(old, new, node)
    merges = node is not None and "merge" in node.patch_strategy
    if isinstance(old, list | tuple) and isinstance(new, list | tuple) and merges and node is not None:
        return _lists(old, new, node)
    return _new(new)


def _lists(old: Sequence[Value], patch: Sequence[Value], node: Node) -> list[Value]:
    key = node.merge_key
    if not key:
        united = [*old, *patch]
        merged = [item for place, item in enumerate(united) if not _among(item, united[:place])]
    else:
        old, patch, whole = _directed(old, patch, key)
        if whole:
            return list(patch)
        merged = _by_key(old, patch, node)
    first, others = by_presence(merged, patch, key)
    return in_order(first, others, patch, old, key)


def _directed(old: Sequence[Value], patch: Sequence[Value], key: str) -> tuple[Sequence[Value], Sequence[Value], bool]:
    """The old and new items after the directives among them; true when the new ones replace all."""
    plain: list[Value] = []
    whole = False
    for item in patch:
        fields = _object(item)
        match fields.get(DIRECTIVE):
            case None:
                plain.append(item)
            case "replace":
                whole = True
                if fields.keys() - {DIRECTIVE}:
                    plain.append({name: value for name, value in fields.items() if name != DIRECTIVE})
            case "delete":
                named = _name(fields, key)
                old = [entry for entry in old if not same(_object(entry).get(key), named)]
            case "merge":
                raise bad_request(f"{DIRECTIVE}: merge cannot stand in a list: leave it out")
            case other:
                raise bad_request(f"invalid value for {DIRECTIVE}: {other!r}; one of replace, delete")
    return old, [_new(item) for item in plain] if whole else plain, whole


def _by_key(old: Sequence[Value], patch: Sequence[Value], node: Node) -> list[Value]:
    merged = list(old)
    for item in patch:
        fields = _object(item)
        named = _name(fields, node.merge_key)
        for place, entry in enumerate(merged):
            if same(_object(entry).get(node.merge_key), named):
                merged[place] = _maps(_object(entry), fields, node.items)
                break
        else:
            merged.append(_new(item))
    return merged


def _reorder(result: dict[str, Value], rest: dict[str, Value], name: str, order: Value, node: Node | None) -> None:
    """Bring list `name` into `order`, with what the patch says about it merged in first."""
    wanted = _items(order, ELEMENT_ORDER + name)
    child = node.child(name) if node is not None else None
    key = child.merge_key if child is not None else ""
    live = _items(result[name], name) if result.get(name) is not None else []
    seen = live
    if rest.get(name) is not None:
        new = _items(rest.pop(name), name)
        _in_step(new, wanted, name, key)
        merged = _items(_merged(result[name], new, child) if name in result else _new(new), name)
        # After deletions a server compares with its list as the merge left it: shifted, with the first
        # new items in the places that became free.
        kept = [item for item in live if place_of(item, merged, key) >= 0]
        added = [item for item in new if place_of(item, live, key) < 0 and place_of(item, merged, key) >= 0]
        seen = [*kept, *added][: len(live)]
    elif name in result and name not in rest:
        merged = live
    else:
        return
    first, others = by_presence(merged, wanted, key)
    result[name] = in_order(first, others, wanted, seen, key)


def _in_step(new: Sequence[Value], wanted: Sequence[Value], name: str, key: str) -> None:
    """Refuse a list whose items stand in another order than the patch itself asks for.

    Raises:
        PatchError: 400.
    """
    waiting = iter(wanted)
    for item in new:
        if DIRECTIVE not in mapping(item) and not any(place_of(item, [other], key) == 0 for other in waiting):
            raise bad_request(f"the order of {name} in the patch does not match {ELEMENT_ORDER}{name}")


def _retain(result: dict[str, Value], rest: dict[str, Value]) -> None:
    retained = _items(rest.pop(RETAIN_KEYS), RETAIN_KEYS)
    for key, value in rest.items():
        if value is not None and not key.startswith("$") and key not in retained:
            raise bad_request(f"{RETAIN_KEYS} does not name {key}, which the same patch sets")
    for key in [key for key in result if key not in retained]:
        del result[key]


def _new(value: Value) -> Value:
    """A part of a patch that meets nothing: without directives, and without the nulls that remove."""
    if isinstance(value, Mapping):
        return {key: _new(part) for key, part in value.items() if part is not None and not key.startswith("$")}
    if isinstance(value, list | tuple):
        return [_new(item) for item in value if mapping(item).get(DIRECTIVE) != "delete"]
    return value


def _items(value: Value, told: str) -> list[Value]:
    if not isinstance(value, list | tuple):
        raise bad_request(f"{told} must be a list")
    return list(value)


def _object(item: Value) -> Mapping[str, Value]:
    if not isinstance(item, Mapping):
        raise bad_request("a list that merges by key may hold objects only")
    return item


def _name(fields: Mapping[str, Value], key: str) -> Value:
    if key not in fields:
        raise bad_request(f"map: {dict(fields)} does not contain declared merge key: {key}")
    return fields[key]


def _among(item: Value, items: Sequence[Value]) -> bool:
    return any(same(item, other) for other in items)
