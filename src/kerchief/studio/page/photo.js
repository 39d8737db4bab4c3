// Review of a photo, or of the pages of a document: the picture, what to look at first, and everyone in it.

import { askToShow, tellCovered } from "./consent.js";
import { say, sayError } from "./dialog.js";
import { get } from "./door.js";
import { el } from "./elements.js";
import { exportFiles } from "./exporting.js";
import { guide } from "./guide.js";
import { keys } from "./keys.js";
import { nextFile, nextTrack, toLookAt } from "./look.js";
import { options } from "./options.js";
import { people } from "./people.js";
import { mayRemove } from "./removing.js";
import { edit, on, redo, undo } from "./store.js";
import { toolbar } from "./toolbar.js";
import { viewer } from "./viewer.js";
import { t } from "./words.js";

// Kept from file to file: whoever compares with the original goes on doing so.
let shownView = "original";
// Set when one file led to the next: its first thing is selected at once.
let comesFrom = 0;

/** Shows a photo. */
export function mount(root, { id, view: first }) {
  let view = first;
  let selected = null;
  let page = 0;
  let seen = 0; // the page whose picture is on screen: the next one may still be on its way
  let asked = 0;
  let places = null;
  let isGone = false;

  const main = el("div.photo-main");
  const side = el("aside.photo-side", { "aria-label": t("photo.panel") });
  root.append(el("h1.sr-only", {}, t("photo.title", { name: view.card.name })), el("div.photo", {}, main, side));
  const bar = toolbar(main, {
    onView: setShown, onTool: setTool, onUndo: () => step(undo), onRedo: () => step(redo), onPage: turnPage,
    onExport: () => exportFiles([id]),
  });
  const pane = viewer(main, {
    onAdd: add,
    onMove: (track, region, pts) => change({ type: "move", track, pts, region }),
    onSelect: (track) => select(track),
    onShownPts: ({ pts }) => { seen = pts; },
    now: () => seen,
    onTool: (name) => bar.tool(name),
  });
  const lead = guide(side, { onStep: go });
  const peopleBox = side.appendChild(el("div.photo-people"));
  const list = people(peopleBox, { onSelect: (track) => { select(track); find(track); }, onEdit: decide, now: () => page });
  const style = options(side, change);

  async function draw() {
    const mine = (asked += 1);
    const { card, revision } = view;
    pane.setPicture({ id, pts: page, view: shownView, width: card.width, height: card.height, revision });
    bar.update(view, { shownView, page });
    lead.update(view, selected);
    list.set(view);
    style.update(view);
    try {
      const now = await get(`/files/${id}/regions?pts=${page}`);
      if (mine !== asked || isGone) return;
      places = now;
      showPlaces();
    } catch (error) {
      if (!isGone) sayError(error);
    }
  }

  function showPlaces() {
    if (places) pane.setPlaces(places, new Map(view.tracks.map((track) => [track.id, track])));
  }

  function select(track) {
    if (selected === track) return;
    selected = track;
    pane.select(track);
    list.select(track);
    lead.update(view, selected);
  }

  /** Brings a track into sight, large enough to judge it. */
  async function find(track) {
    const one = view.tracks.find((each) => each.id === track);
    if (one && view.frames > 1 && (page < one.first || page > one.last)) {
      pane.flush();
      page = one.at;
      await draw();
    }
    const region = pane.regionOf(track);
    if (region) pane.zoomTo(region);
  }

  async function go(by) {
    pane.flush();
    const track = nextTrack(view, selected, by);
    if (track) return choose(track.id);
    const file = nextFile(id, by);
    if (file === null) return end();
    comesFrom = by;
    location.hash = `#/file/${file}`;
  }

  async function choose(track) {
    select(track);
    await find(track);
    pane.focus(track);
  }

  function end() {
    select(null);
    pane.fit();
    say(t(view.card.to_look_at ? "photo.done" : "photo.doneAll"));
  }

  /** It is right as it is: cover it, then the next thing; where nothing is left, the next file. */
  async function confirm() {
    const track = view.tracks.find((one) => one.id === selected);
    if (!track) return go(1);
    const next = nextTrack(view, selected, 1) ?? nextTrack(view, null, 1);
    if (track.by !== "person" || track.action === "show") {
      if ((await change({ type: "cover", tracks: [track.id] })) === null) return;
    }
    if (isGone) return;
    if (next && next.id !== track.id && view.tracks.some((one) => one.id === next.id)) return choose(next.id);
    await go(1);
  }

  async function show() {
    const track = view.tracks.find((one) => one.id === selected);
    if (!track) return;
    const given = await askToShow(track, { file: id });
    if (given) await change({ type: "show", track: track.id, ...given });
  }

  async function remove() {
    const track = view.tracks.find((one) => one.id === selected);
    if (!track || !(await mayRemove(track)) || isGone) return;
    // Whoever steps through what is doubtful goes on; whoever deletes an outline of their own stays there.
    const isStep = toLookAt(view).some((one) => one.id === track.id);
    const next = isStep ? nextTrack(view, track.id, 1) : null;
    if ((await change({ type: "remove", track: track.id })) === null || isGone) return;
    say(t("photo.removed"));
    if (next && view.tracks.some((one) => one.id === next.id)) await choose(next.id);
    else pane.focus(null);
  }

  /** An edit from the list of people: the same as by key where there is a key for it. */
  function decide(what) {
    if (what.type === "cover" && what.tracks.length === 1 && what.tracks[0] === selected) return confirm();
    if (what.type === "remove" && what.track === selected) return remove();
    return change(what);
  }

  async function add(region, pts) {
    const before = new Set(view.tracks.map((track) => track.id));
    if ((await change({ type: "add", pts, region })) === null || isGone) return;
    const added = view.tracks.find((track) => !before.has(track.id));
    await drawn;
    if (added) {
      select(added.id);
      pane.focus(added.id);
    }
  }

  async function change(what) {
    if (what.type !== "move") pane.flush();
    const before = view;
    const done = await edit(what);
    if (done !== null && what.type === "move") tellCovered(before, done);
    // Not made: what was drawn goes back to where the server last said it is.
    if (done === null && !isGone) showPlaces();
    return done;
  }

  function step(how) {
    pane.flush();
    return how();
  }

  function setShown(now) {
    pane.flush();
    shownView = now;
    drawn = draw();
  }

  function setTool(name) {
    pane.tool(name);
    bar.tool(name);
  }

  function turnPage(by) {
    const last = view.frames - 1;
    if (view.card.kind !== "pages" || page + by < 0 || page + by > last) return;
    pane.flush();
    page += by;
    pane.setPlaces({ places: [] }, new Map(view.tracks.map((track) => [track.id, track])));
    drawn = draw();
  }

  function leave() {
    if (!pane.leave()) location.hash = "#/";
  }

  const nudge = (event) => pane.key(event);
  const ends = [
    on("view", (now) => {
      if (now.card.id !== id) return;
      view = now;
      if (selected !== null && !view.tracks.some((track) => track.id === selected)) select(null);
      drawn = draw();
    }),
    keys.bind({
      n: ["keys.next", () => go(1)],
      p: ["keys.previous", () => go(-1)],
      enter: ["keys.confirm", confirm],
      s: ["keys.show", show],
      delete: ["keys.remove", remove],
      backspace: ["keys.remove", remove, ""],
      d: ["keys.ellipse", () => setTool("draw-ellipse")],
      b: ["keys.box", () => setTool("draw-box")],
      o: ["keys.toggle", () => setShown(shownView === "original" ? "covered" : "original")],
      z: ["keys.undo", () => step(undo)],
      "shift+z": ["keys.redo", () => step(redo)],
      arrowleft: ["keys.nudge", nudge, t("keys.arrows")],
      ...Object.fromEntries(["arrowright", "arrowup", "arrowdown"].flatMap((key) => [[key, ["keys.nudge", nudge, ""]],
        [`shift+${key}`, ["keys.nudge", nudge, ""]]])),
      "shift+arrowleft": ["keys.nudge", nudge, ""],
      "+": ["keys.size", nudge, t("keys.sizeKeys")],
      "=": ["keys.size", nudge, ""],
      "-": ["keys.size", nudge, ""],
      "[": ["keys.turn", nudge, t("keys.turnKeys")],
      "]": ["keys.turn", nudge, ""],
      0: ["keys.fit", () => pane.fit()],
      1: ["keys.full", () => pane.full()],
      ...(view.card.kind === "pages" ? {
        ",": ["keys.pages", () => turnPage(-1), t("keys.pageKeys")],
        ".": ["keys.pages", () => turnPage(1), ""],
      } : {}),
      g: ["keys.export", () => exportFiles([id])],
      escape: ["keys.back", leave],
    }),
  ];

  let drawn = draw();
  const wanted = new URLSearchParams(location.hash.split("?")[1]).get("track");
  if (view.tracks.some((track) => track.id === wanted)) drawn.then(() => !isGone && choose(wanted));
  else if (comesFrom) drawn.then(() => !isGone && go(comesFrom)).finally(() => { comesFrom = 0; });

  return () => {
    // What was nudged last is sent while the file is still the open one: the store asks for it at once.
    isGone = true;
    pane.destroy();
    list.destroy();
    ends.forEach((off) => off());
  };
}
