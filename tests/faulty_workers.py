"""Workers with a fault, for processes that tests start: the command line gets them in the place of the real ones."""

from __future__ import annotations

import errno
import os

from kerchief.scale.tasks import Failed, Task
from kerchief.scale.worker import Finished, Worker
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


class Full(Worker):
    """Writes to a disk that is full."""

    def redact(self, tasks: tuple[Task, ...]) -> tuple[Finished | Failed, ...]:
        def full(_: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        publish.os.fsync = full  # type: ignore[assignment]
        return super().redact(tasks)
