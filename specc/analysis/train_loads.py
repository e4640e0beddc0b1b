"""``load("runs/teacher/3")``, ``load(Warmup)``: what another run has trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from specc.analysis import errors_sections as errors
from specc.analysis.train_values import Loaded, TrainSection
from specc.analysis.values import Plain, Poison, Recipe, describe
from specc.components import Refusal
from specc.diagnostics.suggest import did_you_mean
from specc.syntax import tree

if TYPE_CHECKING:
    from specc.analysis.train_updates import UpdateBody

EXAMPLE = 'such as `load("runs/teacher/3")`, or `load(Warmup)` for a train section of this file'


class Found(Struct, frozen=True):
    """What a `load` comes to: where it is from, and how it was configured there."""

    loaded: Loaded
    recipe: Recipe


def is_load(node: tree.Expr) -> bool:
    """Whether an expression is ``load(...)``, or names an instance of it: ``load(...).critic``."""
    if isinstance(node, tree.Attribute):
        node = node.value
    return (
        isinstance(node, tree.Call) and isinstance(node.func, tree.Name) and node.func.id == "load"
    )


def load(body: UpdateBody, node: tree.Expr, trains: Mapping[str, TrainSection]) -> Found | None:
    """What is loaded; mistakes are reported and give ``None``."""
    instance = "model"
    if isinstance(node, tree.Attribute):
        instance, node = node.name.id, node.value
    assert isinstance(node, tree.Call)
    if len(node.arguments) != 1 or node.arguments[0].name is not None:
        body.error(
            errors.NOT_LOADED, "`load` takes one run", node.span, "not one run", help=EXAMPLE
        )
        return None
    (argument,) = node.arguments
    section = argument.value
    if isinstance(section, tree.Name) and body.find(section.id) is None:
        if section.id not in trains:
            itself = section.id == body.train.name
            below = not itself and section.id in body.context.trains
            known = [name for name in trains if name != body.train.name]
            body.error(
                errors.NOT_LOADED,
                f"`{section.id}` is this section itself"
                if itself
                else f"there is no train section `{section.id}` above this one",
                section.span,
                "cannot be loaded",
                help="move that section above this one"
                if below
                else did_you_mean(section.id, known) or EXAMPLE,
            )
            return None
        source, train, place = section.id, trains[section.id], section.span
    else:
        value = body.evaluate(section)
        if isinstance(value, Poison):
            return None
        if not isinstance(value, Plain) or not isinstance(value.value, str):
            body.error(
                errors.NOT_LOADED,
                f"`load` takes the folder of a run or a train section, not {describe(value)}",
                section.span,
                "not a run",
                help=EXAMPLE,
            )
            return None
        source, place = value.value, section.span
        assert body.context.open_run is not None
        try:
            train = body.context.open_run(source)
        except Refusal as refusal:
            body.error(refusal.code, refusal.message, place, refusal.label, help=refusal.help)
            return None
    found = train.instances.get(instance)
    if found is None:
        if train.instances:  # else what is wrong with it was said
            listed = ", ".join(f"`{name}`" for name in train.instances)
            body.error(
                errors.NOT_LOADED,
                f"`{source}` has no instance `{instance}`",
                node.span,
                "not found",
                help=did_you_mean(instance, train.instances) or f"it has {listed}",
            )
        return None
    is_section = isinstance(section, tree.Name) and source in trains
    several = len(train.instances) > 1
    return Found(Loaded(source, is_section, instance if several else "", place), found.recipe)
