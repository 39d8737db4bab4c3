"""A camera that calls can use: the one door to pyvirtualcam, which speaks to v4l2loopback on Linux, to OBS elsewhere.

pyvirtualcam is under the GPL, so it comes only where somebody asks for it: the extra ``camera``.
"""

from __future__ import annotations

import stat
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerchief.errors import KerchiefError, OutputError, UsageError
from kerchief.live.covered import Covered, Form

INSTALL = "Install it: pip install 'kerchief[camera]'"
LOAD_MODULE = (
    "Type: sudo modprobe v4l2loopback exclusive_caps=1 (the module is in the package v4l2loopback-dkms of Debian)."
)
INSTALL_OBS = "Install OBS Studio 30 or later, and start its virtual camera once."
MAY_WRITE = "Add yourself to its group: sudo usermod -aG video $USER, and log in again."
CHOOSE_ANOTHER = "Close what else sends to it, or name another: camera:/dev/video9."
WAIT = "It is tried again."


class VirtualCamera:
    """Frames go to a virtual camera as they are, Y, U and V one after the other (I420), without a conversion.

    Cameras do not tell how their numbers are meant, and programs take them as BT.601 in the limited range. All streams
    here are of that range; where the form says BT.709, colours are a little off, as with many cameras.

    Args:
        device: "/dev/video9" or a name of OBS; None: the first that there is.
    """

    def __init__(self, device: str | None) -> None:
        self._device = device
        self._camera: Any = None
        self._node: int | None = None
        self._packed: NDArray[np.uint8] = np.empty(0, np.uint8)
        self._was_open = False

    @property
    def name(self) -> str:
        """As the user called it."""
        return "camera" if self._device is None else f"camera:{self._device}"

    def open(self, form: Form) -> None:
        """Begin.

        Raises:
            UsageError: pyvirtualcam is not installed, or at first there is no camera.
            OutputError: the camera is not there any more.
        """
        module = _pyvirtualcam(self.name)
        try:
            self._camera = module.Camera(
                form.width, form.height, float(form.rate), fmt=module.PixelFormat.I420, device=self._device
            )
        except Exception as error:  # noqa: BLE001 - each system's backend has its own
            raise self._refusal(str(error)) from None
        self._node = _node(self._camera.device)
        self._packed = np.empty(form.width * form.height * 3 // 2, np.uint8)
        self._was_open = True

    def send(self, covered: Covered) -> None:
        """Show a frame.

        Raises:
            OutputError: the camera is gone.
        """
        # On Linux pyvirtualcam takes a failed write for something that passes, and raises nothing.
        if self._camera is None or _node(self._camera.device) != self._node:
            raise OutputError(self.name, "the virtual camera is gone", WAIT)
        np.concatenate([plane.reshape(-1) for plane in covered.frame.planes], out=self._packed)
        try:
            self._camera.send(self._packed)
        except Exception as error:  # noqa: BLE001 - each system's backend has its own
            raise OutputError(self.name, f"the virtual camera takes no frame ({type(error).__name__})", WAIT) from None

    def idle(self) -> None:
        """Nothing to do: the next frame tells whether the camera is there."""

    def close(self) -> None:
        """Let go of the camera."""
        camera, self._camera = self._camera, None
        if camera is not None:
            camera.close()

    def finish(self) -> None:
        """The same: nothing outlasts it."""
        self.close()

    def _refusal(self, told: str) -> KerchiefError:
        """Why there is no camera, of what pyvirtualcam told."""
        if self._was_open:
            return OutputError(self.name, "the virtual camera is gone", WAIT)
        if "permission" in told:
            return UsageError(self.name, "the virtual camera may not be written to", MAY_WRITE)
        if self._device is not None and _node(self._device) is not None:
            return UsageError(self.name, "is no virtual camera, or is used by something else", CHOOSE_ANOTHER)
        return UsageError(self.name, "there is no such camera", LOAD_MODULE if _is_linux() else INSTALL_OBS)


def _pyvirtualcam(name: str) -> ModuleType:
    try:
        import pyvirtualcam
    except ImportError:
        raise UsageError(name, "pyvirtualcam is not installed", INSTALL) from None
    module: ModuleType = pyvirtualcam
    return module


def _node(device: str) -> int | None:
    """The number of a device's node; None where it has none, as cameras elsewhere than on Linux."""
    try:
        found = Path(device).stat()
    except OSError:
        return None
    return found.st_rdev if stat.S_ISCHR(found.st_mode) else None


def _is_linux() -> bool:
    return sys.platform.startswith("linux")
