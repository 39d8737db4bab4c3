// Lets a drawn region follow what is under it: offers it, says that it goes on, and says how far it came.

import { sayProblem } from "./dialog.js";
import { clock } from "./lanes.js";
import { follow, on, store } from "./store.js";
import { nameOf, secondsPerUnit } from "./track-words.js";
import { t } from "./words.js";

/** `line` is the banner over the picture; `now()` the time on screen, `seek(pts)` goes to another. */
export function follower(line, now, seek) {
  let running = null; // {id, last, revision, problem}: whom, where that ended before, and what was so then
  let offered = null;
  let timer = 0;
  const mine = new Set(); // revisions that this page's own edits made: not the answer that is waited for

  const track = (id) => store.view?.tracks.find((each) => each.id === id);

  async function start(id) {
    const found = track(id);
    if (!found || running) return;
    offered = null;
    const { revision, card } = store.view;
    running = { id, file: card.id, last: found.last, revision, problem: JSON.stringify(card.problem) };
    line.say(t("film.following", { name: nameOf(found) }), [], true);
    await follow(id, now());
  }

  function changed(view) {
    if (running === null || view.revision === running.revision) return;
    const found = track(running.id);
    if (!found || found.last !== running.last) return finished(found, view);
    clearTimeout(timer);
    timer = setTimeout(() => { if (running && !mine.has(view.revision)) finished(track(running.id), view); }, 400);
  }

  function finished(found, view) {
    const { last } = running;
    running = null;
    if (!found) return line.hide();
    const came = found.last > last;
    line.say(t(came ? "film.followed" : "film.notFollowed", { name: nameOf(found), to: clock(found.last * secondsPerUnit(view), 1) }),
      [came ? { text: t("film.toEnd"), onclick: () => seek(found.last) } : null, { text: t("shell.dismiss"), onclick: line.hide }].filter(Boolean));
  }

  /** It was refused, or it went wrong in the background: then the card has a problem that it did not have before. */
  function stopped(card = null) {
    if (running === null) return;
    if (card && (card.id !== running.file || !card.problem || JSON.stringify(card.problem) === running.problem)) return;
    running = null;
    line.hide();
    if (card) sayProblem(card.problem);
  }

  const ends = [on("view", changed), on("file", stopped), on("failed", () => stopped()), on("stale", () => stopped())];

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
    /** An edit of this page made this revision. */
    own: (revision) => mine.add(revision),
    destroy() {
      clearTimeout(timer);
      ends.forEach((end) => end());
    },
  };
}
