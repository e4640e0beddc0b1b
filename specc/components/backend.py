"""Components that write a trained model in a form that runs without specc."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from specc.components.base import Component

Tensor = Any
"""A `torch.Tensor`; this package does not import torch."""

Runner = Callable[[Mapping[str, Tensor]], Mapping[str, Tensor]]
"""A loaded artefact: named inputs to named outputs."""


@dataclass(frozen=True)
class Port:
    """An input or an output: ``dtype`` as torch names it (``float32``), ``shape`` with the names of
    sizes that may differ from call to call, ``type`` as the spec says it. ``argument`` is the name
    as a keyword of Python."""

    name: str
    dtype: str
    shape: tuple[int | str, ...]
    type: str
    argument: str


@dataclass(frozen=True)
class Interface:
    """What an artefact takes and gives, in order; ``dims`` are the least and greatest values of the
    sizes that may differ, both included."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    dims: Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class Traced:
    """A model on its way out.

    ``module`` is the `torch.nn.Module`, in evaluation mode and on the CPU: it takes the inputs by
    position and gives a plain tuple. ``program`` is its `torch.export.ExportedProgram`, whose
    inputs are keywords, whose sizes are those of ``interface``. Both are shared: a backend leaves
    them as they are. ``sample`` are inputs of one batch, by position.
    """

    module: Any
    program: Any
    sample: tuple[Tensor, ...]
    interface: Interface


class Backend(Component):
    """A form of artefact: ``to = [pt2, onnx]`` in an `export` section.

    A backend writes and loads; that what was written is equal to the model is proven by the core,
    in another process, before anybody gets to see the file. What it cannot do is a `Refusal` with a
    code of `specc.components.errors_export`; it never does something else instead.
    """

    kind: ClassVar[str] = "backend"

    suffix: ClassVar[str]
    """How names of its files end, without the dot."""

    requires: ClassVar[Mapping[str, str]] = {}
    """Modules that it imports and the distributions that have them: ``{"onnx": "onnx"}``. The core
    says which are missing, and keeps the versions of the others with the artefact."""

    executes: ClassVar[str]
    """What loading and running an artefact may execute, in a sentence for who has to trust it."""

    def export(self, traced: Traced, path: Path) -> tuple[str, ...]:
        """Write the artefact to a new file; gives what there is to tell about how it was made.

        Raises:
            Refusal: if the model or the settings ask for what it cannot do.
        """
        raise NotImplementedError(f"{type(self).__name__}.export")

    def load(self, path: Path, interface: Interface) -> Runner:
        """An artefact, ready to run on the CPU. Called in processes that know neither the spec nor
        the model. Never unpickles.

        Raises:
            Refusal: if the file holds what this backend does not write.
        """
        raise NotImplementedError(f"{type(self).__name__}.load")
