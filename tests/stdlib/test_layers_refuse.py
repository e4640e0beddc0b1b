"""What layers refuse, and in which words."""

from typing import Any

import pytest

from specc.components import Refusal, TensorComponent
from specc.components.errors import BAD_SETTING, BAD_SHAPE, TOO_FEW_ROWS, TOO_SMALL
from specc.diagnostics import Code
from specc.testing.application import DoesNotMatch, apply, named_inputs, type_of
from tests.stdlib.test_conformance import class_of

Inputs = str | dict[str, str]


def given(name: str, inputs: Inputs, config: dict[str, Any]) -> Any:
    cls: type[TensorComponent] = class_of(f"layers.{name}")
    types = (
        {"": type_of(inputs)}
        if isinstance(inputs, str)
        else {n: type_of(t) for n, t in inputs.items()}
    )
    return apply(cls, config, named_inputs(cls, types))


X2 = "float[B, 6, H, W]"
REFUSALS: list[tuple[str, Inputs, dict[str, Any], Code, str]] = [
    ("embedding", "ids(100)[B, T]", {"num_embeddings": 50, "embedding_dim": 4}, TOO_FEW_ROWS,
     "100 different ids do not fit in a table of 50"),
    ("embedding", "ids([3, 90])[B, 2]", {"num_embeddings": 50, "embedding_dim": 4}, TOO_FEW_ROWS,
     "90 different ids do not fit in a table of 50"),
    ("embedding", "ids(9)[B]", {"num_embeddings": 9, "embedding_dim": 4, "padding_idx": 9},
     BAD_SETTING, "padding_idx is 9, but the table has 9 rows"),
    ("embedding_bag", "ids(9)[B, N]", {"num_embeddings": 8, "embedding_dim": 4}, TOO_FEW_ROWS,
     "9 different ids do not fit in a table of 8"),
    ("conv2d", "float[B, 3, 4, 4]", {"out_channels": 8, "kernel_size": 7}, TOO_SMALL,
     "the kernel reaches over 7, but the height of the padded input is 4"),
    ("conv2d", X2, {"out_channels": 8, "kernel_size": 3, "groups": 4}, BAD_SHAPE,
     "6 input channels cannot be split into 4 groups of equal size"),
    ("conv2d", X2, {"out_channels": 8, "kernel_size": 3, "groups": 3}, BAD_SHAPE,
     "8 output channels cannot be split into 3 groups of equal size"),
    ("conv2d", "float[B, C, H, W]", {"out_channels": 8, "kernel_size": 3, "groups": 4}, BAD_SHAPE,
     "it is not known that C input channels can be split into 4 groups"),
    ("conv2d", X2, {"out_channels": 8, "kernel_size": 3, "stride": 2, "padding": "same"},
     BAD_SETTING, 'padding="same" keeps the size, which a stride of 2 does not'),
    ("conv2d", "float[B, 3, 4, 4]",
     {"out_channels": 8, "kernel_size": 3, "padding": 4, "padding_mode": "reflect"}, TOO_SMALL,
     'with padding_mode="reflect" the padding, 4, must be smaller than the height, 4'),
    ("conv_transpose2d", X2, {"out_channels": 8, "kernel_size": 3, "output_padding": 1},
     BAD_SETTING, "output_padding is 1, which is not less than the stride, 1, or the dilation, 1"),
    ("conv_transpose2d", "float[B, 6, 1, 1]", {"out_channels": 8, "kernel_size": 2, "padding": 1},
     TOO_SMALL, "the padding takes away all of the height: 0 is left"),
    ("max_pool2d", X2, {"kernel_size": 3, "padding": 2}, BAD_SETTING,
     "a padding of 2 is more than half of the kernel_size, 3"),
    ("avg_pool1d", "float[B, C, 2]", {"kernel_size": 3}, TOO_SMALL,
     "the window is 3 long, but the length of the padded input is 2"),
    ("batch_norm", "float[B, C, D, H, W, T]", {}, BAD_SHAPE,
     "float[B, C, D, H, W, T] has 6 axes: takes [B, C], [B, C, L], [B, C, H, W] or "
     "[B, C, D, H, W]"),
    ("instance_norm", "float[B, C, 1]", {}, TOO_SMALL,
     "float[B, C, 1] has a single position to normalise over"),
    ("group_norm", X2, {"num_groups": 4}, BAD_SHAPE,
     "6 channels cannot be split into 4 groups of equal size"),
    ("group_norm", "float[B, 6]", {"num_groups": 6}, TOO_SMALL,
     "each of the 6 groups of float[B, 6] has a single value"),
    ("layer_norm", "float[B, T, 8]", {"normalized_shape": 6}, BAD_SHAPE,
     "8 values, but 6 to normalise"),
    ("layer_norm", "float[B, D]", {"normalized_shape": 6}, BAD_SHAPE,
     "D values, but 6 to normalise: it is not known that these are equal"),
    ("prelu", X2, {"num_parameters": 5}, BAD_SHAPE, "6 channels, but 5 slopes"),
    ("glu", "float[B, 5]", {}, BAD_SHAPE, "5 values cannot be split into 2 halves of equal size"),
    ("softmax", "float[B, T, D]", {}, BAD_SETTING,
     "float[B, T, D] has 3 axes: along which of them?"),
    ("softmax", "float[B, D]", {"dim": 2}, BAD_SHAPE, "float[B, D] has no axis 2"),
    ("hardtanh", "float[B]", {"min_val": 2.0}, BAD_SETTING,
     "the range of hardtanh is empty: min_val is 2 and max_val is 1"),
    ("rrelu", "float[B]", {"lower_": 0.5}, BAD_SETTING,
     "the range of slopes is empty: lower is 0.5, upper is 0.333333"),
    ("gru", "float[B, T, D]", {"hidden_size": 4, "dropout": 0.5}, BAD_SETTING,
     "dropout stands between layers, and there is only one"),
    ("gru", {"x": "float[B, T, D]", "hidden": "float[3, B, 4]"},
     {"hidden_size": 4, "bidirectional": True}, BAD_SHAPE, "3 initial states, but 2 wanted"),
    ("lstm", {"x": "float[B, T, D]", "hidden": "float[1, B, 4]"}, {"hidden_size": 4}, BAD_SETTING,
     "lstm starts with both of its states: hidden is given, cell is not"),
    ("lstm", "float[B, T, D]", {"hidden_size": 4, "proj_size": 4}, BAD_SETTING,
     "proj_size, 4, must be below hidden_size, 4"),
    ("lstm_cell", {"x": "float[B, D]", "cell": "float[B, 4]"}, {"hidden_size": 4}, BAD_SETTING,
     "lstm_cell takes both of its states: cell is given, hidden is not"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "inputs", "config", "code", "message"), REFUSALS)
