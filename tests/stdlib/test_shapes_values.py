"""Functions of values, products, images, and tensors made from nothing."""

import importlib

import pytest
import torch
import torch.nn.functional as F

from specc.types.dim import Dim
from specc.types.poly import Facts
from tests.stdlib.applying import apply, refused

B, H = Dim.named("B"), Dim.named("H")


def layer(name):
    module = importlib.import_module(f"specc.stdlib.layers.{name}")
    return getattr(module, "".join(part.capitalize() for part in name.split("_")))


@pytest.mark.parametrize(
    ("name", "settings", "given", "expected"),
    [
        ("abs", {}, ["logits[B, T]"], "float[B, T]"),
        ("abs", {}, ["int[B, T]"], "int[B, T]"),
        ("exp", {}, ["log_probs[B, C]"], "probs[B, C]"),
        ("log", {}, ["probs[B, C]"], "log_probs[B, C]"),
        ("clamp", {"min": 0}, ["int[B, T]"], "int[B, T]"),
        ("maximum", {}, ["float[B, 1, T]", "float[1, D, 1]"], "float[B, D, T]"),
        ("where", {}, ["mask[B, T]", "logits[B, T]", "logits[1, T]"], "logits[B, T]"),
        ("where", {"value": 0.0}, ["mask[B, T]", "logits[B, T]"], "float[B, T]"),
        ("matmul", {}, ["float[B, T, D]", "float[D, S]"], "float[B, T, S]"),
        ("bmm", {}, ["float[B, T, D]", "float[B, D, S]"], "float[B, T, S]"),
        (
            "einsum",
            {"equation": "bqd, bkd -> bqk"},
            ["float[B, T, D]", "float[B, S, D]"],
            "float[B, T, S]",
        ),
        ("cosine_similarity", {}, ["float[B, D]", "float[B, D]"], "float[B]"),
        ("cosine_similarity", {"dim": -1}, ["float[B, 1, D]", "float[1, T, D]"], "float[B, T]"),
        ("pairwise_distance", {"keepdim": True}, ["float[B, D]", "float[B, D]"], "float[B, 1]"),
        ("one_hot", {}, ["ids(5)[B, T]"], "float[B, T, 5]"),
        ("one_hot", {"num_classes": 9}, ["ids(K)[B]"], None),
        ("one_hot", {}, ["ids(K)[B]"], "float[B, K]"),
        ("to_float", {}, ["uint8[B, T]"], "float[B, T]"),
        ("to_float", {}, ["probs[B]"], "probs[B]"),
        ("interpolate", {"scale_factor": 2}, ["float[B, C, H, W]"], "float[B, C, 2*H, 2*W]"),
        ("interpolate", {"scale_factor": 0.5}, ["float[B, C, H, W]"], "float[B, C, H//2, W//2]"),
        ("interpolate", {"scale_factor": 1.5}, ["float[B, C, 7]"], "float[B, C, 10]"),
        ("interpolate", {"size": [4, H]}, ["float[B, C, H, W]"], "float[B, C, 4, H]"),
        ("pixel_shuffle", {"upscale_factor": 2}, ["float[B, 4*C, H, W]"], "float[B, C, 2*H, 2*W]"),
        ("pixel_unshuffle", {"downscale_factor": 2}, ["float[B, C, 4, 6]"], "float[B, 4*C, 2, 3]"),
        ("randn", {"size": [B, 64]}, [], "float[B, 64]"),
        ("ones", {"size": [B]}, [], "float[B]"),
        ("full", {"size": [B, 2], "fill_value": 3}, [], "int[B, 2]"),
        ("arange", {"end": H}, [], "ids(H)[H]"),
        ("parameter", {"size": [1, 1, H]}, [], "float[1, 1, H]"),
    ],
)
def test_type_is_what_torch_gives(name, settings, given, expected):
    if expected is None:
        assert "do not fit in 9" in refused(layer(name), *given, **settings).message
        return
    type, *_ = apply(layer(name), *given, **settings)
    assert str(type) == expected


