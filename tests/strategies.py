"""Hypothesis: regions, tracks and whole plans."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import strategies as st

from kerchief.choices import Margin
from kerchief.plan.model import (
    DecidedBy,
    Decision,
    Keyframe,
    Looked,
    MediaRef,
    NetworkRef,
    Plan,
    Region,
    Shape,
    Style,
    StyleName,
    Track,
)
from kerchief.ports import MediaKind, RegionKind

finite = st.floats(-4e5, 4e5, allow_nan=False)
positive = st.floats(0.01, 4e5)
shares = st.floats(0, 1)
digests = st.text("0123456789abcdef", min_size=64, max_size=64)
sides = st.integers(1, 1_000_000)

angles = st.just(0.0) | st.floats(-180, 180)
regions = st.builds(
    Region, shape=st.sampled_from(Shape), x=finite, y=finite, width=positive, height=positive, angle=angles
)
reasons = st.text(min_size=1, max_size=30).filter(str.strip)
decisions = st.one_of(
    st.builds(Decision, action=st.just("cover"), by=st.sampled_from(DecidedBy), reason=st.text(max_size=10)),
    st.builds(Decision, action=st.just("show"), by=st.just(DecidedBy.PERSON), reason=reasons, note=st.text(max_size=9)),
)


def numbered(regions: Iterable[Region]) -> dict[str, Region]:
    """Regions by made ids of tracks, as painting wants them."""
    return {f"head-{number}": region for number, region in enumerate(regions)}


@st.composite
def keyframes(draw: st.DrawFn) -> tuple[Keyframe, ...]:
    times = sorted(draw(st.sets(st.integers(-1000, 100_000), min_size=1, max_size=4)))
    return tuple(Keyframe(pts=pts, region=draw(regions)) for pts in times)


@st.composite
def tracks(draw: st.DrawFn, number: int) -> Track:
    return Track(
        id=f"{draw(st.sampled_from(RegionKind)).value}-{number}",
        kind=draw(st.sampled_from(RegionKind)),
        score=draw(st.none() | shares),
        seen=draw(st.none() | st.integers(0, 99)),
        decision=draw(decisions),
        keyframes=draw(keyframes()),
    )


@st.composite
def media(draw: st.DrawFn) -> MediaRef:
    return MediaRef(
        sha256=draw(digests),
        size_bytes=draw(sides),
        kind=draw(st.sampled_from(MediaKind)),
        width=draw(sides),
        height=draw(sides),
        orientation=draw(st.integers(1, 8)),
        frames=draw(sides),
        time_base=(draw(sides), draw(sides)),
        length=draw(st.integers(0, 10**9)),
    )


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    networks = st.builds(NetworkRef, name=st.text(max_size=12), sha256=digests, threshold=shares)
    return Plan(
        media=draw(media()),
        looked=Looked(frames=draw(st.integers(0, 999)), networks=tuple(draw(st.lists(networks, max_size=2)))),
        style=Style(name=draw(st.sampled_from(StyleName)), colour=f"#{draw(st.integers(0, 0xFFFFFF)):06x}"),
        margin=draw(st.sampled_from(Margin)),
        tracks=tuple(draw(tracks(number)) for number in range(draw(st.integers(0, 4)))),
    )


@st.composite
def film_plans(draw: st.DrawFn, least: int = 1) -> Plan:
    """Plans of a film of 40 units, with at least so many tracks, small enough to be asked at every time."""
    near = st.floats(-100, 900)
    sizes = st.floats(0.5, 300)
    places = st.builds(Region, shape=st.sampled_from(Shape), x=near, y=near, width=sizes, height=sizes, angle=angles)
    made = []
    for number in range(draw(st.integers(least, 5))):
        times = sorted(draw(st.sets(st.integers(0, 39), min_size=1, max_size=5)))
        keyframes = tuple(Keyframe(pts=pts, region=draw(places)) for pts in times)
        track = Track(
            id=f"face-{number}",
            score=draw(st.none() | shares),
            seen=draw(st.none() | st.integers(0, 99)),
            decision=draw(decisions),
            keyframes=keyframes,
        )
        made.append(track)
    film = MediaRef(sha256="ab" * 32, size_bytes=9, kind=MediaKind.VIDEO, width=800, height=600, frames=40, length=40)
    return Plan(media=film, looked=Looked(frames=9, networks=()), tracks=tuple(draw(st.permutations(made))))
