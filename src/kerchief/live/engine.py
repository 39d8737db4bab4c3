"""A run: a source is covered as it is filmed, and goes to its sinks, until it ends or is told to stop.

source → frames → looked at against a deadline → covered, or veiled whole → every sink
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic

from kerchief.errors import KerchiefError, Unexpected
from kerchief.filming import look_at_film
from kerchief.find.head import outermost
from kerchief.find.pyramid import FILM_THRESHOLD, film_looks
from kerchief.live.address import Origin
from kerchief.live.conductor import Conductor, Timing
from kerchief.live.covered import Covered, Form
from kerchief.live.events import Event, Tell
from kerchief.live.pace import Level, ladder
from kerchief.live.painter import nothing
from kerchief.live.seconds import Seconds
from kerchief.live.sinks.outlet import Outlet
from kerchief.live.sinks.sink import Sink
from kerchief.live.source.feed import Arrival, Feed, Filmed, Lost, Over, form_of
from kerchief.live.source.wire import Began, Quality
from kerchief.ports import Detection, YuvFrame
from kerchief.tools import Tools

#: So many things of the source may wait; frames beyond are lost. A machine that slept for a while comes to that.
MOST_WAITING = 200
#: When it is told that sinks take their time to end.
PATIENCE_SECONDS = 5.0
#: Before the source says what it is, all of it is wanted.
EVERYTHING = Quality(pixels=1 << 40, rate=1000)


@dataclass(frozen=True, slots=True)
class Run:
    """What a run is about.

    Attributes:
        origin: the source.
        sinks: where it goes.
        timing: when frames leave.
    """

    origin: Origin
    sinks: Sequence[Sink]
    timing: Timing


class Live:
    """One run. ``go`` returns when the source ended, or ``stop`` was called.

    Args:
        run: what is covered, and where it goes.
        tools: the networks, and how heads are covered.
        tell: told of what happens.
    """

    def __init__(self, run: Run, tools: Tools, tell: Tell) -> None:
        self._run, self._tools, self._tell = run, tools, tell
        self._arrivals: SimpleQueue[Arrival | None] = SimpleQueue()
        self._feed = Feed(run.origin, EVERYTHING, tools.settings.limits, self._arrive)
        self._outlets: list[Outlet] = []
        self._is_lost = self._has_missed = False

    def stop(self) -> None:
        """End the run whole. From any thread, or a signal's handler."""
        self._arrivals.put(None)

    def go(self) -> None:
        """Work until the end.

        Raises:
            InputRefused: the source can't be opened at first, or broke where it can't be opened again.
            OutputError, UsageError: a sink can't be opened at first.
        """
        # They are there before the first frame comes.
        threads = self._tools.networks.threads
        with ExitStack() as stack:
            self._feed.start()
            stack.callback(self._feed.stop)
            began = self._first()
            if began is None:
                return
            self._serve(form_of(began), threads)

    def _first(self) -> Began | None:
        """What the source is; None where the run ends before that is known."""
        while True:
            heard = self._arrivals.get()
            if isinstance(heard, Over) and heard.error is not None:
                raise heard.error
            if heard is None or isinstance(heard, Over):
                return None
            if isinstance(heard, Began):
                return heard

    def _arrive(self, arrival: Arrival) -> None:
        if isinstance(arrival, Filmed):
            if self._arrivals.qsize() >= MOST_WAITING:
                self._has_missed = True
                return
            # What was amiss with a frame that is lost is told of the next one.
            arrival = replace(arrival, follows=arrival.follows and not self._has_missed)
            self._has_missed = False
        self._arrivals.put(arrival)

    def _serve(self, form: Form, lookers: int) -> None:
        self._warm_up(form)
        conductor = Conductor(form, self._run.timing, self._tools.settings, self._look, lookers, self._send, self._tell)
        faults: list[Exception] = []
        worker = Thread(target=_kept(conductor.run, faults), name="conductor", daemon=True)
        try:
            self._open_sinks(form)
            self._tell_form(form)
            self._pass_over()
            worker.start()
            error = self._work(conductor, form, lookers, worker)
            self._feed.stop()
            conductor.stop()
            worker.join()
        finally:
            self._end_sinks()
        if faults:
            raise Unexpected.of(self._run.origin.name, faults[0])
        if error is not None:
            raise error

    def _open_sinks(self, form: Form) -> None:
        for sink in self._run.sinks:
            outlet = Outlet(sink, form, self._tell)
            outlet.start()
            self._outlets.append(outlet)

    def _end_sinks(self) -> None:
        """All at once, and as long as it takes: a segment is verified before it is published."""
        for outlet in self._outlets:
            outlet.end()
        until = monotonic() + PATIENCE_SECONDS
        slow = [outlet for outlet in self._outlets if not outlet.has_ended(max(0.0, until - monotonic()))]
        if slow:
            names = ", ".join(outlet.name for outlet in slow)
            self._tell(Event("ending", f"{names} is being ended whole; a second Ctrl-C drops what is left", {}))
        for outlet in slow:
            while not outlet.has_ended(PATIENCE_SECONDS):
                pass

    def _work(self, conductor: Conductor, form: Form, lookers: int, worker: Thread) -> KerchiefError | None:
        """Hand on what comes until the end; what ended it, if it was no end of its own."""
        seconds = Seconds(
            form, conductor.counts, lookers, self._outlets, lambda level: self._feed.want(_wanted(level)), self._tell
        )
        while worker.is_alive():
            try:
                heard = self._arrivals.get(timeout=seconds.left)
            except Empty:
                seconds.pass_by(is_lost=self._is_lost)
                continue
            if heard is None:
                return None
            if isinstance(heard, Over):
                return heard.error
            self._hear(heard, conductor)
            if not seconds.left:
                seconds.pass_by(is_lost=self._is_lost)
        return None

    def _hear(self, heard: Arrival, conductor: Conductor) -> None:
        name = self._run.origin.name
        if isinstance(heard, Lost):
            self._is_lost = True
            says = f"{name} is lost: {heard.problem}; it is tried again in {heard.seconds:g} s"
            self._tell(Event("source lost", says, {"problem": heard.problem, "retry_s": heard.seconds}))
        elif isinstance(heard, Filmed):
            if self._is_lost:
                self._is_lost = False
                self._tell(Event("source back", f"{name} is back", {}))
            conductor.give(heard)

    def _warm_up(self, form: Form) -> None:
        """Look at nothing, once at each size: a network's first look at one takes several times as long."""
        for level in ladder(form):
            scale = (level.pixels / (form.width * form.height)) ** 0.5
            self._look(nothing(round(form.width * scale), round(form.height * scale)))

    def _pass_over(self) -> None:
        """Frames that came while the sinks were opened are old."""
        kept = []
        try:
            while True:
                heard = self._arrivals.get_nowait()
                if not isinstance(heard, Filmed):
                    kept.append(heard)
        except Empty:
            for heard in kept:
                self._arrivals.put(heard)

    def _look(self, frame: YuvFrame) -> list[Detection]:
        networks = self._tools.networks
        looks = film_looks(frame.width, frame.height, networks.own)
        return outermost(look_at_film(frame, looks, FILM_THRESHOLD, self._tools))

    def _send(self, covered: Covered) -> None:
        for outlet in self._outlets:
            outlet.send(covered)

    def _tell_form(self, form: Form) -> None:
        delay = self._run.timing.delay
        says = f"{self._run.origin.name}: {form.width} × {form.height}, {float(form.rate):g} frames a second"
        if not delay:
            says += "; without a delay a face is covered from the first frame on in which it is seen, not before"
        values = {"width": form.width, "height": form.height, "rate": round(float(form.rate), 3), "delay_s": delay}
        self._tell(Event("began", says, values))


def _wanted(level: Level) -> Quality:
    return Quality(pixels=level.pixels, rate=level.rate)


def _kept(work: Callable[[], None], faults: list[Exception]) -> Callable[[], None]:
    """The same work; what it raises is kept."""

    def worked() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - raised again in the thread that waits for it
            faults.append(error)

    return worked
