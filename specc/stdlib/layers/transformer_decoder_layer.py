"""One layer of a transformer decoder."""

from specc.components import Example, Site
from specc.components.fields import Positive, Probability, Size
from specc.ir import expr as ir
from specc.stdlib.families.attention import (
    SCRIPTS_WITH_BIAS,
    Activation,
    Transformer,
    decoder_masks,
)


class TransformerDecoderLayer(Transformer):
    """Self-attention, attention to a memory and two linear layers, each with its residual and norm
    (`torch.nn.TransformerDecoderLayer`).

    Inputs ``tgt: float[B, T, D]`` and ``memory: float[B, S, D]``, output ``float[B, T, D]``.
    ``mask[B, T]`` and ``memory_mask[B, S]`` are true where a position counts; with ``causal`` a
    position sees itself and what came before, as training to predict the next one needs.

    Errors: heads that do not divide D.
    """

    signature = (
        "tgt: float[B, T, D], memory: float[B, S, D], mask: mask[B, T]?, "
        "memory_mask: mask[B, S]? -> float[B, T, D]"
    )
    has_weights = True
    examples = (
        Example({"tgt": "float[B, T, 8]", "memory": "float[B, S, 8]"}, nhead=2, dim_feedforward=16),
        Example(
            {
                "tgt": "float[B, T, 8]",
                "memory": "float[B, S, 8]",
                "mask": "mask[B, T]",
                "memory_mask": "mask[B, S]",
            },
            nhead=2,
            dim_feedforward=16,
            dropout=0.5,
            activation="gelu",
            layer_norm_eps=0.1,
            norm_first=True,
            causal=True,
        ),
        Example(
            {"tgt": "float[B, T, 8]", "memory": "float[B, S, 8]"},
            nhead=2,
            dim_feedforward=16,
            bias=False,
        ),
    )
    exceptions = {"torchscript": SCRIPTS_WITH_BIAS}

    other_words = {"is_causal": "causal"}

    nhead: Size
    dim_feedforward: Size = 2048
    dropout: Probability = 0.1
    activation: Activation = "relu"
    layer_norm_eps: Positive = 1e-5
    norm_first: bool = False
    bias: bool = True
    causal: bool = False

    def lower(self, site: Site) -> ir.Expr:
        layer = self.block(site, "torch.nn.TransformerDecoderLayer")
        return site.call(
            layer, site.tensor("tgt"), site.tensor("memory"), **decoder_masks(site, self.causal)
        )
