// The page: the way in, and what is asked for as long as it is open.

import { enter, get, post } from "./door.js";
import { showFigures } from "./figures.js";
import { icon } from "./icons.js";
import { follow } from "./pictures.js";
import { draw, hearConnection, hearStatus, show } from "./stage.js";
import { language, t } from "./words.js";

const STATUS_EVERY = 1000; // ms
const LOOK_EVERY = 200; // ms: how soon a picture that got too old is taken away

function dress() {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = t(element.dataset.word);
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", t(element.dataset.label));
    if (element.matches("button")) element.title = t(element.dataset.label);
  }
  for (const element of document.querySelectorAll("[data-icon]")) element.append(icon(element.dataset.icon));
}

function say(text) {
  const box = document.getElementById("message");
  box.textContent = text;
  box.hidden = !text;
}

/** Opens the page in another window, with a link of its own. */
async function another() {
  try {
    const { url } = await post("/link", {});
    say(window.open(url, "_blank") ? "" : t("shell.blocked"));
  } catch (error) {
    say(error.message);
  }
}

function full() {
  if (document.fullscreenElement) return document.exitFullscreen();
  return document.getElementById("stage").requestFullscreen();
}

async function status() {
  if (document.hidden) return;
  try {
    const now = await get("/status", AbortSignal.timeout(STATUS_EVERY));
    hearStatus(now);
    showFigures(now.values);
  } catch {
    showFigures({});
  }
}

async function start() {
  dress();
  showFigures({});
  show();
  document.getElementById("another").addEventListener("click", another);
  document.getElementById("full").addEventListener("click", full);
  document.getElementById("full").hidden = !document.fullscreenEnabled;
  document.addEventListener("visibilitychange", show);
  setInterval(show, LOOK_EVERY);
  try {
    if (!(await enter())) return hearConnection("used");
  } catch {
    return hearConnection("unreachable");
  }
  await status();
  setInterval(status, STATUS_EVERY);
  return follow({ drawn: draw, connection: hearConnection });
}

start();
