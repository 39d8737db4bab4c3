// Consent: asking why someone is to be shown, and saying that it is gone.

import { image } from "./api.js";
import { ask, say } from "./dialog.js";
import { button, el } from "./elements.js";
import { store } from "./store.js";
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

/** Says so if an edit of where somebody is, which led from one FileView to another, covered them again. */
export function tellCovered(before, after) {
  const shown = ({ tracks }) => tracks.filter((track) => track.action === "show").length;
  if (shown(after) < shown(before)) say(t("consent.gone"));
}
