"""One component applied to tensors of given types, without a spec around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from specc.components import Site, TensorComponent
from specc.components.site import as_term
from specc.ir import expr as ir
from specc.types.dim import Dim
from specc.types.elements import Element
from specc.types.poly import Facts, Poly
from specc.types.signature import (
    SINGLE_INPUT,
    SINGLE_OUTPUT,
    Bindings,
    SignatureMismatch,
    instantiate,
    instantiate_pattern,
    match,
    parse,
    parse_pattern,
)
from specc.types.tensor import TensorType

Types = Mapping[str, TensorType] | tuple[TensorType, ...]


class DoesNotMatch(Exception):
    """The tensors do not fit the signature."""

    def __init__(self, mismatch: SignatureMismatch) -> None:
        super().__init__(str(mismatch))
        self.mismatch = mismatch


@dataclass(frozen=True)
class Application:
    """What the compiler would know of ``inputs |> component``.

    ``outputs`` is by name, a single output under `SINGLE_OUTPUT`; a tuple where the component gives
    a list.
    """

    component: TensorComponent
    inputs: Mapping[str, TensorType]
    outputs: Types
    lowered: ir.Expr | Mapping[str, ir.Expr]
    site: Site

    def weight(self, pattern: str) -> TensorType:
        """The type of a tensor of a shared instance, from what `Layer.present_weights` says."""
        parsed = parse_pattern(pattern)
        return instantiate_pattern(parsed, self.site.bindings, self._field, self._call)

    def _field(self, name: str) -> Dim | None:
        return field_size(self.site, name)

    def _call(self, name: str, sizes: tuple[Dim | int, ...]) -> Dim:
        return call_method(self.site, name, sizes)


def type_of(text: str) -> TensorType:
    """``float[B, 3]`` as a type; every name is a size of its own."""

    def no_calls(name: str, sizes: object) -> Dim:
        raise ValueError(f"{name}(...) in the type of an example")

    return instantiate_pattern(parse_pattern(text), Bindings(), Dim.named, no_calls)


def with_sizes(type: TensorType, sizes: Mapping[str, int]) -> TensorType:
    """The type with its names replaced by numbers."""

    def known(dim: Dim) -> Dim:
        polys = {name: Poly.const(value) for name, value in sizes.items()}
        value = dim.poly.substitute(polys).constant
        if value is None:
            raise ValueError(f"{dim} is not known with {dict(sizes)}")
        return Dim.of(value)

    bound = type.element.bound
    if isinstance(bound, tuple):
        bound = tuple(known(each) for each in bound)
    elif bound is not None:
        bound = known(bound)
    return TensorType(Element(type.element.name, bound), tuple(known(dim) for dim in type.dims))


def named_inputs(
    cls: type[TensorComponent], inputs: Mapping[str, TensorType] | Sequence[TensorType]
) -> dict[str, TensorType]:
    """Types by the names of the signature's inputs, in its order; ``""`` is the only one."""
    names = [declared.name for declared in parse(cls.signature).inputs]
    if not isinstance(inputs, Mapping):
        keys = [str(i) for i in range(len(inputs))] if cls.many_inputs else names
        return dict(zip(keys, inputs, strict=False))
    if cls.many_inputs:
        return {name or "0": type for name, type in inputs.items()}
    given = {name or names[0]: type for name, type in inputs.items()}
    ordered = {name: given[name] for name in names if name in given}
    return ordered | given  # unknown names stay, for the match to refuse


def apply(
    cls: type[TensorComponent],
    config: Mapping[str, Any],
    inputs: Mapping[str, TensorType],
    facts: Facts | None = None,
) -> Application:
    """Configure, match, infer and lower; raises as `typed` does."""
    site, outputs = typed(cls, config, inputs, facts)
    component = site.component
    assert isinstance(component, TensorComponent)
    lowered = component.lower(site)
    if isinstance(lowered, ir.Construct):
        lowered = site.call(lowered)
    return Application(component, inputs, outputs, lowered, site)


def typed(
    cls: type[TensorComponent],
    config: Mapping[str, Any],
    inputs: Mapping[str, TensorType],
    facts: Facts | None = None,
    fitted: Mapping[str, Dim | tuple[Dim, ...]] | None = None,
) -> tuple[Site, Types]:
    """Configure, match and infer; ``fitted`` is what a transform learned.

    Raises:
        pydantic.ValidationError: the configuration is refused.
        DoesNotMatch: the tensors do not fit the signature.
        Refusal: the component says no.
    """
    component = cls(**config)
    written = {name: as_term(value) for name, value in config.items()}
    facts = facts or Facts()
    expressions: dict[str, ir.Expr] = {name: ir.Local(f"input_{name}") for name in inputs}
    bare = Site(component, inputs, expressions, written, Bindings(), facts)
    site = Site(component, inputs, expressions, written, _match(bare), facts, fitted or {})
    outputs = component.infer(site)
    if outputs is None:
        outputs = instantiate(
            parse(cls.signature),
            site.bindings,
            lambda name: field_size(site, name),
            lambda name, sizes: call_method(site, name, sizes),
        )
    if isinstance(outputs, TensorType):
        outputs = {SINGLE_OUTPUT: outputs}
    return site, outputs


def _match(site: Site) -> Bindings:
    component = site.component
    assert isinstance(component, TensorComponent)
    signature = parse(component.signature)
    given = [site.inputs]
    if component.many_inputs:
        given = [{SINGLE_INPUT: type} for type in site.inputs.values()]
    found: list[Bindings] = []
    for tensors in given:
        matched = match(signature, tensors, lambda name: field_size(site, name), site.facts)
        if isinstance(matched, SignatureMismatch):
            component.explain(site)
            raise DoesNotMatch(matched)
        found.append(matched)
    return found[0]


def field_size(site: Site, name: str) -> Dim | None:
    """A config field that is a size."""
    if name not in type(site.component).model_fields:
        return None
    value = getattr(site.component, name)
    if isinstance(value, tuple) and len(value) == 1:
        return site.size(name, 0)
    if isinstance(value, bool) or not isinstance(value, int | Dim):
        return None
    return site.size(name)


def call_method(site: Site, name: str, sizes: tuple[Dim | int, ...]) -> Dim:
    """A method of the component that its signature calls."""
    result = getattr(site.component, name)(*sizes)
    return result if isinstance(result, Dim) else Dim.of(result)