def test_values():
    _, result, tensors, _ = apply(
        layer("einsum"), "float[B, T, D]", "float[B, S, D]", equation="bqd,bkd->bqk"
    )
    assert torch.allclose(result, tensors[0] @ tensors[1].mT, atol=1e-5)
    types, result, (x,), _ = apply(layer("topk"), "logits[B, T]", k=2)
    assert {n: str(t) for n, t in types.items()} == {
        "values": "logits[B, 2]",
        "indices": "ids(T)[B, 2]",
    }
    assert torch.equal(result["values"], x.sort(descending=True).values[:, :2])
    _, result, (x,), _ = apply(layer("normalize"), "float[B, D]", p=1)
    assert torch.equal(result, F.normalize(x, p=1))
    _, result, (x,), _ = apply(layer("to_float"), "uint8[B, T]")
    assert torch.equal(result, x.float() / 255)


@pytest.mark.parametrize(
    ("init", "std", "spread"),
    [("zeros", None, 0), ("normal", None, 1), ("normal", 0.02, 0.02), ("trunc_normal", 0.5, 0.5)],
)
def test_a_parameter_starts_as_said(init, std, spread):
    settings = {} if std is None else {"std": std}
    _, result, _, module = apply(layer("parameter"), size=[50, 40], init=init, **settings)
    assert [name for name, _ in module.named_parameters()] == ["module_0"]
    assert result.std().item() == pytest.approx(spread, rel=0.2)


@pytest.mark.parametrize(
    ("name", "settings", "given", "words"),
    [
        ("clamp", {}, ["float[B]"], "needs min or max"),
        ("clamp", {"min": 2, "max": 1}, ["float[B]"], "above"),
        ("clamp", {"min": 0.5}, ["int[B]"], "whole numbers"),
        ("maximum", {}, ["float[B, 3]", "float[B, 4]"], "3 against 4"),
        ("maximum", {}, ["float[B, T]", "float[B, S]"], "not known to agree"),
        ("matmul", {}, ["float[B, 3]", "float[4, 2]"], "3 against 4"),
        ("where", {}, ["mask[B]", "float[B]"], "one of them"),
        ("einsum", {"equation": "ij,jk"}, ["float[B, T]", "float[B, T]"], "one arrow"),
        ("einsum", {"equation": "ij->ik"}, ["float[B, T]"], "stands in no operand"),
        ("einsum", {"equation": "ij,jk->ik"}, ["float[B, 3]", "float[4, 2]"], "two sizes"),
        ("einsum", {"equation": "i->i"}, ["float[B, 3]"], "1 letters"),
        ("topk", {"k": 4}, ["float[B, 3]"], "cannot be taken"),
        ("interpolate", {}, ["float[B, C, H]"], "one of them"),
        ("interpolate", {"size": 3, "mode": "bilinear"}, ["float[B, C, 4]"], "takes 2 axes"),
        ("interpolate", {"scale_factor": 0.1}, ["float[B, C, H]"], "not known exactly"),
        ("pixel_shuffle", {"upscale_factor": 2}, ["float[B, 6, H, W]"], "cannot be split"),
        ("pixel_unshuffle", {"downscale_factor": 2}, ["float[B, C, H, W]"], "not known"),
        ("to_float", {}, ["ids(4)[B]"], "no quantities"),
        ("parameter", {"size": [3], "init": "orthogonal"}, [], "two axes"),
        ("parameter", {"size": [3], "std": 0.1}, [], "no deviation"),
        ("parameter", {"size": [-1]}, [], "at least 1"),
    ],
)
def test_refusals(name, settings, given, words):
    assert words in refused(layer(name), *given, **settings).message


def test_an_assert_makes_it_divide():
    facts = Facts().with_divisible(H.poly, 2)
    type, *_ = apply(layer("pixel_unshuffle"), "float[B, C, H, 4]", downscale_factor=2, facts=facts)
    assert str(type) == "float[B, 4*C, H//2, 2]"
