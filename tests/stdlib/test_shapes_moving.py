"""Components that keep every value and change the shape."""

import pytest
import torch

from specc.stdlib.layers.concat import Concat
from specc.stdlib.layers.expand import Expand
from specc.stdlib.layers.flatten import Flatten
from specc.stdlib.layers.flip import Flip
from specc.stdlib.layers.permute import Permute
from specc.stdlib.layers.repeat_interleave import RepeatInterleave
from specc.stdlib.layers.reshape import Reshape
from specc.stdlib.layers.roll import Roll
from specc.stdlib.layers.squeeze import Squeeze
from specc.stdlib.layers.stack import Stack
from specc.stdlib.layers.tile import Tile
from specc.stdlib.layers.transpose import Transpose
from specc.stdlib.layers.unflatten import Unflatten
from specc.stdlib.layers.unsqueeze import Unsqueeze
from specc.types.dim import Dim
from specc.types.poly import Facts
from tests.stdlib.applying import apply, refused

B, C, H, T = (Dim.named(name) for name in "BCHT")


@pytest.mark.parametrize(
    ("cls", "settings", "given", "expected"),
    [
        (Flatten, {}, "float[B, 16, 5, 5]", "float[B, 400]"),
        (Flatten, {"start_dim": 1, "end_dim": 2}, "ids(9)[B, T, 3, 2]", "ids(9)[B, T*3, 2]"),
        (Flatten, {"start_dim": 0}, "float[B, T]", "float[B*T]"),
        (Flatten, {}, "ids([7, 8])[B, 3, 2]", "ids(8)[B, 6]"),
        (Unflatten, {"dim": 2, "sizes": [4, -1]}, "float[B, T, 12]", "float[B, T, 4, 3]"),
        (Unflatten, {"dim": -1, "sizes": [-1, 2]}, "logits[B, 4*C]", "logits[B, 2*C, 2]"),
        (Reshape, {"shape": [B, 16, 25]}, "float[B, 16, 5, 5]", "float[B, 16, 25]"),
        (Reshape, {"shape": [B, -1]}, "float[B, 16, 5, 5]", "float[B, 400]"),
        (Reshape, {"shape": [-1, 400]}, "float[B, 16, 5, 5]", "float[B, 400]"),
        (Reshape, {"shape": [-1, 100]}, "float[B, 16, 5, 5]", "float[4*B, 100]"),
        (Reshape, {"shape": [B, C, 1, 1]}, "float[B, C]", "float[B, C, 1, 1]"),
        (Permute, {"dims": [0, 2, 1]}, "logits[B, T, C]", "logits[B, C, T]"),
        (Permute, {"dims": [0, -1, 1]}, "ids([3, 4])[B, T, 2]", "ids(4)[B, 2, T]"),
        (Transpose, {"dim0": 1, "dim1": 2}, "mask[B, T, C]", "mask[B, C, T]"),
        (Transpose, {"dim0": 0, "dim1": 1}, "float[N, D]", "float[D, N]"),
        (Squeeze, {"dim": 1}, "probs[B, 1]", "probs[B]"),
        (Squeeze, {"dim": [1, -1]}, "float[B, 1, T, 1]", "float[B, T]"),
        (Squeeze, {}, "float[B, 1, T, 1]", "float[B, T]"),
        (Squeeze, {}, "float[B, T]", "float[B, T]"),
        (Unsqueeze, {"dim": 1}, "float[B, T]", "float[B, 1, T]"),
        (Unsqueeze, {"dim": -1}, "ids(3)[B, T]", "ids(3)[B, T, 1]"),
        (Expand, {"size": [B, -1, -1]}, "float[1, 1, D]", "float[B, 1, D]"),
        (Expand, {"size": [B, T, -1]}, "float[1, D]", "float[B, T, D]"),
        (Tile, {"dims": [1, 2, 1]}, "float[B, T, D]", "float[B, 2*T, D]"),
        (RepeatInterleave, {"repeats": 3, "dim": 1}, "float[B, T]", "float[B, 3*T]"),
        (RepeatInterleave, {"repeats": 2}, "ids(5)[B, T]", "ids(5)[2*B*T]"),
        (Flip, {"dims": [1]}, "float[B, T]", "float[B, T]"),
        (Flip, {"dims": [1, 2]}, "float[B, T, D]", "float[B, T, D]"),
        (Roll, {"shifts": 2, "dims": 1}, "ids(5)[B, T]", "ids(5)[B, T]"),
        (Roll, {"shifts": [1, -1], "dims": [1, 2]}, "float[B, H, W]", "float[B, H, W]"),
    ],
)
def test_type_is_what_torch_gives(cls, settings, given, expected):
    type, *_ = apply(cls, given, **settings)
    assert str(type) == expected


