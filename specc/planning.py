"""From a checked train section to a plan that can run: data read, sizes known, model built."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.structs import replace

from specc.analysis import errors_sections as errors
from specc.analysis.columns import DataSection
from specc.analysis.errors_names import UNKNOWN_SECTION
from specc.analysis.files import kept_name, kept_texts
from specc.analysis.train_values import TrainSection
from specc.analysis.values import Plain, Recipe, to_python
from specc.analysis.variants import Variant
from specc.codegen.classes import Written, written
from specc.codegen.load import load_source
from specc.codegen.module import emit
from specc.codegen.step import emit_step
from specc.compiler import Compiled, Request, check
from specc.components import Ragged, Refusal, Streamed
from specc.data.plan import DataPlan, FieldPlan
from specc.data.prepare import Prepared, prepare
from specc.diagnostics import Collector, Diagnostic, Span, SpecError, did_you_mean
from specc.ir import program as ir
from specc.ir.slicing import locals_in, needed_steps
from specc.training.contract import (
    Accumulator,
    AugmentPlan,
    MetricPlan,
    StepPlan,
    TrainPlan,
)
from specc.training.settings import Settings

if TYPE_CHECKING:
    from types import ModuleType

    from torch import Tensor, nn

    from specc.registry import PluginOptions

Attributes = Mapping[str, int | tuple[int, ...]]
Made = TypeVar("Made")


@dataclass(frozen=True)
class Planned:
    """A plan, and what it was made of."""

    plan: TrainPlan
    compiled: Compiled
    train: TrainSection
    prepared: Prepared
    warnings: tuple[Diagnostic, ...]

    def refused(self, refusal: Refusal) -> SpecError:
        """What the training refuses, said at the line of the setting that it is about."""
        spans = self.train.spans
        span = spans.get(refusal.field or "", self.train.section.head)
        return SpecError(
            Diagnostic(refusal.code, refusal.message, span, refusal.label, help=refusal.help)
        )


def plan_file(request: Request, name: str | None = None) -> Planned:
    """Resolve a train section; ``name`` picks one where a file has several.

    Raises `SpecError` with everything that is wrong with the spec or its data.
    """
    compiled, train, _ = _checked(request, name)
    assert train.data is not None
    prepared = _prepared(compiled, train, train.data)
    known = _known(train.data.name, prepared.attributes)
    again = replace(request, known=known, source=compiled.file.source)
    compiled, train, warnings = _checked(again, name)
    plan = _plan(compiled, train, prepared, request)
    return Planned(plan, compiled, train, prepared, warnings)


def plan_run(run: Path, plugins: PluginOptions | None = None) -> Planned:
    """The plan of a run, from the spec that it keeps; its data is read from where it was.

    Raises:
        SpecError: if the data is not there any more, or is wrong.
        FileRefused: if the folder is none of a run.
    """
    from specc.training.errors import FileRefused

    try:
        told = json.loads((run / "plan.json").read_text(encoding="utf-8"))
        name, section, project = told["spec"], told["section"], Path(told["project"])
        overrides = [str(each) for each in told["overrides"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FileRefused(run, f"is no folder of a run: {error!r}") from error
    request = Request(str(run / name), overrides, plugins, folder=project, project=run)
    return plan_file(request, section)


def _checked(
    request: Request, name: str | None
) -> tuple[Compiled, TrainSection, tuple[Diagnostic, ...]]:
    found = Collector()
    try:
        compiled = check(request, found)
    except SpecError as error:
        found.extend(error.diagnostics)
        raise SpecError(*found.diagnostics) from None
    found.stop_if_failed()
    return compiled, _section(compiled, name), tuple(found.diagnostics)


def _section(compiled: Compiled, name: str | None) -> TrainSection:
    """The train section that is meant."""
    trains = compiled.sections.trains
    if name is None and len(trains) == 1:
        return next(iter(trains.values()))
    if name is not None and name in trains:
        return trains[name]
    listed = ", ".join(f"`{each}`" for each in trains)
    if not trains:
        message, hint = "the file has no train section", "write `train { ... }`"
    elif name is None:
        message, hint = "the file has several train sections", f"choose one of {listed}"
    else:
        message = f"the file has no train section `{name}`"
        hint = did_you_mean(name, trains) or f"it has {listed}"
    source = compiled.file.source
    raise SpecError(Diagnostic(UNKNOWN_SECTION, message, Span(source, 0, 0), help=hint))


# --- data --------------------------------------------------------------------------------------


def _prepared(compiled: Compiled, train: TrainSection, data: DataSection) -> Prepared:
    """The data read, split, fitted and applied; what goes wrong is said at the spec's line."""
    assert data.source is not None
    used = {name.partition(".")[0] for name in train.fields}
    fields = tuple(
        FieldPlan(name, column.columns, column.stacked, column.transforms, column.type)
        for name, column in data.fields.items()
        if name in used
    )
    try:
        if data.fields:
            asked = getattr(train.settings, "resident", None)
            return prepare(
                DataPlan(data.name, data.source, data.split, fields), compiled.root, asked
            )
        data.source.describe(compiled.root)  # it is missing: say so as an error
        raise AssertionError("a source without fields was described")
    except Refusal as refusal:
        span = data.spans.get(refusal.field or "", data.spans["source"])
        diagnostic = Diagnostic(
            refusal.code, refusal.message, span, refusal.label, help=refusal.help
        )
        raise SpecError(diagnostic) from None


