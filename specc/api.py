"""What Python programs use: `specc.load`, `specc.train`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from specc.compiler import Request
from specc.components import Refusal
from specc.diagnostics import Diagnostic, SpecError
from specc.planning import Planned, plan_file
from specc.spec import Spec, load

if TYPE_CHECKING:
    from specc.artefacts.manifest import Artefact
    from specc.registry import PluginOptions
    from specc.training.ranks import Ranks
    from specc.training.report import Report
    from specc.training.result import Result


def train(
    path: str | PathLike[str],
    *overrides: str,
    name: str | None = None,
    runs: str | PathLike[str] = "runs",
    device: str | None = None,
    resume: bool = False,
    report: Report | None = None,
    plugins: PluginOptions | None = None,
) -> Result:
    """Train as ``specc train`` does; overrides are ``"train.epochs=5"``.

    With ``resume`` the latest run goes on where its last checkpoint stands. In a program that
    torchrun started, its ranks train together.

    Raises:
        SpecError: if the spec or its data is wrong.
        RunFailed: if the run could not go on.
        FileRefused: if a run cannot be resumed.
        Interrupted: after SIGTERM or SIGINT; everything is saved.
    """
    from specc.training.ranks import Ranks

    ranks = Ranks.join(device)
    planned = plan_file(Request(fspath(path), overrides, plugins, runs=Path(runs)), name)
    return train_planned(planned, runs, device=device, resume=resume, report=report, ranks=ranks)


def train_planned(
    planned: Planned,
    runs: str | PathLike[str] = "runs",
    *,
    device: str | None = None,
    resume: bool = False,
    report: Report | None = None,
    ranks: Ranks | None = None,
) -> Result:
    """Train what `specc.planning.plan_file` gave, as one of ``ranks``; raises as `train` does."""
    from specc.reporting.page import report_when_over
    from specc.training.fit import fit

    planned = replace(planned, plan=replace(planned.plan, device=device))
    try:
        result = fit(planned.plan, Path(runs), report, resume=resume, ranks=ranks)
        if ranks is not None:
            ranks.leave()
        if ranks is None or ranks.first:
            report_when_over(planned, result.run, report)
        return result
    except Refusal as refusal:
        raise planned.refused(refusal) from None


def predict(
    run: str | PathLike[str],
    *inputs: str | PathLike[str],
    plugins: PluginOptions | None = None,
) -> list[dict[str, Any]]:
    """What the model of a finished run says of new rows: its outputs by name, row by row.

    Inputs are files, folders where the run reads such, and ``-``, which is standard input. Of
    several inputs, or of a folder, each row also says as ``input`` where it comes from.

    Raises:
        SpecError: if the run says no outputs, or an input or a row of it is wrong.
    """
    from specc.predicting import open_run, predictions

    try:
        return list(predictions(open_run(Path(run), plugins), [fspath(each) for each in inputs]))
    except Refusal as refusal:
        raise SpecError(
            Diagnostic(refusal.code, refusal.message, None, refusal.label, help=refusal.help)
        ) from None


def export(
    path: str | PathLike[str],
    *to: str,
    name: str | None = None,
    runs: str | PathLike[str] = "runs",
    plugins: PluginOptions | None = None,
) -> dict[Path, dict[str, Any]]:
    """Export as ``specc export`` does: the folders of the artefacts, with their manifests.

    Raises:
        SpecError: if a backend cannot, or what it wrote is not the model; other artefacts stay.
        FileRefused: if the run is not finished, or its weights are damaged.
    """
    from specc.exporting import export as run

    outcome = run(Path(path), to=to, name=name, runs=Path(runs), plugins=plugins)
    if outcome.failed:
        raise SpecError(*outcome.failed)
    return outcome.done


def load_artefact(folder: str | PathLike[str]) -> Artefact:
    """An artefact, ready to run, if its files are those that were proven.

    Raises:
        FileRefused: if a file was changed, or holds what its backend does not write.
    """
    from specc.artefacts.manifest import load

    return load(Path(folder))


def evaluate(
    run: str | PathLike[str],
    split: str = "test",
    *,
    report: Report | None = None,
    plugins: PluginOptions | None = None,
) -> dict[str, float | list[Any]]:
    """The scores of a finished run on a split, measured again: ``{"test.loss": ...}``.

    Raises:
        SpecError: if the data is not there any more, or has no such split.
        FileRefused: if the run is not finished, or its weights are damaged.
    """
    from specc.planning import plan_run
    from specc.training.judge import judge
    from specc.training.report import Report

    planned = plan_run(Path(run), plugins)
    try:
        return judge(planned.plan, Path(run), split, report or Report())
    except Refusal as refusal:
        raise planned.refused(refusal) from None


def write_report(run: str | PathLike[str], *, plugins: PluginOptions | None = None) -> Path:
    """Write ``report.html`` into the folder of a run, finished or not; gives its path.

    Raises:
        SpecError: if the data is not there any more, or is wrong.
        FileRefused: if the folder is none of a run, or it has no weights yet.
    """
    from specc.planning import plan_run
    from specc.reporting import write_report as write

    return write(plan_run(Path(run), plugins), Path(run))


__all__: Sequence[str] = (
    "Spec",
    "evaluate",
    "export",
    "load",
    "load_artefact",
    "predict",
    "train",
    "train_planned",
    "write_report",
)
