"""The flow, to be read first: finds → covers → proves.

make_plan   looks at a file and writes down what has to be covered
render      covers it, looks at the result, covers what still shows, and publishes the file when nothing does
verify      looks at a finished file by the same rules
redact      make_plan and render in one
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from kerchief.ahead import ahead
from kerchief.cover.mask import mask_of
from kerchief.cover.mosaic import Mosaics
from kerchief.cover.paint import paint
from kerchief.cover.planes import paint_planes
from kerchief.cover.silence import silenced
from kerchief.errors import FaceShows, InputRefused, OutputError, PlanMismatch, UsageError
from kerchief.filming import film_cut, film_plan, film_verification, watch_copy, watch_film
from kerchief.find.detect import detect
from kerchief.find.pyramid import (
    DARK_THRESHOLD,
    FIRST_THRESHOLD,
    SECOND_FILM_THRESHOLD,
    SECOND_THRESHOLD,
    Look,
    first_looks,
    second_film_looks,
    second_looks,
)
from kerchief.find.tracks import tracks_of
from kerchief.media.photos.encode import encode, suffix
from kerchief.plan.edits import add_tracks, next_id
from kerchief.plan.model import DecidedBy, Looked, MediaRef, NetworkRef, Plan
from kerchief.plan.query import Timeline, covered_at, regions_at, shown_at
from kerchief.ports import Detection, Frame, MediaInfo, MediaKind, Part, Phase, Pixels, Progress, Samples, YuvFrame
from kerchief.progress import told
from kerchief.prove.claims import claims
from kerchief.prove.listen import Listener
from kerchief.prove.receipt import Applied, Checked, OutputRef, Receipt, mask_rule, sound_ref
from kerchief.prove.verify import Verification, bare, faults
from kerchief.settings import Settings
from kerchief.store.figures import shipped_figures
from kerchief.store.publish import cannot_write, draft, fill, holds, publish
from kerchief.tools import Source, Tools
from kerchief.version import __version__

TRY_STRICT = "Try --margin strict or --style solid, or cover the place by hand: kerchief plan, edit, kerchief render."
MAKE_PLAN_AGAIN = "Make the plan again from this file with `kerchief plan`."
MOVE_AWAY = "Move it away, or choose another folder with -o. kerchief overwrites nothing."
TRY_AGAIN = "Run it again; if it stays so, please report it with the kind of file."
REPORT_IT = "Nothing was published. Please report it with the kind of file."
#: Endings that mean the same format.
SAME_FORMAT = {".jpeg": ".jpg", ".jpe": ".jpg", ".tif": ".tiff"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one file.

    Attributes:
        output: the published file.
        plan: the plan that it was rendered by, with what the look at the output added.
        receipt: what may be shown to others.
    """

    output: Path
    plan: Plan
    receipt: Receipt


class StillShows(FaceShows):
    """A sure face still shows after the last round; what was found is not lost with the draft.

    Attributes:
        plan: the plan of the last round, with what showed in it covered too: for a person to go on from.
    """

    def __init__(self, subject: str, problem: str, next_step: str, plan: Plan) -> None:
        super().__init__(subject, problem, next_step)
        self.plan = plan

    def about(self, subject: str) -> StillShows:
        """The same error, told of another subject."""
        return StillShows(subject, self.problem, self.next_step, self.plan)


