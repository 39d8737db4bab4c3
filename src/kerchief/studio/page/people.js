// The people of a file: a card for each track, the most doubtful first, and what can be done with them.

import { button, el } from "./elements.js";
import { stateOf } from "./lanes.js";
import { lazily } from "./lazy.js";
import { actionsOf, card } from "./people-card.js";
import { askToShow } from "./consent.js";
import { facePath } from "./track-words.js";
import { t } from "./words.js";

const FILTERS = { all: () => true, look: (track) => stateOf(track) === "doubtful", shown: (track) => stateOf(track) === "shown" };
const AT_ONCE = 60; // cards that are made at once; more when the end of the list comes into sight

/**
 * The list in `root`. `onEdit(edit)` gets an Edit of the wire, `onSelect(track id)` a choice, `onFollow(track id)` a wish.
 * `now()` is the time that the page shows; say `at()` when it changed.
 */
export function people(root, { onSelect, onEdit, onFollow = () => {}, now = () => 0 }) {
  const [list, end] = [el("ul.people-list", { "aria-label": t("people.list") }), el("li.people-end", { "aria-hidden": "true" })];
  const filters = el("div.group.people-filters", { role: "group", "aria-label": t("people.filter") });
  const merge = el("div.people-merge", { role: "status" });
  const empty = el("p.empty", {});
  const box = el("section.people", { "aria-label": t("people.title") }, filters, empty, list, merge);
  root.append(box);
  const faces = lazily(list);
  const cards = new Map(); // track id → {node, face, key}
  const ticked = new Set();
  let [view, selected, filter, shown, sorted] = [null, null, "all", AT_ONCE, []];
  let kept = null; // stays in the list although it may not fit the filter any more: it was just decided about

  function layOut() {
    if (view === null) return;
    const ids = new Set(view.tracks.map((track) => track.id));
    for (const id of ticked) if (!ids.has(id)) ticked.delete(id);
    sorted = view.tracks.filter((track) => FILTERS[filter](track) || track.id === kept)
      .sort((a, b) => b.doubt - a.doubt || a.first - b.first);
    const wasInSight = isInSight(cards.get(selected)?.node);
    keepFocus(() => {
      const nodes = sorted.slice(0, shown).map(cardOf);
      const wanted = new Set(nodes);
      for (const [id, { node, face }] of cards) if (!wanted.has(node)) { faces.forget(face); node.remove(); cards.delete(id); }
      nodes.forEach((node, at) => { if (list.children[at] !== node) list.insertBefore(node, list.children[at] ?? null); });
      if (shown < sorted.length) list.append(end);
      else end.remove();
      for (const track of sorted.slice(0, shown)) faces.watch(cards.get(track.id).face, facePath(view.card.id, track));
    });
    empty.hidden = sorted.length > 0;
    empty.textContent = t(view.tracks.length ? `people.none.${filter}` : "people.none.all");
    if (wasInSight) cards.get(selected)?.node.scrollIntoView({ block: "nearest" });
    showFilters();
    showMerge();
  }

  function isInSight(node) {
    if (!node) return false;
    const [has, sees] = [node.getBoundingClientRect(), list.getBoundingClientRect()];
    return has.bottom > sees.top && has.top < sees.bottom;
  }

  function cardOf(track) {
    const is = { selected: track.id === selected, ticked: ticked.has(track.id) };
    const possible = is.selected ? actionsOf(track, view, now()).map((each) => each.is) : null;
    const key = JSON.stringify([track, is, possible, view.card.id]);
    const known = cards.get(track.id);
    if (known?.key === key) return known.node;
    const made = card(track, view, now(), is, {
      onPick: () => onSelect(track.id),
      onTick: () => tick(track.id),
      onAct: (act) => run(act, track.id),
    });
    if (known) {
      made.node.querySelector(".face").replaceWith(known.face); // its picture is here already
      made.face = known.face;
      known.node.replaceWith(made.node);
    }
    cards.set(track.id, { ...made, key });
    return made.node;
  }

  function keepFocus(change) {
    const focused = document.activeElement;
    const item = list.contains(focused) ? focused.closest("[data-track]") : null;
    const at = item ? [...list.children].indexOf(item) : -1;
    change();
    if (!item || list.contains(document.activeElement)) return;
    const same = cards.get(item.dataset.track)?.node;
    const next = same?.querySelector(`[data-act="${focused.dataset.act}"]:enabled`) ?? (same ?? list.children[at] ?? list.lastElementChild)?.querySelector("button");
    next?.focus({ preventScroll: true });
  }

  function tick(id) {
    if (!ticked.delete(id)) ticked.add(id);
    layOut();
  }

  async function run(act, id) {
    const track = view.tracks.find((each) => each.id === id);
    if (!track) return;
    if (act === "confirm") return onEdit({ type: "cover", tracks: [id] });
    if (act === "remove") return onEdit({ type: "remove", track: id });
    if (act === "split" || act === "extend") return onEdit({ type: act, track: id, pts: now() });
    if (act === "follow") return onFollow(id);
    const said = await askToShow(track, { file: view.card.id });
    if (said) onEdit({ type: "show", track: id, ...said });
  }

  const filterButtons = Object.keys(FILTERS).map((name) => button({
    text: " ",
    onclick: () => {
      [filter, shown, kept] = [name, AT_ONCE, null];
      layOut();
    },
  }));
  filters.append(...filterButtons);

  function showFilters() {
    Object.keys(FILTERS).forEach((name, at) => {
      filterButtons[at].lastChild.textContent = t(`people.filters.${name}`, { n: view.tracks.filter(FILTERS[name]).length });
      filterButtons[at].setAttribute("aria-pressed", String(name === filter));
    });
  }

  function showMerge() {
    merge.hidden = ticked.size === 0;
    if (merge.hidden) return merge.replaceChildren();
    const chosen = [...ticked];
    merge.replaceChildren(el("span", {}, t("people.chosen", { n: chosen.length })),
      button({ text: t("people.clear"), onclick: () => { ticked.clear(); layOut(); } }),
      button({ text: t("people.merge"), mark: "merge", kind: "primary", disabled: chosen.length < 2, label: t("people.mergeHint"), onclick: mergeTicked }));
  }

  function mergeTicked() {
    const tracks = [...ticked];
    if (tracks.length < 2) return false;
    ticked.clear();
    onEdit({ type: "merge", tracks });
    layOut();
    return true;
  }

  const more = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    shown += AT_ONCE;
    layOut();
  }, { root: list, rootMargin: "300px" });
  more.observe(end);

  return {
    set(next) {
      if (view?.card.id !== next.card.id) ticked.clear();
      view = next;
      layOut();
    },
    select(id) {
      const before = selected;
      selected = kept = id;
      const at = sorted.findIndex((track) => track.id === id);
      // Two cards change, unless the list has to.
      if (filter !== "all" || (id !== null && (at < 0 || at >= shown))) {
        if (at >= shown) shown = at + AT_ONCE;
        layOut();
      } else keepFocus(() => sorted.forEach((track) => { if ((track.id === before || track.id === id) && cards.has(track.id)) cardOf(track); }));
      cards.get(id)?.node.scrollIntoView({ block: "nearest" });
    },
    /** The time changed: what can be done may have, too. */
    at: layOutSelected,
    /** Does what a key asks for with the selected track: "confirm", "show", "split", "extend", "follow", "remove". */
    act: (act) => selected !== null && run(act, selected),
    /** Merges the ticked tracks and the selected one. */
    merge() {
      if (selected !== null && ticked.size > 0) ticked.add(selected);
      return mergeTicked();
    },
    destroy() {
      more.disconnect();
      faces.destroy();
      box.remove();
    },
  };

  function layOutSelected() {
    const track = view?.tracks.find((each) => each.id === selected);
    if (track && cards.has(selected)) keepFocus(() => { cardOf(track); });
  }
}
