// The export: which files, a look at everyone who will be shown, the progress, and what came of it.

import { sayProblem } from "./dialog.js";
import { get, post } from "./door.js";
import { button, el } from "./elements.js";
import { icon } from "./icons.js";
import { receiptView } from "./receipt.js";
import { contactSheet } from "./sheet.js";
import { stateIcons } from "./states.js";
import { on, refresh, store, take } from "./store.js";
import { duration, t } from "./words.js";

const isReady = (card) => !["waiting", "finding", "exporting", "refused"].includes(card.state);

/**
 * The export of files in `root`.
 *
 * @returns {function(): void} takes it away; what was started goes on.
 */
export function exportPanel(root, ids) {
  const box = el("div.export");
  root.append(box);
  let leave = () => {};

  function enter(step, ...given) {
    leave();
    box.replaceChildren();
    leave = step(box, ...given) ?? (() => {});
  }

  // What went wrong is said in here: messages lie behind a dialog.
  function choose(ticked = null, problem = null) {
    enter(chooser, { ids, ticked, problem }, (chosen) => {
      if (chosen.every((id) => store.files.get(id).shown === 0)) return start(chosen, {});
      enter(look, chosen, (seen) => start(chosen, seen), () => choose(chosen));
    });
  }

  /** `seen` is what the sheet showed: file → revision. The server refuses what shows anybody else. */
  async function start(chosen, seen) {
    try {
      const overview = await post("/exports", { files: chosen, shown_seen: seen });
      enter(progress, chosen);
      take(overview);
    } catch (error) {
      if (!error.problem) throw error;
      await refresh().catch(() => null); // who is shown may have changed: the button says so
      choose(chosen, error.problem);
    }
  }

  // A link in here leads elsewhere: the dialog that this may be in must not stay over it.
  const away = () => box.closest("dialog")?.close();
  addEventListener("hashchange", away);
  choose();
  return () => {
    removeEventListener("hashchange", away);
    leave();
    box.remove();
  };
}

function chooser(box, { ids, ticked, problem }, onStart) {
  const cards = (ids.length ? ids : [...store.files.keys()]).map((id) => store.files.get(id)).filter(Boolean);
  const chosen = new Set(cards.filter((card) => isReady(card) && (ticked?.includes(card.id) ?? true)).map((card) => card.id));
  const go = button({ text: " ", mark: "out", kind: "primary", onclick: () => onStart([...chosen]) });
  const notes = el("div.export-notes", { role: "status" });

  function show() {
    const picked = [...chosen].map((id) => store.files.get(id));
    const sum = (name) => picked.reduce((all, card) => all + card[name], 0);
    go.disabled = chosen.size === 0;
    go.lastChild.textContent = t(sum("shown") ? "export.look" : "export.start", { n: chosen.size });
    notes.replaceChildren(...[
      ["question", "doubtful", sum("to_look_at")], ["eye", "shown", sum("shown")],
    ].filter(([, , n]) => n > 0).map(([mark, word, n]) => el("p", {}, icon(mark), t(`export.${word}`, { n }),
      word === "shown" ? el("a", { href: "#/shown" }, t("export.all")) : null)));
  }

  function row(card) {
    const tick = el("input", { type: "checkbox", disabled: !isReady(card), onchange: () => {
      if (!chosen.delete(card.id)) chosen.add(card.id);
      show();
    } });
    tick.checked = chosen.has(card.id);
    return el("li", {}, el("label.export-file", {}, tick, el("span.export-name", {}, card.name), tags(card)));
  }

  box.append(problem ? el("p.export-problem", { role: "alert" }, t("shell.step", { problem: problem.problem, step: problem.next_step })) : "",
    el("p.muted", {}, t("overview.output", { output: store.output })),
    el("ul.export-files", { "aria-label": t("overview.title") }, ...cards.map(row)), notes, el("div.dialog-foot", {}, go));
  show();
  go.focus({ preventScroll: true });
}

