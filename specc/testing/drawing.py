"""Random tensors of a type."""

from __future__ import annotations

import torch
from torch import Tensor

from specc.types.dim import Dim
from specc.types.tensor import TensorType

DTYPES = {
    "float": torch.float32,
    "int": torch.int64,
    "bool": torch.bool,
    "uint8": torch.uint8,
}


def number(dim: Dim) -> int:
    """A size that is known."""
    if dim.known is None:
        raise ValueError(f"{dim} is not known")
    return dim.known


def drawn(type: TensorType, generator: torch.Generator) -> Tensor:
    """Values that the type allows; a mask is true, then false along its last axis."""
    shape = [number(dim) for dim in type.dims]
    element = type.element
    match element.name:
        case "probs":
            return torch.rand(shape, generator=generator) * 0.98 + 0.01
        case "log_probs":
            return -torch.rand(shape, generator=generator) - 0.1
        case "mask":
            return _mask(shape, generator)
        case "bool":
            return torch.rand(shape, generator=generator) < 0.5
        case "ids" if isinstance(element.bound, tuple):
            columns = [_below(number(bound), shape[:-1], generator) for bound in element.bound]
            return torch.stack(columns, dim=-1)
        case "ids":
            assert isinstance(element.bound, Dim)
            return _below(number(element.bound), shape, generator)
        case "int" | "uint8":
            return _below(100, shape, generator).to(DTYPES[element.base])
    return torch.randn(shape, generator=generator)


def _below(bound: int, shape: list[int], generator: torch.Generator) -> Tensor:
    values = torch.randint(bound, shape, generator=generator)
    if values.numel():
        values.view(-1)[0] = bound - 1  # the greatest is always among them
    return values


def _mask(shape: list[int], generator: torch.Generator) -> Tensor:
    if len(shape) < 2:
        return torch.rand(shape, generator=generator) < 0.7
    lengths = torch.randint(1, shape[-1] + 1, [*shape[:-1], 1], generator=generator)
    return torch.arange(shape[-1]) < lengths


def disagreement(type: TensorType, value: object) -> str | None:
    """Why a value is not of a type whose sizes are known; ``None`` where it is."""
    if not isinstance(value, Tensor):
        return f"inferred {type}, but the result is {value!r:.60}"
    shape = [number(dim) for dim in type.dims]
    if list(value.shape) != shape:
        return f"inferred {type}, but the shape is {list(value.shape)}"
    if value.dtype != DTYPES[type.element.base]:
        return f"inferred {type}, but the values are {value.dtype}"
    return _out_of_kind(type, value)


def _out_of_kind(type: TensorType, value: Tensor) -> str | None:
    if not value.numel():
        return None
    name, bound = type.element.name, type.element.bound
    least, most = value.min().item(), value.max().item()
    if name == "probs" and not (least >= 0 and most <= 1 + 1e-5):
        return f"inferred {type}, but the values lie between {least} and {most}"
    if name == "log_probs" and not most <= 1e-5:
        return f"inferred {type}, but the largest value is {most}"
    if name == "ids":
        bounds = torch.tensor([number(b) for b in bound] if isinstance(bound, tuple) else [])
        limit = bounds if isinstance(bound, tuple) else bound.known if bound is not None else None
        if least < 0 or (limit is not None and bool((value >= limit).any())):
            return f"inferred {type}, but the values lie between {least} and {most}"
    return None
