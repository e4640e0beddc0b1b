"""The first layer that an artefact computes otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor, nn

from specc.artefacts.cases import Case
from specc.artefacts.parity import compare
from specc.artefacts.subject import called
from specc.artefacts.tracing import trace
from specc.components import Interface, Port, Traced

Replay = Callable[[Traced, Case], Mapping[str, Tensor]]
"""Writes an artefact and runs it on one case."""


class Opened(nn.Module):
    """A model that gives the results of its layers, in the order in which they are computed."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module
        self.names: list[str] = []

    def forward(self, *inputs: Tensor, **named: Tensor) -> tuple[Tensor, ...]:
        """The results of every submodule without submodules of its own."""
        results: list[tuple[str, Tensor]] = []

        def keep(name: str) -> Callable[..., None]:
            def hook(_module: nn.Module, _inputs: Any, output: Any) -> None:
                first = output[0] if isinstance(output, tuple) else output
                if isinstance(first, Tensor):
                    results.append((name, first))

            return hook

        layers = [(n, m) for n, m in self.module.named_modules() if not list(m.children())]
        handles = [layer.register_forward_hook(keep(name)) for name, layer in layers]
        try:
            self.module(*inputs, **named)
        finally:
            for handle in handles:
                handle.remove()
        self.names[:] = [name for name, _ in results]
        return tuple(tensor for _, tensor in results)


def first_difference(
    module: nn.Module,
    interface: Interface,
    case: Case,
    tolerance: float | None,
    replay: Replay,
) -> str | None:
    """The name of the first layer whose result in the artefact is another, if that can be found.

    The model is exported once more, with the result of every layer as an output. Backends fuse and
    fold less of such a graph; where its results are right, the difference lies in what was fused.
    """
    opened = Opened(module).eval()
    try:
        wanted = called(opened, case.inputs)
        ports = tuple(
            Port(f"layer{number}", _dtype(tensor), tuple(tensor.shape), "", f"layer{number}")
            for number, tensor in enumerate(wanted)
        )
        names = [name.removeprefix("model.") for name in opened.names]
        inputs = tuple(
            Port(each.name, each.dtype, tuple(case.inputs[each.name].shape), "", each.argument)
            for each in interface.inputs
        )
        still = Interface(inputs, ports, {})
        program = trace(opened, still, case.inputs)
        traced = Traced(opened, program, tuple(case.inputs.values()), still)
        got = replay(traced, case)
        rows = compare(still, None, case, wanted, got, tolerance)
    except Exception:  # noqa: BLE001 - it is only there to say more about a failure
        return None
    return next((name for name, row in zip(names, rows, strict=True) if not row.equal), None)


def _dtype(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")
