"""Workers with a fault, for processes that tests start: the command line gets them in the place of the real ones."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from kerchief.pipeline import Outcome
from kerchief.scale.films.footage import Timed
from kerchief.scale.tasks import Failed, Finished, Task
from kerchief.scale.worker import Worker, _File
from kerchief.store import publish


class Poisoned(Worker):
    """Dies of every file called poison, once it has begun with it; as a crash in a library would do."""

    def redact(self, tasks: tuple[Task, ...]) -> tuple[Finished | Failed, ...]:
        came: tuple[Finished | Failed, ...] = ()
        for task in tasks:
            if "-poison." in task.source:
                self._notary.begin(task.number)
                os._exit(1)
            came += super().redact((task,))
        return came


class DiesLate(Worker):
    """Dies of every file called poison when it has said that it is about to publish its copy."""

    def _announce(self, file: _File, outcome: Outcome) -> None:
        super()._announce(file, outcome)
        if "-poison." in file.target.url:
            os._exit(1)


class Full(Worker):
    """Writes to a disk that is full."""

    def redact(self, tasks: tuple[Task, ...]) -> tuple[Finished | Failed, ...]:
        def full(_: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        publish.os.fsync = full  # type: ignore[assignment]
        return super().redact(tasks)


class Noting(Worker):
    """Writes down the steps of films that it is asked for, into a file called steps."""

    def redact(self, tasks: tuple[Task, ...]) -> tuple[Finished | Failed, ...]:
        self._note("redact")
        return super().redact(tasks)

    def film(self, step: str, *args: object) -> Timed:
        self._note(step)
        return super().film(step, *args)

    def film_chunks(self, step: str, *args: object) -> Iterator[bytes]:
        self._note(step)
        return super().film_chunks(step, *args)

    def _note(self, step: str) -> None:
        with (Path(os.environ["KERCHIEF_NOTES"]) / "steps").open("a") as file:
            file.write(f"{step}\n")


class Dies(Noting):
    """Dies of every survey."""

    def _note(self, step: str) -> None:
        super()._note(step)
        if step == "survey":
            os._exit(1)


class DiesOnce(Noting):
    """Dies of the first of each kind of step, before or within it."""

    def _note(self, step: str) -> None:
        super()._note(step)
        with suppress(FileExistsError):
            if step in ("watch", "cover", "join", "look"):
                (Path(os.environ["KERCHIEF_NOTES"]) / f"died-{step}").touch(exist_ok=False)
                os._exit(1)
