"""Where a file or folder is: on this machine's disks, or at a URL."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kerchief.errors import UsageError

#: Protocols that are known besides local paths. Others that fsspec has (http, ftp…) have no exclusive writing.
PROTOCOLS = ("s3", "gs", "sftp")
NAME_ONE = "Use a path on this machine, or s3://BUCKET/…, gs://BUCKET/… or sftp://[USER@]HOST[:PORT]/…"


@dataclass(frozen=True, slots=True)
class Place:
    """A file or folder.

    Attributes:
        url: an absolute path of this machine, or ``PROTOCOL://SERVER/…`` without a "/" at the end.
    """

    url: str

    @classmethod
    def of(cls, text: str) -> Place:
        """What a user wrote.

        Raises:
            UsageError: the protocol is not known, the URL names no server or bucket, or it holds a password; or it
                can't be written down, since it is not UTF-8.
        """
        place = cls._of(text)
        try:
            place.url.encode()
        except UnicodeEncodeError:
            shown = place.url.encode(errors="backslashreplace").decode()
            raise UsageError(shown, "is not called in UTF-8", "Rename it, or give the path of a link to it.") from None
        return place

    @classmethod
    def _of(cls, text: str) -> Place:
        protocol, mark, rest = text.partition("://")
        if not mark:
            return cls(str(Path(text).absolute()))
        if protocol.lower() == "file" and rest.startswith("/"):
            return cls(str(Path(rest)))
        server, _, path = rest.partition("/")
        if ":" in server.rpartition("@")[0]:
            hidden = f"{protocol}://…@{server.rpartition('@')[2]}/{path}"
            raise UsageError(
                hidden, "a URL must not hold a password", "Use an SSH agent or a key; put in the user alone."
            )
        if protocol.lower() not in PROTOCOLS:
            raise UsageError(text, f"{protocol}:// is not known here", NAME_ONE)
        if not server:
            raise UsageError(text, "names no server or bucket", NAME_ONE)
        if protocol.lower() == "sftp":
            _must_have_a_port(text, server.rpartition("@")[2])
        return cls(f"{protocol.lower()}://{rest.rstrip('/')}")

    @property
    def protocol(self) -> str:
        """One of ``PROTOCOLS``; "" on this machine."""
        protocol, mark, _ = self.url.partition("://")
        return protocol if mark and protocol in PROTOCOLS else ""

    @property
    def is_local(self) -> bool:
        """Whether it lies on this machine's disks."""
        return not self.protocol

    @property
    def path(self) -> Path:
        """The local path; only for a local place."""
        if not self.is_local:
            raise ValueError(f"{self} is not on this machine")
        return Path(self.url)

    @property
    def server(self) -> str:
        """The bucket, or ``[USER@]HOST[:PORT]``; "" on this machine."""
        return "" if self.is_local else self.url.partition("://")[2].partition("/")[0]

    @property
    def key(self) -> str:
        """The path on the server, without a "/" in front; "" for the server itself."""
        return self.url.partition("://")[2].partition("/")[2]

    @property
    def name(self) -> str:
        """The last part."""
        return self.path.name if self.is_local else self.key.rpartition("/")[2]

    @property
    def parent(self) -> Place:
        """The folder that it lies in; of a bucket or server the same."""
        if self.is_local:
            return Place(str(self.path.parent))
        return Place(self.url.rpartition("/")[0]) if self.key else self

    def child(self, relative: str) -> Place:
        """A file or folder in this folder.

        Args:
            relative: parts between "/"; "." for the folder itself.
        """
        if relative in ("", "."):
            return self
        return Place(str(self.path / relative)) if self.is_local else Place(f"{self.url}/{relative}")

    def beside(self, ending: str) -> Place:
        """What lies beside this folder, called as it is and an ending: not published with what is in it.

        Raises:
            UsageError: it is a whole bucket, server or disk.
        """
        whole = self.url
        if self.is_local and self.path.name == "..":
            whole = str(self.path.resolve())  # only here: a link is called what the user calls it
        place = Place(whole)
        if not place.name:
            raise UsageError(str(self), "nothing can lie beside it", "Name a folder in it.")
        return Place(f"{whole}{ending}")

    def __str__(self) -> str:
        return self.url


@dataclass(frozen=True, slots=True)
class Found:
    """A file of a listing.

    Attributes:
        place: where it is.
        below: the folder that it lies in, below the folder that was listed: parts between "/", or ".".
        size: in bytes.
        stamp: changes when the file does: made of its size and its time, or of its entity tag.
    """

    place: Place
    below: str
    size: int
    stamp: str


def _must_have_a_port(text: str, host: str) -> None:
    """Of ``HOST[:PORT]``.

    Raises:
        UsageError: the port is none.
    """
    name, mark, port = host.partition(":")
    if mark and not (name and port.isascii() and port.isdecimal() and 0 < int(port) < 1 << 16):
        next_step = "Use sftp://[USER@]HOST[:PORT]/…; for an address with colons, name a host in ~/.ssh/config."
        raise UsageError(text, "the server's port is no number", next_step)
