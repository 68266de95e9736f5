"""The one place where an engine's parts are made and joined, and where settings are read."""

from __future__ import annotations

import dataclasses
import os
import random
import threading

from rulectl.action.egress import EgressPolicy
from rulectl.action.http.port import HttpClient
from rulectl.action.kube import Kube
from rulectl.action.secrets import SecretReader
from rulectl.clock import Clock
from rulectl.controller.execution import Toolbox
from rulectl.controller.pool import WorkerPool
from rulectl.controller.report import Reporter
from rulectl.controller.tries import Tries
from rulectl.informer.factory import InformerFactory
from rulectl.kube.transport import Transport
from rulectl.manager.attachment import Attacher
from rulectl.manager.dead_letters import DeadLetters
from rulectl.manager.engine import Engine
from rulectl.manager.kinds import Kinds, resolver
from rulectl.manager.own import IsOwn
from rulectl.manager.settings import Settings
from rulectl.plan.model import Plan, RulePlan
from rulectl.state.digest import digest_key, new_meta
from rulectl.state.ledger import Ledger
from rulectl.state.mailbox import Mailbox, NoMailbox
from rulectl.state.memory import MemoryStore
from rulectl.state.store import StateStore


def build(
    plan: Plan,
    settings: Settings,
    *,
    transport: Transport,
    kinds: Kinds,
    kube: Kube,
    http: HttpClient,
    secrets: SecretReader,
    egress: EgressPolicy,
    store: StateStore,
    clock: Clock,
    report: Reporter,
    mailbox: Mailbox | None = None,
) -> Engine:
    """An engine that has not begun: nothing is asked of the server before it is started or stepped.

    Raises:
        PermanentError: the state cannot be used; the message says why and what to do.
    """
    # Ids have to be unique, not secret. One seed of 32 bytes from the system is as good for that as asking it for each
    # id, which is a call into the kernel at which the interpreter's lock changes hands.
    rng = random.Random(settings.seed if settings.seed is not None else os.urandom(32))  # noqa: S311 - see above
    ledger = Ledger(_read_only(store) if settings.dry_run != "none" else store)
    pool = WorkerPool(clock, cap=settings.workers_cap)
    dead_letters = DeadLetters(report, kube, clock, is_off=settings.dry_run != "none")
    report = dead_letters.report
    tools = Toolbox(
        kube=kube,
        resolve=lambda kind: resolver(kinds, kind),
        http=http,
        secrets=secrets,
        clock=clock,
        stop=threading.Event(),
        report=report,
        mask=secrets.masker.mask,
        egress=egress,
        allow_exec=settings.allow_exec,
        dry_run=settings.dry_run,
        on_action=pool.on_action,
        on_wait=pool.on_wait,
        tries=Tries(settings.once_attempts if settings.once else 0),
    )
    seed = None if settings.seed is None else random.Random(settings.seed + 1)  # noqa: S311 - jitter
    factory = InformerFactory(transport, clock, random=seed)
    attacher = Attacher(factory, ledger, tools, clock, rng, digest_key(ledger.meta or new_meta()), IsOwn(), pool.signal)
    rules = tuple(_as_set(rule, is_durable=ledger.is_durable) for rule in plan.rules)
    return Engine(
        dataclasses.replace(plan, rules=rules),
        settings,
        kinds=kinds,
        factory=factory,
        ledger=ledger,
        pool=pool,
        attacher=attacher,
        tools=tools,
        report=report,
        mailbox=mailbox or NoMailbox(),
        dead_letters=dead_letters,
    )


def _as_set(rule: RulePlan, *, is_durable: bool) -> RulePlan:
    """A rule as the settings have it.

    Without a durable state every start is a first start: what is there is skipped, unless the rule itself
    says to handle it.
    """
    changes: dict[str, object] = {}
    if not is_durable and not rule.existing_is_written:
        changes["existing"] = "skip"
    return dataclasses.replace(rule, **changes) if changes else rule  # type: ignore[arg-type]


def _read_only(store: StateStore) -> StateStore:
    """The state as it is, with room for what a dry run would have written."""
    copy = MemoryStore(is_durable=store.is_durable)
    loaded = store.load()
    copy.fill(loaded)
    return copy
