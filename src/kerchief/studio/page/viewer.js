// The picture with its outlines: looking closer, choosing, drawing, moving, sizing and turning.

import { button, el } from "./elements.js";
import { gestures } from "./gestures.js";
import { Glass } from "./glass.js";
import { aimed, at, between, moved, resized, tidy } from "./outline.js";
import { outlines } from "./outlines.js";
import { plate } from "./plate.js";
import { strokes } from "./strokes.js";
import { t } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const HEAD = { width: 48, height: 60 }; // CSS pixels of an outline that a mere click draws

/**
 * @param {HTMLElement} root
 * @param {object} does - all optional: onAdd(region, pts), onMove(track, region, pts), onSelect(track or null),
 *     onHover(track or null), onTool(name): a tool was left, onShownPts({pts, duration, revision}): that frame can be seen now.
 *     now(): the pts of the picture on screen. It is asked when a hand begins, for by the time that an edit is sent the view may
 *     have gone on.
 */
export function viewer(root, does = {}) {
  const tell = (name, ...values) => does[name]?.(...values);
  const glass = new Glass();
  const canvas = el("canvas", { "aria-hidden": "true" });
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "outlines");
  const percent = el("span.zoom-value");
  const note = el("p.stage-note", { role: "status" });
  const bar = el("div.zoom", {},
    button({ label: t("viewer.zoomOut"), mark: "minus", onclick: () => zoom(1 / 1.5) }), percent,
    button({ label: t("viewer.zoomIn"), mark: "plus", onclick: () => zoom(1.5) }),
    button({ label: t("viewer.fit"), mark: "fit", onclick: fit }));
  const stage = el("div.stage", { tabindex: "0", role: "group", "aria-label": t("viewer.label"), "aria-description": t("viewer.hint") },
    canvas, svg, bar, note);
  root.append(stage);

  let tool = "select";
  let hovered = null;
  let waiting = 0;
  const lines = outlines(svg, glass, (track) => choose(track));
  const picture = plate(canvas, glass, {
    onShown: (shown) => {
      typing.flush(); // what comes now may be meant for this frame
      clearTimeout(waiting);
      if (note.textContent === t("viewer.loading")) say("");
      tell("onShownPts", shown);
    },
    onProblem: (error) => say(error ? t("viewer.failed", { problem: error.message }) : ""),
  });
  const touch = gestures(stage, { down, pinch, wheel, hover });
  const typing = strokes({
    glass, lines, isDrawing: () => tool !== "select", shape: () => shape(), pan, zoom,
    now: () => does.now?.() ?? 0,
    onMove: (track, region, pts) => commit(track, region, pts),
    onAdd: (region, pts) => addRegion(region, pts),
    onLeave: leave,
  });
  stage.addEventListener("keydown", key);
  // What was nudged is sent when the hand goes elsewhere.
  stage.addEventListener("focusout", () => typing.flush());
  stage.addEventListener("dblclick", (event) => {
    if (event.target.closest("button") || tool !== "select") return;
    const box = stage.getBoundingClientRect();
    if (glass.scale < 1) zoom(1 / glass.scale, event.clientX - box.left, event.clientY - box.top);
    else fit();
  });
  const size = new ResizeObserver(() => {
    glass.setStage(stage.clientWidth, stage.clientHeight);
    look();
  });
  size.observe(stage);
  glass.setStage(stage.clientWidth, stage.clientHeight);

  const shape = () => (tool === "draw-box" ? "box" : "ellipse");

  function look() {
    lines.draw();
    picture.moved();
    percent.textContent = t("viewer.zoom", { percent: Math.round(glass.scale * 100 * (devicePixelRatio || 1)) });
  }

  function zoom(factor, x, y) {
    glass.zoom(factor, x, y);
    look();
  }

  function pan(dx, dy) {
    glass.pan(dx, dy);
    look();
  }

  function fit() {
    glass.fit();
    look();
  }

  function choose(track) {
    if (track === lines.selected) return;
    typing.flush();
    lines.select(track);
    const region = track === null ? null : lines.regionOf(track);
    if (region && !glass.sees(region)) {
      Object.assign(glass, { x: region.x + region.width / 2, y: region.y + region.height / 2 });
      glass.keep();
      look();
    }
    tell("onSelect", track);
  }

  function commit(track, region, pts) {
    const clean = tidy(region);
    lines.hold(track, clean);
    tell("onMove", track, clean, pts);
  }

  function addRegion(region, pts) {
    const clean = tidy(region);
    lines.hold(null, clean);
    leave();
    tell("onAdd", clean, pts);
  }

  // Leaves drawing, or lets go of what is selected; whether there was something to leave.
  function leave() {
    if (tool !== "select") {
      setTool("select");
      tell("onTool", "select");
      return true;
    }
    const had = lines.selected !== null;
    if (had) {
      choose(null);
      stage.focus({ preventScroll: true });
    }
    return had;
  }

  function setTool(name) {
    if (tool !== "select" && lines.held?.track === null && name !== "select") lines.hold(null, null);
    tool = name;
    stage.classList.toggle("is-drawing", name !== "select");
    say(name === "select" ? "" : t("viewer.draw"));
    if (name !== "select") {
      choose(null);
      stage.focus({ preventScroll: true });
    }
  }

  function say(text) {
    if (note.textContent !== text) note.textContent = text;
  }

  function down(from) {
    typing.flush();
    if (from.button === 1) return panning();
    if (from.button !== 0) return null;
    if (tool !== "select") return drawing(from);
    const handle = lines.handleAt(from);
    if (handle) return dragging((region, dx, dy, place) => (handle.isTurn ? aimed(region, place) : resized(region, handle.hx, handle.hy, dx, dy)));
    const track = lines.outlineAt(from);
    // Only what is selected is moved: whoever pans a crowd with a finger must not shift a face.
    if (track !== null && track === lines.selected) return dragging((region, dx, dy) => moved(region, dx, dy, glass.picture));
    return panning(track);
  }

  function panning(track) {
    let last = null;
    return {
      drag(now, from) {
        pan(now.x - (last ?? from).x, now.y - (last ?? from).y);
        last = now;
      },
      up(_, __, isClick) {
        if (!isClick || track === undefined) return;
        choose(track);
        if (track === null) stage.focus({ preventScroll: true });
        else lines.focus(track);
      },
      cancel() {},
    };
  }

  function dragging(change) {
    const track = lines.selected;
    const before = lines.regionOf(track);
    const pts = does.now?.() ?? 0;
    lines.focus(track);
    let region = null;
    return {
      drag(now, from) {
        region = change(before, (now.x - from.x) / glass.scale, (now.y - from.y) / glass.scale, glass.toPicture(now.x, now.y));
        lines.hold(track, region);
      },
      up() {
        if (region) commit(track, region, pts);
      },
      cancel() {
        if (region) lines.hold(track, null);
      },
    };
  }

  function drawing(from) {
    const start = glass.toPicture(from.x, from.y);
    const pts = does.now?.() ?? 0;
    let region = at(shape(), start, HEAD.width / glass.scale, HEAD.height / glass.scale);
    return {
      drag(now) {
        region = between(shape(), start, glass.toPicture(now.x, now.y));
        lines.hold(null, region);
      },
      up: () => addRegion(region, pts),
      cancel: () => lines.hold(null, null),
    };
  }

  function pinch(factor, { x, y }, dx, dy) {
    glass.pan(dx, dy);
    zoom(factor, x, y);
  }

  function wheel(factor, { x, y }) {
    if (!touch.isBusy) zoom(factor, x, y);
  }

  function hover(place) {
    const handle = tool === "select" ? lines.handleAt(place) : null;
    const track = tool === "select" ? lines.outlineAt(place) : null;
    stage.dataset.over = handle ? (handle.isTurn ? "turn" : "handle") : track === null ? "" : track === lines.selected ? "move" : "outline";
    if (track === hovered) return;
    hovered = track;
    tell("onHover", track);
  }

  /** A key that the picture knows; whether it did. Views call it for keys that were typed elsewhere. */
  function key(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(".zoom")) return false;
    const did = typing.key(event);
    if (did) event.preventDefault();
    return did;
  }

  return {
    /** Shows a picture: {id, pts, view: "original" or "covered", width, height, revision}; another file or size is fitted. */
    setPicture(shown) {
      const before = glass.picture;
      glass.setPicture(shown.width, shown.height);
      if (picture.show(shown)) {
        clearTimeout(waiting);
        waiting = setTimeout(() => note.textContent === "" && say(t("viewer.loading")), 800);
      }
      if (before !== glass.picture) look();
    },
    /** Shows the regions that the server answered, and of which state they are: Map(track id → TrackView). */
    setPlaces({ places }, tracks) {
      if (!touch.isBusy && !typing.isPending) lines.hold(null, null);
      lines.set(places, tracks);
      if (lines.selected !== null && !tracks.has(lines.selected)) choose(null);
    },
    /** Selects a track without telling onSelect. */
    select(track) {
      if (track !== lines.selected) typing.flush();
      lines.select(track);
    },
    /** Selects it and gives its outline the focus. */
    focus(track) {
      lines.select(track);
      if (track === null) stage.focus({ preventScroll: true });
      else lines.focus(track);
    },
    tool: setTool,
    zoomTo(region) {
      glass.show(region);
      look();
    },
    fit, key, leave,
    /** Where the picture lies on the stage, for whoever draws over it. */
    get glass() { return glass; },
    full: () => zoom(1 / glass.scale / (devicePixelRatio || 1)),
    /** Where a track's outline is now; null if it is not here. */
    regionOf: (track) => lines.regionOf(track),
    /** Sends what was moved by keys and not sent yet. */
    flush: () => typing.flush(),
    destroy() {
      typing.flush();
      clearTimeout(waiting);
      size.disconnect();
      picture.destroy();
      stage.remove();
    },
  };
}
