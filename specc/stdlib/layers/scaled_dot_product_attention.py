"""Attention itself, without projections."""

from typing import Any

from specc.components import Example, Layer, Refusal, Site
from specc.components.errors import BAD_SHAPE
from specc.components.fields import Positive
from specc.ir import expr as ir
from specc.stdlib.families.attention import must_be_square, same
from specc.types.tensor import Dims, broadcast, show_dims
from specc.types.terms import Const


class ScaledDotProductAttention(Layer):
    """``softmax(query @ key.T / sqrt(D)) @ value`` along the last two axes
    (`torch.nn.functional.scaled_dot_product_attention`).

    Inputs ``query: float[..., T, D]``, ``key: float[..., S, D]``, ``value: float[..., S, V]``, with
    heads among the leading axes (``float[B, heads, T, D]``); output ``float[..., T, V]``. The mask
    is true where a key counts: ``mask[B, S]``, or of a shape that goes with ``[..., T, S]``. With
    ``is_causal`` a position sees itself and what came before.

    Errors: a row whose mask hides every key gives nan. Dropout of the weights is a setting of
    `multi_head_attention`: torch's function would drop in evaluation too.
    """

    signature = (
        "query: float[..., T, D], key: float[..., S, D], value: float[..., S, V], "
        "mask: mask[...M]? -> float[..., T, V]"
    )
    examples = (
        Example(
            {
                "query": "float[B, 2, T, D]",
                "key": "float[B, 2, S, D]",
                "value": "float[B, 2, S, 5]",
            },
            scale=0.5,
        ),
        Example(
            {
                "query": "float[B, 2, T, D]",
                "key": "float[B, 2, S, D]",
                "value": "float[B, 2, S, 5]",
                "mask": "mask[B, S]",
            }
        ),
        Example(
            {
                "query": "float[B, T, D]",
                "key": "float[B, T, D]",
                "value": "float[B, T, D]",
                "mask": "mask[B, T]",
            },
            is_causal=True,
        ),
        Example(
            {"query": "float[B, T, D]", "key": "float[B, T, D]", "value": "float[B, T, D]"},
            is_causal=True,
        ),
    )

    other_words = {"causal": "is_causal"}

    is_causal: bool = False
    scale: Positive | None = None

    def infer(self, site: Site) -> None:
        if self.is_causal:
            must_be_square(site, site.dim("T"), site.dim("S"), field="is_causal")
        if site.has("mask") and not self._hides_padding(site):
            scores = (*site.bindings.rest[""], site.dim("T"), site.dim("S"))
            mask = site.inputs["mask"]
            together = broadcast(mask.dims, scores, site.facts)
            fits = isinstance(together, tuple) and len(together) == len(scores)
            if not fits or mask.rank > len(scores):
                raise Refusal(
                    BAD_SHAPE,
                    f"the mask is {mask}, the scores {show_dims(scores)}",
                    label="one truth for each key",
                    help="true where a key counts: mask[B, S], or one for each score",
                    tensor="mask",
                )

    def _hides_padding(self, site: Site) -> bool:
        """Whether the mask is one of the keys alone, ``mask[B, S]``."""
        leading: Dims = site.bindings.rest[""]
        dims = site.inputs["mask"].dims
        return (
            len(dims) == 2
            and bool(leading)
            and same(site, dims[0], leading[0])
            and same(site, dims[1], site.dim("S"))
        )

    def lower(self, site: Site) -> ir.Expr:
        named: dict[str, Any] = {}
        if site.has("mask"):
            named["attn_mask"] = self._mask(site)
        elif self.is_causal:
            named["is_causal"] = True
        if "scale" in site.written:
            named["scale"] = site.value("scale")
        tensors = (site.tensor(name) for name in ("query", "key", "value"))
        return site.function("torch.nn.functional.scaled_dot_product_attention", *tensors, **named)

    def _mask(self, site: Site) -> ir.Expr:
        mask = site.tensor("mask")
        if self._hides_padding(site):
            new = (ir.Plain(Const(None)),) * len(site.bindings.rest[""])
            mask = ir.Subscript(mask, (ir.SliceItem(None, None, None), *new))
        if not self.is_causal:
            return mask
        past = site.inline("specc.stdlib.parts.past_mask.past_mask", site.tensor("query"))
        return site.operation("&", mask, past)
