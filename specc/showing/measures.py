"""What a model weighs: parameters and arithmetic, from an instance without memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from specc.analysis.variants import Variant
from specc.diagnostics import SpecError
from specc.spec import Spec
from specc.types.poly import Poly
from specc.types.tensor import TensorType

if TYPE_CHECKING:
    from torch import nn

CONVENTION = (
    "FLOPs: one forward pass over one row; a multiply-add of a matrix product or a convolution "
    "counts as two, everything else as nothing"
)


@dataclass(frozen=True)
class Measures:
    """Parameters of every submodule by its path, and FLOPs where the sizes are known.

    ``note`` says why something is missing.
    """

    parameters: Mapping[str, Mapping[int, int]]
    """For each path the parameters in it: identity -> number of values."""

    flops: Mapping[str, int] | None
    note: str | None = None

    @property
    def total(self) -> int:
        """All parameters, those that are shared once."""
        return sum(self.parameters[""].values())


def measure(spec: Spec, variant: Variant) -> Measures:
    """Build a model on the meta device, and let a row of that kind through it."""
    import torch

    try:
        with torch.device("meta"):
            module = spec.build(variant)
    except SpecError as error:
        why = error.diagnostics[0].message
        return Measures({}, None, f"{why}; a size is given by --dim NAME=SIZE")
    parameters = {
        path: {id(parameter): parameter.numel() for parameter in part.parameters()}
        for path, part in module.named_modules()
    }
    parameters |= {
        path: {id(value): value.numel()}
        for path, value in module.named_parameters(remove_duplicate=False)
    }
    sizes = one_row(variant)
    if isinstance(sizes, str):
        return Measures(parameters, None, sizes)
    return Measures(parameters, *_flops(module, sizes))


def one_row(variant: Variant) -> dict[str, TensorType] | str:
    """The inputs with a batch of one; or the sizes that are missing, in words."""
    batch: dict[str, Poly] = {}
    first = next(iter(variant.inputs.values()), None)
    if first is not None and first.dims and first.dims[0].known is None:
        batch = dict.fromkeys(first.dims[0].poly.variables, Poly.const(1))
    sizes: dict[str, TensorType] = {}
    unknown: dict[str, None] = {}
    for name, type_ in variant.inputs.items():
        polys = [dim.poly.substitute(batch) for dim in type_.dims]
        for poly in polys:
            unknown |= dict.fromkeys(sorted(poly.variables))
        dims = tuple(type(d)(p, d.term) for d, p in zip(type_.dims, polys, strict=True))
        sizes[name] = TensorType(type_.element, dims)
    if unknown:
        options = " ".join(f"--dim {name}=..." for name in unknown)
        return f"FLOPs are counted once the sizes are known: {options}"
    return sizes


def _flops(
    module: nn.Module, inputs: Mapping[str, TensorType]
) -> tuple[Mapping[str, int] | None, str | None]:
    """The FLOPs of every submodule by its path; or why they cannot be counted."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    dtypes = {"float": torch.float32, "int": torch.int64, "bool": torch.bool, "uint8": torch.uint8}
    tensors = [
        torch.empty(
            [dim.known or 0 for dim in type_.dims],
            dtype=dtypes[type_.element.base],
            device="meta",
        )
        for type_ in inputs.values()
    ]
    counter: Any = FlopCounterMode(display=False)
    module.eval()
    try:
        with torch.no_grad(), counter:
            module(*tensors)
    except Exception as error:  # noqa: BLE001 - a step that needs values has none here
        return None, f"FLOPs are not counted: {str(error).splitlines()[0]}"
    root = type(module).__name__
    counted: dict[str, int] = {}
    for path, operations in counter.get_flop_counts().items():
        if path == "Global":
            counted[""] = sum(operations.values())
        elif path.startswith(f"{root}."):
            counted[path.removeprefix(f"{root}.")] = sum(operations.values())
    return counted, None
