"""Every component that programs are drawn with, as plain functions of tensors and weights.

Written from torch's documentation: no specc is imported, no module is built, and no lowering is
looked at. A component is ``apply(inputs, config, weights)``; ``weights`` gives a tensor of the
state dict by the end of its key and remembers that it was asked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

Weights = Callable[[str], Tensor]
Apply = Callable[[list[Any], dict[str, Any], Weights], Any]


class Record(dict[str, Tensor]):
    """Named results; where a tensor is wanted it is its first."""


def spread(value: Any, count: int) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, (list, tuple)) else (value,) * count


# --- layers with weights -----------------------------------------------------------------------


def linear(x: list[Tensor], c: dict[str, Any], w: Weights) -> Tensor:
    return F.linear(x[0], w("weight"), w("bias") if c.get("bias", True) else None)


def bilinear(x: list[Tensor], c: dict[str, Any], w: Weights) -> Tensor:
    return F.bilinear(x[0], x[1], w("weight"), w("bias") if c.get("bias", True) else None)


def embedding(x: list[Tensor], c: dict[str, Any], w: Weights) -> Tensor:
    return w("weight")[x[0]]


def convolution(spatial: int) -> Apply:
    function = (F.conv1d, F.conv2d, F.conv3d)[spatial - 1]

    def apply(x: list[Tensor], c: dict[str, Any], w: Weights) -> Tensor:
        bias = w("bias") if c.get("bias", True) else None
        padding = c.get("padding", 0)
        padding = padding if isinstance(padding, str) else spread(padding, spatial)
        return function(
            x[0],
            w("weight"),
            bias,
            spread(c.get("stride", 1), spatial),
            padding,
            spread(c.get("dilation", 1), spatial),
            c.get("groups", 1),
        )

    return apply


def transposed(spatial: int) -> Apply:
    function = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[spatial - 1]

    def apply(x: list[Tensor], c: dict[str, Any], w: Weights) -> Tensor:
        bias = w("bias") if c.get("bias", True) else None
        stride, padding = spread(c.get("stride", 1), spatial), spread(c.get("padding", 0), spatial)
        return function(x[0], w("weight"), bias, stride, padding)

    return apply


def batch_norm(x: list[Tensor], c: dict[str, Any], w: Weights) -> Tensor:
    w("num_batches_tracked")
    mean, variance = w("running_mean"), w("running_var")
    return F.batch_norm(
        x[0], mean, variance, w("weight"), w("bias"), False, 0.1, c.get("eps", 1e-5)
    )


def layer_norm(x: list[Tensor], c: dict[str, Any], w: Weights) -> Tensor:
    return F.layer_norm(x[0], x[0].shape[-1:], w("weight"), w("bias"), c.get("eps", 1e-5))


def rms_norm(x: list[Tensor], c: dict[str, Any], w: Weights) -> Tensor:
    return F.rms_norm(x[0], x[0].shape[-1:], w("weight"))


def group_norm(x: list[Tensor], c: dict[str, Any], w: Weights) -> Tensor:
    return F.group_norm(x[0], c["num_groups"], w("weight"), w("bias"))


def prelu(x: list[Tensor], c: dict[str, Any], w: Weights) -> Tensor:
    return F.prelu(x[0], w("weight"))


def learned_positions(x: list[Tensor], c: dict[str, Any], w: Weights) -> Tensor:
    return x[0] + w("weight")[: x[0].shape[1]]


# --- recurrence, cell by cell ------------------------------------------------------------------


def lstm_step(gates: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
    i, f, g, o = gates.chunk(4, 1)
    cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
    return o.sigmoid() * cell.tanh(), cell


def gru_step(given: Tensor, held: Tensor, state: Tensor) -> Tensor:
    (r, z, n), (hr, hz, hn) = given.chunk(3, 1), held.chunk(3, 1)
    reset, update = (r + hr).sigmoid(), (z + hz).sigmoid()
    return (1 - update) * (n + reset * hn).tanh() + update * state


def recurrent(kind: str) -> Apply:
    def apply(x: list[Tensor], c: dict[str, Any], w: Weights) -> Record:
        layers, both = c.get("num_layers", 1), c.get("bidirectional", False)
        sequence, states, cells = x[0], [], []
        for layer in range(layers):
            outputs = []
            for suffix in ("", "_reverse")[: 1 + both]:
                end = f"l{layer}{suffix}"
                weights = [w(f"{word}_{end}") for word in ("weight_ih", "weight_hh")]
                biases = [w(f"{word}_{end}") for word in ("bias_ih", "bias_hh")]
                h = sequence.new_zeros(len(sequence), weights[1].shape[1])
                cell, steps = h, []
                order = range(sequence.shape[1])
                for t in reversed(order) if suffix else order:
                    given = F.linear(sequence[:, t], weights[0], biases[0])
                    held = F.linear(h, weights[1], biases[1])
                    if kind == "lstm":
                        h, cell = lstm_step(given + held, cell)
                    elif kind == "gru":
                        h = gru_step(given, held, h)
                    else:
                        h = (given + held).tanh()
                    steps.append(h)
                outputs.append(torch.stack(steps[::-1] if suffix else steps, 1))
                states.append(h)
                cells.append(cell)
            sequence = torch.cat(outputs, -1)
        record = Record(output=sequence, hidden=torch.stack(states))
        if kind == "lstm":
            record["cell"] = torch.stack(cells)
        return record

    return apply


def gru_cell(x: list[Tensor], c: dict[str, Any], w: Weights) -> Tensor:
    state = x[1] if len(x) > 1 else x[0].new_zeros(len(x[0]), c["hidden_size"])
    given = F.linear(x[0], w("weight_ih"), w("bias_ih"))
    return gru_step(given, F.linear(state, w("weight_hh"), w("bias_hh")), state)


# --- attention ---------------------------------------------------------------------------------


def attention(q: Tensor, k: Tensor, v: Tensor, seen: Tensor | None) -> tuple[Tensor, Tensor]:
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if seen is not None:
        scores = scores.masked_fill(~seen, -math.inf)
    shares = scores.softmax(-1)
    return shares @ v, shares


def past(length: int) -> Tensor:
    return torch.ones(length, length, dtype=torch.bool).tril()


def split_heads(x: Tensor, heads: int) -> Tensor:
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


def multi_head(query: Tensor, key: Tensor, heads: int, seen: Tensor | None, w: Weights) -> Any:
    weight, bias = w("in_proj_weight"), w("in_proj_bias")
    size = query.shape[-1]
    projected = (
        F.linear(x, weight[i * size : (i + 1) * size], bias[i * size : (i + 1) * size])
        for i, x in enumerate((query, key, key))
    )
    mixed, shares = attention(*(split_heads(x, heads) for x in projected), seen)
    joined = mixed.transpose(1, 2).flatten(2)
    return F.linear(joined, w("out_proj.weight"), w("out_proj.bias")), shares.mean(1)


def multi_head_attention(x: list[Tensor], c: dict[str, Any], w: Weights) -> Any:
    key = x[1] if len(x) > 1 else x[0]
    seen = past(x[0].shape[1]) if c.get("causal", False) else None
    output, shares = multi_head(x[0], key, c["num_heads"], seen, w)
    if not c.get("need_weights", True):
        return output
    return Record(output=output, weights=shares)


def encoder_layer(x: list[Tensor], c: dict[str, Any], w: Weights) -> Tensor:
    h = x[0]
    seen = past(h.shape[1]) if c.get("causal", False) else None

    def norm(k: int, value: Tensor) -> Tensor:
        return F.layer_norm(value, value.shape[-1:], w(f"norm{k}.weight"), w(f"norm{k}.bias"))

    def attend(value: Tensor) -> Tensor:
        within = multi_head(value, value, c["nhead"], seen, lambda key: w(f"self_attn.{key}"))
        return within[0]

    def feed(value: Tensor) -> Tensor:
        inner = F.relu(F.linear(value, w("linear1.weight"), w("linear1.bias")))
        return F.linear(inner, w("linear2.weight"), w("linear2.bias"))

    if c.get("norm_first", False):
        h = h + attend(norm(1, h))
        return h + feed(norm(2, h))
    h = norm(1, h + attend(h))
    return norm(2, h + feed(h))


def scaled_dot_product(x: list[Tensor], c: dict[str, Any], w: Weights) -> Tensor:
    seen = past(x[0].shape[-2]) if c.get("is_causal", False) else None
    return attention(x[0], x[1], x[2], seen)[0]


def sinusoidal_positions(x: list[Tensor], c: dict[str, Any], w: Weights) -> Tensor:
    h = x[0]
    table = torch.zeros(h.shape[1:])
    for t in range(h.shape[1]):
        for feature in range(h.shape[2]):
            angle = t / 10000 ** ((feature - feature % 2) / h.shape[2])
            table[t, feature] = math.cos(angle) if feature % 2 else math.sin(angle)
    return h + table


# --- without weights ---------------------------------------------------------------------------


def activation(function: Callable[..., Tensor]) -> Apply:
    return lambda x, c, w: function(x[0], **c)


def pool(function: Callable[..., Tensor], spatial: int) -> Apply:
    def apply(x: list[Tensor], c: dict[str, Any], w: Weights) -> Tensor:
        kernel = spread(c["kernel_size"], spatial)
        stride = spread(c["stride"], spatial) if c.get("stride") is not None else kernel
        return function(x[0], kernel, stride, spread(c.get("padding", 0), spatial))

    return apply


def adaptive(function: Callable[..., Tensor], spatial: int) -> Apply:
    return lambda x, c, w: function(x[0], spread(c["output_size"], spatial))


def reduction(function: Callable[..., Tensor]) -> Apply:
    def apply(x: list[Tensor], c: dict[str, Any], w: Weights) -> Tensor:
        dim = c.get("dim")
        axes = tuple(range(x[0].dim())) if dim is None else spread(dim, 1)
        return function(x[0], dim=axes, keepdim=c.get("keepdim", False))

    return apply


def largest(x: list[Tensor], c: dict[str, Any], w: Weights) -> Record:
    keep, dim = c.get("keepdim", False), c["dim"]
    return Record(values=x[0].amax(dim, keep), indices=x[0].argmax(dim, keep))


def along(function: Callable[..., Any], *words: str) -> Apply:
    """A function of the tensor and of fields in this order."""
    return lambda x, c, w: function(x[0], *(c[word] for word in words if word in c))


_SAME: dict[str, Callable[..., Tensor]] = {
    **{word: getattr(F, word) for word in ("relu", "gelu", "silu", "elu", "mish", "softplus")},
    **{word: getattr(F, word) for word in ("leaky_relu", "hardtanh", "celu", "selu", "softsign")},
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "softmax": lambda x, dim: x.softmax(dim),
    "log_softmax": lambda x, dim: x.log_softmax(dim),
    "dropout": lambda x, p=0.5: x,
    "dropout2d": lambda x, p=0.5: x,
    "identity": lambda x: x,
    "glu": lambda x, dim=-1: F.glu(x, dim),
    "local_response_norm": F.local_response_norm,
    "flatten": lambda x, start_dim=1, end_dim=-1: x.flatten(start_dim, end_dim),
    "argmax": lambda x, dim: x.argmax(dim),
    "instance_norm": F.instance_norm,
    "cumsum": lambda x, dim: x.cumsum(dim),
    "repeat_interleave": lambda x, repeats, dim: x.repeat_interleave(repeats, dim),
}

COMPONENTS: dict[str, Apply] = {
    **{word: activation(function) for word, function in _SAME.items()},
    **{f"conv{k}d": convolution(k) for k in (1, 2, 3)},
    **{f"conv_transpose{k}d": transposed(k) for k in (1, 2, 3)},
    **{f"max_pool{k}d": pool(getattr(F, f"max_pool{k}d"), k) for k in (1, 2, 3)},
    **{f"avg_pool{k}d": pool(getattr(F, f"avg_pool{k}d"), k) for k in (1, 2, 3)},
    **{
        f"adaptive_{word}_pool{k}d": adaptive(getattr(F, f"adaptive_{word}_pool{k}d"), k)
        for k in (1, 2, 3)
        for word in ("avg", "max")
    },
    **{word: recurrent(word) for word in ("rnn", "gru", "lstm")},
    "linear": linear,
    "bilinear": bilinear,
    "embedding": embedding,
    "batch_norm": batch_norm,
    "layer_norm": layer_norm,
    "rms_norm": rms_norm,
    "group_norm": group_norm,
    "prelu": prelu,
    "learned_positions": learned_positions,
    "sinusoidal_positions": sinusoidal_positions,
    "gru_cell": gru_cell,
    "multi_head_attention": multi_head_attention,
    "transformer_encoder_layer": encoder_layer,
    "scaled_dot_product_attention": scaled_dot_product,
    "mean": reduction(torch.mean),
    "sum": reduction(torch.sum),
    "amax": reduction(torch.amax),
    "logsumexp": reduction(torch.logsumexp),
    "max": largest,
    "reshape": lambda x, c, w: x[0].reshape(c["shape"]),
    "permute": lambda x, c, w: x[0].permute(c["dims"]),
    "expand": lambda x, c, w: x[0].expand(c["size"]),
    "flip": lambda x, c, w: x[0].flip(c["dims"]),
    "tile": lambda x, c, w: x[0].tile(c["dims"]),
    "unflatten": along(torch.Tensor.unflatten, "dim", "sizes"),
    "transpose": along(torch.Tensor.transpose, "dim0", "dim1"),
    "squeeze": along(torch.Tensor.squeeze, "dim"),
    "unsqueeze": along(torch.Tensor.unsqueeze, "dim"),
    "pad": along(F.pad, "pad"),
    "roll": lambda x, c, w: x[0].roll(c["shifts"], c["dims"]),
    "chunk": lambda x, c, w: list(x[0].chunk(c["chunks"], c.get("dim", 0))),
    "split": lambda x, c, w: list(x[0].split(c["split_size_or_sections"], c.get("dim", 0))),
    "concat": lambda x, c, w: torch.cat(x, c.get("dim", 0)),
    "stack": lambda x, c, w: torch.stack(x, c.get("dim", 0)),
    "parameter": lambda x, c, w: w(""),
}

POSITIONAL: dict[str, tuple[str, ...]] = {
    "linear": ("out_features",),
    "bilinear": ("out_features",),
    "embedding": ("num_embeddings", "embedding_dim"),
    **{f"conv{k}d": ("out_channels", "kernel_size") for k in (1, 2, 3)},
    **{f"conv_transpose{k}d": ("out_channels", "kernel_size") for k in (1, 2, 3)},
    **{f"{w}_pool{k}d": ("kernel_size",) for k in (1, 2, 3) for w in ("max", "avg")},
    **{f"adaptive_{w}_pool{k}d": ("output_size",) for k in (1, 2, 3) for w in ("max", "avg")},
    **dict.fromkeys(("rnn", "gru", "lstm", "gru_cell"), ("hidden_size",)),
    "dropout": ("p",),
    "dropout2d": ("p",),
    "leaky_relu": ("negative_slope",),
    "elu": ("alpha",),
    "group_norm": ("num_groups",),
    "local_response_norm": ("size",),
    "learned_positions": ("max_length",),
    "multi_head_attention": ("num_heads",),
    "transformer_encoder_layer": ("nhead",),
    "flatten": ("start_dim", "end_dim"),
    "unflatten": ("dim", "sizes"),
    "transpose": ("dim0", "dim1"),
    "squeeze": ("dim",),
    "unsqueeze": ("dim",),
    "pad": ("pad",),
    "chunk": ("chunks",),
    "split": ("split_size_or_sections",),
    "roll": ("shifts", "dims"),
}
"""Names of the parameters that programs give by position."""

VARIADIC = {
    "reshape": "shape",
    "permute": "dims",
    "expand": "size",
    "flip": "dims",
    "tile": "dims",
    "parameter": "shape",
}
NO_INPUTS = {"parameter"}
