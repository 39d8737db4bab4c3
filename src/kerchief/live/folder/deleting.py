"""Deletes an original. It can't be brought back, so nothing is taken on trust."""

from __future__ import annotations

import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from kerchief.live.folder.stamps import Stamp, is_written_to, stamp_of
from kerchief.metadata.finding import Kind
from kerchief.store.publish import file_digest, holds, sync

#: What a copy does not show of a file, in the words of a receipt: moving pictures and stills that nobody has covered.
PICTURES_LEFT_OUT = frozenset(("further pictures in the file", Kind.MOTION_PHOTO.phrase))


class Kept(Exception):
    """The original was not deleted; the text is the reason."""


@dataclass(frozen=True, slots=True)
class Published:
    """An original whose copy was checked and has its name.

    Attributes:
        original: where it lies.
        stamp: what it looked like before it was read.
        sha256: of its bytes as they were read.
        copy: where the copy lies.
        copy_sha256: of the copy's bytes as they were checked.
        left_out: phrases for what the original holds and the copy does not.
    """

    original: Path
    stamp: Stamp
    sha256: str
    copy: Path
    copy_sha256: str
    left_out: Iterable[str]


def delete_original(of: Published, output: Path) -> None:
    """Delete an original once its copy is on the disk.

    Args:
        of: the original and its copy.
        output: the output folder; folders in it may be new.

    Raises:
        Kept: the original holds pictures that the copy does not show, the disk does not say that it has the copy, the
            copy is not there to the byte, the original is not the file that was read, a program is writing to it, or
            it may not be deleted.
    """
    if not PICTURES_LEFT_OUT.isdisjoint(of.left_out):
        raise Kept("it holds further pictures, and its copy leaves them out")
    try:
        sync(of.copy.absolute(), output.absolute())
        is_there = holds(of.copy, of.copy_sha256)
    except OSError as error:
        raise Kept(f"the copy can't be synced to the disk: {_reason(error)}") from None
    if not is_there:
        raise Kept("its copy is not there any more")
    try:
        if not stat.S_ISREG(of.original.lstat().st_mode):
            raise Kept("it is a link")
        is_same = file_digest(of.original) == of.sha256
        if is_written_to(of.original):  # an upload that goes on
            raise Kept("a program has it open for writing")
        if not (is_same and stamp_of(of.original) == of.stamp):
            raise Kept("it has changed since it was read")
        of.original.unlink()
    except OSError as error:
        raise Kept(_reason(error)) from None


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
