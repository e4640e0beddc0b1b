"""``train`` sections: what is trained on what, and how it is judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from specc.analysis import errors_names as naming
from specc.analysis import errors_sections as errors
from specc.analysis.apply import Applied
from specc.analysis.columns import DataSection
from specc.analysis.definitions import FileScope, nodes
from specc.analysis.frame import Context, Inputs
from specc.analysis.inverses import Inverted
from specc.analysis.models import Models
from specc.analysis.padding import check_lengths, says_what_counts
from specc.analysis.settings import validate
from specc.analysis.train_settings import BOUND, TrainSettings
from specc.analysis.train_values import MetricValue, NamedMetric, Predicted, TrainSection
from specc.analysis.values import (
    POISON,
    Instance,
    Poison,
    Recipe,
    TensorValue,
    Value,
    describe,
    is_tensor,
)
from specc.components import Loss, Metric
from specc.diagnostics import Span
from specc.diagnostics.suggest import did_you_mean
from specc.ir import expr as ir
from specc.ir import program as steps
from specc.registry import Entry
from specc.syntax import tree


class TrainBody(TrainSettings):
    """The body of a train section: a program over the fields of one batch."""

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
        figure = component.figure(applied.site)
        if figure is not None and figure not in self.train.figures:
            self.train.figures.append(figure)
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
