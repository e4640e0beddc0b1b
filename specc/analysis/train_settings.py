"""The settings of a train section."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import BaseModel

from specc.analysis import errors_names as naming
from specc.analysis import errors_sections as errors
from specc.analysis.body import Body
from specc.analysis.columns import DataSection, attribute_value
from specc.analysis.definitions import Binding, FileScope, ModelDefinition
from specc.analysis.frame import Context
from specc.analysis.inverses import Inverse
from specc.analysis.models import Models
from specc.analysis.padding import derived_types, in_batch
from specc.analysis.pipes import configured, stage_target
from specc.analysis.settings import configure
from specc.analysis.train_values import Scores, TrainSection
from specc.analysis.values import (
    POISON,
    Argument,
    Instance,
    Plain,
    Poison,
    Recipe,
    TensorValue,
    Value,
    describe,
    is_tensor,
    tensor_of,
)
from specc.components import Component, Optimizer, Schedule
from specc.diagnostics import Span
from specc.diagnostics.suggest import did_you_mean
from specc.ir import expr as ir
from specc.registry import Entry
from specc.syntax import tree
from specc.types.dim import Dim

BOUND = ("data", "model", "loss", "optimizer", "schedule")
"""Settings that are more than plain values."""


class TrainSettings(Body):
    """A train section as far as its settings: data, model, loss, optimizer, schedule, numbers."""

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


def naming_of(value: Value, span: Span, fixed: str = "") -> Binding:
    """A binding of a name that the section brings along."""
    return Binding(value, span, fixed)
