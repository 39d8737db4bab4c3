// The keys of a film.

import { keys } from "./keys.js";
import { t } from "./words.js";

/** Binds them to what `does` has for each; answers how to unbind them. */
export function filmKeys(does) {
  const act = (name) => () => does.act(name);
  const arrows = ["arrowleft", "arrowright", "arrowup", "arrowdown"];
  const quiet = (names, word) => Object.fromEntries(names.map((name) => [name, [word, does.nudge, ""]]));
  return keys.bind({
    n: ["keys.next", () => does.jump(1)],
    p: ["keys.previous", () => does.jump(-1)],
    enter: ["keys.confirm", act("confirm")],
    s: ["keys.show", act("show")],
    delete: ["keys.remove", act("remove")],
    backspace: ["keys.remove", act("remove"), ""],
    space: ["keys.play", does.toggle],
    ".": ["keys.stepOn", () => does.step(1)],
    ",": ["keys.stepBack", () => does.step(-1)],
    l: ["keys.secondOn", () => does.seconds(1)],
    j: ["keys.secondBack", () => does.seconds(-1)],
    d: ["keys.ellipse", () => does.tool("draw-ellipse")],
    b: ["keys.box", () => does.tool("draw-box")],
    f: ["keys.follow", act("follow")],
    x: ["keys.split", act("split")],
    e: ["keys.extend", act("extend")],
    m: ["keys.merge", does.merge],
    o: ["keys.toggle", does.look],
    c: ["keys.compare", does.compare],
    z: ["keys.undo", does.undo],
    "shift+z": ["keys.redo", does.redo],
    ...quiet(arrows.slice(1), "keys.nudge"),
    ...quiet(arrows.map((name) => `shift+${name}`), "keys.nudge"),
    arrowleft: ["keys.nudge", does.nudge, t("keys.arrows")],
    "+": ["keys.size", does.nudge, t("keys.sizeKeys")],
    "-": ["keys.size", does.nudge, ""],
    "=": ["keys.size", does.nudge, ""],
    "[": ["keys.turn", does.nudge, t("keys.turnKeys")],
    "]": ["keys.turn", does.nudge, ""],
    0: ["keys.fit", does.fit],
    1: ["keys.full", does.full],
    g: ["keys.export", does.export],
    escape: ["keys.back", does.back],
  });
}
