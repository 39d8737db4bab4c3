"""The virtual camera: what it is handed, and what is said where there is none. pyvirtualcam itself is a stand-in."""

from __future__ import annotations

import inspect
import sys
from enum import Enum
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from kerchief.errors import OutputError, UsageError
from kerchief.live.covered import Covered, Form
from kerchief.live.sinks import camera as camera_module
from kerchief.live.sinks.camera import VirtualCamera
from kerchief.live.sinks.sink import Sink
from kerchief.ports import YuvFrame

FORM = Form(8, 4, Fraction(30_000, 1001))
NONE_FOUND = "'v4l2loopback' backend: No v4l2 loopback device found at /dev/video[0-99]."


class PixelFormat(Enum):
    """As pyvirtualcam's."""

    RGB = "raw "
    I420 = "I420"


class Camera:
    """As pyvirtualcam's, 0.15: remembers what it was given."""

    made: list[Camera]
    refuses: str
    node: str

    def __init__(
        self,
        width: int,
        height: int,
        fps: float,
        *,
        fmt: Any = PixelFormat.RGB,
        device: str | None = None,
        backend: str | None = None,
        print_fps: bool = False,
        **kw: Any,
    ) -> None:
        if self.refuses:
            raise RuntimeError(self.refuses)
        self.told = (width, height, fps, fmt, device)
        self.frames: list[NDArray[np.uint8]] = []
        self.closed = 0
        self.breaks = False
        self.made.append(self)

    @property
    def device(self) -> str:
        return self.node

    def send(self, frame: NDArray[np.uint8]) -> None:
        if self.breaks:
            raise RuntimeError("Stream does not exist.")
        assert (frame.dtype, frame.size) == (np.uint8, FORM.width * FORM.height * 3 // 2)
        self.frames.append(frame.copy())

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def cameras(monkeypatch: pytest.MonkeyPatch) -> type[Camera]:
    """pyvirtualcam, for the length of a test; its camera is a device that every system has."""

    class Fresh(Camera):
        made: list[Camera] = []  # noqa: RUF012
        refuses = ""
        node = "/dev/null"

    module = ModuleType("pyvirtualcam")
    vars(module).update(Camera=Fresh, PixelFormat=PixelFormat)
    monkeypatch.setitem(sys.modules, "pyvirtualcam", module)
    return Fresh


def frame(start: int) -> Covered:
    """Planes of 8 × 4, with numbers that rise through all three, and rows that do not touch in memory."""
    numbers = np.arange(start, start + 48, dtype=np.uint8)
    parts = (numbers[:32].reshape(4, 8), numbers[32:40].reshape(2, 4), numbers[40:].reshape(2, 4))
    padded = [np.zeros((plane.shape[0], plane.shape[1] + 3), np.uint8) for plane in parts]
    for pad, plane in zip(padded, parts, strict=True):
        pad[:, : plane.shape[1]] = plane
    y, u, v = (pad[:, : plane.shape[1]] for pad, plane in zip(padded, parts, strict=True))
    return Covered(YuvFrame(0, 3000, (y, u, v)), {})


def test_it_is_a_sink_with_the_name_that_the_user_gave() -> None:
    sink: Sink = VirtualCamera(None)
    assert sink.name == "camera"
    assert VirtualCamera("/dev/video9").name == "camera:/dev/video9"


def test_frames_are_handed_over_as_they_are(cameras: type[Camera]) -> None:
    camera = VirtualCamera("/dev/video9")
    camera.open(FORM)
    (made,) = cameras.made
    assert made.told == (8, 4, pytest.approx(29.97, abs=0.01), PixelFormat.I420, "/dev/video9")
    camera.send(frame(0))
    camera.send(frame(100))
    assert [sent.tolist() for sent in made.frames] == [list(range(48)), list(range(100, 148))]
    camera.close()
    camera.close()
    assert made.closed == 1
    camera.open(FORM)
    assert len(cameras.made) == 2
    camera.finish()
    camera.finish()
    assert cameras.made[1].closed == 1


def test_a_camera_that_breaks_is_tried_again(cameras: type[Camera]) -> None:
    camera = VirtualCamera(None)
    camera.open(FORM)
    cameras.made[0].breaks = True
    with pytest.raises(OutputError, match="takes no frame"):
        camera.send(frame(0))
    camera.close()
    cameras.refuses = NONE_FOUND
    with pytest.raises(OutputError, match="is gone"):
        camera.open(FORM)
    with pytest.raises(OutputError, match="is gone"):
        camera.send(frame(0))
    camera.close()


def test_a_device_that_went_away_is_noticed(cameras: type[Camera], monkeypatch: pytest.MonkeyPatch) -> None:
    """pyvirtualcam on Linux raises nothing then."""
    camera = VirtualCamera(None)
    camera.open(FORM)
    camera.send(frame(0))
    for other in ("/dev/zero", "/nowhere"):
        monkeypatch.setattr(cameras, "node", other)
        with pytest.raises(OutputError, match="is gone"):
            camera.send(frame(0))
    assert len(cameras.made[0].frames) == 1


def test_a_camera_without_a_node(cameras: type[Camera], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cameras, "node", "OBS Virtual Camera")
    camera = VirtualCamera(None)
    camera.open(FORM)
    camera.send(frame(0))
    assert len(cameras.made[0].frames) == 1


@pytest.mark.parametrize(
    ("device", "told", "is_linux", "problem", "step"),
    [
        (None, NONE_FOUND, True, "there is no such camera", "sudo modprobe v4l2loopback exclusive_caps=1"),
        (None, "'obs' backend: OBS Virtual Camera device not found!", False, "there is no such camera", "OBS Studio"),
        ("/nowhere", "Device /nowhere does not exist.", True, "there is no such camera", "sudo modprobe"),
        ("/dev/null", "Device /dev/null is already in use.", True, "used by something else", "camera:/dev/video"),
        ("/dev/null", "Could not access it due to missing permissions.", True, "may not be written", "usermod"),
    ],
)
def test_what_is_said_where_there_is_no_camera(
    cameras: type[Camera],
    monkeypatch: pytest.MonkeyPatch,
    device: str,
    told: str,
    is_linux: bool,
    problem: str,
    step: str,
) -> None:
    cameras.refuses = told
    monkeypatch.setattr(camera_module, "_is_linux", lambda: is_linux)
    with pytest.raises(UsageError) as refused:
        VirtualCamera(device).open(FORM)
    assert problem in refused.value.problem
    assert step in refused.value.next_step


def test_what_is_said_where_pyvirtualcam_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyvirtualcam", None)
    with pytest.raises(UsageError, match=r"pip install 'kerchief\[camera\]'"):
        VirtualCamera(None).open(FORM)


def test_the_stand_in_is_called_as_pyvirtualcam_is() -> None:
    real = pytest.importorskip("pyvirtualcam", reason="the extra `camera` is not installed")
    for name in ("__init__", "send", "close"):
        ours, theirs = (inspect.signature(getattr(one, name)).parameters for one in (Camera, real.Camera))
        assert [(p.name, p.kind) for p in ours.values()] == [(p.name, p.kind) for p in theirs.values()]
    assert isinstance(inspect.getattr_static(real.Camera, "device"), property)
    assert real.PixelFormat.I420.value == PixelFormat.I420.value


@pytest.mark.skipif(bool(list(Path("/dev").glob("video*"))), reason="there may be a virtual camera")
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="OBS may be installed")
@pytest.mark.parametrize("device", [None, "/dev/video99", "/dev/null"])
def test_pyvirtualcam_itself_says_that_there_is_none(device: str | None) -> None:
    pytest.importorskip("pyvirtualcam", reason="the extra `camera` is not installed")
    step = "camera:/dev/video9" if device == "/dev/null" else "sudo modprobe v4l2loopback exclusive_caps=1"
    with pytest.raises(UsageError) as refused:
        VirtualCamera(device).open(FORM)
    assert step in str(refused.value)
