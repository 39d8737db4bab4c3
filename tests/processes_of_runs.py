"""``kerchief redact --engine ray`` in processes of its own, that tests watch and kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from uuid import uuid4

import kerchief

#: A shell's background jobs ignore Ctrl-C.
CLI = (
    "import signal\n"
    "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    "{}\n"
    "from kerchief.cli.main import main\n"
    "main()"
)
#: Ray starts in a few seconds; a machine that is busy with other tests takes longer.
PATIENCE = 90.0


@dataclass(frozen=True)
class Run:
    """A run in a process of its own.

    Attributes:
        process: the driver.
        mark: is in the environment of all its processes.
        folder: where it runs.
        temporary: its folder for temporary files.
    """

    process: subprocess.Popen[str]
    mark: str
    folder: Path
    temporary: Path

    def ends(self) -> tuple[int, list[dict[str, Any]], str]:
        """Exit code, JSON lines and standard error."""
        out, said = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, [json.loads(line) for line in out.splitlines()], said

    def processes(self) -> dict[int, str]:
        """All processes of the run that live, the driver left out, with their command lines."""
        found = {}
        for path in Path("/proc").iterdir():
            with suppress(OSError, ValueError):
                pid = int(path.name)
                if pid != self.process.pid and self.mark.encode() in (path / "environ").read_bytes():
                    found[pid] = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        return found

    def workers(self) -> list[int]:
        """The processes of the run that have a decoder process."""
        decoders = [pid for pid, command in self.processes().items() if "kerchief.sandbox.child" in command]
        return [parent(pid) for pid in decoders]


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def until(happens: Callable[[], object], seconds: float = PATIENCE) -> bool:
    """Whether something happens in time."""
    end = time.monotonic() + seconds
    while not happens():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def copies(folder: Path) -> list[Path]:
    return list(folder.rglob("*.redacted.jpg"))


def drafts(folder: Path) -> list[Path]:
    return [path for path in folder.rglob(".*") if path.is_file()]


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder with a short name: sockets have to lie in it."""
    folder = Path(mkdtemp(prefix="k", dir="/tmp"))
    yield folder
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    folder.rmdir()


@contextmanager
def starting(tmp_path: Path, temporary: Path) -> Iterator[Callable[..., Run]]:
    """Starts ``kerchief redact`` with two workers in ``tmp_path``; nothing of it outlives the test."""
    runs: list[Run] = []

    def start(*words: object, before: str = "", engine: str = "ray") -> Run:
        mark = f"KERCHIEF_TEST={uuid4()}"
        name, _, value = mark.partition("=")
        # What this process imports, and the workers with a fault.
        paths = os.pathsep.join([str(Path(__file__).parent), str(Path(kerchief.__file__).parents[1])])
        environment = {**os.environ, name: value, "TMPDIR": str(temporary), "PYTHONPATH": paths}
        environment["KERCHIEF_NOTES"] = str(tmp_path)  # for workers with a fault
        command = [sys.executable, "-c", CLI.format(before), "redact", *map(str, words), "--json"]
        command += ["--engine", engine, "--jobs", "2"]
        process = subprocess.Popen(
            command,
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        )
        runs.append(Run(process, mark, tmp_path, temporary))
        return runs[-1]

    yield start
    for run in runs:
        run.process.kill()
        run.process.communicate()
        for pid in run.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        assert until(lambda run=run: not run.processes(), 10)
