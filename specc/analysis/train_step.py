"""``step name { }``: one of several updates of a train section."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace
from pydantic import BaseModel

from specc.analysis import errors_sections as errors
from specc.analysis.reading import nodes
from specc.analysis.train_updates import UPDATING, UpdateBody
from specc.analysis.train_values import StepSection
from specc.analysis.values import Poison
from specc.diagnostics import Label
from specc.syntax import tree

if TYPE_CHECKING:
    from specc.analysis.train_section import TrainBody

SEEN = "a name that a step above reads"
"""What keeps a name of the section from being bound again below a step: the steps compute the
section's lines afresh, all of them."""

SPLITS = ("train", "val", "test")


class StepBody(UpdateBody):
    """The lines of a step: they see what stands above it in the section, and keep their names."""

    statement_kinds: Sequence[str] = ("metric", "group")

    def __init__(self, outer: TrainBody, part: StepSection, plain: type[BaseModel]) -> None:
        super().__init__(outer.context, outer.scope, outer.models, outer.train, part, plain)
        self.outer = outer
        self.names = {
            name: replace(binding, fixed="") if binding.fixed == SEEN else binding
            for name, binding in outer.names.items()
            if name != "loss"
        }
        self.hoisted = outer.hoisted
        self.facts = outer.facts
        self.preconditions = outer.preconditions
        self.definitions = dict(outer.definitions)
        self.plain = set(outer.plain)

    def assign(self, node: tree.Assign) -> None:
        for target in node.targets:
            if target.id in self.outer.bound or target.id in self.outer.settings.model_fields:
                if target.id in self.bound or target.id in self.settings.model_fields:
                    continue
                self.error(
                    errors.NOT_OF_A_STEP,
                    f"`{target.id}` is a setting of the whole section, not of a step",
                    target.span,
                    "not in a step",
                    help="move it out of the step; a step has "
                    + ", ".join(f"`{each}`" for each in (*UPDATING, *self.settings.model_fields)),
                )
                return
        super().assign(node)

    def bound_later(self, name: str) -> None:
        return None

    def unknown_name(self, name: tree.Name) -> Poison:
        """A name of another step is none here."""
        for statement in self.train.section.body:
            if not isinstance(statement, tree.Section) or statement.name is None:
                continue
            for inner in nodes(statement.body):
                if isinstance(inner, tree.Assign) and name.id in [t.id for t in inner.targets]:
                    if statement.name.id == self.part.name:
                        return super().unknown_name(name)
                    return self.error(
                        errors.OF_ANOTHER_STEP,
                        f"`{name.id}` is a name of the step `{statement.name.id}`",
                        name.span,
                        "not bound in this step",
                        labels=(Label(inner.targets[0].span, "bound here"),),
                        help="what several steps use stands above them, in the section itself: "
                        "each computes it afresh",
                    )
        return super().unknown_name(name)


def on_step(outer: TrainBody, node: tree.Section, plain: type[BaseModel]) -> StepBody | None:
    """Check a step; ``plain`` is the model of its plain settings."""
    if node.name is None or node.parameters is not None:
        outer.error(
            errors.BAD_STEP,
            "a step has a name and no parameters",
            node.word.span if node.name is None else node.head,
            "has no name" if node.name is None else "has parameters",
            help="such as `step judge { update = critic ... }`",
        )
        return None
    name = node.name.id
    first = next((part for part in outer.train.steps if part.name == name), None)
    if first is not None:
        outer.error(
            errors.BAD_STEP,
            f"there are two steps `{name}`",
            node.name.span,
            "the second one",
            labels=(Label(first.head, "the first one"),),
            help="give each a name of its own: its scores are called by it",
        )
        return None
    if name in (*SPLITS, "loss", "lr"):
        outer.error(
            errors.BAD_STEP,
            f"`{name}` cannot name a step",
            node.name.span,
            "is a split" if name in SPLITS else "is the name of a score",
            help=f"scores are called SPLIT.STEP.NAME, such as `val.{name}_step.loss`",
        )
        return None
    part = StepSection(name, node.head)
    outer.train.steps.append(part)
    body = StepBody(outer, part, plain)
    body.run(node.body)
    return body
