"""What pictures expose as they are: faces, metadata, names that a device gave."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from kerchief.batch.walk import Job
from kerchief.errors import KerchiefError, Unexpected, WeightsError
from kerchief.metadata import stamped
from kerchief.pipeline import plan_source
from kerchief.ports import BatchProgress, Progress
from kerchief.prove.verify import SURE
from kerchief.tools import Source, Tools


@dataclass(frozen=True, slots=True)
class Exposure:
    """One thing that a file exposes.

    Attributes:
        kind: "face", "name", or the kind of metadata.
        what: a phrase for people; never the value.
    """

    kind: str
    what: str


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
    sure = [track for track in plan_source(source, tools, progress).tracks if (track.score or 0) >= SURE]
    if sure:
        yield Exposure("face", f"{len(sure)} exposed " + ("face" if len(sure) == 1 else "faces"))
    for finding in source.findings:
        yield Exposure(finding.kind.value, f"holds {finding.kind.phrase} ({finding.where}, {finding.size_bytes} bytes)")
    reason = stamped(source.path.name)
    if reason:
        yield Exposure("name", f"its name tells {reason}")
