"""Applies one component to real tensors: inferred types against what torch gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import torch
from torch import Tensor

from specc.components import Component, Refusal, Site, TensorComponent
from specc.components.site import as_term
from specc.ir import expr as ir
from specc.testing.interpreter import LoweredComponent, value_of
from specc.types.dim import Dim, as_dim
from specc.types.poly import Facts
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

SIZES = {"B": 4, "T": 6, "S": 5, "C": 8, "D": 8, "H": 12, "W": 10, "K": 3, "N": 7}

DTYPES = {"float": torch.float32, "int": torch.int64, "bool": torch.bool, "uint8": torch.uint8}


def type_of(text: str) -> TensorType:
    """``float[B, 3]`` as a type; every name is a size of its own."""

    def call(name: str, args: object) -> Dim:
        raise AssertionError(name)

    return instantiate_pattern(parse_pattern(text), Bindings(), Dim.named, call)


def drawn(type: TensorType, seed: int = 0) -> Tensor:
    """A random tensor of the type, its names as in `SIZES`."""
    torch.manual_seed(seed)
    shape = [number(dim) for dim in type.dims]
    element = type.element
    if element.name == "probs":
        return torch.rand(shape) * 0.98 + 0.01
    if element.name == "log_probs":
        return torch.randn(shape).log_softmax(1)
    if element.base == "bool":
        mask = torch.rand(shape) < 0.7
        if mask.dim() > 1:
            mask[:, 0] = True
        return mask
    if element.name == "ids":
        if isinstance(element.bound, tuple):
            return torch.stack([torch.randint(number(b), shape[:-1]) for b in element.bound], -1)
        return torch.randint(number(element.bound), shape)
    if element.base in ("int", "uint8"):
        return torch.randint(0, 100, shape, dtype=DTYPES[element.base])
    return torch.randn(shape)


def number(dim: Any) -> int:
    return int(value_of(as_dim(dim).term, SIZES))


def site_of(
    component: Component, facts: Facts, written: Mapping[str, Any], *inputs: Any, **named: Any
) -> Site:
    """The application; raises `Refusal` or fails where the core complains."""
    assert isinstance(component, TensorComponent)
    signature = parse(component.signature)
    types = [type_of(i) if isinstance(i, str) else i for i in inputs]
    if component.many_inputs:
        given = {str(i): t for i, t in enumerate(types)}
    else:
        names = [i.name for i in signature.inputs]
        given = dict(zip(names, types, strict=False))
        given |= {n: type_of(t) if isinstance(t, str) else t for n, t in named.items()}
        given = {n: given[n] for n in names if n in given}
    expressions = {name: ir.Local(f"t{name}") for name in given}

    def resolve(name: str) -> Dim | None:
        if name not in type(component).model_fields:
            return None
        value = getattr(component, name)
        return as_dim(value) if isinstance(value, int | Dim) else None

    def site(bindings: Bindings) -> Site:
        return Site(component, given, expressions, written, bindings, facts)

    if component.many_inputs:
        for one in given.values():
            assert isinstance(match(signature, {SINGLE_INPUT: one}, resolve, facts), Bindings)
        return site(Bindings())
    found = match(signature, given, resolve, facts)
    if isinstance(found, SignatureMismatch):
        component.explain(site(Bindings()))
        pytest.fail(f"no explanation: {found}")
    return site(found)


def inferred(site: Site) -> Any:
    """What the core takes the outputs to be."""
    component = site.component
    assert isinstance(component, TensorComponent)
    said = component.infer(site)
    if said is not None:
        return said

    def resolve(name: str) -> Dim | None:
        if name not in type(component).model_fields:
            return None
        return site.size(name)

    def call(name: str, args: Any) -> Dim:
        return getattr(component, name)(*args)

    outputs = instantiate(parse(component.signature), site.bindings, resolve, call)
    return outputs[SINGLE_OUTPUT] if list(outputs) == [SINGLE_OUTPUT] else outputs


def apply(
    cls: type[Component],
    *inputs: Any,
    facts: Facts | None = None,
    by: Mapping[str, Any] | None = None,
    **settings: Any,
) -> tuple[Any, Any, list[Tensor], LoweredComponent]:
    """Inferred types, real outputs, the tensors drawn and the module; the first two are compared.

    ``by`` gives inputs by name.
    """
    component = cls(**settings)
    written = {name: as_term(value) for name, value in settings.items()}
    site = site_of(component, facts or Facts(), written, *inputs, **(by or {}))
    types = inferred(site)
    tensors = [drawn(type, seed) for seed, type in enumerate(site.inputs.values())]
    torch.manual_seed(7)
    module = LoweredComponent(component.lower(site), [f"t{name}" for name in site.inputs], SIZES)
    result = module(*tensors)
    same(types, result)
    return types, result, tensors, module


def same(type: Any, value: Any) -> None:
    """Fail where a tensor is not of its inferred type."""
    if isinstance(type, Mapping):
        assert list(type) == list(value)
        for name in type:
            same(type[name], value[name])
    elif isinstance(type, tuple):
        assert len(type) == len(value)
        for one, other in zip(type, value, strict=True):
            same(one, other)
    else:
        assert list(value.shape) == [number(dim) for dim in type.dims], type
        assert value.dtype == DTYPES[type.element.base], type
        if type.element.name == "ids" and isinstance(type.element.bound, Dim):
            assert value.min() >= 0
            assert value.max() < number(type.element.bound)
        if type.element.name == "probs":
            assert value.min() >= 0


def refused(
    cls: type[Component],
    *inputs: Any,
    facts: Facts | None = None,
    by: Mapping[str, Any] | None = None,
    **settings: Any,
) -> Refusal:
    """The refusal that the application ends in."""
    with pytest.raises(Refusal) as caught:
        apply(cls, *inputs, facts=facts, by=by, **settings)
    return caught.value
