"""Attention with several heads."""

from typing import Any

from specc.components import Example, Layer, Outputs, Refusal, Site
from specc.components.errors import BAD_SHAPE
from specc.components.fields import Probability, Size
from specc.components.site import passed
from specc.ir import expr as ir
from specc.stdlib.families.attention import (
    SCRIPTS_WITH_BIAS,
    must_be_square,
    must_have_heads,
    same,
    torch_masks,
)
from specc.types.dim import Dim
from specc.types.tensor import Element, TensorType
from specc.types.terms import Const

FLOAT = Element("float")


class MultiHeadAttention(Layer):
    """Each query averages the values of the keys that match it (`torch.nn.MultiheadAttention`).

    Inputs ``query: float[B, T, D]``, ``key: float[B, S, K]``, ``value: float[B, S, V]``; one tensor
    alone attends to itself. ``mask[B, S]`` is true where a key counts; with ``causal`` a position
    sees itself and what came before. The features D follow from the query and are split among
    the heads.

    Gives ``output: float[B, T, D]`` and ``weights: float[B, T, S]`` (each head's own without
    ``average_attn_weights``), or the output alone, and faster, with ``need_weights=false``.

    Errors: heads that do not divide D. A row whose mask hides every key gives nan, as in torch.
    """

    signature = (
        "query: float[B, T, D], key: float[B, S, K]?, value: float[B, S, V]?, mask: mask[B, L]? "
        "-> (output: float[B, T, D], weights: float[B, T, L])"
    )
    has_weights = True
    examples = (
        Example({"query": "float[B, T, 8]"}, num_heads=2),
        Example(
            {"query": "float[B, T, 8]", "mask": "mask[B, T]"}, num_heads=4, causal=True, dropout=0.5
        ),
        Example(
            {
                "query": "float[B, T, 8]",
                "key": "float[B, S, 6]",
                "value": "float[B, S, 5]",
                "mask": "mask[B, S]",
            },
            num_heads=2,
            need_weights=False,
            bias=False,
        ),
        Example(
            {"query": "float[B, T, 8]", "key": "float[B, S, 8]"},
            num_heads=2,
            average_attn_weights=False,
            add_bias_kv=True,
            add_zero_attn=True,
        ),
    )
    exceptions = {"torchscript": SCRIPTS_WITH_BIAS}

    other_words = {"is_causal": "causal", "nhead": "num_heads"}

    num_heads: Size
    dropout: Probability = 0.0
    bias: bool = True
    add_bias_kv: bool = False
    add_zero_attn: bool = False
    need_weights: bool = True
    average_attn_weights: bool = True
    causal: bool = False

    def infer(self, site: Site) -> Outputs:
        query = site.inputs["query"]
        batch, steps, features = query.dims
        must_have_heads(site, "num_heads", features)
        if site.has("value") and not site.has("key"):
            raise Refusal(BAD_SHAPE, "a value needs its key", tensor="value")
        keys = site.dim("S") if site.has("key") else steps
        if site.has("mask") and not same(site, keys, site.dim("L")):
            raise Refusal(
                BAD_SHAPE,
                f"the mask is {site.inputs['mask']}, the keys have {keys} positions",
                label="one truth for each key",
                help="the mask says which keys count",
                tensor="mask",
            )
        if self.causal:
            must_be_square(site, steps, keys, field="causal")
        output = TensorType(FLOAT, query.dims)
        if not self.need_weights:
            return output
        extra = int(self.add_bias_kv) + int(self.add_zero_attn)
        seen = keys + extra if extra else keys
        heads = () if self.average_attn_weights else (site.size("num_heads"),)
        return {"output": output, "weights": TensorType(FLOAT, (batch, *heads, steps, seen))}

    # --- lowering ------------------------------------------------------------------------------

    def lower(self, site: Site) -> ir.Expr | dict[str, ir.Expr]:
        attended = ir.Apply(ir.Build(self._construct(site)), self._arguments(site))
        if not self.need_weights:
            return ir.Pick(attended, 0)
        return {"output": ir.Pick(attended, 0), "weights": ir.Pick(attended, 1)}

    def _construct(self, site: Site) -> ir.Construct:
        forward = ("need_weights", "average_attn_weights", "causal")
        construct = site.module(
            "torch.nn.MultiheadAttention", skip=forward, embed_dim=site.dim("D")
        )
        given = list(construct.arguments)
        for word, size in self._other_sizes(site).items():
            given.append(ir.Given(word, size.term, True))
        given.append(ir.Given("batch_first", Const(True), True))
        return ir.Construct(construct.target, tuple(given))

    def _other_sizes(self, site: Site) -> dict[str, Dim]:
        """``kdim`` and ``vdim`` where keys and values have features of their own."""
        features = site.dim("D")
        key = site.dim("K") if site.has("key") else features
        value = site.dim("V") if site.has("value") else key
        if same(site, key, features) and same(site, value, features):
            return {}
        return {"kdim": key, "vdim": value}

    def _arguments(self, site: Site) -> tuple[ir.Passed, ...]:
        query = site.tensor("query")
        key = site.tensor("key") if site.has("key") else query
        value = site.tensor("value") if site.has("value") else key
        named: dict[str, Any] = torch_masks(
            site,
            causal=self.causal,
            mask="mask",
            words=("attn_mask", "key_padding_mask", "is_causal"),
        )
        if not self.need_weights:
            named["need_weights"] = False
        elif not self.average_attn_weights:
            named["average_attn_weights"] = False
        return passed((query, key, value), named)
