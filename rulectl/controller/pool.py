"""The workers: threads under a global cap, each rule with no more of them than it asks for."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

from rulectl.clock import Clock
from rulectl.controller.controller import Controller, QueueKey

GLOBAL_CAP = 32
GRACE_SECONDS = 2.0
"""How long an action may take beyond its deadline before its worker is given up."""
_LONGEST_WAIT_SECONDS = 1.0
_PARKED_SECONDS = 60.0
"""How long those sleep that nobody needs: one of them keeps the time for all."""
PATIENCE_SECONDS = 0.01
"""How long a worker may decide before the others go on without it."""


@dataclass(slots=True)
class Job:
    """A key that one worker has taken.

    `deadline` is that of the action that runs now (monotonic; None: none does). A job that is past it by more than
    the grace is given up: its key stays locked until it ends after all, and its worker counts no more for its rule.
    """

    controller: Controller
    key: QueueKey
    begun: float
    deadline: float | None = None
    action: str = ""
    given_up: bool = False


def _held() -> threading.Lock:
    lock = threading.Lock()
    lock.acquire()
    return lock


@dataclass(slots=True, eq=False)
class _Parked:
    """A worker with nothing to do, until `look_at` (monotonic) or until `bell` is released."""

    look_at: float
    bell: threading.Lock = field(default_factory=_held)


class WorkerPool:
    """Hands ready keys to workers, one rule after the other, so that no rule keeps the others waiting.

    With `start` threads do it; without, one thread calls `step`. A rule has at most `workers` keys under way,
    all rules together at most `cap`.

    While one worker decides, no other takes a key: only one Python thread computes at a time, and to take turns at
    it costs more than most decisions do. Once it begins to wait for something, as actions do, the next one goes on.
    """

    def __init__(self, clock: Clock, *, cap: int = GLOBAL_CAP, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._clock = clock
        self._patience = patience_seconds
        self._cap = cap
        self._condition = threading.Condition()
        self._controllers: list[Controller] = []
        self._running: dict[str, int] = {}
        self._jobs: dict[int, Job] = {}
        self._turn = 0
        self._parked: list[_Parked] = []
        self._is_waking = False
        """A worker was woken for a key and has not looked yet; it wakes the next if there is more."""
        self._decides: int | None = None
        """The thread of the worker that decides, since `_decides_since` (monotonic)."""
        self._decides_since = 0.0
        self._stopping = False
        self._threads: list[threading.Thread] = []
        self._mine = threading.local()
        self.died: BaseException | None = None
        """What ended a worker that nothing should have ended; the process must end too."""

    def add(self, controller: Controller) -> None:
        """Takes a rule in."""
        with self._condition:
            self._controllers.append(controller)
            self._running.setdefault(controller.rule.name, 0)
            self._wake_one()

    def remove(self, controller: Controller) -> None:
        """Hands out no more keys of a rule; those under way are finished."""
        with self._condition:
            self._controllers = [other for other in self._controllers if other is not controller]

    def signal(self) -> None:
        """A key may be ready somewhere."""
        # Who was woken, or decides, looks again after what is seen here, so that nearly all calls need no lock.
        if self._is_waking or self._is_deciding():
            return
        with self._condition:
            if not self._is_waking:
                self._wake_one()

    def step(self) -> bool:
        """Handles one ready key on this thread; False: there is none now."""
        with self._condition:
            job = self._take()
        if job is None:
            return False
        self._work(job)
        return True

    def next_deadline(self) -> float | None:
        """The monotonic time at which a delayed key becomes ready; None: none waits."""
        deadlines = (controller.queue.next_deadline() for controller in self._controllers if controller.is_started)
        return min((one for one in deadlines if one is not None), default=None)

    def start(self, count: int | None = None) -> None:
        """Starts the threads: as many as the rules ask for, up to the cap."""
        wanted = sum(controller.rule.workers for controller in self._controllers) if count is None else count
        for number in range(len(self._threads), max(1, min(self._cap, wanted))):
            thread = threading.Thread(target=self._run, name=f"rulectl-worker-{number}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def on_action(self, action: str, deadline: float | None) -> None:
        """The action that begins on this worker's thread, and when it has to have ended; None: it has."""
        job: Job | None = getattr(self._mine, "job", None)
        if job is not None:
            job.action, job.deadline = action, deadline

    def on_wait(self) -> None:
        """The worker on this thread is about to wait for a disk, a server or a process: others may take keys."""
        if self._decides != threading.get_ident():
            return
        with self._condition:
            self._decides = None
            self._hand_over()

    def give_up_overdue(self) -> list[Job]:
        """The jobs whose action has not ended in time, each told once; their workers are replaced.

        There are never more threads than the cap: once all are lost this way, `is_exhausted` says so.
        """
        now = self._clock.monotonic()
        with self._condition:
            lost = [
                job
                for job in self._jobs.values()
                if not job.given_up and job.deadline is not None and job.deadline + GRACE_SECONDS < now
            ]
            for job in lost:
                job.given_up = True
                self._running[job.controller.rule.name] -= 1
                self._wake_one()  # its rule may have another key under way now
            replace = min(len(lost), self._cap - len(self._threads)) if self._threads and not self._stopping else 0
        if replace > 0:
            self.start(len(self._threads) + replace)
        return lost

    @property
    def is_exhausted(self) -> bool:
        """Whether every worker that may be is stuck in an action that has not ended in time."""
        with self._condition:
            return sum(job.given_up for job in self._jobs.values()) >= self._cap

    def drain(self, seconds: float) -> int:
        """Hands out no more keys and waits up to `seconds` for those under way; how many were left."""
        end = self._clock.monotonic() + seconds
        with self._condition:
            self._stopping = True
            while self._parked:
                self._wake_one()
            while self._jobs and self._clock.monotonic() < end:
                self._condition.wait(min(0.2, max(0.0, end - self._clock.monotonic())))
            return len(self._jobs)

    def active(self) -> list[Job]:
        """The keys under way."""
        with self._condition:
            return list(self._jobs.values())

    def depths(self) -> dict[str, int]:
        """How many keys of each rule wait."""
        return {controller.rule.name: len(controller.queue) for controller in self._controllers}

    def is_idle(self) -> bool:
        """Whether no key is under way and none is ready."""
        with self._condition:
            return not self._jobs and all(self._is_quiet(controller) for controller in self._controllers)

    def _is_quiet(self, controller: Controller) -> bool:
        return controller.is_started and controller.queue.is_idle()

    def _take(self) -> Job | None:
        """The next job; the caller holds the lock."""
        if self._stopping or len(self._jobs) >= self._cap:
            return None
        for controller in self._in_turn():
            name = controller.rule.name
            if self._running.get(name, 0) >= controller.rule.workers:
                continue
            key = controller.take()
            if key is None:
                continue
            self._running[name] = self._running.get(name, 0) + 1
            job = Job(controller, key, self._clock.monotonic())
            self._jobs[id(job)] = job
            return job
        return None

    def _in_turn(self) -> Iterable[Controller]:
        count = len(self._controllers)
        start = self._turn % count if count else 0
        for offset in range(count):
            self._turn = start + offset + 1
            yield self._controllers[(start + offset) % count]

    def _work(self, job: Job) -> None:
        self._mine.job = job
        try:
            job.controller.work(job.key)
        finally:
            self._mine.job = None
            with self._condition:
                if not job.given_up:
                    self._running[job.controller.rule.name] -= 1
                del self._jobs[id(job)]
                if self._stopping:
                    self._condition.notify_all()

    def _run(self) -> None:
        try:
            while (job := self._next()) is not None:
                self._work(job)
        except BaseException as end:
            self.died = end
            raise

    def _next(self) -> Job | None:
        """Waits for a job; None: no more are handed out.

        Workers are woken one at a time, the one that parked last first: waking all for every key costs more than
        most keys do.
        """
        mine = threading.get_ident()
        while True:
            with self._condition:
                if self._stopping:
                    return None
                self._is_waking = False
                if self._decides == mine:
                    self._decides = None
                job = None if self._is_deciding() else self._take()
                if job is not None:
                    self._decides, self._decides_since = mine, job.begun
                    self._hand_over()
                    return job
                place = self._park()
                seconds = max(0.001, place.look_at - self._clock.monotonic())
            if not place.bell.acquire(timeout=seconds):
                with self._condition:
                    if place in self._parked:  # else it was woken in this very moment
                        self._parked.remove(place)

    def _park(self) -> _Parked:
        """One keeps the time for all, and is the last to be woken for a key; the others sleep longer."""
        now = self._clock.monotonic()
        deadline = min(now + _LONGEST_WAIT_SECONDS, _or_never(self.next_deadline()))
        if self._is_deciding():
            deadline = self._decides_since + self._patience
        if any(place.look_at <= deadline for place in self._parked):
            place = _Parked(now + _PARKED_SECONDS)
            self._parked.append(place)
        else:
            place = _Parked(deadline)
            self._parked.insert(0, place)
        return place

    def _is_deciding(self) -> bool:
        """Whether a worker decides, and has not done so for too long."""
        return self._decides is not None and self._clock.monotonic() < self._decides_since + self._patience

    def _hand_over(self) -> None:
        """This worker will be busy: wakes another if a key is ready, or becomes so before anyone looks."""
        if not self._parked:
            return
        kept = min(place.look_at for place in self._parked)
        if self._decides is not None and kept <= self._decides_since + self._patience:
            return  # that one takes over if this takes long
        if kept > self._clock.monotonic() + _LONGEST_WAIT_SECONDS or any(
            self._has_more(one, kept) for one in self._controllers
        ):
            self._wake_one()

    def _has_more(self, controller: Controller, until: float) -> bool:
        if not controller.is_started or self._running.get(controller.rule.name, 0) >= controller.rule.workers:
            return False
        return controller.queue.has_ready() or _or_never(controller.queue.next_deadline()) < until

    def _wake_one(self) -> None:
        if self._parked:
            self._is_waking = True
            self._parked.pop().bell.release()


def _or_never(moment: float | None) -> float:
    return math.inf if moment is None else moment
