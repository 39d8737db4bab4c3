"""A stream for web pages: pieces of about two seconds, the last few of which are kept.

What leaves here was covered by the looks at the stream, and is not looked at a second time: there is no time for that.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from time import monotonic

from kerchief.errors import KerchiefError, OutputError, UsageError
from kerchief.live.covered import TIME_BASE, Covered, Form
from kerchief.live.sinks.hls.hold import Hold
from kerchief.live.sinks.hls.playlist import LISTED, NAME, Piece, Playlist, parsed
from kerchief.media.films.picture import Canvas
from kerchief.media.streams.writing import Container, LiveWriter
from kerchief.ports import YuvFrame
from kerchief.store.publish import PUBLIC, cannot_write, draft, replace_whole

PLAYLIST = "index.m3u8"
FRAGMENTS = Container(
    "mp4",
    {
        "movflags": "+frag_keyframe+empty_moov+default_base_moof+skip_trailer",
        "flush_packets": "1",
        "video_track_timescale": str(TIME_BASE[1]),
    },
    is_capped=True,
)
#: Pieces are kept for so long after they have left the playlist: a player may be reading them.
KEPT = LISTED
#: After so long without a frame, and so many frames of a slow stream, another run begins: a piece must not last as long
#: as an outage.
GAP_SECONDS, GAP_FRAMES = 3.0, 3


class Hls:
    """A folder with a playlist ``index.m3u8`` and pieces of fragmented MP4.

    Everything appears whole under its name, the playlist after the pieces. A run goes on, after a break, with the
    numbers of the run before.

    Args:
        folder: made if it is missing.
        quality: 1 to 100.
    """

    def __init__(self, folder: Path, quality: int) -> None:
        self._folder, self._quality = folder, quality
        self._playlist = Playlist()
        self._oldest = 0
        self._run: _Run | None = None
        #: When the last frame came, by the clock.
        self._came = 0.0
        self._hold = Hold(folder)

    @property
    def name(self) -> str:
        """As on the command line."""
        return f"hls:{self._folder}"

    def open(self, form: Form) -> None:
        """Begin a run; nothing is written yet but what is too old is removed.

        Raises:
            OutputError: the folder can't be made or written to, or another run writes to it.
            UsageError: it is a file, or holds somebody else's playlist.
        """
        if self._folder.exists() and not self._folder.is_dir():
            raise UsageError(self.name, "is no folder", "Give a folder for the playlist.")
        self.close()
        with draft(self._folder):
            pass
        self._hold.take()
        before = self._before()
        self._playlist = before or Playlist()
        try:
            names = [path.name for path in self._folder.iterdir()]
            numbers = [int(match[1]) for name in names if (match := NAME.fullmatch(name))]
            following = 1 + max([-1, *numbers, *(piece.number for piece in self._playlist.pieces)])
            # Without a playlist nobody knows whose files are there: these stay.
            self._oldest = following if before is None else 0
            self._remove_but(self._playlist.names)
            self._run = _Run(form, self._quality, following)
        except OSError as error:
            raise cannot_write(self._folder, error) from None

    def send(self, covered: Covered) -> None:
        """Take the next frame. With each keyframe the piece before is published.

        Raises:
            OutputError: the disk is full or fails. Players go on waiting: the playlist does not say that it is over.
        """
        if self._run is None:
            raise OutputError(self.name, "is not open", "Open it first.")
        with self._ending_where_it_fails():
            if self._run.ended_before(covered.frame):
                self._run = self._next_run(self._run)
            piece = self._run.take(covered.frame)
            if piece is not None:
                self._publish(self._run, *piece)
        self._came = monotonic()

    def idle(self) -> None:
        """Publish what came before an outage, however long that lasts.

        Raises:
            OutputError: the disk is full or fails.
        """
        if self._run is None or not self._run.has_begun or monotonic() - self._came <= self._run.longest_gap:
            return
        with self._ending_where_it_fails():
            self._run = self._next_run(self._run)

    def close(self) -> None:
        """Let go of what is no piece yet. Players go on waiting, and the folder is not left to others."""
        self._run = None

    def finish(self) -> None:
        """Publish what is left and say in the playlist that nothing more comes."""
        run, self._run = self._run, None
        with suppress(KerchiefError, OSError):
            if run is not None and run.has_begun:
                self._publish(run, *run.end())
        with suppress(KerchiefError, OSError):
            if self._hold.is_held and self._playlist.pieces:
                self._write_playlist(is_over=True)
        self._hold.let_go()

    @contextmanager
    def _ending_where_it_fails(self) -> Iterator[None]:
        """No piece may follow on one that is missing."""
        try:
            yield
        except OSError as error:
            self._run = None
            raise cannot_write(self._folder, error) from None
        except OutputError:
            self._run = None
            raise

    def _next_run(self, run: _Run) -> _Run:
        """Publish what a run still has, and begin another."""
        piece, data = run.end()
        self._publish(run, piece, data)
        return _Run(run.form, self._quality, piece.number + 1)

    def _before(self) -> Playlist | None:
        """The playlist of the run before, without pieces that are not there any more; None: there is none."""
        try:
            playlist = parsed((self._folder / PLAYLIST).read_text("utf-8"))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise cannot_write(self._folder, error) from None
        except ValueError:
            problem = f"holds an {PLAYLIST} that kerchief did not write"
            raise UsageError(self.name, problem, "Give another folder.") from None
        for piece in playlist.pieces:
            if not all((self._folder / name).exists() for name in (piece.name, piece.head)):
                playlist = playlist.since(piece.number + 1)
        return playlist

    def _publish(self, run: _Run, piece: Piece, data: bytes) -> None:
        if piece.number == piece.run:
            replace_whole(self._folder / piece.head, run.head, PUBLIC)
        replace_whole(self._folder / piece.name, data, PUBLIC)
        self._playlist = self._playlist.with_next(piece)
        self._write_playlist()
        first = self._playlist.pieces[0]
        kept = {Piece(first.number - back, 0.0, first.run).name for back in range(1, KEPT + 1)}
        with suppress(OSError):  # the next time
            self._remove_but(self._playlist.names | kept)

    def _write_playlist(self, *, is_over: bool = False) -> None:
        replace_whole(self._folder / PLAYLIST, self._playlist.text(is_over=is_over).encode(), PUBLIC)

    def _remove_but(self, names: set[str]) -> None:
        """Remove every file of ours but these."""
        for path in self._folder.iterdir():
            match = NAME.fullmatch(path.name)
            if match and int(match[1]) >= self._oldest and path.name not in names:
                path.unlink(missing_ok=True)


class _Run:
    """The pieces of one run, as they are filmed."""

    def __init__(self, form: Form, quality: int, first: int) -> None:
        self.form = form
        self.longest_gap = max(GAP_SECONDS, GAP_FRAMES / float(form.rate))
        self._written = _Bytes()
        canvas = Canvas(form.width, form.height, form.rate, Fraction(*TIME_BASE), form.colour)
        self._writer = LiveWriter(self._written, FRAGMENTS, canvas, quality)
        self.head = self._written.taken()
        self._first = self._number = first
        self._start: int | None = None
        self._piece_start = self._end = 0

    @property
    def has_begun(self) -> bool:
        """Whether a frame came."""
        return self._start is not None

    def ended_before(self, frame: YuvFrame) -> bool:
        """Whether a frame comes so long after the one before that it is no part of this run."""
        if self._start is None:
            return False
        return (frame.pts - self._start - self._end) * TIME_BASE[0] > self.longest_gap * TIME_BASE[1]

    def take(self, frame: YuvFrame) -> tuple[Piece, bytes] | None:
        """Write a frame; the piece that ended before it, if one did."""
        if self._start is None:
            self._start = frame.pts
        pts = frame.pts - self._start
        is_key = self._writer.write(YuvFrame(pts, frame.duration, frame.planes))
        self._end = pts + frame.duration
        return self._cut(pts) if is_key and pts else None

    def end(self) -> tuple[Piece, bytes]:
        """The last piece, of a run that has begun."""
        self._writer.close()
        return self._cut(self._end)

    def _cut(self, end: int) -> tuple[Piece, bytes]:
        piece = Piece(self._number, (end - self._piece_start) * TIME_BASE[0] / TIME_BASE[1], self._first)
        self._number, self._piece_start = self._number + 1, end
        return piece, self._written.taken()


class _Bytes:
    """A file that can only be written to, and what was written."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Keep some more."""
        self._parts.append(data)
        return len(data)

    def taken(self) -> bytes:
        """What was written since the last time."""
        parts, self._parts = self._parts, []
        return b"".join(parts)
