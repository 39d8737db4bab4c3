// The run's status in figures: the five that matter, and the rest below.

import { el } from "./elements.js";
import { language, nameOf, t } from "./words.js";

const FIRST = ["people", "fps", "delay_ms", "late", "veiled_s"];
/** What the state says already. */
const STATES = ["is_lost"];

const format = (options) => {
  const numbers = new Intl.NumberFormat(language, options);
  return (value) => numbers.format(value);
};
const plain = format({ maximumFractionDigits: 2 });
const formats = {
  fps: format({ minimumFractionDigits: 1, maximumFractionDigits: 1 }),
  delay_ms: (value) => t("figures.milliseconds", { value: Math.round(value) }),
  veiled_s: (value) => t("figures.seconds", { value }),
  scale: format({ style: "percent", maximumFractionDigits: 0 }),
};

const shown = (key, value) => (typeof value === "number" ? (formats[key] ?? plain)(value) : String(value ?? t("figures.unknown")));
const row = (key, value) => el("div.figure", {}, el("dt", {}, nameOf(key)), el("dd", {}, shown(key, value)));

/** Shows the values of a status; without any, that they are not known. */
export function showFigures(values) {
  const others = Object.keys(values).filter((key) => !FIRST.includes(key) && !STATES.includes(key));
  document.getElementById("figures").replaceChildren(...FIRST.map((key) => row(key, values[key])));
  document.getElementById("more-figures").replaceChildren(...others.map((key) => row(key, values[key])));
  document.getElementById("more").hidden = others.length === 0;
}
