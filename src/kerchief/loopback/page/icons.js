// Icons as drawn lines: they take the colour of the text around them.

const paths = {
  check: "M3 8.5l3.2 3.2L13 4.8",
  question: "M5.6 6a2.4 2.4 0 1 1 3.6 2.1c-.8.5-1.2 1-1.2 1.9M8 12.6v.1",
  clock: "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11M8 5v3.2l2.2 1.4",
  search: "M7 2.8a4.2 4.2 0 1 0 0 8.4a4.2 4.2 0 1 0 0-8.4M10.2 10.2l3.3 3.3",
  out: "M8 9.5v-7M5 5.2l3-3l3 3M3 9v4h10v-4",
  dot: "M8 4.2a3.8 3.8 0 1 0 0 7.6a3.8 3.8 0 1 0 0-7.6M8 6.4a1.6 1.6 0 1 0 0 3.2a1.6 1.6 0 1 0 0-3.2M8 7.9v.2",
  done: "M8 2.2a5.8 5.8 0 1 0 0 11.6a5.8 5.8 0 1 0 0-11.6M5.2 8.2l2 2l3.6-4",
  refused: "M8 2.2a5.8 5.8 0 1 0 0 11.6a5.8 5.8 0 1 0 0-11.6M4 12l8-8",
  eye: "M1.8 8q2.6-4.2 6.2-4.2t6.2 4.2q-2.6 4.2-6.2 4.2t-6.2-4.2M8 6.2a1.8 1.8 0 1 0 0 3.6a1.8 1.8 0 1 0 0-3.6",
  cover: "M8 2.5q3.6 0 3.6 5q0 6-3.6 6q-3.6 0-3.6-6q0-5 3.6-5M4.6 8.6q3.4-1.6 6.8 0",
  cursor: "M4 2.5l8 6.2l-3.6.5l2 3.9l-1.6.8l-2-4l-2.8 2.4z",
  ellipse: "M8 3q4 0 4 5t-4 5q-4 0-4-5t4-5",
  box: "M3.5 3.5h9v9h-9z",
  undo: "M5.5 3L2.5 6l3 3M2.8 6h6.4a3.6 3.6 0 0 1 0 7.2h-2.4",
  redo: "M10.5 3l3 3l-3 3M13.2 6h-6.4a3.6 3.6 0 0 0 0 7.2h2.4",
  trash: "M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.6 9h5.8l.6-9M6.8 7v4M9.2 7v4",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  fit: "M2.8 6v-3.2h3.2M10 2.8h3.2v3.2M13.2 10v3.2h-3.2M6 13.2h-3.2v-3.2",
  previous: "M10 3l-5 5l5 5",
  next: "M6 3l5 5l-5 5",
  keyboard: "M1.8 4.2h12.4v7.6h-12.4zM4 6.6v.1M6.6 6.6v.1M9.2 6.6v.1M11.8 6.6v.1M5 9.4h6",
  another: "M5.5 2.8h7.7v7.7h-7.7zM5.5 5.5h-2.7v7.7h7.7v-2.7",
  close: "M3.8 3.8l8.4 8.4M12.2 3.8l-8.4 8.4",
  film: "M2.2 3.2h11.6v9.6h-11.6zM5 3.2v9.6M11 3.2v9.6M2.2 8h2.8M11 8h2.8",
  warning: "M8 2.4l6 11h-12zM8 6.4v3.2M8 11.4v.1",
  play: "M5 3l7.5 5l-7.5 5z",
  pause: "M5 3v10M11 3v10",
  stepBack: "M11.5 3l-6 5l6 5zM4 3v10",
  stepOn: "M4.5 3l6 5l-6 5zM12 3v10",
  split: "M8 2v12M5.4 5.5L2.8 8l2.6 2.5M10.6 5.5L13.2 8l-2.6 2.5",
  merge: "M2.5 3.5q5.5 0 5.5 4.5v5.5M13.5 3.5q-5.5 0-5.5 4.5M5.8 11.3l2.2 2.2l2.2-2.2",
  extend: "M2.5 3v10M5 8h8.2M10 4.8l3.2 3.2l-3.2 3.2",
  follow: "M2.5 11.5q2.5-6 5.2-3.4t5.8-4.3M10.3 3.4l3.4.2l-.4 3.4",
};

const svg = "http://www.w3.org/2000/svg";

/** A new icon, hidden from screen readers: whatever it stands on has a name of its own. */
export function icon(name) {
  const element = document.createElementNS(svg, "svg");
  element.setAttribute("viewBox", "0 0 16 16");
  element.setAttribute("class", "icon");
  element.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(svg, "path");
  path.setAttribute("d", paths[name]);
  element.append(path);
  return element;
}
