// What a track is called, when it is to be seen, and where the picture of its face is.

import { clock } from "./lanes.js";
import { t } from "./words.js";

/** "Face 12": its kind, and the number that its id ends with. */
export function nameOf(track) {
  return t("people.name", { kind: t(`kind.${track.kind}`), number: /\d+$/.exec(track.id)?.[0] ?? track.id });
}

/** Seconds for a unit of pts. */
export const secondsPerUnit = (view) => view.time_base[0] / view.time_base[1];

/** "0:12.4 – 0:31.0"; nothing for what has no times. */
export function spanOf(track, view) {
  if (view.length === 0) return "";
  const [from, to] = [track.first, track.last].map((pts) => clock(pts * secondsPerUnit(view), 1));
  return from === to ? from : t("people.span", { from, to });
}

/** Where the picture of a track's face is, at a time or where it is largest; another address when the face may look otherwise, for what asks for it. */
export function facePath(file, track, side = 160, pts = null) {
  return `/files/${file}/tracks/${track.id}/face?side=${side}${pts === null ? "" : `&pts=${pts}`}#${track.first}-${track.last}-${track.at}`;
}
