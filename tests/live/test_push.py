"""A stream is pushed: it arrives as it was sent, and a peer that is gone, silent or false does no harm."""

from __future__ import annotations

import os
import re
import signal
import socket
import ssl
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import pairwise
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from numbered import FORM, Got, covered, datagrams, free_port, heard, listening, read, receiver

from kerchief.errors import OutputError, UsageError
from kerchief.live.sinks.push import push as push_module
from kerchief.live.sinks.push.push import Push
from kerchief.media.streams import srt

#: Seconds that a receiver may take to listen.
PATIENCE = 20.0


def has_srt() -> bool:
    try:
        srt.program()
    except UsageError:
        return False
    return True


needs_srt = pytest.mark.skipif(not has_srt(), reason="no program ffmpeg with SRT here")


@pytest.fixture
def pushing() -> Iterator[Callable[[str], Push]]:
    """Makes a sink; it is closed in any case."""
    made: list[Push] = []

    def push(url: str) -> Push:
        made.append(Push(url, 85))
        return made[-1]

    yield push
    for one in made:
        one.finish()


def opened(push: Push) -> Push:
    """Open it, as often as it takes until its peer listens: the same object again and again."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            push.open(FORM)
        except OutputError:
            push.close()
            assert time.monotonic() < until
            time.sleep(0.2)
        else:
            return push


def send(push: Push, numbers: range) -> None:
    for number in numbers:
        push.send(covered(number))


def must_be_even(got: Got) -> None:
    """Frames come a fifteenth of a second apart; containers round to a millisecond."""
    times = [time for time in got.times if time is not None]
    assert len(times) > 10
    assert all(abs(b - a - 1 / 15) < 0.0025 for a, b in pairwise(times))


def test_a_stream_over_tcp_holds_the_picture_alone_and_begins_at_0(pushing: Callable[[str], Push]) -> None:
    came: list[bytes] = []

    def keep(one: socket.socket) -> None:
        while data := one.recv(1 << 16):
            came.append(data)

    with listening(keep) as (port, connections):
        push = opened(pushing(f"tcp://127.0.0.1:{port}"))
        send(push, range(45))
        push.idle()
        push.finish()
        assert len(connections) == 1
    data = b"".join(came)
    got = read(data, "mpegts")
    assert got.numbers == list(range(45))
    assert got.times[0] == 0
    must_be_even(got)
    for word in (b"Lav", b"FFmpeg", b"x264", b"Service01", b"kerchief"):
        assert word not in data


def test_datagrams_hold_whole_packets(pushing: Callable[[str], Push]) -> None:
    with datagrams() as (port, came):
        push = opened(pushing(f"udp://127.0.0.1:{port}"))
        send(push, range(45))
        push.close()
        time.sleep(0.5)
    assert all(len(datagram) % 188 == 0 and datagram[0] == 0x47 for datagram in came)
    got = read(b"".join(came), "mpegts")
    assert got.numbers == list(range(45))
    must_be_even(got)


def test_rtmp(pushing: Callable[[str], Push]) -> None:
    url = f"rtmp://127.0.0.1:{free_port()}/live/key"
    with receiver(url, "flv", listen="1") as process:
        push = opened(pushing(url))
        send(push, range(45))
        push.close()
        got = heard(process)
    assert got.numbers == list(range(45))
    assert got.times[0] == 0
    must_be_even(got)


def test_rtsp(pushing: Callable[[str], Push]) -> None:
    url = f"rtsp://127.0.0.1:{free_port()}/cam"
    with receiver(url, "rtsp", rtsp_flags="listen", listen_timeout="30") as process:
        push = opened(pushing(url))
        send(push, range(45))
        push.close()
        got = heard(process)
    assert got.numbers == list(range(45))
    must_be_even(Got(got.numbers, got.times[1:]))  # the first has no time


@needs_srt
def test_srt_encrypted(pushing: Callable[[str], Push]) -> None:
    url = f"srt://127.0.0.1:{free_port(socket.SOCK_DGRAM)}?passphrase=0123456789ab"
    command = ["ffmpeg", "-v", "quiet", "-nostdin", "-f", "data", "-i", f"{url}&mode=listener", "-map", "0", "-c"]
    with subprocess.Popen([*command, "copy", "-f", "data", "pipe:1"], stdout=subprocess.PIPE) as peer:
        assert peer.stdout is not None
        push = opened(pushing(url))
        for number in range(45):
            push.send(covered(number))
            time.sleep(0.01)
        push.close()
        got = read(peer.stdout.read(), "mpegts")
    # SRT drops what comes too late, at the end too.
    assert got.numbers[:30] == list(range(30))
    must_be_even(got)


@needs_srt
def test_no_relay_outlives_its_push(pushing: Callable[[str], Push]) -> None:
    url = f"srt://127.0.0.1:{free_port(socket.SOCK_DGRAM)}"
    with subprocess.Popen(
        ["ffmpeg", "-v", "quiet", "-nostdin", "-i", f"{url}?mode=listener", "-f", "null", "-"]
    ) as peer:
        push = opened(pushing(url))
        send(push, range(5))
        assert push._child is not None
        (relay,) = children(push._child.pid)
        push._child.send_signal(signal.SIGKILL)
        until = time.monotonic() + PATIENCE
        while is_running(relay) and time.monotonic() < until:
            time.sleep(0.1)
        assert not is_running(relay)
        peer.kill()


def children(pid: int) -> list[int]:
    found = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]
    return [child for child in found if stat_of(child)[1:2] == [str(pid)]]


def stat_of(pid: int) -> list[str]:
    """State, parent and so on."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def is_running(pid: int) -> bool:
    return stat_of(pid)[:1] not in ([], ["Z"])


