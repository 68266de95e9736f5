"""The plugin on a real interface in a network namespace: what is limited really is slower."""

from __future__ import annotations

import multiprocessing
import os
import socket
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection

import pytest
from pyroute2 import IPRoute, NetNS, netns
from pyroute2.netlink.exceptions import NetlinkError
from rulectl_bandwidth.action import Bandwidth

from rulectl.action import Done, Unchanged
from rulectl.action.outcome import Attempt
from rulectl.testing import run_action

SENDER, RECEIVER = f"rulectl-a{os.getpid()}", f"rulectl-b{os.getpid()}"
ADDRESS, PORT = "10.251.7.2", 5001
AMOUNT = 400_000
"""Bytes: at 2 Mbit/s they take 1.6 s, without a limit next to nothing."""


@pytest.fixture(scope="module")
def network() -> Iterator[None]:
    """Two namespaces and a cable between them."""
    try:
        netns.create(SENDER)
        netns.create(RECEIVER)
        with IPRoute() as here:
            here.link("add", ifname="rc-a", kind="veth", peer={"ifname": "rc-b"})
            here.link("set", index=here.link_lookup(ifname="rc-a")[0], net_ns_fd=SENDER)
            here.link("set", index=here.link_lookup(ifname="rc-b")[0], net_ns_fd=RECEIVER)
        for name, interface, address in ((SENDER, "rc-a", "10.251.7.1"), (RECEIVER, "rc-b", ADDRESS)):
            with NetNS(name, flags=0) as there:
                index = there.link_lookup(ifname=interface)[0]
                there.link("set", index=index, ifname="eth0")
                there.addr("add", index=index, address=address, prefixlen=24)
                there.link("set", index=index, state="up")
    except (OSError, NetlinkError) as fault:
        remove_namespaces()
        pytest.skip(f"no network namespaces here: {type(fault).__name__}: {fault}")
    yield
    remove_namespaces()


def remove_namespaces() -> None:
    for name in {SENDER, RECEIVER} & set(netns.listnetns()):
        netns.remove(name)


def limited(rate: float | None) -> Attempt:
    return run_action(Bandwidth, {"interface": "eth0", "networkNamespace": SENDER, "rate": rate})


def seconds_to_send() -> float:
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    receiver = context.Process(target=receive, args=(theirs,), daemon=True)
    receiver.start()
    assert ours.recv() == "listening"
    sender = context.Process(target=send, daemon=True)
    sender.start()
    seconds = float(ours.recv())
    sender.join()
    receiver.join()
    return seconds


def receive(answer: Connection) -> None:
    netns.setns(RECEIVER)
    with socket.create_server((ADDRESS, PORT)) as server:
        answer.send("listening")
        connection, _ = server.accept()
        started, left = time.monotonic(), AMOUNT
        while left > 0:
            left -= len(connection.recv(65_536))
        answer.send(time.monotonic() - started)


def send() -> None:
    netns.setns(SENDER)
    with socket.create_connection((ADDRESS, PORT), timeout=20) as connection:
        connection.sendall(b"x" * AMOUNT)


@pytest.mark.usefixtures("network")
def test_what_is_limited_is_slower_and_is_released_again() -> None:
    assert limited(2_000_000) == Done(f"limited eth0 in {SENDER} of default/web-1 to 2 Mbit/s", {"was": None})
    assert isinstance(limited(2_000_000), Unchanged)
    assert 1.2 < seconds_to_send() < 5.0
    assert limited(None) == Done(f"took the limit from eth0 in {SENDER} of default/web-1", {"was": 2_000_000.0})
    assert isinstance(limited(None), Unchanged)
    assert seconds_to_send() < 0.6


@pytest.mark.usefixtures("network")
def test_a_limit_is_replaced() -> None:
    limited(1_000_000)
    outcome = limited(3_000_000)
    assert isinstance(outcome, Done)
    assert outcome.result == {"was": 1_000_000.0}
    limited(None)


def test_a_namespace_that_is_not_there_yet_is_tried_again() -> None:
    outcome = run_action(Bandwidth, {"interface": "eth0", "networkNamespace": "rulectl-nowhere", "rate": 8_000})
    assert outcome.message == "there is no network namespace rulectl-nowhere; it is tried again later"
