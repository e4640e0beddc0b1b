"""Examples of a component: those that nobody wrote, and numbers for the names in all of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from pydantic import ValidationError

from specc.components import Example, Refusal, TensorComponent
from specc.testing.application import DoesNotMatch, apply, named_inputs, type_of, with_sizes
from specc.types.elements import BASES
from specc.types.notation import Input, Pattern, Rest
from specc.types.signature import parse
from specc.types.tensor import TensorType
from specc.types.terms import Const, Ref


def drawn_examples(cls: type[TensorComponent]) -> Iterator[Example]:
    """The first required configuration that is accepted, on all inputs and on the least number."""
    if cls.takes_module:
        return
    required = {n: candidates(i.annotation) for n, i in cls.model_fields.items() if i.is_required()}
    for values in itertools.product(*required.values()):
        config = dict(zip(required, values, strict=True))
        found = []
        for optional in (True, False):
            for spread in (1, 2, 0):
                inputs = _drawn_inputs(cls, config, optional, spread)
                if inputs is None:
                    continue
                example = Example(inputs, **config)
                if _accepted(cls, example) and example not in found:
                    found.append(example)
        if found:
            yield from found
            return


def candidate_examples(cls: type[TensorComponent]) -> Iterator[Example]:
    """Required configurations on inputs as the signature has them, accepted or not."""
    required = {n: candidates(i.annotation) for n, i in cls.model_fields.items() if i.is_required()}
    for values in itertools.product(*required.values()):
        config = dict(zip(required, values, strict=True))
        for spread in (0, 1, 2):
            inputs = _drawn_inputs(cls, config, True, spread)
            if inputs is not None:
                yield Example(inputs, **config)


def _accepted(cls: type[TensorComponent], example: Example) -> bool:
    try:
        types = {name: type_of(text) for name, text in example.inputs.items()}
        apply(cls, example.config, named_inputs(cls, types))
    except (ValidationError, DoesNotMatch, Refusal):
        return False
    return True


def candidates(annotation: Any) -> tuple[Any, ...]:
    """Values to try for a field."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    return (2, 3, 0.75, True, False, "x", [2], [0.5], 1, 0, -1)


def _drawn_inputs(
    cls: type[TensorComponent], config: Mapping[str, Any], optional: bool, spread: int
) -> dict[str, str] | None:
    """Types that follow the signature's left side; ``...`` stands for ``spread`` dims."""
    try:
        component = cls(**config)
    except ValidationError:
        return None
    inputs = {}
    for declared in parse(cls.signature).inputs:
        if optional or not declared.optional:
            dims = list(_drawn_dims(component, declared, spread))
            inputs[declared.name] = f"{_drawn_element(declared.pattern)}[{', '.join(dims)}]"
    if cls.many_inputs:
        (only,) = inputs.values()
        return {"0": only, "1": only}
    return inputs


def _drawn_dims(component: TensorComponent, declared: Input, spread: int) -> Iterator[str]:
    for dim in declared.pattern.dims:
        if isinstance(dim, Rest):
            letters = ("B", "R", "S") if declared.pattern.rest == 0 else ("R", "S")
            yield from letters[:spread]
        elif isinstance(dim, Ref):
            value = getattr(component, dim.name, None) if _is_field(component, dim.name) else None
            yield str(value) if isinstance(value, int) else dim.name
        elif isinstance(dim, Const):
            yield str(dim.value)
        else:
            yield "4"


def _is_field(component: TensorComponent, name: str) -> bool:
    return name in type(component).model_fields


def _drawn_element(pattern: Pattern) -> str:
    if pattern.element not in BASES:
        return "float"
    if pattern.element == "ids":
        return f"ids({pattern.bound.name})" if isinstance(pattern.bound, Ref) else "ids(7)"
    return pattern.element


def alternatives(annotation: Any, config: Mapping[str, Any], name: str) -> Iterator[Any]:
    """Other values that a field might take; not all will be accepted."""
    yield from candidates(annotation)
    for union_member in get_args(annotation):
        if get_origin(union_member) is Literal:
            yield from get_args(union_member)
    value = config.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield from (value + 1, value * 2, value / 2)


@dataclass(frozen=True)
class Trial:
    """An example with numbers for its names."""

    example: Example
    sizes: Mapping[str, int]

    def inputs(self, cls: type[TensorComponent]) -> dict[str, TensorType]:
        types = {n: with_sizes(type_of(t), self.sizes) for n, t in self.example.inputs.items()}
        return named_inputs(cls, types)

    def __str__(self) -> str:
        config = ", ".join(f"{name}={value!r}" for name, value in self.example.config.items())
        tensors = ", ".join(f"{name} {text}".strip() for name, text in self.example.inputs.items())
        return f"({tensors}) |> ({config}) with {dict(self.sizes)}"


def chosen_sizes(example: Example, round: int) -> dict[str, int]:
    """A number for each name; another one in each round."""
    names: dict[str, None] = {}
    for text in example.inputs.values():
        type = type_of(text)
        bound = type.element.bound
        bounds = bound if isinstance(bound, tuple) else (bound,) if bound is not None else ()
        for dim in (*type.dims, *bounds):
            names |= dict.fromkeys(sorted(dim.poly.variables))
    spatial = [name for name in names if name != "B"]
    sizes = {name: (6 + 2 * i, 9 + i)[round] for i, name in enumerate(spatial)}
    return {"B": (2, 3)[round], **sizes} if "B" in names else sizes


def batch_axes(trial: Trial, cls: type[TensorComponent]) -> list[list[int]]:
    """For each input, the axes that are the batch."""
    types = named_inputs(cls, {name: type_of(text) for name, text in trial.example.inputs.items()})
    return [[a for a, d in enumerate(t.dims) if d.poly.variables == {"B"}] for t in types.values()]
