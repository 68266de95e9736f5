"""`bandwidth`: a limit on what leaves a network interface."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import msgspec

from rulectl.action import ActionContext, Done, Duration, Outcome, Unchanged, action
from rulectl_bandwidth.functions import bits
from rulectl_bandwidth.tc import Interface, Limit, opened

_LEAST_BURST = 1_600
"""Bytes: a bucket smaller than a packet lets nothing through."""


@action()
@dataclass(frozen=True, slots=True)
class Bandwidth:
    """Limit what leaves a network interface, or take the limit away.

    A token bucket (tc's tbf) at the root of the interface. For what a pod sends, name its own interface and
    network namespace; for what it receives, the other end, on the node. Needs CAP_NET_ADMIN where it runs.
    """

    interface: str
    """The interface's name, such as eth0."""
    rate: Annotated[float, msgspec.Meta(ge=8)] | None = None
    """Bits a second; absent or null: no limit."""
    network_namespace: str = ""
    """A name below /var/run/netns, or the path of a namespace; absent: where rulectl runs."""
    burst: Annotated[int, msgspec.Meta(ge=_LEAST_BURST)] | None = None
    """Bytes that may go at once; absent: what the rate lets through in 1/100 s."""
    latency: Duration = 0.05
    """How long a packet may wait before it is dropped."""

    def run(self, context: ActionContext) -> Outcome:
        """Sets the limit, unless it is set."""
        with opened(self.network_namespace) as network:
            return settle(network.interface(self.interface), self.limit, f"{self._where()} of {context.key}")

    def describe(self, context: ActionContext) -> object:  # noqa: ARG002 - every action is given one
        """The limit, as tc's command line would say it."""
        limit = self.limit
        if limit is None:
            return f"tc qdisc del dev {self._where()} root"
        burst, latency = f"burst {limit.burst}", f"latency {limit.latency_seconds * 1000:g}ms"
        return f"tc qdisc replace dev {self._where()} root tbf rate {limit.rate:.0f}bit {burst} {latency}"

    @property
    def limit(self) -> Limit | None:
        """What is wanted; None: no limit."""
        if self.rate is None:
            return None
        burst = self.burst or max(_LEAST_BURST, int(self.rate / 8 / 100))
        return Limit(self.rate, burst, self.latency)

    def _where(self) -> str:
        space = f" in {self.network_namespace}" if self.network_namespace else ""
        return f"{self.interface}{space}"


def settle(interface: Interface, wanted: Limit | None, where: str) -> Outcome:
    """Brings `interface` to the limit that is wanted."""
    rate = interface.rate()
    if wanted is None:
        if rate is None:
            return Unchanged(f"{where} has no limit")
        interface.release()
        return Done(f"took the limit from {where}", {"was": rate})
    if rate is not None and abs(rate - wanted.rate) < 8:
        return Unchanged(f"{where} is limited to {bits(wanted.rate)} already")
    interface.limit(wanted)
    return Done(f"limited {where} to {bits(wanted.rate)}", {"was": rate})
