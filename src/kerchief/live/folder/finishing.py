"""One file of a watched folder: from whole to published, and to deleted if that is wanted.

The log tells of a copy before the copy has its name, so whatever ends at whatever moment, the next run finds the
finished copy or makes it anew: each original has one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from kerchief.batch.run import Result
from kerchief.batch.walk import Job
from kerchief.batch.worklog import entry_of, lying_there, must_be_sayable
from kerchief.errors import InputRefused, KerchiefError, Unexpected, WeightsError
from kerchief.live.folder.deleting import Kept, Published, delete_original
from kerchief.live.folder.hold import Hold
from kerchief.live.folder.log import Log
from kerchief.live.folder.places import Place, Places
from kerchief.live.folder.stamps import Stamp, stamp_of
from kerchief.pipeline import Outcome, plan_source, render_source
from kerchief.plan.edits import changed
from kerchief.ports import Progress
from kerchief.prove.receipt import encode as encode_receipt
from kerchief.store.publish import file_digest
from kerchief.tools import Source, Tools


@dataclass(frozen=True, slots=True)
class Finished:
    """What came of a file.

    Attributes:
        result: as of a file of any run.
        is_deleted: the original is no more.
        kept: why the original was not deleted though that was wanted; empty where it was not, or is done.
        has_changed: the file changed, or went, while it was worked on; an error is no news then.
    """

    result: Result
    is_deleted: bool = False
    kept: str = ""
    has_changed: bool = False


class Finisher:
    """Does files, in several threads at the same time.

    Args:
        output: folder of the copies.
        places: where copies and receipts go.
        log: what was done, and what is about to be.
        hold: on output and log.
        deletes: whether originals are deleted.
    """

    def __init__(self, output: Path, places: Places, log: Log, hold: Hold, *, deletes: bool) -> None:
        self._output, self._places, self._log, self._hold = output, places, log, hold
        self.deletes = deletes

    def finish(self, job: Job, stamp: Stamp, tools: Tools, progress: Progress | None = None) -> Finished:
        """Do one file.

        Args:
            job: the file.
            stamp: what it looked like when it was found to be whole.
            tools: of this thread.
            progress: told how far it is.

        Raises:
            WeightsError: no file can be done without the networks.
        """
        try:
            return self._finished(job, stamp, tools, progress)
        except WeightsError:
            raise
        except KerchiefError as error:
            result = Result(job, error=error)
        except Exception as error:  # noqa: BLE001 - an outer edge: a fault with one file must not end the run
            result = Result(job, error=Unexpected.of(str(job.source), error))
        return Finished(result, has_changed=stamp_of(job.source) != stamp)

    def _finished(self, job: Job, stamp: Stamp, tools: Tools, progress: Progress | None) -> Finished:
        result, kept = self._copied(job, stamp, tools, progress), ""
        if self.deletes:
            try:
                delete_original(_published(result, stamp, tools), self._output)
            except Kept as why:
                kept = str(why)
            else:
                return Finished(result, is_deleted=True)
        return Finished(result, kept=kept, has_changed=stamp_of(job.source) != stamp)

    def _copied(self, job: Job, stamp: Stamp, tools: Tools, progress: Progress | None) -> Result:
        must_be_sayable(job.source)
        self._hold.check()
        settings = tools.settings.digest()
        sha256 = _digest(job.source)
        entries = self._log.entries(job.source, sha256, settings)
        earlier = lying_there(entries)
        if earlier:
            return Result(job, earlier=earlier)
        source = tools.open(job.source)
        if source.info.sha256 != sha256:
            raise _has_changed(job.source)
        with self._places.chosen(job, source.info, entries) as place:
            return Result(job, outcome=self._rendered(job, stamp, source, place, tools, progress))

    def _rendered(
        self, job: Job, stamp: Stamp, source: Source, place: Place, tools: Tools, progress: Progress | None
    ) -> Outcome:
        receipt = b""

        def publishing(outcome: Outcome) -> None:
            nonlocal receipt
            if stamp_of(job.source) != stamp:  # an upload that only paused, of a kind that is whole wherever it ends
                raise _has_changed(job.source)
            self._hold.check()
            entry = entry_of(job.source, outcome, tools.settings.digest())
            if place.receipt is None:
                self._log.add(entry)
                return
            receipt = encode_receipt(outcome.receipt)
            self._log.add(changed(entry, receipt_sha256=hashlib.sha256(receipt).hexdigest()))
            place.write_receipt(receipt)

        plan = plan_source(source, tools, progress)
        try:
            return render_source(source, plan, place.copy, tools, progress, place.replaces, publishing)
        except BaseException:
            place.take_back_receipt(receipt)
            raise


def _published(result: Result, stamp: Stamp, tools: Tools) -> Published:
    """The original of a result without an error, and its copy.

    Raises:
        InputRefused: the original of an earlier copy can't be opened, so nobody knows what it holds.
        Kept: it has no copy.
    """
    path = result.job.source
    if outcome := result.outcome:
        receipt = outcome.receipt
        sha256, left_out = outcome.plan.media.sha256, receipt.applied.removed
        return Published(path, stamp, sha256, outcome.output, receipt.output.sha256, left_out)
    if entry := result.earlier:
        source = tools.open(path)
        left_out = (*source.holds, *source.info.dropped)
        return Published(path, stamp, entry.source_sha256, Path(entry.output), entry.output_sha256, left_out)
    raise Kept("it has no copy")


def _digest(path: Path) -> str:
    try:
        return file_digest(path)
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise InputRefused(str(path), f"can't be read ({reason})", "Check whether you may read it.") from None


def _has_changed(path: Path) -> InputRefused:
    return InputRefused(str(path), "the file changed while it was read", "It is waited for.")
