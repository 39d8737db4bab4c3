// Where one is in what is to be looked at, with the way to the next and to the one before.

import { button, el } from "./elements.js";
import { toLookAt } from "./look.js";
import { t } from "./words.js";

/** Adds the guide; update(view, selected track id) shows where one is. */
export function guide(root, { onStep }) {
  const left = el("p.left", { role: "status" });
  const hint = el("p.muted", {}, t("photo.nothingSelected"));
  root.append(el("section.guide", {},
    el("div.guide-head", {},
      button({ label: t("photo.previous"), mark: "previous", onclick: () => onStep(-1) }), left,
      button({ label: t("photo.next"), mark: "next", onclick: () => onStep(1) })), hint));

  return {
    update(view, selected) {
      const n = toLookAt(view).length;
      left.textContent = n ? t("photo.left", { n }) : t("photo.nothing");
      hint.hidden = selected !== null;
    },
  };
}
