"""``kerchief watch``, put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kerchief.batch.worklog import must_be_sayable
from kerchief.live.events import Tell
from kerchief.live.folder.finishing import Finished, Finisher
from kerchief.live.folder.hold import Hold
from kerchief.live.folder.log import Log
from kerchief.live.folder.places import Places
from kerchief.live.folder.watching import Watch, Watcher
from kerchief.ports import BatchProgress
from kerchief.settings import Settings
from kerchief.tools import Tools


@dataclass(frozen=True, slots=True)
class Copying:
    """What becomes of the files.

    Attributes:
        output: folder for the copies; made if it is missing.
        worklog: the private log; made if it is missing.
        receipts: folder for receipts; None: none are written.
        keep_names: keep names that a device gave.
        deletes: whether an original is deleted once its copy is on the disk.
    """

    output: Path
    worklog: Path
    receipts: Path | None = None
    keep_names: bool = False
    deletes: bool = False


def watch_folder(
    watch: Watch,
    copying: Copying,
    settings: Settings,
    report: Callable[[Finished], None],
    tell: Tell,
    progress: BatchProgress | None = None,
) -> None:
    """Do every file of a folder, and every one that lands in it, until an exception comes, such as an interrupt.

    Args:
        watch: the folder, which is there.
        copying: what becomes of its files.
        settings: how they are covered.
        report: told what came of each file.
        tell: told what else happens.
        progress: told how far the files are that are being worked on.

    Raises:
        InputRefused: the output folder's name can't be written down.
        OutputError: another run has the output folder or the log, or one of them can't be used.
        WeightsError: a network is missing, changed, or blind on this machine.
    """
    must_be_sayable(copying.output)
    with Hold(copying.output, copying.worklog) as hold, Tools(settings) as tools:
        _ = tools.networks  # a fault with them is told now, not when the first file lands
        log = Log(copying.worklog, copying.output)
        places = Places(copying.output, copying.receipts, keep_names=copying.keep_names)
        finisher = Finisher(copying.output, places, log, hold, deletes=copying.deletes)
        Watcher(watch, finisher, log, tools, report, tell, progress).run()
