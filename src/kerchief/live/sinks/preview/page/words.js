// Every text that a user of the page can read, in one place so that it can be translated.
// A value is a sentence with {places}, or one for each plural form of {n}.

import { speaker } from "./speech.js";

export const language = "en";

const words = {
  shell: {
    name: "kerchief live",
    picture: "The stream as it leaves, covered",
    full: "Full screen",
    another: "Open another window",
    blocked: "The browser kept the window from opening. Allow it for this address, and try again.",
    unreachable: "the server can't be reached",
  },
  state: {
    waiting: "Waiting",
    live: "Live",
    veiled: "Veiled",
    silent: "No picture",
    lost: "Source lost",
    closed: "No stream",
    unreachable: "Not connected",
    ended: "Ended",
    used: "Used already",
  },
  says: {
    waiting: "The first picture has not come yet.",
    live: "The stream is shown as it leaves.",
    veiled: "All of the picture is covered, for it was not looked at in time.",
    silent: "No frame has come for a while. The last one is not shown: it would look live.",
    lost: "The source is lost and is tried again. Nothing is shown until it is back.",
    closed: "No stream is sent here now. It shows by itself when there is one.",
    unreachable: "kerchief live can't be reached: it has ended, or is too busy to answer. It is tried again.",
    ended: "This page's key is not valid any more. Run kerchief live again and open the link that it prints.",
    used: "Each link opens one page, once. Open another window from a page that is open, or run kerchief live again and open the link that it prints.",
  },
  figures: {
    title: "The stream in figures",
    more: "More figures",
    unknown: "–",
    milliseconds: "{value} ms",
    seconds: "{value} s",
  },
  // By the names in the run's status events.
  figure: {
    people: "People in view",
    fps: "Frames a second",
    delay_ms: "Delay",
    late: "Late frames",
    veiled_s: "Veiled",
    scale: "Looked at in",
    rate: "Most frames a second",
    missed: "Frames that a sink missed",
    sent: "Frames sent",
    came: "Frames from the source",
    veiled: "Veiled frames",
  },
};

/** The text of a key such as "state.live", its {places} filled from the values. */
export const t = speaker(language, words);

/** What a figure is called; one that this page does not know is called as it is. */
export const nameOf = (key) => words.figure[key] ?? key.replaceAll("_", " ");
