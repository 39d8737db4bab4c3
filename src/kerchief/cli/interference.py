"""``kerchief check --interference ORIGINAL PLAN``: does the copy depend on what the plan covers?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerchief.cli.planfile import read_plan
from kerchief.errors import ExitCode, KerchiefError, UsageError

if TYPE_CHECKING:
    from kerchief.plan.model import Plan
    from kerchief.prove.interference import Interference, Trial

OPTION = "--interference"


def check_interference(paths: Sequence[Path], detector: Path | None, *, json: bool) -> ExitCode:
    """Test it and say what came of it.

    Raises:
        KerchiefError: it could not be tested.
    """
    from kerchief.cli.report import data, error_values, json_line

    if len(paths) != 2:
        raise UsageError(OPTION, "takes exactly two files", "Give the original and its plan: ORIGINAL PLAN.")
    if detector is not None:
        raise UsageError("--detector", f"nothing looks for faces with {OPTION}", "Leave it out: the plan has the mask.")
    original, plan_path = paths
    try:
        plan = read_plan(plan_path)
        found = _tested(original, plan, plan_path.parent)
    except KerchiefError as error:
        if json:
            json_line(error_values(str(original), error))
        raise
    code = ExitCode.DONE if found.is_independent else ExitCode.FOUND
    if json:
        json_line({"file": str(original), "exit_code": int(code), **_values(found, plan)})
    else:
        data(f"{original}: {_said(found, plan)}")
    return code


def _tested(original: Path, plan: Plan, folder: Path) -> Interference:
    from kerchief.adversary.interference import interfere
    from kerchief.cli.bar import progress_bars
    from kerchief.tools import Tools

    with Tools() as tools, progress_bars("testing") as bars, bars.file(original.name) as progress:
        return interfere(tools.open(original), plan, folder, tools, progress)


def _said(found: Interference, plan: Plan) -> str:
    """The result in one line."""
    differ = [trial for trial in found.counted if not trial.is_same]
    frames = f" of {found.frames} frames" if found.frames > 1 else ""
    heads = "1 head" if found.heads == 1 else f"{found.heads} heads"
    about = f"({plan.style}, {found.pixels:,} pixels{frames} in {heads} replaced)"
    many = f"{len(differ) or len(found.counted)} of {len(found.counted)} replacements of what lies under the mask give"
    if not differ:
        return f"independent: {many} the same bytes {about}"
    judged = "This must not be: please report it with the kind of file"
    if not plan.style.name.erases:
        judged = f"{plan.style} is COSMETIC: it can be seen through; veil and solid erase"
    return f"DEPENDS on what it covers: {many} other bytes {about}; {_where(differ[0], found, plan)}. {judged}"


def _where(trial: Trial, found: Interference, plan: Plan) -> str:
    """Where a copy differs that another replacement was made for."""
    if trial.first is None:
        return f"with {trial.by} every painted frame is the same, but not the file"
    if found.frames == 1:
        places = [name for count, name in ((trial.under, "under the mask"), (trial.beside, "beside it")) if count]
        return f"with {trial.by} the painted picture differs {' and '.join(places)}"
    counts = f"{trial.under} of {found.frames} painted frames differ under the mask, {trial.beside} beside it"
    seconds = trial.first * plan.media.time_base[0] / plan.media.time_base[1]
    return f"with {trial.by} {counts}" + (f", from {seconds:.2f} s on" if plan.media.length else "")


def _values(found: Interference, plan: Plan) -> dict[str, Any]:
    """The result as JSON values; documented in docs/exit-codes.md."""
    return {
        "status": "independent" if found.is_independent else "depends",
        "style": str(plan.style),
        "erases": plan.style.name.erases,
        "frames": found.frames,
        "heads": found.heads,
        "pixels": found.pixels,
        "replacements": [
            {
                "by": str(trial.by),
                "samples_changed": trial.changed,
                "same_bytes": trial.is_same,
                "frames_differ_under": trial.under,
                "frames_differ_beside": trial.beside,
                "first_pts": trial.first,
            }
            for trial in found.trials
        ],
    }
