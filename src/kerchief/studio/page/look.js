// In which order things are looked at: the most doubtful first, then the next file.

import { store } from "./store.js";

/** The tracks that ask for a look, the most doubtful first. */
export function toLookAt(view) {
  return view.tracks.filter((track) => track.doubts.length > 0).sort((a, b) => b.doubt - a.doubt || a.at - b.at);
}

/** The track after (or before) the selected one in that order; null past the end. With none selected: the first. */
export function nextTrack(view, selected, step = 1) {
  const list = toLookAt(view);
  const at = list.findIndex((track) => track.id === selected);
  if (at < 0) return step > 0 ? list[0] ?? null : null;
  return list[at + step] ?? null;
}

/** The id of the next file (or the one before) that asks for a look; null if there is none. */
export function nextFile(id, step = 1) {
  const ids = [...store.files.values()].filter((card) => card.id !== id && asks(card)).map((card) => card.id);
  const order = [...store.files.keys()];
  const here = order.indexOf(id);
  const later = ids.filter((one) => (order.indexOf(one) - here) * step > 0);
  const list = later.length ? later : ids;
  return (step > 0 ? list[0] : list.at(-1)) ?? null;
}

/** The first file that asks for a look; null if none does. */
export function firstToLookAt() {
  for (const card of store.files.values()) if (asks(card)) return card.id;
  return null;
}

const asks = (card) => card.to_look_at > 0 && card.kind !== null;
