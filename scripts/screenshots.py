"""Takes the pictures of docs/review.md: a made crowd, and a film of it, under review.

PYTHONPATH=tests python scripts/screenshots.py FOLDER
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from browsers import PATIENCE_MS, Desk, Watch, launched, served, until
from crowd import HEIGHT, WIDTH, crowd
from films import film
from playwright.sync_api import Playwright, expect, sync_playwright
from scenes import Rgb, saved

#: At most so large: they are kept with the source.
QUALITY = 72
STEPS = 48


def main() -> None:
    """Write the pictures."""
    expect.set_options(timeout=PATIENCE_MS)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        target = Path(sys.argv[1]).absolute()
        os.chdir(folder)  # the pictures show names that everyone may see
        march = Path("march")
        march.mkdir()
        square = crowd()
        (march / "square.jpg").write_bytes(saved(square, "JPEG", quality=92))
        (march / "early.jpg").write_bytes(saved(square[:, ::-1].copy(), "JPEG", quality=92))
        film(march / "walk.mp4", [window(square, n) for n in range(STEPS)])
        take(playwright, march, target)
        os.chdir(target)


def window(square: Rgb, n: int) -> Rgb:
    """What a camera that pans over the square sees."""
    left, top = 6 * n, HEIGHT - 570 - n
    return square[top : top + 540, left : left + WIDTH - 320]


def take(playwright: Playwright, march: Path, target: Path) -> None:
    """A review of the folder, as a person goes through it."""
    with served(march, "-o", "copies") as review:
        watch = Watch(review.address)
        context = launched(playwright).new_context(viewport={"width": 1280, "height": 720}, color_scheme="light")
        context.set_default_timeout(PATIENCE_MS)
        watch(context)
        desk = Desk(context.new_page(), review, watch).enter()
        until(lambda: desk.ask("/files").json()["work"]["waiting"] == 0, 900)
        ids = {card["name"]: card["id"] for card in desk.ask("/files").json()["files"]}

        def shoot(name: str) -> None:
            desk.settle()
            desk.page.screenshot(path=target / f"review-{name}.jpg", type="jpeg", quality=QUALITY)

        square = ids["square.jpg"]
        desk.open(square)
        desk.page.locator(".person-pick").first.click()
        desk.page.evaluate("document.activeElement.blur()")
        desk.page.keyboard.press("0")
        shoot("photo")
        desk.page.keyboard.press("s")
        asked = desk.page.get_by_role("dialog")
        asked.get_by_role("button", name="agreed in writing").click()
        asked.get_by_label("Note", exact=True).fill("form 12, in the blue folder")
        shoot("consent")
        with desk.edited(square):
            desk.button("Show", "dialog").click()
        desk.open(ids["walk.mp4"], "film")
        desk.page.locator(".person-pick").first.click()
        desk.page.keyboard.press("0")
        shoot("film")
        desk.page.evaluate("location.hash = '#/'")
        desk.button("Select all").click()
        desk.button("Export 3…").click()
        desk.export(looks_at_shown=True)
        desk.page.locator(".export-receipt summary").last.click()
        expect(desk.page.locator(".receipt")).to_have_count(1)
        shoot("export")
        context.close()


if __name__ == "__main__":
    main()
