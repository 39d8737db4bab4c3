"""How late a page shows a frame: ways to bring a live picture to a browser on the same machine, one after the other.

    python benchmarks/preview_latency.py [--ways preview,poll,fetch,img,img-late] [--frames 300] [--rate 15] [--busy 0]

Frames of 1280×720 carry their number as a row of black and white squares. The clock starts when a frame is handed over
and stops in the first `requestAnimationFrame` in which the page can read that number from what it shows; both are the
clock of this machine. The first three seconds do not count. The server is a process of its own; its time is divided by
the frames, the browser's is not in it.

- `preview`: the sink as it is, with its own page.
- `poll`: a request for each picture, which waits for the next one; drawn on a canvas.
- `fetch`: one answer that never ends, pictures one after the other; drawn on a canvas.
- `img`: `multipart/x-mixed-replace` in an `<img>`, each picture followed at once by the boundary and the head of the
  next, for Chromium shows none before it has those; `img-late` sends them with the next picture, as most do.
- `webrtc-vp8`, `webrtc-h264`: aiortc, which is no dependency of kerchief: `pip install aiortc==1.16.0` into an
  environment of your own. No STUN server is asked, and the browser is told to wait for as little as it can.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import statistics
import struct
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from fractions import Fraction
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import cv2
import numpy as np
import uvicorn
from barcodes import BITS, BRIGHT, DARK, SQUARE_PX
from browsers import launched
from numpy.typing import NDArray
from playwright.sync_api import Browser, sync_playwright
from scenes import scene
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from kerchief.live.covered import Covered, Form
from kerchief.live.events import Event
from kerchief.live.sinks.preview.sink import Preview
from kerchief.media.photos.preview import jpeg
from kerchief.ports import YuvFrame

WIDTH, HEIGHT, QUALITY = 1280, 720, 80
SETTLING_SECONDS = 3.0
SCREEN_SECONDS = 1 / 60
HEAD = b"--frame\r\nContent-Type: image/jpeg\r\n\r\n"

#: (height * 3 / 2, width) uint8: Y, U and V below each other.
I420 = NDArray[np.uint8]
#: Takes a frame and its number.
Hand = Callable[[int, I420], None]

PROBE = """
const probe = document.createElement("canvas");
probe.width = BITS; probe.height = 1;
const pen = probe.getContext("2d", { willReadFrequently: true });
window.seen = [];
let last = 0;
function look(source, width) {
  requestAnimationFrame(() => look(source, width));
  for (const until = performance.now() + BUSY; performance.now() < until;);
  if (!width()) return;
  for (let bit = 0; bit < BITS; bit += 1) {
    pen.drawImage(source, (bit + 0.25) * SQUARE, SQUARE / 4, SQUARE / 2, SQUARE / 2, bit, 0, 1, 1);
  }
  const pixels = pen.getImageData(0, 0, BITS, 1).data;
  let number = 0;
  for (let bit = 0; bit < BITS; bit += 1) if (pixels[4 * bit + 1] > 128) number |= 1 << bit;
  if (number !== last) window.seen.push([number, performance.timeOrigin + performance.now()]);
  last = number;
}
""".replace("BITS", str(BITS)).replace("SQUARE", str(SQUARE_PX))

CANVAS = """
const canvas = document.querySelector("canvas");
const ink = canvas.getContext("2d", { alpha: false });
look(canvas, () => canvas.width);
async function draw(blob) {
  const picture = await createImageBitmap(blob);
  ink.drawImage(picture, 0, 0);
  picture.close();
}
"""
OURS = """
const canvas = document.querySelector("canvas");
look(canvas, () => canvas.width > 1);
"""
POLL = """
(async () => {
  for (let number = 0; ;) {
    const answer = await fetch(`/next?after=${number}`);
    if (answer.status !== 200) continue;
    number = Number(answer.headers.get("X-Number"));
    await draw(await answer.blob());
  }
})();
"""
FETCH = """
(async () => {
  const reader = (await fetch("/stream")).body.getReader();
  let rest = new Uint8Array(0);
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const all = new Uint8Array(rest.length + value.length);
    all.set(rest); all.set(value, rest.length);
    rest = all;
    while (rest.length >= 4) {
      const length = new DataView(rest.buffer, rest.byteOffset).getUint32(0);
      if (rest.length < 4 + length) break;
      const blob = new Blob([rest.subarray(4, 4 + length)], { type: "image/jpeg" });
      rest = rest.slice(4 + length);
      await draw(blob);
    }
  }
})();
"""
RTC = """
(async () => {
  const video = document.querySelector("video");
  const peer = new RTCPeerConnection();
  const { receiver } = peer.addTransceiver("video", { direction: "recvonly" });
  receiver.jitterBufferTarget = 0;
  peer.ontrack = ({ streams, track }) => { video.srcObject = streams[0] ?? new MediaStream([track]); };
  await peer.setLocalDescription(await peer.createOffer());
  while (peer.iceGatheringState !== "complete") await new Promise((then) => setTimeout(then, 20));
  const answer = await fetch("/offer", { method: "POST", body: JSON.stringify(peer.localDescription) });
  await peer.setRemoteDescription(await answer.json());
  look(video, () => video.videoWidth);
})();
"""
PAGES = {
    "poll": f"<canvas width={WIDTH} height={HEIGHT}></canvas><script>{PROBE}{CANVAS}{POLL}</script>",
    "fetch": f"<canvas width={WIDTH} height={HEIGHT}></canvas><script>{PROBE}{CANVAS}{FETCH}</script>",
    "img": f"<img src='/multipart'><script>{PROBE}const i = document.images[0]; look(i, () => i.naturalWidth)</script>",
    "webrtc": f"<video autoplay muted playsinline></video><script>{PROBE}{RTC}</script>",
}


class Newest:
    """The newest frame, for all who wait in the server's loop."""

    def __init__(self) -> None:
        self.number = 0
        self.value: Any = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._came = asyncio.Condition()

    def put(self, number: int, value: Any) -> None:
        if self._loop is not None:
            asyncio.run_coroutine_threadsafe(self._put(number, value), self._loop)

    async def _put(self, number: int, value: Any) -> None:
        async with self._came:
            self.number, self.value = number, value
            self._came.notify_all()

    async def after(self, number: int) -> tuple[int, Any]:
        self._loop = asyncio.get_running_loop()
        async with self._came:
            await self._came.wait_for(lambda: self.number > number)
            return self.number, self.value


