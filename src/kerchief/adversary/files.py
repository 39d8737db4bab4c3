"""Copies of any files: does a face in them still match the original's? Needs no other photo of anybody."""

from __future__ import annotations

from collections.abc import Sequence

from kerchief.adversary.arms import Arms
from kerchief.adversary.each import each
from kerchief.adversary.moving import attack_moving
from kerchief.adversary.pairs import Pair
from kerchief.adversary.stills import attack_stills
from kerchief.errors import InputRefused, KerchiefError, UsageError
from kerchief.ports import BatchProgress, MediaKind
from kerchief.prove.matches import Attacked, FileAttacked, FilesReport, file_attacked, files_report
from kerchief.tools import Source, Tools
from kerchief.version import __version__

MOVING = (MediaKind.VIDEO, MediaKind.ANIMATION)


def attack_files(
    pairs: Sequence[Pair],
    tools: Tools,
    arms: Arms,
    errors: list[KerchiefError],
    progress: BatchProgress | None = None,
) -> FilesReport:
    """Attack every copy.

    Args:
        pairs: originals and copies.
        tools: decoder and networks.
        arms: the adversary's networks.
        errors: files that can't be compared are added here.
        progress: told how many are done.

    Raises:
        UsageError: in none of the originals a face was found.
    """
    done: list[FileAttacked] = []
    faces: list[Attacked] = []
    # A film and its copy are read side by side.
    with Tools(beside=tools) as beside:

        def one(pair: Pair) -> tuple[FileAttacked, list[Attacked]]:
            original, copy = tools.open(pair.original), beside.open(pair.copy)
            _must_be_alike(original, copy)
            attacked, too_small = (attack_moving if original.info.kind in MOVING else attack_stills)(
                original, copy, tools, beside, arms
            )
            return file_attacked(str(pair.original), attacked, too_small), attacked

        for file, attacked in each([(pair.original, pair) for pair in pairs], one, errors, progress):
            done.append(file)
            faces += attacked
    if not faces and not errors:
        step = "Nothing can be attacked; give originals with faces of 20 pixels and more."
        raise UsageError("", "no face was found in any of these originals", step)
    thresholds = {one.name: one.threshold for one in arms.recognisers}
    return files_report(__version__, done, faces, thresholds)


def _must_be_alike(original: Source, copy: Source) -> None:
    """Whether the copy can be of this original.

    Raises:
        InputRefused: another kind of file, or another size.
    """
    if (original.info.kind is MediaKind.VIDEO) != (copy.info.kind is MediaKind.VIDEO):
        raise InputRefused(str(copy.path), f"is another kind of file than {original.path.name}", "Give its copy.")
    if (original.info.width, original.info.height) != (copy.info.width, copy.info.height):
        step = "Compare copies that keep the size of the picture."
        raise InputRefused(str(copy.path), f"has another size than {original.path.name}", step)
