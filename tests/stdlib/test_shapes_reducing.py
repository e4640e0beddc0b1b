"""Components that cut, widen and reduce axes."""

import importlib

import pytest
import torch
import torch.nn.functional as F

from specc.types.dim import Dim
from specc.types.poly import Facts
from tests.stdlib.applying import apply, refused

D = Dim.named("D")


def layer(name):
    module = importlib.import_module(f"specc.stdlib.layers.{name}")
    return getattr(module, "".join(part.capitalize() for part in name.split("_")))


@pytest.mark.parametrize(
    ("name", "settings", "given", "expected"),
    [
        ("mean", {}, "float[B, T]", "float[]"),
        ("mean", {"dim": 1}, "logits[B, T, D]", "float[B, D]"),
        ("mean", {"dim": [1, -1], "keepdim": True}, "float[B, T, D]", "float[B, 1, 1]"),
        ("sum", {"dim": 1}, "mask[B, T]", "int[B]"),
        ("sum", {"dim": 1}, "probs[B, T]", "float[B]"),
        ("sum", {}, "int[B, T]", "int[]"),
        ("amax", {"dim": 1}, "logits[B, T, D]", "logits[B, D]"),
        ("amax", {"dim": [2, 3]}, "float[B, C, H, W]", "float[B, C]"),
        ("amin", {"dim": -1, "keepdim": True}, "ids([3, 4])[B, 2]", "ids(4)[B, 1]"),
        ("amin", {}, "int[B, T]", "int[]"),
        ("prod", {"dim": 1}, "float[B, T]", "float[B]"),
        ("std", {"dim": 1}, "float[B, T]", "float[B]"),
        ("std", {}, "float[B, T]", "float[]"),
        ("var", {"dim": 1, "correction": 0, "keepdim": True}, "float[B, T]", "float[B, 1]"),
        ("argmax", {"dim": 1}, "logits[B, C]", "ids(C)[B]"),
        ("argmax", {}, "float[B, C]", "ids(B*C)[]"),
        ("argmin", {"dim": -1, "keepdim": True}, "float[B, C]", "ids(C)[B, 1]"),
        ("logsumexp", {"dim": 1}, "float[B, C]", "float[B]"),
        ("logsumexp", {"dim": [1, 2]}, "float[B, C, T]", "float[B]"),
        ("norm", {"dim": 1}, "float[B, C]", "float[B]"),
        ("norm", {}, "float[B, C]", "float[]"),
        ("norm", {"p": 1, "dim": 1, "keepdim": True}, "float[B, C]", "float[B, 1]"),
        ("cumsum", {"dim": 1}, "float[B, T]", "float[B, T]"),
        ("cumsum", {"dim": 1}, "mask[B, T]", "int[B, T]"),
        ("max", {}, "float[B, T]", "float[]"),
        ("pad", {"pad": [1, 2]}, "float[B, C, H, W]", "float[B, C, H, W + 3]"),
        ("pad", {"pad": [0, 0, -1, 3], "value": 1.5}, "float[B, T, D]", "float[B, T + 2, D]"),
        ("pad", {"pad": [0, 2]}, "ids(5)[B, T]", "ids(5)[B, T + 2]"),
        ("pad", {"pad": [2, 1], "mode": "reflect"}, "float[B, C, T]", "float[B, C, T + 3]"),
        (
            "pad",
            {"pad": [1, 1, 2, 2], "mode": "circular"},
            "float[B, C, H, W]",
            "float[B, C, H + 4, W + 2]",
        ),
        ("pad", {"pad": [1, 1], "mode": "replicate"}, "float[B, C, T]", "float[B, C, T + 2]"),
    ],
)
def test_type_is_what_torch_gives(name, settings, given, expected):
    type, *_ = apply(layer(name), given, **settings)
    assert str(type) == expected


def test_values():
    _, result, (x,), _ = apply(layer("mean"), "float[B, T, D]", dim=[1, 2])
    assert torch.equal(result, x.mean((1, 2)))
    _, result, (x,), _ = apply(layer("norm"), "float[B, T]", p=3, dim=1)
    assert torch.allclose(result, (x.abs() ** 3).sum(1) ** (1 / 3))
    _, result, (x,), _ = apply(layer("var"), "float[B, T]", dim=1, correction=0)
    assert torch.equal(result, x.var(1, correction=0))
    type, result, (x,), _ = apply(layer("max"), "logits[B, T]", dim=1)
    assert {name: str(t) for name, t in type.items()} == {
        "values": "logits[B]",
        "indices": "ids(T)[B]",
    }
    assert torch.equal(result["indices"], x.argmax(1))
    _, result, (x,), _ = apply(layer("pad"), "float[B, C, T]", pad=[2, 1], mode="reflect")
    assert torch.equal(result, F.pad(x, (2, 1), mode="reflect"))


