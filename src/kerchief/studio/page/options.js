// Style and margin of the whole file.

import { el } from "./elements.js";
import { t } from "./words.js";

const STYLES = ["veil", "solid", "pixelate", "blur"];
const MARGINS = ["standard", "strict"];
const COSMETIC = ["pixelate", "blur"];

/** Adds the two lists; onEdit gets the edit that changes them. */
export function options(root, onEdit) {
  let view = null;
  const list = (name, values) => el("select.input", { id: `option-${name}`, onchange: change }, ...values.map((value) => el("option", { value }, t(`${name}.${value}`))));
  const style = list("style", STYLES);
  const margin = list("margin", MARGINS);
  const hint = el("p.hint", { role: "status" });
  const field = (input, name) => el("div.field", {}, el("label", { for: input.id }, t(name)), input);
  root.append(el("section.options", {}, field(style, "photo.style"), field(margin, "photo.margin"), hint));

  function change() {
    onEdit({ type: "restyle", style: { ...view.style, name: style.value }, margin: margin.value });
  }

  return {
    update(now) {
      view = now;
      style.value = now.style.name;
      margin.value = now.margin;
      hint.textContent = COSMETIC.includes(now.style.name) ? t("photo.cosmetic") : "";
      hint.hidden = hint.textContent === "";
    },
  };
}