def pictures(count: int = 30) -> list[I420]:
    """A crowd that the camera pans over."""
    wide, _ = scene(WIDTH + 8 * count, HEIGHT, [(100 + 190 * n, 200 + 60 * (n % 4), 70) for n in range(8)])
    crops = (np.ascontiguousarray(wide[:, 8 * n : 8 * n + WIDTH]) for n in range(count))
    return [np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2YUV_I420), np.uint8) for crop in crops]


def numbered(picture: I420, number: int) -> I420:
    """A copy that carries a number."""
    frame = picture.copy()
    for bit in range(BITS):
        value = BRIGHT if number >> bit & 1 else DARK
        frame[:SQUARE_PX, bit * SQUARE_PX : (bit + 1) * SQUARE_PX] = value
    # No colour there: two planes of half the width, packed into whole rows.
    for plane in (frame[HEIGHT : HEIGHT * 5 // 4], frame[HEIGHT * 5 // 4 :]):
        plane.reshape(HEIGHT // 2, WIDTH // 2)[: SQUARE_PX // 2, : BITS * SQUARE_PX // 2] = 128
    return frame


def coded(frame: I420) -> bytes:
    return jpeg(np.asarray(cv2.cvtColor(frame, cv2.COLOR_YUV2RGB_I420), np.uint8), QUALITY)


def jpeg_routes(newest: Newest, *, is_late: bool) -> list[Route]:
    async def following(request: Request) -> Response:
        number, data = await newest.after(int(request.query_params["after"]))
        return Response(data, media_type="image/jpeg", headers={"X-Number": str(number)})

    async def framed() -> AsyncIterator[bytes]:
        number = 0
        while True:
            number, data = await newest.after(number)
            yield struct.pack(">I", len(data)) + data

    async def parts() -> AsyncIterator[bytes]:
        number, before, behind = 0, *((HEAD, b"") if is_late else (b"", HEAD))
        yield behind
        while True:
            number, data = await newest.after(number)
            yield before + data + b"\r\n" + behind

    def endless(chunks: Callable[[], AsyncIterator[bytes]], kind: str) -> Callable[[Request], Response]:
        return lambda _: StreamingResponse(chunks(), media_type=kind)

    return [
        Route("/next", following),
        Route("/stream", endless(framed, "application/octet-stream")),
        Route("/multipart", endless(parts, "multipart/x-mixed-replace; boundary=frame")),
    ]


def rtc_routes(newest: Newest, codec: str) -> list[Route]:
    from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription, VideoStreamTrack
    from av import VideoFrame

    peers = []  # else they would be collected

    class Track(VideoStreamTrack):
        number = 0

        async def recv(self) -> VideoFrame:
            self.number, frame = await newest.after(self.number)
            made = VideoFrame.from_ndarray(frame, format="yuv420p")
            made.pts, made.time_base = await self.next_timestamp()
            made.pts = int(time.monotonic() * 90_000)
            return made

        async def next_timestamp(self) -> Any:
            from aiortc.mediastreams import VIDEO_TIME_BASE

            return 0, VIDEO_TIME_BASE

    async def offer(request: Request) -> Response:
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        peers.append(peer)
        await peer.setRemoteDescription(RTCSessionDescription(**await request.json()))
        peer.addTrack(Track())
        wanted = [kind for kind in RTCRtpSender.getCapabilities("video").codecs if kind.mimeType.lower() == codec]
        peer.getTransceivers()[0].setCodecPreferences(wanted)
        await peer.setLocalDescription(await peer.createAnswer())
        return JSONResponse({"sdp": peer.localDescription.sdp, "type": peer.localDescription.type})

    return [Route("/offer", offer, methods=["POST"])]


def preview(rate: float) -> tuple[str, Hand]:
    """The sink: its link, and what takes a frame."""
    told: list[Event] = []
    sink = Preview(0, told.append)
    sink.open(Form(WIDTH, HEIGHT, Fraction(rate)))

    def hand(number: int, frame: I420) -> None:
        y, colours = frame[:HEIGHT], frame[HEIGHT:].reshape(2, HEIGHT // 2, WIDTH // 2)
        sink.send(Covered(YuvFrame(6000 * number, 6000, (y, colours[0], colours[1])), {}))

    return str(told[0].values["link"]), hand


def other(way: str, busy_ms: float) -> tuple[str, Hand]:
    """Another way: the address of its page, and what takes a frame."""
    newest = Newest()
    page = PAGES[way.partition("-")[0]].replace("BUSY", str(busy_ms))
    codec = {"webrtc-vp8": "video/vp8", "webrtc-h264": "video/h264"}.get(way)
    routes = rtc_routes(newest, codec) if codec else jpeg_routes(newest, is_late=way == "img-late")
    app = Starlette(routes=[Route("/", lambda _: HTMLResponse(page)), *routes])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off", ws="none"))
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.01)
    address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"
    if codec:
        return address, newest.put
    return address, lambda number, frame: newest.put(number, coded(frame))


def serve(way: str, frames: int, rate: float, busy_ms: float, wire: Connection) -> None:
    """The server's process: tells its page; told to begin, hands over frames; tells when it did, and what they cost."""
    address, hand = preview(rate) if way == "preview" else other(way, busy_ms)
    crowd = pictures()
    wire.send(address)
    wire.recv()
    settling = round(SETTLING_SECONDS * rate)
    random = Random(7)
    began, used, handed = time.monotonic(), 0.0, {}
    for number in range(1, settling + frames + 1):
        frame = numbered(crowd[number % len(crowd)], number)
        # Not in step with the screen, or all frames would wait equally long for it.
        due = began + number / rate + random.uniform(0, SCREEN_SECONDS)
        time.sleep(max(0.0, due - time.monotonic()))
        if number == settling + 1:
            used = time.process_time()
        if number > settling:
            handed[number] = 1000 * time.time()
        hand(number, frame)
    time.sleep(1)
    wire.send((handed, 1000 * (time.process_time() - used) / frames))


def measured(browser: Browser, way: str, frames: int, rate: float, busy_ms: float) -> dict[str, Any]:
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    told = (way, frames, rate, busy_ms, theirs)
    process = multiprocessing.get_context("spawn").Process(target=serve, args=told, daemon=True)
    process.start()
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
    page.goto(ours.recv(), wait_until="commit")
    page.wait_for_timeout(1000)
    if way == "preview":
        page.evaluate(f"() => {{ {PROBE} {OURS} }}".replace("BUSY", str(busy_ms)))
    ours.send("begin")
    handed, cost = ours.recv()
    seen = dict(reversed(page.evaluate("window.seen")))
    page.close()
    process.kill()
    late = sorted(seen[number] - at for number, at in handed.items() if number in seen)
    return {
        "way": way,
        "shown": len(late),
        "handed": len(handed),
        "median_ms": round(statistics.median(late), 1) if late else None,
        "p95_ms": round(late[int(0.95 * len(late))], 1) if late else None,
        "cpu_ms": round(cost, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ways", default="preview,poll,fetch,img,img-late")
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--rate", type=float, default=15.0)
    parser.add_argument("--busy", type=float, default=0.0, help="ms for which the page is held up before each drawing")
    args = parser.parse_args()
    with sync_playwright() as playwright, contextlib.closing(launched(playwright)) as browser:
        for way in args.ways.split(","):
            print(json.dumps(measured(browser, way, args.frames, args.rate, args.busy)), flush=True)


if __name__ == "__main__":
    main()
