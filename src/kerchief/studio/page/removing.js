// Deleting a track uncovers its place. What something was sure of is not deleted by one key alone.

import { ask } from "./dialog.js";
import { nameOf } from "./track-words.js";
import { t } from "./words.js";

const SURE = 0.5;

// Of someone who is shown, deleting uncovers nothing.
const isFound = ({ action, by, doubts, score }) => action === "cover" && (by === "verify" || doubts.includes("check") || (score ?? 0) >= SURE);

/** Whether a track may be deleted: asks where a network was sure, or the check found it. */
export async function mayRemove(track) {
  if (!isFound(track)) return true;
  const why = track.score === null ? t("removing.check") : t("removing.score", { score: Math.round(track.score * 100) });
  const said = await ask({ title: t("removing.title", { name: nameOf(track) }), text: `${why} ${t("removing.text")}`, ok: t("removing.ok") });
  return said !== null;
}
