"""A learned vector for each id."""

from specc.components import Example, ModuleLayer, Site
from specc.components.fields import Positive, Size
from specc.stdlib.families.ids import must_hold_ids, must_hold_padding


class Embedding(ModuleLayer):
    """Looks up a learned vector for each id (`torch.nn.Embedding`).

    Input ``ids[...]``, output ``float[..., embedding_dim]``. ``padding_idx`` is a row that stays
    zero and learns nothing; ``max_norm`` shortens vectors when they are looked up.

    Errors: a table smaller than the vocabulary; values that are not ids; ``padding_idx`` outside.
    """

    signature = "ids[...] -> float[..., embedding_dim]"
    target = "torch.nn.Embedding"
    weights = {"weight": "float[num_embeddings, embedding_dim]"}
    examples = (
        Example("ids(V)[B, T]", num_embeddings=20, embedding_dim=4),
        Example("ids(7)[B, T]", num_embeddings=7, embedding_dim=4, padding_idx=-1),
        Example("ids(7)[B, T]", num_embeddings=7, embedding_dim=4, max_norm=0.5, norm_type=1.0),
        Example("ids([3, 5])[B, 2]", num_embeddings=7, embedding_dim=4, scale_grad_by_freq=True),
        Example("ids(7)[B]", num_embeddings=9, embedding_dim=4, sparse=True),
    )

    num_embeddings: Size
    embedding_dim: Size
    padding_idx: int | None = None
    max_norm: Positive | None = None
    norm_type: Positive = 2.0
    scale_grad_by_freq: bool = False
    sparse: bool = False

    def infer(self, site: Site) -> None:
        must_hold_ids(site, "x")
        must_hold_padding(site, self.padding_idx)
