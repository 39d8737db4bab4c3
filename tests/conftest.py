"""What every test has: tools that are opened once, one real photograph, and no network."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from numpy.typing import NDArray
from scenes import photograph

from kerchief import Tools

# The same examples on every run: a failure of today is a failure of tomorrow.
settings.register_profile(
    "kerchief",
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("kerchief")


@pytest.fixture(scope="session", autouse=True)
def _silent_on_the_network() -> Iterator[None]:
    """Law 7: nothing here opens a connection."""

    def refuse(*_: object) -> None:
        raise AssertionError("a connection was opened (law 7)")

    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, name, refuse)
        yield


@pytest.fixture(scope="session")
def tools() -> Iterator[Tools]:
    """Decoder and networks with default settings."""
    with Tools() as opened:
        yield opened


@pytest.fixture(scope="session")
def astronaut() -> NDArray[np.uint8]:
    """(512, 512, 3) uint8 RGB: Eileen Collins, NASA, public domain. One face."""
    return photograph().copy()


@pytest.fixture
def loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets a test connect to a server on this machine, and to nothing else."""
    connect = socket.SocketType.connect

    def only_here(self: socket.socket, address: Any) -> None:
        assert address[0] == "127.0.0.1", "a connection was opened (law 7)"
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", only_here)


@pytest.fixture
def own_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets a test connect to servers on this machine by all ways that clients and Ray take, and to nothing else."""
    for name in ("connect", "connect_ex"):
        real = getattr(socket.SocketType, name)

        def only_here(self: socket.socket, address: Any, real: Any = real) -> Any:
            is_here = self.family == socket.AF_UNIX or address[0] == "127.0.0.1"
            assert is_here, f"a connection to {address} was opened (law 7)"
            return real(self, address)

        monkeypatch.setattr(socket.socket, name, only_here)
