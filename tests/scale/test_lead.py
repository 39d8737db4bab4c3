"""What ends a film that is led, and what that is taken for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn, cast

import pytest
from ledgers import RUN, found

from kerchief.errors import KerchiefError, UsageError
from kerchief.scale.cluster.pool import WorkerLost
from kerchief.scale.films import lead
from kerchief.scale.films.lead import Films
from kerchief.scale.ledger.ledger import Ledger
from kerchief.scale.tasks import Task
from kerchief.settings import Settings


class Workers:
    """A pool of which only its size, and whether it is broken, is asked."""

    size = 2

    def __init__(self, broken: KerchiefError | None) -> None:
        self.broken = broken


class Dying:
    """A film whose worker dies each time."""

    def __init__(self, *_: object) -> None:
        pass

    def redact(self, *_: object) -> NoReturn:
        raise WorkerLost


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "a.sqlite") as opened:
        opened.begin_run(RUN, resume=False)
        opened.redo_missing()
        opened.add([found("film.mp4")])
        yield opened


def led(ledger: Ledger, broken: KerchiefError | None, monkeypatch: pytest.MonkeyPatch) -> BaseException | None:
    monkeypatch.setattr(lead, "FilmInPieces", Dying)
    films = Films(ledger, cast("Any", Workers(broken)), Settings(), None)
    (task,) = cast("tuple[Task]", tuple(ledger.take(1)))
    try:
        return films.submit(task).exception(10)
    finally:
        films.close()


def test_a_death_is_a_death(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(led(ledger, None, monkeypatch), WorkerLost)


def test_where_no_worker_will_do_any_more_the_run_ends_and_no_film_is_blamed(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = UsageError("--engine ray", "no worker could be started", "Wait.")
    assert led(ledger, broken, monkeypatch) is broken
