"""What a run says: nobody waits for whoever does not read it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from time import monotonic

import pytest

from kerchief.cli.live_talk import Talk, status_line
from kerchief.live.events import Event

STATUS = {
    "fps": 14.5,
    "delay_ms": 512,
    "late": 3,
    "veiled": 3,
    "veiled_s": 0.2,
    "sent": 100,
    "came": 101,
    "people": 4,
    "missed": 0,
    "rate": 15.0,
    "scale": 1.0,
    "is_lost": False,
}


def test_a_status_is_a_line_for_people() -> None:
    assert status_line(Event("status", "", STATUS)) == "14.5 frames/s, 512 ms behind, 4 in view, 3 late, 0.2 s veiled"
    worse = STATUS | {"scale": 0.78, "missed": 7}
    assert status_line(Event("status", "", worse)).endswith("size 78%, 7 missed by slow sinks")
    assert "waiting" in status_line(Event("status", "", STATUS | {"is_lost": True}))


def test_events_are_lines_of_json_on_standard_output_and_nothing_else(capfd: pytest.CaptureFixture[str]) -> None:
    with Talk(is_json=True) as talk:
        talk.tell(Event("began", "for people", {"width": 320}))
        talk.tell(Event("status", "", STATUS))
    out, err = capfd.readouterr()
    assert [json.loads(line) for line in out.splitlines()] == [
        {"event": "began", "width": 320},
        {"event": "status", **STATUS},
    ]
    assert err == ""


def test_people_get_sentences_on_standard_error_and_a_page_each_status(capfd: pytest.CaptureFixture[str]) -> None:
    shown = []
    with Talk(is_json=False) as talk:
        talk.show(shown.append)
        talk.tell(Event("began", "it began", {"width": 320}))
        talk.tell(Event("status", "", STATUS))
        talk.tell(Event("for machines", "", {}))
    out, err = capfd.readouterr()
    assert (out, err) == ("", "kerchief: it began\n")
    assert shown == [STATUS]


@pytest.mark.skipif(os.name != "posix", reason="pipes")
@pytest.mark.parametrize("reads", [False, None], ids=["nobody reads", "nobody is there"])
def test_nobody_waits_for_whoever_does_not_read(reads: bool | None) -> None:
    told = (
        "from kerchief.cli.live_talk import Talk; from kerchief.live.events import Event; import sys, time\n"
        "with Talk(is_json=True) as talk:\n"
        "    began = time.monotonic()\n"
        "    for n in range(20000): talk.tell(Event('a', '', {'text': 100 * 'x'}))\n"
        "    took = time.monotonic() - began\n"
        "sys.stderr.write(str(took)); sys.stderr.flush(); import os; os._exit(0)"
    )
    began = monotonic()
    with subprocess.Popen([sys.executable, "-c", told], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        if reads is None:
            process.stdout.close()
        assert float(process.stderr.read()) < 5
        process.wait(30)
    assert monotonic() - began < 30
