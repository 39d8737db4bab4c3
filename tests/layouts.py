"""Whether a page is laid out so that everybody can use it: names for screen readers, room, targets for fingers."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

#: Roles of what one can do something with.
ACTIVE = {
    "button", "link", "textbox", "searchbox", "checkbox", "combobox", "slider", "radio", "menuitem", "tab", "switch",
    "progressbar", "dialog", "Iframe", "spinbutton", "listbox", "option", "image", "group", "toolbar", "main",
}  # fmt: skip
#: Roles that need no name of their own.
MAY_BE_NAMELESS = {"main", "group"}
#: What sticks out of the window sideways, or is cut off by what it is in.
OUTSIDE = """() => [...document.querySelectorAll("button, a, input, select, textarea, h1, h2, p")].filter((one) => {
  const box = one.getBoundingClientRect();
  if (box.width === 0 || box.height === 0 || one.closest(".sr-only, .skip, svg")) return false;
  return box.left < -1 || box.right > innerWidth + 1;
}).map((one) => one.outerHTML.slice(0, 120))"""
#: What a finger can't hit.
SMALL = """() => [...document.querySelectorAll("button, select, input, a")].filter((one) => {
  const area = one.matches("input[type=checkbox]") ? one.closest("label") ?? one : one;
  const box = area.getBoundingClientRect();
  if (box.width === 0 || box.height === 0 || one.closest(".sr-only, .skip")) return false;
  if (one.matches("a") && one.closest("p")) return false;  // a link in a sentence
  return box.width < 39.5 || box.height < 39.5;
}).map((one) => one.outerHTML.slice(0, 120) + JSON.stringify(one.getBoundingClientRect()))"""


def well_laid_out(page: Page, *, is_touch: bool) -> None:
    """Everything has a name, nothing sticks out, and a finger hits all of it."""
    assert nameless(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"
    assert page.evaluate(OUTSIDE) == []
    if is_touch:
        assert page.evaluate(SMALL) == []


def nameless(page: Page) -> list[dict[str, Any]]:
    """What the browser tells a screen reader about without a name."""
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")
    active = [
        node for node in tree["nodes"] if not node["ignored"] and node["role"]["value"] in ACTIVE - MAY_BE_NAMELESS
    ]
    assert active
    return [node for node in active if not node.get("name", {}).get("value", "").strip()]
