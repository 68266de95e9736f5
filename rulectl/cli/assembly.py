"""From a plan and a connection to an engine: the real transport, client, secrets and clock put in."""

from __future__ import annotations

from rulectl.action.client_kube import ClientKube
from rulectl.action.egress import EgressPolicy
from rulectl.action.http.pool import HttpPool, resolve_name
from rulectl.action.masker import Masker
from rulectl.action.secrets import SecretReader
from rulectl.clock import Clock
from rulectl.controller.report import Reporter
from rulectl.kube.connection import Connection
from rulectl.manager.builder import build
from rulectl.manager.engine import Engine
from rulectl.manager.kinds import Kinds
from rulectl.manager.settings import Settings
from rulectl.manager.states import mailbox_of
from rulectl.plan.model import Plan
from rulectl.state.store import StateStore


def assemble(
    plan: Plan,
    settings: Settings,
    connection: Connection,
    kinds: Kinds,
    store: StateStore,
    clock: Clock,
    report: Reporter,
) -> Engine:
    """The engine, ready to be started; nothing is sent before.

    Raises:
        UsageError: an entry of the egress lists is none.
        PermanentError: the state cannot be used.
    """
    kube = ClientKube(connection.transport, clock)
    return build(
        plan,
        settings,
        transport=connection.transport,
        kinds=kinds,
        kube=kube,
        http=HttpPool(clock),
        secrets=SecretReader(kube, clock, Masker()),
        egress=egress_of(settings, connection.server),
        store=store,
        clock=clock,
        report=report,
        mailbox=mailbox_of(store, connection, clock),
    )


def egress_of(settings: Settings, server: str) -> EgressPolicy:
    """Where actions may connect to; the API server is not among it unless it is allowed.

    Raises:
        UsageError: an entry is no destination.
    """

    def resolved(host: str, port: int) -> list[str]:
        try:
            return resolve_name(host, port)
        except OSError:
            return []  # then nothing can be reached under that name either

    return EgressPolicy.parse(settings.egress_allow, settings.egress_deny, api_server_url=server, resolve=resolved)
