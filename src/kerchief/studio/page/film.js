// A film under review: the picture, how it plays, the timeline and the people, held together.

import { tellCovered } from "./consent.js";
import { say, sayProblem } from "./dialog.js";
import { get } from "./door.js";
import { el } from "./elements.js";
import { exportFiles } from "./exporting.js";
import { banner, playBar, viewBar } from "./film-bars.js";
import { filmKeys } from "./film-keys.js";
import { follower } from "./follow.js";
import { frames, newest } from "./frames.js";
import { nextDoubtful } from "./lanes.js";
import { nextFile } from "./look.js";
import { options } from "./options.js";
import { people } from "./people.js";
import { player } from "./player.js";
import { mayRemove } from "./removing.js";
import { screen } from "./screen.js";
import { edit, on, redo, undo } from "./store.js";
import { timeline } from "./timeline.js";
import { secondsPerUnit } from "./track-words.js";
import { viewer } from "./viewer.js";
import { t } from "./words.js";

// Kept from film to film: whoever compares with the original goes on doing so.
let look = "original";
const SMALL = 48; // CSS pixels: what is less high is shown larger when one goes to it

/** Shows the film in `root`; answers how to take it away. */
export function mount(root, { id, view: opened }) {
  let file = opened;
  const seconds = secondsPerUnit(file);
  const usual = Math.max(1, Math.round(file.length / Math.max(1, file.frames)));
  let asked = 0; // the time that is to be on screen
  let frame = { pts: 0, duration: usual }; // and what is
  let closer = null; // a track that was gone to, until its outline is here
  let isForKeys = false; // and whether its outline is to have the focus then
  let selected = null;
  let isMounted = true;

  const stage = el("div.film-stage");
  const main = el("div.film-main");
  const side = el("aside.film-side", { "aria-label": t("people.title") });
  root.append(el("h1.sr-only", {}, t("film.title", { name: file.card.name })), el("div.film", {}, main, side));
  const bar = viewBar(main, { onLook: setLook, onTool: setTool, onUndo: () => own(undo), onRedo: () => own(redo), onJump: jump, onExport: () => exportFiles([id]) });
  main.append(stage);
  const glass = viewer(stage, { onAdd: add, onMove: move, onSelect: select, onTool: (name) => bar.tool(name), onShownPts: arrived, now: () => frame.pts });
  const moving = screen(stage, glass.glass, () => look === "split" && !playing.isPlaying && compare(asked));
  const line = banner(stage);
  const controls = playBar(main, { secondsPerUnit: seconds, length: file.length }, {
    onPlay: toggle, onStep: step, onZoom: (factor) => times.zoom(factor), onFit: () => times.fit(),
  });
  const times = timeline(main, {
    length: file.length, frame: usual, secondsPerUnit: seconds, onSeek: seek, onStep: step, onSelect: (track) => goTo(track),
  });
  const list = people(side, { onSelect: (track) => goTo(track), onEdit: change, onFollow: (track) => following.start(track), now: () => frame.pts });
  const style = options(side, change);
  const following = follower(line, () => frame.pts, seek);
  const cache = frames(id, moving.size);
  const playing = player({
    length: file.length,
    secondsPerUnit: seconds,
    fetch: (pts) => cache.shown(pts, look),
    paint,
    onPlaying: (isPlaying) => {
      controls.playing(isPlaying);
      if (!isPlaying && isMounted) rest(frame.pts);
    },
    onPace: controls.pace,
    onProblem: (error) => sayProblem(error.problem ?? { problem: error.message }),
  });

  const byId = () => new Map(file.tracks.map((track) => [track.id, track]));

  /** Makes an edit, an undo or a redo, after what was nudged was sent. */
  async function own(make) {
    glass.flush();
    const view = await make();
    if (!view) outline(asked); // not made: what was drawn goes back to where the server last said it is
    return view;
  }

  function paint(shown) {
    moving.show(shown.after, shown.before);
    passed(shown);
  }

  function passed({ pts, duration }) {
    frame = { pts, duration: duration || usual };
    asked = pts;
    times.at(pts);
    controls.at(pts);
    list.at();
  }

  function toggle() {
    glass.flush();
    if (playing.isPlaying) return playing.stop();
    following.moved();
    return playing.play(asked >= file.length - usual ? 0 : asked);
  }

  function seek(pts) {
    glass.flush(); // it was meant for the frame that is still on screen
    const wasFar = Math.abs(pts - frame.pts) * seconds > 1;
    asked = Math.max(0, Math.min(file.length - 1, Math.round(pts)));
    following.moved();
    if (playing.isPlaying) return playing.play(asked);
    times.at(asked);
    controls.at(asked);
    if (wasFar) glass.setPlaces({ places: [] }, byId());
    return rest(asked);
  }

  function step(by) {
    glass.flush();
    playing.stop();
    // While a frame is still on its way, the next one lies as far from it as frames usually do.
    const isThere = asked >= frame.pts && asked < frame.pts + frame.duration;
    if (by > 0) return seek(isThere ? frame.pts + frame.duration : asked + frame.duration);
    return seek(isThere ? frame.pts - 1 : asked - frame.duration);
  }

  /** The film stands still at a time: the viewer shows it, with its outlines, as fine as it is. */
  function rest(pts) {
    if (look === "split") return compare(pts);
    const { width, height } = file.card;
    glass.setPicture({ id, pts, view: look, width, height, revision: file.revision });
    return outline(pts);
  }

  const compare = newest(async (pts) => {
    try {
      const shown = await cache.shown(pts, look);
      if (isMounted && look === "split" && !playing.isPlaying) paint(shown);
    } catch (error) {
      sayProblem(error.problem ?? { problem: error.message });
    }
  });

  /** The viewer shows what it was asked for. */
  function arrived({ pts, duration }) {
    if (playing.isPlaying || look === "split") return;
    moving.hide();
    const isAsked = pts <= asked && asked < pts + (duration || usual);
    const isBetween = isAsked && pts !== asked; // asked for a time within the frame: its outlines are those of its begin
    if (isAsked) passed({ pts, duration });
    else frame = { pts, duration: duration || usual };
    if (isBetween) outline(pts);
  }

  const outline = newest(async (pts) => {
    try {
      const places = await get(`/files/${id}/regions?pts=${pts}`);
      if (!isMounted || pts !== asked) return;
      glass.setPlaces(places, byId());
      approach();
    } catch (error) {
      if (error.problem) sayProblem(error.problem);
    }
  });

  /** Whoever is gone to is shown large enough to be judged; after that, the whole picture again. */
  function approach() {
    const region = closer === null ? null : glass.regionOf(closer);
    if (!region) return;
    if (isForKeys && closer === selected) glass.focus(closer);
    [closer, isForKeys] = [null, false];
    const { least, isFitted } = glass.glass;
    if (region.height * least < SMALL) glass.zoomTo(region);
    else if (!isFitted) glass.fit();
  }

  function setLook(name) {
    glass.flush();
    look = name;
    bar.look(name);
    if (playing.isPlaying) return playing.play(asked);
    moving.hide();
    return rest(asked);
  }

  function setTool(name) {
    if (name !== "select") {
      playing.stop();
      if (look === "split") setLook("original");
    }
    bar.tool(name);
    glass.tool(name);
  }

  function select(track) {
    if (track === selected) return;
    selected = track;
    glass.select(track);
    times.select(track);
    list.select(track);
    mark();
  }

  /** Selects a track and goes where it is largest. */
  function goTo(track, withFocus = false) {
    isForKeys = withFocus;
    playing.stop();
    select(track);
    const found = file.tracks.find((each) => each.id === track);
    if (!found) return;
    closer = track;
    seek(found.at);
  }

  const keyframes = newest(async (track) => {
    const found = await get(`/files/${id}/tracks/${track}/keyframes`).catch(() => ({ times: [] }));
    if (isMounted && track === selected) times.keyframes(found.times);
  });
  const mark = () => selected !== null && keyframes(selected);

  function jump(by) {
    const next = nextDoubtful(file.tracks, selected, frame.pts, by);
    if (next) return goTo(next.id, true);
    const other = nextFile(id, by);
    if (other !== null && other !== id) {
      location.hash = `#/file/${other}`;
      return null;
    }
    return say(t(file.card.to_look_at ? (by > 0 ? "film.last" : "film.first") : "photo.doneAll"));
  }

  /** Makes an edit; what was doubtful and is decided now gives way to the next. */
  async function change(wanted) {
    const track = file.tracks.find((each) => each.id === (wanted.track ?? wanted.tracks?.[0]));
    if (wanted.type === "remove" && track && !(await mayRemove(track))) return null;
    const before = file;
    const next = wanted.type === "cover" || wanted.type === "remove" ? nextDoubtful(file.tracks, track?.id, frame.pts, 1) : null;
    const done = await own(() => edit(wanted));
    if (!done || !isMounted) return null;
    if (wanted.type === "cover" && track?.action === "show") say(t(file.card.copy_name ? "sheet.coveredAnew" : "sheet.covered"));
    if (wanted.type === "extend" || wanted.type === "merge") tellCovered(before, done);
    if (wanted.type === "remove") {
      say(t("photo.removed"));
      select(null);
    }
    if (track?.doubts.length && next) goTo(next.id);
    return done;
  }

  async function add(region, pts) {
    setTool("select");
    const known = new Set(file.tracks.map((track) => track.id));
    const done = await own(() => edit({ type: "add", pts, region, kind: "manual" }));
    const made = done?.tracks.find((track) => !known.has(track.id));
    if (!made || !isMounted) return;
    select(made.id);
    if (file.card.kind === "video") following.offer(made.id);
  }

  async function move(track, region, pts) {
    const before = file;
    const view = await edit({ type: "move", track, pts, region });
    if (!view) return isMounted && outline(asked);
    return tellCovered(before, view);
  }

  function take(view) {
    if (view.card.id !== id) return;
    const isNew = view.revision !== file.revision;
    file = view;
    bar.set(file);
    times.set(file.tracks);
    list.set(file);
    style.update(file);
    if (!isNew) return;
    cache.forget("covered");
    if (selected !== null && !file.tracks.some((track) => track.id === selected)) select(null);
    mark();
    if (!playing.isPlaying) rest(asked);
  }

  const ends = [
    on("view", take),
    on("file", (card) => { if (card.id === id) bar.set({ ...file, card }); }),
    filmKeys({
      jump, step, toggle, undo: () => own(undo), redo: () => own(redo),
      act: (act) => (selected === null ? say(t("film.pick")) : list.act(act)),
      merge: () => list.merge() || say(t("film.tick")),
      tool: setTool,
      look: () => setLook(look === "original" ? "covered" : "original"),
      compare: () => setLook(look === "split" ? "covered" : "split"),
      seconds: (by) => seek(asked + by / seconds),
      fit: glass.fit,
      full: glass.full,
      nudge: glass.key,
      export: () => exportFiles([id]),
      back: () => {
        if (!glass.leave()) location.hash = "#/";
      },
    }),
  ];
  bar.look(look);
  bar.tool("select");
  controls.at(0);
  take(opened);
  const wanted = new URLSearchParams(location.hash.split("?")[1]).get("track");
  const first = file.tracks.some((track) => track.id === wanted) ? wanted : nextDoubtful(file.tracks, null, 0, 1)?.id;
  if (first) goTo(first);
  else rest(0);

  return () => {
    isMounted = false;
    playing.stop();
    ends.forEach((end) => end());
    for (const part of [following, list, times, moving, glass]) part.destroy();
    cache.forget();
  };
}
