// What the page knows: the files, the file that is open, and whether it is saved. Views listen; nobody else keeps a copy.

import { ApiError, get, post } from "./door.js";
import { listen } from "./stream.js";

export const store = {
  /** Cards by id, in the order of the overview. */
  files: new Map(),
  work: null,
  output: "",
  /** The FileView that is open. */
  view: null,
  /** "saved", "saving" or "failed". */
  saving: "saved",
  /** "on", "lost" or "ended". */
  connection: "on",
};

const listeners = new Map();

/**
 * Listens to "files" (all of them), "file" (a card), "work", "view" (the open file's FileView), "saving",
 * "followed" (what came of following a track), "stale" (a change was refused: the view has been loaded again), "failed" (an ApiError), "connection".
 *
 * @returns {function(): void} stops listening.
 */
export function on(type, listener) {
  if (!listeners.has(type)) listeners.set(type, new Set());
  listeners.get(type).add(listener);
  return () => listeners.get(type).delete(listener);
}

function emit(type, value) {
  for (const listener of [...(listeners.get(type) ?? [])]) listener(value);
}

function set(name, value) {
  if (store[name] === value) return;
  store[name] = value;
  emit(name, value);
}

/** Loads the overview. */
export async function refresh() {
  take(await get("/files"));
}

/** Takes an Overview that the server answered. */
export function take(overview) {
  store.files = new Map(overview.files.map((card) => [card.id, card]));
  store.output = overview.output;
  emit("files", store.files);
  set("work", overview.work);
}

/** Opens a file: loads its view. The server puts it first if nobody has looked at it yet (ApiError 425). */
export async function open(id) {
  close();
  const view = await get(`/files/${id}`);
  set("saving", pending ? "saving" : "saved");
  show(view);
  return view;
}

/** No file is open any more. */
export function close() {
  store.view = null;
}

function show(view) {
  store.view = view;
  revisions.set(view.card.id, view.revision);
  takeCard(view.card);
  emit("view", view);
  return view;
}

function takeCard(card) {
  store.files.set(card.id, card);
  emit("file", card);
}

let queue = Promise.resolve();
let pending = 0;
// Of every file that was open: what was drawn last is still sent after the page went on to another.
const revisions = new Map();

/** Makes an edit of the open file. Edits are sent one after the other; null if it was not made (listeners were told). */
export const edit = (change) => send("edits", (revision) => ({ revision, edit: change }));
export const undo = () => send("undo", (revision) => ({ revision }));
export const redo = () => send("redo", (revision) => ({ revision }));
/** Lets a track follow what is under it; the result comes as a new view. */
export const follow = (track, pts) => send("follow", (revision) => ({ revision, track, pts }));

function send(what, body) {
  const { id } = store.view.card;
  pending += 1;
  set("saving", "saving");
  const sent = queue.then(() => attempt(id, what, body));
  queue = sent.catch(() => null);
  return sent;
}

async function attempt(id, what, body) {
  try {
    const view = await post(`/files/${id}/${what}`, body(revisions.get(id)));
    done("saved");
    if (view?.revision) answered(id, view);
    return view;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    done("failed");
    if (error.status === 409) await reload(id, true).catch((lost) => emit("failed", lost));
    else emit("failed", error);
    return null;
  }
}

function answered(id, view) {
  if (store.view?.card.id === id) return show(view);
  revisions.set(id, view.revision);
  return takeCard(view.card);
}

function done(how) {
  pending -= 1;
  set("saving", pending > 0 && how === "saved" ? "saving" : how);
}

async function reload(id, isStale = false) {
  const view = await get(`/files/${id}`);
  answered(id, view);
  if (!isStale) return;
  set("saving", "saved");
  emit("stale", view);
}

/** Hears the server's events for ever. */
export const hearAll = () => listen({ hear, state });

function state(now) {
  if (now === "begun") return refresh();
  return now === "on" ? found() : set("connection", now);
}

async function found() {
  await refresh();
  if (store.view) await reload(store.view.card.id);
  set("connection", "on");
  if (pending === 0) set("saving", "saved"); // what the page shows is again what the server has
}

async function hear(event) {
  if (store.connection !== "on") await found();
  if (event.type === "work") return set("work", event.work);
  if (event.type === "followed") return emit("followed", event);
  takeCard(event.card);
  const { view } = store;
  // Our own edits come back as events too, often before their answer: that one brings the view.
  if (view?.card.id !== event.card.id || event.revision === null) return;
  if (pending === 0 && event.revision !== view.revision) await reload(view.card.id);
}
