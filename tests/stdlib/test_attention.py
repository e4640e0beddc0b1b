"""Attention against torch: masks, causality and sizes."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from specc.stdlib.layers.learned_positions import LearnedPositions
from specc.stdlib.layers.multi_head_attention import MultiHeadAttention
from specc.stdlib.layers.scaled_dot_product_attention import ScaledDotProductAttention
from specc.stdlib.layers.sinusoidal_positions import SinusoidalPositions
from specc.stdlib.layers.transformer_decoder import TransformerDecoder
from specc.stdlib.layers.transformer_decoder_layer import TransformerDecoderLayer
from specc.stdlib.layers.transformer_encoder import TransformerEncoder
from specc.stdlib.layers.transformer_encoder_layer import TransformerEncoderLayer
from tests.stdlib.applying import apply, refused

X, MEMORY = "float[B, T, 8]", "float[B, S, 8]"


def module_of(lowered):
    """The one submodule that was built."""
    (only,) = lowered.children()
    return only


def test_self_attention():
    types, result, (x, mask), lowered = apply(
        MultiHeadAttention, X, by={"mask": "mask[B, T]"}, num_heads=2
    )
    assert {n: str(t) for n, t in types.items()} == {"output": X, "weights": "float[B, T, T]"}
    torch.manual_seed(7)
    plain = nn.MultiheadAttention(8, 2, batch_first=True)
    assert list(module_of(lowered).state_dict()) == list(plain.state_dict())
    output, weights = plain(x, x, x, key_padding_mask=~mask)
    assert torch.equal(result["output"], output)
    assert torch.equal(result["weights"], weights)
    assert result["weights"][~mask[:, None].expand(-1, 6, -1)].abs().sum() == 0


def test_cross_attention_with_other_sizes():
    type, result, (q, k, v), lowered = apply(
        MultiHeadAttention,
        X,
        "float[B, S, 5]",
        "float[B, S, 3]",
        num_heads=4,
        need_weights=False,
        bias=False,
    )
    assert str(type) == X
    plain = nn.MultiheadAttention(8, 4, bias=False, kdim=5, vdim=3, batch_first=True)
    plain.load_state_dict(module_of(lowered).state_dict())
    assert torch.equal(result, plain(q, k, v, need_weights=False)[0])


def test_weights_of_each_head():
    types, *_ = apply(
        MultiHeadAttention, X, MEMORY, num_heads=2, average_attn_weights=False, add_bias_kv=True
    )
    assert str(types["weights"]) == "float[B, 2, T, S + 1]"


@pytest.mark.parametrize(
    ("cls", "settings"),
    [
        (MultiHeadAttention, {"num_heads": 2, "need_weights": False}),
        (TransformerEncoderLayer, {"nhead": 2, "dim_feedforward": 16}),
        (TransformerEncoder, {"nhead": 2, "num_layers": 2, "dim_feedforward": 16}),
    ],
)
def test_the_future_and_padding_do_not_matter(cls, settings):
    *_, (x, mask), lowered = apply(cls, X, by={"mask": "mask[B, T]"}, causal=True, **settings)
    lowered.eval()
    before = lowered(x, mask)
    later = x.clone()
    later[:, 4:] += 1
    assert torch.allclose(lowered(later, mask)[:, :4], before[:, :4], atol=1e-6)
    padded = torch.where(mask[..., None], x, x + 1)
    assert torch.allclose(lowered(padded, mask)[mask], before[mask], atol=1e-6)


@pytest.mark.parametrize(
    ("cls", "settings"),
    [
        (TransformerDecoderLayer, {"nhead": 2, "dim_feedforward": 16}),
        (TransformerDecoder, {"nhead": 2, "num_layers": 2, "dim_feedforward": 16, "norm": True}),
    ],
)
def test_a_decoder_sees_its_past_and_the_memory(cls, settings):
    *_, tensors, lowered = apply(
        cls, X, MEMORY, by={"memory_mask": "mask[B, S]"}, causal=True, **settings
    )
    lowered.eval()
    x, memory, seen = tensors
    before = lowered(x, memory, seen)
    later = x.clone()
    later[:, 3:] += 1
    assert torch.allclose(lowered(later, memory, seen)[:, :3], before[:, :3], atol=1e-6)
    hidden = torch.where(seen[..., None], memory, memory + 1)
    assert torch.allclose(lowered(x, hidden, seen), before, atol=1e-6)
    assert not torch.allclose(lowered(x, memory + 1, seen), before)


def test_an_encoder_is_torch_s():
    _, _, (x,), lowered = apply(
        TransformerEncoder, X, nhead=2, num_layers=2, norm=True, norm_first=True, activation="gelu"
    )
    layer = nn.TransformerEncoderLayer(8, 2, activation="gelu", norm_first=True, batch_first=True)
    plain = nn.TransformerEncoder(layer, 2, nn.LayerNorm(8), enable_nested_tensor=False).eval()
    plain.load_state_dict(module_of(lowered).state_dict())
    assert torch.equal(lowered.eval()(x), plain(x))


def test_scaled_dot_product():
    heads = ["float[B, 2, T, D]", "float[B, 2, S, D]", "float[B, 2, S, 3]"]
    type, result, (q, k, v, mask), _ = apply(
        ScaledDotProductAttention, *heads, by={"mask": "mask[B, S]"}, scale=0.3
    )
    assert str(type) == "float[B, 2, T, 3]"
    wanted = F.scaled_dot_product_attention(q, k, v, mask[:, None, None], scale=0.3)
    assert torch.allclose(result, wanted)
    _, result, (q, k, v), _ = apply(ScaledDotProductAttention, X, X, X, is_causal=True)
    assert torch.equal(result, F.scaled_dot_product_attention(q, k, v, is_causal=True))
    _, result, (q, k, v, mask), _ = apply(
        ScaledDotProductAttention, X, X, X, by={"mask": "mask[B, T]"}, is_causal=True
    )
    both = mask[:, None] & torch.ones(6, 6, dtype=torch.bool).tril()
    assert torch.allclose(result, F.scaled_dot_product_attention(q, k, v, both))
    apply(ScaledDotProductAttention, *heads, by={"mask": "mask[B, 1, T, S]"})


def test_positions():
    _, result, (x,), _ = apply(SinusoidalPositions, "float[B, T, 5]")
    steps = torch.arange(6.0)[:, None]
    added = (result - x)[0]
    for i in range(3):
        rate = 10000 ** (-2 * i / 5)
        assert torch.allclose(added[:, 2 * i], torch.sin(steps[:, 0] * rate), atol=1e-5)
        if 2 * i + 1 < 5:
            assert torch.allclose(added[:, 2 * i + 1], torch.cos(steps[:, 0] * rate), atol=1e-5)
    _, result, (x,), lowered = apply(LearnedPositions, X, max_length=9)
    assert torch.equal(result, x + module_of(lowered).weight[:6])


@pytest.mark.parametrize(
    ("cls", "given", "settings", "words"),
    [
        (MultiHeadAttention, ["float[B, T, 10]"], {"num_heads": 3}, "10 features cannot be split"),
        (MultiHeadAttention, ["float[B, T, D]"], {"num_heads": 2}, "not known"),
        (TransformerEncoderLayer, ["float[B, T, 10]"], {"nhead": 4}, "into 4 heads"),
        (
            MultiHeadAttention,
            ["float[B, T, 8]", "float[B, S, 8]"],
            {"num_heads": 2, "causal": True},
            "as many keys as queries",
        ),
        (LearnedPositions, ["float[B, 30, D]"], {"max_length": 20}, "longer than the 20"),
    ],
)
def test_refusals(cls, given, settings, words):
    assert words in refused(cls, *given, **settings).message


def test_a_mask_of_the_wrong_sequence():
    said = refused(MultiHeadAttention, X, MEMORY, by={"mask": "mask[B, T]"}, num_heads=1)
    assert "the keys have S positions" in said.message
