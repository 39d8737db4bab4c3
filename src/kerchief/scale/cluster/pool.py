"""A pool of workers, each driven by a thread of this process: it runs one call at a time and hires anew when one dies.

What a worker is and where it runs is not said here: whoever makes the pool knows how to hire one.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Condition, Thread
from typing import Any, Protocol

from kerchief.errors import KerchiefError, Unexpected, UsageError

#: Calls that may wait for each worker. More would only be more to hand out again.
WAITING = 2
#: So long a call may go on after everything was stopped, in seconds; then its worker is ended.
GRACE = 10.0
#: So long a pool waits for its first worker, and without any, in seconds. Networks load in a few.
PATIENCE = 180.0
#: So often workers may die one after the other before they are ready.
STARTS = 3
#: How often a worker that is to come is asked for, in seconds.
ASK_SECONDS = 0.5


class WorkerLost(Exception):
    """A worker died, or can't be reached any more; whether its call was done is not known."""


class Hand(Protocol):
    """A worker, as the thread that drives it sees it."""

    def is_ready(self, seconds: float) -> bool:
        """Whether it is there and has loaded what it needs, waiting for it so long.

        Raises:
            WorkerLost: it died.
            KerchiefError: it can't work, and no other will.
        """

    def call(self, method: str, *args: object) -> object:
        """What a method of the worker returns, or raises.

        Raises:
            WorkerLost: it died.
        """

    def keep(self, method: str, *args: object) -> object:
        """The same of a method that gives chunks of bytes; they stay where they are, and come as ``Stored``.

        Raises:
            WorkerLost: it died.
        """

    def stop(self) -> None:
        """Let the call that runs end soon; from any thread, and without waiting."""

    def dismiss(self) -> None:
        """End it."""


@dataclass(frozen=True, slots=True, eq=False)
class _Call:
    method: str
    args: tuple[object, ...]
    is_kept: bool = False
    future: Future[Any] = field(default_factory=Future)


class Pool:
    """Runs calls on workers, in the order in which they were submitted. A context manager; for any number of threads.

    Args:
        hire: begins to bring a worker; called again for one that died.
        size: how many.

    Attributes:
        size: the same.
        deaths: workers that died at work.
    """

    def __init__(self, hire: Callable[[], Hand], size: int) -> None:
        self.size = size
        self.deaths = 0
        self._hire = hire
        self._changed = Condition()
        self._calls: deque[_Call] = deque()
        self._hands: set[Hand] = set()
        self._ready = 0
        self._alone_since = time.monotonic()
        self._is_closed = False
        self._broken: KerchiefError | None = None
        self._threads = [Thread(target=self._drive, daemon=True) for _ in range(size)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def submit(self, method: str, *args: object) -> Future[Any]:
        """Have a method of some worker called. Waits while too many calls wait already.

        Returns:
            Its result; or ``WorkerLost``, or what the method raised.

        Raises:
            KerchiefError: workers can't be had, or the pool is closed.
        """
        return self._submit(_Call(method, args))

    def keep(self, method: str, *args: object) -> Future[Any]:
        """The same for a method that gives chunks of bytes, which stay in the cluster; see ``Hand.keep``."""
        return self._submit(_Call(method, args, is_kept=True))

    def _submit(self, call: _Call) -> Future[Any]:
        with self._changed:
            self._changed.wait_for(lambda: self._is_over or len(self._calls) < WAITING * self.size)
            if self._broken is not None:
                raise self._broken
            if self._is_closed:
                raise Unexpected("", "the pool of workers is closed", "Run it again.")
            self._calls.append(call)
            self._changed.notify_all()
        return call.future

    def close(self) -> None:
        """Drop the calls that wait, let those that run end soon, and end all workers."""
        with self._changed:
            self._is_closed = True
            self._drop(None)
            hands = list(self._hands)
        for hand in hands:
            hand.stop()
        end = time.monotonic() + GRACE
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        with self._changed:
            hands = list(self._hands)
        for hand in hands:
            hand.dismiss()
        for thread in self._threads:
            thread.join(GRACE)

    @property
    def broken(self) -> KerchiefError | None:
        """Why no worker will do any more calls; None while some may."""
        return self._broken

    @property
    def _is_over(self) -> bool:
        return self._is_closed or self._broken is not None

    def _drop(self, error: KerchiefError | None) -> None:
        """Give the calls that wait an end."""
        while self._calls:
            future = self._calls.popleft().future
            if error is None:
                future.cancel()
            elif future.set_running_or_notify_cancel():
                future.set_exception(error)
        self._changed.notify_all()

    def _drive(self) -> None:
        """A thread: bring a worker, and have it do calls until everything is over."""
        deaths = 0
        while deaths < STARTS and not self._is_over:
            hand: Hand | None = None
            try:
                hand = self._hire()
                with self._changed:
                    self._hands.add(hand)
                if not self._wait_for(hand):
                    return
                deaths = 0
                self._serve(hand)
                return
            except WorkerLost:
                deaths += 1
            except KerchiefError as error:
                self._break(error)
                return
            except Exception as error:  # noqa: BLE001 - a thread's outer edge
                self._break(Unexpected.of("", error))
                return
            finally:
                if hand is not None:
                    with suppress(Exception):
                        hand.dismiss()
                    with self._changed:
                        self._hands.discard(hand)
        problem = f"{deaths} worker processes died one after the other as they started"
        self._break(Unexpected("", problem, "Run `kerchief doctor` on the machine, and see how much memory is free."))

    def _wait_for(self, hand: Hand) -> bool:
        """Whether the worker came before everything was over.

        Raises:
            UsageError: no worker at all has come for a long time.
        """
        while not hand.is_ready(ASK_SECONDS):
            with self._changed:
                if self._is_over:
                    return False
                if not self._ready and time.monotonic() - self._alone_since > PATIENCE:
                    problem = f"no worker could be started for {PATIENCE:.0f} seconds"
                    raise UsageError("--engine ray", problem, "See whether other jobs hold the cluster's CPUs.")
        return True

    def _serve(self, hand: Hand) -> None:
        """Have a worker do calls until everything is over, or it dies."""
        with self._changed:
            self._ready += 1
        try:
            while (call := self._next()) is not None:
                if not call.future.set_running_or_notify_cancel():
                    continue
                try:
                    result = (hand.keep if call.is_kept else hand.call)(call.method, *call.args)
                except WorkerLost as error:
                    with self._changed:
                        self.deaths += 1
                    call.future.set_exception(error)
                    raise
                except Exception as error:  # noqa: BLE001 - raised again where it belongs
                    call.future.set_exception(error)
                else:
                    call.future.set_result(result)
        finally:
            with self._changed:
                self._ready -= 1
                self._alone_since = time.monotonic()

    def _next(self) -> _Call | None:
        with self._changed:
            self._changed.wait_for(lambda: self._is_over or bool(self._calls))
            if self._is_over:
                return None
            call = self._calls.popleft()
            self._changed.notify_all()
            return call

    def _break(self, error: KerchiefError) -> None:
        """No worker will do any more calls."""
        with self._changed:
            if not self._is_over:
                self._broken = error
                self._drop(error)
