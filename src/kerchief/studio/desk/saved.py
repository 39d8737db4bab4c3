"""The plan of one file, on the disk: private, whole, and never written over what somebody else wrote there."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from kerchief.errors import InputRefused, OutputError, PlanMismatch
from kerchief.plan.codec import Encoder, decode
from kerchief.plan.model import Plan
from kerchief.store.publish import PRIVATE, file_digest, replace_whole

MOVE_AWAY = "Move it away and try again: faces are looked for anew; or give another folder with --plans."
FREE_SPACE = "Free some space, or choose another folder for the plans with --plans."
#: A plan of 100,000 keyframes has 20 MB.
MOST_BYTES = 200 << 20
NOT_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)

Stamp = tuple[int, int, int, int]


class PlanFile:
    """Reads and writes one plan; remembers what it read or wrote last.

    Args:
        path: of the plan.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stamp: Stamp | None = None
        self._digest = ""
        self._encoder = Encoder()

    def load(self) -> tuple[Plan, str] | None:
        """The plan and its revision; None if there is none.

        Raises:
            PlanMismatch: it can't be read, is too large, or is no plan of this version.
        """
        stamp = self._stamped()
        try:
            data = self._read()
        except FileNotFoundError:
            return None
        except OSError as error:
            reason = (error.strerror or "unreadable").lower()
            raise PlanMismatch(str(self.path), f"the plan can't be read ({reason})", MOVE_AWAY) from None
        try:
            plan = decode(data)
        except PlanMismatch as error:
            raise error.about(str(self.path)) from None
        self._remember(stamp, data)
        # The revision is that of the canonical bytes, however the file was written.
        return plan, _digest(self._encoder.encode(plan))

    def revision(self, plan: Plan) -> str:
        """The revision that a plan would have."""
        return _digest(self._encoder.encode(plan))

    def has_changed(self) -> bool:
        """Whether the file now holds something else than what was read or written here last."""
        stamp = self._stamped()
        if stamp is None or stamp == self._stamp:
            return False  # taken away: the next edit writes it again
        try:
            data = self._read()
        except (OSError, PlanMismatch):
            return True
        if _digest(data) != self._digest:
            return True
        self._stamp = stamp
        return False

    def save(self, plan: Plan) -> str:
        """Write the plan and wait until the disk has it; the plan's revision.

        Raises:
            OutputError: the disk is full or fails; what was there is there still.
        """
        data = self._encoder.encode(plan)
        try:
            replace_whole(self.path, data, PRIVATE)
        except OutputError as error:
            raise OutputError(error.subject, error.problem, FREE_SPACE) from None
        self._remember(self._stamped(), data)
        return self._digest

    def _read(self) -> bytes:
        """What stands there. Somebody else may have put anything there: a pipe would be waited for, for ever."""
        handle = os.open(self.path, os.O_RDONLY | NOT_WAITING)
        with os.fdopen(handle, "rb") as file:
            found = os.fstat(handle)
            if not stat.S_ISREG(found.st_mode):
                raise PlanMismatch(str(self.path), "the plan is no file", MOVE_AWAY)
            if found.st_size > MOST_BYTES:
                raise PlanMismatch(str(self.path), f"the plan has more than {MOST_BYTES >> 20} MB", MOVE_AWAY)
            return file.read(MOST_BYTES)

    def _remember(self, stamp: Stamp | None, data: bytes) -> None:
        self._stamp, self._digest = stamp, _digest(data)

    def _stamped(self) -> Stamp | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def must_be_about(plan: Plan, source: Path, plan_path: Path) -> None:
    """A plan holds for the very file that it was made for.

    Raises:
        PlanMismatch: it was made for another file.
        InputRefused: the file can't be read.
    """
    try:
        same_size = source.stat().st_size == plan.media.size_bytes
        if same_size and file_digest(source) == plan.media.sha256:
            return
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise InputRefused(str(source), f"can't be read ({reason})", "Check the path and its permissions.") from None
    raise PlanMismatch(str(plan_path), "the plan was made for another file than lies beside it", MOVE_AWAY)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
