// One file in the overview's grid.

import { el } from "./elements.js";
import { icon } from "./icons.js";
import { stateIcons } from "./states.js";
import { t } from "./words.js";

/**
 * A tile; `update(card)` shows another state of the same file.
 *
 * @param {object} card
 * @param {{onOpen: function(number), onToggle: function(number, boolean, boolean), onFocus: function(number)}} does
 */
export function tile(card, { onOpen, onToggle, onFocus }) {
  const img = el("img", { alt: "", decoding: "async", draggable: "false" });
  const box = el("input", { type: "checkbox", tabindex: "-1", "aria-label": t("overview.select", { name: card.name }) });
  const state = el("span.tag");
  const facts = el("span.facts");
  const shown = el("span.tag.shown.tile-shown");
  const bar = el("progress", { hidden: true, "aria-label": t("state.finding") });
  const slash = card.name.lastIndexOf("/") + 1;
  const name = el("span.tile-name", { title: card.name },
    slash ? el("span.folder", {}, card.name.slice(0, slash)) : null, el("span", {}, card.name.slice(slash)));
  const link = el("a.tile-link", { href: `#/file/${card.id}`, tabindex: "-1", onfocus: () => onFocus(card.id) },
    el("span.tile-picture", {}, img, shown, bar), name, el("span.tile-state", {}, state, facts));
  const root = el("li.tile", {}, link, el("label.tile-check", {}, box));
  box.addEventListener("click", (event) => onToggle(card.id, box.checked, event.shiftKey));
  link.addEventListener("click", (event) => {
    if (!(event.metaKey || event.ctrlKey || event.shiftKey)) return;
    event.preventDefault();
    onToggle(card.id, !box.checked, event.shiftKey);
  });
  link.addEventListener("dblclick", () => onOpen(card.id));

  const update = (now) => {
    state.className = `tag ${now.state}`;
    state.replaceChildren(icon(stateIcons[now.state]), t(`state.${now.state}`));
    facts.replaceChildren(...factsOf(now));
    facts.title = now.problem ? `${now.problem.problem}. ${now.problem.next_step}` : facts.textContent;
    shown.hidden = now.shown === 0;
    shown.replaceChildren(icon("eye"), t("overview.showing", { n: now.shown }));
    bar.hidden = now.progress === null;
    if (now.progress !== null) bar.value = now.progress;
  };
  update(card);
  return { root, link, img, box, update };
}

function factsOf(card) {
  if (card.still_shows) return [t("withdrawn.tag")];
  if (card.problem) return [card.problem.problem];
  if (["waiting", "finding"].includes(card.state)) return [];
  const parts = [];
  if (card.kind === "video" || card.kind === "animation") parts.push(t("overview.film"));
  if (card.to_look_at) parts.push(t("overview.look", { n: card.to_look_at }));
  else parts.push(card.tracks ? t("overview.covered", { n: card.tracks - card.shown }) : t("overview.none"));
  const all = [parts.join(", ")];
  if (card.copy_name && !card.is_current && card.state !== "exporting") all.push(` (${t("overview.outdated")})`);
  return all;
}
