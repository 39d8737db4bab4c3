// The contact sheet: everyone whom the copies will show, to be looked at before there are any.

import { say, sayError } from "./dialog.js";
import { get, post } from "./door.js";
import { button, el } from "./elements.js";
import { icon } from "./icons.js";
import { keys } from "./keys.js";
import { lazily } from "./lazy.js";
import { sights } from "./sights.js";
import { on, store } from "./store.js";
import { facePath, nameOf } from "./track-words.js";
import { t } from "./words.js";

/**
 * The contact sheet in `root`: everyone whom the copies of `files` (of all, if there is no such list) will show.
 * With `onConfirm` it has a button that calls it with what was looked at: file → the revision whose shown faces they were.
 * It is disabled before all of them are there and have been in sight. `onBack` adds a way back.
 *
 * @returns {function(): void} takes it away.
 */
export function contactSheet(root, { onConfirm = null, onBack = null, files = null, confirm = t("sheet.confirm") } = {}) {
  const list = el("ul.sheet-list");
  const count = el("p", { role: "status" }, t("shell.loading"));
  const trouble = el("div.sheet-trouble", { role: "alert", hidden: true });
  const left = el("p.muted", { role: "status" });
  const ok = button({ text: confirm, kind: "primary", disabled: true, onclick: () => isSeen() && onConfirm(revisions()) });
  const next = button({ text: t("sheet.next"), hidden: true, onclick: () => seen.next?.scrollIntoView({ block: "center" }) });
  const back = onBack ? button({ text: t("export.back"), mark: "previous", onclick: onBack }) : null;
  const foot = onConfirm ? el("footer.sheet-foot", {}, ok, next, left, back) : null;
  const box = el("section.sheet", { "aria-label": t("sheet.title") }, count, trouble, list, foot);
  root.append(box);
  const lazy = lazily();
  const seen = sights(showLeft);
  let items = new Map(); // key → {face, node, pictures}
  let isLoaded = false;
  let isGone = false;

  // A face that was looked at counts for the plan that it was shown by: after any edit of its file, it is another one.
  const keyOf = ({ file, track, revision }) => `${file} ${revision} ${track.id}`;
  const isSeen = () => isLoaded && seen.left === 0;
  const revisions = () => Object.fromEntries([...items.values()].map(({ face }) => [face.file, face.revision]));

  function showLeft() {
    ok.disabled = !isSeen();
    next.hidden = !isLoaded || seen.left === 0;
    const word = seen.broken ? "sheet.broken" : "sheet.left";
    left.textContent = isLoaded && seen.left ? t(word, { n: seen.broken || seen.left }) : "";
  }

  async function load() {
    try {
      const { faces } = await get("/shown");
      if (isGone) return;
      isLoaded = true;
      trouble.hidden = true;
      take(faces.filter((face) => files === null || files.includes(face.file)));
    } catch (error) {
      if (!isGone) failed(error);
    }
    showLeft();
  }

  function failed({ problem }) {
    isLoaded = false;
    count.textContent = "";
    trouble.replaceChildren(icon("warning"), el("p", {}, t("sheet.failed", { problem: problem?.problem ?? t("shell.broken") })),
      button({ text: t("shell.again"), onclick: () => queued(load) }));
    trouble.hidden = false;
  }

  function take(faces) {
    const wanted = new Map(faces.map((face) => [keyOf(face), face]));
    for (const [key, item] of items) if (!wanted.has(key)) drop(key, item);
    const fresh = [...wanted].filter(([key]) => !items.has(key));
    for (const [key, face] of fresh) items.set(key, entry(face));
    if (fresh.length) list.replaceChildren(...[...wanted.keys()].map((key) => items.get(key).node));
    count.textContent = items.size ? t("sheet.count", { n: items.size }) : t("sheet.nobody");
  }

  function drop(key, { node, pictures }) {
    for (const picture of pictures) for (const each of [lazy, seen]) each.forget(picture);
    node.remove();
    items.delete(key);
  }

  function entry(face) {
    const { file, name, track, times } = face;
    const pictures = times.map((pts, at) => {
      const of = { name: nameOf(track), n: at + 1, all: times.length };
      return el("img.face", { alt: t(times.length > 1 ? "sheet.faceAt" : "consent.face", of), "data-pts": pts });
    });
    const node = el("li.sheet-face", {}, el("div.sheet-times", { "data-n": times.length }, ...pictures),
      el("h3", {}, track.reason),
      track.note ? el("p", {}, track.note) : null,
      el("p.muted", {}, el("a", { href: `#/file/${file}?track=${track.id}`, title: t("sheet.jump") }, t("sheet.where", { file: name, track: nameOf(track) }))),
      button({ text: t("sheet.cover"), mark: "cover", label: t("sheet.coverHint"), onclick: () => queued(() => cover(face)) }));
    pictures.forEach((picture, at) => {
      lazy.watch(picture, facePath(file, track, 240, times[at]));
      if (onConfirm) seen.watch(picture);
    });
    return { face, node, pictures };
  }

  async function cover({ file, track }) {
    const held = [...items.values()].find(({ face }) => face.file === file && face.track.id === track.id);
    if (!held) return;
    const { revision } = held.face;
    try {
      const view = await post(`/files/${file}/edits`, { revision, edit: { type: "cover", tracks: [track.id] } });
      if (isGone) return;
      drop(keyOf(held.face), held);
      // Nothing but this came between: the other faces of the file are those that were looked at.
      const moved = [...items.values()].map((item) => (item.face.file === file && item.face.revision === revision
        ? { ...item, face: Object.assign(item.face, { revision: view.revision }) } : item));
      items = new Map(moved.map((item) => [keyOf(item.face), item]));
      say(t(store.files.get(file)?.copy_name ? "sheet.coveredAnew" : "sheet.covered"));
    } catch (error) {
      sayError(error);
    }
    await load();
  }

  // One thing after the other: what is loaded is then never older than what was covered here.
  let queue = Promise.resolve();
  let isWaiting = false;
  const queued = (work) => { queue = queue.then(() => !isGone && work()); };
  function again() {
    if (isWaiting) return;
    isWaiting = true;
    queued(() => {
      isWaiting = false;
      return load();
    });
  }

  const end = on("file", (card) => { if (files === null || files.includes(card.id)) again(); });
  again();
  return () => {
    isGone = true;
    end();
    seen.destroy();
    lazy.destroy();
    box.remove();
  };
}

/** The sheet as a page of its own. */
export function mount(root) {
  const page = el("div.sheet-page", {}, el("h1", {}, icon("eye"), t("sheet.title")), el("p", {}, t("sheet.text")));
  root.append(page);
  const ends = [contactSheet(page), keys.bind({ escape: ["keys.back", () => { location.hash = "#/"; }] })];
  page.append(el("p", {}, el("a", { href: "#/" }, t("waiting.overview"))));
  return () => ends.forEach((each) => each());
}
