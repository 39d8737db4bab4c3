"""Is this installation fit to be trusted on this machine?"""

from __future__ import annotations

import platform
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from kerchief.errors import InputRefused, KerchiefError
from kerchief.media.photos.encode import encode
from kerchief.models import selftest
from kerchief.models.cards import PACKED, card, licence, weights
from kerchief.models.centerface import CenterFace
from kerchief.models.session import Runtime, runtime
from kerchief.models.yunet import YuNet
from kerchief.ports import Frame, MediaInfo, MediaKind, Network
from kerchief.sandbox.decoder import Decoder
from kerchief.version import __version__

LIBRARIES = ("numpy", "opencv-python-headless", "pillow", "pi-heif", "av", "scipy", "onnxruntime", "pydantic")
NETWORKS: dict[str, Callable[[bytes], Network]] = {CenterFace.name: CenterFace, YuNet.name: YuNet}


@dataclass(frozen=True, slots=True)
class Examined:
    """One network: its card, and the score it gave the test face on this machine."""

    name: str
    sha256: str
    licence: str
    source: str
    test_face_score: float


@dataclass(frozen=True, slots=True)
class Report:
    """What was found."""

    kerchief: str
    python: str
    system: str
    libraries: dict[str, str]
    runtime: Runtime
    networks: tuple[Examined, ...]
    decoder: str
    errors: tuple[KerchiefError, ...]

    def values(self) -> dict[str, Any]:
        """The report as JSON values."""
        values = {name: getattr(self, name) for name in ("kerchief", "python", "system", "libraries", "decoder")}
        values["runtime"] = asdict(self.runtime)
        values["networks"] = [asdict(network) for network in self.networks]
        values["errors"] = [str(error) for error in self.errors]
        return values

    def lines(self) -> Iterator[str]:
        """The report for people."""
        yield f"kerchief {self.kerchief}, Python {self.python}, {self.system}"
        yield "libraries: " + ", ".join(f"{name} {number}" for name, number in self.libraries.items())
        providers = ", ".join(self.runtime.providers)
        yield f"runtime: ONNX Runtime {self.runtime.version}, {providers}, {self.runtime.threads} threads"
        for network in self.networks:
            yield f"network {network.name}: sha256 {network.sha256}, {network.licence}, from {network.source}"
            yield f"  finds the test face on this machine with score {network.test_face_score:.2f}"
        yield f"decoder process: {self.decoder}"
        yield "all is well" if not self.errors else "NOT FIT: see above"


def examine() -> Report:
    """Look at everything that a run depends on; faults are collected, not raised."""
    errors: list[KerchiefError] = []
    networks = []
    for name in PACKED:
        try:
            networks.append(_examine_network(name))
        except KerchiefError as error:
            errors.append(error)
    try:
        decoder = _examine_decoder()
    except KerchiefError as error:
        decoder, errors = "does not answer", [*errors, error]
    return Report(
        kerchief=__version__,
        python=platform.python_version(),
        system=f"{platform.system()} {platform.machine()}",
        libraries={name: _version(name) for name in LIBRARIES},
        runtime=runtime(),
        networks=tuple(networks),
        decoder=decoder,
        errors=tuple(errors),
    )


def _examine_network(name: str) -> Examined:
    about = card(name)
    licence(name)  # it must be there, too
    score = selftest.check(NETWORKS[name](weights(name)))
    return Examined(name, about.sha256, about.licence, about.source, round(score, 3))


def _examine_decoder() -> str:
    """Have the child process read a picture that is written for it, and compare the pixels."""
    rgb, _ = selftest.picture()
    info = MediaInfo("png", MediaKind.PHOTO, rgb.shape[1], rgb.shape[0], 1, (1, 1), 1, None, "", 0, False, 8)  # noqa: FBT003
    with tempfile.TemporaryDirectory() as folder, Decoder() as decoder:
        path = Path(folder) / "test.png"
        path.write_bytes(encode([Frame(0, 0, rgb)], info))
        _, _, frames = decoder.open(path)
        if not all(isinstance(frame, Frame) and np.array_equal(frame.pixels, rgb) for frame in frames):
            raise InputRefused("decoder", "a test picture is not read as it was written", "Reinstall Pillow.")
    return "reads a test picture as it was written"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"
