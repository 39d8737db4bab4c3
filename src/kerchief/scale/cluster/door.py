"""The one door to Ray: a cluster that was started here or connected to, and processes on it that do work.

Ray is imported when a cluster is wanted, so that nothing else waits for it. On a cluster of its own kerchief listens on
loopback alone, behind a token that nobody else knows, and sends no statistics of use. Ray's log files lie in a private
folder that is gone at the end.
"""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, chdir, contextmanager, suppress
from pathlib import Path
from tempfile import gettempdir
from time import perf_counter
from types import ModuleType
from typing import Any, cast

from kerchief.errors import UsageError
from kerchief.scale.cluster.chunks import ChunkLost, Stored
from kerchief.scale.cluster.folders import private_folder, short_parent
from kerchief.scale.cluster.pool import Hand, WorkerLost
from kerchief.version import __version__

INSTALL = "Install it: pip install 'kerchief[ray]'."
MAKE_ROOM = "See how much room is left in {} and in memory, or leave --engine ray out."
RUN_THERE = "Run kerchief on a node of the cluster, with --address HOST:PORT of its head, or auto."
SAY_WHO = "Set RAY_AUTH_MODE=token, and RAY_AUTH_TOKEN or ~/.ray/auth_token to the cluster's."
SAME_EVERYWHERE = f"Install kerchief[ray] {__version__} on every node."
#: Nothing is told to anybody (law 7), and the user's folder is uploaded nowhere.
SILENT = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0"}
#: A call that comes too late, when all has ended, must not start a Ray with other options.
NEVER_BY_ITSELF = {"RAY_ENABLE_AUTO_CONNECT": "0"}
#: On macOS and Windows Ray uses loopback alone; this makes it do so everywhere.
ON_LOOPBACK = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
#: Ray takes a third of the memory for objects by default. Here tasks and results are a few kilobytes each;
#: pieces of films are larger, and go to its folder where they do not fit.
OBJECTS_BYTES = 128 << 20
FOLDER, INNER = "kerchief-r-", "r"
#: A worker that is told to close may take so long, in seconds; then it is ended.
CLOSE_SECONDS = 5.0
#: So long a cluster may take to answer, in seconds.
ANSWER_SECONDS = 10.0


class Cluster:
    """A cluster that this process is connected to; ``cluster`` makes one.

    Attributes:
        cores: CPUs that its nodes offer.
        gpus: GPUs that its nodes offer.
    """

    def __init__(self, ray: ModuleType, cores: int, gpus: float) -> None:
        self.cores, self.gpus = cores, gpus
        self._ray = ray
        self._worker = ray.remote(_Worker)

    def hire(self, kind: type, *args: object, gpus: float = 0) -> RayHand:
        """A process of its own, with one CPU, somewhere in the cluster, in which an object works.

        It is never started again when it dies: what it was working on may be what killed it.

        Args:
            kind: the object's class, at the top of a module that every node can import. It has ``stop()``, which is
                called beside a running call, and ``close()``.
            args: for its making; made of plain values and hands.
            gpus: the share of a GPU that it is given.
        """
        # Two calls at a time, so that `stop` gets through.
        handle = self._worker.options(num_cpus=1, num_gpus=gpus, max_restarts=0, max_concurrency=2).remote()
        return RayHand(handle, kind, args)

    def hire_here(self, kind: type, *args: object) -> RayHand:
        """The same on this node, without a CPU of its own; it is started again when it dies.

        What its making raises, a call of it raises too.
        """
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        here = NodeAffinitySchedulingStrategy(self._ray.get_runtime_context().get_node_id(), soft=False)
        options = {"num_cpus": 0, "max_restarts": -1, "max_task_retries": 3, "scheduling_strategy": here}
        return RayHand(self._worker.options(**options).remote(kind, *args))


