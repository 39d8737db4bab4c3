"""Files wherever they are, over each store's real protocol: whole, nothing overwritten, no other server."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import paramiko
import pytest
from gs_server import PAGE, GsServer
from sftp_server import SftpServer
from stores import get, listed, put

from kerchief.errors import InputRefused, OutputError, UsageError
from kerchief.scale import storage
from kerchief.scale.storage import Place, at_hand, held, holds, publish, send, sweep
from kerchief.store import publish as publishing
from kerchief.store.publish import PRIVATE, draft

LARGE = 40 << 20


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def published(data: bytes, target: Place, here: Path, **more: Any) -> None:
    """Publish bytes as a worker does it."""
    with draft(target.path.parent if target.is_local else here) as path:
        path.write_bytes(data)
        publish(path, target, **more)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("s3://b/in/", "s3://b/in"),
        ("S3://b", "s3://b"),
        ("gs://b/a b/ü?#.jpg", "gs://b/a b/ü?#.jpg"),
        ("sftp://me@host:2222/in", "sftp://me@host:2222/in"),
        ("file:///in/x", "/in/x"),
        ("/in/x/", "/in/x"),
        ("/odd/s3://b", "/odd/s3://b"),
    ],
)
def test_places_are_what_users_write(text: str, url: str) -> None:
    if text == "/odd/s3://b":
        with pytest.raises(UsageError):
            Place.of(text)
        return
    place = Place.of(text)
    assert place.url == url
    assert place.is_local == url.startswith("/")


def test_a_relative_path_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Place.of("in").url == str(tmp_path / "in")


@pytest.mark.parametrize(
    "text",
    [
        "http://host/x.jpg",
        "ftp://host/x",
        "memory://x",
        "s3://",
        "s3:///key",
        "file://x",
        "sftp://[::1]:22/x",
        "sftp://host:abc/x",
        "sftp://me@host:/x",
        "sftp://host:99999/x",
        "/in/\udce9",
        "s3://b/\udce9",
    ],
)
def test_other_places_are_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        Place.of(text)
    str(caught.value).encode()


def test_a_folder_with_another_name_is_refused_when_it_is_where_we_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "\udce9").mkdir()
    monkeypatch.chdir(tmp_path / "\udce9")
    with pytest.raises(UsageError):
        Place.of("out")


@pytest.mark.parametrize(
    "text", ["sftp://me:hunter2@host/in", "s3://key:hunter2@bucket/in", "http://me:hunter2@host/x"]
)
def test_a_password_in_a_url_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        Place.of(text)
    assert "hunter2" not in str(caught.value)


def test_nothing_lies_beside_a_whole_bucket() -> None:
    """A report that names originals must not end up in what is published."""
    assert Place.of("s3://b/out").beside(".report.json").url == "s3://b/out.report.json"
    assert Place.of("/x/out").beside(".report.json").url == "/x/out.report.json"
    for text in ("s3://b", "sftp://host", "/"):
        with pytest.raises(UsageError):
            Place.of(text).beside(".report.json")


def test_parts_of_places() -> None:
    place = Place.of("sftp://me@host:22/a/b.jpg")
    assert (place.protocol, place.server, place.key, place.name) == ("sftp", "me@host:22", "a/b.jpg", "b.jpg")
    assert place.parent.parent.url == "sftp://me@host:22"
    assert place.parent.parent.parent == place.parent.parent
    assert place.parent.child("c/d").url == "sftp://me@host:22/a/c/d"
    assert place.child(".") == place


def test_a_folder_is_listed_with_those_below(root: Place) -> None:
    for name in ("b.jpg", "a.jpg", ".hidden.jpg", "sub/c.jpg", "sub/.dir/d.jpg", "sub/deep/é ?#%25.jpg", "out/e.jpg"):
        put(root.child(f"in/{name}"), name.encode(), private=False)
    put(root.child("in.jpg"), b"beside", private=False)
    found = list(listed(root.child("in"), but_not=root.child("in/out")))
    names = [one.place.name if one.below == "." else f"{one.below}/{one.place.name}" for one in found]
    assert sorted(names) == ["a.jpg", "b.jpg", "sub/c.jpg", "sub/deep/é ?#%25.jpg"]
    assert names.index("a.jpg") < names.index("b.jpg")
    assert [one.size for one in found] == [len(name.encode()) for name in names]
    assert all(get(one.place) == name.encode() for one, name in zip(found, names, strict=True))


def test_a_file_is_listed_as_itself(root: Place) -> None:
    for name in ("in/a.jpg", "in/a.jpg.jpg"):
        put(root.child(name), b"123", private=False)
    (found,) = listed(root.child("in/a.jpg"))
    assert (found.place, found.below, found.size) == (root.child("in/a.jpg"), ".", 3)


@pytest.mark.parametrize("output", ["in", "."])
def test_a_folder_that_is_named_is_searched_though_copies_lie_around_it(root: Place, output: str) -> None:
    for name in ("a.jpg", "sub/b.jpg"):
        put(root.child(f"in/{name}"), b"1", private=False)
    found = listed(root.child("in"), but_not=root.child(output))
    assert sorted(one.place.name for one in found) == ["a.jpg", "b.jpg"]


@pytest.mark.parametrize("name", ["a.jpg", ".hidden.jpg"])
def test_a_file_that_is_named_is_found_wherever_it_lies(root: Place, name: str) -> None:
    put(root.child(f"out/{name}"), b"1", private=False)
    place = root.child(f"out/{name}")
    assert [one.place for one in listed(place, but_not=root.child("out"))] == [place]


def test_what_is_not_there_is_said(root: Place, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        list(listed(root.child("nothing")))
    assert get(root.child("nothing")) is None
    assert not holds(root.child("nothing"), digest(b""))
    if not root.is_local:
        with pytest.raises(InputRefused, match="no longer there"), at_hand(root.child("nothing"), tmp_path):
            pass


def test_a_stamp_changes_with_the_file(root: Place) -> None:
    place = root.child("a.jpg")
    stamps = []
    for data in (b"one", b"two", b"three"):
        put(place, data, private=False)
        if place.protocol in ("", "sftp"):  # a time of its own, as a camera would give it
            path = place.path if place.is_local else Path(os.environ["HOME"]).parent / "served" / "a.jpg"
            os.utime(path, (len(stamps), len(stamps)))
        stamps.append(next(iter(listed(place))).stamp)
    assert len(set(stamps)) == 3
    assert next(iter(listed(place))).stamp == stamps[-1]


@pytest.mark.filterwarnings("ignore:Sending a large body")  # aiohttp, of gcsfs's own pieces
@pytest.mark.parametrize("size", [0, 1000, LARGE])
def test_a_name_is_given_once(root: Place, tmp_path: Path, size: int) -> None:
    first, second = os.urandom(size), os.urandom(size + 1)
    target = root.child("out/deep/a.redacted.jpg")
    published(first, target, tmp_path)
    assert holds(target, digest(first))
    assert not holds(target, digest(second))
    with pytest.raises(OutputError, match="exists already") as caught:
        published(second, target, tmp_path)
    assert str(target) in str(caught.value)
    assert holds(target, digest(first))
    assert [one.place.name for one in listed(root)] == ["a.redacted.jpg"]


def test_of_two_at_the_same_moment_one_wins(root: Place, tmp_path: Path) -> None:
    """Two workers, one of them taken for dead: the store itself decides."""
    root = root.child("out")
    put(root.child("here.txt"), b"", private=False)
    barrier = Barrier(8)

    def one(number: int) -> bool:
        with draft(root.path if root.is_local else tmp_path) as path:
            path.write_bytes(data[number])
            barrier.wait()
            try:
                publish(path, root.child("a.jpg"))
            except OutputError:
                return False
            return True

    data = [os.urandom(200_000 + number) for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(one, range(8)))
    assert sum(won) == 1
    assert holds(root.child("a.jpg"), digest(data[won.index(True)]))
    assert sorted(one.place.name for one in listed(root)) == ["a.jpg", "here.txt"]


def test_a_copy_of_our_own_makes_way(root: Place, tmp_path: Path) -> None:
    target = root.child("a.jpg")
    published(b"old", target, tmp_path)
    with pytest.raises(OutputError):
        published(b"new", target, tmp_path, replaces={digest(b"another")})
    assert held(target, {digest(b"another"), digest(b"old")}) == digest(b"old")
    published(b"new", target, tmp_path, replaces={digest(b"another"), digest(b"old")})
    assert get(target) == b"new"
    published(b"newer", root.child("b.jpg"), tmp_path, replaces={digest(b"gone")})
    assert get(root.child("b.jpg")) == b"newer"


def test_an_original_is_at_hand(root: Place, tmp_path: Path) -> None:
    place, scratch = root.child("in/a.JPG"), tmp_path / "scratch"
    scratch.mkdir()
    put(place, b"data", private=False)
    with at_hand(place, scratch) as path:
        assert path.read_bytes() == b"data"
        assert path.suffix == ".JPG"
        if not place.is_local:
            assert path.parent == scratch
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(scratch.iterdir()) == []


def test_a_file_of_our_own_is_written_anew(root: Place, tmp_path: Path) -> None:
    place = root.child("out.report.json")
    put(place, b"one", private=True)
    put(place, b"two", private=True)
    assert get(place) == b"two"
    (tmp_path / "ledger").write_bytes(b"three")
    send(tmp_path / "ledger", place, private=True)
    assert get(place) == b"three"
    assert [one.place for one in listed(root)] == [place]


@pytest.mark.parametrize("root", ["local", "sftp"], indirect=True)
def test_modes_and_times_where_there_are_any(root: Place, tmp_path: Path) -> None:
    put(root.child("out.report.json"), b"names originals", private=True)
    published(b"copy", root.child("a.jpg"), tmp_path)
    folder = root.path if root.is_local else tmp_path / "served"
    assert stat.S_IMODE((folder / "out.report.json").stat().st_mode) == PRIVATE
    assert stat.S_IMODE((folder / "a.jpg").stat().st_mode) == 0o644
    assert (folder / "a.jpg").stat().st_mtime == 946_684_800  # when it was redacted is nobody's business


@pytest.mark.parametrize("root", ["local", "sftp"], indirect=True)
def test_links_to_files_are_followed_and_those_to_folders_not(root: Place, tmp_path: Path) -> None:
    folder = root.path if root.is_local else tmp_path / "served"
    (folder / "in").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "b.jpg").write_bytes(b"1234")
    (folder / "in" / "a.jpg").symlink_to(tmp_path / "elsewhere" / "b.jpg")
    (folder / "in" / "folder").symlink_to(tmp_path / "elsewhere")
    (folder / "in" / "nowhere.jpg").symlink_to(tmp_path / "gone")
    found = list(listed(root.child("in")))
    assert [(one.place.name, one.size) for one in found] == [("a.jpg", 4), ("nowhere.jpg", 0)]


@pytest.mark.parametrize("root", ["local", "sftp"], indirect=True)
def test_one_bad_entry_does_not_hide_the_others(root: Place, tmp_path: Path) -> None:
    folder = (root.path if root.is_local else tmp_path / "served") / "in"
    (folder / "\udce9").mkdir(parents=True)
    for name in ("a.jpg", "b\udce9.jpg", "\udce9/c.jpg", "z.jpg"):
        (folder / name).write_bytes(b"1")
    (folder / "circle.jpg").symlink_to("circle.jpg")
    (folder / "\udce9" / "link.jpg").symlink_to(folder / "a.jpg")
    (folder / "\udce9" / "nowhere\udce9.jpg").symlink_to(folder / "gone")
    found = [(one.below, one.place.name, one.size) for one in listed(root.child("in"))]
    assert sorted(found) == [
        (".", "a.jpg", 1),
        (".", "b\udce9.jpg", 1),
        (".", "circle.jpg", 0),
        (".", "z.jpg", 1),
        ("\udce9", "c.jpg", 1),
        ("\udce9", "link.jpg", 1),
        ("\udce9", "nowhere\udce9.jpg", 0),
    ]


@pytest.mark.parametrize("root", ["sftp"], indirect=True)
def test_a_connection_that_breaks_while_a_link_is_looked_up_is_said(
    root: Place, sftp_server: SftpServer, tmp_path: Path
) -> None:
    """It is not taken for a link that leads nowhere."""
    folder = tmp_path / "served" / "in"
    folder.mkdir()
    for name in ("a.jpg", "b.jpg"):
        (folder / name).symlink_to(tmp_path / "gone")
    found = listed(root.child("in"))
    next(found)
    sftp_server.hang_up()
    for client in storage._store("sftp")._clients.values():  # type: ignore[attr-defined]
        client.get_transport().join(10)
    with pytest.raises(InputRefused, match="can't be fetched"):
        next(found)


def test_a_server_that_does_not_know_the_condition_overwrites_nothing(
    s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some that speak S3 write whatever they are told to write on conditions."""
    client = storage._store("s3").client  # type: ignore[attr-defined]
    real = client.put_file

    def put_file(*paths: str, mode: str, **more: Any) -> Any:
        return real(*paths, mode="overwrite", **more)

    monkeypatch.setattr(client, "put_file", put_file)
    target = Place.of(f"{s3}/a.jpg")
    published(b"first", target, tmp_path)
    with pytest.raises(OutputError, match="exists already"):
        published(b"second", target, tmp_path)
    assert get(target) == b"first"


