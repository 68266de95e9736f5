"""The plugin without a network: parameters, decisions, descriptions."""

from __future__ import annotations

from dataclasses import dataclass, field

from rulectl_bandwidth.action import Bandwidth, settle
from rulectl_bandwidth.functions import bits
from rulectl_bandwidth.tc import Limit

from rulectl.action import Done, Unchanged
from rulectl.testing import context_for, faults_of, plugin_type, run_action


@dataclass
class FakeInterface:
    limited_to: float | None = None
    calls: list[Limit | None] = field(default_factory=list)

    def rate(self) -> float | None:
        return self.limited_to

    def limit(self, limit: Limit) -> None:
        self.calls.append(limit)

    def release(self) -> None:
        self.calls.append(None)


LIMIT = Limit(2_000_000, 2_500, 0.05)


def test_a_limit_is_set_once() -> None:
    interface = FakeInterface()
    assert settle(interface, LIMIT, "eth0") == Done("limited eth0 to 2 Mbit/s", {"was": None})
    assert interface.calls == [LIMIT]
    assert settle(FakeInterface(2_000_000), LIMIT, "eth0") == Unchanged("eth0 is limited to 2 Mbit/s already")


def test_no_rate_means_no_limit() -> None:
    interface = FakeInterface(2_000_000)
    assert settle(interface, None, "eth0") == Done("took the limit from eth0", {"was": 2_000_000})
    assert interface.calls == [None]
    assert settle(FakeInterface(), None, "eth0") == Unchanged("eth0 has no limit")


def test_the_burst_follows_the_rate_and_is_never_less_than_a_packet() -> None:
    assert Bandwidth("eth0", 2_000_000).limit == Limit(2_000_000, 2_500, 0.05)
    assert Bandwidth("eth0", 8_000).limit == Limit(8_000, 1_600, 0.05)


def test_parameters_that_do_not_fit_are_told() -> None:
    assert faults_of(Bandwidth, {"interfaces": "eth0", "rate": "2M", "latency": 1}) == [
        "interfaces: unknown parameter 'interfaces' (did you mean 'interface'?)",
        "rate: expected a number of at least 8, not '2M'",
        "latency: expected a duration such as 30s or 5m, not the number 1",
    ]


def test_a_dry_run_shows_tcs_command() -> None:
    parameters = {"interface": "eth0", "networkNamespace": "pod-1", "rate": 2_000_000}
    shown = plugin_type(Bandwidth).bind(parameters).describe(context_for())
    assert shown == "tc qdisc replace dev eth0 in pod-1 root tbf rate 2000000bit burst 2500 latency 50ms"


def test_an_interface_that_is_not_there_yet_is_tried_again() -> None:
    outcome = run_action(Bandwidth, {"interface": "none0", "rate": 8_000})
    assert outcome.message == "there is no interface none0; it is tried again later"


def test_rates_are_said_as_people_do() -> None:
    assert [bits(rate) for rate in (500, 1_500, 2_500_000, 1e9)] == [
        "500 bit/s",
        "1.5 kbit/s",
        "2.5 Mbit/s",
        "1 Gbit/s",
    ]
