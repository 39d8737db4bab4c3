"""The playlist: which pieces there are. Pure; it reads no other playlist than its own."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from math import ceil

from kerchief.media.streams.writing import KEY_SECONDS

#: So many pieces are in a playlist.
LISTED = 6
#: No piece is longer but where frames were missing; the same number for as long as can be, for it must not change.
USUAL_SECONDS = KEY_SECONDS + 1
BEGIN = "#EXTM3U"
NAME = re.compile(r"kerchief-live-(\d{6,})\.(?:mp4|m4s)")
_NUMBER = re.compile(r"#EXT-X-(?:VERSION|TARGETDURATION):\d+|#EXT-X-INDEPENDENT-SEGMENTS|#EXT-X-ENDLIST")
_SEQUENCE = re.compile(r"#EXT-X-MEDIA-SEQUENCE:(\d+)")
_BREAKS = re.compile(r"#EXT-X-DISCONTINUITY-SEQUENCE:(\d+)")
_HEAD = re.compile(r'#EXT-X-MAP:URI="(kerchief-live-\d{6,}\.mp4)"')
_SECONDS = re.compile(r"#EXTINF:(\d+\.\d+),")
_BREAK = "#EXT-X-DISCONTINUITY"


@dataclass(frozen=True, slots=True)
class Piece:
    """A few seconds of the stream.

    Attributes:
        number: of all pieces that were ever in the folder.
        seconds: how long it is.
        run: number of the piece that its run began with. The run's header lies beside that.
    """

    number: int
    seconds: float
    run: int

    @property
    def name(self) -> str:
        """Of its file."""
        return f"kerchief-live-{self.number:06}.m4s"

    @property
    def head(self) -> str:
        """Name of the file that a player needs before it."""
        return f"kerchief-live-{self.run:06}.mp4"


@dataclass(frozen=True, slots=True)
class Playlist:
    """The last pieces.

    Attributes:
        pieces: one after the other.
        breaks: how many runs ended before the first of them.
    """

    pieces: tuple[Piece, ...] = ()
    breaks: int = 0

    @property
    def names(self) -> set[str]:
        """The files that it needs."""
        return {name for piece in self.pieces for name in (piece.name, piece.head)}

    def with_next(self, piece: Piece) -> Playlist:
        """With one more, and without what is too old."""
        pieces = (*self.pieces, piece)
        return Playlist(pieces, self.breaks).since(pieces[max(0, len(pieces) - LISTED)].number)

    def since(self, number: int) -> Playlist:
        """Without the pieces before this one."""
        pieces = tuple(piece for piece in self.pieces if piece.number >= number)
        # The break before a run goes with the first piece of it.
        runs = {piece.run for piece in self.pieces if piece.number < number} - {piece.run for piece in pieces}
        return replace(self, pieces=pieces, breaks=self.breaks + len(runs))

    def text(self, *, is_over: bool = False) -> str:
        """As players read it.

        Args:
            is_over: whether nothing more will come.
        """
        longest = max([USUAL_SECONDS, *(ceil(piece.seconds) for piece in self.pieces)])
        lines = [
            BEGIN,
            "#EXT-X-VERSION:7",
            f"#EXT-X-TARGETDURATION:{longest}",
            f"#EXT-X-MEDIA-SEQUENCE:{self.pieces[0].number if self.pieces else 0}",
            f"#EXT-X-DISCONTINUITY-SEQUENCE:{self.breaks}",
            "#EXT-X-INDEPENDENT-SEGMENTS",
        ]
        run: int | None = None
        for piece in self.pieces:
            if piece.run != run:
                lines += [_BREAK] * (run is not None) + [f'#EXT-X-MAP:URI="{piece.head}"']
                run = piece.run
            lines += [f"#EXTINF:{piece.seconds:.6f},", piece.name]
        return "\n".join([*lines, *["#EXT-X-ENDLIST"] * is_over, ""])


def parsed(text: str) -> Playlist:
    """A playlist of our own.

    Raises:
        ValueError: somebody else's.
    """
    lines = text.splitlines()
    if lines[:1] != [BEGIN]:
        raise ValueError("no playlist")
    first = breaks = run = 0
    seconds: float | None = None
    pieces: list[Piece] = []
    for line in lines[1:]:
        if match := _SEQUENCE.fullmatch(line):
            first = int(match[1])
        elif match := _BREAKS.fullmatch(line):
            breaks = int(match[1])
        elif match := _HEAD.fullmatch(line):
            run = int(NAME.fullmatch(match[1])[1])  # type: ignore[index]  # it is in the pattern
        elif match := _SECONDS.fullmatch(line):
            seconds = float(match[1])
        elif seconds is not None and line == f"kerchief-live-{first + len(pieces):06}.m4s":
            pieces.append(Piece(first + len(pieces), seconds, run))
            seconds = None
        elif not (_NUMBER.fullmatch(line) or line == _BREAK):
            raise ValueError("not ours")
    return Playlist(tuple(pieces), breaks)
