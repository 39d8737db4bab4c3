"""The long films of a run: each has a thread of its own that leads it through the pool, piece by piece."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext

from kerchief.errors import KerchiefError, Unexpected, WeightsError
from kerchief.scale.batches import is_film
from kerchief.scale.cluster.pool import Pool, WorkerLost
from kerchief.scale.films.in_pieces import FilmInPieces, WholeFilm
from kerchief.scale.ledger.ledger import Ledger
from kerchief.scale.progress import RunProgress
from kerchief.scale.tasks import Failed, Finished, Task
from kerchief.settings import Settings

#: Smaller files are done before pieces of them would be: so much is 80 seconds at 400 kbit a second.
LEAST_BYTES = 4 << 20
#: Films at once: while one is joined, by one worker, the others work on the next.
AT_ONCE, FOR_EACH = 2, 8


class Films:
    """Leads films through the pool.

    Args:
        ledger: of the run.
        pool: of workers.
        settings: what the user chose.
        progress: told how far each film is.
    """

    def __init__(self, ledger: Ledger, pool: Pool, settings: Settings, progress: RunProgress | None) -> None:
        self._ledger, self._pool, self._settings, self._progress = ledger, pool, settings, progress
        self._threads = ThreadPoolExecutor(AT_ONCE + pool.size // FOR_EACH)
        self._whole: set[int] = set()

    def are_for(self, task: Task) -> bool:
        """Whether a file is to be led, as far as its name and size tell."""
        if task.number in self._whole:
            self._whole.remove(task.number)
            return False
        return is_film(task) and task.size >= LEAST_BYTES

    def submit(self, task: Task) -> Future[tuple[Finished | Failed, ...]]:
        """Lead a film; ``WholeFilm`` where it turns out to be none that is led."""
        return self._threads.submit(self._lead, task)

    def close(self) -> None:
        """Wait for the threads; the pool is closed."""
        self._threads.shutdown(cancel_futures=True)

    def _lead(self, task: Task) -> tuple[Finished | Failed, ...]:
        """What came of a film. The attempt counts however it ends, unless the film turns out to be none that is led."""
        try:
            begun = self._ledger.begin(task.number)
            with self._progress.file(_name(task)) if self._progress else nullcontext() as progress:
                return (FilmInPieces(task, self._pool, progress).redact(begun, self._settings),)
        except WholeFilm:
            self._whole.add(task.number)
            raise
        except WeightsError:
            raise
        except Exception as error:  # an outer edge: a fault with one film must not end the run
            if self._pool.broken is not None:
                raise self._pool.broken from None  # no fault of this film: it ends the run
            if isinstance(error, WorkerLost):
                raise
            known = error if isinstance(error, KerchiefError) else Unexpected.of(task.source, error)
            return (Failed.of(task.number, known),)


def _name(task: Task) -> str:
    return task.source[task.source.rfind("/") + 1 :]
