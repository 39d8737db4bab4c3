"""A server on this machine that speaks what kerchief needs of Google Cloud Storage's JSON interface."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

#: Objects in a page of a listing, whatever was asked for.
PAGE = 3


class GsServer:
    """One bucket, until it is closed. Uploads keep to ``ifGenerationMatch=0``: only if there is no such object."""

    def __init__(self, bucket: str) -> None:
        self.bucket = bucket
        self.objects: dict[str, bytes] = {}
        self.pages = 0
        self._lock = Lock()
        self._begun: dict[str, tuple[str, bool, bytes]] = {}
        server = self

        class Handler(_Handler):
            of = server

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = Thread(target=self._http.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def listed(self, prefix: str, after: str) -> dict[str, Any]:
        self.pages += 1
        names = sorted(name for name in self.objects if name.startswith(prefix) and name > after)
        page: dict[str, Any] = {"items": [self.about(name) for name in names[:PAGE]]} if names else {}
        return page | ({"nextPageToken": names[PAGE - 1]} if len(names) > PAGE else {})

    def about(self, name: str) -> dict[str, Any]:
        data = self.objects[name]
        md5 = b64encode(hashlib.md5(data).digest()).decode()
        return {"name": name, "bucket": self.bucket, "size": str(len(data)), "etag": md5, "md5Hash": md5}

    def begin(self, name: str, *, exclusive: bool) -> str:
        with self._lock:
            token = str(len(self._begun))
            self._begun[token] = name, exclusive, b""
        return f"{self.url}/upload/{token}"

    def go_on(self, token: str, data: bytes, *, is_last: bool) -> bool | None:
        """None: there is more to come. False: something of that name is there."""
        name, exclusive, so_far = self._begun[token]
        self._begun[token] = name, exclusive, so_far + data
        return self.write(name, so_far + data, exclusive=exclusive) if is_last else None

    def write(self, name: str, data: bytes, *, exclusive: bool) -> bool:
        with self._lock:
            if exclusive and name in self.objects:
                return False
            self.objects[name] = data
            return True


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    of: GsServer

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        url, asked = urlsplit(self.path), parse_qs(urlsplit(self.path).query)
        parts = url.path.split("/")  # /storage/v1/b/BUCKET/o[/NAME] or /download/storage/v1/b/…
        bucket, name = parts[parts.index("b") + 1], unquote(parts[-1])
        if bucket != self.of.bucket:
            self._answer(404, {"error": {"code": 404, "message": "no such bucket"}})
        elif parts[-1] == "o":
            self._answer(200, self.of.listed(asked.get("prefix", [""])[0], asked.get("pageToken", [""])[0]))
        elif name not in self.of.objects:
            self._answer(404, {"error": {"code": 404, "message": "no such object"}})
        elif asked.get("alt") == ["media"]:
            self._send(self.of.objects[name])
        else:
            self._answer(200, self.of.about(name))

    def do_POST(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        if "Content-Range" in self.headers:
            self._go_on()
            return
        body = self.rfile.read(int(self.headers["Content-Length"]))
        exclusive = asked.get("ifGenerationMatch") == ["0"]
        if asked["uploadType"] == ["resumable"]:
            self.send_response(200)
            self.send_header("Location", self.of.begin(asked["name"][0], exclusive=exclusive))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        _, about, data = body.split(b"--==0==\n", 2)
        name = json.loads(about.split(b"\n\n", 1)[1])["name"]
        data = data.split(b"\n\n", 1)[1].removesuffix(b"\n--==0==--")
        self._written(name, self.of.write(name, data, exclusive=exclusive))

    def _go_on(self) -> None:
        token = self.path.rpartition("/")[2].partition("?")[0]
        data = self.rfile.read(int(self.headers["Content-Length"]))
        span, _, total = self.headers["Content-Range"].removeprefix("bytes ").partition("/")
        end = int(span.partition("-")[2]) + 1
        written = self.of.go_on(token, data, is_last=end == int(total))
        if written is None:
            self.send_response(308)
            self.send_header("Range", f"bytes=0-{end - 1}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self._written(self.of._begun[token][0], written)

    def do_DELETE(self) -> None:
        """An upload is given up."""
        self.send_response(204)
        self.end_headers()

    def _written(self, name: str, written: bool) -> None:
        if written:
            self._answer(200, self.of.about(name))
        else:
            self._answer(412, {"error": {"code": 412, "message": "conditionNotMet"}})

    def _send(self, data: bytes) -> None:
        start, end = 0, len(data)
        if asked := self.headers.get("Range"):
            first, _, last = asked.removeprefix("bytes=").partition("-")
            start, end = int(first), min(end, int(last) + 1 if last else end)
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(end - start))
        self.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(data)}")
        self.end_headers()
        self.wfile.write(data[start:end])

    def _answer(self, code: int, said: dict[str, Any]) -> None:
        data = json.dumps(said).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
