"""Loads the networks that look at pictures, and tests each on this machine before it may."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from kerchief.errors import WeightsError
from kerchief.find.pyramid import Look
from kerchief.models import selftest
from kerchief.models.cards import card, weights
from kerchief.models.centerface import CenterFace
from kerchief.models.custom import Own
from kerchief.models.session import all_cores_for_each, on_gpu
from kerchief.models.session import threads as cores
from kerchief.models.yunet import YuNet
from kerchief.plan.model import NetworkRef
from kerchief.ports import Network


@dataclass(frozen=True, slots=True)
class Networks:
    """Loaded networks.

    Attributes:
        by_name: what can look.
        digests: SHA-256 of each network's file.
        own: name and threshold of the user's own network, if there is one.
        threads: how many may look at the same time.
    """

    by_name: Mapping[str, Network]
    digests: Mapping[str, str]
    own: tuple[str, float] | None = None
    threads: int = 1

    def refs(self, looks: Iterable[Look], threshold: float) -> tuple[NetworkRef, ...]:
        """The networks of some looks, with the least fused score that counts."""
        names = sorted({look.network for look in looks})
        return tuple(NetworkRef(name=name, sha256=self.digests[name], threshold=threshold) for name in names)


def load_networks(
    own: Path | None = None, threads: int | None = None, *, gpu: bool = False, one_at_a_time: bool = False
) -> Networks:
    """The packed networks, and the user's own.

    Args:
        own: the user's.
        threads: how many may look at the same time; by default as many as this process has cores.
        gpu: whether they run on the GPU that this process was given.
        one_at_a_time: whether one looks at a time, with all cores: each look is done sooner, but fewer in a time.

    Raises:
        WeightsError: missing, changed, unreadable, or blind on this machine; or an own network that has the name of
            a packed one.
    """
    with on_gpu() if gpu else nullcontext(), all_cores_for_each() if one_at_a_time else nullcontext():
        return _loaded(own, 1 if one_at_a_time else threads or cores())


def _loaded(own: Path | None, threads: int) -> Networks:
    packed: list[Network] = [CenterFace(weights(CenterFace.name)), YuNet(weights(YuNet.name))]
    for network in packed:
        selftest.check(network)
    by_name: dict[str, Network] = {network.name: network for network in packed}
    digests = {name: card(name).sha256 for name in by_name}
    if own is None:
        return Networks(by_name, digests, threads=threads)
    user = Own(own)
    if user.name in by_name:
        raise WeightsError(str(own), f"{user.name} is the name of a packed network", "Give the file another name.")
    return Networks(
        by_name | {user.name: user},
        digests | {user.name: user.sha256},
        (user.name, user.card.threshold),
        threads,
    )
