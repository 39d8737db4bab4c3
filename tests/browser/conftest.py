"""What the tests in a browser have: the browser, and a way to open a review in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from browsers import PATIENCE_MS, SIZE, Desk, Serve, Served, Shoot, Visit, Watch, chromium, launched, served
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

ROOT = Path(__file__).parents[2]
#: Set where a missing browser must fail the tests instead of skipping them.
REQUIRED = "KERCHIEF_BROWSER_REQUIRED"

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def playwright_driver() -> Iterator[Playwright]:
    """What drives the system's Chromium."""
    if chromium() is None:
        if os.environ.get(REQUIRED):
            pytest.fail("there is no Chromium, and these tests must run here")
        pytest.skip("needs the system's Chromium (on Debian: apt-get install chromium)")
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright_driver: Playwright) -> Iterator[Browser]:
    """The system's Chromium."""
    opened = launched(playwright_driver)
    yield opened
    opened.close()


@pytest.fixture
def serve(browser: Browser) -> Iterator[Serve]:
    """Starts ``kerchief review``; ends it after the test. Asks for the browser first: without one, nothing starts."""
    with ExitStack() as stack:
        yield lambda *words: stack.enter_context(served(*words))


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Opens a window with a review's page. After the test: all that it asked for was ours, and nothing was wrong."""
    with ExitStack() as stack:
        watches: list[Watch] = []

        def opened(review: Served, *, size: tuple[int, int] = SIZE, **options: Any) -> Desk:
            width, height = size
            context = browser.new_context(viewport={"width": width, "height": height}, **options)
            stack.callback(context.close)
            context.set_default_timeout(PATIENCE_MS)
            watch = Watch(review.address)
            watch(context)
            watches.append(watch)
            return Desk(context.new_page(), review, watch)

        yield opened
        for watch in watches:
            assert watch.asked > 0
            assert watch.strangers == []
            assert watch.complaints == []


@pytest.fixture
def shoot() -> Shoot:
    """Keeps a screenshot for people to look at."""
    folder = Path(os.environ.get("KERCHIEF_SCREENSHOTS") or ROOT / ".artefacts")
    folder.mkdir(parents=True, exist_ok=True)

    def taken(page: Page, name: str) -> None:
        page.screenshot(path=folder / f"{name}.png")

    return taken
