// Pointers on the stage: one that drags, two that pinch, a wheel. Says where in CSS pixels of the stage.

const STILL = 4; // a press that moves less is a click

/**
 * @param {HTMLElement} stage
 * @param {object} does - down(at) → a gesture {drag(at, from), up(at, from, isClick), cancel()} or null; pinch(factor, at, dx, dy);
 *     wheel(factor, at); hover(at). `at` is {x, y, isTouch, button}.
 */
export function gestures(stage, does) {
  const pointers = new Map();
  let gesture = null;
  let from = null;
  let hasMoved = false;
  let span = null;

  const place = (event) => {
    const box = stage.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top, isTouch: event.pointerType !== "mouse", button: event.button };
  };

  function pair() {
    const [a, b] = [...pointers.values()];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, length: Math.max(1, Math.hypot(a.x - b.x, a.y - b.y)) };
  }

  const listeners = {
    pointerdown(event) {
      if (event.target.closest("button")) return;
      event.preventDefault();
      stage.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, place(event));
      if (pointers.size === 1) {
        from = place(event);
        hasMoved = false;
        gesture = does.down(from);
      } else if (pointers.size === 2) {
        gesture?.cancel();
        gesture = null;
        span = pair();
      }
    },
    pointermove(event) {
      const at = place(event);
      if (!pointers.has(event.pointerId)) return does.hover(at);
      pointers.set(event.pointerId, at);
      if (pointers.size === 2 && span) {
        const now = pair();
        does.pinch(now.length / span.length, now, now.x - span.x, now.y - span.y);
        span = now;
      } else if (gesture) {
        hasMoved ||= Math.hypot(at.x - from.x, at.y - from.y) >= STILL;
        if (hasMoved) gesture.drag(at, from);
      }
    },
    pointerup(event) {
      if (!pointers.delete(event.pointerId)) return;
      span = null;
      const ended = gesture;
      gesture = null;
      ended?.up(place(event), from, !hasMoved);
    },
    pointercancel(event) {
      if (!pointers.delete(event.pointerId)) return;
      span = null;
      gesture?.cancel();
      gesture = null;
    },
    wheel(event) {
      event.preventDefault();
      const lines = event.deltaMode === 1 ? 16 : 1;
      // A pinch on a touch pad comes as a wheel with ctrl, in small steps.
      does.wheel(Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0015)), place(event));
    },
    contextmenu: (event) => event.preventDefault(),
  };
  for (const [type, listener] of Object.entries(listeners)) stage.addEventListener(type, listener, { passive: false });

  return { get isBusy() { return gesture !== null; } };
}
