"""Where the processor's time goes while one film is redacted, in ms a frame (Linux).

    python benchmarks/film_costs.py CLIP [--style veil]

"decoding" is the decoder process, start-up included; "the rest" is encoding, passing frames between processes, start-up
and what Python does besides. Times of threads are added up, so two cores give 2,000 ms a second.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kerchief.pipeline as pipeline
from kerchief import Tools
from kerchief.cli.options import settings_from
from kerchief.find.motion import Camera
from kerchief.models.centerface import CenterFace

spent: dict[str, float] = defaultdict(float)
lock = threading.Lock()


def timed(part: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, with the time of its thread added to a part."""

    def run(*args: Any, **options: Any) -> Any:
        start = time.thread_time()
        try:
            return function(*args, **options)
        finally:
            with lock:
                spent[part] += time.thread_time() - start

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clip", type=Path)
    parser.add_argument("--style", default="veil")
    args = parser.parse_args()
    checking = threading.Event()
    look = CenterFace.detect

    def looked(*values: Any) -> Any:
        return timed("the check's looks" if checking.is_set() else "looking", look)(*values)

    again = pipeline._look_again

    def checked(*values: Any) -> Any:
        checking.set()
        return again(*values)

    vars(pipeline).update(_look_again=checked, paint_planes=timed("painting", pipeline.paint_planes))
    CenterFace.detect = looked  # type: ignore[method-assign]
    Camera.see = timed("motion", Camera.see)  # type: ignore[method-assign]
    with tempfile.TemporaryDirectory() as folder:
        with Tools(settings_from(args.style)) as tools:
            outcome = pipeline.redact(args.clip, Path(folder) / "out.mp4", tools=tools)
        total = time.process_time()
    spent["decoding"] = sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    spent["the rest"] = total - sum(spent[part] for part in spent if part != "decoding")
    frames = outcome.plan.media.frames
    print(f"{frames} frames, {outcome.plan.looked.frames} looked at, {outcome.receipt.checked.rounds} rounds")
    for part, seconds in sorted(spent.items(), key=lambda item: -item[1]):
        print(f"{part:20s} {1000 * seconds / frames:6.1f}")


if __name__ == "__main__":
    main()
