"""Records in ConfigMaps: for a rulectl that runs in the cluster and may move from node to node."""

from __future__ import annotations

import contextlib
import logging
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from rulectl.clock import Clock
from rulectl.errors import Conflict, NotFound, PermanentError, RulectlError
from rulectl.state.collector import without_collector
from rulectl.state.configmap_claim import Claim, Lost
from rulectl.state.configmap_error import explained
from rulectl.state.configmap_head import Head
from rulectl.state.configmap_layout import MAX_SHARDS, RULES, Names
from rulectl.state.configmap_log import Entries, Entry, Log, entries_of, size_of
from rulectl.state.configmap_object import Kube, Objects, Stored
from rulectl.state.configmap_page import Page, apply, redistributed
from rulectl.state.configmap_payload import Payload, payload_of
from rulectl.state.configmap_reading import all_of, read_parts
from rulectl.state.configmap_segment import divided
from rulectl.state.group_commit import GroupCommit
from rulectl.state.holder import Holder
from rulectl.state.identity import Owner
from rulectl.state.store import Edit, Loaded, Put, PutRule
from rulectl.value import encode

_log = logging.getLogger("rulectl.state")

LINGER_SECONDS = 0.05
_KEEP_SECONDS = 5.0
_INLINE_BYTES = 64 * 1024
"""Uncompressed: so much of the log lies in the head and is written with each commit."""
_LOG_BYTES = 1024 * 1024
"""Uncompressed: above it, each commit brings the page with the most entries up to date."""
_LOG_LIMIT_BYTES = 16 * 1024 * 1024
"""Above it nothing more is taken until pages can be written again."""
_RESHARD_BYTES = 512 * 1024
_OBJECT_BYTES = 1000 * 1000
"""What a ConfigMap may hold is 1,048,576."""
_EDIT_BYTES = 512 * 1024