def test_flatten_keeps_the_factors():
    type, result, (x,), _ = apply(Flatten, "float[B, 16, 5, 5]")
    assert type.dims[1].show(factors=True) == "16*5*5"
    assert torch.equal(result, x.flatten(1))
    type, *_ = apply(Reshape, "float[B, 16, 5, 5]", shape=[B, -1])
    assert type.dims[1].show(factors=True) == "16*5*5"


def test_reshape_names_both_counts():
    said = refused(Reshape, "float[B, 64, 8, 8]", shape=[B, 64 * 6 * 6])
    assert said.code.id == "E0402"
    assert said.message == "reshape changes the number of values"
    assert said.label == "B*64*8*8 values do not fit in B*2304 (4096 a sample against 2304)"
    assert said.help == "use flatten, which needs no size"


def test_reshape_assumes_nothing():
    assert "it is not known" in refused(Reshape, "float[B, C, H]", shape=[B, 64]).label
    facts = Facts().with_equal((C * H).poly, Dim.of(96).poly)
    apply(Reshape, "float[B, C, H]", shape=[B, 96], facts=facts)
    said = refused(Reshape, "float[B, 64, 8, 8]", shape=[-1, 2304])
    assert said.code.id == "E0402"
    assert refused(Reshape, "float[B, 64]", shape=[B, -1, -1]).message == "only one size can be -1"
    assert "at least 1" in refused(Reshape, "float[B, 64]", shape=[B, 0]).message
    said = refused(Reshape, "float[B, H]", shape=[B, -1, 2])
    assert "not known to divide" in said.label
    type, *_ = apply(
        Reshape, "float[B, H]", shape=[B, -1, 2], facts=Facts().with_divisible(H.poly, 2)
    )
    assert str(type) == "float[B, H//2, 2]"


def test_squeeze_refuses_what_torch_keeps():
    assert "size 3, not 1" in refused(Squeeze, "float[B, 3]", dim=1).message
    assert "size T, not 1" in refused(Squeeze, "float[B, T]", dim=1).message


@pytest.mark.parametrize(
    ("cls", "settings", "given", "words"),
    [
        (Flatten, {}, "float[B]", "has no axis 1"),
        (Flatten, {"start_dim": 2, "end_dim": 1}, "float[B, T, D]", "after end_dim"),
        (Permute, {"dims": [0, 1]}, "float[B, T, D]", "of which 2 are given"),
        (Permute, {"dims": [0, 1, 1]}, "float[B, T, D]", "named twice"),
        (Transpose, {"dim0": 0, "dim1": 2}, "float[B, T]", "has no axis 2"),
        (Unsqueeze, {"dim": 4}, "float[B, T]", "no axis 4"),
        (Expand, {"size": [B, 5]}, "float[B, T]", "cannot become 5"),
        (Expand, {"size": [B]}, "float[B, T]", "only 1 sizes"),
        (Tile, {"dims": [2]}, "float[B, T]", "but 1 numbers"),
        (Roll, {"shifts": [1, 2], "dims": 1}, "float[B, T]", "2 shifts for 1 axes"),
        (Unflatten, {"dim": 1, "sizes": [5, 2]}, "float[B, 12]", "changes the number"),
    ],
)
def test_refusals(cls, settings, given, words):
    assert words in refused(cls, given, **settings).message


def test_joining():
    type, result, tensors, _ = apply(Concat, "float[B, 3, H]", "float[B, C, H]", dim=1)
    assert str(type) == "float[B, C + 3, H]"
    assert torch.equal(result, torch.cat(tensors, dim=1))
    type, *_ = apply(Concat, "ids(3)[B, T]", "ids(5)[B, 2]", dim=-1)
    assert str(type) == "ids(5)[B, T + 2]"
    type, *_ = apply(Concat, "logits[B, 3]", "probs[B, 3]", dim=1)
    assert str(type) == "float[B, 6]"
    type, result, tensors, _ = apply(Stack, "mask[B, T]", "mask[B, T]", "mask[B, T]", dim=-1)
    assert str(type) == "mask[B, T, 3]"
    assert torch.equal(result, torch.stack(tensors, dim=-1))
    assert "3 against 4" in refused(Concat, "float[B, 3, 2]", "float[B, 4, 2]", dim=2).message
    assert "not known" in refused(Stack, "float[B, T]", "float[B, H]").message
    assert "different kinds" in refused(Stack, "float[B, T]", "ids(3)[B, T]").message
    assert "axes" in refused(Concat, "float[B, T]", "float[B]").message
