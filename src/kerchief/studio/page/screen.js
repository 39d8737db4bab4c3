// Where a film moves: whole frames on a canvas, one alone or two with a divider between before and after.

import { el } from "./elements.js";
import { t } from "./words.js";

const GRIP = 40; // CSS pixels, as in film.css

/** A canvas over `root`, hidden until something is shown; the picture lies where `glass` has it. `onCloser` when that changed. */
export function screen(root, glass, onCloser) {
  const canvas = el("canvas.screen-canvas", { "aria-hidden": "true" });
  const divider = el("input.screen-divider", { type: "range", min: 0, max: 100, step: 0.5, value: 50, "aria-label": t("film.divider"), oninput: paint });
  const names = ["original", "result"].map((name) => el(`span.screen-name.${name}`, { "aria-hidden": "true" }, t(`film.${name}`)));
  const box = el("div.screen", { hidden: true }, canvas, ...names, divider);
  root.append(box);
  const context = canvas.getContext("2d");
  let [after, before] = [null, null];
  let [asked, timer] = [0, 0];

  function paint() {
    if (after === null) return;
    const dots = devicePixelRatio || 1;
    const [width, height] = [root.clientWidth, root.clientHeight];
    canvas.width = Math.round(width * dots);
    canvas.height = Math.round(height * dots);
    context.setTransform(dots, 0, 0, dots, 0, 0);
    const from = glass.toStage(0, 0);
    const to = glass.toStage(glass.picture.width, glass.picture.height);
    const put = ({ bitmap }) => context.drawImage(bitmap, from.x, from.y, to.x - from.x, to.y - from.y);
    put(after);
    const isSplit = before !== null;
    for (const each of [...names, divider]) each.hidden = !isSplit;
    if (isSplit) split(Math.max(0, from.x), Math.min(width, to.x), height, put);
  }

  /** The original to the left of the divider, which goes from one end of what is seen of the picture to the other. */
  function split(left, right, height, put) {
    const x = left + ((right - left) * Number(divider.value)) / 100;
    context.save();
    context.beginPath();
    context.rect(0, 0, x, height);
    context.clip();
    put(before);
    context.restore();
    for (const [colour, wide] of [["#000", 4], ["#fff", 2]]) {
      context.fillStyle = colour;
      context.fillRect(x - wide / 2, 0, wide, height);
    }
    // It reaches half a grip beyond, so that its grip stands where the picture is cut.
    divider.style.setProperty("left", `${left - GRIP / 2}px`);
    divider.style.setProperty("width", `${right - left + GRIP}px`);
    names[0].style.setProperty("left", `${left + 8}px`);
    names[1].style.setProperty("right", `${root.clientWidth - right + 8}px`);
  }

  // The viewer under the canvas has the pointer and the keys, and moves the glass.
  function stirred() {
    if (after === null) return;
    asked ||= requestAnimationFrame(() => {
      asked = 0;
      paint();
    });
    clearTimeout(timer);
    timer = setTimeout(onCloser, 200);
  }
  for (const type of ["wheel", "pointermove", "click", "keydown"]) root.addEventListener(type, stirred, { passive: true });

  const seen = new ResizeObserver(paint);
  seen.observe(root);

  return {
    /** Shows a frame, or with two: the original to the left of the divider. */
    show(frame, original = null) {
      [after, before] = [frame, original];
      box.hidden = false;
      paint();
    },
    hide() {
      box.hidden = true;
      [after, before] = [null, null];
    },
    /** The most pixels that a whole frame needs to have, in steps, so that a small change of the window asks for nothing new. */
    size() {
      const dots = Math.min(2, devicePixelRatio || 1) * (glass.scale / glass.least);
      const most = (pixels) => Math.min(1920, Math.max(160, Math.ceil((pixels * dots) / 160) * 160));
      return { across: most(root.clientWidth), down: most(root.clientHeight) };
    },
    destroy() {
      seen.disconnect();
      clearTimeout(timer);
      cancelAnimationFrame(asked);
      for (const type of ["wheel", "pointermove", "click", "keydown"]) root.removeEventListener(type, stirred);
      box.remove();
    },
  };
}
