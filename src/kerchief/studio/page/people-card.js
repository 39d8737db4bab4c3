// The card of one track: its face, what is known of it, and what can be done with it.

import { button, el } from "./elements.js";
import { icon } from "./icons.js";
import { stateOf } from "./lanes.js";
import { nameOf, spanOf } from "./track-words.js";
import { doubts, t } from "./words.js";

const marks = { covered: "cover", shown: "eye", doubtful: "question" };

/** Which actions a track has, and which of them are possible at a time; those about time only in films. */
export function actionsOf(track, view, now) {
  const state = stateOf(track);
  const isHere = track.first <= now && now <= track.last;
  const film = view.length > 0;
  return [
    { act: "confirm", mark: state === "shown" ? "cover" : "check", word: state === "shown" ? "cover" : "confirm", isMain: state !== "covered", is: true },
    { act: "show", mark: "eye", word: state === "shown" ? "reason" : "show", is: true },
    { act: "split", mark: "split", word: "split", is: track.first < now && now <= track.last, film: true },
    { act: "extend", mark: "extend", word: "extend", is: !isHere, film: true },
    { act: "follow", mark: "follow", word: "follow", is: isHere, film: true, isOut: view.card.kind !== "video" },
    { act: "remove", mark: "trash", word: "remove", kind: "danger", is: true },
  ].filter((each) => (film || !each.film) && !each.isOut).filter((each) => each.act !== "confirm" || each.isMain || track.by !== "person");
}

/** A list item. `told`: {onPick, onTick, onAct(act)}; `is`: {selected, ticked}. */
export function card(track, view, now, is, told) {
  const state = stateOf(track);
  const face = el("img.face", { alt: "", draggable: "false" });
  const tick = view.length > 0
    ? el("label.person-tick", { title: t("people.tick", { name: nameOf(track) }) },
      el("input", { type: "checkbox", "data-act": "tick", "aria-label": t("people.tick", { name: nameOf(track) }), onchange: told.onTick }))
    : null;
  if (tick) tick.firstChild.checked = is.ticked;
  const pick = el("button.person-pick", { type: "button", "data-act": "pick", "aria-pressed": String(is.selected), onclick: told.onPick },
    face, el("span.person-words", {},
      el("span.person-name", {}, nameOf(track), " ", el("span.muted", {}, spanOf(track, view))),
      el(`span.tag.${state}`, {}, icon(marks[state]), t(`people.${state}`)),
      el("span.person-why", {}, why(track, state))));
  const node = el(`li.person.${state}`, { "data-track": track.id }, el("div.person-row", {}, pick, tick),
    is.selected ? actions(track, view, now, told) : null);
  return { node, face };
}

function why(track, state) {
  if (state === "shown") return track.note ? t("people.because", { reason: track.reason, note: track.note }) : track.reason;
  if (state === "doubtful") return doubts(track);
  if (track.by === "person") return t("people.byPerson");
  return track.score === null ? "" : t("people.score", { score: Math.round(track.score * 100), n: track.seen ?? 0 });
}

function actions(track, view, now, told) {
  return el("div.person-actions", { role: "group", "aria-label": t("people.actions", { name: nameOf(track) }) },
    ...actionsOf(track, view, now).map(({ act, mark, word, kind = "", isMain, is }) => button({
      text: t(`people.${word}`),
      mark,
      kind: isMain ? "primary" : kind,
      label: t(`people.${word}Hint`),
      "data-act": act,
      disabled: !is,
      onclick: () => told.onAct(act),
    })), stateOf(track) === "shown" ? el("p.hint", {}, t("people.placeHint")) : null);
}
