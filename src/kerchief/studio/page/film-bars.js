// The bars of a film: what is shown and with which tools above the picture, playing and stepping below it.

import { button, el } from "./elements.js";
import { icon } from "./icons.js";
import { clock } from "./lanes.js";
import { t } from "./words.js";

const LOOKS = [["original", "film.original"], ["covered", "film.result"], ["split", "film.split"]];
const TOOLS = [["select", "cursor", "photo.select"], ["draw-ellipse", "ellipse", "photo.ellipse"], ["draw-box", "box", "photo.box"]];

/** The bar above the picture. `told`: {onLook, onTool, onUndo, onRedo, onJump(±1), onExport}. */
export function viewBar(root, told) {
  const looks = LOOKS.map(([name, word]) => button({ text: t(word), "aria-pressed": "false", onclick: () => told.onLook(name) }));
  const tools = TOOLS.map(([name, mark, word]) => button({ label: t(word), mark, "aria-pressed": "false", onclick: () => told.onTool(name) }));
  const undo = button({ label: t("photo.undo"), mark: "undo", onclick: told.onUndo });
  const redo = button({ label: t("photo.redo"), mark: "redo", onclick: told.onRedo });
  const left = el("span.film-left", { role: "status" });
  const jumps = [[-1, "previous", "photo.previous"], [1, "next", "photo.next"]]
    .map(([by, mark, word]) => button({ label: t(word), mark, onclick: () => told.onJump(by) }));
  const bar = el("div.film-bar", { role: "toolbar", "aria-label": t("photo.tools") },
    el("div.group", { role: "group", "aria-label": t("photo.view") }, ...looks),
    el("div.group", { role: "group", "aria-label": t("photo.tools") }, ...tools),
    el("div.group", {}, undo, redo),
    el("div.film-jump", {}, left, ...jumps),
    button({ text: t("photo.export"), mark: "out", kind: "primary", onclick: told.onExport }));
  root.append(bar);
  const press = (buttons, names, name) => buttons.forEach((each, at) => each.setAttribute("aria-pressed", String(names[at][0] === name)));
  return {
    look: (name) => press(looks, LOOKS, name),
    tool: (name) => press(tools, TOOLS, name),
    set({ card, can_undo: canUndo, can_redo: canRedo }) {
      undo.disabled = !canUndo;
      redo.disabled = !canRedo;
      const said = card.to_look_at ? t("film.left", { n: card.to_look_at }) : t("photo.nothing");
      if (left.textContent !== said) left.textContent = said;
    },
  };
}

/** The bar below the picture. `told`: {onPlay, onStep(±1), onZoom(factor), onFit}. */
export function playBar(root, { secondsPerUnit, length }, told) {
  const play = button({ label: t("film.play"), mark: "play", onclick: told.onPlay });
  const time = el("output.film-time", { "aria-live": "off" });
  const pace = el("span.film-pace", { role: "status" });
  const bar = el("div.film-bar.film-play", { role: "toolbar", "aria-label": t("time.label") },
    button({ label: t("film.back"), mark: "stepBack", onclick: () => told.onStep(-1) }), play,
    button({ label: t("film.on"), mark: "stepOn", onclick: () => told.onStep(1) }),
    time, pace,
    el("div.film-tools.film-zoom", {},
      button({ label: t("film.zoomOut"), mark: "minus", onclick: () => told.onZoom(2) }),
      button({ label: t("film.zoomIn"), mark: "plus", onclick: () => told.onZoom(0.5) }),
      button({ label: t("film.fit"), mark: "fit", onclick: told.onFit })));
  root.append(bar);
  const end = clock(length * secondsPerUnit, 2);
  return {
    at(pts) {
      time.textContent = t("film.now", { now: clock(pts * secondsPerUnit, 2), end });
    },
    playing(isPlaying) {
      play.replaceChildren(icon(isPlaying ? "pause" : "play"));
      for (const name of ["aria-label", "title"]) play.setAttribute(name, t(isPlaying ? "film.pause" : "film.play"));
      pace.textContent = "";
    },
    /** Says how fast it plays if that is not as it should be. */
    pace({ speed, shown, of }) {
      const rates = { shown: Math.round(shown), of: Math.round(of), speed: `${speed.toFixed(2)} ×` };
      if (speed < 0.95) pace.textContent = t("film.slow", rates);
      else pace.textContent = shown < 0.9 * of ? t("film.pace", rates) : "";
    },
  };
}

/** A line over the picture that offers something or says what goes on, and does not take the focus. */
export function banner(root) {
  const box = el("div.film-banner", { role: "status", hidden: true });
  root.append(box);
  return {
    say(text, buttons = [], isBusy = false) {
      box.classList.toggle("is-busy", isBusy);
      box.replaceChildren(el("span", {}, text), ...buttons.map((each) => button(each)));
      box.hidden = false;
    },
    hide() {
      box.hidden = true;
      box.replaceChildren();
    },
  };
}
