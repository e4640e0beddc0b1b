"""A compiled spec is the module that a person would have written: same keys, same bits."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from tests.specs.cases import BY_SPEC, CASES, Case, load, padded

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.spec)

BATCH = 5


def outputs(module: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """The outputs of a module, its random choices made from one seed."""
    torch.manual_seed(1)
    found = module(*inputs)
    return (found,) if isinstance(found, Tensor) else tuple(found)


def assert_same(one: tuple[Tensor, ...], other: tuple[Tensor, ...]) -> None:
    assert len(one) == len(other)
    for a, b in zip(one, other, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=0)


def pair(case: Case) -> tuple[nn.Module, nn.Module]:
    """Both modules, the weights of the first copied over by key."""
    torch.manual_seed(0)
    hand, compiled = case.hand(), case.compiled()
    compiled.load_state_dict(hand.state_dict())
    return hand, compiled


@each_case
def test_same_keys_in_the_same_order(case: Case) -> None:
    hand, compiled = pair(case)
    assert list(compiled.state_dict()) == list(hand.state_dict())


@each_case
def test_outputs_and_gradients_in_training(case: Case) -> None:
    hand, compiled = pair(case)
    inputs = case.inputs(BATCH)
    results = []
    for module in (hand, compiled):
        leaves = tuple(x.clone().requires_grad_() if x.is_floating_point() else x for x in inputs)
        made = outputs(module.train(), leaves)
        torch.manual_seed(2)
        torch.autograd.backward(made, [torch.randn_like(each) for each in made])
        gradients = [p.grad for _, p in sorted(module.named_parameters())]
        gradients += [x.grad for x in leaves if x.requires_grad]
        assert all(each is not None for each in gradients)
        buffers = [b for _, b in sorted(module.named_buffers())]  # batch norm's averages moved
        results.append((*made, *gradients, *buffers))
    assert_same(*results)


@each_case
@pytest.mark.parametrize("batch", [1, BATCH])
def test_outputs_in_evaluation(case: Case, batch: int) -> None:
    hand, compiled = pair(case)
    inputs = case.inputs(batch)
    with torch.no_grad():
        assert_same(outputs(hand.eval(), inputs), outputs(compiled.eval(), inputs))


def test_padding_under_the_tagger() -> None:
    # A packed sequence is summed in another order where rows have different lengths.
    case = BY_SPEC["bilstm_tagger"]
    hand, compiled = pair(case)
    words, seen = padded(50, 9)(BATCH)
    with torch.no_grad():
        one, other = hand.eval()(words, seen), compiled.eval()(words, seen)
    torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)


@each_case
def test_the_source_as_a_plain_module(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    title, _, code = load(case.spec).source().partition("\n")
    path.write_text(f"{title}\n{code}", encoding="utf-8")
    assert "specc" not in code
    spec = importlib.util.spec_from_file_location("model", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    torch.manual_seed(3)
    plain = case.build(module)
    torch.manual_seed(3)
    compiled = case.compiled()
    assert list(plain.state_dict()) == list(compiled.state_dict())
    assert_same(tuple(plain.state_dict().values()), tuple(compiled.state_dict().values()))
    inputs = case.inputs(BATCH)
    assert_same(outputs(plain, inputs), outputs(compiled, inputs))
