// Plays a film by asking for frame after frame, a few ahead. When the frames come too slowly it leaves some out to keep
// real time, and when even that is not enough its clock waits: what it says of its pace is what was seen.

const AHEAD = 4;
const MOST_STEP = 8; // of so many frames one is shown at least
const LATE_MS = 250; // later than this, the clock waits instead of running away from the picture

/** `fetch(pts)` gives a frame or throws; `paint(frame)` shows it; `onPace({speed, shown, of})` once a second. */
export function player({ length, secondsPerUnit, fetch, paint, onPlaying, onPace, onProblem }) {
  const msPerUnit = secondsPerUnit * 1000;
  let run = null;

  function stop() {
    if (run === null) return;
    run.live = false;
    run = null;
    onPlaying(false);
  }

  async function play(from) {
    stop();
    const mine = { live: true };
    run = mine;
    onPlaying(true);
    try {
      await follow(mine, from);
    } catch (error) {
      if (mine.live) onProblem(error);
    }
    if (mine.live) stop();
  }

  async function follow(mine, from) {
    let frame = await fetch(from);
    if (!mine.live) return;
    paint(frame);
    let duration = frame.duration || 1;
    let next = frame.pts + duration;
    const stride = strides();
    const ahead = [];
    const ask = () => {
      while (ahead.length < AHEAD && next < length) {
        ahead.push(waited(fetch(next)));
        next += stride.step(duration * msPerUnit) * duration;
      }
    };
    ask();
    await Promise.allSettled(ahead.map((each) => each.promise)); // a supply, so that one late frame does not show
    let start = performance.now() - frame.pts * msPerUnit; // when pts 0 would have been shown
    const pace = measured(frame.pts, duration, msPerUnit, onPace);
    while (ahead.length > 0 && mine.live) {
      const coming = ahead.shift();
      ask();
      const wasHere = coming.isHere;
      const got = await coming.promise;
      stride.came(wasHere);
      if (!mine.live) return;
      if (got.pts <= frame.pts) continue;
      frame = got;
      duration = frame.duration || duration;
      const due = start + frame.pts * msPerUnit - performance.now();
      if (due > 0) await pause(due);
      else if (-due > LATE_MS) start -= due;
      if (!mine.live) return;
      paint(frame);
      pace(frame.pts);
    }
    // The last one is shown as long as it lasts.
    await pause(duration * msPerUnit);
  }

  return {
    play,
    stop,
    get isPlaying() {
      return run !== null;
    },
  };
}

function waited(promise) {
  const entry = { promise, isHere: false };
  const settle = () => { entry.isHere = true; };
  promise.then(settle, settle); // a failure is told where it is awaited
  return entry;
}

/** How many frames to go on at a time: as many as go by while one is fetched, by what was seen of late. */
function strides() {
  let interval = 0; // ms between two frames when they are waited for; 0 as long as they never are
  let before = performance.now();
  return {
    came(wasHere) {
      const now = performance.now();
      if (wasHere) interval *= 0.95;
      else interval += 0.2 * (now - before - interval);
      before = now;
    },
    step: (ms) => Math.max(1, Math.min(MOST_STEP, Math.ceil(interval / ms - 0.2))),
  };
}

/** Counts what was shown, and says so about once a second: real time is `speed` 1 and `shown` = `of`. */
function measured(first, duration, msPerUnit, onPace) {
  let since = performance.now();
  let from = first;
  let shown = 0;
  return (pts) => {
    shown += 1;
    const ms = performance.now() - since;
    if (ms < 1000) return;
    onPace({
      speed: ((pts - from) * msPerUnit) / ms,
      shown: (shown * 1000) / ms,
      of: 1000 / (duration * msPerUnit),
    });
    [since, from, shown] = [performance.now(), pts, 0];
  };
}

function pause(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
