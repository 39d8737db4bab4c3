// Keys on the picture: they move, size and turn the selected outline or a new one, or move the picture.

import { at, moved, scaled, spun } from "./outline.js";

const PAUSE = 600; // ms after the last key, then the edit is sent: one for a run of keys, as for a drag
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const SIZES = { "+": 1.05, "=": 1.05, "-": 1 / 1.05, "_": 1 / 1.05 };
const TURNS = { "[": -5, "]": 5, "{": -1, "}": 1 };

/** Gives key(event) → whether it was one of these, flush() and isPending. */
export function strokes({ glass, lines, isDrawing, shape, pan, zoom, now: time, onMove, onAdd, onLeave }) {
  let pending = null; // {track, region, pts}: of the picture that was on screen at the first key of the run
  let drawnAt = 0;
  let timer = 0;

  function flush() {
    clearTimeout(timer);
    if (!pending) return;
    const { track, region, pts } = pending;
    pending = null;
    onMove(track, region, pts);
  }

  function key(event) {
    if (event.key === "Escape") {
      flush();
      return onLeave();
    }
    if (isDrawing()) return drawn(event);
    const region = lines.selected === null ? null : lines.regionOf(lines.selected);
    return region ? nudged(lines.selected, region, event) : looked(event);
  }

  function changed(region, { key: name, shiftKey }) {
    const step = shiftKey ? 10 : 1;
    if (ARROWS[name]) return moved(region, ARROWS[name][0] * step, ARROWS[name][1] * step, glass.picture);
    if (SIZES[name]) return scaled(region, SIZES[name]);
    return TURNS[name] ? spun(region, TURNS[name]) : null;
  }

  function nudged(track, region, event) {
    const now = changed(region, event);
    if (!now) return false;
    pending = { track, region: now, pts: pending?.pts ?? time() };
    lines.hold(track, now);
    clearTimeout(timer);
    timer = setTimeout(flush, PAUSE);
    return true;
  }

  // A new outline appears in the middle with the first key, and stays where Enter finds it.
  function drawn(event) {
    const draft = lines.held?.track === null ? lines.held.region : null;
    if (event.key === "Enter" && draft) {
      onAdd(draft, drawnAt);
      return true;
    }
    if (!draft) drawnAt = time();
    const start = () => at(shape(), glass, 64 / glass.scale, 80 / glass.scale);
    // On a large picture one pixel is too small a step to go anywhere.
    const far = Math.max(1, 4 / glass.scale);
    const arrow = ARROWS[event.key];
    if (arrow) {
      const step = far * (event.shiftKey ? 8 : 2);
      lines.hold(null, draft ? moved(draft, arrow[0] * step, arrow[1] * step, glass.picture) : start());
    } else if (event.key === "Enter") lines.hold(null, start());
    else {
      const now = changed(draft ?? start(), event);
      if (!now) return false;
      lines.hold(null, now);
    }
    return true;
  }

  function looked(event) {
    const arrow = ARROWS[event.key];
    if (arrow) pan(-arrow[0] * 80, -arrow[1] * 80);
    else if (SIZES[event.key]) zoom(SIZES[event.key] > 1 ? 1.25 : 0.8);
    else return false;
    return true;
  }

  return { key, flush, get isPending() { return pending !== null; } };
}