class RayHand(Hand):
    """A process of a cluster; may be given to others of its processes."""

    def __init__(self, handle: object, kind: type | None = None, args: tuple[object, ...] = ()) -> None:
        self._handle = cast("Any", handle)
        start = self._handle.start
        self._ready = start.remote(__version__, kind, *args) if kind is not None else start.remote(__version__)

    def __reduce__(self) -> tuple[type[_Caller], tuple[object]]:
        return _Caller, (self._handle,)

    def is_ready(self, seconds: float) -> bool:
        """See ``Hand``."""
        if self._ready is not None and _got(self._ready, seconds) is not None:
            self._ready = None
        return self._ready is None

    def call(self, method: str, *args: object) -> object:
        """See ``Hand``."""
        return _got(self._handle.call.remote(method, *args))

    def keep(self, method: str, *args: object) -> Stored:
        """See ``Hand``."""
        start = perf_counter()
        # What is given this way belongs to this process: it stays when the one that made it dies.
        given = self._handle.keep.options(num_returns="streaming").remote(method, *args)
        references = list(given)
        if not references:
            raise WorkerLost("nothing came")
        _got(references.pop())  # what the method raised comes in the place of what it would have given next
        return Stored(tuple(RayChunk(reference) for reference in references), perf_counter() - start)

    def stop(self) -> None:
        """See ``Hand``."""
        with suppress(Exception):
            self._handle.stop.remote()

    def dismiss(self) -> None:
        """See ``Hand``."""
        import ray

        if self._ready is None:
            with suppress(Exception):
                ray.get(self._handle.close.remote(), timeout=CLOSE_SECONDS)
        with suppress(Exception):
            ray.kill(self._handle)


class _Caller:
    """A process of the cluster as another one sees it: it can be called, and not ended."""

    def __init__(self, handle: object) -> None:
        self._handle = cast("Any", handle)

    def call(self, method: str, *args: object) -> object:
        return _got(self._handle.call.remote(method, *args))


class RayChunk:
    """See ``chunks.Chunk``."""

    def __init__(self, reference: object) -> None:
        self._reference = reference

    def read(self) -> bytes:
        """See ``chunks.Chunk``."""
        try:
            return cast("bytes", _got(self._reference))
        except WorkerLost as error:
            raise ChunkLost from error


class _Worker:
    """What runs in a process of the cluster: an object, and a way to call it."""

    def __init__(self, kind: type | None = None, *args: object) -> None:
        self._object: Any = None
        # Ray does not hand on what a constructor raises; nor does it start such a process again.
        self._failure: Exception | None = None
        try:
            self._object = kind(*args) if kind is not None else None
        except Exception as error:  # noqa: BLE001 - raised by whatever is called
            self._failure = error

    def start(self, version: str, kind: type | None = None, *args: object) -> bool:
        """Make the object, if that was not done already."""
        if version != __version__:
            problem = f"kerchief {__version__} is installed on a node of the cluster, and {version} here"
            raise UsageError("--address", problem, f"Install kerchief {version} on every node.")
        if self._failure is not None:
            raise self._failure
        if kind is not None:
            self._object = kind(*args)
        return True

    def call(self, method: str, *args: object) -> object:
        if self._failure is not None:
            raise self._failure
        return getattr(self._object, method)(*args)

    def keep(self, method: str, *args: object) -> Iterator[bytes]:
        yield from getattr(self._object, method)(*args)
        yield b""  # is fetched, to learn whether all went well

    def stop(self) -> None:
        if self._object is not None:
            self._object.stop()

    def close(self) -> None:
        if self._object is not None:
            self._object.close()


@contextmanager
def cluster(address: str | None = None, cores: int | None = None) -> Iterator[Cluster]:
    """A cluster to work on. Call it from the main thread: where Ray is started here, it ends with the thread.

    Args:
        address: HOST:PORT of a cluster's head, or "auto"; None: Ray is started here, and ended with the context.
        cores: of a cluster that is started here; by default all that this machine has.

    Raises:
        UsageError: Ray is not installed, can't be started, or there is no such cluster.
    """
    if address is not None:
        _must_answer(address)
    with ExitStack() as stack:
        stack.enter_context(_environment(_variables(address)))
        with _uninterrupted():
            ray = _imported()
            options: dict[str, Any] = {"address": address}
            if address is None:
                folder = stack.enter_context(private_folder(FOLDER, short_parent(FOLDER)))
                options = _options_here(folder, cores)
            stack.callback(_disconnect, ray)
            _connect(ray, options)
        yield Cluster(ray, _cores(ray), float(ray.cluster_resources().get("GPU", 0)))


