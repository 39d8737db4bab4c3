"""A camera's RTSP server, as far as one player needs it: H.264 in RTP within the connection (RFC 2326, 6184)."""

from __future__ import annotations

import base64
import re
import select
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

from live_film import Film, Sent
from live_senders import HOST, Send, accepted, free_port, is_taken

#: Bytes of H.264 in one packet.
MOST = 1300
PAYLOAD_TYPE = 96
FRAGMENT = 28
START_CODE = re.compile(rb"\x00\x00\x00?\x01")
PARAMETERS = (7, 8)


class Rtsp:
    """The way of a film to somebody who plays ``url``."""

    def __init__(self, film: Film) -> None:
        self._port = free_port()
        self._film = film
        self.url = f"rtsp://{HOST}:{self._port}/crowd"

    def is_there(self) -> bool:
        return is_taken(self._port, "tcp")

    @contextmanager
    def open(self, stop: Event) -> Iterator[Send]:
        with socket.create_server((HOST, self._port)) as server:
            client = accepted(server, stop)
        with client:
            visit = _Visit(client, self.url, self._film.frames[0])
            while not visit.plays:
                visit.answer()
            sequence = 0

            def send(frame: Sent) -> None:
                nonlocal sequence
                while select.select([client], [], [], 0)[0]:
                    visit.answer()
                for packet in _packets(frame, sequence):
                    client.sendall(b"$\0" + struct.pack(">H", len(packet)) + packet)
                    sequence += 1

            yield send


class _Visit:
    """What a client asks for, and gets to hear."""

    def __init__(self, client: socket.socket, url: str, first: Sent) -> None:
        self._client, self._url = client, url
        self._description = _description(first)
        self.plays = False

    def answer(self) -> None:
        """Answer the next request.

        Raises:
            ConnectionError: it has gone.
        """
        method, headers = self._request()
        reply = {"CSeq": headers.get("cseq", "0"), "Session": "1"}
        body = ""
        status = "200 OK"
        if method == "OPTIONS":
            reply["Public"] = "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER"
        elif method == "DESCRIBE":
            body = self._description
            reply |= {"Content-Type": "application/sdp", "Content-Base": f"{self._url}/"}
        elif method == "SETUP" and "interleaved" not in headers.get("transport", ""):
            status = "461 Unsupported Transport"
        elif method == "SETUP":
            reply["Transport"] = "RTP/AVP/TCP;unicast;interleaved=0-1"
        elif method == "TEARDOWN":
            raise ConnectionAbortedError
        self.plays = self.plays or method == "PLAY"
        lines = [f"RTSP/1.0 {status}", *(f"{name}: {value}" for name, value in reply.items())]
        lines += [f"Content-Length: {len(body)}", "", body]
        self._client.sendall("\r\n".join(lines).encode())

    def _request(self) -> tuple[str, dict[str, str]]:
        data = b""
        while not data.endswith(b"\r\n\r\n"):
            byte = self._client.recv(1)
            if not byte:
                raise ConnectionAbortedError
            data += byte
            if data[0] == ord("$"):  # what the client says of what it got
                self._client.recv(struct.unpack(">H", (data + self._client.recv(3))[2:4])[0], socket.MSG_WAITALL)
                data = b""
        first, *lines = data.decode().split("\r\n")
        pairs = (line.partition(":") for line in lines if line)
        return first.split()[0], {name.strip().lower(): value.strip() for name, _, value in pairs}


def _description(first: Sent) -> str:
    parameters = [unit for unit in _units(first.nal) if unit[0] & 0x1F in PARAMETERS]
    sets = ",".join(base64.b64encode(unit).decode() for unit in parameters)
    lines = ["v=0", f"o=- 0 0 IN IP4 {HOST}", "s=crowd", f"c=IN IP4 {HOST}", "t=0 0", "a=control:*"]
    lines += [f"m=video 0 RTP/AVP {PAYLOAD_TYPE}", f"a=rtpmap:{PAYLOAD_TYPE} H264/90000"]
    lines += [f"a=fmtp:{PAYLOAD_TYPE} packetization-mode=1;sprop-parameter-sets={sets}", "a=control:track1", ""]
    return "\r\n".join(lines)


def _packets(frame: Sent, sequence: int) -> Iterator[bytes]:
    """A frame in RTP."""
    payloads = [payload for unit in _units(frame.nal) for payload in _payloads(unit)]
    for number, payload in enumerate(payloads):
        is_last = number == len(payloads) - 1
        kind = PAYLOAD_TYPE | (0x80 if is_last else 0)
        yield struct.pack(">BBHII", 0x80, kind, (sequence + number) & 0xFFFF, frame.pts & 0xFFFFFFFF, 1) + payload


def _payloads(unit: bytes) -> Iterator[bytes]:
    """A unit as it is, or in fragments."""
    if len(unit) <= MOST:
        yield unit
        return
    pieces = [unit[start : start + MOST] for start in range(1, len(unit), MOST)]
    for number, piece in enumerate(pieces):
        marks = 0x80 if number == 0 else 0x40 if number == len(pieces) - 1 else 0
        yield bytes([unit[0] & 0xE0 | FRAGMENT, marks | unit[0] & 0x1F]) + piece


def _units(nal: bytes) -> list[bytes]:
    return [unit for unit in START_CODE.split(nal) if unit]
