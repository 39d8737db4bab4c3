// The geometry of the timeline: which times and which tracks lie where. Pure; timeline.js draws it.

export const LEAST_SPAN = 8; // frames that are on the timeline at least, however far it is zoomed

/** Where times lie: `start` and `span` in units of pts, over `width` pixels. */
export function scaleOf(start, span, width) {
  return {
    start,
    span,
    width,
    x: (pts) => ((pts - start) / span) * width,
    pts: (x) => start + (x / width) * span,
  };
}

/** A scale that shows `factor` times as much, and keeps the time at `x` where it is. */
export function zoomed(scale, factor, x, length, least) {
  const span = Math.min(length, Math.max(least, scale.span * factor));
  return moved(scaleOf(scale.pts(x) - (x / scale.width) * span, span, scale.width), 0, length);
}

/** A scale that starts `by` later, within the film. */
export function moved(scale, by, length) {
  const start = Math.max(0, Math.min(length - scale.span, scale.start + by));
  return scaleOf(start, scale.span, scale.width);
}

const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];

/** Times for the ruler, in seconds: round ones, at least `apart` pixels from each other. */
export function ticks(scale, seconds, apart) {
  const span = scale.span * seconds;
  const step = STEPS.find((each) => (each / span) * scale.width >= apart) ?? STEPS.at(-1);
  const first = Math.ceil((scale.start * seconds) / step - 1e-9);
  const last = Math.floor(((scale.start + scale.span) * seconds) / step + 1e-9);
  const times = [];
  for (let k = first; k <= last; k += 1) times.push(k * step);
  return { step, times };
}

/** Tracks in the order of their lanes: as they come into the film. */
export function ordered(tracks) {
  return [...tracks].sort((a, b) => a.first - b.first || a.last - b.last);
}

/** Lanes that can be seen: from the first (inclusive) to the last (exclusive). */
export function visible(scrolled, height, lane, count) {
  return [Math.max(0, Math.floor(scrolled / lane)), Math.min(count, Math.ceil((scrolled + height) / lane))];
}

/** What a track is to the eye: shown, doubtful or covered. */
export function stateOf(track) {
  if (track.action === "show") return "shown";
  return track.doubts.length > 0 ? "doubtful" : "covered";
}

/** The next doubtful track in the film's order, after (+1) or before (-1) `current`; null past the end. */
export function nextDoubtful(tracks, current, pts, direction) {
  const doubtful = ordered(tracks.filter((track) => track.doubts.length > 0 || track.id === current));
  const here = doubtful.findIndex((track) => track.id === current);
  if (here >= 0) return doubtful[here + direction] ?? null;
  if (direction > 0) return doubtful.find((track) => track.first >= pts) ?? null;
  return doubtful.findLast((track) => track.first < pts) ?? null;
}

export const SHOWN = 1;
export const DOUBTFUL = 2;

/** For each of `width` columns of the whole film whether someone is SHOWN in it, something DOUBTFUL, or both: a sum. */
export function overview(tracks, length, width) {
  const columns = new Uint8Array(width);
  for (const track of tracks) {
    const value = { doubtful: DOUBTFUL, shown: SHOWN, covered: 0 }[stateOf(track)];
    if (value === 0) continue;
    const from = Math.max(0, Math.floor((track.first / length) * width));
    const to = Math.min(width - 1, Math.floor((track.last / length) * width));
    for (let x = from; x <= to; x += 1) columns[x] |= value;
  }
  return columns;
}

/** A time as people write it: 1:02:03.4, with as many decimals as asked for. */
export function clock(seconds, decimals = 0) {
  const rounded = Math.max(0, Number(seconds.toFixed(decimals)));
  const hours = Math.floor(rounded / 3600);
  const minutes = Math.floor((rounded % 3600) / 60);
  const rest = (rounded % 60).toFixed(decimals).padStart(decimals ? decimals + 3 : 2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}
