"""Reads what is filmed now, with PyAV: frame by frame, as soon as it is there. Runs inside the stream's process.

A damaged frame is never given out, nor any that may have been made from it: until the next keyframe they are told of,
and not shown.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from time import monotonic

import av
import av.error

from kerchief.errors import InputRefused
from kerchief.media.streams.trust import trust

#: Formats that are read. Playlists and the like, which open other addresses, are not (law 7).
FORMATS = (
    "rtsp,flv,mpegts,mpeg,mov,mp4,matroska,webm,avi,mjpeg,mpjpeg,h264,hevc,ivf,nut,yuv4mpegpipe,v4l2,video4linux2,"
    "avfoundation,dshow,live_flv,mpegvideo,jpeg_pipe,asf"
)
#: What each scheme needs; nothing else is opened.
PROTOCOLS = {
    "rtsp": "rtsp,rtsps,rtp,srtp,udp,tcp,tls,crypto",
    "rtmp": "rtmp,rtmps,tcp,tls,crypto",
    "http": "http,https,tcp,tls,crypto",
}
OPTIONS = {
    "fflags": "discardcorrupt",
    "flags": "low_delay",
    # A stream that begins in the middle is understood at its next keyframe; longer than that nobody waits.
    "analyzeduration": "2000000",
    "probesize": "2000000",
    "max_delay": "100000",
    "rtsp_transport": "tcp",
    "max_redirects": "0",
    "rw_timeout": "10000000",
}
OPEN_SECONDS, READ_SECONDS = 10.0, 10.0
#: After damage frames are believed again with the next keyframe, or after so many seconds without further damage.
CLEAN_SECONDS = 2.0
#: Packets that can't be decoded, one after the other, with which a source is given up.
MOST_FAILURES = 300
#: What FFmpeg says when something is missing or was made up, though it goes on.
DAMAGE = ("conceal", "missed", "missing", "corrupt", "error while decoding", "invalid", "reference", "no frame", "lost")
#: Some cameras leave out the mark at the end of a JPEG; nothing of the picture is missing.
HARMLESS = "eoi missing"
CHECK = "Check the address, and whether it can be reached from here."


@dataclass(frozen=True, slots=True)
class Shot:
    """A frame of a stream.

    Attributes:
        seconds: when it was filmed, by the stream's own clock; may begin anywhere.
        picture: None for one that must not be shown, for it is damaged or may be.
        follows: whether nothing was amiss between it and the one before.
        rate: frames a second as the stream says; 0 where it does not.
        aspect: width over height of one of its pixels.
    """

    seconds: Fraction
    picture: av.VideoFrame | None
    follows: bool
    rate: float
    aspect: Fraction


class _Ear(logging.Handler):
    """Hears what FFmpeg says about damage."""

    def __init__(self, sent_on: int) -> None:
        super().__init__(logging.INFO)
        self.heard = False
        self._sent_on = sent_on

    def emit(self, record: logging.LogRecord) -> None:
        """A message. Errors always tell of damage, warnings where they say so."""
        text = record.getMessage().lower()
        if "redirecting" in text:
            os._exit(self._sent_on)  # before it asks the other address (law 7)
        is_damage = record.levelno >= logging.ERROR or any(word in text for word in DAMAGE)
        if record.levelno >= logging.WARNING and is_damage and HARMLESS not in text:
            self.heard = True


def shots(url: str, form: str | None, options: dict[str, str], sent_on: int) -> Iterator[Shot]:
    """The frames of a stream, each as soon as it is decoded.

    Args:
        url: what FFmpeg opens.
        form: FFmpeg's name of the format; None: it finds out.
        options: for FFmpeg, besides those for every stream.
        sent_on: the exit code with which this process ends where the source wants to send it elsewhere.

    Raises:
        InputRefused: it can't be opened, or can't be read any more. At its end this just ends.
    """
    ear = _Ear(sent_on)
    av.logging.set_level(av.logging.INFO)
    logging.getLogger("libav").setLevel(logging.INFO)
    av.logging.set_skip_repeated(False)  # else what is said again is not heard
    logging.getLogger("libav").addHandler(ear)
    logging.getLogger("libav").propagate = False
    with _opened(url, form, options) as container:
        pictures = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
        if not pictures:
            raise InputRefused("", "there is no picture in it", "Give a source with a picture.")
        stream = pictures[0]
        for other in container.streams:
            other.discard = av.stream.Discard.default if other is stream else av.stream.Discard.all
        # One thread: several would hold a frame back each.
        stream.codec_context.thread_count = 1
        yield from _Watch(container, stream, ear).shots()


class _Watch:
    """Decodes one stream, and knows when its frames can be believed."""

    def __init__(self, container: av.container.InputContainer, stream: av.VideoStream, ear: _Ear) -> None:
        self._container, self._stream, self._ear = container, stream, ear
        # What FFmpeg said while it found out what the stream is says nothing of the frames that come.
        self._doubted_since: float | None = monotonic()
        self._follows = False
        self._clean_keys: set[int | None] = set()
        self._rate = float(stream.average_rate or stream.guessed_rate or 0)
        self._aspect = stream.sample_aspect_ratio or Fraction(1)
        ear.heard = False

    def shots(self) -> Iterator[Shot]:
        failures = 0
        base = self._stream.time_base or Fraction(1, 90_000)
        last: Fraction | None = None
        for packet in self._container.demux(self._stream):
            frames = self._decoded(packet)
            failures = failures + 1 if frames is None else 0
            if failures > MOST_FAILURES:
                raise InputRefused("", "its picture can't be decoded", "Restart the source.")
            for frame in frames or ():
                seconds = frame.pts * base if frame.pts is not None else last
                if seconds is None:
                    continue
                last = seconds
                yield self._shot(seconds, frame)

    def _decoded(self, packet: av.Packet[av.VideoStream]) -> list[av.VideoFrame] | None:
        """The frames of a packet; None where it can't be decoded."""
        frames: list[av.VideoFrame] | None = None
        try:
            frames = packet.decode()
        except (av.error.FFmpegError, ValueError):
            self._ear.heard = True
        if packet.is_corrupt or any(frame.is_corrupt for frame in frames or ()):
            self._ear.heard = True
        if self._ear.heard:
            self._ear.heard = False
            self._doubted_since = monotonic()
            self._clean_keys.clear()
            return frames
        if self._doubted_since is None:
            return frames
        if packet.is_keyframe:
            self._clean_keys.add(packet.pts)
        if frames:
            # A picture may come out packets later than what was wrong with it was heard.
            is_clean_key = any(frame.key_frame and frame.pts in self._clean_keys for frame in frames)
            if is_clean_key or monotonic() - self._doubted_since > CLEAN_SECONDS:
                self._doubted_since, self._follows = None, False
                self._clean_keys.clear()
        return frames

    def _shot(self, seconds: Fraction, frame: av.VideoFrame) -> Shot:
        if self._doubted_since is not None:
            return Shot(seconds, None, follows=False, rate=self._rate, aspect=self._aspect)
        follows, self._follows = self._follows, True
        return Shot(seconds, frame, follows, self._rate, self._aspect)


@contextmanager
def _opened(url: str, form: str | None, options: dict[str, str]) -> Iterator[av.container.InputContainer]:
    """The container; whatever FFmpeg raises is one refusal."""
    scheme = url.partition(":")[0].lower()
    family = next((allowed for start, allowed in PROTOCOLS.items() if scheme.startswith(start)), scheme)
    limits = {"format_whitelist": FORMATS, "protocol_whitelist": family}
    timeouts = (OPEN_SECONDS, READ_SECONDS)
    try:
        with av.open(url, format=form, options=OPTIONS | limits | trust() | options, timeout=timeouts) as container:
            yield container
    except (av.error.FFmpegError, EOFError, OSError, ValueError, IndexError) as error:
        reason = (getattr(error, "strerror", None) or type(error).__name__).lower()
        raise InputRefused("", f"can't be read ({reason})", CHECK) from None
