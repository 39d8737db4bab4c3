// The overview: all files, which of them need a look, which are to be exported.

import { button, el } from "./elements.js";
import { exportFiles } from "./exporting.js";
import { filters } from "./filters.js";
import { icon } from "./icons.js";
import { keys } from "./keys.js";
import { lazily } from "./lazy.js";
import { firstToLookAt } from "./look.js";
import { on, store } from "./store.js";
import { tile } from "./tile.js";
import { t } from "./words.js";

// What one comes back to: which filter, which files, where one was.
const kept = { state: "all", text: "", selected: new Set(), current: null, top: 0 };

/** Shows the overview. */
export function mount(root) {
  const tiles = new Map();
  let listed = [];
  let last = null;

  const list = el("ul.grid", { "aria-label": t("overview.title") });
  const scroller = el("div.scroller", {}, list);
  const pictures = lazily(scroller, "400px");
  const empty = el("p.empty", { role: "status" });
  const output = el("p.muted.output");
  const sheet = el("a.overview-shown", { href: "#/shown", hidden: true });
  const picked = el("span", { role: "status" });
  const all = button({ text: t("overview.selectAll"), onclick: () => selectAll() });
  const out = button({ text: t("overview.export"), mark: "out", kind: "primary", onclick: () => exportSelected() });
  const review = button({ text: t("overview.review"), mark: "next", onclick: () => openFirst() });
  const filter = filters(kept, () => show(), () => move(0));
  root.append(el("div.overview", {},
    el("div.overview-head", {}, el("h1.sr-only", {}, t("overview.title")), filter.root, filter.search),
    scroller, empty,
    el("div.overview-foot", {}, all, picked, sheet, output, review, out)));

  function show() {
    const text = kept.text.trim().toLowerCase();
    listed = [...store.files.values()].filter((card) =>
      (kept.state === "all" || card.state === kept.state) && card.name.toLowerCase().includes(text));
    const fresh = listed.map((card) => tiles.get(card.id) ?? make(card));
    // Only what changed is touched: moving a thousand elements for one state would be seen.
    fresh.forEach(({ root: element }, i) => {
      if (list.children[i] !== element) list.insertBefore(element, list.children[i] ?? null);
    });
    while (list.children.length > fresh.length) list.lastChild.remove();
    if (!listed.some((card) => card.id === kept.current)) setCurrent(listed[0]?.id ?? null);
    empty.textContent = t(store.files.size ? "overview.empty" : "overview.emptyAll");
    empty.hidden = listed.length > 0;
    scroller.hidden = listed.length === 0;
    filter.update(listed.length);
    showSelected();
  }

  function make(card) {
    const made = tile(card, { onOpen: openFile, onToggle: toggle, onFocus: setCurrent });
    tiles.set(card.id, made);
    made.box.checked = kept.selected.has(card.id);
    made.link.tabIndex = card.id === kept.current ? 0 : -1;
    watch(made.img, card);
    return made;
  }

  function renew(card) {
    const made = tiles.get(card.id);
    made?.update(card);
    if (made) watch(made.img, card);
  }

  function updateAll() {
    store.files.forEach(renew);
    show();
  }

  function update(card) {
    if (!tiles.has(card.id)) return show();
    renew(card);
    if (kept.state !== "all") show();
    else filter.update(listed.length);
    showSelected();
  }

  // What could not be opened has no picture either.
  function watch(img, card) {
    if (card.state !== "refused" || card.kind !== null) pictures.watch(img, thumbnail(card));
  }

  function setCurrent(id) {
    const before = tiles.get(kept.current);
    if (before) before.link.tabIndex = -1;
    kept.current = id;
    const now = tiles.get(id);
    if (now) now.link.tabIndex = 0;
  }

  function toggle(id, isOn = !kept.selected.has(id), isRange = false) {
    const [from, to] = [last, id].map((one) => listed.findIndex((card) => card.id === one)).sort((a, b) => a - b);
    for (const card of isRange && from >= 0 ? listed.slice(from, to + 1) : [store.files.get(id)]) select(card.id, isOn);
    last = id;
    showSelected();
  }

  function select(id, isOn) {
    if (isOn) kept.selected.add(id);
    else kept.selected.delete(id);
    const made = tiles.get(id);
    if (made) made.box.checked = isOn;
  }

  function selectAll() {
    const isAll = listed.length > 0 && listed.every((card) => kept.selected.has(card.id));
    for (const card of listed) select(card.id, !isAll);
    showSelected();
  }

  function showSelected() {
    const n = kept.selected.size;
    picked.textContent = n ? t("overview.selected", { n }) : "";
    out.disabled = n === 0;
    out.lastChild.textContent = n ? t("overview.exportSelected", { n }) : t("overview.export");
    const isAll = listed.length > 0 && listed.every((card) => kept.selected.has(card.id));
    all.lastChild.textContent = t(isAll ? "overview.selectNone" : "overview.selectAll");
    output.textContent = store.output ? t("overview.output", { output: store.output }) : "";
    output.title = store.output;
    review.disabled = firstToLookAt() === null;
    const shown = [...store.files.values()].reduce((sum, card) => sum + card.shown, 0);
    sheet.hidden = shown === 0;
    const said = t("overview.faces", { n: shown });
    if (sheet.lastChild?.textContent !== said) sheet.replaceChildren(icon("eye"), el("span", {}, said));
  }

  const exportSelected = () => kept.selected.size && exportFiles([...kept.selected]);
  const openFile = (id) => { if (id !== null) location.hash = `#/file/${id}`; };
  const openFirst = () => openFile(firstToLookAt());

  function move(by) {
    const at = listed.findIndex((card) => card.id === kept.current);
    const next = listed[Math.max(0, Math.min(listed.length - 1, at + by))];
    if (!next) return;
    setCurrent(next.id);
    const { link } = tiles.get(next.id);
    link.focus({ preventScroll: true });
    link.scrollIntoView({ block: "nearest" });
  }

  const columns = () => getComputedStyle(list).gridTemplateColumns.split(" ").length;
  const ends = [on("files", updateAll), on("file", update), keys.bind({
    arrowleft: ["keys.move", () => move(-1), t("keys.arrows")],
    arrowright: ["keys.move", () => move(1), ""],
    arrowup: ["keys.move", () => move(-columns()), ""],
    arrowdown: ["keys.move", () => move(columns()), ""],
    home: ["keys.move", () => move(-listed.length), ""],
    end: ["keys.move", () => move(listed.length), ""],
    enter: ["keys.open", () => openFile(kept.current)],
    space: ["keys.select", () => kept.current !== null && toggle(kept.current)],
    a: ["keys.selectAll", selectAll],
    n: ["keys.next", openFirst],
    e: ["keys.export", exportSelected],
    "/": ["keys.filter", () => filter.search.querySelector("input").focus()],
  })];
  show();
  scroller.scrollTop = kept.top;
  tiles.get(kept.current)?.link.focus({ preventScroll: true });

  return () => {
    kept.top = scroller.scrollTop;
    ends.forEach((end) => end());
    pictures.destroy();
  };
}

// The thumbnail of a file changes when it was looked through, and with its plan: the last part only tells them apart.
function thumbnail(card) {
  return `/files/${card.id}/thumbnail?side=320#${card.kind ? card.tracks : "none"}-${card.shown}-${card.to_look_at}`;
}
