// Lets a drawn region follow what is under it: offers it, says that it goes on, and says how far it came.

import { tellCovered } from "./consent.js";
import { sayProblem } from "./dialog.js";
import { clock } from "./lanes.js";
import { follow, on, store } from "./store.js";
import { nameOf, secondsPerUnit } from "./track-words.js";
import { t } from "./words.js";

/** `line` is the banner over the picture; `now()` the time on screen, `seek(pts)` goes to another. */
export function follower(line, now, seek) {
  let running = null; // {id, view}: whom, and the FileView before
  let offered = null;

  const track = (id) => store.view?.tracks.find((each) => each.id === id);

  async function start(id) {
    const found = track(id);
    if (!found || running) return;
    offered = null;
    running = { id, view: store.view };
    line.say(t("film.following", { name: nameOf(found) }), [], true);
    await follow(id, now());
  }

  function finished({ file, track: id, until, problem }) {
    if (running === null || id !== running.id || file !== running.view.card.id) return;
    const { view } = running;
    const found = track(id);
    stopped();
    if (problem) return sayProblem(problem);
    if (!found) return;
    const came = until !== null;
    line.say(t(came ? "film.followed" : "film.notFollowed", { name: nameOf(found), to: came ? clock(until * secondsPerUnit(view), 1) : "" }),
      [came ? { text: t("film.toEnd"), onclick: () => seek(until) } : null, { text: t("shell.dismiss"), onclick: line.hide }].filter(Boolean));
    if (came) tellCovered(view, store.view);
  }

  function stopped() {
    if (running === null) return;
    running = null;
    line.hide();
  }

  const ends = [
    on("followed", finished),
    ...["failed", "stale"].map((type) => on(type, stopped)),
    on("connection", (state) => { if (state !== "on") stopped(); }), // what came of it was told meanwhile
  ];

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
