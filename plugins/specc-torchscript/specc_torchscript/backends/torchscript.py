"""TorchScript, for those whose servers and apps still load it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from specc.components import Backend, Interface, Refusal, Runner, Traced
from specc.components.errors_export import CANNOT_EXPORT


class Torchscript(Backend):
    """A TorchScript archive, ``model.pt``, that ``torch.jit.load`` reads in Python and in C++.

    The model is traced. Where tracing meets Python that depends on the values of a tensor, which a
    trace would build in, the model is scripted instead, and the manifest says so. PyTorch has
    declared TorchScript deprecated since 2.11 in favour of torch.export (``pt2``).
    """

    suffix = "pt"
    executes = (
        "TorchScript, a language of its own: any operator that is registered with torch, among "
        "them some that read and write files; no Python and no pickle of Python objects"
    )

    def export(self, traced: Traced, path: Path) -> tuple[str, ...]:
        import torch

        jit: Any = torch.jit  # deprecated, and without types
        with warnings.catch_warnings(record=True) as met, torch.no_grad():
            warnings.simplefilter("always")
            # The core compares the results itself, in another process and on other sizes.
            made = jit.trace(traced.module, traced.sample, check_trace=False)
        built_in = [w for w in met if issubclass(w.category, jit.TracerWarning)]
        notes: tuple[str, ...] = ()
        if built_in:
            first = str(built_in[0].message).splitlines()[0]
            made = _scripted(traced.module, first)
            notes = (f"scripted, not traced: {first}",)
        jit.save(made, str(path))
        return notes

    def load(self, path: Path, interface: Interface) -> Runner:
        import torch

        jit: Any = torch.jit
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            module = jit.load(str(path), map_location="cpu")
        module.eval()
        outputs = [port.name for port in interface.outputs]

        def run(inputs: Mapping[str, Any]) -> dict[str, Any]:
            with torch.no_grad():
                found = module(*(inputs[port.name] for port in interface.inputs))
            return dict(zip(outputs, found, strict=True))

        return run


def _scripted(module: Any, why: str) -> Any:
    import torch

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            return torch.jit.script(module)
    except Exception as error:  # torch.jit has many kinds of errors, and one meaning for all
        first = next((line for line in str(error).splitlines() if line.strip()), "")
        raise Refusal(
            CANNOT_EXPORT,
            f"TorchScript can neither trace the model ({why}) nor script it: {first.strip()}",
            help="`to = [pt2]` follows what TorchScript does not",
        ) from error
