"""ONNX, run by onnxruntime."""

from __future__ import annotations

import contextlib
import io
import logging
import re
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from specc.components import Backend, Interface, Refusal, Runner, Traced
from specc.components.errors_export import CANNOT_EXPORT, UNSAFE_ARTEFACT

LARGEST = 2**31 - 2**20
"""A file of protobuf ends at 2 GiB."""


class Onnx(Backend):
    """An ONNX file, ``model.onnx``, made from the graph of torch.export.

    Inputs and outputs have the names of the spec, sizes that may differ are named as well. All
    weights are in the file. ``opset`` is the version of the operators; by default it is the one
    that the exporter of torch is made for.
    """

    suffix = "onnx"
    requires: ClassVar[Mapping[str, str]] = {
        "onnx": "onnx",
        "onnxscript": "onnxscript",
        "onnxruntime": "onnxruntime",
    }
    executes = (
        "operators of the ONNX standard, by the CPU provider of onnxruntime; a file with other "
        "operators, or with weights in files beside it, is refused"
    )

    opset: int | None = Field(default=None, ge=18, le=25)

    def export(self, traced: Traced, path: Path) -> tuple[str, ...]:
        import torch

        weights = traced.module.state_dict().values()
        if sum(tensor.numel() * tensor.element_size() for tensor in weights) > LARGEST:
            raise Refusal(CANNOT_EXPORT, "an ONNX file holds at most 2 GiB of weights")
        with _quiet():
            program = torch.onnx.export(
                traced.program,
                input_names=[port.name for port in traced.interface.inputs],
                output_names=[port.name for port in traced.interface.outputs],
                opset_version=self.opset,
                dynamo=True,
                external_data=False,
                verbose=False,
            )
            assert program is not None
            program.save(str(path), external_data=False)
        _name_sizes(path, traced.interface)
        return ()

    def load(self, path: Path, interface: Interface) -> Runner:
        import onnxruntime
        import torch

        look_through(path)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(
            path.read_bytes(), options, providers=["CPUExecutionProvider"]
        )
        names = [port.name for port in interface.outputs]

        def run(inputs: Mapping[str, Any]) -> dict[str, Any]:
            given = {name: tensor.numpy() for name, tensor in inputs.items()}
            found = session.run(names, given)
            return {name: torch.from_numpy(array) for name, array in zip(names, found, strict=True)}

        return run


def look_through(path: Path) -> None:
    """Refuse a file that reads others, or that holds operators beyond the standard."""
    import onnx
    from google.protobuf.message import DecodeError

    try:
        model = onnx.load(str(path), load_external_data=False)
    except (ValueError, OSError, DecodeError) as error:
        raise Refusal(UNSAFE_ARTEFACT, f"{path.name} is no ONNX file: {error}") from None
    for tensor in _tensors(model.graph, model.functions):
        if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:
            raise Refusal(
                UNSAFE_ARTEFACT, f"{path.name} has the values of {tensor.name!r} in another file"
            )
    ours = {(function.domain, function.name) for function in model.functions}
    for node in [*_nodes(model.graph), *(n for f in model.functions for n in f.node)]:
        if node.domain not in ("", "ai.onnx") and (node.domain, node.op_type) not in ours:
            raise Refusal(UNSAFE_ARTEFACT, f"{path.name} calls {node.domain}.{node.op_type}")


def _tensors(graph: Any, functions: Any) -> Iterator[Any]:
    """Every tensor that the file holds, constants of nodes and of inner graphs included."""
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for node in [*_nodes(graph), *(n for f in functions for n in f.node)]:
        for attribute in node.attribute:
            yield from attribute.tensors
            if attribute.HasField("t"):
                yield attribute.t
    for inner in _inner(graph):
        yield from inner.initializer


def _nodes(graph: Any) -> Iterator[Any]:
    yield from graph.node
    for inner in _inner(graph):
        yield from inner.node


def _inner(graph: Any) -> Iterator[Any]:
    """The graphs of conditions and loops."""
    for node in graph.node:
        for attribute in node.attribute:
            for inner in [*attribute.graphs, *([attribute.g] if attribute.HasField("g") else [])]:
                yield inner
                yield from _inner(inner)


def _name_sizes(path: Path, interface: Interface) -> None:
    """Give the sizes that may differ their names, and refuse where one became a number."""
    import onnx

    model = onnx.load(str(path), load_external_data=False)
    graph = model.graph
    shapes = {value.name: value.type.tensor_type.shape.dim for value in graph.input}
    names: dict[str, str] = {}
    for port in interface.inputs:
        for size, dim in zip(port.shape, shapes[port.name], strict=True):
            if isinstance(size, str) == bool(dim.dim_value):
                found = dim.dim_value or dim.dim_param
                raise Refusal(
                    CANNOT_EXPORT, f"the size {size} of `{port.name}` became {found} in ONNX"
                )
            if isinstance(size, str):
                names[dim.dim_param] = size
    for value in (*graph.input, *graph.output, *graph.value_info):
        for dim in value.type.tensor_type.shape.dim:
            if dim.dim_param:
                # A size may be a formula of others: 2*s46.
                dim.dim_param = re.sub(r"\w+", lambda m: names.get(m[0], m[0]), dim.dim_param)
    onnx.save(model, str(path))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The exporter prints its progress and logs what it leaves out."""
    logger = logging.getLogger("torch.onnx")
    held = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(held)
