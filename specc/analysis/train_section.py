"""``train`` sections: what is trained on what, and how it is judged."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from specc.analysis import errors_names as naming
from specc.analysis import errors_sections as errors
from specc.analysis.apply import Applied
from specc.analysis.body import Body
from specc.analysis.columns import DataSection, attribute_value
from specc.analysis.definitions import Binding, FileScope, ModelDefinition, nodes
from specc.analysis.frame import Context, Frame, Inputs
from specc.analysis.inverses import Inverse, Inverted
from specc.analysis.models import Models
from specc.analysis.padding import check_lengths, derived_types, in_batch, says_what_counts
from specc.analysis.pipes import configured, stage_target
from specc.analysis.settings import configure, validate
from specc.analysis.values import (
    POISON,
    Argument,
    Foreign,
    Instance,
    Plain,
    Poison,
    Recipe,
    Special,
    TensorValue,
    Value,
    describe,
    is_tensor,
    tensor_of,
)
from specc.components import Component, Loss, Metric, Optimizer, Schedule, Score
from specc.diagnostics import Span
from specc.diagnostics.suggest import did_you_mean
from specc.ir import expr as ir
from specc.ir import program as steps
from specc.registry import Entry
from specc.syntax import tree
from specc.types.dim import Dim
from specc.types.tensor import TensorType
from specc.types.terms import Ref, Term

BOUND = ("data", "model", "loss", "optimizer", "schedule")
"""Settings that are more than plain values."""


@dataclass(frozen=True, eq=False)
class Scores(Special):
    """``val``, ``train``, ``test``: the scores of a split by their names."""

    split: str

    def describe(self) -> str:
        return f"the scores of the split `{self.split}`"

    def member(self, frame: Frame, name: tree.Name) -> Value | None:
        return Foreign(Score(self.split, name.id), f"{self.split}.{name.id}")


@dataclass(frozen=True, eq=False)
class MetricValue(Special):
    """A metric applied to tensors."""

    component: Metric
    construct: ir.Construct
    arguments: tuple[ir.Expr, ...]

    def describe(self) -> str:
        return "a metric"


@dataclass(frozen=True, slots=True)
class NamedMetric:
    """``metric name = tensors |> component``."""

    name: str
    component: Metric
    construct: ir.Construct
    arguments: tuple[ir.Expr, ...]


Given = tuple[str, str, tuple[Term, ...]]


@dataclass(frozen=True, slots=True)
class Predicted:
    """``output name = ...``: what `specc predict` writes, perhaps taken back through a field."""

    type: TensorType
    inverse: str | None


@dataclass(eq=False)
class TrainSection:
    """A train section, checked."""

    name: str
    section: tree.Section
    data: DataSection | None = None
    model: Instance | None = None
    optimizer: Optimizer | None = None
    schedule: Schedule | None = None
    settings: BaseModel | None = None
    loss: ir.Expr | None = None
    terms: tuple[str, ...] = ()
    metrics: list[NamedMetric] = field(default_factory=list)
    outputs: dict[str, Predicted] = field(default_factory=dict)
    steps: tuple[steps.Step, ...] = ()
    fields: tuple[str, ...] = ()
    """The fields of the data that anything here uses, in their order."""

    derived: dict[str, TensorType] = field(default_factory=dict)
    """What ragged fields bring with them: ``words.mask``, ``words.lengths``."""

    needs_batch: Span | None = None
    spans: dict[str, Span] = field(default_factory=dict)

    def inputs(self, read: Collection[str] | None = None) -> list[Given]:
        """Names, kinds and sizes of the fields that a step is given: all that are used, or those
        among the tensors that it reads."""
        assert self.data is not None
        found: list[Given] = []
        names = self.fields
        if read is not None:
            names = tuple(n for n in (*self.data.fields, *self.derived) if n in read)
        for name in names:
            if name in self.derived:
                type_ = self.derived[name]
                dims = tuple(dim.term for dim in type_.dims)
            else:
                type_ = self.data.fields[name].type
                dims = (Ref("B"), *(dim.term for dim in type_.dims))
            found.append((name, str(type_.element), dims))
        return found


class TrainBody(Body):
    """The body of a train section: a program over the fields of one batch."""

    kinds: Sequence[str] = ("layer", "loss", "metric")
    recipe_kinds: Sequence[str] = (
        "layer",
        "loss",
        "metric",
        "optimizer",
        "schedule",
        "keep",
        "stop",
    )
    statement_kinds: Sequence[str] = ("metric", "output", "shared")

    def __init__(
        self,
        context: Context,
        scope: FileScope,
        models: Models,
        train: TrainSection,
        data: Mapping[str, DataSection],
        settings: type[BaseModel],
    ) -> None:
        super().__init__(context, scope, models, {}, {})
        self.train = train
        self.data = data
        self.settings = settings
        self.given: dict[str, Argument] = {}
        self.unknown: dict[str, Span] = {}
        self.field_names: list[str] = []
        self.incomplete = False
        """True where the data is not there: what depends on it cannot be checked."""
        self.inverted: str | None = None
        """The field whose values the output says that is being defined."""
        for split in ("train", "val", "test"):
            self.names[split] = naming_of(Scores(split), train.section.head)

    # --- settings ------------------------------------------------------------------------------

    def assign(self, node: tree.Assign) -> None:
        if len(node.targets) == 1 and node.value is not None:
            (target,) = node.targets
            if target.id in self.train.spans:
                self.error(
                    naming.DEFINED_TWICE, f"`{target.id}` is set twice", target.span, "again"
                )
                return
            if target.id in BOUND:
                self.train.spans[target.id] = node.value.span
                getattr(self, f"set_{target.id}")(target, node.value)
                return
            if target.id in self.settings.model_fields:
                self.train.spans[target.id] = node.value.span
                self.set_plain(target.id, node.value)
                return
        for target in node.targets:
            self.unknown.setdefault(target.id, target.span)
        super().assign(node)

    def set_plain(self, name: str, node: tree.Expr) -> None:
        value = configured(node, self) if isinstance(node, tree.Call) else self.evaluate(node)
        self.given[name] = Argument(name, value, node.span)

    def set_data(self, target: tree.Name, node: tree.Expr) -> None:
        """Bring the fields of a data section into view, with a batch in front."""
        if not isinstance(node, tree.Name) or node.id not in self.data:
            self.incomplete = True
            known = list(self.data)
            self.error(
                errors.NOT_A_SETTING,
                "`data` names a data section",
                node.span,
                "not a data section",
                help=(did_you_mean(node.id, known) if isinstance(node, tree.Name) else None)
                or (f"there is `{known[0]}`" if known else "write `data Name { ... }` above"),
            )
            return
        data = self.data[node.id]
        self.train.data = data
        batch = Dim.named("B")
        self.names["B"] = naming_of(Plain.from_dim(batch), node.span, "the size of the batch")
        for name, column in data.fields.items():
            attributes = {key: attribute_value(size) for key, size in column.attributes.items()}
            type_ = in_batch(self, data, column, batch)
            for key, derived in derived_types(self, type_).items():
                whole = f"{name}.{key}"
                self.train.derived[whole] = derived
                attributes[key] = TensorValue(derived, ir.Local(whole))
            value = TensorValue(type_, ir.Local(name), attributes)
            self.names[name] = naming_of(value, data.spans[name], "a field")
        declared = {
            t.id for s in data.section.body if isinstance(s, tree.Assign) for t in s.targets
        }
        for name in declared - data.fields.keys() - {"source", "split"}:
            self.incomplete = True
            self.names[name] = naming_of(POISON, data.spans.get(name, node.span), "a field")
        self.field_names = [*data.fields, *self.train.derived]
        values = {name: self.names[name].value for name in data.fields}
        fields = {n: v.type for n, v in values.items() if isinstance(v, TensorValue)}
        self.names["inverse"] = naming_of(Inverse(fields), node.span)

    def set_model(self, target: tree.Name, node: tree.Expr) -> None:
        """The instance that is trained."""
        value = configured(node, self) if isinstance(node, tree.Call) else stage_target(node, self)
        if isinstance(value, Recipe) and isinstance(value.target, ModelDefinition):
            instance = Instance("model", value, node.span)
            self.train.model = instance
            self.bind(target, instance, "the model")
            return
        if isinstance(value, Poison):
            self.incomplete = True
        else:
            self.error(
                errors.NOT_A_SETTING,
                f"`model` takes a model, not {describe(value)}",
                node.span,
                "not a model",
                help="such as `model = Net(label.classes)`",
            )
        self.bind(target, POISON, "the model")

    def set_loss(self, target: tree.Name, node: tree.Expr) -> None:
        value = self.evaluate(node)
        self.bind(target, value if is_tensor(value) else POISON, "the loss")
        if isinstance(value, Poison):
            return
        if not is_tensor(value):
            self.error(
                errors.BAD_LOSS,
                f"`loss` is {describe(value)}, not a tensor",
                node.span,
                "not a number to be made smaller",
                help="such as `loss = (scores, label) |> cross_entropy`",
            )
            return
        tensor = tensor_of(value)
        if tensor.type.rank or tensor.type.element.base != "float":
            self.error(
                errors.BAD_LOSS,
                f"the loss is {tensor.type}, not one number",
                node.span,
                "has more than one value" if tensor.type.rank else "not a float",
                help="apply a loss, or take the mean: `|> mean`",
            )
            return
        self.train.loss = tensor.expr

    def set_optimizer(self, target: tree.Name, node: tree.Expr) -> None:
        found = self.component(node, Optimizer, "optimizer", "adam(lr=1e-3)")
        self.train.optimizer = found if isinstance(found, Optimizer) else None

    def set_schedule(self, target: tree.Name, node: tree.Expr) -> None:
        found = self.component(node, Schedule, "schedule", "cosine_annealing(warmup=500)")
        self.train.schedule = found if isinstance(found, Schedule) else None

    def component(
        self, node: tree.Expr, kind: type[Component], word: str, example: str
    ) -> Component | None:
        value: Value = (
            configured(node, self) if isinstance(node, tree.Call) else self.evaluate(node)
        )
        if isinstance(value, Recipe) and isinstance(value.target, Entry):
            cls = value.target.load(value.span)
            if issubclass(cls, kind):
                found = configure(self, cls, value, value.span)
                return None if found is None else found.component
        if not isinstance(value, Poison):
            self.error(
                errors.NOT_A_SETTING,
                f"`{word}` takes {'an' if word[0] in 'aeiou' else 'a'} {word}, "
                f"not {describe(value)}",
                node.span,
                f"not {'an' if word[0] in 'aeiou' else 'a'} {word}",
                help=f"such as `{word} = {example}`",
            )
        return None

    # --- metrics and outputs -------------------------------------------------------------------

    def on_metric(self, node: tree.Assign) -> None:
        """``metric name = tensors |> component``."""
        (target, *more) = node.targets
        if more or node.value is None:
            self.misplaced(node.span, "a metric has one name and a value")
            return
        value = self.evaluate(node.value)
        if any(metric.name == target.id for metric in self.train.metrics):
            self.error(
                naming.DEFINED_TWICE, f"there are two metrics `{target.id}`", target.span, "again"
            )
        if isinstance(value, MetricValue):
            self.train.metrics.append(
                NamedMetric(target.id, value.component, value.construct, value.arguments)
            )
        elif not isinstance(value, Poison):
            self.error(
                errors.BAD_METRIC,
                f"`{target.id}` is {describe(value)}, not a metric",
                node.value.span,
                "not a metric",
                help="a scalar that is only to be logged is bound to a name and used in the loss",
            )

    def on_output(self, node: tree.Assign) -> None:
        self.inverted = None
        super().on_output(node)
        for name, value in self.outputs.items():
            self.train.outputs.setdefault(name, Predicted(value.type, self.inverted))

    def annotated(self, node: tree.Assign, value: Value) -> Value:
        if isinstance(value, Inverted) and node.kind is not None:
            self.inverted = value.field
            value = value.tensor
        return super().annotated(node, value)

    def result_of(self, applied: Applied, place: Span) -> Value | None:
        """A metric is no tensor: it gathers over a split."""
        component = applied.component
        if isinstance(component, Metric):
            call = applied.lowered
            assert isinstance(call, ir.Apply)
            assert isinstance(call.callee, ir.Build)
            arguments = tuple(passed.value for passed in call.arguments)
            return MetricValue(component, call.callee.construct, arguments)
        exprs = (
            applied.lowered.values() if isinstance(applied.lowered, Mapping) else (applied.lowered,)
        )
        if any(isinstance(n, ir.Build) for e in exprs for n in ir.walk(e)):
            return self.error(
                errors.WEIGHTS_IN_TRAIN,
                "a component with weights or a state cannot stand in a train section",
                place,
                "its weights would belong to no model",
                help="put it into the model, or into a model of its own",
            )
        return None

    def apply_recipe(
        self,
        recipe: Recipe,
        inputs: Inputs,
        node: tree.Node,
        place: Span,
        instance: Instance | None,
    ) -> Value:
        """A loss or a metric over padded tensors has to be told what counts."""
        if isinstance(recipe.target, Entry):
            cls = recipe.target.load(recipe.span)
            if issubclass(cls, (Loss, Metric)) and not says_what_counts(
                self, cls, recipe, inputs, place
            ):
                return POISON
        return super().apply_recipe(recipe, inputs, node, place, instance)

    def on_shared(self, node: tree.Assign) -> None:
        self.misplaced(node.span, "`shared` in a train section is not supported yet")

    def submodule(self, name: str, instance: Instance | None) -> ir.Expr:
        return ir.Local(name) if instance is not None else ir.Submodule(name)

    def register(
        self,
        name: str,
        construct: ir.Construct | ir.ModelConstruct,
        place: Span,
        inner: int = 1,
    ) -> None:
        self.error(
            errors.WEIGHTS_IN_TRAIN,
            "a model is applied here without being the one that is trained",
            place,
            "its weights would be trained by nothing",
            help="name it with `model = ...` and apply that: `image |> model`",
        )

    def needs_batch(self, place: Span) -> None:
        self.train.needs_batch = self.train.needs_batch or place

    # --- the whole -----------------------------------------------------------------------------

    def finish(self) -> None:
        """What is missing, what is not used, and the plain settings together."""
        train = self.train
        required = ["data", "model", "loss", "optimizer"]
        required += [n for n, f in self.settings.model_fields.items() if f.is_required()]
        for name in required:
            if name not in train.spans:
                near = did_you_mean(name, self.unknown)
                self.error(
                    errors.MISSING_SETTING,
                    f"`{train.name}` does not say its `{name}`",
                    train.section.head,
                    f"`{name}` is missing",
                    help=near.replace("did you mean", "is it") if near else _EXAMPLES.get(name),
                )
        if not any(isinstance(a.value, Poison) for a in self.given.values()):
            train.settings = validate(self, self.settings, "train", self.given, train.section.head)
        train.steps = tuple(self.steps)
        used = self._used()
        if train.data is not None:
            # What changes fields together needs all of them.
            together = [set(fields) for fields, _ in train.data.augments if used & set(fields)]
            used = used.union(*together)
        if not self.context.collector.failed:
            check_lengths(self, self.preconditions)
        train.fields = tuple(name for name in self.field_names if name in used)
        if train.loss is not None:
            bound = {n.name for n in ir.walk(train.loss) if isinstance(n, ir.Local)} - set(
                self.field_names
            )
            train.terms = tuple(name for name in self.names if name in bound and self._scalar(name))
        if not self.incomplete and not self.context.collector.failed:
            self._unused(used)

    def _scalar(self, name: str) -> bool:
        value = self.names[name].value
        return (
            isinstance(value, TensorValue)
            and not value.type.rank
            and value.type.element.base == "float"
        )

    def _used(self) -> set[str]:
        """Every local that the loss, a metric or an output needs."""
        roots: list[Any] = [self.train.loss, *(m.arguments for m in self.train.metrics)]
        roots += [ir.Local(name) for name in self.train.outputs]
        used = {n.name for root in roots for n in ir.walk(root) if isinstance(n, ir.Local)}
        for step in reversed(self.steps):
            inner = {n.name for n in ir.walk(step) if isinstance(n, ir.Local)}
            targets = set(step.targets) if isinstance(step, steps.Let) else set()
            if not targets or targets & used:
                used |= inner
        return used

    def _unused(self, used: set[str]) -> None:
        for name, span in self.unknown.items():
            binding = self.names.get(name)
            if binding is None or isinstance(binding.value, Poison) or name in used:
                continue
            if not is_tensor(binding.value) and self._read(name):
                continue
            known = [*BOUND, *self.settings.model_fields]
            self.error(
                errors.UNUSED_IN_TRAIN,
                f"`{name}` is no setting, and nothing uses it",
                span,
                "not used",
                help=did_you_mean(name, known) or "remove the line, or use the name in the loss",
            )

    def _read(self, name: str) -> bool:
        """Whether a plain name is mentioned anywhere in the section."""
        targets = {
            id(t)
            for s in nodes(self.train.section.body)
            if isinstance(s, tree.Assign)
            for t in s.targets
        }
        return any(
            isinstance(n, tree.Name) and n.id == name and id(n) not in targets
            for n in nodes(self.train.section.body)
        )


_EXAMPLES = {
    "data": "such as `data = Digits`",
    "model": "such as `model = Net(label.classes)`",
    "loss": "such as `loss = (scores, label) |> cross_entropy`",
    "optimizer": "such as `optimizer = adam(lr=1e-3)`",
    "epochs": "such as `epochs = 20`",
}


def naming_of(value: Value, span: Span, fixed: str = "") -> Binding:
    """A binding of a name that the section brings along."""
    return Binding(value, span, fixed)


def check_train(
    section: tree.Section,
    scope: FileScope,
    context: Context,
    models: Models,
    data: Mapping[str, DataSection],
    settings: type[BaseModel],
) -> TrainSection:
    """Check a train section; ``settings`` is the model of its plain settings."""
    name = section.name.id if section.name is not None else section.word.id
    train = TrainSection(name, section)
    body = TrainBody(context, scope, models, train, data, settings)
    body.run(_ordered(section.body))
    body.finish()
    return train


def _ordered(body: Sequence[tree.Statement]) -> list[tree.Statement]:
    """The data first, then the model, then what is computed; the rest in its order.

    Settings may stand in any order: `keep` may name a metric that is defined below it.
    """

    def rank(statement: tree.Statement) -> int:
        if isinstance(statement, tree.Assign) and statement.kind is None:
            names = [target.id for target in statement.targets]
            if names == ["data"]:
                return 0
            if names == ["model"]:
                return 1
        return 2

    return sorted(body, key=rank)
