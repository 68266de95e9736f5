"""GET of a collection: pages, selectors, and the past."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from rulectl.sandbox.accept import Form, Wanted, wanted
from rulectl.sandbox.answer import Answer, json_answer
from rulectl.sandbox.present import item_bytes, yaml_of
from rulectl.sandbox.registry import PARTIAL_HEAD, Served
from rulectl.sandbox.selectable import selector_of
from rulectl.sandbox.status import ApiError, bad_request, expired, too_large_version
from rulectl.sandbox.store import Collection
from rulectl.sandbox.stored import Stored
from rulectl.sandbox.table import table
from rulectl.sandbox.world import Call, World
from rulectl.value import Value, decode, encode, mapping

_BAD_TOKEN = "continue key is not valid: take the one of the list before, unchanged"  # noqa: S105 - a message
_EXPIRED_TOKEN = "The provided continue parameter is too old to display a consistent list result."  # noqa: S105


@dataclass(frozen=True, slots=True)
class Page:
    """Which objects to show: as they were at `rv`, with keys behind `after`, at most `limit` (0: all)."""

    rv: int
    after: str = ""
    limit: int = 0


def list_objects(world: World, call: Call) -> Answer:
    """Answers a GET of a collection.

    Raises:
        ApiError: the parameters make no sense, or ask for a past or a future that is not there.
    """
    asked = wanted(call.headers, call.query)
    selector = selector_of(call.served, call.query)
    collection = world.store.collection(call.served.storage)
    page = _page(world, call, collection)
    state = collection.state_at(page.rv, call.namespace, page.after)
    matching = state if selector.everything else (item for item in state if selector.matches(item))
    items, more = _take(matching, page.limit)
    metadata: dict[str, Value] = {"resourceVersion": str(page.rv)}
    if more:
        metadata["continue"] = _token(page.rv, items[-1].key)
        if selector.everything:
            left = collection.count_at(page.rv, call.namespace, items[-1].key)
            metadata["remainingItemCount"] = left
    return _body(world, call.served, items, metadata, asked)


def asked_version(call: Call) -> int | None:
    """The resourceVersion parameter; None when there is none.

    Raises:
        ValueError: it is no number.
    """
    text = call.query.get("resourceVersion", "")
    if not text:
        return None
    if not text.isdecimal():
        raise ValueError(f"{text!r} is no resourceVersion")
    return int(text)


def _page(world: World, call: Call, collection: Collection) -> Page:
    query, now = call.query, world.store.rv
    try:
        limit = int(query.get("limit") or 0)
        version = asked_version(call)
    except ValueError as error:
        raise bad_request(f"invalid limit or resource version: {error}") from error
    match = _match(query)
    if token := query.get("continue"):
        if version:
            raise bad_request("specifying resource version is not allowed when using continue")
        rv, after = _read_token(token)
        if rv < collection.log.floor:
            raise expired(_EXPIRED_TOKEN)
        return Page(min(rv, now), after, limit)
    if version is not None and version > now:
        raise too_large_version(version, now)
    if match == "Exact":
        if not version:
            raise ApiError(
                422, "Invalid", 'resourceVersionMatch: Forbidden: "Exact" is forbidden for resourceVersion "0"'
            )
        if version < collection.log.floor:
            raise expired(f"The resourceVersion for the provided list is too old: {version}")
        return Page(version, "", limit)
    return Page(now, "", limit)


def _match(query: Mapping[str, str]) -> str:
    match = query.get("resourceVersionMatch", "")
    if not match:
        return ""
    if match not in {"Exact", "NotOlderThan"}:
        raise ApiError(
            422,
            "Invalid",
            f'resourceVersionMatch: Unsupported value: "{match}": supported values: "Exact", "NotOlderThan"',
        )
    if not query.get("resourceVersion"):
        raise ApiError(
            422,
            "Invalid",
            "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided",
        )
    if query.get("continue"):
        raise ApiError(
            422, "Invalid", "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden with continue"
        )
    return match


def _take(items: Iterable[Stored], limit: int) -> tuple[list[Stored], bool]:
    if limit <= 0:
        return list(items), False
    iterator: Iterator[Stored] = iter(items)
    chosen = list(islice(iterator, limit))
    return chosen, next(iterator, None) is not None


def _token(rv: int, after: str) -> str:
    return base64.urlsafe_b64encode(encode({"v": "meta.k8s.io/v1", "rv": rv, "start": after})).decode()


def _read_token(token: str) -> tuple[int, str]:
    try:
        content = mapping(decode(base64.urlsafe_b64decode(token.encode())))
    except ValueError as error:
        raise bad_request(_BAD_TOKEN) from error
    rv, after = content.get("rv"), content.get("start")
    if not isinstance(rv, int) or not isinstance(after, str):
        raise bad_request(_BAD_TOKEN)
    return rv, after


def _body(world: World, served: Served, items: list[Stored], metadata: dict[str, Value], asked: Wanted) -> Answer:
    if asked.form is Form.TABLE:
        shown = table(world, served, items, str(metadata["resourceVersion"]), include=asked.include)
        return json_answer({**shown, "metadata": metadata})
    if asked.form is Form.PARTIAL:
        head = {"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1"}
        pieces = [PARTIAL_HEAD + item.partial_tail() for item in items]
    else:
        head = {"kind": served.list_kind, "apiVersion": served.kind.api_version}
        pieces = [item_bytes(served, item) for item in items]
    start = encode({**head, "metadata": metadata})[:-1]
    body = b"".join((start, b',"items":[', b",".join(pieces), b"]}"))
    return yaml_of(body) if asked.yaml else Answer(200, body)
