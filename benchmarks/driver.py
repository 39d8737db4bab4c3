"""How many files a second one driver can hand out and write down, whatever the workers are (Linux).

    python benchmarks/driver.py [--files 20000] [--workers 2] [--json FILE]

Lists a folder of empty files and runs a whole pass over it on a real Ray, with workers that do all that the real ones
do but for the pictures: they ask the notary twice for each file, and publish nothing. Driver, notary, listing and
workers share this machine's cores, so on a cluster, where workers have cores of their own, the driver does more.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from hashlib import sha256
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from kerchief.scale import engine
from kerchief.scale.engine import RayEngine, Wanted
from kerchief.scale.notary import Notary
from kerchief.scale.storage import Place
from kerchief.scale.tasks import Failed, Finished, Made, Task
from kerchief.settings import Settings

NOTHING = sha256(b"").hexdigest()


class Idle:
    """A worker without pictures."""

    def __init__(self, settings: Settings, notary: Notary, gpus: float) -> None:
        self._notary = notary

    def redact(self, tasks: tuple[Task, ...]) -> tuple[Finished | Failed, ...]:
        return tuple(self._one(task) for task in tasks)

    def _one(self, task: Task) -> Finished:
        self._notary.begin(task.number)
        made = Made(
            number=task.number,
            output=f"{task.output}.jpg",
            source_sha256=NOTHING,
            output_sha256=NOTHING,
            output_size=0,
            receipt_sha256=None,
            kind="photo",
            frames=1,
            covered=1,
            rounds=1,
            added=0,
            doubtful=0,
            seconds=0.2,
        )
        self._notary.intend(made)
        return Finished(made, None)

    def stop(self) -> None:
        pass

    def close(self) -> None:
        pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    # Processes of the cluster find this module by its name.
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    import driver

    engine.Worker = driver.Idle  # type: ignore[misc, assignment]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "in"
        for number in range(args.files):
            place = folder / f"{number // 1000}" / f"{number}.jpg"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch()
        wanted = Wanted(
            sources=(Place.of(str(folder)),),
            output=Place.of(str(Path(scratch) / "out")),
            receipts=None,
            ledger=None,
            settings=Settings(),
            workers=args.workers,
        )
        times = [time.perf_counter() for _ in RayEngine(wanted).results()]
    # The first and last tenth are start and end.
    cut = len(times) // 10
    rate = (len(times) - 2 * cut) / (times[-cut - 1] - times[cut])
    print(f"{len(times)} files, {args.workers} workers, {os.cpu_count()} cores: {rate:.0f} files a second")
    if args.json:
        args.json.write_text(json.dumps({"files": len(times), "workers": args.workers, "rate": rate}))


if __name__ == "__main__":
    main()
