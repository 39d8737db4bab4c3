// Deleting a track uncovers its place. What something was sure of is not deleted by one key alone.

import { ask } from "./dialog.js";
import { nameOf } from "./track-words.js";
import { t } from "./words.js";

const SURE = 0.5;

const isFound = ({ by, doubts, score }) => by === "verify" || doubts.includes("check") || (score ?? 0) >= SURE;

/** Whether a track may be deleted: asks where a network was sure, or the check found it. */
export async function mayRemove(track) {
  if (!isFound(track)) return true;
  const why = track.score === null ? t("removing.check") : t("removing.score", { score: Math.round(track.score * 100) });
  const said = await ask({ title: t("removing.title", { name: nameOf(track) }), text: `${why} ${t("removing.text")}`, ok: t("removing.ok") });
  return said !== null;
}
