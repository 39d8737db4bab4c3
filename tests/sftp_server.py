"""An SFTP server on this machine, over a real folder: every user with one key may come in."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

import paramiko


class SftpServer:
    """Serves a folder as "/" until it is closed.

    Args:
        folder: what is served.
        guest: the key that opens the door.
    """

    def __init__(self, folder: Path, guest: paramiko.PKey) -> None:
        self.key = paramiko.ECDSAKey.generate()
        self._folder, self._guest = folder, guest
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._transports: list[paramiko.Transport] = []
        self._thread = Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        self.hang_up()

    def hang_up(self) -> None:
        """Break all connections; new ones may be made."""
        while self._transports:
            self._transports.pop().close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(connection)
            transport.add_server_key(self.key)
            transport.set_subsystem_handler("sftp", _AnyNames, _Files, self._folder)
            self._transports.append(transport)
            with suppress(paramiko.SSHException, EOFError):  # a client that does not like our key goes away
                transport.start_server(server=_Door(self._guest))


class _Door(paramiko.ServerInterface):
    def __init__(self, guest: paramiko.PKey) -> None:
        self._guest = guest

    def get_allowed_auths(self, username: str) -> str:
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        return paramiko.AUTH_SUCCESSFUL if key == self._guest else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED


def _told(work: Callable[..., Any]) -> Callable[..., Any]:
    """What the system raises, as a number of the protocol."""

    def done(*args: Any) -> Any:
        try:
            answer = work(*args)
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
        return paramiko.SFTP_OK if answer is None else answer

    return done


class _AnyNames(paramiko.SFTPServer):
    """As OpenSSH's: names are bytes, which need not be UTF-8."""

    def _process(self, t: int, request_number: int, msg: Any) -> None:
        msg.get_text = lambda: msg.get_string().decode(errors="surrogateescape")
        super()._process(t, request_number, msg)


class _Files(paramiko.SFTPServerInterface):
    def __init__(self, server: paramiko.ServerInterface, folder: Path) -> None:
        super().__init__(server)
        self._folder = folder

    def _at(self, path: str) -> Path:
        return self._folder / path.lstrip("/")

    @_told
    def list_folder(self, path: str) -> Any:
        return [
            paramiko.SFTPAttributes.from_stat(one.lstat(), os.fsencode(one.name)) for one in self._at(path).iterdir()
        ]  # in no order

    @_told
    def stat(self, path: str) -> Any:
        return paramiko.SFTPAttributes.from_stat(self._at(path).stat())

    @_told
    def lstat(self, path: str) -> Any:
        return paramiko.SFTPAttributes.from_stat(self._at(path).lstat())

    @_told
    def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> Any:
        number = os.open(self._at(path), flags, 0o666)
        mode = "r+b" if flags & os.O_RDWR else "wb" if flags & os.O_WRONLY else "rb"
        handle = paramiko.SFTPHandle(flags)
        handle.readfile = handle.writefile = os.fdopen(number, mode)
        handle.stat = lambda: paramiko.SFTPAttributes.from_stat(os.fstat(number))
        return handle

    @_told
    def remove(self, path: str) -> None:
        self._at(path).unlink()

    @_told
    def rename(self, oldpath: str, newpath: str) -> Any:
        """As OpenSSH's does it: by a link, so that nothing is overwritten."""
        if os.path.lexists(self._at(newpath)):
            return paramiko.SFTP_FAILURE
        self._at(newpath).hardlink_to(self._at(oldpath))
        self._at(oldpath).unlink()
        return None

    @_told
    def posix_rename(self, oldpath: str, newpath: str) -> None:
        self._at(oldpath).replace(self._at(newpath))

    @_told
    def mkdir(self, path: str, attr: paramiko.SFTPAttributes) -> None:
        self._at(path).mkdir()

    @_told
    def chattr(self, path: str, attr: paramiko.SFTPAttributes) -> None:
        paramiko.SFTPServer.set_file_attr(str(self._at(path)), attr)
