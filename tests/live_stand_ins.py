"""Stand-ins for ``kerchief live``, which the bench is proven with: one that covers nothing, one that covers the truth.

python live_stand_ins.py relay SOURCE SINK        bytes as they come, from tcp to tcp
python live_stand_ins.py bare SOURCE SINK         frames as they are, coded again
python live_stand_ins.py covered SOURCE SINK TRUTH.json [FRAMES]    with heads covered where they were some frames ago
"""

from __future__ import annotations

import json
import socket
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import live_barcode
import numpy as np
from live_film import Film
from live_runs import Product

GREY = 128


def stand_in(kind: str, *words: str) -> Product:
    """A stand-in as a command."""
    return lambda source, sink: [sys.executable, __file__, kind, source, sink, *words]


def save_truth(film: Film, path: Path) -> Path:
    """What ``covered`` has to know."""
    boxes = [[(f.box.x0, f.box.y0, f.box.x1, f.box.y1) for f in frame.faces] for frame in film.frames]
    path.write_text(json.dumps(boxes))
    return path


def relay(source: str, sink: str) -> None:
    """Pass on bytes."""
    ends = [(url.partition("://")[2].partition(":")[0], int(url.rpartition(":")[2])) for url in (source, sink)]
    with socket.create_connection(ends[0]) as one, socket.create_connection(ends[1]) as two:
        two.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while data := one.recv(1 << 16):
            two.sendall(data)


def recode(source: str, sink: str, truth: list[list[list[float]]] | None, lag: int) -> None:
    """Decode, cover, code again."""
    options = {"fflags": "nobuffer", "probesize": "65536", "rtsp_transport": "tcp"}
    container = "rtsp" if source.startswith("rtsp:") else "mpegts"
    with av.open(source, format=container, options=options) as read, av.open(sink, "w", format="mpegts") as write:
        video = read.streams.video[0]
        stream = write.add_stream("libx264", rate=15, options={"preset": "superfast", "tune": "zerolatency"})
        stream.width, stream.height, stream.pix_fmt = video.width, video.height, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 90_000)
        for frame in read.decode(video):
            planes = frame.to_ndarray()
            number = live_barcode.read(planes[: frame.height])
            if truth is not None and number is not None and number >= lag:
                cover(planes[: frame.height], truth[number - lag])
            painted = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            painted.pts, painted.time_base = frame.pts, frame.time_base
            write.mux(stream.encode(painted))
        write.mux(stream.encode(None))


def cover(luma: np.ndarray[Any, np.dtype[np.uint8]], boxes: list[list[float]]) -> None:
    """Make heads grey."""
    for x0, y0, x1, y1 in boxes:
        by = (x1 - x0) * 0.4
        luma[max(0, int(y0 - by)) : max(0, int(y1 + by)), max(0, int(x0 - by)) : max(0, int(x1 + by))] = GREY


if __name__ == "__main__":
    kind, source, sink, *words = sys.argv[1:]
    if kind == "relay":
        relay(source, sink)
    else:
        truth = json.loads(Path(words[0]).read_text()) if kind == "covered" else None
        recode(source, sink, truth, int(words[1]) if len(words) > 1 else 0)
