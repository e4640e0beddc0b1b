"""What a train section and each of its steps say alike: the loss, and how the weights move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args

from pydantic import BaseModel

from specc.analysis import errors_names as naming
from specc.analysis import errors_sections as errors
from specc.analysis.apply import Applied
from specc.analysis.body import Body
from specc.analysis.definitions import Binding, FileScope
from specc.analysis.frame import Context, Inputs
from specc.analysis.models import Models
from specc.analysis.padding import says_what_counts
from specc.analysis.pipes import configured
from specc.analysis.settings import configure
from specc.analysis.train_groups import EXAMPLE, Chosen, Parameters
from specc.analysis.train_names import parameter_names
from specc.analysis.train_values import Group, MetricValue, NamedMetric, StepSection, TrainSection
from specc.analysis.values import (
    POISON,
    Argument,
    Instance,
    Plain,
    Poison,
    Recipe,
    Value,
    describe,
    is_tensor,
    tensor_of,
)
from specc.components import Component, Loss, Metric, Optimizer, Schedule
from specc.components.data import listed
from specc.diagnostics import Label, Span
from specc.ir import expr as ir
from specc.registry import Entry
from specc.syntax import tree

UPDATING = ("loss", "update", "optimizer", "schedule")
"""Settings of an update that are more than plain values."""


class UpdateBody(Body):
    """Lines over the fields of one batch, with settings among them.

    ``part`` is the update that they speak of, ``plain`` the model of the plain settings, ``bound``
    the names of those that are more.
    """

    kinds: Sequence[str] = ("layer", "loss", "metric")
    recipe_kinds: Sequence[str] = (
        "layer",
        "loss",
        "metric",
        "optimizer",
        "schedule",
        "keep",
        "stop",
        "logger",
        "strategy",
    )
    bound: Sequence[str] = UPDATING

    def __init__(
        self,
        context: Context,
        scope: FileScope,
        models: Models,
        train: TrainSection,
        part: StepSection,
        plain: type[BaseModel],
    ) -> None:
        super().__init__(context, scope, models, {}, {})
        self.train = train
        self.part = part
        self.settings = plain
        self.names["parameters"] = Binding(Parameters(), part.head)
        self.hoisted: dict[tuple[int, str], str] = {}
        """Names of what is computed once for an expression, by the node and what it is of it."""
        self.given: dict[str, Argument] = {}
        self.unknown: dict[str, Span] = {}
        """Names that are no settings: something has to use them."""

    # --- settings ------------------------------------------------------------------------------

    def assign(self, node: tree.Assign) -> None:
        if len(node.targets) == 1 and node.value is not None:
            (target,) = node.targets
            said = self.part.named(target.id)
            if target.id in self.bound or target.id in self.settings.model_fields:
                if said in self.train.spans:
                    self.set_twice(target, said)
                    return
                self.train.spans[said] = node.value.span
                if target.id in self.bound:
                    getattr(self, f"set_{target.id}")(target, node.value)
                else:
                    self.set_plain(target.id, node.value)
                return
        for target in node.targets:
            self.unknown.setdefault(target.id, target.span)
        super().assign(node)

    def set_twice(self, target: tree.Name, said: str) -> None:
        """Report a setting that has a value already."""
        parts = "name the parts and add them up in one line: `loss = fit + penalty`"
        self.error(
            naming.DEFINED_TWICE,
            f"`{target.id}` is set twice",
            target.span,
            "again",
            labels=(Label(self.train.spans[said], "set here"),),
            help=parts if target.id == "loss" else "remove one of the two",
        )

    def set_plain(self, name: str, node: tree.Expr) -> None:
        kind = component_kind(self.settings, name)
        if kind is None:
            value = configured(node, self) if isinstance(node, tree.Call) else self.evaluate(node)
        else:
            value = self.component_value(name, node, kind)
        self.given[name] = Argument(name, value, node.span)

    def component_value(self, name: str, node: tree.Expr, kind: type[Component]) -> Value:
        """The component that a plain setting takes, or none."""
        with self.wanting(kind.kind):
            value = configured(node, self) if isinstance(node, tree.Call) else self.evaluate(node)
        if isinstance(value, Poison) or _is(value, kind):
            return value
        return self.error(
            errors.NOT_A_SETTING,
            f"`{name}` takes a {kind.kind}, not {describe(value)}",
            node.span,
            f"not a {kind.kind}",
            help=f"there is {listed(self.context.registry.names([kind.kind]))}",
        )

    def names_of(self, setting: str, node: tree.Expr) -> tuple[str, ...] | None:
        """A setting that names parameters, as the texts that the training looks them up by."""
        value = self.evaluate(node)
        found = parameter_names(value)
        if found is None and not isinstance(value, Poison):
            self.error(
                errors.NOT_A_SETTING,
                f"`{setting}` takes submodules and patterns, not {describe(value)}",
                node.span,
                "names no parameters",
                help=f'such as `{setting} = model.head` or `{setting} = "*.bias"`',
            )
        return found

    def set_update(self, target: tree.Name, node: tree.Expr) -> None:
        found = self.names_of("update", node)
        if found is not None:
            self.part.update = found

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
        self.part.loss = tensor.expr

    def set_optimizer(self, target: tree.Name, node: tree.Expr) -> None:
        found = self.component(node, Optimizer, "optimizer", "adam(lr=1e-3)")
        self.part.optimizer = found if isinstance(found, Optimizer) else None

    def set_schedule(self, target: tree.Name, node: tree.Expr) -> None:
        found = self.component(node, Schedule, "schedule", "cosine_annealing(warmup=500)")
        self.part.schedule = found if isinstance(found, Schedule) else None

    def component(
        self, node: tree.Expr, kind: type[Component], word: str, example: str
    ) -> Component | None:
        with self.wanting(kind.kind):
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

    def on_group(self, node: tree.Assign) -> None:
        """``group name = parameters(names, setting=value)``."""
        (target, *more) = node.targets
        if more or not isinstance(node.value, tree.Call):
            self.error(
                errors.BAD_GROUP,
                "a group has one name, and says which parameters it is about",
                node.span,
                "not a group",
                help=EXAMPLE,
            )
            return
        value = configured(node.value, self)
        if isinstance(value, Poison):
            return
        if not isinstance(value, Chosen):
            self.error(
                errors.BAD_GROUP,
                f"`{target.id}` is {describe(value)}, not a group of parameters",
                node.value.span,
                "not a group",
                help=EXAMPLE,
            )
            return
        said = self.part.named(target.id)
        if said in self.train.spans:
            self.set_twice(target, said)
            return
        self.train.spans[said] = node.value.span
        self.part.groups.append(Group(target.id, value.names, value.settings, node.value.span))

    # --- metrics -------------------------------------------------------------------------------

    def on_metric(self, node: tree.Assign) -> None:
        """``metric name = tensors |> component``."""
        (target, *more) = node.targets
        if more or node.value is None:
            self.misplaced(node.span, "a metric has one name and a value")
            return
        value = self.evaluate(node.value)
        if any(metric.name == target.id for metric in self.part.metrics):
            self.error(
                naming.DEFINED_TWICE, f"there are two metrics `{target.id}`", target.span, "again"
            )
        if isinstance(value, MetricValue):
            self.part.metrics.append(
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

    def hoist(self, expr: ir.Expr, node: tree.Node, suffix: str) -> ir.Expr:
        """As in a model, with names that differ from place to place: sites have none here."""
        if isinstance(expr, (ir.Local, ir.Submodule, ir.Plain)):
            return expr
        key = id(node), suffix
        if key not in self.hoisted:
            taken = {*self.names, *self.hoisted.values()}
            number = 1
            while (name := f"value_{suffix}" + (f"_{number}" if number > 1 else "")) in taken:
                number += 1
            self.hoisted[key] = name
        self.let((self.hoisted[key],), expr, ())
        return ir.Local(self.hoisted[key])

    # --- what may be applied -------------------------------------------------------------------

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
            "a model is applied here without being one of the section's",
            place,
            "its weights would be trained by nothing",
            help="name it with `model = ...`, or `shared critic = ...` for another one, "
            "and apply that: `image |> model`",
        )

    def needs_batch(self, place: Span) -> None:
        self.train.needs_batch = self.train.needs_batch or place


def component_kind(settings: type[BaseModel], name: str) -> type[Component] | None:
    """The class of the components that a plain setting takes, if it takes any."""
    annotation = settings.model_fields[name].annotation
    for each in (annotation, *get_args(annotation)):
        if isinstance(each, type) and issubclass(each, Component):
            return each
    return None


def _is(value: Value, kind: type[Component]) -> bool:
    """Whether a value is a component of a class, or stands for none."""
    if isinstance(value, Recipe) and isinstance(value.target, Entry):
        return issubclass(value.target.load(value.span), kind)
    return isinstance(value, Plain) and value.value is None
