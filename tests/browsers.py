"""A review in a real browser: the command in a process of its own, the system's Chromium, and what a user does.

Python opens no connection for it: Playwright speaks to its driver through pipes, and the browser is another process.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from playwright.sync_api import APIResponse, Browser, BrowserContext, Page, Playwright, Request, expect

#: What the system may call the browser.
NAMES = ("chromium", "chromium-browser", "google-chrome")
#: Most time for anything, ms: a machine may be busy.
PATIENCE_MS = 120_000
SIZE = (1280, 720)
TABLET = (820, 1180)


Serve = Callable[..., "Served"]
Visit = Callable[..., "Desk"]
Shoot = Callable[[Page, str], None]


def chromium() -> str | None:
    """The system's browser; None if it has none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def launched(playwright: Playwright, *more: str) -> Browser:
    """The browser; without its own sandbox where root runs it, for there it has none."""
    args = [*more, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    return playwright.chromium.launch(executable_path=chromium(), args=args)


@dataclass
class Served:
    """A running ``kerchief review``."""

    process: subprocess.Popen[str]
    link: str

    @property
    def address(self) -> str:
        return self.link.partition("/#")[0]

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def end(self, how: signal.Signals = signal.SIGKILL) -> None:
        self.process.send_signal(how)
        self.process.wait(60)


@contextmanager
def served(*words: object) -> Iterator[Served]:
    """The command, from its link until the end of the block."""
    command = [sys.executable, "-c", "from kerchief.cli.main import main; main()", "review", "--no-browser"]
    with tempfile.TemporaryFile("w+") as told:
        process = subprocess.Popen([*command, *map(str, words)], stdout=subprocess.PIPE, stderr=told, text=True)
        assert process.stdout is not None
        try:
            link = process.stdout.readline().strip()
            if not link:
                told.seek(0)
                raise AssertionError(f"it did not start: {told.read()}")
            yield Served(process, link)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


@dataclass
class Watch:
    """What a browser window asks for and complains of.

    Attributes:
        address: where all requests must go.
        strangers: addresses of requests that went elsewhere.
        complaints: errors on the console, breaches of the policy, exceptions.
        refusals: answers that were no success: status and address.
    """

    address: str
    strangers: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    refusals: list[tuple[int, str]] = field(default_factory=list)
    asked: int = 0
    pending: int = 0

    def __call__(self, context: BrowserContext) -> None:
        context.on("request", self._asked)
        context.on("requestfinished", self._ended)
        context.on("requestfailed", self._ended)
        context.on("response", lambda answer: answer.status >= 400 and self._refused(answer.status, answer.url))
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("console", lambda told: told.type in ("error", "warning") and self._complained(told.text))

    def _asked(self, request: Request) -> None:
        self.asked += 1
        self.pending += _is_short(request)
        if not request.url.startswith((f"{self.address}/", f"blob:{self.address}/")):
            self.strangers.append(request.url)

    def _ended(self, request: Request) -> None:
        self.pending -= _is_short(request)

    def _refused(self, status: int, url: str) -> None:
        self.refusals.append((status, url.removeprefix(self.address)))

    def _complained(self, text: str) -> None:
        # The browser says of its own that an answer was no success; which ones may be is told by ``refusals``.
        if not text.startswith("Failed to load resource: the server responded with a status of"):
            self.complaints.append(text)


def _is_short(request: Request) -> bool:
    """Whether it will be answered whole; the stream of events is not."""
    return not request.url.endswith("/api/events")


@dataclass
class Desk:
    """A window with the page of a review."""

    page: Page
    served: Served
    watch: Watch

    def enter(self) -> Self:
        """Open the link."""
        self.page.goto(self.served.link)
        expect(self.page.locator(".tile").first).to_be_visible()
        return self

    def open(self, n: int, view: str = "photo") -> Self:
        """Open a file; it is there when its outlines can be."""
        self.page.evaluate(f"location.hash = '#/file/{n}'")
        expect(self.page.locator(f".{view} .stage canvas")).to_be_visible()
        return self

    def ask(self, path: str, body: object = None, key: str | None = None) -> APIResponse:
        """Ask the server as a script does, with the page's key."""
        key = key or self.page.evaluate("sessionStorage.getItem('kerchief-key')")
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        address = f"{self.served.address}/api{path}"
        asked = self.page.context.request
        if body is None:
            return asked.get(address, headers=headers)
        return asked.post(address, headers=headers, data=json.dumps(body))

    def view(self, n: int = 0) -> dict[str, Any]:
        return self.ask(f"/files/{n}").json()

    def edit(self, n: int, **edit: Any) -> dict[str, Any]:
        answer = self.ask(f"/files/{n}/edits", {"revision": self.view(n)["revision"], "edit": edit})
        assert answer.ok, answer.text()
        return answer.json()

    @contextmanager
    def edited(self, n: int = 0) -> Iterator[None]:
        """What is done in the block changes the plan of a file, and the page says that it is saved."""
        before = self.view(n)["revision"]
        yield
        until(lambda: self.view(n)["revision"] != before)
        expect(self.page.locator("#saving")).to_have_text("Saved in the plan file")

    def button(self, name: str, root: str = "body") -> Any:
        return self.page.locator(root).get_by_role("button", name=name, exact=True)

    def place(self, x: float, y: float, width: int, height: int) -> tuple[float, float]:
        """Where a place in a picture of this size is in the window, if the picture is fitted."""
        box = self.page.locator(".stage").bounding_box()
        assert box is not None
        scale = min(box["width"] / width, box["height"] / height)
        return (
            box["x"] + box["width"] / 2 + (x - width / 2) * scale,
            box["y"] + box["height"] / 2 + (y - height / 2) * scale,
        )

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down()
        mouse.move(*end, steps=6)
        mouse.up()

    def wait_for(self, is_so: str) -> Any:
        """Wait until an expression of the page is true. Playwright's own way evaluates text, which the page forbids."""
        end = time.monotonic() + PATIENCE_MS / 1000
        while not (found := self.page.evaluate(is_so)):
            assert time.monotonic() < end, f"never came: {is_so}"
            self.page.wait_for_timeout(30)
        return found

    def settle(self) -> None:
        """Wait until nothing is on its way any more, and a moment for what is drawn then."""
        quiet = 0
        while quiet < 4:
            self.page.wait_for_timeout(100)
            quiet = 0 if self.watch.pending else quiet + 1

    def export(self, *, looks_at_shown: bool = False) -> None:
        """Export what the dialog that is open lists, and wait until it is done."""
        dialog = self.page.locator("dialog[open]")
        if looks_at_shown:
            dialog.get_by_role("button", name="Look at shown faces, then export").click()
            confirm = dialog.get_by_role("button", name="I have looked at them")
            expect(confirm).to_be_enabled()
            confirm.click()
        else:
            dialog.get_by_role("button", name="Export ").click()
        expect(dialog.locator(".export-progress p").first).to_have_text(re.compile("^Done: "))

    def close(self) -> None:
        self.page.context.close()


def until(is_so: Callable[[], Any], seconds: float = PATIENCE_MS / 1000) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := is_so():
            return found
        time.sleep(0.05)
    raise AssertionError("it never came to that")
