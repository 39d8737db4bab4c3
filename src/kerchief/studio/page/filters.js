// Which files the overview lists: by state, with how many there are of each, and by name.

import { el } from "./elements.js";
import { icon } from "./icons.js";
import { stateIcons } from "./states.js";
import { store } from "./store.js";
import { t } from "./words.js";

const numbers = new Intl.NumberFormat(t("shell.language"));

/**
 * The filters.
 *
 * @param {{state: string, text: string}} kept - what is chosen; is changed.
 * @param {function()} onChange
 * @param {function()} onLeave - the search is done with: on to the files.
 */
export function filters(kept, onChange, onLeave) {
  const counts = new Map();
  const choices = ["all", ...Object.keys(stateIcons)].map((state) => {
    const count = el("span.count");
    counts.set(state, count);
    const choice = el("button.button.filter", { type: "button", "aria-pressed": "false", onclick: () => choose(state) },
      state === "all" ? null : icon(stateIcons[state]), t(state === "all" ? "overview.all" : `state.${state}`), count);
    choice.dataset.state = state;
    return choice;
  });
  const root = el("div.filters", { role: "group", "aria-label": t("overview.filter") }, ...choices);
  const input = el("input.input", {
    type: "search", placeholder: t("overview.search"), "aria-label": t("overview.search"), autocomplete: "off", spellcheck: "false",
  });
  const found = el("span.sr-only", { role: "status" });
  const search = el("div.search", {}, icon("search"), input, found);
  input.value = kept.text;
  input.addEventListener("input", () => {
    kept.text = input.value;
    onChange();
  });
  input.addEventListener("keydown", (event) => {
    const isDone = event.key === "Enter" || event.key === "ArrowDown" || (event.key === "Escape" && input.value === "");
    if (!isDone) return;
    event.preventDefault();
    onLeave();
  });

  function choose(state) {
    kept.state = state;
    onChange();
  }

  /** Counts again; `n` files are listed. */
  function update(n) {
    const tally = { all: store.files.size };
    for (const card of store.files.values()) tally[card.state] = (tally[card.state] ?? 0) + 1;
    for (const choice of choices) {
      const { state } = choice.dataset;
      counts.get(state).textContent = numbers.format(tally[state] ?? 0);
      choice.setAttribute("aria-pressed", String(kept.state === state));
      choice.hidden = state !== "all" && state !== kept.state && !tally[state];
    }
    found.textContent = kept.text || kept.state !== "all" ? t("overview.of", { n, all: store.files.size }) : "";
  }

  return { root, search, update };
}