def _must_answer(address: str) -> None:
    """Ray would go on trying for minutes."""
    host, _, port = address.rpartition(":")
    if address == "auto":
        return
    if "/" in address or not host or not port.isdecimal():
        raise UsageError("--address", f"{address} is not a host and a port", RUN_THERE)
    try:
        socket.create_connection((host.strip("[]"), int(port)), ANSWER_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise UsageError("--address", f"nobody answers at {address} ({_first(error)})", RUN_THERE) from None


def _options_here(folder: Path, cores: int | None) -> dict[str, Any]:
    # Ray opens its folder to everybody, and what is in it: so it gets one within the private one.
    inner = folder / INNER
    inner.mkdir(mode=0o700)
    return {
        "address": "local",
        "num_cpus": cores,
        "include_dashboard": False,
        "object_store_memory": OBJECTS_BYTES,
        "_node_ip_address": "127.0.0.1",
        "_temp_dir": str(inner),
    }


def _connect(ray: ModuleType, options: Mapping[str, Any]) -> None:
    # Ray lets its processes import from the folder that it was started in: somebody's photos may lie there, and beside
    # them a file called cv2.py. Nobody but the system's owner can put one into the root folder.
    with chdir("/"):
        try:
            ray.init(configure_logging=False, log_to_driver=False, **options)
        except (ConnectionError, RuntimeError, ValueError, OSError, ray.exceptions.RayError) as error:
            where = options["address"]
            if where == "local":
                problem = f"Ray does not start here ({_first(error)})"
                raise UsageError("--engine ray", problem, MAKE_ROOM.format(gettempdir())) from None
            if any("uthentica" in f"{type(one)} {one}" for one in (error, error.__cause__, error.__context__)):
                raise UsageError("--address", f"the cluster at {where} asks for another token", SAY_WHO) from None
            raise UsageError("--address", f"no cluster can be used at {where} ({_first(error)})", RUN_THERE) from None


def _disconnect(ray: ModuleType) -> None:
    with _uninterrupted():
        ray.shutdown()


def _cores(ray: ModuleType) -> int:
    cores = int(ray.cluster_resources().get("CPU", 0))
    if cores < 1:
        raise UsageError("--address", "the cluster has no CPUs", "Add a node that has some.")
    return cores


def _imported() -> ModuleType:
    # What it has to say goes through our messages.
    logging.getLogger("ray").addHandler(logging.NullHandler())
    try:
        import ray
        import ray.exceptions
    except ImportError:
        raise UsageError("--engine ray", "Ray is not installed", INSTALL) from None
    # Three things that it has no option for. It tells of workers that died on standard output, among our data; it would
    # have SIGTERM end this process in its own way; and whoever may list a cluster's jobs would read our command line,
    # with the names of originals.
    ray._private.utils.set_sigterm_handler = lambda handler: None
    ray._private.worker._worker_logs_enabled = False
    ray._private.utils.get_entrypoint_name = lambda: "kerchief"
    return cast("ModuleType", ray)


def _got(reference: object, seconds: float | None = None) -> object:
    """A call's result; None when it takes longer.

    Raises:
        WorkerLost: the process died, or can't be reached.
        And what was called raised.
    """
    import ray
    from ray.exceptions import GetTimeoutError, RayError, RayTaskError

    try:
        return ray.get(reference, timeout=seconds)
    except GetTimeoutError:
        return None
    except RayTaskError as error:
        cause = error.cause
        raise (cause if isinstance(cause, Exception) else WorkerLost(type(cause).__name__)) from None
    except RayError as error:
        if "ImportError" in str(error) or "ModuleNotFoundError" in str(error):
            problem = f"a node of the cluster can't start kerchief {__version__}"
            raise UsageError("--address", problem, SAME_EVERYWHERE) from None
        raise WorkerLost(type(error).__name__) from None


def _variables(address: str | None) -> dict[str, str]:
    """What Ray is told by way of the environment. How a cluster that is there already knows us is the user's to say."""
    if address is None:
        return (
            SILENT | NEVER_BY_ITSELF | ON_LOOPBACK | {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
        )
    return SILENT | NEVER_BY_ITSELF | (ON_LOOPBACK if address.rpartition(":")[0] in ("localhost", "127.0.0.1") else {})


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Environment variables, as long as the cluster is there: its processes have them from this one."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C and SIGTERM take effect at the end of this: Ray crashes when it is interrupted as it starts or ends."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    ours = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number, handler in ours.items():
        if callable(handler):
            signal.signal(number, lambda number, _: came.append(number))
    try:
        yield
    finally:
        for number, handler in ours.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])


def _first(error: Exception) -> str:
    """What an error says, in a line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