def test_what_the_dead_left_is_swept_and_what_the_living_hold_is_not(tmp_path: Path) -> None:
    (tmp_path / "out" / "deep").mkdir(parents=True)
    left = [tmp_path / "out" / ".kerchief-1.part", tmp_path / "out" / "deep" / ".kerchief-2.jpg.part"]
    for path in left:
        path.write_bytes(b"half a copy")
    with draft(tmp_path / "out" / "deep") as held:
        sweep(tmp_path / "out")
        assert held.exists()
    assert not any(path.exists() for path in left)


def test_a_folder_of_many_copies_is_not_swept_for_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At a million copies in one folder that would take a second for each of them."""
    swept = []

    def slow(folder: Path) -> None:
        swept.append(folder)
        time.sleep(0.02)

    monkeypatch.setattr(publishing, "sweep", slow)
    for _ in range(20):
        with draft(tmp_path):
            pass
    assert swept == [tmp_path]


def test_a_bucket_is_read_a_page_at_a_time(s3: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A million objects are never in memory together."""
    client = storage._store("s3").client  # type: ignore[attr-defined]
    asked = []

    def call(method: str, **arguments: Any) -> Any:
        asked.append(arguments.get("ContinuationToken"))
        return real(method, **arguments, MaxKeys=10)

    for number in range(35):
        client.pipe_file(f"{s3[5:]}/in/{number:03}.jpg", b"")
    real = client.call_s3
    monkeypatch.setattr(client, "call_s3", call)
    found = listed(Place.of(f"{s3}/in"))
    next(found)
    assert len(asked) == 2  # whether there is an object of just this name, and a page
    assert len(list(found)) == 34
    assert len(asked) == 5


