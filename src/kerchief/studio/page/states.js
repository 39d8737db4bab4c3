// How the state of a file looks.

/** The icon of each state of a file. */
export const stateIcons = {
  waiting: "clock", finding: "search", found: "check", look: "question", exporting: "out", exported: "done", refused: "refused",
};
