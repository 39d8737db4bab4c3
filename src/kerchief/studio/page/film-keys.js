// The keys of a film.

import { keys } from "./keys.js";

/** Binds them to what `does` has for each; answers how to unbind them. */
export function filmKeys(does) {
  const act = (name) => () => does.act(name);
  return keys.bind({
    n: ["keys.next", () => does.jump(1)],
    p: ["keys.previous", () => does.jump(-1)],
    enter: ["keys.confirm", act("confirm")],
    s: ["keys.show", act("show")],
    delete: ["keys.remove", act("remove")],
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
    0: ["keys.fit", does.fit],
    g: ["keys.export", does.export],
    escape: ["keys.back", does.back],
  });
}
