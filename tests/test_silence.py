"""Law 7: what the networks run on reports nothing to its maker, and leaves no mark of it on the disk."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_the_runtime_of_the_networks_writes_no_identifiers(tmp_path: Path) -> None:
    """Where it does, it has begun to report: a session in the temporary folder, a device and a queue in the home."""
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    environment |= {name: str(tmp_path) for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME")}
    load = "from kerchief import Tools\nwith Tools() as tools: print(len(tools.networks.by_name))"
    done = subprocess.run([sys.executable, "-c", load], capture_output=True, text=True, env=environment, check=True)
    assert int(done.stdout) >= 2
    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")] == []
