"""The first signal asks, a later one ends."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from rulectl.cli.signals import SAME_SECONDS, stop_on_signals


class Listener:
    def __init__(self) -> None:
        self.first: list[str] = []
        self.later: list[int] = []
        self.came = threading.Event()
        self.came_again = threading.Event()

    def on_first(self, name: str) -> None:
        self.first.append(name)
        self.came.set()

    def on_later(self, number: int) -> None:
        self.later.append(number)
        self.came_again.set()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_the_first_signal_asks_to_stop(number: signal.Signals) -> None:
    listener = Listener()
    with stop_on_signals(listener.on_first, listener.on_later):
        os.kill(os.getpid(), number)
        assert listener.came.wait(5)
    assert (listener.first, listener.later) == ([number.name], [])


def test_the_same_wish_sent_twice_counts_once() -> None:
    listener = Listener()
    with stop_on_signals(listener.on_first, listener.on_later):
        os.kill(os.getpid(), signal.SIGTERM)
        assert listener.came.wait(5)
        os.kill(os.getpid(), signal.SIGTERM)
    assert (listener.first, listener.later) == (["SIGTERM"], [])


@pytest.mark.slow
def test_a_later_signal_ends_it() -> None:
    listener = Listener()
    with stop_on_signals(listener.on_first, listener.on_later):
        os.kill(os.getpid(), signal.SIGTERM)
        assert listener.came.wait(5)
        time.sleep(SAME_SECONDS + 0.1)
        os.kill(os.getpid(), signal.SIGINT)
        assert listener.came_again.wait(5)
    assert (listener.first, listener.later) == (["SIGTERM"], [signal.SIGINT])


def test_afterwards_signals_are_as_before() -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    with stop_on_signals(lambda _: None, lambda _: None):
        pass
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
