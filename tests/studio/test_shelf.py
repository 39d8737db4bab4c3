"""What is kept of what was made, and that nothing else is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from kerchief.studio.pictures.shelf import Shelf


def test_what_many_ask_for_at_once_is_made_once() -> None:
    shelf: Shelf[str] = Shelf(100, len)
    made: list[int] = []
    together = Barrier(8)

    def ask(n: int) -> str:
        together.wait()
        return shelf.get(("a",), lambda: (made.append(n), "value")[1])

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {"value"}
    assert len(made) == 1
    assert not shelf._making


def test_nothing_is_left_of_what_was_asked_for() -> None:
    shelf: Shelf[str] = Shelf(100, len)

    def fail() -> str:
        raise OSError

    for n in range(50):
        assert shelf.get(("a", n % 5), lambda: "value") == "value"
        with pytest.raises(OSError):
            shelf.get(("b", n), fail)
    assert not shelf._making
    assert shelf.held_bytes == 5 * len("value")
