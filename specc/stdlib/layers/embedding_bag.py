"""The sum, mean or maximum of the vectors of several ids."""

from typing import Literal

from specc.components import Example, Layer, Refusal, Site
from specc.components.errors import BAD_SETTING
from specc.components.fields import Positive, Size
from specc.ir import expr as ir
from specc.stdlib.families.ids import must_hold_ids, must_hold_padding


class EmbeddingBag(Layer):
    """Looks up vectors for the ids of each row and combines them (`torch.nn.EmbeddingBag`).

    Input ``ids[B, N]``, output ``float[B, embedding_dim]``. ``per_sample_weights``, ``[B, N]``,
    scales the vectors before they are added. Ids equal to ``padding_idx`` do not count.

    Errors: a table smaller than the vocabulary; weights with another ``mode`` than ``sum``;
    ``max`` with ``sparse`` or ``scale_grad_by_freq``, for which torch has no gradient.
    """

    signature = "x: ids[B, N], per_sample_weights: float[B, N]? -> float[B, embedding_dim]"
    weights = {"weight": "float[num_embeddings, embedding_dim]"}
    examples = (
        Example("ids(V)[B, N]", num_embeddings=20, embedding_dim=4),
        Example(
            {"x": "ids(7)[B, N]", "per_sample_weights": "float[B, N]"},
            num_embeddings=7,
            embedding_dim=4,
            mode="sum",
        ),
        Example("ids(7)[B, N]", num_embeddings=7, embedding_dim=4, mode="max", padding_idx=0),
        Example("ids(7)[B, N]", num_embeddings=7, embedding_dim=4, max_norm=0.5, norm_type=1.0),
        Example("ids(7)[B, N]", num_embeddings=7, embedding_dim=4, scale_grad_by_freq=True),
        Example("ids(7)[B, N]", num_embeddings=7, embedding_dim=4, sparse=True),
    )

    num_embeddings: Size
    embedding_dim: Size
    max_norm: Positive | None = None
    norm_type: Positive = 2.0
    scale_grad_by_freq: bool = False
    mode: Literal["sum", "mean", "max"] = "mean"
    sparse: bool = False
    padding_idx: int | None = None

    def infer(self, site: Site) -> None:
        must_hold_ids(site, "x")
        must_hold_padding(site, self.padding_idx)
        if site.has("per_sample_weights") and self.mode != "sum":
            raise Refusal(
                BAD_SETTING,
                f'weights are only added up: mode is "{self.mode}", not "sum"',
                field="mode",
                tensor="per_sample_weights",
            )
        unsuited = next((n for n in ("sparse", "scale_grad_by_freq") if getattr(self, n)), None)
        if self.mode == "max" and unsuited:
            raise Refusal(
                BAD_SETTING, f'mode="max" has no gradient with {unsuited}', field=unsuited
            )

    def lower(self, site: Site) -> ir.Expr:
        module = site.module("torch.nn.EmbeddingBag")
        if not site.has("per_sample_weights"):
            return site.call(module)
        return site.call(
            module, site.tensor("x"), per_sample_weights=site.tensor("per_sample_weights")
        )
