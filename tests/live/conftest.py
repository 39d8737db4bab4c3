"""What the tests of streams have: a film of a crowd, and a way to this machine and to nothing else."""

from __future__ import annotations

from collections.abc import Callable

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
def _own_servers(own_servers: None) -> None:
    """All tests here talk to servers of their own."""


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
