// Which pictures somebody can have looked at: those that were loaded and in sight at the same time.

/** Watches <img> elements; `onChange` when one was seen, or could not be loaded. */
export function sights(onChange) {
  const [unseen, inSight, broken] = [new Set(), new Set(), new Set()];

  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) inSight.add(target);
      else inSight.delete(target);
      looked(target);
    }
  }, { threshold: 0.6 });

  function looked(img) {
    if (!unseen.has(img) || !inSight.has(img) || img.naturalWidth === 0) return;
    unseen.delete(img);
    broken.delete(img);
    onChange();
  }

  return {
    watch(img) {
      unseen.add(img);
      img.addEventListener("load", () => looked(img));
      img.addEventListener("error", () => {
        if (unseen.has(img)) broken.add(img);
        onChange();
      });
      observer.observe(img);
    },
    forget(img) {
      observer.unobserve(img);
      for (const set of [unseen, inSight, broken]) set.delete(img);
    },
    /** How many were not seen yet, and how many of those can't be: their picture could not be loaded. */
    get left() { return unseen.size; },
    get broken() { return broken.size; },
    /** The first that was not seen yet. */
    get next() { return unseen.values().next().value ?? null; },
    destroy: () => observer.disconnect(),
  };
}
