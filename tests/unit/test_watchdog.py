"""A child that does not answer in time is ended, and no other."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from kerchief.sandbox.watchdog import Watchdog


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        yield process
        process.kill()


def test_who_is_waited_for_too_long_is_ended(child: subprocess.Popen[bytes]) -> None:
    dog = Watchdog(0.2)
    with dog.waiting_for(child):
        assert child.wait(5) != 0
    assert dog.has_killed(child)
    dog.stop()


def test_who_answers_in_time_lives_however_long_the_pauses_are(child: subprocess.Popen[bytes]) -> None:
    dog = Watchdog(0.3)
    for _ in range(3):
        with dog.waiting_for(child):
            time.sleep(0.05)
        time.sleep(0.5)
    assert child.poll() is None
    assert not dog.has_killed(child)
    dog.stop()


def test_a_larger_file_may_take_longer(child: subprocess.Popen[bytes]) -> None:
    dog = Watchdog(0.2)
    with dog.waiting_for(child, 60):
        time.sleep(0.6)
    assert child.poll() is None
    dog.stop()


def test_time_in_which_this_process_stood_still_does_not_count(
    child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-Z, or a laptop that was closed."""
    dog, slept = Watchdog(2.0), [0.0]
    true = time.monotonic
    monkeypatch.setattr("kerchief.sandbox.watchdog.time.monotonic", lambda: true() + slept[0])
    with dog.waiting_for(child):
        time.sleep(0.3)
        slept[0] = 3600
        time.sleep(0.5)
    assert child.poll() is None
    dog.stop()
