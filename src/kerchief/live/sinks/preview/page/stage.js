// The picture, and what it is: live, veiled, or not there. A picture that is too old is taken away.

import { el } from "./elements.js";
import { icon } from "./icons.js";
import { t } from "./words.js";

/** ms for which one veiled frame counts: a word that came and went with every frame could not be read. */
const VEILED = 1000;
/** The states in which there is a picture. */
const PICTURED = ["live", "veiled"];
const marks = {
  waiting: "clock", live: "dot", veiled: "cover", silent: "warning", lost: "warning", closed: "clock",
  unreachable: "warning", ended: "refused", used: "refused",
};

const stage = document.getElementById("stage");
const canvas = document.getElementById("picture");
const ink = canvas.getContext("2d", { alpha: false });
const box = document.getElementById("state");

let came = -Infinity;
let veiled = -Infinity;
let connection = "on";
let status = null;
let shown = "";

/** Shows a picture; see `pictures.follow`. */
export function draw(bitmap, picture) {
  if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
    [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
    stage.style.setProperty("--ratio", String(bitmap.width / bitmap.height));
  }
  ink.drawImage(bitmap, 0, 0);
  came = picture.came;
  if (picture.isVeiled) veiled = picture.came;
  show();
}

/** Hears whether the server answers: "on", "unreachable", "ended", or "used" for a link. */
export function hearConnection(now) {
  connection = now;
  show();
}

/** Hears how the stream is, as the server says. */
export function hearStatus(now) {
  status = now;
  show();
}

/** Says what there is to see; to be called often, for a picture gets old by itself. */
export function show() {
  const state = stateAt(performance.now());
  if (state === shown) return;
  shown = state;
  const isPictured = PICTURED.includes(state);
  if (!isPictured) ink.clearRect(0, 0, canvas.width, canvas.height);
  canvas.hidden = !isPictured;
  stage.dataset.state = state;
  box.replaceChildren(
    el("strong.state-name", {}, icon(marks[state]), t(`state.${state}`)),
    el(state === "live" ? "span.sr-only" : "span.state-says", {}, t(`says.${state}`)),
  );
  document.title = `${t(`state.${state}`)} – ${t("shell.name")}`;
}

function stateAt(now) {
  if (connection === "ended" || connection === "used") return connection;
  const fresh = 1000 * (status?.fresh_seconds ?? 2);
  if (!document.hidden && now - came <= fresh) return now - veiled <= VEILED ? "veiled" : "live";
  if (connection !== "on") return connection;
  if (status?.values.is_lost) return "lost";
  if (status && !status.is_open) return "closed";
  return came === -Infinity ? "waiting" : "silent";
}