def test_a_google_bucket_is_read_a_page_at_a_time(gs: str, gs_server: GsServer) -> None:
    for number in range(4 * PAGE):
        gs_server.objects[f"in/{number:03}.jpg"] = b""
    found = listed(Place.of(f"{gs}/in"))
    next(found)
    assert gs_server.pages == 2
    # The larger client asks a second service of Google's about the bucket, past any address that was named.
    assert type(storage._store("gs").client).__name__ == "GCSFileSystem"  # type: ignore[attr-defined]
    assert len(list(found)) == 4 * PAGE - 1


@pytest.fixture
def addresses(monkeypatch: pytest.MonkeyPatch) -> set[Any]:
    """All that is asked for by name or connected to."""
    import socket

    asked: set[Any] = set()
    for name in ("connect", "connect_ex"):
        real = getattr(socket.socket, name)

        def noted(self: socket.socket, address: Any, real: Any = real) -> Any:
            asked.add(address)
            return real(self, address)

        monkeypatch.setattr(socket.socket, name, noted)
    real_names = socket.getaddrinfo

    def named(host: Any, *rest: Any, **more: Any) -> Any:
        asked.add((host, rest[0] if rest else None))
        return real_names(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", named)
    return asked


@pytest.mark.parametrize("root", ["s3", "gs", "sftp"], indirect=True)
def test_only_the_server_that_was_named_is_talked_to(root: Place, tmp_path: Path, addresses: set[Any]) -> None:
    """Law 7: no address of a cloud's own that gives out credentials, no telemetry."""
    published(b"1", root.child("a.jpg"), tmp_path)
    assert [one.size for one in listed(root)] == [1]
    assert {address[0] for address in addresses} == {"127.0.0.1"}
    assert len({address[1] for address in addresses if address[1]}) == 1


def test_without_credentials_nobody_is_asked_for_any(
    s3: str, monkeypatch: pytest.MonkeyPatch, addresses: set[Any]
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED", raising=False)
    with pytest.raises(InputRefused, match="no credentials") as caught:
        list(listed(Place.of(s3)))
    assert "credentials that your environment names" in caught.value.next_step
    assert not addresses


def test_a_server_that_is_away_is_said(s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    storage._store.cache_clear()
    storage._store("s3").client.retries = 1  # type: ignore[attr-defined]
    with pytest.raises(InputRefused, match="can't be fetched"):
        list(listed(Place.of(s3)))
    with pytest.raises(OutputError, match="can't be written"):
        published(b"1", Place.of(f"{s3}/a.jpg"), tmp_path)


def test_a_bucket_that_is_not_there_is_said(s3: str, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no such file or folder"):
        published(b"1", Place.of("s3://no-such-bucket/a.jpg"), tmp_path)


def test_an_unknown_sftp_server_is_not_trusted(sftp: str, tmp_path: Path) -> None:
    """fsspec's own client would take any key that it is shown."""
    (tmp_path / "home" / ".ssh" / "known_hosts").write_text("")
    with pytest.raises(InputRefused, match=r"not in ~/\.ssh/known_hosts"):
        list(listed(Place.of(sftp)))


def test_a_changed_sftp_server_is_not_trusted(sftp: str, sftp_server: SftpServer, tmp_path: Path) -> None:
    other = paramiko.ECDSAKey.generate()
    known = f"[127.0.0.1]:{sftp_server.port} {other.get_name()} {other.get_base64()}\n"
    (tmp_path / "home" / ".ssh" / "known_hosts").write_text(known)
    with pytest.raises(InputRefused, match="bad host key"):
        list(listed(Place.of(sftp)))


def test_a_broken_sftp_connection_is_made_again(sftp: str, sftp_server: SftpServer) -> None:
    put(Place.of(f"{sftp}/a.jpg"), b"1", private=False)
    sftp_server.hang_up()
    for client in storage._store("sftp")._clients.values():  # type: ignore[attr-defined]
        client.get_transport().join(10)
    assert get(Place.of(f"{sftp}/a.jpg")) == b"1"


def test_the_ssh_configuration_names_a_server(sftp: str, sftp_server: SftpServer, tmp_path: Path) -> None:
    config = f"Host archive\n  HostName 127.0.0.1\n  Port {sftp_server.port}\n  User someone\n"
    (tmp_path / "home" / ".ssh" / "config").write_text(config)
    put(Place.of("sftp://archive/a.jpg"), b"1", private=False)
    assert get(Place.of(f"{sftp}/a.jpg")) == b"1"
