// Lets a drawn region follow what is under it: offers it, says that it goes on, and says how far it came.

import { clock } from "./lanes.js";
import { follow, on, store } from "./store.js";
import { nameOf, secondsPerUnit } from "./track-words.js";
import { t } from "./words.js";

/** `line` is the banner over the picture; `now()` the time on screen, `seek(pts)` goes to another. */
export function follower(line, now, seek) {
  let running = null; // {id, last}: whom, and where that ended before
  let offered = null;

  const track = (id) => store.view?.tracks.find((each) => each.id === id);

  async function start(id) {
    const found = track(id);
    if (!found || running) return;
    offered = null;
    running = { id, last: found.last, revision: store.view.revision };
    line.say(t("film.following", { name: nameOf(found) }), [], true);
    await follow(id, now());
  }

  function finished(view) {
    if (running === null || view.revision === running.revision) return;
    const found = view.tracks.find((each) => each.id === running.id);
    const { last } = running;
    running = null;
    if (!found) return line.hide();
    const came = found.last > last;
    line.say(t(came ? "film.followed" : "film.notFollowed", { name: nameOf(found), to: clock(found.last * secondsPerUnit(view), 1) }),
      [came ? { text: t("film.toEnd"), onclick: () => seek(found.last) } : null, { text: t("shell.dismiss"), onclick: line.hide }].filter(Boolean));
  }

  function stopped() {
    if (running === null) return;
    running = null;
    line.hide();
  }

  const ends = [on("view", finished), on("failed", stopped)];

  return {
    start,
    /** After a region was drawn. */
    offer(id) {
      offered = id;
      line.say(t("film.ask"), [
        { text: t("film.follow"), mark: "follow", kind: "primary", onclick: () => start(id) },
        { text: t("film.only"), onclick: () => { offered = null; line.hide(); } },
      ]);
    },
    /** The offer holds for the frame that was drawn on. */
    moved() {
      if (offered === null) return;
      offered = null;
      line.hide();
    },
    destroy: () => ends.forEach((end) => end()),
  };
}
