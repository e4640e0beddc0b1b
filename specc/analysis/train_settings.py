"""The settings of a train section as a whole: its data, its instances, what is frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import BaseModel

from specc.analysis import errors_sections as errors
from specc.analysis.columns import DataSection, attribute_value
from specc.analysis.definitions import Binding, FileScope, ModelDefinition, refused_label
from specc.analysis.errors_names import BAD_LABEL
from specc.analysis.frame import Context
from specc.analysis.inverses import Inverse
from specc.analysis.models import Models
from specc.analysis.padding import derived_types, in_batch
from specc.analysis.pipes import configured, stage_target
from specc.analysis.train_loads import EXAMPLE, is_load, load
from specc.analysis.train_updates import UPDATING, UpdateBody
from specc.analysis.train_values import Scores, StepSection, TrainSection
from specc.analysis.values import (
    POISON,
    Argument,
    Foreign,
    Instance,
    Plain,
    Poison,
    Recipe,
    TensorValue,
    Value,
    describe,
)
from specc.diagnostics import Span
from specc.diagnostics.suggest import did_you_mean
from specc.ir import expr as ir
from specc.syntax import tree
from specc.types.dim import Dim

BOUND = ("data", "model", "init", *UPDATING, "freeze")
"""Settings that are more than plain values."""


class TrainSettings(UpdateBody):
    """A train section as far as its settings."""

    statement_kinds: Sequence[str] = ("metric", "output", "shared", "group", "step")
    bound: Sequence[str] = BOUND

    def __init__(
        self,
        context: Context,
        scope: FileScope,
        models: Models,
        train: TrainSection,
        data: Mapping[str, DataSection],
        trains: Mapping[str, TrainSection],
        settings: type[BaseModel],
    ) -> None:
        whole = StepSection("", train.section.head)
        super().__init__(context, scope, models, train, whole, settings)
        self.data = data
        self.trains = trains
        self.field_names: list[str] = []
        self.incomplete = False
        """True where the data is not there: what depends on it cannot be checked."""
        self.inverted: str | None = None
        """The field whose values the output says that is being defined."""
        self.frozen: tuple[str, ...] = ()
        self.step_names = [name.id for name in step_names(train.section)]
        for split in ("train", "val", "test"):
            scores = Scores(split, self.step_names)
            self.names[split] = naming_of(scores, train.section.head)

    def set_freeze(self, target: tree.Name, node: tree.Expr) -> None:
        found = self.names_of("freeze", node)
        self.frozen = found or ()
        value: Value = POISON if found is None else Foreign(found, node.span.text)
        self.given["freeze"] = Argument("freeze", value, node.span)

    def set_data(self, target: tree.Name, node: tree.Expr) -> None:
        """Bring the fields of a data section into view, with a batch in front."""
        if isinstance(node, tree.ListExpr):
            self.incomplete = True
            self.error(
                errors.NOT_A_SETTING,
                "a run has one data section: several are not supported yet",
                node.span,
                "more than one",
                help="join their sources in one section, or train in one section after the other",
            )
            for each in node.items:
                if isinstance(each, tree.Name):
                    self.names[each.id] = naming_of(POISON, each.span)
            return
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

    # --- instances -----------------------------------------------------------------------------

    def set_model(self, target: tree.Name, node: tree.Expr) -> None:
        """The instance that predicts."""
        self.instance(target, node, "the model", "model = Net(label.classes)")

    def on_shared(self, node: tree.Assign) -> None:
        """``shared name = Model``: another instance, with weights of its own."""
        (target, *more) = node.targets
        if more or node.value is None:
            self.misplaced(node.span, "`shared` binds one name to one model")
            return
        if reason := refused_label(target.id):
            self.error(BAD_LABEL, f"`{target.id}` cannot name an instance", target.span, reason)
        self.train.spans[target.id] = node.value.span
        self.instance(target, node.value, "a shared instance", f"shared {target.id} = Critic")

    def instance(self, target: tree.Name, node: tree.Expr, what: str, example: str) -> None:
        """Bind a name to one instance of a model."""
        if is_load(node):
            found = load(self, node, self.trains)
            self.incomplete = self.incomplete or found is None
            if found is not None:
                self.train.loads[target.id] = found.loaded
                self.keep(target, found.recipe, node, what)
            else:
                self.bind(target, POISON, what)
            return
        value = configured(node, self) if isinstance(node, tree.Call) else stage_target(node, self)
        if isinstance(value, Recipe) and isinstance(value.target, ModelDefinition):
            self.keep(target, value, node, what)
            return
        if isinstance(value, Poison):
            self.incomplete = True
        else:
            self.error(
                errors.NOT_A_SETTING,
                f"`{target.id}` takes a model, not {describe(value)}",
                node.span,
                "not a model",
                help=f"such as `{example}`",
            )
        self.bind(target, POISON, what)

    def keep(self, target: tree.Name, recipe: Recipe, node: tree.Expr, what: str) -> None:
        instance = Instance(target.id, recipe, node.span)
        if target.id not in self.names:
            self.train.instances[target.id] = instance
        self.bind(target, instance, what)

    def set_init(self, target: tree.Name, node: tree.Expr) -> None:
        """The weights that ``model`` starts from."""
        if not is_load(node):
            self.error(
                errors.NOT_A_SETTING,
                "`init` takes the weights of another run",
                node.span,
                "not a run",
                help=f"{EXAMPLE}: `init = load(Warmup)`",
            )
            return
        found = load(self, node, self.trains)
        if found is not None:
            self.train.loads["init"] = found.loaded


def naming_of(value: Value, span: Span, fixed: str = "") -> Binding:
    """A binding of a name that the section brings along."""
    return Binding(value, span, fixed)


def step_names(section: tree.Section) -> list[tree.Name]:
    """The names of the steps of a train section."""
    return [
        statement.name
        for statement in section.body
        if isinstance(statement, tree.Section)
        and statement.word.id == "step"
        and statement.name is not None
    ]
