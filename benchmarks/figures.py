"""Measures what receipts quote, and writes it into the package (src/kerchief/prove/figures.json).

    python benchmarks/figures.py [--photos LABELS.jsonl] [--clips FOLDER] [--leaks LEAKS.json]

Each part can be measured alone. What is not measured again stays if the code that it describes is still the same;
otherwise it is left out, and receipts say "not measured for this version" until somebody measures it.

LABELS.jsonl is described in predictions.py, the clips of FOLDER in exposure.py. LEAKS.json is {"veil": report, ...},
each a ``kerchief.attack.people/1`` made with this version; with "code" beside them, the digest of the code that covered
(described.py), it is refused when that has changed since. --photos-are, --clips-are and --leaks-are tell receipts in
neutral words what the data are.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from described import PACKAGE, digest_of_covering, digest_of_finding
from exposure import Face, faces_in_photos, people_in_clips

from kerchief.plan.model import StyleName
from kerchief.prove.attack import Attack, PeopleReport
from kerchief.prove.figures import Figures, InFilms, Leak, Leaks, Missed, Part
from kerchief.prove.stats import Rate
from kerchief.tools import Tools
from kerchief.version import __version__

FILE = PACKAGE / "prove" / "figures.json"
PHOTOS_ARE = "street and crowd photos, most people wearing face masks"
CLIPS_ARE = "made clips with known truth, a camera moving over photos of crowds"
LEAKS_ARE = "portraits, several of each person"
SMALL_PX = 12


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--clips", type=Path)
    parser.add_argument("--leaks", type=Path)
    parser.add_argument("--photos-are", default=PHOTOS_ARE)
    parser.add_argument("--clips-are", default=CLIPS_ARE)
    parser.add_argument("--leaks-are", default=LEAKS_ARE)
    args = parser.parse_args()
    before = Figures.model_validate_json(FILE.read_bytes()) if FILE.exists() else Figures()
    parts = dict(still_true(before))
    with Tools() as tools, tempfile.TemporaryDirectory() as scratch:
        if args.photos:
            parts["missed"] = missed(faces_in_photos(args.photos, tools, Path(scratch)), args.photos_are)
        if args.clips:
            parts["films"] = in_films(people_in_clips(args.clips, tools, Path(scratch)), args.clips_are)
    if args.leaks:
        parts["leaks"] = leaks(args.leaks.read_text(encoding="utf-8"), args.leaks_are)
    after = Figures(**parts)
    FILE.write_text(written(after), encoding="utf-8")
    print(written(after), end="")
    for name in Figures.model_fields.keys() - parts.keys() - {"schema_version"}:
        print(f"{name} is not measured for this version", file=sys.stderr)


def still_true(figures: Figures) -> list[tuple[str, Part]]:
    """The parts whose code has not changed since, by their names."""
    return [(name, part) for name, part in parts_of(figures) if part.code == code_of(name)]


def parts_of(figures: Figures) -> list[tuple[str, Part]]:
    parts = (("missed", figures.missed), ("films", figures.films), ("leaks", figures.leaks))
    return [(name, part) for name, part in parts if part is not None]


def code_of(part: str) -> str:
    """Digest of the code that a part is about, as it is now."""
    return digest_of_covering() if part == "leaks" else digest_of_finding()


def missed(faces: Iterable[Face], of: str) -> Missed:
    seen = list(faces)
    return Missed(
        kerchief=__version__,
        code=code_of("missed"),
        of=of,
        exposed=rate(seen),
        exposed_from_12_px=rate([face for face in seen if face.height >= SMALL_PX]),
    )


def in_films(people: Iterable[Face], of: str) -> InFilms:
    return InFilms(kerchief=__version__, code=code_of("films"), of=of, exposed=rate(list(people)))


def rate(faces: list[Face]) -> Rate:
    return Rate(k=sum(face.is_exposed for face in faces), n=len(faces))


def leaks(text: str, of: str) -> Leaks:
    """What the reports on each style say, without their curves."""
    given, code = json.loads(text), code_of("leaks")
    stated = given.pop("code", code)
    shipped = {StyleName(name): json.dumps(report) for name, report in given.items() if name in set(StyleName)}
    reports = {name: PeopleReport.model_validate_json(report) for name, report in shipped.items()}
    if stated != code or any(report.kerchief != __version__ for report in reports.values()):
        raise SystemExit("The attacks were made on copies of another version of this code: run them again.")
    styles = {style: tuple(leak(one) for one in report.attacks) for style, report in reports.items()}
    return Leaks(kerchief=__version__, code=code, of=of, styles=styles)


def leak(attack: Attack) -> Leak:
    return Leak(
        attacker=attack.attacker,
        recogniser=attack.recogniser,
        gallery=attack.gallery,
        rank1=attack.rank1,
        tar_calibrated=attack.tar_calibrated,
    )


def written(figures: Figures) -> str:
    return json.dumps(figures.model_dump(mode="json", by_alias=True), indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    main()
