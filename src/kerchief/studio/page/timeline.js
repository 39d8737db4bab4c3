// The timeline of a film: a slider over its time, with a lane for each track. Only the lanes in sight are drawn.

import { LEAST_SPAN, clock, moved, ordered, overview, scaleOf, stateOf, zoomed } from "./lanes.js";
import { el } from "./elements.js";
import { HEAD, STRIP, draw, inks } from "./timeline-draw.js";
import { t } from "./words.js";

const SIGHT_S = 120; // seconds of the film that are in sight at first; all of it is in the strip

/**
 * A timeline in `root`. Tells `onSeek(pts)`, `onStep(±1)` and `onSelect(track id or null)`.
 * Times are pts; `frame` is how long a usual frame is, `secondsPerUnit` what one unit of pts is.
 */
export function timeline(root, { length, frame, secondsPerUnit, onSeek, onStep, onSelect }) {
  const canvas = el("canvas.timeline-canvas", { "aria-hidden": "true" });
  const room = el("div.timeline-room");
  const host = el(
    "div.timeline",
    {
      role: "slider",
      tabindex: "0",
      "aria-label": t("time.label"),
      "aria-orientation": "horizontal",
      "aria-valuemin": "0",
      "aria-valuemax": String(length),
    },
    canvas,
    room,
  );
  root.append(host);
  const context = canvas.getContext("2d");
  const lane = matchMedia("(pointer: coarse)").matches ? 36 : 24;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const least = LEAST_SPAN * frame;
  let ink = inks(host);
  let [width, height] = [0, 0];
  let scale = scaleOf(0, Math.min(length, SIGHT_S / secondsPerUnit), 1);
  let [tracks, rows, columns, keyframes] = [[], [], new Uint8Array(0), []]; // rows: the tracks that are in sight at this zoom
  let [selected, pts] = [null, 0];
  let [asked, told] = [0, 0];

  function redraw() {
    asked ||= requestAnimationFrame(() => {
      asked = 0;
      const what = { scale, length, seconds: secondsPerUnit, tracks: rows, columns, selected, keyframes, pts, lane };
      draw(context, width, height, ink, { ...what, scrolled: host.scrollTop });
    });
  }

  function measure() {
    [width, height] = [host.clientWidth, host.clientHeight];
    const dots = devicePixelRatio || 1;
    canvas.width = Math.round(width * dots);
    canvas.height = Math.round(height * dots);
    canvas.style.setProperty("width", `${width}px`);
    canvas.style.setProperty("height", `${height}px`);
    context.setTransform(dots, 0, 0, dots, 0, 0);
    scale = scaleOf(scale.start, scale.span, Math.max(1, width));
    layOut();
  }

  function layOut() {
    columns = overview(tracks, length, Math.max(1, width));
    change(scale);
  }

  /** Only tracks of the time in sight have lanes: in a long film the lanes of now would be far apart otherwise. */
  function change(next) {
    scale = next;
    rows = tracks.filter((track) => track.last >= scale.start && track.first <= scale.start + scale.span);
    // The canvas stays in sight and takes its own height; the room below it is what can be scrolled.
    room.style.setProperty("height", `${Math.max(0, HEAD + rows.length * lane - height)}px`);
    redraw();
  }

  function say() {
    told = clearTimeout(told) ?? 0;
    const here = tracks.filter((track) => track.first <= pts && pts <= track.last);
    const doubtful = here.filter((track) => stateOf(track) === "doubtful").length;
    const [now, end] = [pts, length].map((time) => clock(time * secondsPerUnit, 2));
    host.setAttribute("aria-valuenow", String(Math.round(pts)));
    host.setAttribute("aria-valuetext", t("time.value", { now, end, n: here.length, doubtful }));
  }

  function select(id) {
    selected = id;
    keyframes = [];
    reveal();
    redraw();
  }

  function reveal() {
    const row = rows.findIndex((track) => track.id === selected);
    if (row >= 0) {
      const top = row * lane;
      const sight = height - HEAD;
      if (top < host.scrollTop) host.scrollTop = top;
      if (top + lane > host.scrollTop + sight) host.scrollTop = top + lane - sight;
    }
  }

  function pointed(event) {
    const bounds = host.getBoundingClientRect();
    return [event.clientX - bounds.left, event.clientY - bounds.top];
  }

  function trackAt(x, y) {
    const track = rows[Math.floor((y - HEAD + host.scrollTop) / lane)];
    if (y < HEAD || !track) return null;
    const near = x >= scale.x(track.first) - 6 && x <= scale.x(track.last) + 6;
    return near ? track : null;
  }

  function seekAt(x, y) {
    const time = y < STRIP ? (x / width) * length : scale.pts(x);
    onSeek(Math.max(0, Math.min(length - 1, Math.round(time))));
  }

  function press(event) {
    if (event.button !== 0) return;
    const [x, y] = pointed(event);
    if (x > width) return; // the scroll bar
    if (event.pointerType !== "touch") event.preventDefault(); // no text selection; touch may still scroll
    host.focus({ preventScroll: true });
    const track = trackAt(x, y);
    if (track) onSelect(track.id);
    seekAt(x, y);
    const move = (moving) => seekAt(pointed(moving)[0], y);
    const end = new AbortController();
    host.setPointerCapture(event.pointerId);
    host.addEventListener("pointermove", move, { signal: end.signal });
    for (const type of ["pointerup", "pointercancel"]) {
      host.addEventListener(type, () => end.abort(), { signal: end.signal });
    }
  }

  function wheel(event) {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      change(zoomed(scale, Math.exp(event.deltaY / 200), pointed(event)[0], length, least));
    } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      event.preventDefault();
      const by = Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : event.deltaY;
      change(moved(scale, (by / width) * scale.span, length));
    }
  }

  function lanes(by) {
    const row = tracks.findIndex((track) => track.id === selected);
    const next = tracks[row < 0 ? 0 : row + by];
    if (next) onSelect(next.id);
  }

  const ten = 10 / secondsPerUnit;
  const pressed = {
    ArrowLeft: () => onStep(-1),
    ArrowRight: () => onStep(1),
    PageDown: () => onSeek(Math.max(0, pts - ten)),
    PageUp: () => onSeek(Math.min(length - 1, pts + ten)),
    Home: () => onSeek(0),
    End: () => onSeek(length - 1),
    ArrowUp: () => lanes(-1),
    ArrowDown: () => lanes(1),
    "+": () => zoom(0.5),
    "-": () => zoom(2),
  };

  function zoom(factor) {
    const x = scale.x(pts);
    change(zoomed(scale, factor, x >= 0 && x <= width ? x : width / 2, length, least));
  }

  function key(event) {
    const act = pressed[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  function recolour() {
    ink = inks(host);
    redraw();
  }

  const seen = new ResizeObserver(measure);
  seen.observe(host);
  host.addEventListener("scroll", redraw);
  host.addEventListener("pointerdown", press);
  host.addEventListener("wheel", wheel, { passive: false });
  host.addEventListener("keydown", key);
  dark.addEventListener("change", recolour);
  measure();
  say();

  return {
    set(all) {
      tracks = ordered(all);
      layOut();
      reveal();
      say();
    },
    /** The current time; a timeline that is zoomed in turns its page when the time runs out of sight. */
    at(time) {
      pts = time;
      if (pts < scale.start || pts > scale.start + scale.span) {
        change(moved(scale, pts - scale.start - 0.1 * scale.span, length));
        reveal();
      }
      told ||= setTimeout(say, 300); // not for every frame of a film that plays
      redraw();
    },
    select,
    keyframes(times) {
      keyframes = times;
      redraw();
    },
    zoom,
    fit: () => change(scaleOf(0, length, width)),
    destroy() {
      seen.disconnect();
      dark.removeEventListener("change", recolour);
      cancelAnimationFrame(asked);
      clearTimeout(told);
      host.remove();
    },
  };
}
