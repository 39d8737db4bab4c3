// Plays a film by asking for frame after frame, a few ahead. When the frames come too slowly it leaves some out to keep
// real time, and when even that is not enough its clock waits: what it says of its pace is what was seen.

const AHEAD = 4;
const MOST_LEFT_OUT = 8;
const LATE_MS = 400; // later than this, the clock waits instead of running away from the picture

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
    let { duration } = frame;
    let next = frame.pts + duration;
    let step = 1;
    let onTime = 0;
    let start = performance.now() - frame.pts * msPerUnit; // when pts 0 would have been shown
    const pace = measured(frame.pts, duration, msPerUnit, onPace);
    const ahead = [];
    for (;;) {
      while (ahead.length < AHEAD && next < length) {
        const asked = fetch(next);
        asked.catch(() => {}); // told where it is awaited
        ahead.push(asked);
        next += step * duration;
      }
      if (ahead.length === 0) return;
      const got = await ahead.shift();
      if (!mine.live) return;
      if (got.pts <= frame.pts) continue;
      frame = got;
      duration = frame.duration || duration;
      const due = start + frame.pts * msPerUnit - performance.now();
      if (due > 0) {
        await pause(due);
        if (!mine.live) return;
        onTime += 1;
        if (onTime > 24 && step > 1) [step, onTime] = [step - 1, 0];
      } else if (-due > duration * msPerUnit) {
        onTime = 0;
        step = Math.min(MOST_LEFT_OUT, step + 1);
        if (-due > LATE_MS) start -= due;
      }
      paint(frame);
      pace(frame.pts);
    }
  }

  return {
    play,
    stop,
    get isPlaying() {
      return run !== null;
    },
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
