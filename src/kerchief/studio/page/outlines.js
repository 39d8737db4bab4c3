// The outlines over the picture, as elements that can have the focus, and the handles of the selected one.

import { holds, middle, turned } from "./outline.js";
import { doubts, t } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const SIDES = [[-1, -1], [0, -1], [1, -1], [1, 0], [1, 1], [0, 1], [-1, 1], [-1, 0]];
const STEM = 26; // CSS pixels from the top to the handle that turns

function make(name, attributes = {}) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

/**
 * @param {SVGElement} root
 * @param {Glass} glass
 * @param {function(string)} onFocus - an outline got the focus.
 */
export function outlines(root, glass, onFocus) {
  const drawn = new Map();
  const draft = form("outline draft");
  const handles = grips();
  let places = [];
  let tracks = new Map();
  let selected = null;
  let held = null;
  let isCoarse = matchMedia("(pointer: coarse)").matches;

  const regionOf = (track) => (held?.track === track ? held.region : places.find((place) => place.track === track)?.region ?? null);

  function set(newPlaces, newTracks) {
    places = newPlaces;
    tracks = newTracks;
    for (const [id, item] of drawn) {
      if (places.some((place) => place.track === id)) continue;
      item.root.remove();
      drawn.delete(id);
    }
    for (const place of places) {
      const item = drawn.get(place.track) ?? add(place.track);
      const state = stateOf(place);
      item.root.setAttribute("class", `outline ${state}`);
      item.root.setAttribute("aria-label", nameOf(place, state));
      item.mark.textContent = { doubtful: "?", shown: "◉", covered: "" }[state];
    }
    draw();
  }

  function stateOf(place) {
    if (place.is_shown) return "shown";
    return tracks.get(place.track)?.doubts.length ? "doubtful" : "covered";
  }

  function nameOf(place, state) {
    const track = tracks.get(place.track);
    const kind = t(`kind.${track?.kind ?? "manual"}`);
    return t("viewer.region", { kind, state: t(`viewer.${state}`, { doubts: track ? doubts(track) : "" }) });
  }

  function add(track) {
    const item = form("outline");
    item.root.setAttribute("tabindex", "0");
    item.root.setAttribute("role", "button");
    item.root.dataset.track = track;
    item.root.addEventListener("focus", () => onFocus(track));
    root.insertBefore(item.root, draft.root.parentNode ? draft.root : null);
    drawn.set(track, item);
    return item;
  }

  function draw() {
    for (const [track, item] of drawn) {
      put(item, regionOf(track));
      item.root.setAttribute("aria-pressed", String(track === selected));
      item.root.classList.toggle("selected", track === selected);
    }
    const drawing = held && held.track === null ? held.region : null;
    draft.root.toggleAttribute("hidden", !drawing);
    if (drawing) put(draft, drawing);
    const region = drawing ? null : regionOf(selected);
    handles.root.toggleAttribute("hidden", !region);
    if (region) place(handles, region);
  }

  function put({ root: group, edge, line, mark, focus }, region) {
    const at = glass.toStage(middle(region).x, middle(region).y);
    group.setAttribute("transform", `translate(${at.x} ${at.y}) rotate(${region.angle})`);
    const [w, h] = [(region.width * glass.scale) / 2, (region.height * glass.scale) / 2];
    const box = region.shape === "box";
    const path = box ? `M${-w} ${-h}h${2 * w}v${2 * h}h${-2 * w}z` : `M${-w} 0a${w} ${h} 0 1 1 ${2 * w} 0a${w} ${h} 0 1 1 ${-2 * w} 0z`;
    edge.setAttribute("d", path);
    line.setAttribute("d", path);
    focus.setAttribute("d", `M${-w - 7} ${-h - 7}h${2 * w + 14}v${2 * h + 14}h${-2 * w - 14}z`);
    mark.setAttribute("transform", `translate(${w * 0.72 + 6} ${-h * 0.72 - 6}) rotate(${-region.angle})`);
  }

  /** Half sides of the frame that the handles are on: never so small that they cover each other. */
  function frame(region) {
    const least = isCoarse ? 34 : 20;
    return [region.width, region.height].map((side) => Math.max((side * glass.scale) / 2 + 3, least));
  }

  function spots(region) {
    const [w, h] = frame(region);
    return [...SIDES.map(([hx, hy]) => ({ hx, hy, x: hx * w, y: hy * h })), { isTurn: true, hx: 0, hy: 0, x: 0, y: -h - STEM }];
  }

  function place({ root: group, items, stem, box }, region) {
    const at = glass.toStage(middle(region).x, middle(region).y);
    group.setAttribute("transform", `translate(${at.x} ${at.y}) rotate(${region.angle})`);
    const [w, h] = frame(region);
    box.setAttribute("d", `M${-w} ${-h}h${2 * w}v${2 * h}h${-2 * w}z`);
    stem.setAttribute("d", `M0 ${-h}v${-STEM}`);
    spots(region).forEach((spot, i) => items[i].setAttribute("transform", `translate(${spot.x} ${spot.y})`));
  }

  /** The handle of the selected outline at a place on the stage, or null. */
  function handleAt({ x, y, isTouch }) {
    const region = regionOf(selected);
    if (!region) return null;
    isCoarse = isTouch;
    const centre = glass.toStage(middle(region).x, middle(region).y);
    const by = turned(x - centre.x, y - centre.y, -region.angle);
    let best = null;
    for (const spot of spots(region)) {
      const far = Math.hypot(spot.x - by.x, spot.y - by.y);
      if (far <= (isTouch ? 22 : 11) && far < (best?.far ?? Infinity)) best = { ...spot, far };
    }
    return best;
  }

  /** The outline at a place on the stage, or null: of several the smallest. Small ones are easier to hit than they look. */
  function outlineAt({ x, y, isTouch }) {
    const spot = glass.toPicture(x, y);
    const least = isTouch ? 20 : 10;
    const hits = places.filter(({ track }) => {
      const region = regionOf(track);
      const half = (Math.min(region.width, region.height) * glass.scale) / 2;
      return holds(region, spot, Math.max(2, least - half) / glass.scale);
    });
    const area = ({ track }) => regionOf(track).width * regionOf(track).height;
    return hits.sort((a, b) => area(a) - area(b))[0]?.track ?? null;
  }

  root.append(draft.root, handles.root);
  draw();
  return {
    set, draw, handleAt, outlineAt, regionOf,
    get selected() { return selected; },
    get held() { return held; },
    select(track) {
      selected = track;
      draw();
    },
    /** Shows a track elsewhere, or a new outline (track null), until what the server says is set. */
    hold(track, region) {
      held = region ? { track, region } : null;
      draw();
    },
    focus: (track) => drawn.get(track)?.root.focus({ preventScroll: true }),
  };
}

function form(name) {
  const root = make("g", { class: name });
  const edge = make("path", { class: "edge" });
  const line = make("path", { class: "line" });
  const focus = make("path", { class: "focus" });
  const mark = make("text", { class: "mark", "aria-hidden": "true" });
  root.append(focus, edge, line, mark);
  return { root, edge, line, mark, focus };
}

function grips() {
  const root = make("g", { class: "handles", "aria-hidden": "true" });
  const box = make("path", { class: "handle-box" });
  const stem = make("path", { class: "stem" });
  const items = SIDES.map(() => make("rect", { class: "handle", x: -5, y: -5, width: 10, height: 10, rx: 2 }));
  items.push(make("circle", { class: "handle", r: 6 }));
  root.append(box, stem, ...items);
  return { root, items, stem, box };
}
