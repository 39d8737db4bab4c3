"""``sftp://[USER@]HOST[:PORT]/PATH``, by way of paramiko.

Only servers whose keys ``~/.ssh/known_hosts`` holds are talked to (fsspec's own client would trust any), with the keys
of an SSH agent or of ``~/.ssh``. Of ``~/.ssh/config``, HostName, User, Port and IdentityFile count.
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from threading import Lock, local
from urllib.parse import unquote

import paramiko
from paramiko.sftp import CMD_CLOSE, CMD_OPENDIR, CMD_READDIR

from kerchief.batch.meant import is_hidden
from kerchief.errors import InputRefused, UsageError
from kerchief.scale.storage.faults import reading, writing
from kerchief.scale.storage.place import Found, Place
from kerchief.store.publish import NEUTRAL_TIME, PREFIX, PRIVATE, PUBLIC, SUFFIX

#: The most that a server sends at a time, and how much it is asked for ahead. More of a film would pile up in memory.
PIECE, AHEAD = 32 << 10, 8 << 20
#: Seconds for a connection, and between signs of life on it.
PATIENCE, ALIVE = 30, 30


class Sftp:
    """See ``store.Store``. One connection to each server, and within it one channel for each thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._clients: dict[str, paramiko.SSHClient] = {}
        self._of_thread = local()

    def listed(self, place: Place, but_not: Place | None) -> Iterator[Found]:
        """Sorted within each folder, its files before its folders; one folder is in memory, some 500 bytes a name."""
        with reading(place):
            server = self._server(place)
            try:
                info = server.stat(_path(place))
            except FileNotFoundError:
                raise UsageError(str(place), "does not exist", "Check the URL.") from None
            if not stat.S_ISDIR(info.st_mode or 0):
                yield _found(place, ".", info)
                return
            yield from self._below(server, place, ".", but_not)

    def fetch(self, place: Place, to: Path) -> bool:
        """See ``Store``."""
        with reading(place):
            try:
                with self._server(place).open(_path(place), "rb") as file, to.open("wb") as copy:
                    for piece in _pieces(file):
                        copy.write(piece)
            except FileNotFoundError:
                return False
            return True

    def publish(self, draft: Path, target: Place, mode: int, replaces: str | None) -> None:
        """Written beside under a hidden name, then renamed; a kill leaves the hidden file behind."""
        with writing(target):
            server, path = self._server(target), _path(target)
            with self._beside(server, draft, target, mode) as part:
                if replaces is not None:
                    server.posix_rename(part, path)
                elif _exists(server, path):
                    raise FileExistsError
                else:
                    _rename(server, part, path)

    def digest(self, target: Place) -> str | None:
        """See ``Store``; its bytes are fetched."""
        with reading(target):
            digest = hashlib.sha256()
            try:
                with self._server(target).open(_path(target), "rb") as file:
                    for piece in _pieces(file):
                        digest.update(piece)
            except FileNotFoundError:
                return None
            return digest.hexdigest()

    def send(self, path: Path, target: Place, *, private: bool) -> None:
        """See ``Store``."""
        with writing(target):
            server = self._server(target)
            with self._beside(server, path, target, PRIVATE if private else PUBLIC) as part:
                server.posix_rename(part, _path(target))

    def _below(self, server: paramiko.SFTPClient, folder: Place, below: str, but_not: Place | None) -> Iterator[Found]:
        entries = sorted(_entries(server, folder), key=lambda entry: entry.filename)
        folders = []
        for entry in entries:
            if is_hidden(entry.filename):
                continue
            place = folder.child(entry.filename)
            if stat.S_ISDIR(entry.st_mode or 0):
                folders.append(place)
            elif not stat.S_ISLNK(entry.st_mode or 0):
                yield _found(place, below, entry)
            elif (info := _behind(server, place)) is not None:
                yield _found(place, below, info)
        del entries
        for place in folders:
            if place != but_not:
                yield from self._below(server, place, place.name if below == "." else f"{below}/{place.name}", but_not)

    @contextmanager
    def _beside(self, server: paramiko.SFTPClient, path: Path, target: Place, mode: int) -> Iterator[str]:
        """A local file's bytes in a hidden file in the target's folder; gone at the end, if it was not renamed."""
        part = _path(target.parent.child(f"{PREFIX}{token_hex(8)}{SUFFIX}"))
        try:
            try:
                server.put(str(path), part)  # held against the file's size at the end
            except FileNotFoundError:
                _make(server, target.parent)
                server.put(str(path), part)
            server.chmod(part, mode)
            server.utime(part, (NEUTRAL_TIME, NEUTRAL_TIME))
            yield part
        finally:
            with suppress(OSError, paramiko.SSHException, EOFError):
                server.remove(part)

    def _server(self, place: Place) -> paramiko.SFTPClient:
        """This thread's channel to a server; a new one if the last one broke."""
        channels: dict[str, paramiko.SFTPClient] = self._of_thread.__dict__
        channel = channels.get(place.server)
        if channel is None or channel.get_channel().closed:
            with self._lock:
                client = self._clients.get(place.server)
                if client is None or not client.get_transport().is_active():
                    client = self._clients[place.server] = _connected(place.server)
            channel = channels[place.server] = client.open_sftp()
        return channel


