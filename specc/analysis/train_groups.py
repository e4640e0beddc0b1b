"""``group name = parameters("*.bias", weight_decay=0)``: settings of the optimizer for some."""

from __future__ import annotations

from specc.analysis import errors_sections as errors
from specc.analysis import errors_values as values
from specc.analysis.frame import Frame
from specc.analysis.settings import changed
from specc.analysis.train_names import parameter_names
from specc.analysis.train_values import Group, StepSection
from specc.analysis.values import Argument, Poison, Special, Value, describe
from specc.components import Optimizer
from specc.diagnostics.suggest import did_you_mean
from specc.syntax import tree

EXAMPLE = 'such as `group biases = parameters("*.bias", weight_decay=0)`'


class Chosen(Special, frozen=True):
    """Parameters by their names, and what the optimizer does otherwise with them."""

    names: tuple[str, ...]
    settings: tuple[Argument, ...]

    def describe(self) -> str:
        return "a group of parameters"


class Parameters(Special, frozen=True):
    """The word ``parameters`` of a train section."""

    def describe(self) -> str:
        return "`parameters`, which takes submodules and patterns"

    def called(self, frame: Frame, node: tree.Call, arguments: tuple[Argument, ...]) -> Value:
        names: list[str] = []
        for argument in arguments:
            if argument.name is not None:
                continue
            found = parameter_names(argument.value)
            if found is None:
                return frame.error(
                    errors.BAD_GROUP,
                    f"a group takes submodules and patterns, not {describe(argument.value)}",
                    argument.span,
                    "names no parameters",
                    help=EXAMPLE,
                )
            names += found
        settings = tuple(argument for argument in arguments if argument.name is not None)
        if not names or not settings:
            return frame.error(
                errors.BAD_GROUP,
                "a group says which parameters it is about, and what is set for them",
                node.span,
                "names no parameters" if not names else "sets nothing",
                help=EXAMPLE,
            )
        return Chosen(tuple(names), settings)


def configured_group(
    frame: Frame, group: Group, part: StepSection, optimizer: Optimizer
) -> Optimizer | None:
    """The optimizer of a step as it is for a group; mistakes are reported and give ``None``."""
    called = type(optimizer).__module__.rpartition(".")[2]
    given: dict[str, Argument] = {}
    for argument in group.settings:
        name = argument.name or ""
        if isinstance(argument.value, Poison):
            return None
        if name not in type(optimizer).model_fields:
            of = f", the optimizer of `{part.name}`," if part.name else ""
            frame.error(
                values.UNKNOWN_PARAMETER,
                f"`{called}`{of} has no parameter `{name}`",
                argument.name_span or argument.span,
                "unknown parameter",
                help=did_you_mean(name, type(optimizer).model_fields),
            )
            return None
        given[name] = argument
    found = changed(frame, optimizer, f"`{called}`", given, group.span)
    return found if isinstance(found, Optimizer) else None
