"""How soon the page of a review answers: a large folder and a long film, beside small ones in the same run.

    python benchmarks/review.py [--rounds 15] [--files 1000] [--keyframes 100000]

Everything is measured in Chromium, by the page's own clock: a first view from the start of the navigation until there
is a picture on screen (and, for a film, its timeline), an edit from the key until the answer is in and the page says
that it is saved, scrolling by the time between frames. "Unplanned" is the same folder without plans, while faces are
looked for in the background. Besides, it says how busy the machine was: how long a second of work took.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from browsers import PATIENCE_MS, SIZE, Desk, Watch, launched, served
from desks import crowded, long_film, many_photos, plan_of
from playwright.sync_api import Browser, expect, sync_playwright

FIRST_VIEW_MS, EDIT_MS = 2000, 200
#: The film: an hour. Keyframes: of each track.
FRAMES, RATE, FILM_SIZE, KEYFRAMES = 7_200, 2, (640, 360), 100
#: Notes when the first thumbnail is on screen, and how long each edit takes from its key on.
CLOCK = """
window.edits = [];
let pressed = 0;
addEventListener("keydown", () => { pressed = performance.now(); }, true);
const onScreen = (then) => requestAnimationFrame(() => requestAnimationFrame(then));
new MutationObserver(() => {
  const saving = document.getElementById("saving");
  if (pressed && saving?.classList.contains("saved") && window.wasSaving) {
    window.edits.push(performance.now() - pressed);
    pressed = 0;
  }
  window.wasSaving = saving?.classList.contains("saving") && !saving.classList.contains("saved");
}).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["class"] });
document.addEventListener("load", ({ target }) => {
  if (target instanceof HTMLImageElement && target.closest(".tile") && !window.firstTile) {
    window.firstTile = true;
    onScreen(() => { window.firstView = performance.now(); });
  }
}, true);
new PerformanceObserver((list) => {
  const came = list.getEntries().some((one) => one.name.includes("/frame?"));
  if (!came || window.firstFrame) return;
  window.firstFrame = true;
  const wait = () => {
    if (!document.querySelector(".timeline canvas")) return onScreen(wait);
    onScreen(() => { window.filmView = performance.now(); });
  };
  wait();
}).observe({ type: "resource" });
"""
#: Scrolls on with every frame; gives the times between frames.
SCROLL = """(selector) => new Promise((done) => {
  const list = document.querySelector(selector);
  const times = [];
  let last = 0;
  const step = (now) => {
    if (last) times.push(now - last);
    last = now;
    list.scrollTop += 120;
    if (times.length < 150) requestAnimationFrame(step);
    else done(times);
  };
  requestAnimationFrame(step);
})"""


class Row(NamedTuple):
    """Times of one thing, ms, in a large review and in a small one; the limit, if there is one."""

    what: str
    large: Sequence[float]
    small: Sequence[float]
    limit: float | None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--keyframes", type=int, default=100_000)
    args = parser.parse_args()
    expect.set_options(timeout=PATIENCE_MS)
    busy = [slowdown()]
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        root, browser = Path(name), launched(playwright)
        sizes = {"large": (args.files, args.keyframes // KEYFRAMES), "small": (10, 1)}
        folders = {key: many_photos(root / key / "photos", files) for key, (files, _) in sizes.items()}
        film = long_film(root / "large" / "hour.mp4", FRAMES, RATE, FILM_SIZE)
        films = {"large": film, "small": Path(shutil.copy(film, root / "small"))}
        for key, (_, tracks) in sizes.items():
            crowded(films[key], FRAMES, RATE, FILM_SIZE, tracks, KEYFRAMES)
        print(f"{args.files} photos; {args.keyframes} keyframes, an hour; {args.rounds} rounds", flush=True)
        photos = {key: of_photos(browser, folder, args.rounds) for key, folder in folders.items()}
        busy.append(slowdown())
        clips = {key: of_film(browser, path, args.rounds) for key, path in films.items()}
        busy.append(slowdown())
        for folder in folders.values():
            for path in folder.glob("*.jpg"):
                plan_of(path).unlink()
        fresh = {key: first_views(browser, folder, args.rounds) for key, folder in folders.items()}
        busy.append(slowdown())
    rows = [
        Row("first view of the overview", photos["large"]["view"], photos["small"]["view"], FIRST_VIEW_MS),
        Row("first view, unplanned", fresh["large"], fresh["small"], FIRST_VIEW_MS),
        Row("edit of a photo", photos["large"]["edit"], photos["small"]["edit"], EDIT_MS),
        Row("frame while the overview scrolls", photos["large"]["scroll"], photos["small"]["scroll"], None),
        Row("first view of the film", clips["large"]["view"], clips["small"]["view"], FIRST_VIEW_MS),
        Row("edit of the film", clips["large"]["edit"], clips["small"]["edit"], EDIT_MS),
        Row("frame while the people scroll", clips["large"]["scroll"], clips["small"]["scroll"], None),
    ]
    report(rows)
    print(f"\nthe machine was {min(busy):.1f} to {max(busy):.1f} times slower than alone")


def of_photos(browser: Browser, folder: Path, rounds: int) -> dict[str, list[float]]:
    """A folder: first views, edits and undoes of one photo, frame times."""
    with served(folder, "-o", folder.parent / "out") as review:
        desk = window(browser, review).enter()
        views = [first_view(browser, desk) for _ in range(rounds)]
        scroll = desk.page.evaluate(SCROLL, ".scroller")
        desk.open(3)
        desk.settle()
        desk.page.keyboard.press("n")
        return {"view": views, "scroll": scroll, "edit": edits(desk, rounds)}


def of_film(browser: Browser, path: Path, rounds: int) -> dict[str, list[float]]:
    """A film: first views by a reload, edits and undoes, frame times."""
    with served(path, "-o", path.parent / "out") as review:
        desk = window(browser, review).enter().open(0, "film")
        views = []
        for _ in range(rounds):
            desk.page.reload()
            views.append(desk.wait_for("window.filmView"))
        desk.settle()
        scroll = desk.page.evaluate(SCROLL, ".people-list")
        desk.page.locator(".person-pick").first.click()
        desk.page.evaluate("document.activeElement.blur()")
        desk.settle()
        return {"view": views, "scroll": scroll, "edit": edits(desk, rounds)}


def first_views(browser: Browser, folder: Path, rounds: int) -> list[float]:
    """First views of a folder that is looked through meanwhile."""
    with served(folder, "-o", folder.parent / "out") as review:
        desk = window(browser, review).enter()
        return [first_view(browser, desk) for _ in range(rounds)]


def window(browser: Browser, review: object, size: tuple[int, int] = SIZE) -> Desk:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(CLOCK)
    watch = Watch(review.address)
    watch(context)
    return Desk(context.new_page(), review, watch)


def first_view(browser: Browser, desk: Desk) -> float:
    """A new window, with nothing in its cache."""
    link = desk.ask("/link", {}).json()["url"]
    other = window(browser, desk.served)
    other.page.goto(link)
    took = other.wait_for("window.firstView")
    other.close()
    return took


def edits(desk: Desk, rounds: int) -> list[float]:
    """What is selected is confirmed, and that is undone, so many times."""
    for n in range(2 * rounds):
        desk.page.keyboard.press("z" if n % 2 else "Enter")
        desk.wait_for(f"window.edits.length === {n + 1}")
        desk.settle()
    return desk.page.evaluate("window.edits")


def slowdown() -> float:
    """How much longer a second of this process's work takes than it would alone."""
    wall, cpu = time.perf_counter(), time.process_time()
    while time.process_time() - cpu < 1:
        sum(range(10_000))
    return (time.perf_counter() - wall) / (time.process_time() - cpu)


def report(rows: Sequence[Row]) -> None:
    """A table in Markdown."""
    print("\n| ms | | n | median | p95 | max | limit |\n|---|---|--:|--:|--:|--:|--:|")
    for row in rows:
        for name, times in (("large", row.large), ("small", row.small)):
            limit = f"{row.limit:.0f}" if row.limit else ""
            cells = [len(times), *(f"{f(times):.0f}" for f in (statistics.median, p95, max))]
            print(f"| {row.what} | {name} | " + " | ".join(map(str, cells)) + f" | {limit} |")


def p95(times: Sequence[float]) -> float:
    return sorted(times)[min(len(times) - 1, round(0.95 * len(times)))]


if __name__ == "__main__":
    main()
