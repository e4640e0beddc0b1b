"""Fixed encodings of positions."""

from specc.components import Example, Layer, Site
from specc.ir import expr as ir


class SinusoidalPositions(Layer):
    """Adds sines and cosines of the position (Vaswani et al., Attention Is All You Need, 2017):
    ``sin(t / 10000 ** (2i / D))`` at feature 2i and the cosine at 2i + 1.

    Input ``float[B, T, D]``, output the same. It has no weights and no greatest length.
    """

    signature = "float[B, T, D] -> float[B, T, D]"
    examples = (
        Example("float[B, T, 8]"),
        Example("float[B, T, 7]"),
    )

    def lower(self, site: Site) -> ir.Expr:
        target = "specc.stdlib.parts.sinusoidal_positions.sinusoidal_positions"
        return site.operation("+", site.tensor("x"), site.inline(target, site.tensor("x")))
