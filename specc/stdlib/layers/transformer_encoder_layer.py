"""One layer of a transformer encoder."""

from specc.components import Example, Site
from specc.components.fields import Positive, Probability, Size
from specc.ir import expr as ir
from specc.stdlib.families.attention import SCRIPTS_WITH_BIAS, Activation, Transformer, torch_masks


class TransformerEncoderLayer(Transformer):
    """Self-attention and two linear layers, each with its residual and norm
    (`torch.nn.TransformerEncoderLayer`).

    Input ``float[B, T, D]``, output the same. ``mask[B, T]`` is true where a position counts; with
    ``causal`` a position sees itself and what came before. ``norm_first`` normalises before each
    part, which trains deep stacks better.

    Errors: heads that do not divide D. What comes out at padding means nothing.
    """

    signature = "x: float[B, T, D], mask: mask[B, T]? -> float[B, T, D]"
    has_weights = True
    examples = (
        Example("float[B, T, 8]", nhead=2, dim_feedforward=16),
        Example(
            {"x": "float[B, T, 8]", "mask": "mask[B, T]"},
            nhead=2,
            dim_feedforward=16,
            dropout=0.5,
            activation="gelu",
            layer_norm_eps=0.1,
            norm_first=True,
            causal=True,
        ),
        Example("float[B, T, 8]", nhead=2, dim_feedforward=16, bias=False),
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
        words = ("src_mask", "src_key_padding_mask", "is_causal")
        masks = torch_masks(site, causal=self.causal, mask="mask", words=words)
        layer = self.block(site, "torch.nn.TransformerEncoderLayer")
        return site.call(layer, site.tensor("x"), **masks)
