"""Sources → ledger: which files are meant, by the same rules as on one machine, written down as they are found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from threading import Event

from kerchief.batch.meant import Sort, sort_of
from kerchief.errors import UsageError
from kerchief.scale.ledger.ledger import Ledger
from kerchief.scale.storage import Found, Place, steps


@dataclass(frozen=True, slots=True)
class Listing:
    """What a listing passed over.

    Attributes:
        left_out: files in folders that are neither pictures nor anything that should have been one.
        outputs: files in folders that are kerchief's own outputs.
        is_whole: whether it came to its end.
    """

    left_out: int = 0
    outputs: int = 0
    is_whole: bool = True


def list_into(ledger: Ledger, sources: Iterable[Place], output: Place, stop: Event | None = None) -> Listing:
    """List a run's files into its ledger; other threads take them meanwhile.

    Args:
        ledger: a pass has begun.
        sources: files and folders.
        output: folder of the copies; not searched for originals.
        stop: set: it is enough.

    Raises:
        UsageError: a source does not exist.
        InputRefused: a folder can't be read.
        OutputError: the ledger can't be written.
    """
    stop = stop or Event()
    passed: Counter[Sort] = Counter()
    ledger.note_outputs(found for found in _until(stop, _there(output)) if found is not None)
    if not stop.is_set():
        ledger.redo_missing()
    for source in sources:
        ledger.add(_meant(_until(stop, steps(source, but_not=output)), source, passed))
    if not stop.is_set():
        ledger.end_listing()
    return Listing(passed[Sort.OTHER], passed[Sort.OUTPUT], is_whole=not stop.is_set())


def _meant(listing: Iterator[Found | None], source: Place, passed: Counter[Sort]) -> Iterator[Found | None]:
    """Those of a listing that are meant, and None in the place of others."""
    for found in listing:
        if found is None:
            yield None
            continue
        sort = Sort.MEANT if found.place == source else sort_of(found.place.name)
        passed[sort] += 1
        yield found if sort is Sort.MEANT else None


def _there(output: Place) -> Iterator[Found | None]:
    try:
        yield from steps(output)
    except UsageError:
        return  # nothing is there yet


def _until(stop: Event, found: Iterator[Found | None]) -> Iterator[Found | None]:
    for one in found:
        if stop.is_set():
            return
        yield one
