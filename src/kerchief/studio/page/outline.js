// The geometry of one drawn outline while it is dragged: a handle, not what is covered. That is the server's to say.
// A region is {shape, x, y, width, height, angle}: display pixels, degrees clockwise about the middle of its box.

const LEAST = 4; // pixels; smaller ones could not be taken hold of again

export const middle = (region) => ({ x: region.x + region.width / 2, y: region.y + region.height / 2 });

/** A vector turned clockwise as seen (y goes down). */
export function turned(x, y, degrees) {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  return { x: x * cos - y * sin, y: x * sin + y * cos };
}

function around(region, { x, y }, width, height, angle = region.angle) {
  return { ...region, x: x - width / 2, y: y - height / 2, width, height, angle };
}

/** Moved, its middle kept in the picture. */
export function moved(region, dx, dy, picture) {
  const { x, y } = middle(region);
  const at = { x: Math.min(picture.width, Math.max(0, x + dx)), y: Math.min(picture.height, Math.max(0, y + dy)) };
  return around(region, at, region.width, region.height);
}

/** A side or corner dragged by (dx, dy); hx and hy say which: -1, 0 or 1. What is opposite stays. */
export function resized(region, hx, hy, dx, dy) {
  const by = turned(dx, dy, -region.angle);
  const width = hx ? Math.max(LEAST, region.width + hx * by.x) : region.width;
  const height = hy ? Math.max(LEAST, region.height + hy * by.y) : region.height;
  const shift = turned((hx * (width - region.width)) / 2, (hy * (height - region.height)) / 2, region.angle);
  const { x, y } = middle(region);
  return around(region, { x: x + shift.x, y: y + shift.y }, width, height);
}

/** Larger or smaller about its middle. */
export function scaled(region, factor) {
  return around(region, middle(region), Math.max(LEAST, region.width * factor), Math.max(LEAST, region.height * factor));
}

/** Turned by so many degrees. */
export const spun = (region, degrees) => ({ ...region, angle: normal(region.angle + degrees) });

/** Turned so that its top points to a place. */
export function aimed(region, to) {
  const { x, y } = middle(region);
  return { ...region, angle: normal((Math.atan2(to.x - x, y - to.y) * 180) / Math.PI) };
}

const normal = (degrees) => ((((degrees + 180) % 360) + 360) % 360) - 180;

/** The outline in the box between two corners. */
export function between(shape, a, b) {
  return {
    shape, x: Math.min(a.x, b.x), y: Math.min(a.y, b.y),
    width: Math.max(LEAST, Math.abs(a.x - b.x)), height: Math.max(LEAST, Math.abs(a.y - b.y)), angle: 0,
  };
}

/** An upright outline of that size about a place. */
export const at = (shape, place, width, height) => around({ shape }, place, Math.max(LEAST, width), Math.max(LEAST, height), 0);

/** Rounded as plans are, to 1/100 px. */
export function tidy(region) {
  const round = (value) => Math.round(value * 100) / 100;
  return {
    shape: region.shape, x: round(region.x), y: round(region.y),
    width: round(region.width), height: round(region.height), angle: round(region.angle),
  };
}

/** Whether a place is in the outline grown by `reach` pixels. */
export function holds(region, place, reach) {
  const { x, y } = middle(region);
  const by = turned(place.x - x, place.y - y, -region.angle);
  const [across, down] = [Math.abs(by.x) / (region.width / 2 + reach), Math.abs(by.y) / (region.height / 2 + reach)];
  return region.shape === "box" ? Math.max(across, down) <= 1 : across * across + down * down <= 1;
}
