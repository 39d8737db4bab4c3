"""Copies of any files: does a face in them still match the original's? Needs no other photo of anybody."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from kerchief.adversary.arms import Arms
from kerchief.adversary.each import each
from kerchief.adversary.faces import LEAST_PX, Rgb, embedded, face_of, is_among, placed, sure_faces
from kerchief.adversary.pairs import Pair
from kerchief.adversary.person import Person
from kerchief.adversary.side_by_side import side_by_side
from kerchief.cover.mask import mask_of
from kerchief.cover.paint import paint
from kerchief.errors import KerchiefError, UsageError
from kerchief.geometry import Box
from kerchief.pipeline import plan_source
from kerchief.plan.model import Plan, Style, StyleName, Track
from kerchief.plan.query import Timeline, covered_at, region_of
from kerchief.ports import BatchProgress, Frame, Phase, Progress, RegionKind
from kerchief.progress import told
from kerchief.prove.matches import Attacked, FileAttacked, FilesReport, file_attacked, files_report
from kerchief.prove.verify import SURE
from kerchief.tools import Source, Tools
from kerchief.version import __version__

#: Seconds between frames of a film's copy that are searched for faces, besides those that are attacked.
SEARCH_S = 0.5
#: Covers that hold nothing: as smooth as what is around them, and as unlike it as can be; noise is another.
EMPTY = (Style(), *(Style(name=StyleName.SOLID, colour=colour) for colour in ("#000000", "#808080")))

#: Two found faces of which so much of the smaller one lies on the other are one.
SAME_SHARE = 0.5


def attack_files(
    pairs: Sequence[Pair],
    tools: Tools,
    arms: Arms,
    errors: list[KerchiefError],
    progress: BatchProgress | None = None,
) -> FilesReport:
    """Attack every copy.

    Args:
        pairs: originals and copies.
        tools: decoder and networks.
        arms: the adversary's networks.
        errors: files that can't be compared are added here.
        progress: told how many are done, and how far each is.

    Raises:
        UsageError: in none of the originals a face was found that is large enough to be attacked.
    """
    done: list[FileAttacked] = []
    faces: list[Attacked] = []
    # A file and its copy are read side by side.
    with Tools(beside=tools) as beside:

        def one(pair: Pair, within: Progress | None) -> tuple[FileAttacked, list[Attacked]]:
            original, copy = tools.open(pair.original), beside.open(pair.copy)
            attacked, too_small = _attack(original, copy, tools, beside, arms, within)
            return file_attacked(str(pair.original), attacked, too_small), attacked

        for file, attacked in each([(pair.original, pair) for pair in pairs], one, errors, progress):
            done.append(file)
            faces += attacked
    if not faces and not errors:
        step = f"Nothing can be attacked; give originals with clear faces of {LEAST_PX} pixels and more."
        raise UsageError("", "no face was found in any of these originals that is large and sure enough", step)
    thresholds = {one.name: one.threshold for one in arms.recognisers}
    return files_report(__version__, done, faces, thresholds, len(pairs) - len(done))


def _attack(
    original: Source, copy: Source, tools: Tools, beside: Tools, arms: Arms, progress: Progress | None
) -> tuple[list[Attacked], int]:
    """Every sure face of a file, and how many more are too small."""
    plan = plan_source(original, tools, progress)
    people = [Person(track, arms) for track in _once_each(plan.tracks)]
    timeline, seconds, next_search = Timeline(plan), Fraction(*plan.media.time_base), Fraction(0)
    frames = told(side_by_side(original, copy, tools, beside), progress, Phase.CHECKING, plan.media.frames)
    for pts, before, after in frames:
        there = [(person, box) for person in people if (box := person.face_at(pts)) is not None]
        due = [(person, box) for person, box in there if person.is_due(pts)]
        if due:
            empty = _emptied(before, pts, plan, timeline)
            for person, box in due:
                person.add(pts, before, after, empty, box)
        if due or (there and pts * seconds >= next_search):
            next_search = pts * seconds + Fraction(SEARCH_S)
            _search(after, there, people, tools, arms)
    tried = [person for person in people if person.is_tried]
    return [_attacked(person, arms) for person in tried], len(people) - len(tried)


def _search(
    after: Rgb, there: Sequence[tuple[Person, Box]], people: Sequence[Person], tools: Tools, arms: Arms
) -> None:
    """Look for faces in a frame of the copy, wherever they are, and compare each with everyone."""
    seen, found = [one.box for one in sure_faces(after, tools)], list(arms.opponent.detect(after))
    for person, box in there:
        person.is_seen |= is_among(box, seen)
        person.is_found |= is_among(box, found)
    known = [person for person in people if person.is_tried]
    for box in seen if known else ():
        face = embedded(after, placed(after, box, arms), arms.recognisers)
        for recogniser in arms.recognisers:
            distances = [person.distance(face, recogniser) for person in known]
            if min(distances) < recogniser.threshold:
                known[int(np.argmin(distances))].add_named(recogniser)


def _emptied(rgb: Rgb, pts: int, plan: Plan, timeline: Timeline) -> dict[str, Rgb]:
    """The original under covers of our own that take nothing from under them."""
    frame = Frame(pts, 0, rgb)
    regions, grid = covered_at(timeline, pts), plan.media.grid(frame.width, frame.height)
    empty = {str(style): paint(frame, regions, grid, plan.margin, style)[0].pixels for style in EMPTY}
    mask = mask_of(regions.values(), frame.width, frame.height, grid, plan.margin)
    noise = np.random.default_rng(pts % 2**32).integers(0, 256, rgb.shape, np.uint8)
    return {name: np.asarray(pixels, np.uint8) for name, pixels in empty.items()} | {
        "noise": np.where(mask[..., None], noise, rgb)
    }


def _attacked(person: Person, arms: Arms) -> Attacked:
    matched = {(who, one.name): did for one in arms.recognisers for who, did in person.matches(one)}
    return Attacked(matched, person.is_seen, person.is_found)


def _once_each(tracks: Sequence[Track]) -> list[Track]:
    """Sure faces; of those that lie on each other, which a plan keeps so that all are covered, the largest."""
    kept: list[Track] = []
    sure = [track for track in tracks if track.kind is RegionKind.FACE and (track.score or 0) >= SURE]
    for track in sorted(sure, key=lambda one: -one.keyframes[0].region.hull.area):
        if not any(_is_same(track, other) for other in kept):
            kept.append(track)
    return kept


def _is_same(track: Track, other: Track) -> bool:
    """Whether a face lies on another wherever both are, being perhaps a part of it."""
    pairs = [(keyframe.region, region_of(other, keyframe.pts)) for keyframe in track.keyframes]
    boxes = [(face_of(a.hull), face_of(b.hull)) for a, b in pairs if b is not None]
    return len(boxes) == len(pairs) and all(a.overlap(b) > SAME_SHARE * min(a.area, b.area) for a, b in boxes)