def redact(
    path: Path | str,
    output: Path | str | None = None,
    settings: Settings | None = None,
    tools: Tools | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """A copy of a photo in which every head that was found is covered, checked before it appears.

    Args:
        path: the original; only read.
        output: where the copy goes; by default beside the original, as ``NAME.redacted.EXT``.
        settings: style, margin, quality, limits.
        tools: opened once for many files; made for this call if not given. They bring their own settings.
        progress: told the phase ("looking", "covering", "checking"), how many frames went through it, and of how many.

    Raises:
        InputRefused: unreadable, unsupported, damaged, cut off or over a limit.
        StillShows: a sure face still shows after the last round; nothing was published.
        WeightsError: a network is missing, changed, or blind on this machine.
        OutputError: the output exists or can't be written.
    """
    with _at_work(path, settings, tools) as (tools, source):
        return redact_source(source, _target(source, output), tools, progress)


def make_plan(
    path: Path | str,
    settings: Settings | None = None,
    tools: Tools | None = None,
    progress: Progress | None = None,
) -> Plan:
    """What would be covered in a photo; writes nothing. Arguments and errors as ``redact``."""
    with _at_work(path, settings, tools) as (tools, source):
        return plan_source(source, tools, progress)


def render(
    path: Path | str,
    plan: Plan,
    output: Path | str | None = None,
    settings: Settings | None = None,
    tools: Tools | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """A copy of a photo covered by a plan, checked before it appears. Style and margin are the plan's.

    Raises:
        PlanMismatch: the plan was made for another file.
        And what ``redact`` raises.
    """
    with _at_work(path, settings, tools) as (tools, source):
        return render_source(source, plan, _target(source, output), tools, progress)


def verify(
    path: Path | str,
    plan: Plan,
    settings: Settings | None = None,
    tools: Tools | None = None,
    progress: Progress | None = None,
) -> Verification:
    """What a look at a finished file finds: bare faces, metadata, anything that is not as the plan's input was.

    Args:
        path: an output.
        plan: the plan that it was rendered by.
        settings: limits, and the user's own network.
        tools: as for ``redact``.
        progress: as for ``redact``.

    Raises:
        InputRefused: the file can't be read.
        WeightsError: a network is missing, changed, or blind on this machine.
    """
    with _at_work(path, settings, tools) as (tools, source):
        return verify_source(source, plan, tools, progress)


def redact_source(source: Source, target: Path, tools: Tools, progress: Progress | None = None) -> Outcome:
    """Plan and render an opened file."""
    _must_be_free(target)
    return render_source(source, plan_source(source, tools, progress), target, tools, progress)


def plan_source(source: Source, tools: Tools, progress: Progress | None = None) -> Plan:
    """The plan for an opened file: every frame is looked at (of a film, as many as it takes)."""
    if source.info.kind is MediaKind.VIDEO:
        return _plan_film(source, tools, progress)
    if tools.settings.clip is not None:
        raise UsageError(str(source.path), "only of a film can a clip be cut", "Leave out --from and --to.")
    seen: list[tuple[int, list[Detection]]] = []
    length = 0
    looks: tuple[Look, ...] = ()
    for frame in told(tools.frames(source), progress, Phase.LOOKING, source.info.frames):
        looks = first_looks(frame.width, frame.height, tools.networks.own)
        seen.append((frame.pts, _detect(frame.pixels, looks, FIRST_THRESHOLD, tools, DARK_THRESHOLD)))
        length += frame.duration
    return Plan(
        media=MediaRef.of(source.info, length, len(seen)),
        looked=Looked(frames=len(seen), networks=tools.networks.refs(looks, FIRST_THRESHOLD)),
        style=tools.settings.style,
        margin=tools.settings.margin,
        tracks=tracks_of(seen, source.info.kind),
    )


def _plan_film(source: Source, tools: Tools, progress: Progress | None) -> Plan:
    """The plan for a film: looked at every few frames and where looks disagree, and followed in between."""
    info, cut = source.info, film_cut(source.info, tools.settings)
    frames = told(tools.film(source, cut), progress, Phase.LOOKING, info.frames if cut is None else 0)
    return film_plan(info, watch_film(frames, info, tools), tools)


def render_source(
    source: Source,
    plan: Plan,
    target: Path,
    tools: Tools,
    progress: Progress | None = None,
    replaces: str | None = None,
    publishing: Callable[[Outcome], None] | None = None,
) -> Outcome:
    """Cover, write, look again; repeat with what was found; publish when nothing shows.

    Args:
        source: the original, opened.
        plan: what is covered in it.
        target: the copy's name.
        tools: opened.
        progress: as for ``redact``.
        replaces: SHA-256 of an earlier copy of our own that makes way once the new one has passed; nothing else does.
        publishing: told what came of it just before the copy gets its name; what it raises leaves nothing.
    """
    must_fit(plan, source, tools)
    _must_be_free(target, replaces)
    with draft(target.parent, suffix(source.info)) as path:
        outcome = concluded(source, plan, _until_nothing_shows(source, plan, path, tools, progress), target, tools)
        if publishing is not None:
            publishing(outcome)
        publish(path, target, replaces=replaces)
    return outcome


def concluded(source: Source, plan: Plan, done: Rendered, target: Path, tools: Tools) -> Outcome:
    """What came of a file, if its copy may be published.

    Raises:
        StillShows, OutputError: it may not.
    """
    _must_pass(done, target)
    receipt = _receipt(source, done, added=len(done.plan.tracks) - len(plan.tracks), tools=tools)
    return Outcome(target, done.plan, receipt)


def rehearse(source: Source, plan: Plan, folder: Path, tools: Tools, progress: Progress | None = None) -> Rendered:
    """What ``render_source`` would come to: the same rounds, with a draft in this folder, and nothing is published."""
    with draft(folder, suffix(source.info)) as path:
        return _until_nothing_shows(source, plan, path, tools, progress)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A draft after its last round: the plan that it follows, what was read back, and what showed in it."""

    plan: Plan
    written: MediaInfo
    check: Verification
    rounds: int


def _until_nothing_shows(source: Source, plan: Plan, path: Path, tools: Tools, progress: Progress | None) -> Rendered:
    """Render into a draft, look at it, add what shows to the plan, and again, as often as the settings allow."""

    def once(plan: Plan) -> tuple[MediaInfo, Verification]:
        parts = covered(decoded(source, plan, tools, progress), source, plan, tools.settings)
        write(path, parts, source.info, tools.settings)
        return _look_again(path, plan, tools, progress)

    return in_rounds(source.info, plan, once, tools.settings.rounds)


def in_rounds(
    info: MediaInfo, plan: Plan, once: Callable[[Plan], tuple[MediaInfo, Verification]], last: int
) -> Rendered:
    """Render and look until nothing shows.

    Args:
        info: the original.
        plan: to begin with.
        once: renders by a plan, and tells what was read back and what the look at it found.
        last: so often at most.
    """
    rounds = 0
    while True:
        rounds += 1
        written, check = once(plan)
        if (info.sound is None) != (written.sound is None):
            check = replace(check, faults=(*check.faults, "the sound is missing"))
        if not check.found or rounds == last:
            return Rendered(plan, written, check, rounds)
        plan = with_found(plan, check)


def decoded(source: Source, plan: Plan, tools: Tools, progress: Progress | None = None) -> Iterator[Part]:
    """The frames that a plan is about, as they are, and between them a film's sound if it is kept."""
    is_film = source.info.kind is MediaKind.VIDEO
    parts: Iterator[Part] = tools.film_and_sound(source, plan.media.cut) if is_film else tools.frames(source)
    return told(parts, progress, Phase.COVERING, plan.media.frames)


def covered(
    parts: Iterable[Part], source: Source, plan: Plan, settings: Settings, count: int | None = None
) -> Iterator[Part]:
    """The frames, covered by a plan, and the sound without what is muted.

    Args:
        parts: what is to be covered.
        source: where they come from.
        plan: what is covered.
        settings: what is muted.
        count: how many frames there must be; by default as many as the plan says.

    Raises:
        PlanMismatch: at the end: they are not.
    """
    colour, sound, spans = source.info.colour, source.info.sound, settings.audio.spans
    timeline, mosaics = Timeline(plan), Mosaics()
    frames = 0
    for part in parts:
        if isinstance(part, Samples):
            if sound is not None:
                yield silenced(part, sound, spans, plan.media.skipped)
            continue
        regions, grid = covered_at(timeline, part.pts), plan.media.grid(part.width, part.height)
        if isinstance(part, YuvFrame):
            yield paint_planes(part, regions, grid, plan.margin, plan.style, colour, mosaics)
        else:
            yield paint(part, regions, grid, plan.margin, plan.style, mosaics)[0]
        frames += 1
    if frames != (plan.media.frames if count is None else count):
        raise PlanMismatch(str(source.path), "the plan's cut or its number of frames was changed", MAKE_PLAN_AGAIN)


def write(path: Path, parts: Iterator[Part], info: MediaInfo, settings: Settings) -> None:
    """Fill a draft with the covered picture.

    Raises:
        OutputError: the disk is full or fails.
    """
    if info.kind is not MediaKind.VIDEO:
        fill(path, encode([part for part in parts if isinstance(part, Frame)], info, settings.quality))
        return
    from kerchief.media.films.record import write_film  # FFmpeg takes a while to load, and photos never need it

    # Closed in any case: a thread that went on would read what the decoder says of the next file.
    with closing(ahead(parts)) as ready:
        film = (part for part in ready if not isinstance(part, Frame))
        try:
            write_film(path, film, info, settings.quality, settings.codec)
        except OSError as error:
            raise cannot_write(path.parent, error) from None


def verify_source(output: Source, plan: Plan, tools: Tools, progress: Progress | None = None) -> Verification:
    """What a look at an opened output finds, held against the plan's mask; other scales than the first look's."""
    if output.info.kind is MediaKind.VIDEO:
        return _verify_film(output, plan, tools, progress)
    found, length, frames = [], 0, 0
    for frame in told(tools.frames(output), progress, Phase.CHECKING, output.info.frames):
        looks = second_looks(frame.width, frame.height, tools.networks.own)
        detections = _detect(frame.pixels, looks, SECOND_THRESHOLD, tools)
        grid = plan.media.grid(frame.width, frame.height)
        mask = mask_of(regions_at(plan, frame.pts), frame.width, frame.height, grid, plan.margin)
        exposed = bare(detections, mask, shown_at(plan, frame.pts))
        if exposed:
            found.append((frame.pts, exposed))
        length += frame.duration
        frames += 1
    return Verification(frames, tuple(found), output.holds, faults(plan.media, output.info, length, frames))


def _verify_film(output: Source, plan: Plan, tools: Tools, progress: Progress | None) -> Verification:
    """The same for a film: between the frames of the first look, and followed in time like them."""
    info = output.info
    listener = Listener(info, tools.settings.audio.spans, plan.media.skipped)
    frames = told(listener.frames(tools.film_and_sound(output)), progress, Phase.CHECKING, info.frames)
    watched = watch_copy(frames, info, plan, tools)
    return film_verification(output, plan, watched, listener, tools)


def with_found(plan: Plan, check: Verification) -> Plan:
    """The plan with everything that still showed covered too, however doubtful."""
    tracks = check.tracks or tracks_of(check.bare, plan.media.kind, next_id(plan), DecidedBy.VERIFY)
    return add_tracks(plan, tracks)


def _checked_by(info: MediaInfo, tools: Tools) -> tuple[NetworkRef, ...]:
    """The networks that looked at an output."""
    if info.kind is MediaKind.VIDEO:
        looks = second_film_looks(info.width, info.height, tools.networks.own)
        return tools.networks.refs(looks, SECOND_FILM_THRESHOLD)
    return tools.networks.refs(second_looks(info.width, info.height, tools.networks.own), SECOND_THRESHOLD)


def _detect(
    pixels: Pixels, looks: tuple[Look, ...], threshold: float, tools: Tools, dark_threshold: float | None = None
) -> list[Detection]:
    networks = tools.networks
    return detect(pixels, looks, networks.by_name, threshold, networks.threads, dark_threshold=dark_threshold)


def _look_again(path: Path, plan: Plan, tools: Tools, progress: Progress | None) -> tuple[MediaInfo, Verification]:
    """Open what was just written as if it were somebody else's file."""
    try:
        written = tools.open(path)
        return written.info, verify_source(written, plan, tools, progress)
    except InputRefused as error:
        raise OutputError(str(path.parent), f"the output can't be read back ({error.problem})", TRY_AGAIN) from error


def _must_pass(done: Rendered, target: Path) -> None:
    """Nothing is published with a sure face, with anything besides the picture, or unlike its input.

    Raises:
        StillShows, OutputError.
    """
    check = done.check
    if check.sure:
        shows = "a face still shows" if check.sure == 1 else f"{check.sure} faces still show"
        problem = f"{shows} after the last round, so nothing was written"
        raise StillShows(str(target), problem, TRY_STRICT, with_found(done.plan, check))
    wrong = check.metadata + check.faults
    if wrong:
        raise OutputError(str(target), f"the output is not as it must be ({', '.join(wrong)})", REPORT_IT)


def must_fit(plan: Plan, source: Source, tools: Tools) -> None:
    """A plan holds for the very file that it was made for, and times to mute for a film that is so long.

    Raises:
        PlanMismatch, UsageError.
    """
    if plan.media.sha256 != source.info.sha256:
        raise PlanMismatch(str(source.path), "the plan was made for another file", MAKE_PLAN_AGAIN)
    if MediaRef.of(source.info, plan.media.length, plan.media.frames, plan.media.cut) != plan.media:
        raise PlanMismatch(str(source.path), "the plan's media part was changed", MAKE_PLAN_AGAIN)
    _must_reach_spans(plan, source, tools)


def _must_reach_spans(plan: Plan, source: Source, tools: Tools) -> None:
    """A span that reaches past the end is muted up to it; one that lies beyond is a slip, and would mute nothing.

    Where a clip ends within the film, nobody knows how long the film is.
    """
    media, spans = plan.media, tools.settings.audio.spans
    seconds = media.skipped + media.seconds
    if media.kind is MediaKind.VIDEO and media.has_end and any(span.start >= seconds for span in spans):
        problem = f"a span to mute starts after the film's end ({float(seconds):.1f} seconds)"
        raise UsageError(str(source.path), problem, "Check the times given with --audio.")


def _must_be_free(target: Path, replaces: str | None = None) -> None:
    """Said before the work, not after it; publishing checks again."""
    if replaces is not None and holds(target, replaces):
        return
    if target.exists() or target.is_symlink():
        raise OutputError(str(target), "exists already", MOVE_AWAY)


@contextmanager
def _at_work(path: Path | str, settings: Settings | None, tools: Tools | None) -> Iterator[tuple[Tools, Source]]:
    """Tools and the opened file; tools that were made here are put away."""
    if tools is not None:
        yield tools, tools.open(Path(path))
        return
    with Tools(settings) as made:
        yield made, made.open(Path(path))


def _target(source: Source, output: Path | str | None) -> Path:
    """Where the copy goes; a name that promises another format is refused."""
    ending = suffix(source.info)
    if output is None:
        return source.path.with_name(f"{source.path.stem}.redacted{ending}")
    target = Path(output)
    if SAME_FORMAT.get(target.suffix.lower(), target.suffix.lower()) != ending:
        raise UsageError(str(target), f"the copy will be written as {ending}", f"Name it {target.stem}{ending}.")
    return target


def _receipt(source: Source, done: Rendered, added: int, tools: Tools) -> Receipt:
    applied = _applied(source, done.plan, tools)
    checked = Checked(
        rounds=done.rounds,
        added=added,
        frames=done.check.frames,
        doubtful=done.check.found,
        networks=_checked_by(done.written, tools),
    )
    figures, digest = shipped_figures()
    return Receipt(
        kerchief=__version__,
        output=_output_ref(done.written),
        applied=applied,
        checked=checked,
        claims=claims(applied, checked, figures, done.plan.media.kind),
        figures=digest,
    )


def _output_ref(info: MediaInfo) -> OutputRef:
    return OutputRef(
        sha256=info.sha256,
        size_bytes=info.size_bytes,
        format=info.format,
        kind=info.kind,
        width=info.width,
        height=info.height,
        frames=info.frames,
    )


def _applied(source: Source, plan: Plan, tools: Tools) -> Applied:
    return Applied(
        style=plan.style,
        erases=plan.style.name.erases,
        margin=plan.margin,
        mask_rule=mask_rule(plan.margin, plan.media.kind),
        covered=sum(not track.is_shown for track in plan.tracks),
        shown=sum(track.is_shown for track in plan.tracks),
        removed=(*source.holds, *source.info.dropped),
        changes=(*source.info.changes, *(("cut to a clip",) if plan.media.cut else ())),
        sound=sound_ref(source.info, tools.settings.audio, plan.media),
    )
