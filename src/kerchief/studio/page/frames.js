// Frames of one film as pictures that can be drawn, asked for by time and kept while they are near.

import { picture } from "./api.js";

const KEPT = 40; // pictures of at most the stage's size; 40 of 1280 × 720 are 150 MB decoded

async function decoded(path) {
  const got = await picture(path);
  return { bitmap: await createImageBitmap(got.blob), pts: got.pts, duration: got.duration, revision: got.revision };
}

/** Frames of a file: {bitmap, pts, duration, revision}. `size()` says how large pictures need to be. */
export function frames(id, size) {
  const kept = new Map(); // "view pts across" → {view, across, asked, promise, frame}; the oldest comes first

  function known(pts, view) {
    const { across } = size();
    for (const entry of kept.values()) {
      if (entry.view !== view || entry.across < across) continue;
      const { frame, asked } = entry;
      if (asked === pts || (frame && frame.pts <= pts && pts < frame.pts + frame.duration)) return entry;
    }
    return null;
  }

  function drop(key) {
    const entry = kept.get(key);
    kept.delete(key);
    entry.promise.then((frame) => frame.bitmap.close(), () => {});
  }

  function ask(pts, view) {
    const { across, down } = size();
    const query = new URLSearchParams({ pts, view, across, down });
    const key = `${view} ${pts} ${across}`;
    const entry = { view, across, asked: pts, frame: null, promise: decoded(`/files/${id}/frame?${query}`) };
    entry.promise.then((frame) => { entry.frame = frame; }, () => { if (kept.get(key) === entry) kept.delete(key); });
    kept.set(key, entry);
    if (kept.size > KEPT) drop(kept.keys().next().value);
    return entry;
  }

  function at(pts, view) {
    const whole = Math.round(pts);
    return (known(whole, view) ?? ask(whole, view)).promise;
  }

  return {
    /** What a look shows at a time: {after, before, pts, duration}; `before` is the original where both are compared. */
    async shown(pts, look) {
      const [after, before] = look === "split" ? await Promise.all([at(pts, "covered"), at(pts, "original")]) : [await at(pts, look), null];
      return { after, before, pts: after.pts, duration: after.duration };
    },
    /** After an edit covered pictures are no longer true; after a change of size none is sharp. */
    forget(view = null) {
      for (const [key, entry] of [...kept]) if (view === null || entry.view === view) drop(key);
    },
  };
}

/** Runs `work(newest)` one at a time; what was asked for in between and is no longer the newest is left out. */
export function newest(work) {
  let waiting = null;
  let running = false;
  return async function ask(value) {
    waiting = { value };
    if (running) return;
    running = true;
    while (waiting) {
      const { value: next } = waiting;
      waiting = null;
      await work(next);
    }
    running = false;
  };
}
