"""What can go wrong, each with one exit code and one next step for the user.

    KerchiefError
    ├── UsageError        2   options that do not fit together
    ├── FaceShows        10   a sure face still shows after the last round; nothing was published
    ├── PlanMismatch     12   the plan is not one, or belongs to another file
    ├── InputRefused     13   unreadable, unsupported, damaged or too large
    ├── WeightsError     14   a network is missing, changed, or does not find faces on this machine
    ├── OutputError      15   the output exists or can't be written
    └── Unexpected       70   a fault in kerchief itself; nothing was published

A message names the file and says what to do next. It never quotes a value from inside the file.
"""

from __future__ import annotations

from enum import IntEnum

#: The next step where a file is cut off or damaged.
SEND_WHOLE = "Get the whole file again; nothing was written."


class ExitCode(IntEnum):
    """Exit codes of the command line; anything not listed is a failure too."""

    DONE = 0
    FOUND = 1
    USAGE = 2
    SOME_FAILED = 3
    FACE_SHOWS = 10
    PLAN_MISMATCH = 12
    INPUT_REFUSED = 13
    WEIGHTS = 14
    OUTPUT = 15
    UNEXPECTED = 70
    INTERRUPTED = 130


class KerchiefError(Exception):
    """Something the user can act on.

    Args:
        subject: the file (or option) it is about, as the user named it; may be empty where no file is known yet.
        problem: what is wrong, without a full stop.
        next_step: what to do about it, as a sentence.
    """

    exit_code: ExitCode = ExitCode.SOME_FAILED

    def __init__(self, subject: str, problem: str, next_step: str) -> None:
        self.subject = subject
        self.problem = problem
        self.next_step = next_step
        super().__init__(subject, problem, next_step)

    def __str__(self) -> str:
        where = f"{self.subject}: " if self.subject else ""
        return f"{where}{self.problem}. {self.next_step}"

    def about(self, subject: str) -> KerchiefError:
        """The same error, told of another subject (the pure parts do not know file names)."""
        return type(self)(subject, self.problem, self.next_step)


class UsageError(KerchiefError):
    """Options or arguments that do not fit together."""

    exit_code = ExitCode.USAGE


class FaceShows(KerchiefError):
    """A sure face still shows after the last round; nothing was published.

    ``pipeline.StillShows`` is the one that is raised: it brings the plan with what was found.
    """

    exit_code = ExitCode.FACE_SHOWS


class PlanMismatch(KerchiefError):
    """The plan can't be read, is of a newer version, or was made for another file."""

    exit_code = ExitCode.PLAN_MISMATCH


class InputRefused(KerchiefError):
    """The input is unreadable, unsupported, damaged, cut off or too large."""

    exit_code = ExitCode.INPUT_REFUSED


class WeightsError(KerchiefError):
    """A network is missing, has another digest, or fails its self-test."""

    exit_code = ExitCode.WEIGHTS


class OutputError(KerchiefError):
    """The output exists, or can't be written or read back as it was written."""

    exit_code = ExitCode.OUTPUT


class Unexpected(KerchiefError):
    """A fault in kerchief itself; nothing was published. Made only at the outer edges, from any other exception."""

    exit_code = ExitCode.UNEXPECTED

    @classmethod
    def of(cls, subject: str, error: Exception) -> Unexpected:
        """The fault behind an exception; names its type and place, not its text, which may quote the file."""
        last = error.__traceback__
        while last is not None and last.tb_next is not None:
            last = last.tb_next
        place = f"{last.tb_frame.f_code.co_name}, line {last.tb_lineno}" if last is not None else "an unknown place"
        problem = f"a fault in kerchief: {type(error).__name__} in {place}"
        return cls(subject, problem, "Nothing was published. Please report this line and the kind of file.")
