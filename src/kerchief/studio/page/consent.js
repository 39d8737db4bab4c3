// Consent: asking why someone is to be shown, and the sheet of everyone whom the copies will show.

import { get, image, post } from "./api.js";
import { ask, say, sayProblem } from "./dialog.js";
import { button, el } from "./elements.js";
import { icon } from "./icons.js";
import { keys } from "./keys.js";
import { lazily } from "./lazy.js";
import { edit, on, store } from "./store.js";
import { facePath, nameOf } from "./track-words.js";
import { t } from "./words.js";

const REASONS = ["writing", "person", "public", "own"];

/**
 * Asks for the reason to show a track.
 *
 * @returns {Promise<?{reason: string, note: string}>} null if the user thought better of it.
 */
export async function askToShow(track, { file = store.view?.card.id } = {}) {
  const face = el("img.face.face-large", { alt: t("consent.face", { name: nameOf(track) }) });
  const picture = image(facePath(file, track, 240)).then((got) => { face.src = got.url; return got.url; }, () => null);
  const quick = el("div.consent-quick", { role: "group", "aria-label": t("consent.quick") }, ...REASONS.map((name) => button({
    text: t(`consent.reasons.${name}`),
    onclick: ({ currentTarget }) => {
      const { reason } = currentTarget.closest("form").elements;
      reason.value = t(`consent.reasons.${name}`);
      reason.focus();
    },
  })));
  const said = await ask({
    title: t(track.action === "show" ? "consent.again" : "consent.title", { name: nameOf(track) }),
    body: el("div.consent-ask", {}, face, el("div", {}, el("p", {}, t("consent.text")), quick)),
    fields: [
      { name: "reason", label: t("consent.reason"), hint: t("consent.reasonHint"), isRequired: true, value: track.action === "show" ? track.reason : "" },
      { name: "note", label: t("consent.note"), kind: "long", hint: t("consent.noteHint"), value: track.note },
    ],
    ok: t("consent.ok"),
  });
  picture.then((url) => url && URL.revokeObjectURL(url));
  return said;
}

/**
 * The contact sheet in `root`: everyone whom the copies of `files` (of all, if there is no such list) will show.
 * With `onConfirm` it has a button, enabled once every face has been in sight, that calls it with the ids of the files.
 *
 * @returns {function(): void} takes it away.
 */
export function contactSheet(root, { onConfirm = null, files = null, confirm = t("sheet.confirm") } = {}) {
  const list = el("ul.sheet-list");
  const count = el("p", { role: "status" });
  const ok = onConfirm ? button({ text: confirm, kind: "primary", "aria-disabled": "true", onclick: () => (isSeen() ? onConfirm(filesOf()) : showUnseen()) }) : null;
  const left = el("p.muted", { role: "status" });
  const box = el("section.sheet", { "aria-label": t("sheet.title") }, count, list, onConfirm ? el("footer.sheet-foot", {}, left, ok) : null);
  root.append(box);
  const lazy = lazily();
  const [unseen, inSight] = [new Set(), new Set()]; // faces: those nobody can have looked at yet, and those in sight now
  let shown = [];
  const filesOf = () => [...new Set(shown.map((face) => face.file))];
  const isSeen = () => unseen.size === 0;

  const sight = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) inSight.add(target);
      else inSight.delete(target);
      looked(target);
    }
  }, { threshold: 0.6 });

  function looked(face) {
    if (inSight.has(face) && face.naturalWidth > 0) unseen.delete(face);
    showLeft();
  }

  const showUnseen = () => [...unseen][0].scrollIntoView({ block: "start" });

  function showLeft() {
    if (!onConfirm) return;
    ok.setAttribute("aria-disabled", String(!isSeen()));
    left.textContent = isSeen() ? "" : t("sheet.left", { n: unseen.size });
  }

  async function load() {
    let sheet;
    try {
      sheet = await get("/shown");
    } catch (error) {
      return sayProblem(error.problem);
    }
    const before = JSON.stringify(shown);
    shown = sheet.faces.filter((face) => files === null || files.includes(face.file));
    if (JSON.stringify(shown) === before) return;
    sight.disconnect();
    for (const set of [unseen, inSight]) set.clear();
    list.replaceChildren(...shown.map(entry));
    for (const item of onConfirm ? list.children : []) {
      unseen.add(item.firstChild); // its face
      sight.observe(item.firstChild);
    }
    count.textContent = shown.length ? t("sheet.count", { n: shown.length }) : t("sheet.nobody");
    showLeft();
  }

  function entry({ file, name, track }) {
    const face = el("img.face", { alt: t("consent.face", { name: nameOf(track) }), onload: () => looked(face) });
    const item = el("li.sheet-face", {}, face,
      el("h3", {}, track.reason),
      track.note ? el("p", {}, track.note) : null,
      el("p.muted", {}, el("a", { href: `#/file/${file}?track=${track.id}`, title: t("sheet.jump") }, t("sheet.where", { file: name, track: nameOf(track) }))),
      button({ text: t("sheet.cover"), mark: "cover", label: t("sheet.coverHint"), onclick: () => cover(file, track) }));
    lazy.watch(face, facePath(file, track, 240));
    return item;
  }

  async function cover(file, track) {
    const change = { type: "cover", tracks: [track.id] };
    try {
      if (store.view?.card.id === file) await edit(change);
      else await post(`/files/${file}/edits`, { revision: (await get(`/files/${file}`)).revision, edit: change });
      say(t(store.files.get(file)?.copy_name ? "sheet.coveredAnew" : "sheet.covered"));
    } catch (error) {
      sayProblem(error.problem);
    }
    load();
  }

  const end = on("file", (card) => { if (files === null || files.includes(card.id)) load(); });
  load();
  return () => {
    end();
    sight.disconnect();
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
