"""What a run is going to do, setting by setting, and where each comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING, Any

from specc.analysis.definitions import ModelDefinition
from specc.analysis.train_values import NamedMetric, StepSection
from specc.analysis.values import Instance, Recipe, to_python
from specc.components import Component, Refusal, Score
from specc.components.base import Component as Base
from specc.diagnostics import Span
from specc.planning import Planned
from specc.showing.component import plain_text
from specc.showing.written import COMMAND_LINE, Written
from specc.training.settings import Settings
from specc.types.dim import Dim

if TYPE_CHECKING:
    from torch import nn


class Origin(StrEnum):
    """Where a setting comes from."""

    SPEC = "spec"
    OVERRIDE = "override"
    DEFAULT = "default"
    DATA = "data"
    """It follows from the data or from other settings."""

    MACHINE = "machine"
    """It is chosen for this machine, by a fixed rule."""


@dataclass(frozen=True)
class Setting:
    """One setting: its value as JSON, where it comes from, and the place that says it."""

    path: str
    value: Any
    origin: Origin
    place: Span | None = None
    note: str = ""

    @property
    def shown(self) -> str:
        """The value for people."""
        if isinstance(self.value, int) and not isinstance(self.value, bool):
            return f"{self.value:,}"
        return self.value if isinstance(self.value, str) else plain_text(self.value)

    @property
    def source(self) -> str:
        """Where it comes from, in a few words."""
        if self.origin is Origin.OVERRIDE:
            return "command line"
        if self.place is not None and self.origin is Origin.SPEC:
            return str(self.place).rpartition(":")[0]
        return self.note or self.origin.value

    def to_json(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        return {
            "value": self.value,
            "from": self.origin.value,
            "place": None if self.place is None else str(self.place),
            "note": self.note,
        }


def settings_of(planned: Planned, ranks: int = 1) -> list[Setting]:
    """Everything that is settled before a run."""
    written = Written(planned)
    return [
        *_data(planned, written),
        *_model(planned, written),
        *_training(planned, written),
        *_ranks(planned, ranks),
        *_run(planned),
    ]


def _said(
    written: Written, words: Sequence[str], value: Any, default: str, names: Sequence[str] = ()
) -> Setting:
    """A setting of a section, from the line that says it or its default."""
    place = written.place(words, names)
    path = ".".join(words)
    if place is None:
        return Setting(path, value, Origin.DEFAULT, None, default)
    is_override = place.source.name == COMMAND_LINE
    return Setting(path, value, Origin.OVERRIDE if is_override else Origin.SPEC, place)


def _data(planned: Planned, written: Written) -> Iterator[Setting]:
    data = planned.train.data
    assert data is not None
    name = planned.train.name
    yield _said(written, [name, "data"], data.name, "")
    for setting in ("source", "split"):
        place = written.place([data.name, setting])
        if place is not None:
            yield _said(written, [data.name, setting], _one_line(place.text), "")
    held = planned.prepared.holding
    place = written.place([name, "resident"])
    yield Setting(
        "rows.held",
        str(held),
        Origin.MACHINE if place is None else Origin.SPEC,
        place,
        held.reason,
    )
    limit = planned.plan.settings.limit
    for split, rows in planned.plan.rows.items():
        note = "limited" if limit == rows else "the split"
        yield Setting(f"rows.{split}", rows, Origin.DATA, None, note)


def _model(planned: Planned, written: Written) -> Iterator[Setting]:
    for instance in planned.train.instances.values():
        yield from _instance(planned.train.name, instance, written)


def _instance(name: str, instance: Instance, written: Written) -> Iterator[Setting]:
    assert instance.variant is not None
    definition = instance.recipe.target
    assert isinstance(definition, ModelDefinition)
    yield _said(written, [name, instance.name], definition.name, "")
    parameters = definition.section.parameters or ()
    names = [parameter.name.id for parameter in parameters]
    for parameter in parameters:
        value = instance.variant.parameters[parameter.name.id]
        plain = value.written if isinstance(value, Recipe) else _plain(to_python(value))
        words = [name, instance.name, parameter.name.id]
        said = _said(written, words, plain, f"default of {definition.name}", names)
        if said.place is None and parameter.default is not None:
            said = Setting(said.path, plain, Origin.DEFAULT, parameter.default.span, said.note)
        yield said


def _training(planned: Planned, written: Written) -> Iterator[Setting]:
    from specc.training.choice import kept

    train, settings = planned.train, planned.plan.settings
    for field in Settings.model_fields:
        value = getattr(settings, field)
        said = _said(written, [train.name, field], _plain(value), "default")
        if field == "keep" and value is None:
            keep = kept(planned.plan)
            best = "the last epoch" if keep is None else f"best({keep.metric})"
            said = Setting(said.path, best, Origin.DEFAULT, None, "default")
        elif said.place is not None and isinstance(value, Base):
            said = Setting(said.path, _one_line(said.place.text), said.origin, said.place)
        yield said
    for part in train.steps:
        yield from _step(planned, written, part)
    for metric in train.metrics:
        yield _metric(written, [train.name], metric)


def _step(planned: Planned, written: Written, part: StepSection) -> Iterator[Setting]:
    """How the weights move; what a step does not say is said by its section."""
    section = [planned.train.name]
    own = [*section, part.name] if part.name else section

    def said(words: Sequence[str], value: Any, default: str, names: Sequence[str] = ()) -> Setting:
        found = _said(written, [*own, *words], value, default, names)
        inherited = part.named(words[0]) not in planned.train.spans
        if found.place is None and part.name and inherited:
            found = _said(written, [*section, *words], value, default, names)
        return replace(found, path=".".join([*own, *words]))

    if part.name or part.named("update") in planned.train.spans:
        yield said(["update"], list(part.update), "default")
    for field, value in part.settings or ():
        yield said([field], value, "default")
    for word, component in (("optimizer", part.optimizer), ("schedule", part.schedule)):
        yield said([word], _name(component), "default")
        names = [] if component is None else list(type(component).model_fields)
        for field, value in component or ():
            yield said([word, field], _plain(value), f"default of {_name(component)}", names)
    for group, _ in part.grouped:
        text = _one_line(group.span.text)
        path = ".".join([*own, "group", group.name])
        yield Setting(path, text, Origin.SPEC, group.span)
    for metric in part.metrics:
        yield _metric(written, own, metric)


def _metric(written: Written, section: Sequence[str], metric: NamedMetric) -> Setting:
    place = written.metric([*section, metric.name])
    text = _one_line(place.text) if place is not None else _name(metric.component)
    return Setting(".".join([*section, "metric", metric.name]), text, Origin.SPEC, place)


def _ranks(planned: Planned, ranks: int) -> Iterator[Setting]:
    """What each of several ranks does."""
    from specc.training.checks import check_ranks
    from specc.training.ranks import Ranks
    from specc.training.slices import slice_of

    plan = planned.plan
    assert plan.strategy is not None
    if ranks == 1:
        yield Setting("ranks", ranks, Origin.DEFAULT, None, "--nproc says how many")
        return
    try:
        check_ranks(plan, ranks)
    except Refusal as refusal:
        raise planned.refused(refusal) from None
    yield Setting("ranks", ranks, Origin.DATA, None, "--nproc")
    rows = min(plan.settings.batch, plan.rows["train"])
    sizes = [slice_of(rows, Ranks(number, ranks))[2] for number in range(ranks)]
    shown = f"{sizes[0]}" if sizes[0] == sizes[-1] else f"{sizes[-1]} or {sizes[0]}"
    name = _name(plan.strategy)
    yield Setting("ranks.strategy", name, Origin.DATA, None, plan.strategy.about)
    yield Setting("ranks.batch", shown, Origin.DATA, None, "rows of a batch on each rank")
    if plan.needs_batch is not None:
        note = "each rank normalises by its own rows: another number of ranks, other weights"
        yield Setting("ranks.batch_norm", "per rank", Origin.DATA, None, note)
    yield Setting(
        "ranks.random", "per rank", Origin.DATA, None, "what layers draw, as dropout does"
    )


def _run(planned: Planned) -> Iterator[Setting]:
    """What follows from the rest, and what is chosen for the machine."""
    from specc.training.calibration import settled
    from specc.training.estimates import forward_flops, memory
    from specc.training.execution import has_images

    plan = planned.plan
    model = plan.build()
    steps = plan.steps_per_epoch
    batch = min(plan.settings.batch, plan.rows["train"])
    yield Setting("steps.epoch", steps, Origin.DATA, None, "rows.train / batch, rounded up")
    yield Setting("steps.all", steps * plan.settings.epochs, Origin.DATA, None, "if none stops it")
    yield from _parameters(planned, model)
    flops = forward_flops(plan, model)
    yield Setting("flops.forward", flops, Origin.DATA, None, f"one batch of {batch:,} rows")
    for what, size in memory(plan, model).items():
        yield Setting(f"memory.{what}", size, Origin.DATA, None, MEMORY[what])
    chosen = settled(plan, model).to_json()
    reasons = {
        "device": "as asked for" if plan.device else "cuda if there is one, else cpu",
        "threads": "1 for small steps on a cpu, else all processors",
        "fused": "one kernel for the optimizer, where torch has it",
        "deterministic": "on cuda and under torch.compile; a cpu repeats itself anyway",
        "memory_format": "channels_last where a weight has four axes",
    }
    for name in ("threads", "memory_format"):
        if getattr(plan.settings, name) is not None:
            reasons[name] = f"{planned.train.name}.{name}"
        elif plan.settings.calibrate and (name == "threads" or has_images(model)):
            reasons[name] = "measured, as calibrate asks for"
    for name, value in chosen.items():
        note = reasons.get(name, "")
        yield Setting(f"execution.{name}", value, Origin.MACHINE, None, note)


def _parameters(planned: Planned, model: nn.Module) -> Iterator[Setting]:
    """How much learns, in all and by the step."""
    from specc.training.names import learning, named_parameters

    named = named_parameters(planned.plan, model)
    try:
        names = learning(planned.plan, named)
    except Refusal as refusal:
        raise planned.refused(refusal) from None

    def count(names: Iterable[str]) -> int:
        return sum(parameter.numel() for parameter in {named[name] for name in names})

    yield Setting("parameters", count(chain(*names)), Origin.DATA, None, "that learn")
    for step, own in zip(planned.plan.steps, names, strict=True):
        if step.name:
            yield Setting(f"parameters.{step.name}", count(own), Origin.DATA, None, "that it moves")


MEMORY = {
    "weights": "bytes, with their running averages",
    "gradients": "bytes",
    "optimizer": "bytes that it keeps between updates",
    "activations": "bytes kept for the backward pass of the rows computed at once",
}


def _name(component: Component | None) -> str:
    """The name of a component in a spec."""
    return "none" if component is None else type(component).__module__.rpartition(".")[2]


def _plain(value: Any) -> Any:
    """A value as JSON."""
    if isinstance(value, Dim):
        return value.known if value.known is not None else str(value)
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, Base):
        fields: Mapping[str, Any] = {name: _plain(item) for name, item in value}
        return {"name": _name(value), **fields}
    return str(value) if isinstance(value, Score) else value


def _one_line(text: str) -> str:
    return " ".join(text.split())
