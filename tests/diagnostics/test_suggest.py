"""Did you mean."""

from __future__ import annotations

import random

import pytest

from specc.diagnostics import closest, did_you_mean

KNOWN = [
    "adam", "adamw", "adaptive_avg_pool2d", "batch_norm", "conv1d", "conv2d", "cross_entropy",
    "flatten", "gelu", "gru", "layer_norm", "linear", "lstm", "relu", "rms_norm", "sgd", "val_loss",
]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("Conv2D", "conv2d"),
        ("conv_2d", "conv2d"),
        ("con2vd", "conv2d"),
        ("crossentropy", "cross_entropy"),
        ("CrossEntropyLoss", "cross_entropy"),
        ("AdaptiveAvgPool2d", "adaptive_avg_pool2d"),
        ("adaptive_avg_pool", "adaptive_avg_pool2d"),
        ("batchnrom", "batch_norm"),
        ("liner", "linear"),
        ("rleu", "relu"),
        ("lr", None),
        ("transformer", None),
        ("q", None),
        ("", None),
        ("x" * 100_000, None),
    ],
)
def test_the_name_that_was_meant(wrong: str, meant: str | None) -> None:
    assert closest(wrong, KNOWN) == meant


def test_the_answer_does_not_depend_on_the_order() -> None:
    names = ["conv1d", "conv2d", "conv3d"]
    for seed in range(10):
        random.Random(seed).shuffle(names)
        assert closest("conv", names) == "conv1d"
        assert closest("cnov3d", names) == "conv3d"


def test_the_sentence() -> None:
    assert did_you_mean("Relu", KNOWN) == "did you mean `relu`?"
    assert did_you_mean("zzz", KNOWN) is None
