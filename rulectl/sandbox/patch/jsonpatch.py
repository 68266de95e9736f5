"""JSON patch (RFC 6902), with what an API server does otherwise than the standard."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rulectl.sandbox.patch.fault import PatchError, bad_request, unprocessable
from rulectl.value import Value, same, text

MOST_OPERATIONS = 10_000
END = "-"
"""The place behind the last item of a list."""


class _Missing:
    """No value at that place."""


_MISSING = _Missing()
_Change = Callable[["Value | _Missing"], "Value | _Missing"]


def json_patch(target: Value, operations: Value) -> Value:
    """`target` with all operations done, in order; nothing is changed if one of them fails.

    Unlike the standard, as the API server's library does it: ``replace`` of a missing key of an object
    sets it, a ``test`` for null holds where nothing is, and negative list indices count from the end.
    `target` is not changed; parts that stay as they were are shared with it.

    Raises:
        PatchError: 400 the operations are malformed, 413 there are too many of them, 422 one does not apply.
    """
    if not isinstance(operations, list | tuple):
        raise bad_request("a JSON patch is a list of operations")
    if len(operations) > MOST_OPERATIONS:
        told = f"The allowed maximum operations in a JSON patch is {MOST_OPERATIONS}, got {len(operations)}"
        raise PatchError(413, "RequestEntityTooLarge", told)
    for operation in operations:
        if not isinstance(operation, Mapping):
            raise bad_request("an operation of a JSON patch is an object with op and path")
        target = _done(target, operation)
    return target


def _done(target: Value, operation: Mapping[str, Value]) -> Value:
    name, path, value = text(operation.get("op")), operation.get("path"), operation.get("value")
    tokens = _tokens(path)
    match name:
        case "add":
            return _changed(target, tokens, lambda _: value, path=text(path), inserting=True)
        case "replace":
            return _changed(target, tokens, lambda _: value, path=text(path))
        case "remove":
            return _changed(target, tokens, _removed(text(path)), path=text(path))
        case "test":
            found = _at(target, tokens)
            if not same(None if isinstance(found, _Missing) else found, value):
                raise unprocessable(f"testing value {path} failed: test failed")
            return target
        case "move" | "copy":
            origin = operation.get("from")
            found = _at(target, _tokens(origin))
            if isinstance(found, _Missing):
                raise unprocessable(f"{name} operation does not apply: doc is missing from path: {origin}")
            if name == "move":
                target = _changed(target, _tokens(origin), _removed(text(origin)), path=text(origin))
            return _changed(target, tokens, lambda _: found, path=text(path), inserting=True)
        case _:
            raise unprocessable(f"Unexpected kind: {name}")


def _removed(path: str) -> _Change:
    def remove(found: Value | _Missing) -> Value | _Missing:
        if isinstance(found, _Missing):
            raise unprocessable(f"remove operation does not apply: doc is missing path: {path}")
        return _MISSING

    return remove


def _tokens(path: Value) -> list[str]:
    if not isinstance(path, str) or (path and not path.startswith("/")):
        raise unprocessable(f"path {path!r} does not start with a slash")
    return [token.replace("~1", "/").replace("~0", "~") for token in path.split("/")[1:]]


def _at(value: Value, tokens: Sequence[str]) -> Value | _Missing:
    for token in tokens:
        if isinstance(value, Mapping):
            if token not in value:
                return _MISSING
            value = value[token]
        elif isinstance(value, list | tuple):
            index = _index(token, len(value))
            if index is None or index >= len(value):
                return _MISSING
            value = value[index]
        else:
            return _MISSING
    return value


def _changed(value: Value, tokens: Sequence[str], change: _Change, *, path: str, inserting: bool = False) -> Value:
    """A copy of `value` in which `change` was asked what to put at the place of `tokens`."""
    if not tokens:
        whole = change(value)
        return None if isinstance(whole, _Missing) else whole
    token, last = tokens[0], len(tokens) == 1
    if isinstance(value, Mapping):
        fields = dict(value)
        if not last and token not in fields:
            raise unprocessable(f"doc is missing path: {path}: missing value")
        new = (
            change(fields.get(token, _MISSING))
            if last
            else _changed(fields[token], tokens[1:], change, path=path, inserting=inserting)
        )
        if isinstance(new, _Missing):
            del fields[token]
        else:
            fields[token] = new
        return fields
    if isinstance(value, list | tuple):
        return _changed_list(list(value), tokens, change, path=path, inserting=inserting)
    raise unprocessable(f"doc is missing path: {path}: missing value")


def _changed_list(items: list[Value], tokens: Sequence[str], change: _Change, *, path: str, inserting: bool) -> Value:
    token, last = tokens[0], len(tokens) == 1
    if last and inserting:
        index = len(items) if token == END else _index(token, len(items) + 1)
        if index is None or index > len(items):
            raise unprocessable(f"Unable to access invalid index: {token} of {path}")
        new = change(_MISSING)
        if not isinstance(new, _Missing):
            items.insert(index, new)
        return items
    index = _index(token, len(items))
    if index is None or index >= len(items):
        raise unprocessable(f"Unable to access invalid index: {token} of {path}")
    new = change(items[index]) if last else _changed(items[index], tokens[1:], change, path=path, inserting=inserting)
    if isinstance(new, _Missing):
        del items[index]
    else:
        items[index] = new
    return items


def _index(token: str, length: int) -> int | None:
    digits = token.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        return None
    index = int(token)
    if index < 0:
        index += length
    return index if index >= 0 else None
