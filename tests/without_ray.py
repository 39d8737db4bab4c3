"""A cluster that is this process: the driver, the ledger and the workers are the real ones, only Ray is not there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import cv2

from kerchief.scale.cluster.pool import Hand


class Here(Hand):
    """An object in this process, called by the pool's thread."""

    def __init__(self, make: Callable[[], object]) -> None:
        self._make = make
        self._object: object | None = None

    def is_ready(self, seconds: float) -> bool:
        if self._object is None:
            self._object = self._make()
        return True

    def call(self, method: str, *args: object) -> object:
        self.is_ready(0)
        return getattr(self._object, method)(*args)

    def keep(self, method: str, *args: object) -> object:
        raise NotImplementedError

    def stop(self) -> None:
        if self._object is not None:
            self._object.stop()  # type: ignore[attr-defined]

    def dismiss(self) -> None:
        if self._object is not None:
            self._object.close()  # type: ignore[attr-defined]
            self._object = None


class Process:
    """This process as a cluster with one CPU."""

    cores = 1
    gpus = 0.0

    def hire(self, kind: type, *args: object, gpus: float = 0) -> Here:
        return Here(lambda: kind(*args))

    def hire_here(self, kind: type, *args: object) -> Here:
        return Here(lambda: kind(*args))


@contextmanager
def cluster(address: str | None = None, cores: int | None = None) -> Iterator[Process]:
    threads = cv2.getNumThreads()
    try:
        yield Process()
    finally:
        cv2.setNumThreads(threads)
