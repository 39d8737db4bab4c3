// Every text that a user of the page can read, in one place so that it can be translated.
// A value is a sentence with {places}, or one for each plural form of {n}.

const language = "en";

const words = {
  shell: {
    name: "kerchief review",
    skip: "Skip to the content",
    loading: "Loading…",
    saving: "Saving…",
    saved: "Saved in the plan file",
    failed: "Not saved",
    lost: "The server can't be reached. What was shown as saved is in the plan files; anything after that is not. Trying again…",
    ended: "This page's key is not valid any more. Run kerchief review again and open the link that it prints.",
    used: "This link was used already. Each link opens one page, once. Run kerchief review again and open the link that it prints.",
    back: "The server is back.",
    stale: "The plan was changed somewhere else. This page now shows the new plan, and your last change was not made: make it again if it is still needed.",
    broken: "This part of the page could not be loaded. Reload the page.",
    unknown: "There is no such file in this review.",
    close: "Close",
    dismiss: "Dismiss",
    problem: "{subject}: {problem}",
    step: "{problem} Next: {step}",
    language,
  },
  work: {
    finding: { one: "Looking for faces: {done} of {total} file", other: "Looking for faces: {done} of {total} files" },
    exporting: { one: "Exporting {n} file", other: "Exporting {n} files" },
    idle: "All files were looked through",
    left: "about {time} left",
    seconds: { one: "{n} second", other: "{n} seconds" },
    minutes: { one: "{n} minute", other: "{n} minutes" },
    hours: { one: "{n} hour", other: "{n} hours" },
  },
  state: {
    waiting: "Waiting",
    finding: "Looking",
    found: "Found",
    look: "Needs a look",
    exporting: "Exporting",
    exported: "Exported",
    refused: "Refused",
  },
  doubt: {
    faint: "hardly sure",
    small: "small",
    border: "at the border",
    once: "found only once",
    check: "found by the check",
  },
  kind: { face: "Face", head: "Head", person: "Person", plate: "Number plate", text: "Text", manual: "Drawn region" },
  waiting: {
    queue: "Nobody has looked for faces in this file yet. It is next.",
    finding: "Looking for faces in this file. It opens by itself when that is done.",
    refused: "This file can't be reviewed",
    overview: "Back to the overview",
  },
  overview: {
    title: "Files",
    count: { one: "{n} file", other: "{n} files" },
    of: { one: "{n} of {all} file", other: "{n} of {all} files" },
    output: "Copies go to {output}",
    search: "Search by name",
    filter: "Show files by state",
    all: "All",
    selected: { one: "{n} selected", other: "{n} selected" },
    selectAll: "Select all",
    selectNone: "Select none",
    export: "Export…",
    exportSelected: { one: "Export {n}…", other: "Export {n}…" },
    review: "Review what needs a look",
    shown: { one: "{n} face shown", other: "{n} faces shown" },
    covered: { one: "{n} covered", other: "{n} covered" },
    none: "no face found",
    look: { one: "{n} to look at", other: "{n} to look at" },
    showing: { one: "{n} shown", other: "{n} shown" },
    outdated: "the copy is older than the plan",
    empty: "No file fits this filter.",
    emptyAll: "There are no photos or films to review.",
    select: "Select {name}",
    film: "film",
    refusedBecause: "Refused: {problem}",
  },
  viewer: {
    label: "Picture with outlines",
    hint: "Arrow keys move the picture, plus and minus zoom, Tab goes through the outlines.",
    region: "{kind}, {state}",
    covered: "covered",
    shown: "shown",
    doubtful: "covered, doubtful: {doubts}",
    draft: "New outline: arrow keys move it, plus and minus size it, square brackets turn it, Enter puts it there",
    draw: "Draw around a head. With the keyboard: arrow keys, then Enter. Escape ends drawing.",
    zoomIn: "Zoom in",
    zoomOut: "Zoom out",
    fit: "Fit to the window",
    zoom: "{percent} %",
    failed: "The picture could not be drawn: {problem}",
  },
  photo: {
    title: "Review of {name}",
    previous: "Previous to look at",
    next: "Next to look at",
    original: "Original",
    result: "Result",
    view: "What is shown",
    tools: "Tools",
    select: "Select and move",
    ellipse: "Draw an ellipse",
    box: "Draw a box",
    undo: "Undo",
    redo: "Redo",
    confirm: "Cover",
    confirmHint: "This is right: cover it, and go to the next",
    show: "Show…",
    remove: "Remove",
    export: "Export…",
    left: { one: "{n} thing left to look at", other: "{n} things left to look at" },
    nothing: "Nothing left to look at",
    nothingSelected: "Click an outline to change it, or draw one around a head that is not covered.",
    at: "{kind}: {doubts}",
    sure: "sure",
    done: "Nothing is left to look at in this file.",
    doneAll: "Nothing is left to look at in any file that was looked through.",
    nextFile: "Next file: {name}",
    page: "Page {n} of {all}",
    pagePrevious: "Previous page",
    pageNext: "Next page",
    panel: "Things in this picture",
    removed: "Removed. Undo brings it back.",
    style: "Style",
    margin: "Margin",
    cosmetic: "cosmetic: does not erase",
    covered: "This face is covered now.",
  },
  style: { veil: "Veil", solid: "Solid", pixelate: "Pixelate", blur: "Blur" },
  margin: { standard: "Standard", strict: "Strict" },
  keys: {
    title: "Keyboard",
    help: "this help",
    move: "go through the files",
    open: "open the file",
    filter: "search by name",
    select: "select the file",
    selectAll: "select all that are listed",
    export: "export",
    next: "next thing to look at, also in the next file",
    previous: "previous thing to look at",
    confirm: "cover it, and go to the next",
    show: "show it, by consent",
    remove: "remove it: nothing is there",
    ellipse: "draw an ellipse",
    box: "draw a box",
    toggle: "original or result",
    undo: "undo",
    redo: "redo",
    back: "back to the overview",
    fit: "fit the picture to the window",
    nudge: "move the selected outline by 1 px, or the picture; with shift by 10 px",
    size: "selected outline larger or smaller, or zoom",
    turn: "turn the selected outline",
    full: "one picture pixel for one screen pixel",
    pages: "previous or next page",
    pageKeys: ", .",
    arrows: "↑ ↓ ← →",
    sizeKeys: "+ −",
    turnKeys: "[ ]",
  },
  key: {
    space: "Space", enter: "Enter", escape: "Escape", delete: "Delete", shift: "Shift", arrowleft: "←", arrowright: "→",
    arrowup: "↑", arrowdown: "↓", home: "Home", end: "End", pageup: "Page up", pagedown: "Page down",
  },
  dialog: { ok: "OK", cancel: "Cancel", required: "needed" },
};

const plural = new Intl.PluralRules(language);
const numbers = new Intl.NumberFormat(language);

/** The text of a key such as "overview.count", its {places} filled from the values; {n} chooses the plural form. */
export function t(key, values = {}) {
  let text = key.split(".").reduce((found, part) => found?.[part], words);
  if (text && typeof text === "object") text = text[plural.select(values.n ?? values.total ?? 0)] ?? text.other;
  if (typeof text !== "string") throw new Error(`no word for ${key}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => {
    const value = values[name];
    return typeof value === "number" ? numbers.format(value) : String(value ?? "");
  });
}

/** A length of time in words, rounded as one says it. */
export function duration(seconds) {
  if (seconds < 60) return t("work.seconds", { n: Math.max(1, Math.round(seconds)) });
  if (seconds < 5400) return t("work.minutes", { n: Math.round(seconds / 60) });
  return t("work.hours", { n: Math.round(seconds / 3600) });
}

/** The doubts of a track in words: "small, at the border". */
export const doubts = (track) => track.doubts.map((one) => t(`doubt.${one}`)).join(", ");
