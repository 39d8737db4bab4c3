"""The commands: exit codes, what is data and what is talk, names of outputs, runs that are taken up again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from commands import code, lines, photo, run
from scenes import background, saved


def names(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_a_batch_goes_on_after_a_bad_file(tmp_path: Path) -> None:
    photo(tmp_path / "in" / "a.jpg")
    (tmp_path / "in" / "b.jpg").write_bytes(b"words")
    photo(tmp_path / "in" / "deep" / "c.jpg")
    (tmp_path / "in" / "notes.txt").write_text("x", encoding="utf-8")
    result = run("redact", tmp_path / "in", "-o", tmp_path / "out", "--json")
    assert code(result) == 3
    assert names(tmp_path / "out") == ["a.redacted.jpg", "deep/c.redacted.jpg"]
    said = {Path(line["file"]).name: line for line in lines(result)}
    assert {name: line["status"] for name, line in said.items()} == {
        "a.jpg": "done",
        "b.jpg": "failed",
        "c.jpg": "done",
    }
    assert said["b.jpg"]["exit_code"] == 13
    assert said["b.jpg"]["next_step"]
    assert said["a.jpg"]["covered"] >= 1
    assert "1 other files left alone" in result.stderr


def test_resume_skips_what_is_done_and_a_second_run_leaves_outputs_alone(tmp_path: Path) -> None:
    photo(tmp_path / "in" / "a.jpg")
    words = ("redact", tmp_path / "in", "-o", tmp_path / "out", "--resume", "--json")
    first, second = run(*words), run(*words)
    assert (code(first), code(second)) == (0, 0)
    assert [line["status"] for line in lines(first) + lines(second)] == ["done", "skipped"]
    assert names(tmp_path / "out") == ["a.redacted.jpg"], "the worklog does not lie with what is published"
    (tmp_path / "out" / "a.redacted.jpg").unlink()
    assert [line["status"] for line in lines(run(*words))] == ["done"]
    assert code(run("redact", tmp_path / "in", "--resume")) == 2


def test_a_folder_is_walked_without_earlier_outputs(tmp_path: Path) -> None:
    photo(tmp_path / "a.jpg")
    photo(tmp_path / "b.redacted.jpg")
    result = run("redact", tmp_path, "--json")
    assert [Path(line["file"]).name for line in lines(result)] == ["a.jpg"]
    assert "1 earlier outputs left alone" in result.stderr or code(result) == 0


def test_a_name_that_a_camera_gave_is_replaced(tmp_path: Path) -> None:
    stamped = photo(tmp_path / "IMG_20240102_030405.jpg")
    assert code(run("redact", stamped, "-o", tmp_path / "out")) == 0
    assert code(run("redact", stamped, "-o", tmp_path / "kept", "--keep-names")) == 0
    assert names(tmp_path / "out") == ["photo-1.redacted.jpg"]
    assert names(tmp_path / "kept") == ["IMG_20240102_030405.redacted.jpg"]


def test_exit_codes_of_single_files(tmp_path: Path) -> None:
    good = photo(tmp_path / "a.jpg")
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"words")
    assert code(run("redact", tmp_path / "none.jpg")) == 2
    assert code(run("redact", good, "--style", "fog")) == 2
    assert code(run("redact", good, "--quality", "101")) == 2
    assert code(run("redact", bad)) == 13
    assert code(run("redact", good)) == 0
    assert code(run("redact", good)) == 15
    assert names(tmp_path) == ["a.jpg", "a.redacted.jpg", "bad.jpg"]


def test_plan_edit_render(tmp_path: Path) -> None:
    good, other = photo(tmp_path / "a.jpg"), photo(tmp_path / "b.jpg", comment=b"x")
    plan = tmp_path / "a.jpg.plan.json"
    assert code(run("plan", good)) == 0
    assert plan.stat().st_mode & 0o777 == 0o600
    assert code(run("plan", good)) == 15
    assert code(run("render", other, "--plan", plan)) == 12
    assert code(run("render", good, "--plan", tmp_path / "none.json")) == 12
    broken = tmp_path / "broken.json"
    broken.write_text("{", encoding="utf-8")
    assert code(run("render", good, "--plan", broken)) == 12
    result = run("render", good, "--plan", plan, "--receipt", tmp_path / "r.json", "--json")
    assert code(result) == 0
    assert lines(result)[0]["covered"] >= 1
    assert b"a.jpg" not in (tmp_path / "r.json").read_bytes()


def test_check_tells_of_faces_metadata_and_names_and_passes_an_output(tmp_path: Path) -> None:
    stamped = photo(tmp_path / "IMG_20240102_030405.jpg", comment=b"at home")
    result = run("check", stamped, "--json")
    assert code(result) == 1
    assert {finding["kind"] for finding in lines(result)[0]["findings"]} == {"face", "comment", "name"}
    plain = tmp_path / "street.png"
    plain.write_bytes(saved(background(300, 200), "PNG"))
    assert code(run("check", plain)) == 0
    assert code(run("redact", stamped, "-o", tmp_path / "out")) == 0
    assert code(run("check", tmp_path / "out")) == 0
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"words")
    assert code(run("check", bad)) == 13


def test_doctor_finds_all_well() -> None:
    result = run("doctor", "--json")
    assert code(result) == 0
    assert lines(result)[0]["errors"] == []


@pytest.mark.parametrize("word", ["--help", "--version"])
def test_help_loads_nothing_heavy(word: str) -> None:
    script = (
        "import sys; sys.argv = ['kerchief', sys.argv[1]]\n"
        "from kerchief.cli.main import main\n"
        "try:\n    main()\nfinally:\n"
        "    print(sorted({'numpy', 'onnxruntime', 'cv2', 'PIL'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script, word], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "kerchief" in done.stdout
    assert done.stderr.strip() == "[]"


def test_the_process_ends_with_the_errors_code_and_says_what_to_do(tmp_path: Path) -> None:
    script = "from kerchief.cli.main import main; main()"
    command = [sys.executable, "-c", script, "redact", str(tmp_path / "none.jpg")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "none.jpg: does not exist. Check the path." in done.stderr
