// Making elements without a string of markup: nothing that a file is called can become part of the page.

import { icon } from "./icons.js";

/**
 * A new element.
 *
 * @param {string} name - tag name with classes: "button.icon-button".
 * @param {object} attributes - attributes; a key that begins with "on" is a listener, false and null are left out.
 * @param {...(Node|string|null)} children
 */
export function el(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** A button with an icon, a text or both; without a text the label is its name and its tooltip. */
export function button({ label, text, mark, kind = "", onclick, ...attributes }) {
  const named = text ? (label && label !== text ? { title: label } : {}) : { "aria-label": label, title: label };
  const name = ["button", text ? "button" : "icon-button", ...kind.split(" ")].filter(Boolean).join(".");
  return el(name, { type: "button", ...named, onclick, ...attributes },
    mark ? icon(mark) : null, text ? el("span", {}, text) : null);
}
