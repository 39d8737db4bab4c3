// What to look at first: the thing that is selected, what is doubtful about it, and what one can say to that.

import { button, el } from "./elements.js";
import { icon } from "./icons.js";
import { toLookAt } from "./look.js";
import { t } from "./words.js";

/** Adds the guide; update(view, selected track id) shows where one is. */
export function guide(root, { onStep, onConfirm, onShow, onRemove }) {
  const left = el("p.left", { role: "status" });
  const what = el("div.guide-what");
  const confirm = button({ text: t("photo.confirm"), label: t("photo.confirmHint"), mark: "check", kind: "primary", onclick: onConfirm });
  const show = button({ text: t("photo.show"), mark: "eye", kind: "shown", onclick: onShow });
  const remove = button({ text: t("photo.remove"), mark: "trash", kind: "danger", onclick: onRemove });
  root.append(el("section.guide", {},
    el("div.guide-head", {},
      button({ label: t("photo.previous"), mark: "previous", onclick: () => onStep(-1) }), left,
      button({ label: t("photo.next"), mark: "next", onclick: () => onStep(1) })),
    what, el("div.guide-acts", {}, confirm, show, remove)));

  return {
    update(view, selected) {
      const n = toLookAt(view).length;
      left.textContent = n ? t("photo.left", { n }) : t("photo.nothing");
      const track = view.tracks.find((one) => one.id === selected);
      for (const one of [confirm, show, remove]) one.disabled = !track;
      what.replaceChildren(...(track ? describe(track) : [el("p.muted", {}, t("photo.nothingSelected"))]));
    },
  };
}

function describe(track) {
  const isShown = track.action === "show";
  const tags = isShown
    ? [el("span.tag.shown", {}, icon("eye"), t("viewer.shown"))]
    : [el("span.tag.covered", {}, icon("cover"), t("viewer.covered")),
      ...track.doubts.map((doubt) => el("span.tag.doubtful", {}, icon("question"), t(`doubt.${doubt}`)))];
  return [el("h2", {}, t(`kind.${track.kind}`)), el("div.guide-doubts", {}, ...tags), isShown ? el("p.muted", {}, track.reason) : null].filter(Boolean);
}
