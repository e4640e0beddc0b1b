"""``train`` sections: what is trained on what, and how it is judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import BaseModel

from specc.analysis.columns import DataSection
from specc.analysis.definitions import Binding, FileScope
from specc.analysis.errors_names import UNKNOWN_STATEMENT
from specc.analysis.frame import Context
from specc.analysis.inverses import Inverted
from specc.analysis.models import Models
from specc.analysis.train_finish import Finish
from specc.analysis.train_settings import TrainSettings, naming_of
from specc.analysis.train_step import SEEN, StepBody, on_step
from specc.analysis.train_values import Predicted, TrainSection
from specc.analysis.values import POISON, Value
from specc.syntax import tree

RANKS = {"data": 0, "model": 1, "freeze": 3}
"""Settings may stand in any order: fields are known before the rest, and what is frozen may name
instances that are declared below it."""


class TrainBody(TrainSettings):
    """The body of a train section: a program over the fields of one batch."""

    def __init__(
        self,
        context: Context,
        scope: FileScope,
        models: Models,
        train: TrainSection,
        data: Mapping[str, DataSection],
        trains: Mapping[str, TrainSection],
        settings: type[BaseModel],
        step_settings: type[BaseModel],
    ) -> None:
        super().__init__(context, scope, models, train, data, trains, settings)
        self.step_settings = step_settings
        self.inner: list[StepBody] = []

    def statement(self, node: tree.Statement) -> None:
        if isinstance(node, tree.Section) and node.word.id == "step":
            body = on_step(self, node, self.step_settings)
            if body is not None:
                self.inner.append(body)
            for name, binding in list(self.names.items()):
                if not binding.fixed:
                    self.names[name] = naming_of(binding.value, binding.span, SEEN)
            return
        super().statement(node)

    def on_step(self, node: tree.Assign) -> None:
        """``step name = ...`` is none: a step is a block."""
        assert node.kind is not None
        name = next((target.id for target in node.targets), "name")
        self.error(
            UNKNOWN_STATEMENT,
            "a step is a block",
            node.kind.span,
            "no value",
            help=f"write `step {name} {{ ... }}`",
        )
        for target in node.targets:  # uses of it are not mistakes of their own
            self.names.setdefault(target.id, Binding(POISON, target.span))

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


def check_train(
    section: tree.Section,
    scope: FileScope,
    context: Context,
    models: Models,
    data: Mapping[str, DataSection],
    trains: Mapping[str, TrainSection],
    settings: type[BaseModel],
    step_settings: type[BaseModel],
) -> TrainSection:
    """Check a train section; ``data`` and ``trains`` are those that it may name. ``settings`` is
    the model of its plain settings, ``step_settings`` that of the settings of a step."""
    name = section.name.id if section.name is not None else section.word.id
    train = TrainSection(name, section)
    body = TrainBody(context, scope, models, train, data, trains, settings, step_settings)
    body.run(_ordered(section.body))
    Finish(body).run()
    return train


def _ordered(body: Sequence[tree.Statement]) -> list[tree.Statement]:
    """The data first, then the model, then what is computed; the rest in its order."""

    def rank(statement: tree.Statement) -> int:
        if isinstance(statement, tree.Assign) and statement.kind is None:
            names = [target.id for target in statement.targets]
            if len(names) == 1:
                return RANKS.get(names[0], 2)
        return 2

    return sorted(body, key=rank)
