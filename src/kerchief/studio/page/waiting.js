// A file that can't be reviewed yet, or not at all.

import { sayError } from "./dialog.js";
import { post } from "./door.js";
import { button, el } from "./elements.js";
import { keys } from "./keys.js";
import { on, store } from "./store.js";
import { t } from "./words.js";

/** Says why, and opens the file when it is ready. */
export function mount(root, { id, problem, retry }) {
  const text = el("p", { role: "status" });
  const bar = el("progress", { "aria-label": t("state.finding") });
  const again = button({ text: t("shell.again"), kind: "primary", hidden: true, onclick: lookAgain });
  const box = el("div.empty.waiting", {}, text, bar, again, el("p", {}, el("a", { href: "#/" }, t("waiting.overview"))));
  root.append(box);

  let isOpen = true;
  let first = problem; // what the server answered, until it is tried again

  /** What stood in the way may be gone. */
  async function lookAgain() {
    again.disabled = true;
    first = null;
    try {
      await post(`/files/${id}/look`, {});
    } catch (error) {
      sayError(error);
    }
    again.disabled = false;
    if (isOpen) show(store.files.get(id));
  }

  const show = (card) => {
    if (card?.id !== undefined && card.id !== id) return;
    const why = card?.problem ?? first;
    again.hidden = card?.state !== "refused";
    if (!card) text.textContent = t("shell.unknown");
    else if (card.state === "refused" || why) text.textContent = t("waiting.refused", { problem: why?.problem ?? t("state.refused"), step: why?.next_step ?? "" });
    else if (["waiting", "finding"].includes(card.state)) text.textContent = t(card.state === "finding" ? "waiting.finding" : "waiting.queue");
    else return void setTimeout(() => isOpen && retry?.(), 300); // its plan is there, or about to be
    bar.hidden = !card || card.state !== "finding";
    if (card && card.progress !== null) bar.value = card.progress;
    else bar.removeAttribute("value");
  };
  show(store.files.get(id));
  const ends = [on("file", show), keys.bind({ escape: ["keys.back", () => { location.hash = "#/"; }] })];
  return () => {
    isOpen = false;
    ends.forEach((end) => end());
  };
}
