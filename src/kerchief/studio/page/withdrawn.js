// A bar over every view, as long as a copy shows somebody who is covered by now and nothing is being done about it.

import { button, el } from "./elements.js";
import { exportFiles } from "./exporting.js";
import { icon } from "./icons.js";
import { on, store } from "./store.js";
import { t } from "./words.js";

const MOMENT = 800; // ms: the copy is made anew at once, as a rule, and then there is nothing to warn of

/** Keeps the bar in `box`. */
export function withdrawn(box) {
  let timer = 0;
  let told = "[]";

  function show() {
    timer = 0;
    const cards = [...store.files.values()].filter((card) => card.still_shows && card.state !== "exporting");
    const now = JSON.stringify(cards.map((card) => [card.id, card.name, card.problem?.problem]));
    if (now === told) return;
    told = now;
    box.hidden = cards.length === 0;
    const names = cards.slice(0, 3).map((card) => card.copy_name ?? card.name).join(", ");
    const problem = cards.find((card) => card.problem)?.problem;
    box.replaceChildren(...(cards.length ? [
      icon("warning"),
      el("p", {}, t("withdrawn.text", { n: cards.length, names, output: store.output }), " ", problem ? t("withdrawn.problem", problem) : ""),
      button({ text: t("withdrawn.again"), mark: "out", onclick: () => exportFiles(cards.map((card) => card.id)) }),
    ] : []));
  }

  const soon = () => { timer ||= setTimeout(show, MOMENT); };
  on("file", soon);
  on("files", soon);
}
