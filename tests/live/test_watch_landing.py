"""When a file of a watched folder counts as whole, and when it is tried again: with a clock of the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from kerchief.live.folder.landing import FILM_REST, FIRST_PAUSE, HELD_SECONDS, LAST_PAUSE, Landing, pause_after
from kerchief.live.folder.stamps import Stamp, is_written_to, stamp_of

A, B = Path("in/a.jpg"), Path("in/b.jpg")
ONE, TWO, EMPTY = Stamp(10, 1, 1), Stamp(20, 2, 2), Stamp(0, 1, 1)
SETTLE = 2.0


@pytest.fixture
def landing() -> Landing:
    return Landing(SETTLE)


def whole(landing: Landing, now: float) -> list[Path]:
    return list(landing.whole(now))


def test_a_file_is_whole_when_it_stayed_as_it_is_for_long_enough(landing: Landing) -> None:
    landing.see({A: ONE}, 0)
    landing.see({A: ONE}, 1.9)
    assert whole(landing, 1.9) == []
    assert whole(landing, 2.0) == [A]


@pytest.mark.parametrize("other", [Stamp(11, 1, 1), Stamp(10, 2, 1), Stamp(10, 1, 2)], ids=["size", "time", "change"])
def test_any_change_begins_the_wait_anew(landing: Landing, other: Stamp) -> None:
    landing.see({A: ONE}, 0)
    landing.see({A: other}, 1.5)
    landing.see({A: other}, 3.4)
    assert whole(landing, 3.4) == []
    assert whole(landing, 3.5) == [A]


def test_an_empty_file_has_not_landed(landing: Landing) -> None:
    landing.see({A: EMPTY}, 0)
    assert whole(landing, 100) == []
    assert landing.waiting == 0
    landing.see({A: ONE}, 101)
    landing.see({A: EMPTY}, 102)  # it was cut back
    assert whole(landing, 200) == []


def test_files_come_in_the_order_in_which_they_came_to_rest(landing: Landing) -> None:
    landing.see({B: ONE, A: ONE}, 0)
    assert whole(landing, 5) == [B, A]
    landing.see({B: TWO, A: ONE}, 5)
    assert whole(landing, 10) == [A, B]


def test_what_is_done_is_left_alone_until_it_changes(landing: Landing) -> None:
    landing.see({A: ONE}, 0)
    assert landing.begin(A) == ONE
    landing.see({A: ONE}, 50)
    assert whole(landing, 50) == [], "it is being worked on"
    landing.done(A)
    landing.see({A: ONE}, 60)
    assert whole(landing, 100) == []
    landing.see({A: TWO}, 100)
    assert whole(landing, 102) == [A]


def test_what_changed_while_it_was_worked_on_is_waited_for(landing: Landing) -> None:
    landing.see({A: ONE}, 0)
    landing.begin(A)
    landing.see({A: TWO}, 10)
    landing.done(A)  # as it was begun
    landing.see({A: TWO}, 11)
    assert whole(landing, 12) == []
    assert whole(landing, 13) == [A]
    landing.begin(A)
    landing.changed(A)
    landing.see({A: TWO}, 20)
    assert whole(landing, 21) == []
    assert whole(landing, 22) == [A]


def test_what_is_refused_is_tried_again_when_it_changes_and_told_once(landing: Landing) -> None:
    landing.see({A: ONE}, 0)
    landing.begin(A)
    assert landing.refused(A, "cut off")
    landing.see({A: ONE}, 1000)
    assert whole(landing, 2000) == []
    landing.see({A: TWO}, 2000)
    assert whole(landing, 2000 + 1.9 * SETTLE) == [], "an upload that pauses is given twice as long"
    assert whole(landing, 2000 + 2 * SETTLE) == [A]
    landing.begin(A)
    assert not landing.refused(A, "cut off"), "that was told"
    landing.see({A: ONE}, 3000)
    landing.begin(A)
    assert landing.refused(A, "a face still shows")


def test_a_refused_upload_is_waited_for_at_most_so_long(landing: Landing) -> None:
    for number in range(2000):
        landing.see({A: Stamp(number + 1, 1, 1)}, number * 1000.0)
        assert whole(landing, number * 1000.0 + 64 * SETTLE) == [A]
        landing.begin(A)
        landing.refused(A, "cut off")


@pytest.mark.parametrize("name", ["a.ts", "a.m2ts", "a.mpg", "a.mkv", "a.webm", "a.MP4"])
def test_a_film_whose_original_will_be_deleted_rests_for_longer(name: str) -> None:
    landing, film = Landing(SETTLE, FILM_REST), Path("in") / name
    landing.see({A: ONE, film: ONE}, 0)
    assert whole(landing, FILM_REST - 0.1) == [A]
    landing.see({A: ONE, film: TWO}, 30)
    assert whole(landing, FILM_REST + 29.9) == [A]
    assert whole(landing, FILM_REST + 30) == [A, film]
    landing.begin(film)
    landing.refused(film, "cut off")
    landing.see({A: ONE, film: ONE}, 200)
    assert whole(landing, 200 + FILM_REST) == [A, film]


def test_what_could_not_be_written_is_tried_again_after_ever_longer_pauses(landing: Landing) -> None:
    now, pauses = 0.0, []
    for number in range(2000):
        landing.see({A: ONE}, now)
        began = now
        while not whole(landing, now):
            now += 1.0
        pauses.append(now - began)
        landing.begin(A)
        assert landing.failed(A, "the disk is full", now) == (number == 0)
        if number == 20:
            break
    assert pauses[1:4] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert pauses[-1] == LAST_PAUSE
    assert pause_after(100_000, LAST_PAUSE) == LAST_PAUSE


def test_a_file_that_stays_open_elsewhere_is_told_of_once(landing: Landing) -> None:
    landing.see({A: ONE}, 0)
    assert not landing.held(A, 2)
    assert not landing.held(A, 1 + HELD_SECONDS)
    assert landing.held(A, 2 + HELD_SECONDS)
    assert not landing.held(A, 3 + HELD_SECONDS)


def test_nothing_is_remembered_of_what_is_not_there_any_more(landing: Landing) -> None:
    for number in range(5):
        path = Path(f"in/{number}.jpg")
        landing.see({path: ONE}, number * 100)
        landing.begin(path)
        [landing.done, lambda p: landing.refused(p, "cut off"), lambda p: landing.failed(p, "full", 0.0)][number % 3](
            path
        )
    landing.see({}, 1000)
    kept = {name: value for name, value in vars(landing).items() if isinstance(value, dict) and value}
    assert kept == {}
    landing.see({Path("in/1.jpg"): ONE}, 2000)  # refused before, but this is another file
    assert whole(landing, 2000 + SETTLE) == [Path("in/1.jpg")]


def test_a_stamp_tells_of_bytes_and_of_permissions(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"one")
    first = stamp_of(path)
    path.chmod(0o600)
    assert stamp_of(path) != first, "what could not be read may be readable now"
    assert stamp_of(tmp_path) is None
    assert stamp_of(tmp_path / "none") is None


def test_it_is_seen_whether_a_program_has_a_file_open_for_writing(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    with path.open("wb") as file:
        file.write(b"one")
        file.flush()
        if not is_written_to(path):
            pytest.skip("nobody can tell here")
        with path.open("rb"):
            assert is_written_to(path)
    with path.open("rb"):
        assert not is_written_to(path)
    with path.open("ab") as file:  # and nobody is held up by the question
        file.write(b"two")
    assert path.read_bytes() == b"onetwo"
    assert not is_written_to(tmp_path / "none")
