// Pictures that are fetched when they come into sight, a few at a time, and given back when they are far out of it.

import { image } from "./api.js";

const AT_ONCE = 4; // of the six connections that a browser opens to one server; events and edits need some, too
const SEEN_LAST = 400; // pictures that are kept although they are out of sight

/**
 * Watches <img> elements.
 *
 * @param {?Element} root - what scrolls; null: the window.
 * @param {string} margin - how far out of sight they are fetched already.
 */
export function lazily(root = null, margin = "300px") {
  const entries = new Map();
  const wanted = new Set();
  let running = 0;

  const observer = new IntersectionObserver((changes) => {
    for (const { target, isIntersecting } of changes) {
      const entry = entries.get(target);
      if (!entry) continue;
      entry.isNear = isIntersecting;
      if (isIntersecting) want(target);
      else leave(target, entry);
    }
  }, { root, rootMargin: margin });

  function want(img) {
    const entry = entries.get(img);
    if (entry.shown === entry.path) return;
    wanted.add(img);
    pump();
  }

  function leave(img, entry) {
    wanted.delete(img);
    entry.stop?.abort();
    const kept = [...entries].filter(([, one]) => one.url && !one.isNear);
    for (const [old, one] of kept.slice(0, Math.max(0, kept.length - SEEN_LAST))) drop(old, one);
  }

  function drop(img, entry) {
    if (!entry.url) return;
    URL.revokeObjectURL(entry.url);
    entry.url = entry.shown = null;
    img.removeAttribute("src");
  }

  function pump() {
    while (running < AT_ONCE && wanted.size) {
      const [img] = wanted;
      wanted.delete(img);
      running += 1;
      load(img, entries.get(img)).finally(() => {
        running -= 1;
        pump();
      });
    }
  }

  async function load(img, entry) {
    const { path } = entry;
    entry.stop = new AbortController();
    try {
      const { url } = await image(path, entry.stop.signal);
      if (entries.get(img) !== entry || entry.path !== path) return URL.revokeObjectURL(url);
      const old = entry.url;
      Object.assign(entry, { url, shown: path });
      img.src = url;
      if (old) URL.revokeObjectURL(old);
    } catch (error) {
      if (error.name === "AbortError") return;
      img.classList.add("is-missing");
      img.dispatchEvent(new Event("error"));
    } finally {
      entry.stop = null;
    }
  }

  return {
    /** Shows this picture in the element when it comes into sight; an other path replaces the picture. */
    watch(img, path) {
      const entry = entries.get(img);
      if (!entry) {
        entries.set(img, { path, url: null, shown: null, isNear: false, stop: null });
        observer.observe(img);
      } else if (entry.path !== path) {
        entry.path = path;
        img.classList.remove("is-missing");
        if (entry.isNear) want(img);
      }
    },
    /** Lets go of one element. */
    forget(img) {
      const entry = entries.get(img);
      if (!entry) return;
      observer.unobserve(img);
      wanted.delete(img);
      entry.stop?.abort();
      drop(img, entry);
      entries.delete(img);
    },
    /** Lets go of all. */
    destroy() {
      for (const img of [...entries.keys()]) this.forget(img);
      observer.disconnect();
    },
  };
}
