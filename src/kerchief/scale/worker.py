"""Redacts files in a process of its own, by the same pipeline as on one machine, so that a repetition does no harm.

A file's copy is told to the notary just before it gets its name. So whoever begins with the file again, after a crash
of whatever part at whatever moment, knows what to look for: the copy is there, and the file is done; or it is not, and
the file is done anew. A copy's receipt comes before it.
"""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from time import perf_counter
from typing import TypeVar

import cv2

from kerchief.errors import KerchiefError, OutputError, Unexpected, WeightsError
from kerchief.media.photos.encode import suffix
from kerchief.pipeline import MOVE_AWAY, TRY_AGAIN, Outcome, concluded, must_fit, plan_source, render_source
from kerchief.plan.model import Plan
from kerchief.prove.receipt import encode as encode_receipt
from kerchief.scale.cluster.chunks import ChunkLost
from kerchief.scale.cluster.folders import private_folder
from kerchief.scale.cluster.pool import WorkerLost
from kerchief.scale.films.footage import Cutter, Draft, Film, Timed
from kerchief.scale.films.seams import Unlike
from kerchief.scale.ledger.ledger import Begun
from kerchief.scale.notary import Notary
from kerchief.scale.storage import Place, at_hand, held, holds, publish
from kerchief.scale.tasks import Failed, Finished, Made, Task
from kerchief.settings import Settings
from kerchief.store.publish import draft, file_digest, fill
from kerchief.tools import Source, Tools

F = TypeVar("F", bound="Finished | None")

SCRATCH = "kerchief-work-"
RENAME = "Give the original a shorter name."


