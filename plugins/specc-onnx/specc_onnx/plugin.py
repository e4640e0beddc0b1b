"""What this distribution registers; nothing of it is imported before a spec uses it."""

from __future__ import annotations

from collections.abc import Iterable

from specc.registry import Lazy, hookimpl

specc_api = 1


@hookimpl
def specc_components() -> Iterable[Lazy]:
    """The backend `onnx`."""
    yield Lazy("onnx", "backend", "specc_onnx.backends.onnx:Onnx")
