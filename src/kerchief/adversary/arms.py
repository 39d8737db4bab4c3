"""What an adversary works with: an independent finder of faces, and recognisers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kerchief.errors import WeightsError
from kerchief.models.embedder import OwnEmbedder
from kerchief.models.opponent import Opponent
from kerchief.models.pixelwise import Pixelwise, surroundings
from kerchief.ports import Embedder


@dataclass(frozen=True, slots=True)
class Arms:
    """An adversary's networks.

    Attributes:
        opponent: finds faces and their landmarks.
        recognisers: those that know faces, the opponent among them.
        pixels: compares faces as any pictures.
        around: compares what is around faces.
    """

    opponent: Opponent
    recognisers: tuple[Embedder, ...]
    pixels: Embedder
    around: Embedder

    @property
    def of_faces(self) -> tuple[Embedder, ...]:
        """All that compare faces, whether they know what a face is or not."""
        return (*self.recognisers, self.pixels)


def arm(own: Path | None = None) -> Arms:
    """Everything there is, and the user's own recogniser.

    Raises:
        WeightsError: the extra ``attack`` is not installed, or the user's network or its card is not as it must be.
    """
    opponent, pixels, around = Opponent(), Pixelwise(), surroundings()
    if own is None:
        return Arms(opponent, (opponent,), pixels, around)
    user = OwnEmbedder(own)
    if user.name in (opponent.name, pixels.name, around.name):
        raise WeightsError(str(own), f"{user.name} is the name of another recogniser", "Change the name in its card.")
    return Arms(opponent, (opponent, user), pixels, around)