class Worker:
    """Networks that are loaded once, and a decoder process of its own. One call at a time, but for ``stop``.

    Args:
        settings: what the user chose.
        notary: who writes down what is begun and about to be published.
        gpus: the share of a GPU that this process was given; 0: none, the networks run on the CPU.

    Raises:
        WeightsError: a network is missing, changed, or blind on this machine.
    """

    def __init__(self, settings: Settings, notary: Notary, gpus: float = 0) -> None:
        cv2.setNumThreads(1)  # each worker has one core
        self._notary = notary
        self._stack = ExitStack()
        self._tools = self._stack.enter_context(Tools(settings, threads=1, gpu=gpus > 0))
        self._scratch: Path | None = None
        self._cutter = Cutter(self._tools, lambda: self._folder)
        self._stack.callback(self._cutter.put_away)
        try:
            _ = self._tools.networks
        except BaseException:
            self._stack.close()
            raise

    def redact(self, tasks: tuple[Task, ...]) -> tuple[Finished | Failed, ...]:
        """Redact files, one after the other; one bad file does not stop the rest.

        Raises:
            WeightsError: no file can be done without the networks.
            WorkerLost: the notary can't be reached.
        """
        self._cutter.put_away()
        return tuple(self._result(task) for task in tasks)

    def film(self, step: str, *args: object) -> Timed:
        """A step of a film that is shared out; see ``Cutter``."""
        with _known_errors():
            return self._cutter.timed(step, *args)

    def film_chunks(self, step: str, *args: object) -> Iterator[bytes]:
        """The same for a step that gives chunks."""
        with _known_errors():
            chunks: Iterator[bytes] = getattr(self._cutter, step)(*args)
            yield from chunks

    def earlier(self, task: Task, begun: Begun) -> Finished | None:
        """What an earlier try published, if it is all there."""
        made = begun.intent
        if made is None or not holds(Place(made.output), made.output_sha256):
            return None
        receipt = _receipt_place(task, made.output.removeprefix(task.output))
        if receipt is not None and (made.receipt_sha256 is None or not holds(receipt, made.receipt_sha256)):
            return None
        return Finished(replace(made, is_earlier=True), None)

    def prepare(self, task: Task, begun: Begun, film: Film) -> Finished | Failed | None:
        """Before the work on a film that is shared out: what an earlier try published, or why its copy can't be.

        Args:
            task: the film.
            begun: what earlier tries have left.
            film: the same, as it was surveyed.
        """

        def work(start: float) -> Finished | None:
            _must_have_room(_File(task, begun, suffix(self._cutter.film(film).info), start))
            return None

        return self.earlier(task, begun) or self._tried(task, perf_counter(), work)

    def finish(self, task: Task, begun: Begun, plan: Plan, done: Draft) -> Finished | Failed:
        """Publish the copy of a film that was shared out, if it passed.

        Args:
            task: the film.
            begun: what earlier tries have left.
            plan: the first one.
            done: the copy, and what came of the look at it.
        """
        began = perf_counter() - done.seconds
        return self._tried(task, began, lambda start: self._finish(task, begun, plan, done, start))

    def stop(self) -> None:
        """End the decoder process: the call that runs ends when it next asks it for something. From any thread."""
        self._tools.close()

    def close(self) -> None:
        """End for good."""
        self._stack.close()

    def _result(self, task: Task) -> Finished | Failed:
        def work(_: float) -> Finished:
            begun = self._notary.begin(task.number)
            return self.earlier(task, begun) or self._redact(task, begun, perf_counter())

        return self._tried(task, perf_counter(), work)

    def _tried(self, task: Task, start: float, work: Callable[[float], F]) -> F | Failed:
        """What came of some work on a file that began at a time."""
        try:
            return work(start)
        except (WeightsError, WorkerLost):
            raise
        except KerchiefError as error:
            return Failed.of(task.number, error, perf_counter() - start)
        except Exception as error:  # noqa: BLE001 - an outer edge: a fault with one file must not end the others
            return Failed.of(task.number, Unexpected.of(task.source, error), perf_counter() - start)

    def _redact(self, task: Task, begun: Begun, start: float) -> Finished:
        with at_hand(Place(task.source), self._scratch_for(task.source)) as path:
            source = self._tools.open(path)
            file = _File(task, begun, suffix(source.info), start)
            _must_have_room(file)
            plan = plan_source(source, self._tools)
            return _done_or_there(file, lambda: self._render(source, plan, file))

    def _render(self, source: Source, plan: Plan, file: _File) -> None:
        """Render, check and publish a copy, and its receipt before it."""

        def publishing(outcome: Outcome) -> None:
            self._announce(file, outcome)

        if file.target.is_local:
            replaces = held(file.target, file.replaces)
            render_source(source, plan, file.target.path, self._tools, replaces=replaces, publishing=publishing)
            return
        here = self._folder / f"{token_hex(8)}{file.ending}"
        try:
            render_source(source, plan, here, self._tools, publishing=publishing)
            publish(here, file.target, replaces=file.replaces)
        finally:
            here.unlink(missing_ok=True)

    def _finish(self, task: Task, begun: Begun, plan: Plan, done: Draft, start: float) -> Finished:
        source = self._cutter.film(done.film)
        must_fit(plan, source, self._tools)
        file = _File(task, begun, suffix(source.info), start)

        def work() -> None:
            with draft(file.target.path.parent if file.target.is_local else self._folder, file.ending) as path:
                self._cutter.write_copy(done.copy, path)
                if file_digest(path) != done.rendered.written.sha256:
                    raise OutputError(str(file.target), "the copy is not the one that was checked", TRY_AGAIN)
                self._announce(file, concluded(source, plan, done.rendered, Path(file.target.key), self._tools))
                publish(path, file.target, replaces=file.replaces)

        finished = _done_or_there(file, work)
        self._cutter.put_away()
        return finished

    def _announce(self, file: _File, outcome: Outcome) -> None:
        """A copy that passed is about to get its name: write that down, and publish its receipt."""
        if file.receipt is None:
            self._notary.intend(file.finish(outcome, None).made)
            return
        receipt = encode_receipt(outcome.receipt)
        digest = sha256(receipt).hexdigest()
        self._notary.intend(file.finish(outcome, digest).made)
        if not holds(file.receipt, digest):  # an earlier try's may be there
            self._publish_receipt(file.receipt, receipt, file.replaces_receipt)

    def _publish_receipt(self, place: Place, data: bytes, replaces: frozenset[str]) -> None:
        with draft(place.path.parent if place.is_local else self._folder) as path:
            fill(path, data)
            publish(path, place, replaces=replaces)

    def _scratch_for(self, url: str) -> Path:
        """The folder for a copy of a remote original; a local one is read where it is."""
        return Path() if Place(url).is_local else self._folder

    @property
    def _folder(self) -> Path:
        """A private folder, made when it is first needed."""
        if self._scratch is None:
            self._scratch = self._stack.enter_context(private_folder(SCRATCH, Path(tempfile.gettempdir())))
        return self._scratch


