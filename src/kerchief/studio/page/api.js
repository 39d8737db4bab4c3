// The server of the review, as functions.

import { call } from "./door.js";

/** GET of a picture: its bytes, and which frame and revision they show. */
export async function picture(path, signal) {
  const answer = await call("GET", path, undefined, signal);
  const { headers } = answer;
  return {
    blob: await answer.blob(),
    pts: Number(headers.get("X-Pts") ?? 0),
    duration: Number(headers.get("X-Duration") ?? 0),
    revision: headers.get("X-Revision"),
  };
}

/** The same with an address for an <img>; whoever asked revokes it. */
export async function image(path, signal) {
  const found = await picture(path, signal);
  return { ...found, url: URL.createObjectURL(found.blob) };
}

/** The events, one after the other, until the stream ends; a silence of `patience` ms ends it too. */
export async function* events(patience = 25_000) {
  const stop = new AbortController();
  let timer = setTimeout(() => stop.abort(), patience);
  try {
    const reader = (await call("GET", "/events", undefined, stop.signal)).body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(() => stop.abort(), patience);
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      for (const line of lines) if (line.trim()) yield JSON.parse(line);
    }
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}
