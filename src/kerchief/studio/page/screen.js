// Where a film moves: whole frames on a canvas, one alone or two with a divider between before and after.

import { el } from "./elements.js";
import { t } from "./words.js";

/** A canvas over `root`, hidden until something is shown. */
export function screen(root) {
  const canvas = el("canvas.screen-canvas", { "aria-hidden": "true" });
  const divider = el("input.screen-divider", { type: "range", min: 0, max: 100, value: 50, "aria-label": t("film.divider"), oninput: paint });
  const names = ["original", "result"].map((name) => el(`span.screen-name.${name}`, { "aria-hidden": "true" }, t(`film.${name}`)));
  const box = el("div.screen", { hidden: true }, canvas, ...names, divider);
  root.append(box);
  const context = canvas.getContext("2d");
  let [after, before] = [null, null];

  function paint() {
    if (after === null) return;
    const dots = devicePixelRatio || 1;
    const [width, height] = [root.clientWidth, root.clientHeight];
    canvas.width = Math.round(width * dots);
    canvas.height = Math.round(height * dots);
    const { width: across, height: down } = after.bitmap;
    const scale = Math.min(canvas.width / across, canvas.height / down);
    const [wide, high] = [across * scale, down * scale];
    const [x, y] = [(canvas.width - wide) / 2, (canvas.height - high) / 2];
    context.drawImage(after.bitmap, x, y, wide, high);
    const isSplit = before !== null;
    for (const each of [...names, divider]) each.hidden = !isSplit;
    if (!isSplit) return;
    // The divider is as wide as the picture, so that its thumb stands where the picture is cut.
    divider.style.setProperty("left", `${x / dots}px`);
    divider.style.setProperty("width", `${wide / dots}px`);
    names[0].style.setProperty("left", `${x / dots + 8}px`);
    names[1].style.setProperty("right", `${x / dots + 8}px`);
    const share = Number(divider.value) / 100;
    const part = before.bitmap.width * share;
    if (part > 0) context.drawImage(before.bitmap, 0, 0, part, before.bitmap.height, x, y, wide * share, high);
    context.fillStyle = "#fff";
    context.fillRect(x + wide * share - dots, y, 2 * dots, high);
    context.fillStyle = "#000";
    context.fillRect(x + wide * share - 2 * dots, y, dots, high);
    context.fillRect(x + wide * share + dots, y, dots, high);
  }

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
    /** The most pixels that a frame needs to have, in steps, so that a small change of the window asks for nothing new. */
    size() {
      const dots = Math.min(2, devicePixelRatio || 1);
      const most = (pixels) => Math.min(1920, Math.max(160, Math.ceil((pixels * dots) / 160) * 160));
      return { across: most(root.clientWidth), down: most(root.clientHeight) };
    },
    destroy() {
      seen.disconnect();
      box.remove();
    },
  };
}
