"""What the tests of streams have: a film of a crowd, and a way to this machine and to nothing else."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest
from live_crowd import Crowd
from live_examiner import Examiner
from live_film import Film, Luma, filmed
from live_sight import sure_faces

from kerchief import Tools
from kerchief.geometry import Box

#: People pass, the camera pans, people come out from behind something; and half a shot in which they come near.
SECONDS = 14.0


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets a test connect to servers on this machine, and to nothing else."""
    for name in ("connect", "connect_ex"):
        real = getattr(socket.SocketType, name)

        def only_here(self: socket.socket, address: Any, real: Any = real) -> Any:
            is_here = self.family == socket.AF_UNIX or address[0] == "127.0.0.1"
            assert is_here, f"a connection to {address} was opened (law 7)"
            return real(self, address)

        monkeypatch.setattr(socket.socket, name, only_here)


@pytest.fixture(scope="session")
def film() -> Film:
    """640×360, 15 frames a second."""
    return filmed(Crowd(), SECONDS)


@pytest.fixture(scope="session")
def sure(tools: Tools) -> Callable[[Luma], list[Box]]:
    """The detector's word on a frame that was received."""
    return lambda luma: sure_faces(luma, tools.networks)


@pytest.fixture(scope="session")
def examiner(film: Film, sure: Callable[[Luma], list[Box]]) -> Examiner:
    """Knows the film."""
    return Examiner(film, sure)
