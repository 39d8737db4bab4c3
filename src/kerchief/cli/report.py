"""What the commands say: data on standard output, talk on standard error."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from kerchief.errors import ExitCode, KerchiefError

if TYPE_CHECKING:
    from kerchief.batch.run import Result
    from kerchief.prove.receipt import Receipt, SoundRef


def say(text: str) -> None:
    """A line for people."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def data(text: str) -> None:
    """A line of the product, for people and machines."""
    # A name that is no text has lone surrogates in Python; written so, they are what JSON calls them too.
    print(text.encode(errors="backslashreplace").decode(), flush=True)  # noqa: T201


def json_line(values: dict[str, Any]) -> None:
    """One JSON object on a line."""
    data(json.dumps(values, ensure_ascii=False))


def error_values(path: str, error: KerchiefError) -> dict[str, Any]:
    """A failed file as JSON values."""
    return {
        "file": path,
        "status": "failed",
        "exit_code": int(error.exit_code),
        "problem": error.problem,
        "next_step": error.next_step,
    }


def summary(receipt: Receipt) -> str:
    """What was done and what the check found, in one line."""
    applied, checked = receipt.applied, receipt.checked
    heads = _count(applied.covered, "head") + f" covered ({applied.style})"
    if not applied.covered:
        heads = "NO FACE FOUND, nothing covered: look at the picture yourself"
    elif not applied.erases:
        heads += ", COSMETIC: can be seen through"
    shown = f", {applied.shown} shown by decision" if applied.shown else ""
    dropped = f"; dropped {', '.join(applied.removed)}" if applied.removed else "; no metadata to drop"
    sound = _sound(applied.sound) if applied.sound else ""
    changed = f"; {', '.join(applied.changes)}" if applied.changes else ""
    added = f", {checked.added} of them found by the check" if checked.added else ""
    check = f"; checked {_count(checked.rounds, 'time')}: nothing shows"
    if checked.doubtful:
        check = f"; checked {_count(checked.rounds, 'time')}: {checked.doubtful} doubtful left, look at it"
    return heads + added + shown + dropped + sound + changed + check


def _sound(sound: SoundRef) -> str:
    """What is to be known of a copy with sound; that it was dropped stands among what was dropped."""
    if sound.result == "muted":
        return f"; sound kept, muted for {sound.seconds:g} s"
    return "; SOUND KEPT: a voice identifies" if sound.result == "kept" else ""


def result_values(result: Result) -> dict[str, Any]:
    """The result of one file of a batch as JSON values; documented in docs/exit-codes.md."""
    path = str(result.job.source)
    if result.error:
        return error_values(path, result.error)
    if result.earlier:
        return skipped_values(path, result.earlier.output)
    assert result.outcome is not None
    return done_values(path, str(result.outcome.output), result.outcome.receipt)


def done_values(path: str, output: str, receipt: Receipt) -> dict[str, Any]:
    """A copy as JSON values."""
    applied, checked = receipt.applied, receipt.checked
    return {
        "file": path,
        "status": "done",
        "exit_code": 0,
        "output": output,
        "style": str(applied.style),
        "erases": applied.erases,
        "covered": applied.covered,
        "shown": applied.shown,
        "added_by_check": checked.added,
        "rounds": checked.rounds,
        "doubtful": checked.doubtful,
        "dropped": list(applied.removed),
        "changes": list(applied.changes),
        "sound": applied.sound.model_dump(mode="json") if applied.sound else None,
    }


def skipped_values(path: str, output: str) -> dict[str, Any]:
    """A file that an earlier run has finished as JSON values."""
    return {"file": path, "status": "skipped", "exit_code": 0, "output": output}


def exit_code_for(errors: list[KerchiefError], total: int) -> ExitCode:
    """One file fails with its own code; a batch with "some failed"."""
    if not errors:
        return ExitCode.DONE
    return errors[0].exit_code if total == 1 else ExitCode.SOME_FAILED


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
