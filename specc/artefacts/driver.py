"""One backend: written, loaded elsewhere, compared, and only then put into its place."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from specc.artefacts.cases import Case, beyond, cases, random_inputs, traced_sizes
from specc.artefacts.errors import BACKEND_FAILED, NOT_EQUAL, NOT_INSTALLED
from specc.artefacts.locating import first_difference
from specc.artefacts.manifest import FORMAT, MANIFEST, digests, versions
from specc.artefacts.parity import Row, compare, references
from specc.artefacts.replay import (
    Replayed,
    ReplayFailed,
    clock,
    in_a_line,
    interface_to_json,
    owner_to_json,
    replay,
    settings_of,
)
from specc.artefacts.subject import Subject, called
from specc.artefacts.tracing import trace
from specc.components import Backend, Refusal, Traced
from specc.registry import Owner
from specc.training import disk


@dataclass(frozen=True)
class Job:
    """A backend by its name and who supplies it, and the folder that its artefact goes to."""

    owner: Owner
    name: str
    backend: Backend
    folder: Path
    tolerance: float | None = None


class Export:
    """The exports of one model: what they have in common is computed once."""

    def __init__(self, subject: Subject) -> None:
        """Follow the model, and ask it for what artefacts are compared with.

        Raises:
            Refusal: if it cannot be followed, or gives nothing to compare with.
        """
        self.subject = subject
        self.cases, self.notes = cases(subject)
        self.wanted = references(subject, self.cases)
        self.beyond = beyond(subject)
        interface = subject.interface
        sizes = traced_sizes(interface)
        sample = random_inputs(subject, sizes, subject.rows(8), 0)
        self.program = trace(subject.module, interface, sample)
        self.traced = Traced(subject.module, self.program, tuple(sample.values()), interface)
        self.eager = [
            clock(partial(called, subject.module, case.inputs)) if case.timed else None
            for case in self.cases
        ]

    def run(self, job: Job) -> dict[str, Any]:
        """Write one artefact and prove it; gives its manifest.

        Raises:
            Refusal: if the backend cannot, fails, or writes something else than the model. The
                folder is then as it was.
        """
        missing = [
            distribution
            for module, distribution in job.backend.requires.items()
            if importlib.util.find_spec(module) is None
        ]
        if missing:
            raise Refusal(
                NOT_INSTALLED,
                f"`{job.name}` needs {' and '.join(f'`{each}`' for each in missing)}",
                help=f"pip install {' '.join(missing)}",
            )
        job.folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".draft-", dir=job.folder.parent) as place:
            between = Path(place)
            draft = between / "artefact"
            draft.mkdir()
            file = draft / f"{self.subject.name}.{job.backend.suffix}"
            notes = self._written(job, self.traced, file)
            replayed = self._replayed(job, file, between / "replay")
            rows = self._compared(job, replayed, between)
            manifest = self._manifest(job, file, rows, replayed, [*self.notes, *notes])
            _finish(draft, manifest)
            _put(draft, job.folder)
        return manifest

    # --- steps ---------------------------------------------------------------------------------

    def _written(self, job: Job, traced: Traced, file: Path) -> Sequence[str]:
        try:
            notes = job.backend.export(traced, file)
        except Refusal:
            raise
        except Exception as error:  # a stranger's exporter raises what it likes
            raise Refusal(
                BACKEND_FAILED, f"`{job.name}` cannot write the model: {in_a_line(error)}"
            ) from error
        if not file.is_file():
            raise Refusal(BACKEND_FAILED, f"`{job.name}` wrote no file {file.name}")
        return notes

    def _replayed(self, job: Job, file: Path, folder: Path) -> Replayed:
        tried = [*self.cases, *self.beyond]
        try:
            found = replay(
                job.owner, job.name, job.backend, file, self.subject.interface, tried, folder
            )
        except ReplayFailed as error:
            raise Refusal(
                BACKEND_FAILED,
                f"what `{job.name}` wrote cannot be loaded by another process: {error}",
            ) from error
        for case, outputs in zip(self.cases, found.outputs, strict=False):
            if isinstance(outputs, str):
                raise Refusal(
                    BACKEND_FAILED, f"what `{job.name}` wrote does not run for {case}: {outputs}"
                )
        return found

    def _compared(self, job: Job, replayed: Replayed, between: Path) -> list[Row]:
        interface, batch = self.subject.interface, self.subject.batch
        rows: list[Row] = []
        for case, wanted, got in zip(self.cases, self.wanted, replayed.outputs, strict=False):
            assert not isinstance(got, str)
            found = compare(interface, batch, case, wanted, got, job.tolerance)
            for row in found:
                if not row.equal:
                    raise self._different(job, case, row, between)
            rows += found
        outside = replayed.outputs[len(self.cases) :]
        for case, got in zip(self.beyond, outside, strict=True):
            if isinstance(got, str):
                continue  # it is refused, as it may be
            wanted = called(self.subject.module, case.inputs)
            for row in compare(interface, batch, case, wanted, got, job.tolerance):
                if not row.equal:
                    raise self._different(job, case, row, between)
        return rows

    def _different(self, job: Job, case: Case, row: Row, between: Path) -> Refusal:
        """The refusal of an artefact that is not the model, with the layer that is to blame."""
        numbers = count()

        def tried(traced: Traced, case: Case) -> Mapping[str, Tensor]:
            place = between / f"layers{next(numbers)}"
            place.mkdir()
            file = place / f"layers.{job.backend.suffix}"
            job.backend.export(traced, file)
            got = replay(
                job.owner, job.name, job.backend, file, traced.interface, [case], place / "replay"
            ).outputs[0]
            assert not isinstance(got, str)
            return got

        layer = first_difference(
            self.subject.module, self.subject.interface, case, job.tolerance, tried
        )
        how = f"by {row.max_abs:.3g}, where {row.allowed:.3g} is allowed"
        if row.flips and not row.allowed:
            how = f"in {row.flips} values"
        if row.twins > 2 * row.allowed:
            how = f"between two identical rows, by {row.twins:.3g}"
        at = f"; `{layer}` is the first layer to differ" if layer else ""
        return Refusal(
            NOT_EQUAL,
            f"`{row.output}` of what `{job.name}` wrote differs from the model "
            f"for {case} {how}{at}",
            help="nothing was kept; this is a fault of the backend, or of a layer that is not what "
            "it is in evaluation",
        )

    def _manifest(
        self, job: Job, file: Path, rows: list[Row], replayed: Replayed, notes: list[str]
    ) -> dict[str, Any]:
        latency = [
            {
                "sizes": dict(case.sizes),
                "eager_ms": {"p50": eager[0], "p95": eager[1]},
                "artefact_ms": {"p50": own[0], "p95": own[1]},
            }
            for case, eager, own in zip(self.cases, self.eager, replayed.milliseconds, strict=False)
            if eager is not None and own is not None
        ]
        return {
            "format": FORMAT,
            "file": file.name,
            **self.subject.described,
            "backend": {
                "name": job.name,
                "owner": owner_to_json(job.owner),
                "settings": settings_of(job.backend),
                "executes": job.backend.executes,
            },
            "versions": versions(job.backend),
            "interface": interface_to_json(self.subject.interface),
            "notes": notes,
            "parity": [row.to_json() for row in rows],
            "beyond": [
                {"sizes": dict(case.sizes), "refused": isinstance(got, str)}
                for case, got in zip(self.beyond, replayed.outputs[len(self.cases) :], strict=True)
            ],
            "latency": latency,
            "latency_threads": torch.get_num_threads(),
            "load_seconds": replayed.load_seconds,
            "bytes": file.stat().st_size,
            "files": digests(file.parent),
        }


def _finish(draft: Path, manifest: Mapping[str, Any]) -> None:
    """Everything on the disk, the manifest last."""
    for path in draft.iterdir():
        with path.open("rb+") as opened:
            os.fsync(opened.fileno())
    text = json.dumps(manifest, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    disk.write(draft / MANIFEST, [text.encode()])


def _put(draft: Path, final: Path) -> None:
    """The finished folder in its place; an older artefact goes when the new one is there."""
    old = final.with_name(f".{final.name}.old")
    if old.exists():
        shutil.rmtree(old)
    if final.exists():
        os.rename(final, old)
    disk.publish(draft, final)
    if old.exists():
        shutil.rmtree(old)
