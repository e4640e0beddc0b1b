"""What is exported: a trained model, how it is called, and rows to try it on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from specc.codegen.exported import emit_exported
from specc.codegen.load import load_source
from specc.components import Interface
from specc.types.elements import Element

Batch = dict[str, Tensor]


@dataclass(frozen=True)
class Subject:
    """A trained model on the CPU.

    ``rows(n)`` gives inputs of ``n`` prepared validation rows, as the train section pipes them into
    the model. ``elements`` are the kinds of the inputs, ``batch`` the size that counts rows, where
    it is dynamic. ``described`` goes into the manifest.
    """

    name: str
    module: nn.Module
    interface: Interface
    elements: Mapping[str, Element]
    rows: Callable[[int], Batch]
    batch: str | None = None
    described: Mapping[str, Any] = field(default_factory=dict)


def exported_form(model: nn.Module, inputs: list[str], outputs: int) -> nn.Module:
    """The model with inputs by name and a tuple of outputs, in evaluation mode.

    Whatever mode it was left in: an artefact computes as the evaluation does.
    """
    made: nn.Module = load_source(emit_exported(inputs, outputs)).Exported(model)
    return made.eval()


@contextmanager
def as_written() -> Iterator[None]:
    """The model computed as its source says, without gradients.

    Attention of torch has a fast path for inference that computes something else where rows are
    padded (their outputs are zeros), and no exported graph has it.
    """
    held = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with torch.no_grad():
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(held)


def called(module: nn.Module, inputs: Mapping[str, Tensor]) -> tuple[Tensor, ...]:
    """The outputs of an exported form for one batch; what it changes in place is a copy."""
    with as_written():
        found: tuple[Tensor, ...] = module(*(tensor.clone() for tensor in inputs.values()))
    return found
