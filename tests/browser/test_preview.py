"""The page of a live stream: it shows the newest frame, says what it is, and never an old one as if it were live."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from barcodes import FORM, READ, numbered
from browsers import PATIENCE_MS, SIZE, Shoot, Watch
from layouts import well_laid_out
from playwright.sync_api import Browser, Page, expect

from kerchief.live.events import Event
from kerchief.live.sinks.preview.sink import Preview

PHONE = (390, 844)
SCREENS = {
    "desk-light": {"size": SIZE, "color_scheme": "light"},
    "desk-dark": {"size": SIZE, "color_scheme": "dark"},
    "phone-light": {"size": PHONE, "color_scheme": "light", "has_touch": True},
    "phone-dark": {"size": PHONE, "color_scheme": "dark", "has_touch": True},
    "phone-on-its-side": {"size": PHONE[::-1], "color_scheme": "light", "has_touch": True},
}
VALUES = {
    "fps": 14.96, "delay_ms": 634, "late": 12, "people": 7, "veiled": 24, "veiled_s": 1.6, "sent": 1_203, "came": 1_215,
    "missed": 0, "rate": 15, "scale": 0.75, "is_lost": False,
}  # fmt: skip


class Stream:
    """A preview that gets frames, 20 a second, in a thread of its own, as long as it is told to."""

    def __init__(self) -> None:
        self.told: list[Event] = []
        self.preview = Preview(0, self.told.append)
        self.preview.open(FORM)
        self.number = 0
        self.is_veiled = False
        self.values: dict[str, Any] = dict(VALUES)
        self._is_sending, self._is_over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    @property
    def first_link(self) -> str:
        """The one that was told."""
        return str(self.told[-1].values["link"])

    def link(self) -> str:
        """A new one."""
        assert self.preview._served is not None
        return self.preview._served.link()

    def send(self, *, is_veiled: bool = False) -> None:
        self.is_veiled = is_veiled
        self._is_sending.set()

    def pause(self) -> None:
        self._is_sending.clear()

    def end(self) -> None:
        self._is_over.set()
        self._thread.join()
        self.preview.finish()

    def _run(self) -> None:
        while not self._is_over.wait(0.05):
            self.preview.status(self.values)
            if self._is_sending.is_set():
                self.number += 1
                self.preview.send(numbered(self.number, is_veiled=self.is_veiled))


@pytest.fixture
def stream(browser: Browser) -> Iterator[Stream]:
    made = Stream()
    yield made
    made.end()


Look = Callable[..., Page]


@pytest.fixture
def look(browser: Browser, stream: Stream) -> Iterator[Look]:
    """Opens a window with the page. After the test: all that it asked for was ours, and nothing was wrong."""
    with ExitStack() as stack:
        watch = Watch(stream.first_link.partition("/#")[0])

        def opened(*, size: tuple[int, int] = SIZE, **options: Any) -> Page:
            context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)
            stack.callback(context.close)
            context.set_default_timeout(PATIENCE_MS)
            watch(context)
            page = context.new_page()
            page.goto(stream.link())
            return page

        yield opened
        assert watch.asked > 0
        assert watch.strangers == []
        assert [told for told in watch.complaints if "net::ERR_CONNECTION_REFUSED" not in told] == []


def state(page: Page, name: str) -> None:
    """Wait until the page says that this is what there is to see."""
    expect(page.locator(".state-name")).to_have_text(name)
    expect(page).to_have_title(f"{name} – kerchief live")


def sees(page: Page, least: int) -> int:
    """Wait until the picture on the page has at least this number."""
    for _ in range(PATIENCE_MS // 50):
        if (number := page.evaluate(READ)) >= least:
            return int(number)
        page.wait_for_timeout(50)
    raise AssertionError("it never came to that")


def hold_up(page: Page, milliseconds: int) -> None:
    """The page does nothing for a while; this returns at once."""
    page.evaluate(
        f"setTimeout(() => {{ for (const end = performance.now() + {milliseconds}; performance.now() < end;); }})"
    )


def test_the_newest_frame_is_shown_and_what_it_is(stream: Stream, look: Look) -> None:
    page = look()
    state(page, "Waiting")
    stream.send()
    state(page, "Live")
    before = sees(page, 1)
    assert stream.number - sees(page, before + 20) < 20
    figures = page.locator("#figures .figure")
    expect(figures).to_have_text(
        ["People in view7", "Frames a second15.0", "Delay634 ms", "Late frames12", "Veiled1.6 s"]
    )
    page.get_by_text("More figures").click()
    expect(page.locator("#more-figures .figure").first).to_be_visible()
    expect(page.locator("#more-figures")).to_contain_text("Looked at in75%")
    stream.values = {"fps": 3, "something_new": True}
    expect(figures.first).to_have_text("People in view–")
    expect(page.locator("#more-figures .figure")).to_have_text(["something newtrue"])


def test_what_is_veiled_is_called_so(stream: Stream, look: Look) -> None:
    page = look()
    stream.send(is_veiled=True)
    state(page, "Veiled")
    expect(page.get_by_role("status")).to_contain_text("not looked at in time")
    expect(page.locator("canvas")).to_be_visible()
    stream.send()
    state(page, "Live")


def test_an_old_picture_is_taken_away(stream: Stream, look: Look) -> None:
    page = look()
    stream.send()
    state(page, "Live")
    stream.pause()
    state(page, "No picture")
    expect(page.locator("canvas")).to_be_hidden()
    assert page.evaluate("document.querySelector('canvas').getContext('2d').getImageData(30, 30, 1, 1).data[0]") == 0
    stream.values = {**VALUES, "is_lost": True}
    state(page, "Source lost")
    stream.values = dict(VALUES)
    stream.preview.close()
    state(page, "No stream")
    stream.preview.open(FORM)
    stream.send()
    state(page, "Live")
    stream.end()
    state(page, "Not connected")
    expect(page.locator("canvas")).to_be_hidden()
    expect(page.locator("#figures .figure").first).to_have_text("People in view–")


def test_a_link_opens_one_page_and_the_page_others(stream: Stream, look: Look) -> None:
    page = look()
    page.goto("about:blank")
    page.goto(stream.first_link)
    stream.send()
    state(page, "Live")
    assert "token" not in page.url
    page.reload()
    state(page, "Live")
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Open another window").click()
    state(opened.value, "Live")
    stranger = page.context.new_page()
    stranger.goto(stream.first_link)
    state(stranger, "Used already")
    expect(stranger.locator("canvas")).to_be_hidden()


def test_many_pages_look_on_and_a_slow_one_holds_up_none(stream: Stream, look: Look) -> None:
    """More pages of one browser than it opens connections to a server."""
    first = look()
    stream.send()
    state(first, "Live")
    pages = [first]
    for _ in range(7):
        page = first.context.new_page()
        page.goto(stream.link())
        pages.append(page)
    for page in pages:
        state(page, "Live")
    slow = look()
    state(slow, "Live")
    hold_up(slow, 6000)
    for page in pages[:3]:
        assert stream.number - sees(page, stream.number + 5) < 20
    assert stream.number - sees(slow, stream.number) < 40


def test_the_keyboard_reaches_everything(stream: Stream, look: Look) -> None:
    page = look()
    stream.send()
    state(page, "Live")
    page.locator("body").focus()
    reached = []
    for _ in range(4):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
    assert reached[:3] == ["full", "another", "SUMMARY"]
    page.get_by_role("button", name="Full screen").press("Enter")
    assert (
        page.evaluate("new Promise((then) => setTimeout(() => then(document.fullscreenElement?.id), 500))") == "stage"
    )
    expect(page.locator(".state-name")).to_be_visible()


@pytest.mark.parametrize("screen", SCREENS)
def test_how_it_looks(stream: Stream, look: Look, shoot: Shoot, screen: str) -> None:
    page = look(**SCREENS[screen])
    for name, says in (("Live", None), ("Veiled", "covered"), ("No picture", "live"), ("Source lost", "lost")):
        if name in ("Live", "Veiled"):
            stream.send(is_veiled=name == "Veiled")
        stream.values = {**VALUES, "is_lost": name == "Source lost"}
        if name == "No picture":
            stream.pause()
        state(page, name)
        if says:
            expect(page.locator(".state-says")).to_contain_text(says)
        page.wait_for_timeout(1200)
        shoot(page, f"preview-{re.sub(' ', '-', name.lower())}-{screen}")
        well_laid_out(page, is_touch="phone" in screen)
