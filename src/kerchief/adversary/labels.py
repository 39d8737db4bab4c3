"""LABELS.csv → labelled faces."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import isfinite
from pathlib import Path

from kerchief.errors import InputRefused, UsageError
from kerchief.geometry import Box

BOX_COLUMNS = ("x", "y", "width", "height")
#: Columns that say where and who; all others are labels.
OWN_COLUMNS = ("image", *BOX_COLUMNS, "person")
#: Columns that kerchief measures, unless the file has its own.
SIZE, LIGHT = "size", "light"
#: A column of more different values than this holds numbers or notes, no groups.
MOST_GROUPS = 50
FORMAT = "See docs/bias.md for the format."


@dataclass(frozen=True, slots=True)
class Row:
    """A labelled face.

    Attributes:
        line: of the file, for messages; the first is 1.
        image: where the picture lies.
        box: the face, display pixels; None: the whole picture.
        person: whose face it is; None where nobody says so.
        labels: column → value, without those that are not known.
    """

    line: int
    image: Path
    box: Box | None
    person: str | None
    labels: dict[str, str]


@dataclass(frozen=True, slots=True)
class Labels:
    """What a file of labels holds.

    Attributes:
        path: the file.
        rows: in the order of the file.
        columns: label columns to compare, in the order of the file (or of the wish).
        made: which of ``SIZE`` and ``LIGHT`` the file does not have, so that they are measured.
        left_out: columns that hold no groups to compare: one value, or more than ``MOST_GROUPS``.
        has_persons: whether every face says whose it is.
    """

    path: Path
    rows: tuple[Row, ...]
    columns: tuple[str, ...]
    made: tuple[str, ...]
    left_out: tuple[str, ...]
    has_persons: bool

    def by_picture(self) -> Iterator[tuple[Path, tuple[Row, ...]]]:
        """Each picture once, with its faces."""
        for image, rows in groupby(sorted(self.rows, key=lambda row: row.image), key=lambda row: row.image):
            yield image, tuple(rows)


def read_labels(path: Path, by: Sequence[str] = ()) -> Labels:
    """Read a file of labels: a row for each face.

    Args:
        path: the CSV file: ``image``, the face's box, perhaps ``person``; all other columns are labels.
        by: label columns that are wanted; none: all.

    Raises:
        InputRefused: no CSV file, a column is missing, or a row can't be understood; with its line.
        UsageError: there is no such column, or nothing in it to compare.
    """
    header, lines = _table(path)
    _must_be_labels(header, path)
    rows = tuple(_row(line, dict(zip(header, cells, strict=True)), path) for line, cells in lines)
    if not rows:
        raise InputRefused(str(path), "labels no face", f"Give a row for each face. {FORMAT}")
    columns, left_out = _columns(header, rows, by)
    persons = [row.person is not None for row in rows]
    if any(persons) and not all(persons):
        line = rows[persons.index(False)].line
        raise _bad(path, line, "has no person", "Name the person of every face (any id will do), or of none.")
    made = tuple(name for name in (SIZE, LIGHT) if name not in header)
    return Labels(path, rows, columns, made, left_out, all(persons))


def _table(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header, and each row with its line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = [name.strip() for name in next(reader, [])]
            lines = []
            for cells in reader:
                if cells and len(cells) != len(header):
                    problem = f"has {len(cells)} cells under {len(header)} columns"
                    raise _bad(path, reader.line_num, problem, "Mend that line.")
                if cells:
                    lines.append((reader.line_num, [cell.strip() for cell in cells]))
    except OSError as error:
        problem = f"can't be read ({(error.strerror or type(error).__name__).lower()})"
        raise InputRefused(str(path), problem, "Give the path of a CSV file of labels.") from None
    except (UnicodeDecodeError, csv.Error):
        raise InputRefused(str(path), "is no CSV file in UTF-8", f"Save it as CSV, UTF-8. {FORMAT}") from None
    return header, lines


def _must_be_labels(header: Sequence[str], path: Path) -> None:
    if "image" not in header:
        raise InputRefused(str(path), "has no column `image`", f"Name the columns in the first line. {FORMAT}")
    if len(set(header)) != len(header):
        raise InputRefused(str(path), "has two columns of one name", "Give each column a name of its own.")
    missing = [name for name in BOX_COLUMNS if name not in header]
    if missing and len(missing) < len(BOX_COLUMNS):
        problem = f"has no column {' and no '.join(f'`{name}`' for name in missing)}"
        raise InputRefused(
            str(path), problem, "A face's box is x, y, width and height; without all four it is the picture."
        )


def _row(line: int, cells: Mapping[str, str], path: Path) -> Row:
    if not cells["image"]:
        raise _bad(path, line, "names no image", "Name the picture, relative to the CSV file.")
    labels = {name: cell for name, cell in cells.items() if name not in OWN_COLUMNS and cell}
    return Row(line, path.parent / cells["image"], _box(line, cells, path), cells.get("person") or None, labels)


def _box(line: int, cells: Mapping[str, str], path: Path) -> Box | None:
    if "x" not in cells:
        return None
    texts = [cells[name] for name in BOX_COLUMNS]
    if not any(texts):
        raise _bad(path, line, "has no box", "Leave out pictures without a labelled face: nothing can be missed there.")
    try:
        x, y, width, height = map(float, texts)
    except ValueError:
        raise _bad(path, line, "has a box that is not four numbers", "Give x, y, width and height in pixels.") from None
    if not all(map(isfinite, (x, y, width, height))) or width <= 0 or height <= 0:
        raise _bad(path, line, "has a box without an area", "Give a width and a height of more than 0 pixels.")
    return Box(x, y, x + width, y + height)


def _columns(header: Sequence[str], rows: Sequence[Row], by: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Columns to compare, and those of the file that hold no groups."""
    offered = [name for name in header if name not in OWN_COLUMNS]
    values = {name: {row.labels[name] for row in rows if name in row.labels} for name in offered}
    for name in by:
        if name in (SIZE, LIGHT) and name not in values:
            continue
        if name not in values:
            known = ", ".join([*offered, SIZE, LIGHT])
            raise UsageError("--by", f"the file has no label column {name}", f"Choose among {known}.")
        if len(values[name]) < 2:
            raise UsageError("--by", f"{name} holds only one group", "To compare, there must be two groups or more.")
        if len(values[name]) > MOST_GROUPS:
            problem = f"{name} holds {len(values[name])} different values"
            raise UsageError("--by", problem, f"Join them to {MOST_GROUPS} groups or fewer.")
    if by:
        return tuple(dict.fromkeys(by)), ()
    fit = tuple(name for name in offered if 2 <= len(values[name]) <= MOST_GROUPS)
    made = tuple(name for name in (SIZE, LIGHT) if name not in offered)
    return (*fit, *made), tuple(name for name in offered if name not in fit)


def _bad(path: Path, line: int, problem: str, next_step: str) -> InputRefused:
    return InputRefused(f"{path}, line {line}", problem, next_step)
