"""Learned encodings of positions."""

from specc.components import Example, Layer, Site
from specc.components.fields import Size
from specc.ir import expr as ir


class LearnedPositions(Layer):
    """Adds a learned vector for each position: an embedding (`torch.nn.Embedding`) of 0 to T - 1.

    Input ``float[B, T, D]`` with T at most ``max_length``, output the same.
    Errors: a sequence that is longer.
    """

    signature = "float[B, T, D] -> float[B, T, D]"
    weights = {"weight": "float[max_length, D]"}
    examples = (Example("float[B, T, D]", max_length=20),)

    max_length: Size

    def infer(self, site: Site) -> None:
        longest, length = site.size("max_length"), site.dim("T")
        why = f"a sequence of {length} is longer than the {longest} positions that are learned"
        site.require(longest - length, 0, why)

    def lower(self, site: Site) -> ir.Expr:
        size = ir.Given("embedding_dim", site.dim("D").term, False)
        count = ir.Given("num_embeddings", site.value("max_length"), False)
        table = ir.Construct("torch.nn.Embedding", (count, size))
        places = site.inline("specc.stdlib.parts.positions.positions", site.tensor("x"))
        return site.operation("+", site.tensor("x"), site.call(table, places))
