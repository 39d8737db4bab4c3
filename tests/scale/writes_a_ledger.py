"""Goes on with a ledger as a driver and its notary do, and says what has been acknowledged; is killed meanwhile."""

from __future__ import annotations

import sys
from pathlib import Path
from threading import Thread

from ledgers import RUN, made, many

from kerchief.scale.ledger.ledger import Ledger


def main(path: Path, count: int) -> None:
    with Ledger(path) as ledger, Ledger(path) as notary:
        ledger.begin_run(RUN, resume=True)
        ledger.note_outputs([])
        listing = Thread(target=_list, args=(path, count), daemon=True)
        listing.start()
        while tasks := ledger.take(5) or (listing.is_alive() and [None]):
            for task in filter(None, tasks):
                begun = notary.begin(task.number)
                say("begun", task.number, begun.attempt)
                copy = begun.intent or made(task)
                notary.intend(copy)
                say("intended", task.number, copy.output_sha256)
                ledger.done([copy])
                say("done", task.number, task.output)


def _list(path: Path, count: int) -> None:
    with Ledger(path) as ledger:
        ledger.add(many(count))
        ledger.end_listing()


def say(*words: object) -> None:
    print(*words, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
