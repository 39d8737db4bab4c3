"""What face recognition gets out of copies: every style, weaker settings, and peers, attacked over the same people.

    python benchmarks/leaks.py PEOPLE -o leaks.json [--styles veil,mosaic-24,...] [--deface BIN] [--faceghost BIN]

PEOPLE holds a folder for each person with two photos or more. Shipped styles go through `redact` as users run it;
weaker settings (`mosaic-N`: N blocks across a head; `blur-S`: sigma of S head widths) are painted under the masks of
the same plans: they must show their leak, or the attack is broken. Peers are run as they ship. The output is a
PeopleReport for each style, from which `benchmarks/figures.py` and `docs/leaks.md` take their figures. Needs the extra
`attack`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
from described import digest_of_covering

from kerchief.adversary.arms import Arms, arm
from kerchief.adversary.interference import interfere
from kerchief.adversary.people import Subject, Tried, enrol_one, report_on, try_one
from kerchief.batch.walk import walk
from kerchief.cover.mask import mask_of
from kerchief.errors import InputRefused, KerchiefError
from kerchief.find.detect import as_rgb8
from kerchief.pipeline import plan_source, redact_source
from kerchief.plan.model import Plan, Style, StyleName
from kerchief.plan.query import regions_at
from kerchief.ports import Pixels
from kerchief.prove.attack import PeopleReport
from kerchief.settings import Settings
from kerchief.tools import Tools

STYLES = "veil,solid,pixelate,blur,mosaic-8,mosaic-12,mosaic-24,blur-0.1,blur-0.05,none"
JPEG_QUALITY = 90
WORKERS = 2
#: Styles that must not depend on what they cover (law 2).
ERASING = [style.value for style in StyleName if style.erases]

tools: Tools
arms: Arms
by_style: dict[str, Tools] = {}
pool: ProcessPoolExecutor


def start() -> None:
    """Each process has its own networks: dlib lets one thread at a time through."""
    global tools, arms
    cv2.setNumThreads(1)
    tools, arms = Tools().__enter__(), arm()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("people", type=Path)
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--styles", default=STYLES)
    parser.add_argument("--deface", type=Path, help="the program deface of its own environment")
    parser.add_argument("--faceghost", type=Path, help="the program faceghost of its own environment")
    args = parser.parse_args()
    jobs = walk([args.people]).jobs
    photos = [(job.below.parts[0], job.source) for job in jobs]
    makers: dict[str, Callable[[Sequence[Subject], Path], dict[Path, Path]]] = {
        style: lambda subjects, folder, style=style: ours(style, subjects, folder) for style in args.styles.split(",")
    }
    if args.deface:
        for way in ("blur", "mosaic"):
            makers[f"deface {way}"] = lambda subjects, folder, way=way: deface(args.deface, way, subjects, folder)
    if args.faceghost:
        makers["faceghost"] = lambda subjects, folder: faceghost(args.faceghost, subjects, folder)
    reports = earlier(args.out)
    global pool
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn"), initializer=start) as pool:
        begin = time.perf_counter()
        subjects = [one for one in pool.map(enrolled, photos, chunksize=8) if one is not None]
        print(f"{len(subjects)} of {len(photos)} photos enrolled in {time.perf_counter() - begin:.0f} s", flush=True)
        for name, make in makers.items():
            begin = time.perf_counter()
            with tempfile.TemporaryDirectory() as folder:
                copies = make(subjects, Path(folder))
                pairs = [(one, copies[one.original]) for one in subjects if one.original in copies]
                tried = [one for one in pool.map(attacked, pairs, chunksize=8) if one is not None]
            reports[name] = report_on(tried)
            lines = [f"{name}: {len(tried)} copies of {len(subjects)}, {time.perf_counter() - begin:.0f} s"]
            print("\n  ".join([*lines, *told(reports[name])]), flush=True)
            values: dict[str, object] = {"code": digest_of_covering()}
            values |= {key: report.model_dump(mode="json", by_alias=True) for key, report in reports.items()}
            args.out.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")


def earlier(out: Path) -> dict[str, PeopleReport]:
    """What an earlier run wrote of the same code: styles are measured again by name, the others stay."""
    given = json.loads(out.read_text("utf-8")) if out.exists() else {}
    if given.pop("code", None) != digest_of_covering():
        return {}
    return {name: PeopleReport.model_validate_json(json.dumps(one)) for name, one in given.items()}


def told(report: PeopleReport) -> Iterator[str]:
    """A report in lines."""
    for one in report.detected:
        yield f"found by {one.detector}: originals {one.clear}, copies {one.copies}"
    for one in report.attacks:
        mark = "  ABOVE CHANCE" if one.is_above_chance else ""
        yield (
            f"{one.recogniser:7} {one.attacker.value:9} rank-1 {one.rank1} rank-10 {one.rank10} of {one.gallery} "
            f"shuffled {one.shuffled.share:.1%} TAR {one.tar} FMR {one.fmr:.2%} calibrated {one.tar_calibrated}{mark}"
        )


def enrolled(photo: tuple[str, Path]) -> Subject | None:
    try:
        return enrol_one(*photo, tools, arms)
    except InputRefused as error:
        print(error, flush=True)
        return None


def attacked(copy: tuple[Subject, Path]) -> Tried | None:
    try:
        return try_one(*copy, tools, arms)
    except KerchiefError as error:
        print(error, flush=True)
        return None


def ours(style: str, subjects: Sequence[Subject], folder: Path) -> dict[Path, Path]:
    """Copies by kerchief, or by a weaker setting under its masks."""
    targets = [folder / f"{number}.jpg" for number in range(len(subjects))]
    jobs = [(one.original, target, style) for one, target in zip(subjects, targets, strict=True)]
    made = list(pool.map(copied, jobs, chunksize=8))
    if style in ERASING:
        same = [one.is_independent for one in made if one.is_independent is not None]
        print(f"{style}: {sum(same)} of {len(same)} copies do not depend on what they cover", flush=True)
    return {original: target for (original, target, _), one in zip(jobs, made, strict=True) if one.is_made}


@dataclass(frozen=True)
class Made:
    """What came of one copy: whether it is the same, byte for byte, with other things under its mask, if asked."""

    is_made: bool
    is_independent: bool | None = None


def copied(job: tuple[Path, Path, str]) -> Made:
    original, target, style = job
    if style in set(StyleName):
        if style not in by_style:
            by_style[style] = Tools(Settings(style=Style(name=StyleName(style))), beside=tools).__enter__()
        own = by_style[style]
        try:
            source = own.open(original)
            outcome = redact_source(source, target, own)
        except KerchiefError as error:
            print(error, flush=True)
            return Made(is_made=False)
        if style not in ERASING:
            return Made(is_made=True)
        return Made(is_made=True, is_independent=interfere(source, outcome.plan, target.parent, own).is_independent)
    source = tools.open(original)
    assert source.photo is not None
    plan = plan_source(source, tools)
    weak = weakened(as_rgb8(source.photo.pixels), plan, style)
    target.write_bytes(cv2.imencode(".jpg", weak[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes())
    return Made(is_made=True)


def weakened(rgb: Pixels, plan: Plan, style: str) -> Pixels:
    """A picture under a setting that kerchief does not offer."""
    if style == "none":
        return rgb
    kind, _, strength = style.partition("-")
    out = rgb.copy()
    for region in regions_at(plan, 0):
        rows, columns = region.box.pixels(rgb.shape[1], rgb.shape[0])
        window = np.ascontiguousarray(rgb[rows, columns])
        height, width = window.shape[:2]
        if kind == "mosaic":
            block = region.width / float(strength)
            cells = (max(1, round(width / block)), max(1, round(height / block)))
            small = cv2.resize(window, cells, interpolation=cv2.INTER_AREA)
            hidden = cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST)
        else:
            sigma = float(strength) * region.width
            hidden = cv2.GaussianBlur(rgb, (0, 0), sigma)[rows, columns]
        grid = plan.media.grid(rgb.shape[1], rgb.shape[0])
        mask = mask_of([region], rgb.shape[1], rgb.shape[0], grid, plan.margin)[rows, columns]
        out[rows, columns][mask] = hidden[mask]
    return out


def deface(program: Path, way: str, subjects: Sequence[Subject], folder: Path) -> dict[Path, Path]:
    """deface writes NAME_anonymized beside each picture."""
    flat = flattened(subjects, folder)
    subprocess.run([program, "--replacewith", way, folder], check=True, capture_output=True)
    return {original: path.with_name(f"{path.stem}_anonymized{path.suffix}") for original, path in flat.items()}


def faceghost(program: Path, subjects: Sequence[Subject], folder: Path) -> dict[Path, Path]:
    """faceghost writes face_anonymized/NAME_blurred.jpg below the folder."""
    flat = flattened(subjects, folder)
    subprocess.run([program, "--dir", folder], check=True, capture_output=True)
    return {original: folder / "face_anonymized" / f"{path.stem}_blurred.jpg" for original, path in flat.items()}


def flattened(subjects: Sequence[Subject], folder: Path) -> dict[Path, Path]:
    """Copies of the originals in one folder, by original."""
    flat = {one.original: folder / f"{number}{one.original.suffix}" for number, one in enumerate(subjects)}
    for original, path in flat.items():
        shutil.copyfile(original, path)
    return flat


if __name__ == "__main__":
    main()