def _known(section: str, attributes: Mapping[str, Attributes]) -> dict[str, int | tuple[int, ...]]:
    return {
        f"{section}.{field}.{name}": size
        for field, sizes in attributes.items()
        for name, size in sizes.items()
    }


# --- model and step ----------------------------------------------------------------------------


def _plan(
    compiled: Compiled, train: TrainSection, prepared: Prepared, request: Request
) -> TrainPlan:
    assert train.model is not None
    assert train.model.variant is not None
    assert train.optimizer is not None
    assert train.data is not None
    assert isinstance(train.settings, Settings)
    source = compiled.file.source
    builder = compiled.builder
    program = builder.build([train.model.variant.definition])
    text = emit(program, f"Models of {source.name}, compiled by specc.")
    generated = load_source(text)
    model = builder.by_key[builder.class_of[train.model.variant.key]]
    this = written(program)[model.key]
    arguments = constructor_arguments(model, train.model.variant, train.model.span)
    sizes = {
        f"{field}.{name}": size
        for field, found in prepared.attributes.items()
        for name, size in found.items()
        if isinstance(size, int)
    }
    step_text = emit_step(train_step(train), sizes, f"The train section of {source.name}.")
    step = load_source(step_text)
    tensors = prepared.tensors()
    return TrainPlan(
        name=_run_name(source.name, train),
        build=lambda: build_model(generated, this, arguments),
        steps=(
            StepPlan(
                run=by_name(step.step, train.fields),
                optimizer=train.optimizer,
                schedule=train.schedule,
                terms=train.terms,
                metrics={
                    metric.name: MetricPlan(
                        partial(_accumulator, step, metric.name),
                        metric.component.direction,
                        metric.component.keeps_rows,
                    )
                    for metric in train.metrics
                },
            ),
        ),
        splits={
            split: {name: with_derived(fields, name) for name in train.fields}
            for split, fields in tensors.items()
        },
        settings=train.settings,
        files={"model.py": text, "train_step.py": step_text, **kept_texts(compiled.file)},
        needs_batch=train.needs_batch.text if train.needs_batch else None,
        description={
            "overrides": list(request.overrides),
            "project": str(compiled.root),
            "rows": prepared.rows,
            "rows_held": {"as": str(prepared.holding), "bytes": prepared.holding.bytes},
            "skipped": prepared.skipped,
            "spec": kept_name(compiled.file),
            "section": train.name,
            "data": train.data.name,
            "attributes": {name: dict(sizes) for name, sizes in prepared.attributes.items()},
            "columns": _columns(train.data),
            "plugins": _plugins(compiled),
        },
        fitted=prepared.fitted,
        augments=tuple(
            AugmentPlan(fields, component)
            for fields, component in train.data.augments
            if set(fields) <= set(train.fields)
        ),
    )


