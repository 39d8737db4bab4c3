"""How many photos go to a worker at once: enough that the way costs nothing, few enough that none waits at the end."""

from __future__ import annotations

from kerchief.batch.meant import FILMS
from kerchief.scale.tasks import Task

#: Work in a batch, in seconds.
SECONDS = 2.0
#: Photos in a batch at most, and in the first ones, when nobody knows how long one takes.
MOST, FIRST = 16, 2
#: How much the last batch counts in the mean.
NEWS = 0.2


class Batches:
    """Fits the size of batches to the time that photos take.

    Args:
        workers: how many share the work.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._seconds: float | None = None

    def note(self, files: int, seconds: float) -> None:
        """What a batch took."""
        mean = seconds / files
        self._seconds = mean if self._seconds is None else (1 - NEWS) * self._seconds + NEWS * mean

    def size(self, left: int | None) -> int:
        """Photos in the next batch.

        Args:
            left: files that are not done yet; None while nobody knows.
        """
        fits = FIRST if self._seconds is None else int(SECONDS / max(self._seconds, 1e-3))
        if left is not None:
            fits = min(fits, left // (2 * self._workers))
        return max(1, min(MOST, fits))


def is_film(task: Task) -> bool:
    """Whether a file takes long, by its name."""
    return task.source[task.source.rfind(".") :].lower() in FILMS