class ConfigMapStore:
    """A `StateStore` in ConfigMaps of rulectl's namespace: a log in front, and pages by the hash of the uid.

    A commit is one replacement of the *head*, which holds the newest edits (many at once are put into
    *segments* first), so it is atomic and in order whatever it touches. Pages follow when the log has grown: they
    only ever get what is durable already. So a fired action costs one or two API writes, fewer under load, and a
    page is rewritten once for many edits.

    Whoever loads the state takes it over; the process that had it gets a conflict at its next write, which is
    a PermanentError, and so are all later ones: it cannot begin another run. Two that are started again
    and again take it from each other in turns: run one, or elect a leader.
    """

    def __init__(
        self, kube: Kube, namespace: str, owner: Owner, clock: Clock, *, linger_seconds: float = LINGER_SECONDS
    ) -> None:
        """Nothing is asked of the server before `load`.

        `linger_seconds`: so long a durable write waits for others to join; 0 where one thread does everything.
        """
        self.namespace = namespace
        self.owner = owner
        self.is_new = False
        """Whether `load` found nothing and began anew."""
        self._names = Names(owner.name)
        self._objects = Objects(kube, namespace, owner.name)
        holder = Holder.this_process(clock.now(), secrets.token_hex(8))
        self._claim = Claim(self._objects, self._names, owner, holder, namespace)
        self._group = GroupCommit(self._commit, clock, linger_seconds=linger_seconds, keep_seconds=_KEEP_SECONDS)
        self._work = threading.Lock()  # guards all below
        self._head: Head | None = None
        self._pages: dict[int, Page] = {}
        self._log = Log()
        self._segments = 0
        self._garbage: list[str] = []
        """ConfigMaps to delete once the head on the server surely does not name them."""
        self._put_off = ""
        """Why the last follow-up could not be done, if so: said once."""
        self._broken: PermanentError | None = None

    @property
    def is_durable(self) -> bool:
        """See `StateStore.is_durable`."""
        return True

    def load(self) -> Loaded:
        """Takes the state over and reads it; see `StateStore.load`.

        Raises:
            PermanentError: it is damaged, another cluster's, of a newer format, or may not be read and written.
            TransientError: the API server did not answer, or others take it over at this moment.
        """
        with self._work, self._explaining():
            head = self._claim.take()
            self.is_new = head.epoch == 1
            # After the head was taken: what the one before wrote in the meantime is in the log, too.
            stored = {} if self.is_new else self._objects.read_all()
            with without_collector():
                self._pages, self._log = read_parts(head, self._names, stored, self.namespace)
            self._head = head
            self._garbage = self._left_over(head, stored)
            self._collect_garbage()
            return all_of(head, self._pages)

    def write(self, edits: Sequence[Edit], *, durable: bool) -> None:
        """See `StateStore.write`."""
        self._check_usable()
        for edit in edits:
            _check_size(edit)
        self._group.write(edits, durable=durable)

    def flush(self) -> None:
        """See `StateStore.flush`."""
        self._group.flush()

    def next_flush(self) -> float | None:
        """See `StateStore.next_flush`."""
        return self._group.next_flush()

    def flush_due(self, now: float) -> None:
        """See `StateStore.flush_due`."""
        self._group.flush_due(now)

    def close(self) -> None:
        """See `StateStore.close`. Can be repeated."""
        try:
            if self._broken is None:
                self._group.flush()
        finally:
            self._broken = self._broken or PermanentError("the state is closed already")

    # ------------------------------------------------------------- one commit

    def _commit(self, edits: Sequence[Edit]) -> None:
        with self._work, self._explaining():
            self._check_usable()
            if self._log.size() > _LOG_LIMIT_BYTES:
                self._bring_up_to_date(_LOG_BYTES)
            head = self._loaded_head()
            sequence = head.sequence + 1
            new = entries_of(sequence, edits)
            inline = {**self._log.inline, **new}
            spilled = self._spill(inline) if size_of(inline.values()) > _INLINE_BYTES else {}
            self._garbage += self._log.drop_empty_segments()
            committed = replace(
                head,
                sequence=sequence,
                pages=_existing(self._pages),
                segments=(*self._log.segments, *spilled),
                log=() if spilled else tuple(inline.values()),
            )
            self._claim.write(committed)
            self._head = committed
            if spilled:
                self._log.spill(spilled)
            else:
                self._log.put_inline(new)
            apply(self._pages, head.layout, new.values())
            self._follow_up()

    def _spill(self, entries: Entries) -> dict[str, Entries]:
        """Segments with `entries`; they count once a head names them."""
        spilled: dict[str, Entries] = {}
        for part, payload in divided(entries):
            self._segments += 1
            name = self._names.segment(self._loaded_head().epoch, self._segments)
            self._garbage.append(name)  # until it is known to be needed
            self._objects.create(name, payload)
            spilled[name] = part
        return spilled

    def _follow_up(self) -> None:
        """After a commit: what may as well be done later if it cannot be done now."""
        self._garbage = [name for name in self._garbage if name not in self._log.segments]
        try:
            if self._log.size() > _LOG_BYTES:
                self._bring_fullest_page_up_to_date()
            self._collect_garbage()
            self._put_off = ""
        except Lost:
            raise
        except RulectlError as error:
            # The log keeps it all, and the next commit tries again; at its limit the caller is told.
            put_off = str(explained(error, self.namespace))
            if put_off != self._put_off:
                _log.warning("the state is kept, but not yet put in order; trying again: %s", put_off)
            self._put_off = put_off

    # ------------------------------------------------------------- pages

    def _bring_up_to_date(self, target_bytes: int) -> None:
        while self._log.size() > target_bytes:
            self._bring_fullest_page_up_to_date()

    def _bring_fullest_page_up_to_date(self) -> None:
        head = self._loaded_head()
        sizes = self._log.by_page(head.layout)
        index = max(sizes, key=lambda one: sizes[one])
        page = self._pages.setdefault(index, Page())
        payload = payload_of(page.document(index, head.epoch, head.sequence))
        if (
            payload.size > _RESHARD_BYTES
            and index != RULES
            and head.layout.count < MAX_SHARDS
            and len(page.content) > 1
        ):
            self._double()
            return
        if payload.size > _OBJECT_BYTES:
            raise PermanentError(f"page {index} of the state would be {payload.size} bytes: use --state sqlite:PATH")
        self._write_page(self._names.page(head.layout, index), page, payload)
        page.upto = head.sequence
        self._log.flushed(index, head.layout)

    def _write_page(self, name: str, page: Page, payload: Payload) -> None:
        try:
            page.resource_version = self._put(name, payload, page.resource_version)
        except (Conflict, NotFound):
            # An answer that was lost, a late write of the process that had the state before, a deletion by hand:
            # if this process still has the state, all that the page should hold is in memory here.
            self._claim.check()
            found = self._objects.read(name)
            page.resource_version = self._put(name, payload, found.resource_version if found else "")

    def _put(self, name: str, payload: Payload, resource_version: str) -> str:
        if not resource_version:
            return self._objects.create(name, payload)
        return self._objects.replace(name, payload, resource_version)

    def _double(self) -> None:
        """Spreads the records over twice the pages: new ConfigMaps, which count once the head says so."""
        head = self._loaded_head()
        layout = head.layout.doubled(head.epoch)
        pages = redistributed(self._pages, layout)
        for index, page in pages.items():
            name = self._names.page(layout, index)
            self._garbage.append(name)  # until it is known to be needed
            self._write_page(name, page, payload_of(page.document(index, head.epoch, head.sequence)))
            page.upto = head.sequence
        rules = {key: entry for key, entry in _all(self._log).items() if entry.page(layout) == RULES}
        old = [self._names.page(head.layout, index) for index in _existing(self._pages) if index != RULES]
        if RULES in self._pages:
            pages[RULES] = self._pages[RULES]
        moved = replace(head, layout=layout, pages=_existing(pages), segments=(), log=tuple(rules.values()))
        self._claim.write(moved)
        new = {self._names.page(layout, index) for index in pages}
        self._garbage = [name for name in self._garbage if name not in new] + old + list(self._log.segments)
        self._head, self._pages, self._log = moved, pages, Log(rules)

    # ------------------------------------------------------------- the rest

    def _collect_garbage(self) -> None:
        """Only right after the head was written: until then it might name them."""
        while self._garbage:
            self._objects.delete(self._garbage[-1])
            self._garbage.pop()

    def _left_over(self, head: Head, stored: Mapping[str, Stored]) -> list[str]:
        """What processes before this one made and did not come to use or to delete."""
        used = {self._names.page(head.layout, index) for index in range(head.layout.count)} | set(head.segments)
        epochs = {name: self._names.epoch_of(name) for name in stored if name not in used}
        return [name for name, epoch in epochs.items() if epoch is not None and epoch < head.epoch]

    def _loaded_head(self) -> Head:
        assert self._head is not None, "load comes first"
        return self._head

    def _check_usable(self) -> None:
        if self._broken is not None:
            raise PermanentError(str(self._broken))

    @contextlib.contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except Lost as error:
            self._broken = error
            raise
        except RulectlError as error:
            raise explained(error, self.namespace) from error


def _existing(pages: Mapping[int, Page]) -> dict[int, int]:
    return {index: page.upto for index, page in pages.items() if page.resource_version}


def _all(log: Log) -> dict[tuple[str, str | None], Entry]:
    return {key: entry for part in (*log.segments.values(), log.inline) for key, entry in part.items()}


def _check_size(edit: Edit) -> None:
    match edit:
        case Put(record):
            size, what = len(encode(record)), f"the record of rule {record.rule} and {record.key}"
        case PutRule(state):
            size, what = len(encode(state)), f"the state of rule {state.rule}"
        case _:
            return
    if size > _EDIT_BYTES:
        raise PermanentError(
            f"{what} is {size} bytes, and a ConfigMap takes {_EDIT_BYTES}:"
            " have the rule read fewer fields, or use --state sqlite:PATH"
        )