def by_name(step: Callable[..., Made], fields: Sequence[str]) -> Callable[..., Made]:
    """The emitted step, called with fields by their names in the spec.

    In the source a name may have to be another (``words_mask``): fields are passed by position.
    """
    code = step.__code__
    if code.co_varnames[1 : code.co_argcount] == tuple(fields):
        return step

    def run(model: nn.Module, **batch: Tensor) -> Made:
        return step(model, *(batch[name] for name in fields))

    return run


def with_derived(
    fields: Mapping[str, Tensor | Ragged | Streamed], name: str
) -> Tensor | Ragged | Streamed:
    """A field by its name, or the mask or the lengths of a ragged one (``words.mask``)."""
    field, _, derived = name.partition(".")
    column = fields[field]
    if not derived:
        return column
    assert isinstance(column, (Ragged, Streamed))
    # A mask is as long as the row, and true all along it; padding makes the rest false.
    return column.lengths if derived == "lengths" else column.where_values()


def _accumulator(step: ModuleType, name: str) -> Accumulator:
    made: Accumulator = step.metrics()[name]
    return made


def train_step(train: TrainSection) -> ir.TrainStep:
    """The IR of what a train section computes from one batch."""
    assert train.data is not None
    assert train.loss is not None
    fields = tuple(ir.ModelInput(*each) for each in train.inputs())
    measured = tuple(metric.arguments for metric in train.metrics)
    wanted = locals_in(train.loss) | locals_in(measured) | set(train.terms)
    return ir.TrainStep(
        name=train.name,
        fields=fields,
        body=needed_steps(train.steps, wanted),
        loss=train.loss,
        terms=train.terms,
        metrics=tuple((metric.name, metric.arguments) for metric in train.metrics),
        accumulators=tuple((metric.name, metric.construct) for metric in train.metrics),
    )


def constructor_arguments(
    model: ir.Model, variant: Variant, place: Span
) -> tuple[list[int], dict[str, Any]]:
    """What the emitted class is called with: sizes by position, parameters by name."""
    sizes: list[int] = []
    for name in model.dim_names:
        _, axis, dim = variant.dims[name]
        if dim.known is None:
            raise SpecError(
                Diagnostic(
                    errors.SIZE_NOT_KNOWN,
                    f"`{variant.definition.name}` cannot be built before `{name}` is known",
                    place,
                    f"`{name}` is axis {axis} of an input",
                    help="fix the size in the data, with `reshape`, say, or in the input's type",
                )
            )
        sizes.append(dim.known)
    parameters: dict[str, Any] = {}
    for parameter in model.parameters:
        value = variant.parameters[parameter.name]
        if isinstance(value, Recipe):
            continue
        python = to_python(value)
        if isinstance(value, Plain) and not isinstance(python, (bool, int, float, str, type(None))):
            raise SpecError(
                Diagnostic(
                    errors.SIZE_NOT_KNOWN,
                    f"`{parameter.name}` of `{variant.definition.name}` is not known",
                    place,
                    f"{python} has no value yet",
                )
            )
        parameters[parameter.name] = python
    return sizes, parameters


def build_model(
    module: ModuleType, this: Written, arguments: tuple[Sequence[int], Mapping[str, Any]]
) -> nn.Module:
    """An instance of an emitted class."""
    sizes, parameters = arguments
    words = {this.parameters[name]: value for name, value in parameters.items()}
    model: nn.Module = getattr(module, this.name)(*sizes, **words)
    return model


def _plugins(compiled: Compiled) -> dict[str, str]:
    """The plugins that were loaded for a spec, with their distributions."""
    owners = {entry.owner for entry in compiled.checked.context.registry.entries}
    return {
        owner.plugin: str(owner)
        for owner in sorted(owners, key=lambda each: each.plugin)
        if not owner.is_core
    }


def _columns(data: DataSection) -> dict[str, str]:
    """The types of the source's columns, from which the fields are typed again."""
    assert data.schema is not None
    return {name: str(type_) for name, type_ in data.schema.fields.items()}


def _run_name(path: str, train: TrainSection) -> str:
    stem = "stdin" if path.startswith("<") else Path(path).stem
    return stem if train.section.name is None else f"{stem}-{train.name}"
