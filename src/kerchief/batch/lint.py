"""What photos and films expose as they are: faces, metadata, names that a device gave."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from kerchief.batch.times import Span, said, spans
from kerchief.batch.walk import Job
from kerchief.errors import KerchiefError, Unexpected, WeightsError
from kerchief.metadata import Finding, Kind, stamped
from kerchief.pipeline import plan_source
from kerchief.plan.model import Plan
from kerchief.ports import BatchProgress, MediaKind, Progress
from kerchief.prove.verify import SURE
from kerchief.tools import Source, Tools

#: What a film is heard by is no metadata.
SOUND = "sound"


@dataclass(frozen=True, slots=True)
class Exposure:
    """One thing that a file exposes.

    Attributes:
        kind: "face", "name", or the kind of metadata.
        what: a phrase for people; never the value.
        seconds: of a face in a film: the stretches of time in which it is seen, from the first frame on.
    """

    kind: str
    what: str
    seconds: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Lint:
    """What one file exposes, or why it could not be read."""

    path: Path
    findings: tuple[Exposure, ...] = ()
    error: KerchiefError | None = None


def lint_all(jobs: Sequence[Job], tools: Tools, progress: BatchProgress | None = None) -> Iterator[Lint]:
    """Look at every file and tell what it exposes.

    Raises:
        WeightsError: no file can be checked without the networks.
    """
    if progress:
        progress.files(len(jobs))
    for job in jobs:
        try:
            with progress.file(job.source.name) if progress else nullcontext() as within:
                found = tuple(exposures(tools.open(job.source), tools, within))
            yield Lint(job.source, found)
        except WeightsError:
            raise
        except KerchiefError as error:
            yield Lint(job.source, error=error)
        except Exception as error:  # noqa: BLE001 - an outer edge: a fault with one file must not end the batch
            yield Lint(job.source, error=Unexpected.of(str(job.source), error))


def exposures(source: Source, tools: Tools, progress: Progress | None = None) -> Iterator[Exposure]:
    """Everything that an opened file exposes. Only sure faces count: a linter that cries wolf is switched off."""
    yield from _faces(plan_source(source, tools, progress))
    for finding in source.findings:
        yield from _found(finding, source)
    reason = stamped(source.path.name)
    if reason:
        yield Exposure("name", f"its name tells {reason}")


def _faces(plan: Plan) -> Iterator[Exposure]:
    sure = [track for track in plan.tracks if (track.score or 0) >= SURE]
    if not sure:
        return
    what = f"{len(sure)} exposed " + ("face" if len(sure) == 1 else "faces")
    if plan.media.kind is not MediaKind.VIDEO:
        yield Exposure("face", what)
        return
    times = spans(sure, plan.media.time_base)
    yield Exposure("face", f"{what} ({said(times)})", times)


def _found(finding: Finding, source: Source) -> Iterator[Exposure]:
    """A finding in words; of a film that can't be searched, what its reader came across."""
    kind = finding.kind
    if kind is not Kind.UNKNOWN_FORMAT:
        yield Exposure(kind.value, f"holds {kind.phrase} ({finding.where}, {finding.size_bytes} bytes)")
        return
    yield Exposure(kind.value, "is in a format that kerchief can't search for metadata")
    for phrase in source.info.dropped:
        if phrase != SOUND:
            yield Exposure(Kind.APPLICATION.value, f"holds {phrase}")
