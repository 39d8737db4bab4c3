// Paints the timeline: the strip of the whole film, the ruler, the lanes that are in sight, the current time.

import { DOUBTFUL, SHOWN, clock, stateOf, ticks, visible } from "./lanes.js";
import { t } from "./words.js";
import { nameOf } from "./track-words.js";

export const STRIP = 14; // px: the whole film, however far the lanes are zoomed
const RULER = 26;
export const HEAD = STRIP + RULER;

/** Colours and fonts of the page, for a canvas; read again when light turns to dark. */
export function inks(element) {
  const style = getComputedStyle(element);
  const ink = (name) => style.getPropertyValue(`--${name}`).trim();
  const names = ["paper", "ground", "line", "text", "quiet", "accent", "covered", "shown", "doubtful"];
  return { ...Object.fromEntries(names.map((name) => [name, ink(`time-${name}`)])), font: style.fontFamily };
}

/** Draws everything. `what`: {scale, length, seconds, tracks, columns, selected, keyframes, pts, scrolled, lane}. */
export function draw(context, width, height, ink, what) {
  context.clearRect(0, 0, width, height);
  context.fillStyle = ink.paper;
  context.fillRect(0, 0, width, height);
  context.font = `12px ${ink.font}`;
  context.textBaseline = "middle";
  grid(context, width, height, ink, what);
  context.save();
  context.beginPath();
  context.rect(0, HEAD, width, height - HEAD);
  context.clip();
  const [from, to] = visible(what.scrolled, height - HEAD, what.lane, what.tracks.length);
  for (let row = from; row < to; row += 1) {
    bar(context, width, ink, what, what.tracks[row], HEAD + row * what.lane - what.scrolled);
  }
  context.restore();
  strip(context, width, ink, what);
  playhead(context, height, ink, what);
}

function grid(context, width, height, ink, { scale, seconds }) {
  const { step, times } = ticks(scale, seconds, 84);
  context.fillStyle = ink.ground;
  context.fillRect(0, STRIP, width, RULER);
  for (const time of times) {
    const x = Math.round(scale.x(time / seconds)) + 0.5;
    stroke(context, ink.line, 1, [], () => {
      context.moveTo(x, STRIP + RULER - 6);
      context.lineTo(x, height);
    });
    context.fillStyle = ink.quiet;
    context.fillText(clock(time, step < 1 ? 1 : 0), x + 4, STRIP + RULER / 2);
  }
}

function bar(context, width, ink, what, track, top) {
  const { scale, selected, keyframes, lane } = what;
  const isSelected = track.id === selected;
  if (isSelected) {
    context.globalAlpha = 0.14;
    context.fillStyle = ink.accent;
    context.fillRect(0, top, width, lane);
    context.globalAlpha = 1;
  }
  const left = Math.max(-10, scale.x(track.first));
  const right = Math.min(width + 10, Math.max(scale.x(track.last), scale.x(track.first) + 3));
  const state = stateOf(track);
  const [y, high] = [top + 3, lane - 6];
  context.globalAlpha = state === "shown" ? 0.08 : 0.28;
  context.fillStyle = ink[state];
  box(context, left, y, right - left, high);
  context.fill();
  context.globalAlpha = 1;
  if (state === "doubtful") hatch(context, ink.doubtful, left, y, right - left, high);
  box(context, left, y, right - left, high);
  context.strokeStyle = ink[state];
  context.lineWidth = isSelected ? 2.5 : 1.25;
  context.setLineDash(state === "shown" ? [5, 3] : []);
  context.stroke();
  context.setLineDash([]);
  if (isSelected) for (const time of keyframes) diamond(context, ink.accent, scale.x(time), top + lane - 5);
  label(context, width, ink, track, state, left, right, top + lane / 2);
}

function label(context, width, ink, track, state, left, right, y) {
  const text = state === "covered" ? nameOf(track) : t(`time.${state}`, { name: nameOf(track) });
  const wide = context.measureText(text).width;
  const inside = Math.min(right, width) - Math.max(left, 0) > wide + 12;
  const x = inside ? Math.max(left, 0) + 6 : right + 6;
  if (!inside && x + wide > width) return;
  context.fillStyle = ink.paper;
  context.globalAlpha = inside ? 0.72 : 0;
  context.fillRect(x - 2, y - 8, wide + 4, 16);
  context.globalAlpha = 1;
  context.fillStyle = ink.text;
  context.fillText(text, x, y + 0.5);
}

function hatch(context, colour, left, top, wide, high) {
  context.save();
  box(context, left, top, wide, high);
  context.clip();
  stroke(context, colour, 1, [], () => {
    for (let x = left - high; x < left + wide; x += 7) {
      context.moveTo(x, top + high);
      context.lineTo(x + high, top);
    }
  });
  context.restore();
}

function strip(context, width, ink, { scale, length, columns, pts }) {
  context.fillStyle = ink.ground;
  context.fillRect(0, 0, width, STRIP);
  // What is doubtful lies above what is shown, so that one can tell them without their colours.
  for (const [value, colour, top] of [[DOUBTFUL, ink.doubtful, 2], [SHOWN, ink.shown, 8]]) {
    context.fillStyle = colour;
    for (let x = 0; x < columns.length; x += 1) if (columns[x] & value) context.fillRect(x, top, 1, 4);
  }
  const [left, right] = [scale.start, scale.start + scale.span].map((time) => (time / length) * width);
  if (scale.span < length) {
    context.strokeStyle = ink.text;
    context.lineWidth = 1;
    context.strokeRect(left + 0.5, 0.5, Math.max(2, right - left - 1), STRIP - 1);
  }
  context.fillStyle = ink.accent;
  context.fillRect((pts / length) * width - 1, 0, 2, STRIP);
}

function playhead(context, height, ink, { scale, pts }) {
  const x = Math.round(scale.x(pts)) + 0.5;
  if (x < -6 || x > scale.width + 6) return;
  stroke(context, ink.accent, 1.5, [], () => {
    context.moveTo(x, STRIP + 10);
    context.lineTo(x, height);
  });
  context.fillStyle = ink.accent;
  context.beginPath();
  context.moveTo(x - 6, STRIP + 2);
  context.lineTo(x + 6, STRIP + 2);
  context.lineTo(x, STRIP + 14);
  context.fill();
}

function box(context, x, y, wide, high) {
  context.beginPath();
  context.roundRect(x, y, wide, high, 3);
}

function diamond(context, colour, x, y) {
  context.fillStyle = colour;
  context.beginPath();
  context.moveTo(x - 3, y);
  context.lineTo(x, y - 3);
  context.lineTo(x + 3, y);
  context.lineTo(x, y + 3);
  context.fill();
}

function stroke(context, colour, wide, dash, path) {
  context.strokeStyle = colour;
  context.lineWidth = wide;
  context.setLineDash(dash);
  context.beginPath();
  path();
  context.stroke();
}
