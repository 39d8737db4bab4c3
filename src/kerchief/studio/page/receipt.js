// A receipt as people read it: what was done, what the check found, what may be said of it and what not.

import { button, el } from "./elements.js";
import { icon } from "./icons.js";
import { t } from "./words.js";

/** The receipt (kerchief.receipt/1) with a button that saves it as it is. `name` is what its file is called. */
export function receiptView(receipt, name) {
  const { applied, checked, output } = receipt;
  return el("article.receipt", {},
    el("p.receipt-result", {}, icon("done"), el("strong", {}, t("receipt.passed")), " ", t("receipt.found", { n: checked.sure_faces, doubtful: checked.doubtful, frames: checked.frames })),
    part("done", [
      ["covered", t("receipt.heads", { n: applied.covered })],
      ["shown", t("receipt.faces", { n: applied.shown })],
      ["style", styleOf(applied)],
      ["margin", `${t(`margin.${applied.margin}`)}: ${applied.mask_rule}`],
      ["removed", applied.removed.join(", ") || t("receipt.nothing")],
      ["changes", applied.changes.join(", ") || t("receipt.nothing")],
      ["sound", soundOf(applied.sound)],
    ]),
    part("check", [
      ["rounds", t("receipt.times", { n: checked.rounds })],
      ["added", t("receipt.heads", { n: checked.added })],
      ["doubtful", t("receipt.places", { n: checked.doubtful })],
      ["metadata", t("receipt.pieces", { n: checked.metadata_left })],
      ["networks", checked.networks.map((one) => t("receipt.network", { name: one.name, percent: Math.round(one.threshold * 100) })).join(", ")],
    ]),
    sentences("claims", receipt.claims ?? []),
    sentences("notClaimed", receipt.not_claimed),
    part("copy", [
      ["format", t("receipt.size", { format: output.format, width: output.width, height: output.height, frames: output.frames, mb: (output.size_bytes / 1e6).toFixed(1) })],
      ["digest", el("code", {}, output.sha256)],
      ["version", receipt.kerchief],
    ]),
    saver(receipt, name));
}

function styleOf({ style, erases }) {
  const colour = style.name === "solid" ? ` ${style.colour}` : "";
  return t(erases ? "receipt.erases" : "receipt.cosmetic", { style: t(`style.${style.name}`) + colour });
}

function soundOf(sound) {
  return sound ? t(`receipt.sounds.${sound.result}`, { n: sound.spans, seconds: sound.seconds }) : null;
}

function part(name, rows) {
  const told = rows.filter(([, value]) => value !== null && value !== "");
  return el("section", {}, el("h3", {}, t(`receipt.${name}`)),
    el("dl.receipt-facts", {}, ...told.flatMap(([word, value]) => [el("dt", {}, t(`receipt.what.${word}`)), el("dd", {}, value)])));
}

function sentences(name, all) {
  if (all.length === 0) return null;
  return el("section", {}, el("h3", {}, t(`receipt.${name}`)), el("ul", {}, ...all.map((one) => el("li", {}, one))));
}

function saver(receipt, name) {
  return button({
    text: t("receipt.save"),
    onclick: () => {
      const url = URL.createObjectURL(new Blob([`${JSON.stringify(receipt, null, 1)}\n`], { type: "application/json" }));
      el("a", { href: url, download: `${name}.receipt.json` }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    },
  });
}