function tags(card) {
  const facts = [["to_look_at", "overview.look"], ["shown", "overview.showing"]].filter(([name]) => card[name] > 0);
  return el("span.export-tags", {}, ...facts.map(([name, word]) => el(`span.tag.${name === "shown" ? "shown" : "look"}`, {}, t(word, { n: card[name] }))),
    el(`span.tag.${card.state}`, {}, icon(stateIcons[card.state]), t(`state.${card.state}`)));
}

function look(box, files, onConfirm, onBack) {
  box.append(el("p", {}, t("sheet.text")));
  return contactSheet(box, { files, confirm: t("export.confirm", { n: files.length }), onConfirm, onBack });
}

function progress(box, ids) {
  const bar = el("progress", { max: ids.length, value: 0, "aria-label": t("export.progress") });
  const text = el("p", { role: "status" });
  const left = el("p.muted");
  const rows = new Map(ids.map((id) => [id, el("li.export-result", { "data-file": id })]));
  const keyOf = new Map();
  box.append(el("div.export-progress", {}, text, left, bar), el("ul.export-files", {}, ...rows.values()));

  function show() {
    const cards = ids.map((id) => store.files.get(id));
    for (const card of cards) if (card) update(card);
    const running = cards.filter((card) => card?.state === "exporting");
    const done = ids.length - running.length;
    const failed = cards.filter((card) => card?.state !== "exporting" && card?.problem).length;
    bar.value = done + running.reduce((sum, card) => sum + (card.progress ?? 0), 0);
    bar.hidden = running.length === 0;
    left.textContent = running.length && store.work?.seconds_left ? t("work.left", { time: duration(store.work.seconds_left) }) : "";
    const word = running.length ? "running" : failed ? "someFailed" : "done";
    const said = t(`export.${word}`, { n: ids.length, done, failed, output: store.output });
    if (text.textContent !== said) text.textContent = said;
  }

  function update(card) {
    const row = rows.get(card.id);
    const key = [card.state, card.problem?.problem, card.copy_name, card.is_current, card.still_shows, card.progress === null].join("|");
    if (keyOf.get(card.id) !== key) {
      keyOf.set(card.id, key);
      row.replaceChildren(...result(card));
    }
    const own = row.querySelector("progress");
    if (own && card.progress !== null) own.value = card.progress;
  }

  const ends = [on("file", show), on("files", show), on("work", show)];
  show();
  return () => ends.forEach((end) => end());
}

function result(card) {
  const head = (mark, kind, word, more) => el("div.export-file", {}, el("span.export-name", {}, card.name),
    el(`span.tag.${kind}`, {}, icon(mark), t(`export.state.${word}`)), more);
  if (card.state === "exporting") {
    return [head("out", "exporting", card.progress === null ? "waits" : "runs", el("progress", { max: 1, "aria-label": t("export.of", { name: card.name }) }))];
  }
  if (card.problem) {
    return [head("refused", "refused", "failed"), el("p.export-problem", {}, card.problem.problem),
      card.still_shows ? el("p.export-problem", {}, t("withdrawn.result")) : "",
      el("p", {}, el("strong", {}, t("export.next")), " ", card.problem.next_step, " ", el("a", { href: `#/file/${card.id}` }, t("export.open")))];
  }
  if (!card.copy_name) return [head("warning", "look", "none")];
  return [head("done", card.is_current ? "exported" : "look", card.is_current ? "done" : "old"), el("p.muted", {}, card.copy_name), receiptOf(card)];
}

function receiptOf(card) {
  const room = el("div");
  return el("details.export-receipt", { ontoggle: async ({ currentTarget }) => {
    if (!currentTarget.open || room.childElementCount) return;
    try {
      room.replaceChildren(receiptView(await get(`/files/${card.id}/receipt`), card.copy_name.split("/").at(-1)));
    } catch (error) {
      sayProblem(error.problem);
    }
  } }, el("summary", {}, t("export.receipt")), room);
}
