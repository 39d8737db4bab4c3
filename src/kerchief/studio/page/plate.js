// The picture on the canvas: the whole of it as fine as the stage is, and over it the part that can be seen, as fine as it is.
// One request is under way at a time; what is wanted by then comes next, so that a fast hand does not make a queue.

import { picture as fetchPicture } from "./api.js";

const CALM = 120; // ms without a move before the part that is seen is fetched
const KEPT = 4; // whole pictures: original and result, of two revisions

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Glass} glass
 * @param {{onShown: function({pts: number, duration: number, revision: string}), onProblem: function(?Error)}} does
 */
export function plate(canvas, glass, { onShown, onProblem }) {
  const context = canvas.getContext("2d", { alpha: true });
  const wholes = new Map();
  let wanted = null;
  let whole = null;
  let part = null;
  let running = null;
  let timer = 0;
  let told = "";
  let broken = "";

  const keyOf = ({ id, view, pts, revision }) => [id, view, pts, view === "covered" ? revision : ""].join(" ");
  const ratio = () => devicePixelRatio || 1;

  /** Shows this picture as soon as it is there; until then what was shown stays. Gives whether it has to be fetched. */
  function show(picture) {
    const key = keyOf(picture);
    if (wanted?.key === key) {
      // Asked for again after it failed: the server may be back.
      if (broken) {
        broken = "";
        next();
      }
      return false;
    }
    if (wanted && wanted.id !== picture.id) {
      forget();
      whole = part = null;
    } else if (running && wanted.view !== picture.view) running.stop.abort();
    wanted = { ...picture, key };
    broken = "";
    useKept();
    draw();
    next();
    return whole?.key !== key;
  }

  function useKept() {
    const kept = wholes.get(wanted.key);
    if (!kept) return;
    wholes.delete(wanted.key);
    wholes.set(wanted.key, kept);
    whole = kept;
    tell(kept);
  }

  function tell(got) {
    const now = `${wanted.key} ${got.pts}`;
    if (told === now) return;
    told = now;
    onShown({ pts: got.pts, duration: got.duration, revision: got.revision });
  }

  // The resolution of the whole is enough, or there is no finer one.
  function isFine(have) {
    if (have?.key !== wanted.key) return false;
    return have.bitmap.width >= Math.min(wanted.width, glass.least * wanted.width * ratio()) * 0.9;
  }

  const needsPart = () => !glass.isFitted && (!isFine(whole) || whole.bitmap.width < wanted.width * Math.min(1, glass.scale * ratio()) * 0.95);

  function hasPart() {
    if (part?.key !== wanted.key) return false;
    const { window: seen } = glass;
    const { window: have } = part;
    const isInside = seen.left >= have.left && seen.top >= have.top && seen.left + seen.width <= have.left + have.width
      && seen.top + seen.height <= have.top + have.height;
    return isInside && part.bitmap.width / have.width >= Math.min(1, glass.scale * ratio()) * 0.95;
  }

  /** The glass was moved: fetches what is seen now once the hand is calm. */
  function moved() {
    draw();
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (running?.isPart && !hasPart()) running.stop.abort();
      next();
    }, CALM);
  }

  function next() {
    if (running || !wanted || broken === wanted.key) return;
    const isNew = told.startsWith(`${wanted.key} `) === false;
    if (needsPart() && !hasPart() && (isNew || isFine(whole))) fetchPart();
    else if (!isFine(whole)) fetchWhole();
  }

  const fetchPart = () => load({ window: glass.window, isPart: true });
  const fetchWhole = () => load({ isPart: false });

  async function load({ window: seen, isPart }) {
    const job = { ...wanted, window: seen, isPart, stop: new AbortController() };
    running = job;
    const size = [glass.stage.width * ratio(), glass.stage.height * ratio()].map(Math.ceil);
    const query = new URLSearchParams({ pts: job.pts, view: job.view, ...seen, across: size[0], down: size[1] });
    try {
      const got = await fetchPicture(`/files/${job.id}/frame?${query}`, job.stop.signal);
      const bitmap = await createImageBitmap(got.blob);
      if (wanted?.id !== job.id) return bitmap.close();
      take({ ...got, bitmap, key: job.key, window: seen, isPart });
    } catch (error) {
      if (error.name !== "AbortError" && wanted?.key === job.key) {
        broken = job.key;
        onProblem(error);
      }
    } finally {
      if (running === job) running = null;
      next();
    }
  }

  function take(got) {
    if (got.isPart) {
      part?.bitmap.close();
      part = got;
    } else {
      keep(got);
      if (got.key === wanted.key || whole?.key !== wanted.key) whole = got;
      // On screen for a moment, until what is wanted by now is here: a hand may begin on it.
      if (got.key !== wanted.key && whole === got) onShown({ pts: got.pts, duration: got.duration, revision: got.revision });
    }
    if (got.key === wanted.key) {
      onProblem(null);
      tell(got);
    }
    draw();
  }

  function keep(got) {
    wholes.get(got.key)?.bitmap.close();
    wholes.delete(got.key);
    wholes.set(got.key, got);
    for (const [key, old] of wholes) {
      if (wholes.size <= KEPT) break;
      if (old === whole) continue;
      old.bitmap.close();
      wholes.delete(key);
    }
  }

  /** Draws what there is. */
  function draw() {
    const [width, height] = [glass.stage.width, glass.stage.height].map((side) => Math.round(side * ratio()));
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    context.clearRect(0, 0, width, height);
    if (!wanted) return;
    context.setTransform(ratio(), 0, 0, ratio(), 0, 0);
    // Large pixels are shown as pixels: a smooth picture would claim to know more.
    context.imageSmoothingEnabled = glass.scale * ratio() < 2;
    context.imageSmoothingQuality = "high";
    if (whole) put(whole.bitmap, { left: 0, top: 0, width: wanted.width, height: wanted.height });
    if (part && (part.key === wanted.key || whole?.key !== wanted.key)) put(part.bitmap, part.window);
    context.setTransform(1, 0, 0, 1, 0, 0);
  }

  function put(bitmap, { left, top, width, height }) {
    const from = glass.toStage(left, top);
    context.drawImage(bitmap, from.x, from.y, width * glass.scale, height * glass.scale);
  }

  function forget() {
    running?.stop.abort();
    clearTimeout(timer);
    part?.bitmap.close();
    for (const old of wholes.values()) old.bitmap.close();
    wholes.clear();
  }

  return {
    show, moved, draw,
    destroy() {
      wanted = null;
      forget();
    },
  };
}
