// The shell: the way in, the bar on top, and which view is open.

import { say, sayError } from "./dialog.js";
import { ApiError, enter, post } from "./door.js";
import { el } from "./elements.js";
import { icon } from "./icons.js";
import { keys } from "./keys.js";
import { close, hearAll, on, open, refresh, store } from "./store.js";
import { withdrawn } from "./withdrawn.js";
import { duration, t } from "./words.js";

const view = document.getElementById("view");
let unmount = () => {};
let turn = 0;

/** The module of each kind of file; pages are photos that one leafs through. */
const viewers = { photo: "./photo.js", pages: "./photo.js", video: "./film.js", animation: "./film.js" };

async function go() {
  const mine = (turn += 1);
  const isCurrent = () => mine === turn;
  unmount();
  unmount = () => {};
  close();
  showSaving();
  const [, id] = /^#\/file\/(\d+)/.exec(location.hash) ?? [];
  const [path, params] = id ? await fileModule(Number(id)) : [location.hash === "#/shown" ? "./sheet.js" : "./overview.js", {}];
  if (!isCurrent()) return;
  try {
    const module = await import(path);
    if (!isCurrent()) return;
    view.replaceChildren();
    place(id ? store.files.get(Number(id))?.name : null);
    unmount = module.mount(view, params);
  } catch (error) {
    console.error(error);
    view.replaceChildren(el("p.empty", {}, t("shell.broken")));
  }
  if (document.activeElement === document.body || document.activeElement === null) view.focus({ preventScroll: true });
}

async function fileModule(id) {
  try {
    const file = await open(id);
    return [viewers[file.card.kind] ?? "./waiting.js", { id, view: file }];
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return ["./waiting.js", { id, problem: error.status === 425 ? null : error.problem, retry: go }];
  }
}

function place(name) {
  document.getElementById("place").replaceChildren(...(name ? [el("span.place-name", { title: name }, name)] : []));
  document.title = name ? `${name} – ${t("shell.name")}` : t("shell.name");
}

function showSaving() {
  const box = document.getElementById("saving");
  const { saving, view: file } = store;
  box.className = `saving ${saving}`;
  const marks = { saved: "check", saving: "clock", failed: "warning" };
  box.replaceChildren(...(file ? [icon(marks[saving]), el("span", {}, t(`shell.${saving}`))] : []));
}

function showWork() {
  const { work } = store;
  if (!work) return;
  const isFinding = work.waiting > 0;
  const busy = isFinding || work.exporting > 0;
  const text = isFinding ? t("work.finding", work) : work.exporting ? t("work.exporting", { n: work.exporting }) : "";
  const left = busy && work.seconds_left !== null ? t("work.left", { time: duration(work.seconds_left) }) : "";
  document.getElementById("work").replaceChildren(...(busy ? [
    el("progress", { max: work.total, value: isFinding ? work.done : null, "aria-label": text }),
    el("span", {}, text), el("span.muted", {}, left),
  ] : []));
}

function showConnection(state) {
  const box = document.getElementById("lost");
  box.hidden = state === "on";
  document.body.classList.toggle("is-lost", state !== "on");
  box.replaceChildren(...(state === "on" ? [] : [icon("warning"), el("p", {}, t(`shell.${state}`))]));
  if (state === "on") say(t("shell.back"));
}

function dress() {
  document.documentElement.lang = t("shell.language");
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = t(element.dataset.word);
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", t(element.dataset.label));
    element.title = t(element.dataset.label);
  }
  for (const element of document.querySelectorAll("[data-icon]")) element.append(icon(element.dataset.icon));
}

/** Opens the review in another window, with a link of its own. */
async function another() {
  try {
    const { url } = await post("/link", {});
    if (!window.open(url, "_blank")) say(t("shell.blocked"), "warning");
  } catch (error) {
    sayError(error);
  }
}

async function start() {
  dress();
  document.getElementById("help").addEventListener("click", keys.help);
  document.getElementById("another").addEventListener("click", another);
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    view.focus();
  });
  view.replaceChildren(el("p.empty", {}, t("shell.loading")));
  on("saving", showSaving);
  on("view", showSaving);
  on("work", showWork);
  on("connection", showConnection);
  on("stale", () => say(t("shell.stale"), "warning"));
  on("failed", (error) => sayError(error));
  withdrawn(document.getElementById("withdrawn"));
  keys.bind({ w: ["keys.another", another], "?": ["keys.help", keys.help] });
  try {
    if (!(await enter())) return view.replaceChildren(el("p.empty", {}, t("shell.used")));
    await refresh();
  } catch (error) {
    return view.replaceChildren(el("p.empty", {}, error.status === 401 ? t("shell.ended") : t("shell.lost")));
  }
  addEventListener("hashchange", go);
  hearAll();
  await go();
}

start();
