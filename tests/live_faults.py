"""What goes wrong while something is played: on the way, on the machine, in the detector. The same in each run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import numpy as np
from live_film import PACKET
from live_senders import Spoil

#: Losses come so many datagrams long on average.
BURST = 3.0


def losing(share: float, seed: int = 1) -> Spoil:
    """Datagrams are lost, in bursts, as over a bad radio link (Gilbert's model).

    Args:
        share: of all datagrams.
        seed: of which.
    """
    random = np.random.default_rng(seed)
    is_bad = False

    def lose(data: bytes) -> Iterable[bytes]:
        nonlocal is_bad
        turns = 1 / BURST if is_bad else share / (1 - share) / BURST
        is_bad ^= bool(random.random() < turns)
        if not is_bad:
            yield data

    return lose


def damaging(share: float, seed: int = 1) -> Spoil:
    """Bytes within packets of MPEG-TS are changed; their first four stay, or they would be no packets.

    Args:
        share: of the packets.
        seed: of which.
    """
    random = np.random.default_rng(seed)

    def damage(data: bytes) -> Iterable[bytes]:
        spoilt = bytearray(data)
        for packet in np.flatnonzero(random.random(len(data) // PACKET) < share):
            spoilt[int(packet) * PACKET + int(random.integers(4, PACKET))] ^= int(random.integers(1, 256))
        yield bytes(spoilt)

    return damage


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """Others want the machine's cores too."""
    load = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for process in load:
            process.kill()
            process.wait()


def slow_detector(least: float, most: float, stall: float = 0.0, every: int = 0) -> str:
    """Python that makes the detector slow, to be run before kerchief's own ``main``.

    Args:
        least: seconds that each look takes longer, ...
        most: ... at random up to this.
        stall: now and then it takes so many seconds, ...
        every: ... once in so many looks; 0: never.
    """
    return f"""
import random, time
from kerchief.models.centerface import CenterFace
chance, look = random.Random(1), CenterFace.detect
def slow(self, rgb, threshold):
    stalls = {every} and chance.random() < 1 / {every}
    time.sleep({stall} if stalls else chance.uniform({least}, {most}))
    return look(self, rgb, threshold)
CenterFace.detect = slow
"""
