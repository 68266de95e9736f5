import random

from rulectl.workqueue.backoff import Backoff


def backoff() -> Backoff[str]:
    return Backoff(1.0, 30.0, randomness=random.Random(7))


def test_each_failure_doubles_the_wait_give_or_take_a_tenth() -> None:
    b = backoff()
    delays = [b.fail("a") for _ in range(4)]
    assert all(0.9 * 2**n <= delay <= 1.1 * 2**n for n, delay in enumerate(delays))


def test_no_wait_is_longer_than_the_limit_however_often_it_failed() -> None:
    b = backoff()
    assert max(b.fail("a") for _ in range(5000)) == 30.0


def test_a_failing_key_does_not_slow_another() -> None:
    b = backoff()
    for _ in range(10):
        b.fail("bad")
    assert b.fail("good") <= 1.1


def test_a_forgotten_key_begins_anew() -> None:
    b = backoff()
    b.fail("a")
    b.fail("a")
    b.forget("a")
    assert (b.failures("a"), b.fail("a") <= 1.1, b.failures("a")) == (0, True, 1)


def test_two_keys_that_fail_together_do_not_come_back_together() -> None:
    b = backoff()
    assert b.fail("a") != b.fail("b")
