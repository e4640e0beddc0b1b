"""A transformer encoder."""

from specc.components import Example, Site
from specc.components.fields import Positive, Probability, Size
from specc.ir import expr as ir
from specc.stdlib.families.attention import SCRIPTS_WITH_BIAS, Activation, Transformer, torch_masks
from specc.types.terms import Const


class TransformerEncoder(Transformer):
    """``num_layers`` of `transformer_encoder_layer` (`torch.nn.TransformerEncoder`).

    Input ``float[B, T, D]``, output the same. ``mask[B, T]`` is true where a position counts; with
    ``causal`` a position sees itself and what came before. ``norm`` adds a layer norm at the end,
    which belongs to ``norm_first``.

    Errors: heads that do not divide D. torch copies one layer, so that all start from the same
    weights; `repeat 6 { x = x |> transformer_encoder_layer(8) }` gives each its own.
    """

    signature = "x: float[B, T, D], mask: mask[B, T]? -> float[B, T, D]"
    has_weights = True
    examples = (
        Example("float[B, T, 8]", nhead=2, num_layers=2, dim_feedforward=16),
        Example(
            {"x": "float[B, T, 8]", "mask": "mask[B, T]"},
            nhead=2,
            num_layers=2,
            dim_feedforward=16,
            dropout=0.5,
            activation="gelu",
            layer_norm_eps=0.1,
            norm_first=True,
            causal=True,
        ),
        Example("float[B, T, 8]", nhead=2, num_layers=2, dim_feedforward=16, bias=False),
        Example("float[B, T, 8]", nhead=2, num_layers=1, dim_feedforward=16, norm=True),
    )
    exceptions = {"torchscript": SCRIPTS_WITH_BIAS}

    other_words = {"is_causal": "causal"}

    nhead: Size
    num_layers: Size
    dim_feedforward: Size = 2048
    dropout: Probability = 0.1
    activation: Activation = "relu"
    layer_norm_eps: Positive = 1e-5
    norm_first: bool = False
    bias: bool = True
    norm: bool = False
    causal: bool = False

    def lower(self, site: Site) -> ir.Expr:
        words = ("mask", "src_key_padding_mask", "is_causal")
        masks = torch_masks(site, causal=self.causal, mask="mask", words=words)
        # Nested tensors would drop padding in evaluation alone, and export to another graph.
        plain = ir.Given("enable_nested_tensor", Const(False), True)
        layers = self.stack(site, "encoder", "torch.nn.TransformerEncoder", plain)
        return site.call(layers, site.tensor("x"), **masks)