def test_masked_reductions_leave_padding_out():
    x = "float[B, T, D]"
    type, result, (h, mask), _ = apply(layer("masked_mean"), x, "mask[B, T]")
    assert str(type) == "float[B, D]"
    for row, counts, mean in zip(h, mask, result, strict=True):
        assert torch.allclose(mean, row[counts].mean(0), atol=1e-6)
    _, result, (h, mask), module = apply(layer("masked_max"), x, "mask[B, T]")
    for row, counts, largest in zip(h, mask, result, strict=True):
        assert torch.equal(largest, row[counts].amax(0))
    assert module(h, torch.zeros_like(mask)).abs().sum() == 0
    type, *_ = apply(layer("masked_mean"), "float[B, T]", "mask[B, T]")
    assert str(type) == "float[B]"


def test_lists():
    types, result, (x,), _ = apply(layer("chunk"), "float[B, T, 3*D]", chunks=3, dim=-1)
    assert [str(t) for t in types] == ["float[B, T, D]"] * 3
    assert torch.equal(result[1], x.chunk(3, -1)[1])
    types, *_ = apply(layer("chunk"), "float[B, 7]", chunks=3, dim=1)
    assert [str(t) for t in types] == ["float[B, 3]", "float[B, 3]", "float[B, 1]"]
    types, *_ = apply(layer("split"), "float[B, 7]", split_size_or_sections=[2, 5], dim=1)
    assert [str(t) for t in types] == ["float[B, 2]", "float[B, 5]"]
    types, *_ = apply(layer("split"), "float[B, 7]", split_size_or_sections=3, dim=1)
    assert [str(t) for t in types] == ["float[B, 3]", "float[B, 3]", "float[B, 1]"]
    types, *_ = apply(layer("split"), "float[B, 3*D]", split_size_or_sections=D, dim=1)
    assert [str(t) for t in types] == ["float[B, D]"] * 3
    facts = Facts().with_divisible(D.poly, 2)
    types, *_ = apply(layer("chunk"), "float[B, D]", chunks=2, dim=1, facts=facts)
    assert str(types[0]) == "float[B, D//2]"


@pytest.mark.parametrize(
    ("name", "settings", "given", "words"),
    [
        ("chunk", {"chunks": 3}, "float[B, D]", "not known"),
        ("chunk", {"chunks": 4, "dim": 1}, "float[B, 9]", "make 3 parts, not 4"),
        ("split", {"split_size_or_sections": [1, 2], "dim": 1}, "float[B, 4]", "4 entries, but 3"),
        ("split", {"split_size_or_sections": 2, "dim": 1}, "float[B, 2*D]", "not known"),
        ("split", {"split_size_or_sections": 1, "dim": 1}, "float[B, 99999]", "more than"),
        ("mean", {"dim": 2}, "float[B, T]", "has no axis 2"),
        ("mean", {"keepdim": True}, "float[B, T]", "keeps nothing"),
        ("sum", {"dim": 1}, "ids(4)[B, T]", "names of classes"),
        ("std", {"dim": 1}, "float[B, 1]", "no standard deviation"),
        ("pad", {"pad": [1]}, "float[B, T]", "two numbers"),
        ("pad", {"pad": [3, 0], "mode": "reflect"}, "float[B, C, 3]", "narrower"),
        ("pad", {"pad": [-3, -1]}, "float[B, 4]", "nothing is left"),
        ("pad", {"pad": [1, 1], "mode": "reflect"}, "float[B, C, H, W]", "2 of them"),
        ("pad", {"pad": [1, 1], "value": 7}, "ids(5)[B, T]", "not one of"),
    ],
)
def test_refusals(name, settings, given, words):
    assert words in refused(layer(name), given, **settings).message


def test_what_cannot_be_known_becomes_a_condition():
    from specc.components.site import as_term
    from tests.stdlib.applying import site_of

    component = layer("std")(dim=1)
    site = site_of(component, Facts(), {"dim": as_term(1)}, "float[B, T]")
    component.infer(site)
    assert [(str(p.size), p.least) for p in site.preconditions] == [("T", 2)]
