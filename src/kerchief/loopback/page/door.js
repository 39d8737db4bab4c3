// The way to the server. Everything under /api/ carries the key; nothing else on a page knows about it.

import { t } from "./words.js";

/** An answer that is not a success. `status` is 0 if there was no answer at all. */
export class ApiError extends Error {
  constructor(status, problem) {
    super(problem.problem);
    this.status = status;
    this.problem = problem;
  }
}

const KEY = "kerchief-key";
let key = sessionStorage.getItem(KEY);

/**
 * Trades the one-time token in the link for the key, and takes it out of the address.
 *
 * @returns {Promise<boolean>} whether there is a key now.
 */
export async function enter() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (!token) return key !== null;
  history.replaceState(null, "", "#/");
  try {
    const answer = await call("POST", "/session", { token });
    key = (await answer.json()).key;
    sessionStorage.setItem(KEY, key);
  } catch (error) {
    if (error.status !== 401) throw error;
  }
  return key !== null;
}

/** A name for the run of the server that the key is for, the same in every window; nobody can tell the key from it. */
export async function nameOfRun() {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key));
  return [...new Uint8Array(digest, 0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** GET of JSON. */
export const get = async (path, signal) => (await call("GET", path, undefined, signal)).json();

/** POST of JSON; the answer's JSON, or null if it has none. */
export async function post(path, body) {
  const text = await (await call("POST", path, body)).text();
  return text ? JSON.parse(text) : null;
}

/**
 * Asks the server.
 *
 * @throws {ApiError} the answer is no success, or there is none.
 */
export async function call(method, path, body, signal) {
  const headers = {};
  if (key !== null && path !== "/session") headers.Authorization = `Bearer ${key}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(`/api${path}`, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch (error) {
    if (signal?.aborted && error.name === "AbortError") throw error;
    throw new ApiError(0, { exit_code: 0, subject: "", problem: t("shell.unreachable"), next_step: "" });
  }
  if (answer.ok) return answer;
  throw new ApiError(answer.status, await problemOf(answer));
}

async function problemOf(answer) {
  try {
    return (await answer.json()).error;
  } catch {
    return { exit_code: 0, subject: "", problem: `${answer.status} ${answer.statusText}`, next_step: "" };
  }
}
