"""What is done with one piece of a film, and with all pieces together: ``pipeline`` for films that are shared out.

Finding and proving take parts (a piece with what is read around it), covering takes pieces. Everything here is told
to a worker, who opens the film by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from kerchief.cover.silence import silenced
from kerchief.filming import film_cut, film_verification, watch_copy, watch_film
from kerchief.find.watch import Watched
from kerchief.media.films.join import join_films
from kerchief.pipeline import covered, write
from kerchief.plan.model import Plan
from kerchief.ports import Part as MediaPart
from kerchief.ports import Samples, YuvFrame
from kerchief.prove.listen import Listener
from kerchief.prove.verify import Verification
from kerchief.scale.films.seams import Part, Piece, Survey, clipped
from kerchief.store.publish import cannot_write
from kerchief.tools import Source, Tools


def survey(source: Source, tools: Tools) -> Survey:
    """When the frames of a film, or of the clip that is kept of it, are shown."""
    times, keyframes = tools.survey(source)
    return clipped(Survey(times, keyframes), film_cut(source.info, tools.settings))


def watch_part(source: Source, part: Part, tools: Tools) -> Watched:
    """What is seen in a part; its numbers begin with the first frame that is read, its times are the film's."""
    cut = part.read.within(film_cut(source.info, tools.settings))
    return watch_film(_shifted(tools.part(source, cut), part.read.start), source.info, tools)


def cover_piece(source: Source, plan: Plan, piece: Piece, path: Path, tools: Tools) -> None:
    """Write a piece of the copy into a draft, from pts 0 on and without sound."""
    frames = _shifted(tools.part(source, piece.within(plan.media.cut)), piece.start)
    painted = covered(frames, source, plan, tools.settings, piece.last - piece.first)
    write(path, _back(painted, piece.start), replace(source.info, sound=None), tools.settings)


def join_pieces(source: Source, plan: Plan, pieces: Sequence[tuple[Piece, Path]], path: Path, tools: Tools) -> None:
    """Write the whole copy into a draft, with its sound if it keeps one.

    Raises:
        OutputError: the disk is full or fails.
    """
    media, info = plan.media, source.info
    samples = tools.sound(source, media.cut, media.length)
    spans = tools.settings.audio.spans
    sound = (silenced(block, info.sound, spans, media.skipped) for block in samples if info.sound)
    try:
        join_films(path, [(piece.start, draft) for piece, draft in pieces], sound, info, media.length)
    except OSError as error:
        raise cannot_write(path.parent, error) from None


def watch_copy_part(output: Source, plan: Plan, part: Part, tools: Tools) -> Watched:
    """What is bare in a part of the copy."""
    frames = _shifted(tools.part(output, part.read.within(None)), part.read.start)
    return watch_copy(frames, output.info, plan, tools)


def verification(output: Source, plan: Plan, watched: Watched, tools: Tools) -> Verification:
    """What is wrong with the whole copy, whose parts were watched: its sound is listened to here."""
    listener = Listener(output.info, tools.settings.audio.spans, plan.media.skipped)
    for block in tools.sound(output, None, plan.media.length):
        listener.hear(block)
    return film_verification(output, plan, watched, listener, tools)


def _shifted(frames: Iterator[YuvFrame], start: int) -> Iterator[YuvFrame]:
    """Frames of a piece with the film's times."""
    return (replace(frame, pts=frame.pts + start) for frame in frames)


def _back(parts: Iterator[MediaPart], start: int) -> Iterator[MediaPart]:
    """Frames with the piece's own times."""
    return (replace(part, pts=part.pts - start) for part in parts if not isinstance(part, Samples))
