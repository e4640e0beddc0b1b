"""From a finished run to its artefacts: the model as it was trained, and rows of its data."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from specc.analysis.errors_export import NOT_A_BACKEND
from specc.analysis.export_section import BATCH, ExportSection, SizeRange, Target, sizes
from specc.analysis.variants import Variant
from specc.artefacts.errors import NO_RUN, NOT_TRACED, SEVERAL_EXPORTS
from specc.compiler import Compiled, Request, check
from specc.components import Backend, Refusal
from specc.diagnostics import Collector, Diagnostic, Span, SpecError, did_you_mean
from specc.loading import run_name
from specc.planning import Planned, plan_run
from specc.types.poly import Poly
from specc.types.tensor import TensorType

if TYPE_CHECKING:
    from torch import Tensor, nn

    from specc.artefacts.subject import Subject
    from specc.components import Port
    from specc.registry import PluginOptions

FOLDER = "export"
"""Where artefacts lie in a run: ``export/pt2``, and ``export/Fast-pt2`` of a named section."""


@dataclass
class Exported:
    """What became of an export: folders with their manifests, and what failed."""

    run: Path
    done: dict[Path, dict[str, Any]] = field(default_factory=dict)
    failed: list[Diagnostic] = field(default_factory=list)


def export(
    path: Path,
    *,
    to: Sequence[str] = (),
    name: str | None = None,
    runs: Path = Path("runs"),
    plugins: PluginOptions | None = None,
) -> Exported:
    """Export a run, or the last finished run of a spec.

    A folder is a run, whose own copy of the spec says in which form; of a file its export section
    does. ``to`` names backends instead. The model is that of the run, always.

    Raises:
        SpecError: if the spec or the data is wrong, or there is no such run.
        FileRefused: if the run is not finished, or its weights are damaged.
    """
    from specc.artefacts.driver import Export, Job

    compiled = None
    run = path
    if not path.is_dir():
        compiled = _checked(path, plugins)
        run = _last_run(compiled, runs)
    planned = plan_run(run, plugins)
    compiled = compiled or planned.compiled
    section = _section(compiled.sections.exports, name, compiled)
    targets = _targets(planned.compiled, to) if to else section.targets if section else []
    if not targets:
        raise SpecError(
            Diagnostic(
                NOT_A_BACKEND,
                "nothing says in which form",
                None,
                help="`--to pt2` does, or an export section: `export { to = [pt2] }`",
            )
        )
    variant = _variant(planned)
    place = section.section.head if section else None
    found = Collector()
    ranges = sizes(section.ranges if section else {}, variant, place, found)
    found.stop_if_failed()
    outcome = Exported(run)
    spans = {name: given.span for name, given in ranges.items() if given.span is not None}
    try:
        exports = Export(_subject(planned, run, variant, ranges))
    except Refusal as refusal:
        outcome.failed.append(_said(refusal, spans.get(refusal.field or "", place)))
        return outcome
    for target in targets:
        named = section is not None and section.section.name is not None
        prefix = f"{section.name}-" if named and section is not None else ""
        folder = run / FOLDER / f"{prefix}{target.entry.name}"
        job = Job(
            target.entry.owner,
            target.entry.name,
            target.backend,
            folder,
            section.tolerance if section else None,
        )
        try:
            outcome.done[folder] = exports.run(job)
        except Refusal as refusal:
            outcome.failed.append(_said(refusal, None if to else target.span))
    return outcome


def _said(refusal: Refusal, span: Span | None) -> Diagnostic:
    return Diagnostic(refusal.code, refusal.message, span, refusal.label, help=refusal.help)


# --- what is meant -----------------------------------------------------------------------------


def _checked(path: Path, plugins: PluginOptions | None) -> Compiled:
    found = Collector()
    compiled = check(Request(str(path), plugins=plugins), found)
    found.stop_if_failed()
    return compiled


def _last_run(compiled: Compiled, runs: Path) -> Path:
    """The last run of a spec that came to its end."""
    from specc.training.folder import WEIGHTS, numbers

    trains = compiled.sections.trains
    stems = [run_name(compiled.file.source.name, train) for train in trains.values()]
    if len(stems) == 1 and (runs / stems[0]).is_dir():
        for number in sorted(numbers(runs / stems[0]), reverse=True):
            run = runs / stems[0] / str(number)
            if (run / WEIGHTS).is_file():
                return run
    several = "the file has several train sections: " if len(stems) > 1 else ""
    looked = "" if several else f" of it in {runs}"
    raise SpecError(
        Diagnostic(
            NO_RUN,
            f"{several}there is no finished run{looked}" if not several else f"{several}which run?",
            None,
            help="name the folder of the run: `specc export runs/net/1`"
            if several
            else f"`specc train {compiled.file.source.name}` makes one",
        )
    )


def _section(
    sections: Mapping[str, ExportSection], name: str | None, compiled: Compiled
) -> ExportSection | None:
    """The export section that is meant, if there is any."""
    if name is None and len(sections) <= 1:
        return next(iter(sections.values()), None)
    if name is not None and name in sections:
        return sections[name]
    listed = ", ".join(f"`{each}`" for each in sections) or "none"
    raise SpecError(
        Diagnostic(
            SEVERAL_EXPORTS,
            "the file has several export sections"
            if name is None
            else f"the file has no export section `{name}`",
            Span(compiled.file.source, 0, 0),
            help=(did_you_mean(name, sections) if name else None)
            or f"choose one with `--name`: {listed}",
        )
    )


def _targets(compiled: Compiled, to: Sequence[str]) -> list[Target]:
    """Backends by their names, with their defaults."""
    registry = compiled.checked.context.registry
    place = Span(compiled.file.source, 0, 0)
    found = []
    for name in dict.fromkeys(to):
        entry = registry.find(name, ("backend",))
        if entry is None:
            known = registry.names(("backend",))
            raise SpecError(
                Diagnostic(
                    NOT_A_BACKEND,
                    f"there is no backend `{name}`",
                    None,
                    help=did_you_mean(name, known)
                    or f"there is {', '.join(f'`{each}`' for each in known)}; "
                    f"`-p {name.partition('.')[0]}` brings those of a plugin along",
                )
            )
        backend = entry.load()()
        assert isinstance(backend, Backend)
        found.append(Target(entry, backend, place))
    return found


def _variant(planned: Planned) -> Variant:
    instance = planned.train.model
    assert instance is not None
    assert instance.variant is not None
    return instance.variant


# --- the subject -------------------------------------------------------------------------------


def _subject(
    planned: Planned, run: Path, variant: Variant, ranges: Mapping[str, SizeRange]
) -> Subject:
    """The model of a run with its weights, and the rows that it was validated on."""
    from specc.artefacts.subject import Subject, called, exported_form
    from specc.components import Interface

    model = _model(planned, run)
    names: dict[Poly, str] = {}
    for name, (_, _, dim) in variant.dims.items():
        if dim.known is None:
            names.setdefault(dim.poly, name)
    rows = _Rows(planned, model, list(variant.inputs))
    first = rows(2)
    module = exported_form(model["model"], list(variant.inputs), len(variant.outputs))
    inputs = tuple(_port(name, first[name], type_, names) for name, type_ in variant.inputs.items())
    results = called(module, first)
    outputs = tuple(
        _result(name, tensor, type_)
        for (name, type_), tensor in zip(variant.outputs.items(), results, strict=True)
    )
    dims = {
        name: (ranges[name].least, ranges[name].greatest)
        for name in names.values()
        if ranges[name].least < ranges[name].greatest
    }
    fixed = {name: ranges[name].least for name in names.values() if name not in dims}
    inputs = tuple(_fixed(port, fixed) for port in inputs)
    outputs = tuple(_fixed(port, fixed) for port in outputs)
    batch = names.get(Poly.var(BATCH))
    return Subject(
        name=run.absolute().parent.name,
        module=module,
        interface=Interface(inputs, outputs, dims),
        elements={name: type_.element for name, type_ in variant.inputs.items()},
        rows=rows,
        batch=batch if batch in dims else None,
        described=_described(planned, run),
    )


def _model(planned: Planned, run: Path) -> dict[str, nn.Module]:
    """The instances of a run by name, in evaluation mode and with its weights."""
    from specc.training import weights
    from specc.training.errors import FileRefused
    from specc.training.folder import WEIGHTS

    if not (run / WEIGHTS).is_file():
        raise FileRefused(run, "has no result yet", help="`specc train --resume` goes on with it")
    built = planned.plan.build()
    state = weights.load(run / WEIGHTS)
    wrong = weights.differences(built.state_dict(), state)
    if wrong:
        raise FileRefused(run / WEIGHTS, "does not fit the model of the spec", details=wrong)
    built.load_state_dict(state)
    modules = planned.plan.modules(built.eval().requires_grad_(False))
    return dict(zip(planned.plan.instances, modules, strict=True))


class _Rows:
    """Inputs of the model as the train section pipes them into it, of prepared rows."""

    def __init__(self, planned: Planned, model: Mapping[str, nn.Module], inputs: list[str]) -> None:
        self.plan = planned.plan
        self.model = model
        self.inputs = inputs
        splits = self.plan.splits
        self.fields = splits.get("val") or splits.get("test") or splits["train"]

    def __call__(self, count: int) -> dict[str, Tensor]:
        """Of so many rows; they begin anew where there are fewer."""
        import torch

        from specc.training.feed import batches

        held = len(next(iter(self.fields.values())))
        batch = next(batches(self.fields, count, torch.arange(count) % held))
        found: dict[str, Tensor] = {}

        def keep(_module: nn.Module, given: tuple[Any, ...], named: dict[str, Any]) -> None:
            if not found:
                found.update(zip(self.inputs, (*given, *named.values()), strict=True))

        handle = self.model["model"].register_forward_pre_hook(keep, with_kwargs=True)
        try:
            with torch.no_grad():
                for step in self.plan.steps:
                    if not found:
                        step.run(*self.model.values(), **batch)
        finally:
            handle.remove()
        return {name: tensor.detach().clone() for name, tensor in found.items()}


def _port(name: str, tensor: Tensor, type_: TensorType, names: Mapping[Poly, str]) -> Port:
    from specc.codegen.exported import argument
    from specc.components import Port

    shape: list[int | str] = []
    for size, dim in zip(tensor.shape, type_.dims, strict=True):
        if dim.known is not None:
            shape.append(size)
        elif dim.poly in names:
            shape.append(names[dim.poly])
        else:
            raise Refusal(
                NOT_TRACED,
                f"the size {dim} of `{name}` is not a name: it cannot be given a range",
                help="name it in the input's type, or fix it in the data",
            )
    dtype = str(tensor.dtype).removeprefix("torch.")
    return Port(name, dtype, tuple(shape), str(type_), argument(name))


def _result(name: str, tensor: Tensor, type_: TensorType) -> Port:
    from specc.components import Port

    shape = tuple(
        size if dim.known is not None else str(dim)
        for size, dim in zip(tensor.shape, type_.dims, strict=True)
    )
    return Port(name, str(tensor.dtype).removeprefix("torch."), shape, str(type_), name)


def _fixed(port: Port, fixed: Mapping[str, int]) -> Port:
    """A port whose sizes of one value are numbers."""
    from dataclasses import replace

    shape = tuple(fixed.get(size, size) if isinstance(size, str) else size for size in port.shape)
    return replace(port, shape=shape)


def _described(planned: Planned, run: Path) -> dict[str, Any]:
    """What the manifest says of where the model comes from."""
    from specc.training import disk
    from specc.training.folder import PLAN, WEIGHTS

    told = json.loads((run / PLAN).read_text(encoding="utf-8"))
    variant = _variant(planned)
    return {
        "model": variant.definition.name,
        "spec": {"name": told["spec"], "sha256": disk.digest(run / told["spec"])},
        "overrides": told["overrides"],
        "weights": {"sha256": disk.digest(run / WEIGHTS)},
        "plugins": told["plugins"],
        "fitted": json.loads((run / "fitted.json").read_text(encoding="utf-8")),
    }


__all__: Sequence[str] = ("Exported", "export")
