"""torch.export as the trunk: the graph of a model, with the sizes that were declared."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from specc.artefacts.errors import NOT_TRACED
from specc.artefacts.subject import as_written
from specc.components import Interface, Refusal


def trace(
    module: nn.Module, interface: Interface, sample: Mapping[str, Tensor]
) -> torch.export.ExportedProgram:
    """The program of an exported form.

    Raises:
        Refusal: if the model cannot be followed, or a size would be built in that is to be free.
    """
    sizes = {
        name: torch.export.Dim(name, min=least, max=greatest)
        for name, (least, greatest) in interface.dims.items()
        if least < greatest
    }
    dynamic = {
        port.argument: {axis: sizes[size] for axis, size in enumerate(port.shape) if size in sizes}
        for port in interface.inputs
    }
    given = {port.argument: sample[port.name] for port in interface.inputs}
    try:
        with as_written(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            program = torch.export.export(
                module, (), given, dynamic_shapes=dynamic if sizes else None
            )
    except Exception as error:  # whatever torch raises, it is about the model
        raise _refused(str(error), list(sizes), interface) from error
    _assert_sizes(program, interface, sizes)
    return program


def _assert_sizes(
    program: torch.export.ExportedProgram, interface: Interface, sizes: Mapping[str, Any]
) -> None:
    """Whether every size that was declared is free in the graph, over the whole range."""
    by_name = {node.name: node for node in program.graph.nodes if node.op == "placeholder"}
    for port, name in zip(interface.inputs, program.graph_signature.user_inputs, strict=True):
        for size, traced in zip(port.shape, by_name[str(name)].meta["val"].shape, strict=True):
            if size not in sizes:
                continue
            least, greatest = interface.dims[str(size)]
            known = (
                program.range_constraints.get(traced.node.expr)
                if isinstance(traced, torch.SymInt)
                else None
            )
            if known is None or known.lower > least or known.upper < greatest:
                raise _specialised([str(size)], traced)


def _refused(message: str, names: list[str], interface: Interface) -> Refusal:
    """What torch said about the sizes, in words of the spec."""
    fixed = re.search(r"specialized it to be a constant \((\d+)\)", message)
    blamed = [name for name in names if re.search(rf"\b{re.escape(name)}\b", message)]
    if blamed and ("onstraint" in message or fixed):
        return _specialised(blamed, fixed[1] if fixed else None)
    first = next((line.strip() for line in message.splitlines() if line.strip()), "")
    return Refusal(NOT_TRACED, f"torch.export cannot follow the model: {first[:300]}")


def _specialised(names: list[str], size: object) -> Refusal:
    listed = " and ".join(f"`{name}`" for name in names)
    built = f": a size of {size} would be built in" if str(size).isdecimal() else ""
    return Refusal(
        NOT_TRACED,
        f"{listed} cannot be dynamic in this model{built}",
        help=f"fix it: `dynamic {names[0]} = {size if built else 50}..{size if built else 50}`; "
        "an LSTM, say, is followed step by step",
        field=names[0],
    )
