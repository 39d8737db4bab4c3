// Dialogs and passing messages.

import { button, el } from "./elements.js";
import { t } from "./words.js";

/**
 * A dialog with an empty body.
 *
 * @returns {{root: HTMLElement, close: function(*=): void, closed: Promise<*>}} closed gives what close was called with; null
 *     if the user closed it.
 */
export function panel({ title, kind = "", isBare = false }) {
  const heading = el("h2", { id: "dialog-title" }, title);
  const root = el("div.dialog-body");
  const dialog = el(`dialog.dialog${kind ? `.${kind}` : ""}`, { "aria-labelledby": "dialog-title" },
    el("header.dialog-head", {}, heading, isBare ? null : button({ label: t("shell.close"), mark: "close", onclick: () => close() })), root);
  let value = null;
  const close = (result = null) => {
    value = result;
    dialog.close();
  };
  const before = document.activeElement;
  const closed = new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (before instanceof HTMLElement || before instanceof SVGElement) before.focus({ preventScroll: true });
      resolve(value);
    });
  });
  document.body.append(dialog);
  dialog.showModal();
  return { root, close, closed };
}

/**
 * Asks something.
 *
 * @param {object} question
 * @param {string} question.title
 * @param {string} [question.text] - a sentence above the fields.
 * @param {Array<{name: string, label: string, value?: string, hint?: string, kind?: "text"|"long"|"choice", options?: Array<{value: string, text: string}>,
 *     isRequired?: boolean}>} [question.fields]
 * @param {Node} [question.body] - stands above the fields.
 * @param {string} [question.ok]
 * @param {string} [question.cancel]
 * @returns {Promise<?Object<string, string>>} the fields' values; null if it was cancelled.
 */
export function ask({ title, text, fields = [], body, ok = t("dialog.ok"), cancel = t("dialog.cancel") }) {
  const { root, close, closed } = panel({ title, isBare: true });
  const inputs = new Map(fields.map((field) => [field.name, control(field)]));
  const form = el("form", {
    method: "dialog",
    onsubmit: (event) => {
      event.preventDefault();
      close(Object.fromEntries([...inputs].map(([name, input]) => [name, input.value.trim()])));
    },
  }, text ? el("p", {}, text) : null, body ?? null,
  ...fields.map((field) => row(field, inputs.get(field.name))),
  el("div.dialog-foot", {}, button({ text: cancel, onclick: () => close() }), el("button.button.primary", { type: "submit" }, ok)));
  root.append(form);
  (inputs.values().next().value ?? form.querySelector(".primary")).focus();
  return closed;
}

function control({ name, value = "", kind = "text", options = [], isRequired = false }) {
  const shared = { id: `field-${name}`, name, required: isRequired, "aria-describedby": `hint-${name}` };
  // A pattern, for a field of blanks is as empty as one without.
  if (kind === "text") return el("input.input", { ...shared, type: "text", value, autocomplete: "off", pattern: isRequired ? ".*\\S.*" : null });
  if (kind === "long") return Object.assign(el("textarea.input", { ...shared, rows: 3 }), { value });
  const list = el("select.input", shared, ...options.map((option) => el("option", { value: option.value }, option.text)));
  if (value) list.value = value;
  return list;
}

function row({ name, label, hint, isRequired }, input) {
  const note = hint ?? (isRequired ? t("dialog.required") : null);
  return el("div.field", {}, el("label", { for: `field-${name}` }, label), input, note ? el("p.hint", { id: `hint-${name}` }, note) : null);
}

// How long a message stays, ms; a failure stays until it is dismissed.
const STAYS = { note: 7000, warning: 20_000 };

/** Says something, which is read out too: a "note", a "warning" or a "failure". */
export function say(text, kind = "note") {
  const box = document.getElementById("messages");
  const message = el(`div.message.${kind}`, {}, el("p", {}, text),
    button({ label: t("shell.dismiss"), mark: "close", onclick: () => message.remove() }));
  while (box.children.length > 2) box.firstChild.remove();
  box.append(message);
  if (STAYS[kind]) setTimeout(() => message.remove(), STAYS[kind]);
}

/** Says what went wrong, in the words of the command line. */
export function sayProblem({ subject, problem, next_step: step }) {
  const what = subject ? t("shell.problem", { subject, problem }) : problem;
  say(step ? t("shell.step", { problem: what, step }) : what, "failure");
}

/** Says what went wrong with a request; a server that can't be reached has a banner already. */
export function sayError(error) {
  if (!error.problem) throw error;
  if (error.status !== 0) sayProblem(error.problem);
}
