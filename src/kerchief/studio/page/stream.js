// The events of the server, one stream for all windows: a browser opens six connections to a server, and a stream keeps one.
// The window that holds the lock reads, and passes on to the others what it reads; when it closes, another goes on.

import { events } from "./api.js";
import { nameOfRun } from "./door.js";

const LONGEST_WAIT = 8000; // ms between two tries

/**
 * Listens for ever.
 *
 * @param {object} does - hear(event), for each; state("begun", "on", "lost" or "ended"): at "on" what was told since "lost" may have been missed,
 *     at "begun" what was told since the page was loaded.
 *     What it throws counts as lost.
 */
export async function listen(does) {
  if (!navigator.locks) return read(does.hear, does.state);
  const name = `kerchief-${await nameOfRun()}`;
  const channel = new BroadcastChannel(name);
  let queue = Promise.resolve();
  channel.addEventListener("message", ({ data: [what, value] }) => {
    // What goes wrong here is told by whoever reads, or mended with the next event.
    queue = queue.then(() => does[what](value)).catch(() => null);
  });
  const pass = (what) => (value) => {
    channel.postMessage([what, value]);
    return does[what](value);
  };
  const lead = (isLate) => read(pass("hear"), pass("state"), isLate);
  const isLed = await navigator.locks.request(name, { ifAvailable: true }, (lock) => lock && lead(false).then(() => true));
  // Another window reads. Between its end and our begin something may have been missed.
  return isLed || navigator.locks.request(name, () => lead(true));
}

/** Reads the stream, and opens it again when it was lost, until the key is not valid any more. */
async function read(hear, state, isLate = false) {
  let isLost = isLate;
  let isFirst = true;
  for (let wait = 500; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
    try {
      for await (const event of events()) {
        if (isLost) await state("on");
        else if (isFirst) await state("begun");
        isLost = isFirst = false;
        wait = 500;
        await hear(event);
      }
    } catch (error) {
      if (error.status === 401) return state("ended");
    }
    isLost = true;
    await state("lost");
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}
