"""The process that opens files is kerchief's own, whatever lies in the folder where it is started."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from scenes import saved, scene


@pytest.mark.parametrize("name", ["PIL", "numpy", "kerchief"])
def test_a_module_in_the_working_folder_is_not_imported(name: str, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(saved(scene(320, 240, [(110, 70, 80)])[0], "JPEG", quality=90))
    (tmp_path / f"{name}.py").write_text("open('was-run', 'w').close()\nraise SystemExit\n", encoding="utf-8")
    # -P as the installed command has it: its own folder is searched and not the working folder.
    command = [sys.executable, "-P", "-c", "from kerchief.cli.main import main; main()", "redact", "a.jpg"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert not (tmp_path / "was-run").exists()
    assert done.returncode == 0, done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(["a.jpg", "a.redacted.jpg", f"{name}.py"])
