// Keys of the view that is open, and the help that is made from the same table.

import { panel } from "./dialog.js";
import { el } from "./elements.js";
import { t } from "./words.js";

const maps = new Set();

/** "shift+z", "enter", "space", "?": shift is only said of letters and named keys, as "?" has it in itself. */
export function nameOf(event) {
  const key = event.key === " " ? "space" : event.key.toLowerCase();
  return event.shiftKey && (key.length > 1 || /[a-z]/.test(key)) ? `shift+${key}` : key;
}

export const keys = {
  /**
   * Binds keys until the answer is called.
   *
   * @param {Object<string, [string, ?function(KeyboardEvent), string?]>} map - name of the key → the word for what it does
   *     (a key of words.js), what it does (null: only in the help, the view handles it; false as its answer: nothing was done), how the help calls the key ("": not at
   *     all, another entry stands for it).
   */
  bind(map) {
    maps.add(map);
    return () => maps.delete(map);
  },
  help,
};

addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
  const name = nameOf(event);
  for (const map of [...maps].reverse()) {
    const run = map[name]?.[1];
    if (!run) continue;
    // What it does not know either, such as arrows where nothing can be moved, stays the browser's.
    if (run(event) !== false) event.preventDefault();
    return;
  }
});

function isTyping(event) {
  const { target } = event;
  if (!(target instanceof Element)) return false;
  if (document.querySelector("dialog[open]")) return true;
  if (target.closest("textarea, select, input:not([type=checkbox], [type=radio], [type=range])")) return true;
  // Enter and Space belong to the button that has the focus, Enter to a link.
  // Sliders have keys that move them.
  const own = { Enter: "button, a, summary, input", " ": "button, summary, input" }[event.key]
    ?? (/^(Arrow|Page|Home|End)/.test(event.key) ? "input[type=range]" : undefined);
  return own !== undefined && target.closest(own) !== null;
}

/** Shows what the keys do. */
export function help() {
  const { root } = panel({ title: t("keys.title") });
  const list = el("dl.keys");
  for (const map of [...maps].reverse()) {
    for (const [name, [word, , label]] of Object.entries(map)) {
      if (label === "") continue;
      list.append(el("dt", {}, ...(label ? label.split(" ") : [spell(name)]).map((key) => el("kbd", {}, key))), el("dd", {}, t(word)));
    }
  }
  root.append(list);
}

function spell(name) {
  const parts = name === "+" ? [name] : name.split("+");
  return parts.map((part) => (part.length > 1 ? t(`key.${part}`) : part)).join(" + ");
}
