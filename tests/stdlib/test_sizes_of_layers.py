"""Random convolutions and pools: the size that torch gives, or a refusal where torch fails."""

import random
from typing import Any

import pytest
import torch
from pydantic import ValidationError
from torch import nn

from specc.components import Refusal, TensorComponent
from specc.stdlib.layers.avg_pool2d import AvgPool2d
from specc.stdlib.layers.conv1d import Conv1d
from specc.stdlib.layers.conv2d import Conv2d
from specc.stdlib.layers.conv_transpose2d import ConvTranspose2d
from specc.stdlib.layers.lp_pool2d import LpPool2d
from specc.stdlib.layers.max_pool1d import MaxPool1d
from specc.stdlib.layers.max_pool2d import MaxPool2d
from specc.testing.application import Application, apply, type_of, with_sizes
from specc.testing.interpreter import LoweredComponent, value_of
from specc.types.tensor import TensorType

DRAWS = 250
Draw = random.Random


def some(draw: Draw, low: int, high: int, count: int) -> Any:
    return draw.choice([draw.randint(low, high), [draw.randint(low, high) for _ in range(count)]])


def convolution(draw: Draw, count: int) -> dict[str, Any]:
    return {
        "out_channels": draw.choice([2, 4, 6]),
        "kernel_size": some(draw, 1, 5, count),
        "stride": some(draw, 1, 3, count),
        "padding": draw.choice([some(draw, 0, 4, count), "same", "valid"]),
        "dilation": some(draw, 1, 3, count),
        "groups": draw.choice([1, 1, 2, 4, 3]),
        "padding_mode": draw.choice(["zeros", "zeros", "reflect", "replicate", "circular"]),
    }


def transposed(draw: Draw, count: int) -> dict[str, Any]:
    return {
        "out_channels": draw.choice([2, 4, 6]),
        "kernel_size": some(draw, 1, 4, count),
        "stride": some(draw, 1, 3, count),
        "padding": some(draw, 0, 3, count),
        "output_padding": some(draw, 0, 2, count),
        "dilation": some(draw, 1, 3, count),
        "groups": draw.choice([1, 2, 3]),
    }


def pool(draw: Draw, count: int) -> dict[str, Any]:
    config = {
        "kernel_size": some(draw, 1, 5, count),
        "padding": some(draw, 0, 3, count),
        "dilation": some(draw, 1, 3, count),
        "ceil_mode": draw.random() < 0.6,
    }
    return config | ({"stride": some(draw, 1, 6, count)} if draw.random() < 0.7 else {})


def average(draw: Draw, count: int) -> dict[str, Any]:
    return {n: v for n, v in pool(draw, count).items() if n != "dilation"}


def power(draw: Draw, count: int) -> dict[str, Any]:
    found = {n: v for n, v in average(draw, count).items() if n != "padding"}
    return {"norm_type": 2.0, **found}


CASES = [
    (Conv1d, convolution, 1),
    (Conv2d, convolution, 2),
    (ConvTranspose2d, transposed, 2),
    (MaxPool1d, pool, 1),
    (MaxPool2d, pool, 2),
    (AvgPool2d, average, 2),
    (LpPool2d, power, 2),
]


def accepted(
    cls: type[TensorComponent], config: dict[str, Any], type_: TensorType
) -> Application | None:
    try:
        return apply(cls, config, {"x": type_})
    except (Refusal, ValidationError):
        return None


def real(application: Application, sizes: dict[str, int]) -> list[int] | None:
    """The shape that torch gives, or ``None`` where it fails."""
    shape = with_sizes(application.inputs["x"], sizes).dims
    try:
        module: nn.Module = LoweredComponent(application.lowered, ["input_x"], sizes).eval()
        return list(module(torch.randn([d.known or 0 for d in shape])).shape)
    except (RuntimeError, ValueError, AssertionError):
        return None


@pytest.mark.parametrize(("cls", "drawn", "count"), CASES)
def test_sizes_are_those_of_torch(cls: type[TensorComponent], drawn: Any, count: int) -> None:
    draw = random.Random(17)
    count_accepted = 0
    for _ in range(DRAWS):
        config = drawn(draw, count)
        names = ["L"] if count == 1 else ["H", "W"]
        sizes = {name: draw.randint(1, 12) for name in names} | {"B": 2}
        type_ = type_of(f"float[B, 4, {', '.join(names)}]")
        named = accepted(cls, config, type_)
        known = accepted(cls, config, with_sizes(type_, sizes))
        where = (config, sizes)
        conditions = named.site.preconditions if named else []
        holds = all(value_of(c.size.term, sizes) >= c.least for c in conditions)
        if known is None:
            # Refused with names as well, or only under a precondition, which is false here.
            if named is not None:
                assert not holds, where
                assert real(named, sizes) is None, where
            continue
        count_accepted += 1
        inferred = [dim.known for dim in known.outputs["output"].dims]
        assert real(known, sizes) == inferred, where
        assert named is not None, where
        assert holds, where
        from_names = [value_of(dim.term, sizes) for dim in named.outputs["output"].dims]
        assert from_names == inferred, where
    assert count_accepted > DRAWS / 10
