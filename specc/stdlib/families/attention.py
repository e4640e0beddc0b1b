"""What the attention layers share: heads that divide, and masks turned the way torch wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from specc.components import Layer, Refusal, Site
from specc.components.errors import BAD_SHAPE
from specc.ir import expr as ir
from specc.stdlib.families.sizes import must_divide
from specc.types.dim import Dim
from specc.types.poly import Verdict
from specc.types.terms import Const

Activation = Literal["relu", "gelu"]

SCRIPTS_WITH_BIAS = "torch.nn.MultiheadAttention cannot be scripted with bias=False"


def same(site: Site, one: Dim, other: Dim) -> bool:
    """Whether two sizes are proven equal."""
    return site.facts.compare(one.poly, other.poly) is Verdict.EQUAL


def must_have_heads(site: Site, field: str, size: Dim) -> None:
    """Refuse a number of heads that does not divide the features."""
    must_divide(site, site.size(field), size, "heads", "features", field=field)


def must_be_square(site: Site, queries: Dim, keys: Dim, *, field: str) -> None:
    """Refuse ``causal`` where queries and keys are not positions of one sequence."""
    if not same(site, queries, keys):
        raise Refusal(
            BAD_SHAPE,
            f"causal attention needs as many keys as queries: {keys} against {queries}",
            help="where a query stands among other keys is not known",
            field=field,
        )


def torch_masks(
    site: Site, *, causal: bool, mask: str, words: tuple[str, str, str]
) -> dict[str, Any]:
    """Keyword arguments under torch's ``words`` for future, padding and the causal hint.

    torch's masks are true where a place does *not* count.
    """
    future, padding, hint = words
    given: dict[str, Any] = {}
    if causal:
        first = next(iter(site.expressions.values()))
        given[future] = site.inline("specc.stdlib.parts.causal_mask.causal_mask", first)
    if site.has(mask):
        given[padding] = site.operation("~", site.tensor(mask))
    if causal:
        given[hint] = True
    return given


def decoder_masks(site: Site, causal: bool) -> dict[str, Any]:
    """torch's masks of a decoder."""
    words = ("tgt_mask", "tgt_key_padding_mask", "tgt_is_causal")
    masks = torch_masks(site, causal=causal, mask="mask", words=words)
    if site.has("memory_mask"):
        masks["memory_key_padding_mask"] = site.operation("~", site.tensor("memory_mask"))
    return masks


class Transformer(Layer):
    """Layers of a transformer, batch first; ``causal`` is said in the call, not to the module."""

    if TYPE_CHECKING:  # each component declares them in torch's order
        causal: bool

    def infer(self, site: Site) -> None:
        must_have_heads(site, "nhead", site.dim("D"))

    def block(self, site: Site, target: str, *, skip: tuple[str, ...] = ()) -> ir.Construct:
        """One layer: the features first, batches first."""
        construct = site.module(target, skip=("causal", *skip), d_model=site.dim("D"))
        first = ir.Given("batch_first", Const(True), True)
        return ir.Construct(target, (*construct.arguments, first))

    def stack(self, site: Site, block: str, target: str, *options: ir.Given) -> ir.Construct:
        """Layers made alike, and a last norm."""
        given = [
            ir.Given(
                block + "_layer",
                self.block(
                    site,
                    f"torch.nn.Transformer{block.title()}Layer",
                    skip=("num_layers", "norm"),
                ),
                False,
            ),
            ir.Given("num_layers", site.value("num_layers"), False),
        ]
        if getattr(self, "norm", False):
            size = ir.Given("normalized_shape", site.dim("D").term, False)
            given.append(ir.Given("norm", ir.Construct("torch.nn.LayerNorm", (size,)), True))
        return ir.Construct(target, (*given, *options))
