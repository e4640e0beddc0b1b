"""What torch makes of a compiled spec: an exported program, TorchScript, a compiled graph."""

from __future__ import annotations

import warnings

import pytest
import torch
from torch import Tensor, nn

from tests.specs.cases import CASES, Case

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.spec)


def prepared(case: Case) -> nn.Module:
    torch.manual_seed(0)
    return case.compiled().eval()


def assert_agree(one: nn.Module, other: nn.Module, case: Case) -> None:
    """Both give the same for several batches, none of them the one that was traced."""
    for batch in (1, 3, 7):
        inputs = case.inputs(batch)
        with torch.no_grad():
            first, second = one(*inputs), other(*inputs)
        pairs = [(first, second)] if isinstance(first, Tensor) else zip(first, second, strict=True)
        for a, b in pairs:
            torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-5)


@each_case
def test_export_with_a_dynamic_batch(case: Case) -> None:
    module = prepared(case)
    inputs = case.inputs(4)
    batch = torch.export.Dim("batch")
    program = torch.export.export(
        module, inputs, dynamic_shapes=tuple({0: batch} for _ in inputs), strict=True
    )
    given = program.graph_signature.user_inputs
    for node in program.graph.nodes:
        if node.name in given:
            assert isinstance(node.meta["val"].shape[0], torch.SymInt)
    assert_agree(module, program.module(), case)


@each_case
def test_torchscript(case: Case) -> None:
    module = prepared(case)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch.jit is deprecated; that is not what is tested
        scripted = torch.jit.script(module)
    assert_agree(module, scripted, case)


# torch.compile unrolls an RNN step by step, or leaves it to a graph break.
NO_FULL_GRAPH = {"lstm_classifier", "bilstm_tagger"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "case", [c for c in CASES if c.spec not in NO_FULL_GRAPH], ids=lambda case: case.spec
)
def test_compile_as_one_graph(case: Case) -> None:
    module = prepared(case)
    compiled = torch.compile(module, fullgraph=True)
    assert_agree(module, compiled, case)
