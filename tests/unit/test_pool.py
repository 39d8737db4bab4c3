"""The pool of workers, with workers that are made of nothing: who dies, who is late, and who has to wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from typing import Any

import pytest

from kerchief.errors import KerchiefError, Unexpected, UsageError, WeightsError
from kerchief.scale.cluster import pool as pools
from kerchief.scale.cluster.pool import WAITING, Pool, WorkerLost


class Fake:
    """A worker: ``say`` returns what it is given, ``hold`` waits until it may go on, ``die`` kills it."""

    def __init__(self, ready: Callable[[], bool] = lambda: True) -> None:
        self._ready = ready
        self.go_on = threading.Event()
        self.is_held = threading.Event()
        self.dismissed = 0

    def is_ready(self, seconds: float) -> bool:
        return self._ready() or (time.sleep(0.01), False)[1]

    def call(self, method: str, *args: object) -> object:
        return getattr(self, method)(*args)

    def say(self, word: str) -> str:
        return word

    def fail(self) -> None:
        raise ValueError("of its own")

    def hold(self) -> str:
        self.is_held.set()
        return "in time" if self.go_on.wait(10) else "late"

    def die(self) -> None:
        raise WorkerLost("died")

    def stop(self) -> None:
        self.go_on.set()

    def dismiss(self) -> None:
        self.dismissed += 1


class Agency:
    """Hires fakes and remembers them."""

    def __init__(self, *coming: Fake) -> None:
        self.hired: list[Fake] = []
        self._coming = list(coming)
        self._lock = threading.Lock()

    def __call__(self) -> Fake:
        with self._lock:
            self.hired.append(self._coming.pop(0) if self._coming else Fake())
            return self.hired[-1]


@pytest.fixture
def made() -> Iterator[Callable[[Agency, int], Pool]]:
    pools_made: list[Pool] = []

    def make(agency: Agency, size: int) -> Pool:
        pools_made.append(Pool(agency, size))
        return pools_made[-1]

    yield make
    for one in pools_made:
        one.close()


Make = Callable[[Agency, int], Pool]


def died() -> bool:
    raise WorkerLost("at its start")


def use(pool: Pool) -> None:
    for _ in range(10):
        pool.submit("say", "never").result(10)


def results(*futures: Future[Any]) -> list[object]:
    assert not wait(futures, 10).not_done
    return [future.exception() or future.result() for future in futures]


def test_calls_are_done_and_what_they_raise_is_theirs(made: Make) -> None:
    agency = Agency()
    pool = made(agency, 1)
    said, failed, again = results(pool.submit("say", "yes"), pool.submit("fail"), pool.submit("say", "again"))
    assert (said, again) == ("yes", "again")
    assert isinstance(failed, ValueError)
    assert len(agency.hired) == 1, "a call that fails costs no worker"


def test_a_worker_that_dies_is_replaced_and_only_its_own_call_is_lost(made: Make) -> None:
    agency = Agency()
    pool = made(agency, 1)
    lost, said = results(pool.submit("die"), pool.submit("say", "on"))
    assert isinstance(lost, WorkerLost)
    assert said == "on"
    assert [one.dismissed for one in agency.hired] == [1, 0]


def test_many_deaths_while_at_work_do_not_end_the_pool(made: Make) -> None:
    agency = Agency()
    pool = made(agency, 1)
    for _ in range(3 * pools.STARTS):
        (lost,) = results(pool.submit("die"))
        assert isinstance(lost, WorkerLost)
    assert results(pool.submit("say", "on")) == ["on"]


def test_who_submits_waits_while_too_many_calls_wait(made: Make) -> None:
    agency = Agency()
    pool = made(agency, 1)
    running = pool.submit("hold")
    assert agency.hired[0].is_held.wait(10)
    waiting = [pool.submit("say", str(n)) for n in range(WAITING)]
    more: list[Future[Any]] = []
    thread = threading.Thread(target=lambda: more.append(pool.submit("say", "more")))
    thread.start()
    thread.join(0.2)
    assert thread.is_alive(), "one more than may wait"
    agency.hired[0].go_on.set()
    thread.join(10)
    assert results(running, *waiting, *more) == ["in time", *(str(n) for n in range(WAITING)), "more"]


def test_a_call_does_not_go_to_a_worker_that_is_still_to_come(made: Make) -> None:
    """A cluster that lost a node offers fewer CPUs than there are threads: none may hold a call back for its worker."""
    never = Fake(lambda: False)
    agency = Agency(never)
    pool = made(agency, 2)
    assert results(*(pool.submit("say", str(n)) for n in range(4))) == [str(n) for n in range(4)]


@pytest.mark.parametrize("error", [WeightsError("yunet", "is missing", "Install it."), UsageError("a", "b", "c.")])
def test_what_keeps_every_worker_from_work_ends_the_pool(error: KerchiefError, made: Make) -> None:
    def refuse() -> bool:
        raise error

    pool = made(Agency(Fake(refuse), Fake(refuse)), 2)
    for _ in range(2):
        with pytest.raises(type(error)):
            use(pool)


def test_workers_that_die_as_they_start_end_the_pool(made: Make) -> None:
    agency = Agency(*(Fake(died) for _ in range(9)))
    pool = made(agency, 1)
    with pytest.raises(Unexpected, match="3 worker processes died"):
        use(pool)
    assert len(agency.hired) == pools.STARTS


def test_a_cluster_that_cannot_be_asked_any_more_ends_the_pool(made: Make) -> None:
    """And not the thread alone: then whoever waits for a call would wait for ever."""

    class Gone(Agency):
        def __call__(self) -> Fake:
            raise ConnectionError

    pool = made(Gone(), 1)
    with pytest.raises(Unexpected, match="ConnectionError"):
        use(pool)


def test_without_any_worker_the_pool_gives_up(made: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "PATIENCE", 0.1)
    pool = made(Agency(Fake(lambda: False), Fake(lambda: False)), 2)
    with pytest.raises(UsageError, match="no worker could be started"):
        use(pool)


def test_closing_drops_what_waits_and_stops_what_runs(made: Make) -> None:
    agency = Agency()
    pool = made(agency, 1)
    running = pool.submit("hold")
    assert agency.hired[0].is_held.wait(10)
    waiting = pool.submit("say", "never")
    start = time.monotonic()
    pool.close()
    assert time.monotonic() - start < 5
    assert running.result(0) == "in time"
    assert waiting.cancelled()
    assert agency.hired[0].dismissed
    with pytest.raises(Unexpected, match="closed"):
        pool.submit("say", "never")


def test_a_worker_that_does_not_stop_is_ended(made: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    class Deaf(Fake):
        def stop(self) -> None:
            pass

        def dismiss(self) -> None:
            super().dismiss()
            self.go_on.set()

    monkeypatch.setattr(pools, "GRACE", 0.2)
    agency = Agency(Deaf())
    pool = made(agency, 1)
    pool.submit("hold")
    assert agency.hired[0].is_held.wait(10)
    pool.close()
    assert agency.hired[0].dismissed
    assert not any(thread.is_alive() for thread in pool._threads)