def test_a_peer_that_was_killed_is_noticed_and_found_again(pushing: Callable[[str], Push]) -> None:
    url = f"rtmp://127.0.0.1:{free_port()}/live/key"
    with receiver(url, "flv", listen="1") as process:
        push = opened(pushing(url))
        send(push, range(5))
        process.kill()
        process.wait()
        with pytest.raises(OutputError, match="can't be written to"):
            send(push, range(5, 1000))
        push.close()
    with receiver(url, "flv", listen="1") as process:
        opened(push)
        send(push, range(100, 145))
        push.close()
        got = heard(process)
    assert got.numbers == list(range(100, 145))
    assert got.times[0] == 0


def test_a_peer_that_reads_no_more_is_noticed_and_holds_nothing_up(
    pushing: Callable[[str], Push], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push_module, "FRAME_SECONDS", 1.0)

    def stop_reading(one: socket.socket) -> None:
        time.sleep(120)

    with listening(stop_reading) as (port, _):
        push = opened(pushing(f"tcp://127.0.0.1:{port}"))
        with pytest.raises(OutputError, match="takes nothing any more"):
            send(push, range(4000))
        began = time.monotonic()
        push.close()
        assert time.monotonic() - began < 5


@pytest.mark.parametrize("scheme", ["rtsp", "rtmp", "rtmps"])
def test_a_peer_that_does_not_answer(
    scheme: str, pushing: Callable[[str], Push], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push_module, "FRAME_SECONDS", 0.5)
    monkeypatch.setattr(push_module, "FIRST_SECONDS", 0.5)
    with listening(lambda one: time.sleep(120)) as (port, _):
        push = pushing(f"{scheme}://127.0.0.1:{port}/live/key")
        with pytest.raises(OutputError, match="does not answer"):
            push.open(FORM)
        assert push._child is None


def rtsp_that_sends_away(to: int, at: bytes) -> Callable[[socket.socket], None]:
    """An RTSP server that answers one method with a redirection, and any before it well."""

    def serve(one: socket.socket) -> None:
        while data := one.recv(1 << 16):
            if not data.startswith((b"OPTIONS", b"ANNOUNCE")):
                continue
            number = re.search(rb"CSeq: (\d+)", data)
            assert number is not None
            answer = b"302 Found\r\nLocation: rtsp://127.0.0.1:%d/x" % to if data.startswith(at) else b"200 OK"
            one.sendall(b"RTSP/1.0 " + answer + b"\r\nCSeq: " + number[1] + b"\r\n\r\n")

    return serve


@pytest.mark.parametrize("method", [b"OPTIONS", b"ANNOUNCE"])
def test_rtsp_goes_nowhere_else(method: bytes, pushing: Callable[[str], Push]) -> None:
    with listening(lambda one: None) as (elsewhere, connections):
        with listening(rtsp_that_sends_away(elsewhere, method)) as (port, first), pytest.raises(OutputError):
            pushing(f"rtsp://127.0.0.1:{port}/x").open(FORM)
        assert len(first) == 1
        assert connections == []


def amf(value: object) -> bytes:
    """A value in the format of RTMP's commands (AMF 0)."""
    if value is None:
        return b"\x05"
    if isinstance(value, float):
        return b"\x00" + struct.pack(">d", value)
    if isinstance(value, str):
        return b"\x02" + struct.pack(">H", len(value)) + value.encode()
    assert isinstance(value, dict)
    fields = (struct.pack(">H", len(name)) + name.encode() + amf(of) for name, of in value.items())
    return b"\x03" + b"".join(fields) + b"\x00\x00\x09"


def rtmp_that_sends_away(to: int) -> Callable[[socket.socket], None]:
    """An RTMP server that says, as Adobe's does, that the stream is to go elsewhere."""
    url = f"rtmp://127.0.0.1:{to}/live"

    def exactly(one: socket.socket, length: int) -> bytes:
        data = b""
        while len(data) < length:
            data += one.recv(length - len(data)) or b"\x00" * length
        return data

    def serve(one: socket.socket) -> None:
        hello = exactly(one, 1537)
        one.sendall(b"\x03" + bytes(1536) + hello[1:])
        exactly(one, 1536)
        one.recv(4096)
        reason = {
            "level": "error",
            "code": "NetConnection.Connect.Rejected",
            "description": f"[ AccessManager.Reject ] : [ code=302 ] : {url}",
            "ex": {"code": 302.0, "redirect": url},
            "redirect": url,
        }
        body = amf("_error") + amf(1.0) + amf(None) + amf(reason)
        chunks = [body[start : start + 128] for start in range(0, len(body), 128)]
        head = b"\x03\x00\x00\x00" + len(body).to_bytes(3, "big") + b"\x14\x00\x00\x00\x00"
        one.sendall(head + b"\xc3".join(chunks))
        while one.recv(4096):
            pass

    return serve


