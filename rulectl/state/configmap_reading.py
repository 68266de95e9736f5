"""What the ConfigMaps of a state hold together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rulectl.errors import RulectlError
from rulectl.state.configmap_error import broken, explained
from rulectl.state.configmap_head import Head, head_of
from rulectl.state.configmap_layout import RULES, Names
from rulectl.state.configmap_log import Entry, Log
from rulectl.state.configmap_object import Kube, Objects, Stored
from rulectl.state.configmap_page import Page, page_of, replayed
from rulectl.state.configmap_segment import segment_of
from rulectl.state.identity import Owner
from rulectl.state.record import Record, RuleState
from rulectl.state.store import Loaded


def read_config_maps(kube: Kube, namespace: str, owner: Owner) -> Loaded | None:
    """What the state in `namespace` holds, without taking it over: also while a rulectl works with it.

    None: there is none. Edits that are still in that process's memory are not seen.

    Raises:
        PermanentError, TransientError: it cannot be read.
    """
    names, objects = Names(owner.name), Objects(kube, namespace, owner.name)
    try:
        stored = objects.read_all()
        if names.head not in stored:
            return None
        head = head_of(stored[names.head].document())
        owner.check(head.owner, f"the state in namespace {namespace}")
        pages, _ = read_parts(head, names, stored, namespace)
    except ValueError as error:
        raise broken(namespace, str(error)) from error
    except RulectlError as error:
        raise explained(error, namespace) from error
    return all_of(head, pages)


def read_parts(head: Head, names: Names, stored: Mapping[str, Stored], namespace: str) -> tuple[dict[int, Page], Log]:
    """The pages with the log brought in, and what of the log is not in the stored pages yet.

    `stored` was read not before `head`.

    Raises:
        PermanentError: they do not fit together.
    """
    try:
        pages = {}
        for index in (RULES, *range(head.layout.count)):
            found = stored.get(names.page(head.layout, index))
            if found is not None:
                pages[index] = replace(page_of(found.document(), index), resource_version=found.resource_version)
        for index, upto in head.pages.items():
            _check(pages.get(index), upto, names.page(head.layout, index))
        segments = {name: _segment(stored, name) for name in head.segments}
    except ValueError as error:
        raise broken(namespace, str(error)) from error
    entries = [*(entry for segment in segments.values() for entry in segment), *head.log]
    missing = replayed(pages, head.layout, entries)
    log = Log({entry.key: entry for entry in head.log if missing.get(entry.key) is entry})
    for name, segment in segments.items():
        log.segments[name] = {entry.key: entry for entry in segment if missing.get(entry.key) is entry}
    return pages, log


def _check(page: Page | None, upto: int, name: str) -> None:
    if page is None:
        raise ValueError(f"the ConfigMap {name} is not there")
    if page.upto < upto:
        raise ValueError(f"the ConfigMap {name} is older than the others")


def _segment(stored: Mapping[str, Stored], name: str) -> list[Entry]:
    if name not in stored:
        raise ValueError(f"the ConfigMap {name} is not there")
    return segment_of(stored[name].document())


def all_of(head: Head, pages: Mapping[int, Page]) -> Loaded:
    """What a store says that it holds."""
    contents = [content for page in pages.values() for content in page.content.values()]
    return Loaded(
        tuple(content for content in contents if isinstance(content, Record)),
        tuple(content for content in contents if isinstance(content, RuleState)),
        head.meta,
    )
