"""From a checked train section to a plan that can run: data read, sizes known, model built."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from specc.analysis.columns import DataSection
from specc.analysis.errors_names import UNKNOWN_SECTION
from specc.analysis.files import kept_name, kept_texts
from specc.analysis.train_values import Given, NamedMetric, StepSection, TrainSection
from specc.building import blueprint
from specc.codegen.load import load_source
from specc.codegen.step import emit_steps, function_name
from specc.compiler import Compiled, Request, check, default_strategy
from specc.components import Ragged, Refusal, Streamed
from specc.data.plan import DataPlan, FieldPlan
from specc.data.prepare import Prepared, prepare
from specc.diagnostics import Collector, Diagnostic, Span, SpecError, did_you_mean
from specc.ir import program as ir
from specc.ir.expr import Expr, Local
from specc.ir.slicing import locals_in, needed_steps
from specc.kept import kept_request
from specc.loading import Sources, run_name
from specc.training.contract import (
    Accumulator,
    AugmentPlan,
    GroupPlan,
    MetricPlan,
    StepPlan,
    TrainPlan,
)
from specc.training.settings import Settings, StepSettings

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
        span = self.train.span(refusal.field or "")
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
    sources = Sources.of(compiled, train, request.runs)
    known = sources.known | _known(train.data.name, prepared.attributes)
    again = replace(request, known=known, source=compiled.file.source)
    compiled, train, warnings = _checked(again, name)
    plan = _plan(compiled, train, prepared, again, sources)
    return Planned(plan, compiled, train, prepared, warnings)


def plan_run(run: Path, plugins: PluginOptions | None = None) -> Planned:
    """The plan of a run, from the spec that it keeps; its data is read from where it was.

    Raises:
        SpecError: if the data is not there any more, or is wrong.
        FileRefused: if the folder is none of a run.
    """
    from specc.training.errors import FileRefused

    try:
        request, section = kept_request(run, plugins)
    except Refusal as refusal:
        raise FileRefused(run, f"is no folder of a run: {refusal.message}") from refusal
    return plan_file(replace(request, known={}, schemas={}, runs=run.parent.parent), section)


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
    compiled: Compiled,
    train: TrainSection,
    prepared: Prepared,
    request: Request,
    sources: Sources,
) -> TrainPlan:
    from specc.training.draws import drawn_once

    assert train.data is not None
    assert isinstance(train.settings, Settings)
    source = compiled.file.source
    plans = blueprint(compiled, train)
    sizes = {
        f"{field}.{name}": size
        for field, found in prepared.attributes.items()
        for name, size in found.items()
        if isinstance(size, int)
    }
    computed = train_steps(train)
    step_text = emit_steps(computed, sizes, f"The train section of {source.name}.")
    tensors, augments = prepared.tensors(), augment_plans(train)
    for split in tensors.keys() - {"train"}:
        tensors[split] = drawn_once(tensors[split], augments, train.settings.seed)
    return TrainPlan(
        name=run_name(source.name, train),
        build=lambda: sources.fill(train, plans.build()),
        loads=sources.digests,
        arguments=plans.arguments,
        steps=_steps(train, computed, load_source(step_text)),
        instances=tuple(train.instances),
        splits={
            split: {name: with_derived(fields, name) for name in train.fields}
            for split, fields in tensors.items()
        },
        settings=train.settings,
        files={"model.py": plans.text, "train_step.py": step_text, **kept_texts(compiled.file)},
        needs_batch=train.needs_batch.text if train.needs_batch else None,
        description={
            "overrides": list(request.overrides),
            "project": str(compiled.root),
            "rows": prepared.rows,
            "rows_held": {"as": str(prepared.holding), "bytes": prepared.holding.bytes},
            "skipped": prepared.skipped,
            "spec": kept_name(compiled.file),
            "section": train.name,
            "known": dict(request.known),
            "columns": {train.data.name: _columns(train.data)},
            "plugins": _plugins(compiled),
        },
        fitted=prepared.fitted,
        weights=prepared.weights,
        augments=augments,
        strategy=train.settings.strategy or default_strategy(),
    )


def augment_plans(train: TrainSection) -> tuple[AugmentPlan, ...]:
    """What changes fields that are used at random."""
    assert train.data is not None
    return tuple(
        AugmentPlan(each.fields, each.component, each.everywhere)
        for each in train.data.augments
        if set(each.fields) <= set(train.fields)
    )


def _steps(
    train: TrainSection, computed: Sequence[ir.TrainStep], emitted: ModuleType
) -> tuple[StepPlan, ...]:
    """The plan of each step; ``computed`` is what they compute, ``emitted`` their functions."""
    found = []
    for step, part in zip(computed, train.steps, strict=True):
        assert part.optimizer is not None
        assert part.settings is None or isinstance(part.settings, StepSettings)
        run = getattr(emitted, function_name(part.name))
        measured = _measured(train, part)
        found.append(
            StepPlan(
                run=by_name(run, step.instances, [each.name for each in step.fields], train.fields),
                name=part.name,
                optimizer=part.optimizer,
                schedule=part.schedule,
                terms=tuple(score for score, _ in step.terms),
                metrics={
                    name: MetricPlan(
                        partial(_accumulator, emitted, name),
                        metric.component.direction,
                        metric.component.keeps_rows,
                    )
                    for name, metric in measured.items()
                },
                update=part.update,
                groups=tuple(
                    GroupPlan(group.name, group.names, optimizer, group not in part.groups)
                    for group, optimizer in part.grouped
                ),
                settings=part.settings,
            )
        )
    return tuple(found)


def _measured(train: TrainSection, part: StepSection) -> dict[str, NamedMetric]:
    """The metrics of a step by their names; those of the section are measured with the last."""
    found = {part.named(metric.name): metric for metric in part.metrics}
    if part is train.steps[-1]:
        found |= {metric.name: metric for metric in train.metrics}
    return found


def by_name(
    step: Callable[..., Made],
    instances: Sequence[str],
    fields: Sequence[str],
    given: Sequence[str],
) -> Callable[..., Made]:
    """The emitted step, called with ``given`` fields by their names in the spec.

    It may take fewer of them, and in the source a name may have to be another (``words_mask``):
    fields are passed by position.
    """
    code = step.__code__
    if code.co_varnames[len(instances) : code.co_argcount] == tuple(given):
        return step

    def run(*arguments: nn.Module, **batch: Tensor) -> Made:
        return step(*arguments, *(batch[name] for name in fields))

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


def train_steps(train: TrainSection) -> list[ir.TrainStep]:
    """The IR of what the steps of a train section compute from one batch."""
    found = []
    for part in train.steps:
        assert part.loss is not None
        measured = _measured(train, part)
        results: list[ir.Step] = []
        loss = _bound("loss", part.loss, results)
        arguments = {
            name: tuple(
                _bound(f"{metric.name}_input_{number}", argument, results)
                for number, argument in enumerate(metric.arguments)
            )
            for name, metric in measured.items()
        }
        wanted = {loss.name, *part.terms} | locals_in(tuple(arguments.values()))
        body = needed_steps((*part.body, *results), wanted)
        read = locals_in((body, *arguments.values()))
        found.append(
            ir.TrainStep(
                name=part.name,
                instances=tuple(train.instances),
                fields=tuple(ir.ModelInput(*each) for each in _fields(train, part, read)),
                body=body,
                loss=loss,
                terms=tuple((part.named(name), name) for name in part.terms),
                metrics=tuple(arguments.items()),
                accumulators=tuple((name, each.construct) for name, each in measured.items()),
            )
        )
    return found


def _bound(name: str, value: Expr, body: list[ir.Step]) -> Local:
    """A result by a name, as everything that is computed from a batch has one in the source."""
    if isinstance(value, Local):
        return value
    body.append(ir.Let((name,), value, (), ()))
    return Local(name)


def _fields(train: TrainSection, part: StepSection, read: set[str]) -> list[Given]:
    """The fields that a step is given: those that it reads, and one at least, whose rows are
    counted; where there is one step, all that the section uses."""
    if len(train.steps) == 1:
        return train.inputs()
    return train.inputs(read) or train.inputs()[:1]


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
