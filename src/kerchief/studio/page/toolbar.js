// The bar over a photo: which view, which tool, undo and redo, pages, export.

import { button, el } from "./elements.js";
import { t } from "./words.js";

/** Adds the bar; update(view, {shownView, page}) and tool(name) show what is so. */
export function toolbar(root, { onView, onTool, onUndo, onRedo, onPage, onExport }) {
  const press = (buttons, name) => Object.entries(buttons).forEach(([key, one]) => one.setAttribute("aria-pressed", String(key === name)));
  const views = {
    original: button({ text: t("photo.original"), onclick: () => onView("original") }),
    covered: button({ text: t("photo.result"), onclick: () => onView("covered") }),
  };
  const tools = {
    select: button({ label: t("photo.select"), mark: "cursor", onclick: () => onTool("select") }),
    "draw-ellipse": button({ label: t("photo.ellipse"), mark: "ellipse", onclick: () => onTool("draw-ellipse") }),
    "draw-box": button({ label: t("photo.box"), mark: "box", onclick: () => onTool("draw-box") }),
  };
  const back = button({ label: t("photo.undo"), mark: "undo", onclick: onUndo });
  const on = button({ label: t("photo.redo"), mark: "redo", onclick: onRedo });
  const page = el("span", { role: "status" });
  const before = button({ label: t("photo.pagePrevious"), mark: "previous", onclick: () => onPage(-1) });
  const after = button({ label: t("photo.pageNext"), mark: "next", onclick: () => onPage(1) });
  const pages = el("div.guide-head", {}, before, page, after);
  root.append(el("div.toolbar", {},
    el("div.group", { role: "group", "aria-label": t("photo.view") }, ...Object.values(views)),
    el("div.group", { role: "group", "aria-label": t("photo.tools") }, ...Object.values(tools)),
    el("div.group", {}, back, on), pages, el("span.fill"),
    button({ text: t("photo.export"), mark: "out", kind: "primary", onclick: onExport })));
  press(tools, "select");

  return {
    tool: (name) => press(tools, name),
    update(view, { shownView, page: at }) {
      press(views, shownView);
      back.disabled = !view.can_undo;
      on.disabled = !view.can_redo;
      pages.hidden = view.card.kind !== "pages" || view.frames < 2;
      page.textContent = t("photo.page", { n: at + 1, all: view.frames });
      before.disabled = at === 0;
      after.disabled = at >= view.frames - 1;
    },
  };
}
