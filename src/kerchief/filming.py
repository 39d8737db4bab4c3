"""How a film is looked at: as an original, and as a copy that is held against its plan. ``pipeline`` for films.

Watching takes the frames, all of them or a stretch; what comes of it takes what was seen from beginning to end.
"""

from __future__ import annotations

from collections.abc import Iterable

from kerchief.cover.mask import film_mask
from kerchief.find.detect import detect, rgb_of
from kerchief.find.follow import follow
from kerchief.find.merge import FILM_SAME_IOU
from kerchief.find.pyramid import FILM_THRESHOLD, SECOND_FILM_THRESHOLD, Look, film_looks, second_film_looks
from kerchief.find.watch import Watched, step_for, watch
from kerchief.plan.edits import next_id
from kerchief.plan.model import Cut, DecidedBy, Looked, MediaRef, Plan
from kerchief.plan.query import Timeline, regions_at, shown_at
from kerchief.ports import Detection, MediaInfo, YuvFrame
from kerchief.prove.listen import Listener
from kerchief.prove.verify import Verification, bare, faults
from kerchief.settings import Settings
from kerchief.tools import Source, Tools


def film_cut(info: MediaInfo, settings: Settings) -> Cut | None:
    """The part of a film that is kept; None: all."""
    return settings.clip.cut(info.time_base) if settings.clip else None


def watch_film(frames: Iterable[YuvFrame], info: MediaInfo, tools: Tools) -> Watched:
    """What is seen in the frames of a film, or in a stretch of them that begins at one that is to be looked at."""
    looks = film_looks(info.width, info.height, tools.networks.own)

    def look(frame: YuvFrame) -> list[Detection]:
        return look_at_film(frame, looks, FILM_THRESHOLD, tools)

    return watch(frames, look, film_step(info))


def film_plan(info: MediaInfo, watched: Watched, tools: Tools) -> Plan:
    """The plan for a film that was watched from beginning to end."""
    looks = film_looks(info.width, info.height, tools.networks.own)
    return Plan(
        media=MediaRef.of(info, watched.length, len(watched.times), film_cut(info, tools.settings)),
        looked=Looked(frames=len(watched.looks), networks=tools.networks.refs(looks, FILM_THRESHOLD)),
        style=tools.settings.style,
        margin=tools.settings.margin,
        tracks=follow(watched, info.time_base[0] / info.time_base[1]),
    )


def film_step(info: MediaInfo) -> int:
    """Frames from one look to the next."""
    return step_for(info.rate[0] / info.rate[1])


def watch_copy(frames: Iterable[YuvFrame], info: MediaInfo, plan: Plan, tools: Tools) -> Watched:
    """What is bare in the frames of a film's copy, or in a stretch of them, as for ``watch_film``."""
    looks = second_film_looks(info.width, info.height, tools.networks.own)
    grid, timeline = plan.media.grid(info.width, info.height), Timeline(plan)

    def look(frame: YuvFrame) -> list[Detection]:
        detections = look_at_film(frame, looks, SECOND_FILM_THRESHOLD, tools)
        mask = film_mask(regions_at(timeline, frame.pts), frame.width, frame.height, grid, plan.margin)
        return list(bare(detections, mask, shown_at(timeline, frame.pts)))

    step = film_step(info)
    return watch(frames, look, step, step // 2, between=False)


def film_verification(output: Source, plan: Plan, watched: Watched, listener: Listener, tools: Tools) -> Verification:
    """What is wrong with a film's copy that was watched, and listened to, from beginning to end."""
    info = output.info
    found = tuple((watched.times[n], tuple(ds)) for n, ds in sorted(watched.looks.items()) if ds)
    # Whatever shows is covered in the next round, however doubtful.
    tracks = follow(watched, info.time_base[0] / info.time_base[1], next_id(plan), DecidedBy.VERIFY, least_score=0)
    wrong = faults(plan.media, info, watched.length, len(watched.times))
    wrong += listener.faults(plan.media.seconds, is_kept=tools.settings.audio.is_kept)
    return Verification(len(watched.looks), found, output.holds, wrong, tracks)


def look_at_film(frame: YuvFrame, looks: tuple[Look, ...], threshold: float, tools: Tools) -> list[Detection]:
    """What is found in a frame of a film. One thread for each frame: several are looked at at the same time."""
    return detect(rgb_of(frame), looks, tools.networks.by_name, threshold, same_iou=FILM_SAME_IOU)
