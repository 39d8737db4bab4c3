"""Who a stream is pushed to, and how FFmpeg is told so.

Everything goes through FFmpeg's muxer "tee": it alone hands options to the protocol below a container.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from kerchief.errors import UsageError
from kerchief.live.address import without_secrets
from kerchief.media.streams.trust import trust
from kerchief.media.streams.writing import MPEG_TS, Container

#: What the parts of FFmpeg's "tee" are told apart by.
SIGNS = "\\'|[]:= \t\n"
#: RTMP lets the two sides tell each other what they are; this says no more than that it is one that publishes.
FLASH = "FMLE/3.0 (compatible; FMSc/1.0)"
#: Seven packets of an MPEG stream, so that each datagram begins with one.
DATAGRAM_BYTES = "1316"
NAME_ONE = "Name one: rtsp://, rtsps://, rtmp://, rtmps://, srt://, udp:// or tcp://HOST…"


@dataclass(frozen=True, slots=True)
class Way:
    """How a stream goes to the peers of a scheme.

    Attributes:
        format: FFmpeg's name of the container.
        options: for it and its protocol.
        has_header: see ``Container``.
        has_tls: whether it is encrypted; then the peer must show that it is who it is called.
    """

    format: str
    options: Mapping[str, str]
    has_header: bool = False
    has_tls: bool = False


RTSP = {"rtsp_transport": "tcp"}
RTMP = {"flvflags": "no_duration_filesize", "rtmp_flashver": FLASH}
#: FFmpeg follows no redirection of these (tested), and none of the other protocols has any.
WAYS = {
    "rtsp": Way("rtsp", RTSP, has_header=True),
    "rtsps": Way("rtsp", RTSP, has_header=True, has_tls=True),
    "rtmp": Way("flv", RTMP, has_header=True),
    "rtmps": Way("flv", RTMP, has_header=True, has_tls=True),
    "srt": Way("mpegts", {}),
    "udp": Way("mpegts", {"pkt_size": DATAGRAM_BYTES}),
    "tcp": Way("mpegts", {}),
}


@dataclass(frozen=True, slots=True)
class Peer:
    """Somebody who is pushed to.

    Attributes:
        url: as the user gave it, its scheme in lower case.
        scheme: in lower case.
        name: the URL without what only the two sides should know.
    """

    url: str
    scheme: str
    name: str

    @classmethod
    def of(cls, url: str) -> Peer:
        """The peer that a URL names.

        Raises:
            UsageError: it names none, or one that nothing is pushed to.
        """
        scheme, host = url.partition("://")[0].lower(), None
        with suppress(ValueError):
            host = urlsplit(url).hostname
        if scheme not in WAYS:
            raise UsageError(scheme, "this is no URL that is pushed to", NAME_ONE)
        if not host:
            raise UsageError(f"{scheme}://", "names no host", NAME_ONE)
        return cls(scheme + url[len(scheme) :], scheme, without_secrets(url))

    @property
    def container(self) -> Container:
        """How the stream is packed for FFmpeg's "tee"."""
        way = WAYS[self.scheme]
        tags = MPEG_TS.tags if way.format == MPEG_TS.format else {}
        return Container("tee", tags=tags, has_header=way.has_header, is_capped=True)

    @property
    def target(self) -> str:
        """The peer and all options, as FFmpeg's "tee" is told."""
        way = WAYS[self.scheme]
        options = {"f": way.format, "onfail": "abort", "fflags": "+bitexact", "flush_packets": "1", **way.options}
        if way.has_tls:
            options |= trust()
        # What stands between the brackets is read twice.
        told = ":".join(f"{name}={_quoted(_quoted(value))}" for name, value in options.items())
        return f"[{told}]{_quoted(self.url)}"


def _quoted(text: str) -> str:
    return "".join(f"\\{sign}" if sign in SIGNS else sign for sign in text)
