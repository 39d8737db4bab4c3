"""How much memory a run of ``kerchief live`` holds while it goes on: a film is played to it over and over (Linux)."""

from __future__ import annotations

import json
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from threading import Event, Thread

import av
import numpy as np
from live_crowd import Crowd
from live_film import Film, filmed
from live_receivers import TcpReceiver
from live_runs import kerchief_live
from live_senders import HOST, accepted, free_port
from processes import family, resident_mib

FILM_SECONDS, SAMPLE_SECONDS = 20.0, 2.0
#: The first minutes are left out of the slope: caches fill.
WARM_MINUTES = 2.0


class Draining(TcpReceiver):
    """Takes all, and keeps nothing."""

    def _drain(self, source: socket.socket) -> None:
        while source.recv(1 << 16):
            pass


def measure(minutes: float, width: int, rate: int, table: Path | None, plot: Path | None) -> None:
    """Play for so long, and say how memory went."""
    film = filmed(Crowd(), FILM_SECONDS, rate, [(0, width)])
    port, stop, receiver = free_port(), Event(), Draining()
    receiver.start()
    camera = Thread(target=_play, args=(film, port, stop), daemon=True)
    camera.start()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "segments").mkdir()
        words = kerchief_live("--to", f"{folder}/segments", "--segment", "10s")(f"tcp://{HOST}:{port}", receiver.url)
        with Popen(words, stdout=PIPE, stderr=DEVNULL, encoding="utf-8") as process:
            last: dict[str, float] = {}
            Thread(target=_listen, args=(process, last), daemon=True).start()
            samples = list(_samples(process, minutes, Path(folder, "segments")))
            process.terminate()
            process.wait(60)
    stop.set()
    _report(samples, last, table, plot)


def _play(film: Film, port: int, stop: Event) -> None:
    """The film over and over, as one stream, to one client."""
    with socket.create_server((HOST, port)) as server:
        client = accepted(server, stop)
    with client, suppress(OSError), client.makefile("wb", buffering=0) as file:
        target = av.open(file, "w", format="mpegts", options={"flush_packets": "1"})
        stream = target.add_stream("libx264", rate=film.rate)
        stream.width, stream.height, stream.pix_fmt = film.frames[0].width, film.frames[0].width * 9 // 16, "yuv420p"
        due, number = time.monotonic(), 0
        while not stop.is_set():
            frame = film.frames[number % len(film.frames)]
            packet = av.Packet(frame.nal)
            packet.stream, packet.time_base, packet.is_keyframe = stream, Fraction(1, film.rate), frame.is_key
            packet.pts = packet.dts = number
            target.mux(packet)
            number, due = number + 1, due + 1 / film.rate
            stop.wait(max(0.0, due - time.monotonic()))


def _listen(process: Popen[str], last: dict[str, float]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        said = json.loads(line)
        if said["event"] == "status":
            last.update({name: value for name, value in said.items() if isinstance(value, int | float)})


def _samples(process: Popen[str], minutes: float, segments: Path) -> Iterator[tuple[float, float]]:
    """(minutes since the start, MiB of all processes); published segments are taken away, as somebody would."""
    start = time.monotonic()
    while process.poll() is None and time.monotonic() - start < 60 * minutes:
        yield (time.monotonic() - start) / 60, sum(resident_mib(pid) for pid in family(process.pid))
        for path in sorted(segments.glob("*.mp4"))[:-3]:
            path.unlink()
        time.sleep(SAMPLE_SECONDS)


def _report(samples: list[tuple[float, float]], last: dict[str, float], table: Path | None, plot: Path | None) -> None:
    times, sizes = np.array(samples).T
    warm = times > min(WARM_MINUTES, times[-1] / 2)
    slope = float(np.polyfit(times[warm], sizes[warm], 1)[0]) * 60
    half = len(sizes) // 2
    print(f"{times[-1]:.1f} minutes, {last.get('came', 0):.0f} frames came, {last.get('sent', 0):.0f} sent")
    print(
        f"MiB: least {sizes[warm].min():.0f}, median of the first half {np.median(sizes[:half]):.0f}, of the second "
        f"{np.median(sizes[half:]):.0f}, most {sizes.max():.0f}; slope {slope:+.1f} MiB an hour"
    )
    if table:
        table.write_text(json.dumps({"minutes_mib": samples, "slope_mib_an_hour": slope, "last": last}) + "\n")
    if plot:
        from matplotlib.figure import Figure

        figure = Figure((7, 3))
        axes = figure.subplots()
        axes.plot(times, sizes)
        axes.set(xlabel="minutes", ylabel="MiB, all processes", ylim=(0, 1.1 * sizes.max()))
        figure.savefig(plot)
