"""The same work on many files: what goes wrong with one is kept and told, and the rest goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TypeVar

from kerchief.errors import KerchiefError, Unexpected, WeightsError
from kerchief.ports import BatchProgress, Progress

Item = TypeVar("Item")
Made = TypeVar("Made")


def each(
    items: Sequence[tuple[Path, Item]],
    work: Callable[[Item, Progress | None], Made],
    errors: list[KerchiefError],
    progress: BatchProgress | None = None,
) -> Iterator[Made]:
    """What comes of every item, less those that fail.

    Args:
        items: each with the file that it is about.
        work: done with each; it may tell how far it is.
        errors: what goes wrong is added here.
        progress: told how many are done, and how far each is.

    Raises:
        WeightsError: no item can be done without the networks.
    """
    if progress:
        progress.files(len(items))
    for path, item in items:
        with progress.file(path.name) if progress else nullcontext() as within:
            try:
                yield work(item, within)
            except WeightsError:
                raise
            except KerchiefError as error:
                errors.append(error)
            except Exception as error:  # noqa: BLE001 - an outer edge: a fault with one file must not end the batch
                errors.append(Unexpected.of(str(path), error))
