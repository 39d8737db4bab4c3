"""Runs a network with ONNX Runtime."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kerchief.errors import WeightsError

# Law 7. From 1.32 on its builds for Linux report to their maker from the moment they are imported, and go on when they
# are told by a call not to (seen with 1.32.0). This they heed.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime

#: Named so that nothing else is ever asked for.
PROVIDERS = ("CPUExecutionProvider",)
CUDA = "CUDAExecutionProvider"
WITHOUT_GPU = (
    "Install onnxruntime-gpu there in place of onnxruntime, with the CUDA that it asks for, or leave --gpus out."
)
#: What networks are loaded for that are loaded now.
_providers: ContextVar[tuple[str, ...]] = ContextVar("providers", default=PROVIDERS)


_cores: ContextVar[int] = ContextVar("cores", default=1)


@contextmanager
def all_cores_for_each() -> Iterator[None]:
    """Networks that are loaded within spread each look over all cores: it is done sooner, but fewer in a time."""
    token = _cores.set(threads())
    try:
        yield
    finally:
        _cores.reset(token)


@contextmanager
def on_gpu() -> Iterator[None]:
    """Networks that are loaded within run on the GPU that this process was given, and on nothing else.

    Raises:
        WeightsError: ONNX Runtime can't use one on this machine.
    """
    if CUDA not in onnxruntime.get_available_providers():
        raise WeightsError("--gpus", "ONNX Runtime can't use a GPU on this machine", WITHOUT_GPU)
    token = _providers.set((CUDA, *PROVIDERS))
    try:
        yield
    finally:
        _providers.reset(token)


@dataclass(frozen=True, slots=True)
class Runtime:
    """What runs the networks on this machine."""

    version: str
    providers: tuple[str, ...]
    threads: int


def runtime() -> Runtime:
    """The runtime in use."""
    return Runtime(onnxruntime.__version__, PROVIDERS, threads())


def threads() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Session:
    """A loaded network: one image tensor in, float tensors out.

    Raises:
        WeightsError: the bytes are no network that this runtime can load, or that the GPU can run.
    """

    def __init__(self, name: str, data: bytes) -> None:
        onnxruntime.disable_telemetry_events()
        options = onnxruntime.SessionOptions()
        # Tiles run side by side, which is faster than many threads in one (measured: docs/measurements.md).
        options.intra_op_num_threads = _cores.get()
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # others want the cores too
        options.log_severity_level = 4
        providers = _providers.get()
        try:
            self._session = onnxruntime.InferenceSession(data, options, providers=list(providers))
        except Exception as error:  # noqa: BLE001 - the runtime's exceptions share no base but Exception
            reason = type(error).__name__
            raise WeightsError(name, f"ONNX Runtime can't load the network ({reason})", "Use another file.") from None
        if self._session.get_providers()[0] != providers[0]:  # the runtime falls back without a word
            raise WeightsError(name, "ONNX Runtime can't use the GPU for this network", WITHOUT_GPU)
        self.input_name: str = self._session.get_inputs()[0].name
        self.input_shape: Sequence[int | str | None] = self._session.get_inputs()[0].shape
        self.outputs: dict[str, Sequence[int | str | None]] = {o.name: o.shape for o in self._session.get_outputs()}

    def run(self, tensor: NDArray[np.float32], outputs: Sequence[str]) -> list[NDArray[np.float32]]:
        """The named outputs for one (1, 3, height, width) tensor."""
        return list(self._session.run(list(outputs), {self.input_name: tensor}))