def _connected(server: str) -> paramiko.SSHClient:
    user, _, host = server.rpartition("@")
    host, _, port = host.partition(":")
    said = _config().lookup(host)
    client = paramiko.SSHClient()
    client.load_system_host_keys()
    client.set_missing_host_key_policy(_Unknown())
    client.connect(
        said["hostname"],
        port=int(port or said.get("port", 22)),
        username=unquote(user) or said.get("user"),
        key_filename=said.get("identityfile"),
        timeout=PATIENCE,
        banner_timeout=PATIENCE,
        auth_timeout=PATIENCE,
    )
    client.get_transport().set_keepalive(ALIVE)
    return client


class _Unknown:
    """What is done about a server whose key nobody has vouched for."""

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
        """Part."""
        next_step = "Connect to it with ssh once, and compare its fingerprint."
        raise InputRefused(hostname, "the server's key is not in ~/.ssh/known_hosts", next_step)


def _config() -> paramiko.SSHConfig:
    try:
        return paramiko.SSHConfig.from_path(str(Path("~/.ssh/config").expanduser()))
    except FileNotFoundError:
        return paramiko.SSHConfig()


def _found(place: Place, below: str, info: paramiko.SFTPAttributes) -> Found:
    return Found(place, below, info.st_size or 0, f"{info.st_size}-{info.st_mtime}")


def _entries(server: paramiko.SFTPClient, folder: Place) -> Iterator[paramiko.SFTPAttributes]:
    """What a folder holds. Names may be any bytes, like those of a disk; paramiko's own listing wants UTF-8.

    Source: draft-ietf-secsh-filexfer-02, section 6.7.
    """
    _, answer = server._request(CMD_OPENDIR, _bytes(folder))
    handle = answer.get_string()
    try:
        while True:
            _, answer = server._request(CMD_READDIR, handle)
            for _ in range(answer.get_int()):
                name = answer.get_string().decode(errors="surrogateescape")
                answer.get_string()  # the same for people, as "ls -l" would show it
                entry = paramiko.SFTPAttributes._from_msg(answer, name)
                if name not in (".", ".."):
                    yield entry
    except EOFError:
        if server.get_channel().closed:
            raise
    finally:
        with suppress(OSError, paramiko.SSHException, EOFError):
            server._request(CMD_CLOSE, handle)


def _behind(server: paramiko.SFTPClient, link: Place) -> paramiko.SFTPAttributes | None:
    """What a link leads to; None: a folder.

    One that leads nowhere, in a circle or to what is not for us is kept, for whoever reads it to say so.
    """
    try:
        info = server.stat(_bytes(link))
    except OSError:
        if server.get_channel().closed:
            raise
        return paramiko.SFTPAttributes()
    return None if stat.S_ISDIR(info.st_mode or 0) else info


def _pieces(file: paramiko.SFTPFile) -> Iterator[bytes]:
    """All bytes of a file.

    Raises:
        EOFError: it has become shorter.
    """
    size = file.stat().st_size or 0
    for start in range(0, size, AHEAD):
        wanted = range(start, min(start + AHEAD, size), PIECE)
        for piece in file.readv([(at, min(PIECE, size - at)) for at in wanted]):
            if not piece:
                raise EOFError
            yield piece


def _path(place: Place) -> str:
    return f"/{place.key}"


def _bytes(place: Place) -> bytes:
    return _path(place).encode(errors="surrogateescape")


def _exists(server: paramiko.SFTPClient, path: str) -> bool:
    try:
        server.lstat(path)
    except FileNotFoundError:
        return False
    return True


def _rename(server: paramiko.SFTPClient, part: str, path: str) -> None:
    """SFTP's own rename fails where the name exists (but gives no reason).

    Raises:
        FileExistsError, OSError.
    """
    try:
        server.rename(part, path)
    except OSError:
        if _exists(server, path):
            raise FileExistsError from None
        raise


def _make(server: paramiko.SFTPClient, folder: Place) -> None:
    """A folder and those that it lies in; others may make them at the same time."""
    if folder.key and not _exists(server, _path(folder)):
        _make(server, folder.parent)
        try:
            server.mkdir(_path(folder))
        except OSError:
            if not _exists(server, _path(folder)):
                raise
