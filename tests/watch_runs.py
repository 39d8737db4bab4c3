"""Runs of ``kerchief watch`` in processes of their own: what they say, what they leave, and what should be there."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from films import film, walk
from scenes import saved, scene

#: For files that land in one step.
OFTEN = ("--every", 0.2, "--settle", 0.3)
#: For files that are written in parts: long enough that a busy machine is not taken for a pause.
IN_PARTS = ("--settle", 1.0)


@dataclass(frozen=True)
class Run:
    """A run that goes on; what it says goes to files."""

    process: subprocess.Popen[bytes]
    out: Path
    err: Path

    @property
    def said(self) -> str:
        """All of standard error so far."""
        return self.err.read_text(encoding="utf-8")

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The JSON lines so far."""
        return [json.loads(line) for line in self.out.read_text(encoding="utf-8").splitlines(keepends=True)]

    def of(self, name: str) -> list[str]:
        """What became of a file, time after time."""
        return [line["status"] for line in self.lines if Path(line["file"]).name == name]

    def until(self, happens: Callable[[], object], seconds: float = 60) -> None:
        """Wait for something while the run goes on."""
        until(lambda: self.process.poll() is not None or happens(), seconds)
        assert self.process.poll() is None, f"it ended with {self.process.returncode}: {self.said}"

    def until_caught_up(self) -> None:
        """Wait until all that was there is done."""
        self.until(lambda: "waiting for new files" in self.said)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to stop; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(60)

    def ended(self) -> int:
        """Wait until it ends by itself."""
        return self.process.wait(60)


@contextmanager
def watching(folder: Path, *words: object, before: str = "") -> Iterator[Run]:
    """``kerchief watch in -o out --json`` in a folder, after a line of Python; it does not outlive the test."""
    script = "import os, signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
    script += f"{before}\nfrom kerchief.cli.main import main\nmain()"
    number = len(list(folder.glob("said-*")))
    out, err = folder / f"lines-{number}", folder / f"said-{number}"
    command = [sys.executable, "-c", script, "watch", "in", "-o", "out", "--json", *map(str, (*OFTEN, *words))]
    with (
        out.open("wb") as lines,
        err.open("wb") as said,
        subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=lines, stderr=said) as process,
    ):
        try:
            yield Run(process, out, err)
        finally:
            process.kill()


def until(happens: Callable[[], object], seconds: float = 60) -> None:
    """Wait for something."""
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.02)


def a_photo(seed: int = 7, width: int = 320) -> bytes:
    """A photo with one face."""
    return saved(scene(width, 240, [(110, 70, 80)], seed)[0], "JPEG", quality=90)


def a_film(path: Path, frames: int = 12) -> Path:
    """A film with one face."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return film(path, walk(320, 240, [(60 + 2 * n, 70) for n in range(frames)], 80)[0])


def landed(path: Path, data: bytes) -> Path:
    """A file that lands whole, in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    hidden = path.with_name(f".{path.name}")
    hidden.write_bytes(data)
    return hidden.rename(path)


def files(folder: Path) -> dict[str, bytes]:
    """All files of a folder, hidden ones too."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
