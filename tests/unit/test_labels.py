"""A file of labels is understood whole, or refused with the line and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from kerchief.adversary.labels import read_labels
from kerchief.errors import ExitCode, InputRefused, UsageError
from kerchief.geometry import Box

HEADER = "image,x,y,width,height,person,tone,mask\n"


def labels(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "LABELS.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_rows_are_read_as_they_stand(tmp_path: Path) -> None:
    path = labels(
        tmp_path,
        HEADER + 'b.jpg,1,2,30,40.5,p1,"dark, warm",\n\na/a.jpg,0,0,9,9,p2,light,yes\nb.jpg,5,5,5,5,p1,light,no\n',
    )
    read = read_labels(path)
    assert read.rows[0].box == Box(1, 2, 31, 42.5)
    assert (read.rows[0].line, read.rows[1].line) == (2, 4)
    assert read.rows[0].labels == {"tone": "dark, warm"}, "an empty cell is not known"
    assert read.columns == ("tone", "mask", "size", "light")
    assert read.has_persons
    assert [(image.relative_to(tmp_path).as_posix(), len(rows)) for image, rows in read.by_picture()] == [
        ("a/a.jpg", 1),
        ("b.jpg", 2),
    ]


def test_without_a_box_the_face_is_the_picture_and_without_persons_nobody_is_known(tmp_path: Path) -> None:
    read = read_labels(labels(tmp_path, "image,tone\r\na.jpg,dark\r\nb.jpg,light\r\n", "utf-8-sig"))
    assert [row.box for row in read.rows] == [None, None]
    assert not read.has_persons


def test_columns_without_groups_are_left_out_and_named(tmp_path: Path) -> None:
    rows = "".join(f"{n}.jpg,same,{n},{n % 2}\n" for n in range(60))
    read = read_labels(labels(tmp_path, "image,country,note,tone\n" + rows))
    assert read.columns == ("tone", "size", "light")
    assert read.left_out == ("country", "note")


def test_by_chooses_columns_and_an_own_light_is_taken(tmp_path: Path) -> None:
    path = labels(tmp_path, "image,light,tone\na.jpg,lamp,dark\nb.jpg,sun,light\n")
    read = read_labels(path, ["light", "size"])
    assert read.columns == ("light", "size")
    assert read.made == ("size",)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "has no column `image`"),
        ("file,tone\na.jpg,dark\n", "has no column `image`"),
        ("image,x,y,tone\na.jpg,1,2,dark\n", "has no column `width` and no `height`"),
        ("image,tone,tone\na.jpg,dark,light\n", "has two columns of one name"),
        ("image,tone\n", "labels no face"),
        ("image,tone\na.jpg,dark,3\n", "line 2: has 3 cells under 2 columns"),
        ("image,tone\na.jpg,dark\n,light\n", "line 3: names no image"),
        ('image,tone\n"a.jpg,dark\n', "is no CSV file in UTF-8"),
        ("image,tone,person\na.jpg,dark,1\nb.jpg,light,\n", "line 3: has no person"),
        (HEADER + "a.jpg,,,,,1,dark,\n", "line 2: has no box"),
        (HEADER + "a.jpg,1,2,,4,1,dark,\n", "line 2: has a box that is not four numbers"),
        (HEADER + "a.jpg,1,2,x,4,1,dark,\n", "line 2: has a box that is not four numbers"),
        (HEADER + "a.jpg,1,2,0,4,1,dark,\n", "line 2: has a box without an area"),
        (HEADER + "a.jpg,1,2,3,-4,1,dark,\n", "line 2: has a box without an area"),
        (HEADER + "a.jpg,1,nan,3,4,1,dark,\n", "line 2: has a box without an area"),
    ],
)  # fmt: skip
def test_bad_files_are_refused_with_the_reason(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(InputRefused, match=r"LABELS\.csv") as caught:
        read_labels(labels(tmp_path, text))
    assert problem in str(caught.value)
    assert caught.value.next_step


def test_what_is_no_text_or_no_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF")
    for wrong in (path, tmp_path, tmp_path / "none.csv"):
        with pytest.raises(InputRefused):
            read_labels(wrong)


@pytest.mark.parametrize(
    ("by", "problem"),
    [("race", "no label column race"), ("tone", "tone holds only one group"), ("note", "60 different")],
)
def test_a_wish_that_compares_nothing_is_wrong_usage(tmp_path: Path, by: str, problem: str) -> None:
    path = labels(tmp_path, "image,tone,note\n" + "".join(f"{n}.jpg,dark,{n}\n" for n in range(60)))
    with pytest.raises(UsageError, match=problem) as caught:
        read_labels(path, [by])
    assert caught.value.exit_code is ExitCode.USAGE