def test_refusals(
    name: str, inputs: Inputs, config: dict[str, Any], code: Code, message: str
) -> None:
    with pytest.raises(Refusal) as caught:
        given(name, inputs, config)
    assert (caught.value.code, caught.value.message) == (code, message)


MISMATCHES: list[tuple[str, Inputs, dict[str, Any]]] = [
    ("embedding", "float[B, T]", {"num_embeddings": 5, "embedding_dim": 4}),
    ("embedding", "int[B, T]", {"num_embeddings": 5, "embedding_dim": 4}),
    ("linear", "ids(5)[B, T]", {"out_features": 5}),
    ("linear", "uint8[B, T]", {"out_features": 5}),
    ("conv2d", "float[B, 28, 28]", {"out_channels": 5, "kernel_size": 3}),
    ("dropout2d", "float[B, T, D]", {}),
    ("lstm", "float[B, D]", {"hidden_size": 4}),
    ("gru", {"x": "float[B, T, D]", "mask": "mask[B, S]"}, {"hidden_size": 4}),
    ("bilinear", {"x1": "float[B, 4]", "x2": "float[A, 4]"}, {"out_features": 4}),
]


@pytest.mark.parametrize(("name", "inputs", "config"), MISMATCHES)
def test_tensors_that_do_not_fit(name: str, inputs: Inputs, config: dict[str, Any]) -> None:
    with pytest.raises(DoesNotMatch):
        given(name, inputs, config)


def test_an_unknown_vocabulary_becomes_a_precondition() -> None:
    found = given("embedding", "ids(V)[B, T]", {"num_embeddings": 50, "embedding_dim": 4})
    (condition,) = found.site.preconditions
    assert str(condition.size) == "50 - V"
    assert condition.least == 0
    assert condition.why == "V different ids do not fit in a table of 50"