def test_rtmp_goes_nowhere_else(pushing: Callable[[str], Push], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push_module, "FRAME_SECONDS", 1.0)
    monkeypatch.setattr(push_module, "FIRST_SECONDS", 3.0)
    with listening(lambda one: None) as (elsewhere, connections):
        with listening(rtmp_that_sends_away(elsewhere)) as (port, first), pytest.raises(OutputError):
            pushing(f"rtmp://127.0.0.1:{port}/live/key").open(FORM)
        assert len(first) >= 1
        assert connections == []


@pytest.fixture
def host(request: pytest.FixtureRequest) -> str:
    """Whom the certificate names."""
    return str(getattr(request, "param", "localhost"))


@pytest.fixture
def certificate(tmp_path: Path, host: str) -> tuple[Path, Path]:
    """A certificate that nobody trusts, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    addresses = [x509.IPAddress(ip_address("127.0.0.1"))] if host == "localhost" else []
    names = x509.SubjectAlternativeName([x509.DNSName(host), *addresses])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = tmp_path / "certificate.pem", tmp_path / "key.pem"
    paths[0].write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    return paths


@pytest.mark.parametrize("scheme", ["rtsps", "rtmps"])
@pytest.mark.parametrize(
    ("host", "is_trusted"), [("localhost", False), ("localhost", True), ("elsewhere.example", True)], indirect=["host"]
)
def test_who_answers_must_be_who_was_named(
    scheme: str,
    host: str,
    is_trusted: bool,
    certificate: tuple[Path, Path],
    pushing: Callable[[str], Push],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[bytes] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)

    def serve(one: socket.socket) -> None:
        with context.wrap_socket(one, server_side=True) as secret:
            said.append(secret.recv(1000))

    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with listening(serve) as (port, _), pytest.raises(OutputError):
        pushing(f"{scheme}://user:secret@localhost:{port}/live/key").open(FORM)
    assert any(said) == (is_trusted and host == "localhost")


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("rtsp://user:secret@host:8554/cam?token=secret", "rtsp://host:8554/…"),
        ("rtmp://user:secret@host/live2/secret-key", "rtmp://host/…"),
        ("srt://host:9000?passphrase=secret", "srt://host:9000/…"),
        ("udp://239.0.0.1:5000", "udp://239.0.0.1:5000"),
    ],
)
def test_a_name_tells_no_secret(url: str, name: str) -> None:
    assert Push(url, 85).name == name


def test_an_error_tells_no_secret(pushing: Callable[[str], Push]) -> None:
    for scheme in ("rtsp", "rtmp", "rtmps", "tcp"):
        push = pushing(f"{scheme}://user:secret@127.0.0.1:{free_port()}/live?secret")
        with pytest.raises(OutputError, match=r"127\.0\.0\.1") as caught:
            push.open(FORM)
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://host/x", "rtsp:///cam", "rtsp://[::1/x", "file:///etc/passwd", "host"])
def test_what_nothing_is_pushed_to(url: str) -> None:
    with pytest.raises(UsageError):
        Push(url, 85)


def test_signs_in_a_url_stay_in_it(pushing: Callable[[str], Push]) -> None:
    """FFmpeg is told the URL together with options, in one string: none of its signs may become part of these."""
    said: list[bytes] = []

    def serve(one: socket.socket) -> None:
        said.append(one.recv(1000))

    with listening(serve) as (port, _), pytest.raises(OutputError):
        pushing(rf"rtsp://127.0.0.1:{port}/a|[f=mp4]b\'c:d=e").open(FORM)
    assert said[0].startswith(rf"OPTIONS rtsp://127.0.0.1:{port}/a|[f=mp4]b\'c:d=e RTSP/1.0".encode())


def test_srt_without_the_program(pushing: Callable[[str], Push], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(UsageError, match="needs the program ffmpeg"):
        pushing("srt://127.0.0.1:9000").open(FORM)


def test_srt_with_a_program_that_has_none(
    pushing: Callable[[str], Push], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\necho Output: file tcp\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(UsageError, match="has none"):
        pushing("srt://127.0.0.1:9000").open(FORM)


@needs_srt
def test_a_relay_to_nobody_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """So it does where the process that started it was killed."""
    monkeypatch.setattr(srt, "SILENT_SECONDS", 1)
    relay = srt.receiving(f"srt://127.0.0.1:{free_port(socket.SOCK_DGRAM)}?mode=listener")
    assert relay.pipe.read() == b""
    relay.close()
