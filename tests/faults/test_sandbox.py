"""The process that opens files is kerchief's own, whatever lies about; where it can't start, no file is blamed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from scenes import background, saved, scene

from kerchief.errors import InputRefused
from kerchief.sandbox.decoder import Decoder


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


@pytest.mark.parametrize("program", ["true", "false"])
def test_where_no_decoder_starts_the_file_is_not_blamed(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.png").write_bytes(saved(background(60, 50), "PNG"))
    with Decoder() as decoder:
        with monkeypatch.context() as patch:
            patch.setattr("kerchief.sandbox.spawn.sys.executable", shutil.which(program))
            with pytest.raises(InputRefused, match="does not start") as caught:
                decoder.open(tmp_path / "a.png")
        assert "kerchief doctor" in caught.value.next_step
        _, _, frames = decoder.open(tmp_path / "a.png")
        assert len(list(frames)) == 1, "where it starts again, it works again"