@contextmanager
def _known_errors() -> Iterator[None]:
    """A fault of kerchief's own is told by its place here; on its way to the driver that would be lost."""
    try:
        yield
    except (KerchiefError, Unlike, ChunkLost):
        raise
    except Exception as error:
        raise Unexpected.of("", error) from error


class _File:
    """A file that is being worked on: where its copy goes, and what may be there already.

    Args:
        task: what is to be done.
        begun: what earlier tries have left.
        ending: that the content decided on.
        start: when the work began.
    """

    def __init__(self, task: Task, begun: Begun, ending: str, start: float) -> None:
        self.ending = ending
        self.target = Place(task.output + ending)
        self.receipt = _receipt_place(task, ending)
        self.replaces, self.replaces_receipt = begun.replaces, begun.replaces_receipt
        self.finished: Finished | None = None
        self._task, self._start = task, start

    def finish(self, outcome: Outcome, receipt_sha256: str | None) -> Finished:
        """What came of it; the copy is about to get its name."""
        plan, receipt = outcome.plan, outcome.receipt
        made = Made(
            number=self._task.number,
            output=self.target.url,
            source_sha256=plan.media.sha256,
            output_sha256=receipt.output.sha256,
            output_size=receipt.output.size_bytes,
            receipt_sha256=receipt_sha256,
            kind=plan.media.kind,
            frames=plan.media.frames,
            covered=receipt.applied.covered,
            rounds=receipt.checked.rounds,
            added=receipt.checked.added,
            doubtful=receipt.checked.doubtful,
            seconds=perf_counter() - self._start,
        )
        self.finished = Finished(made, receipt)
        return self.finished


def _done_or_there(file: _File, work: Callable[[], None]) -> Finished:
    """What some work on a file came to, which publishes its copy."""
    try:
        work()
    except OutputError:
        # Somebody did the same task, and was taken for dead: it is done.
        if file.finished is None or not holds(file.target, file.finished.made.output_sha256):
            raise
    assert file.finished is not None
    return file.finished


def _receipt_place(task: Task, ending: str) -> Place | None:
    return Place(f"{task.receipt}{ending}.receipt.json") if task.receipt is not None else None


def _must_have_room(file: _File) -> None:
    """Whether the copy can have its name: said before the work where that is cheap to know; publishing checks again."""
    _must_have_names(file)
    if not file.target.is_local or held(file.target, file.replaces) is not None:
        return
    if os.path.lexists(file.target.path):
        raise OutputError(str(file.target), "exists already", MOVE_AWAY)


def _must_have_names(file: _File) -> None:
    """A copy's name is longer than its original's, and its receipt's even more so."""
    for place in (file.target, file.receipt):
        if place is None or not place.is_local:
            continue
        folder = place.path.parent
        while not os.path.lexists(folder):  # the first copy in it makes it
            folder = folder.parent
        try:
            (folder / place.name).lstat()
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                raise OutputError(str(place), "the name of the copy would be too long", RENAME) from None
