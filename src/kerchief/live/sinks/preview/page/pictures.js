// The pictures, one after the other: each is asked for when the one before it is drawn, so that nothing old can wait.

import { call } from "./door.js";

/** ms: the server answers sooner, with a picture or without. What took longer may be of long ago. */
const PATIENCE = 2500;
const FIRST_WAIT = 250;
const LONGEST_WAIT = 4000;

/**
 * Asks for pictures for ever, but not while nobody can see the page.
 *
 * @param {object} does - drawn(picture: ImageBitmap, {isVeiled, came}): `came` is when it was handed over, by performance.now();
 *     connection("on", "unreachable" or "ended").
 */
export async function follow(does) {
  let number = 0;
  for (let wait = FIRST_WAIT; ;) {
    await visible();
    try {
      const found = await next(number);
      does.connection("on");
      wait = FIRST_WAIT;
      if (!found) continue;
      number = found.number;
      if (!found.isLate) does.drawn(found.bitmap, found);
      found.bitmap.close();
    } catch (error) {
      if (error.status === 401) return does.connection("ended");
      does.connection("unreachable");
      await new Promise((resolve) => setTimeout(resolve, wait));
      wait = Math.min(2 * wait, LONGEST_WAIT);
    }
  }
}

/** The next picture, or null if there was none. */
async function next(number) {
  const asked = performance.now();
  const answer = await call("GET", `/picture?after=${number}`, undefined, AbortSignal.timeout(PATIENCE));
  if (answer.status === 204) return null;
  const { headers } = answer;
  const bitmap = await createImageBitmap(await answer.blob());
  const now = performance.now();
  return {
    bitmap,
    number: Number(headers.get("X-Number")),
    isVeiled: headers.get("X-Veiled") === "1",
    came: now - Number(headers.get("X-Age")),
    isLate: now - asked > PATIENCE, // this machine may have slept meanwhile
  };
}

function visible() {
  if (!document.hidden) return undefined;
  return new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
}
