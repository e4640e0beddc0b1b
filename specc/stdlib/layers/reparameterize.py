"""A draw from a normal distribution that gradients pass through."""

from specc.components import Layer, Site
from specc.ir import expr as ir


class Reparameterize(Layer):
    """Draws from a normal distribution, so that its mean and variance can learn.

    Inputs ``mean`` and ``log_variance`` of one shape, which is kept: in training
    ``mean + exp(log_variance / 2) * noise``, otherwise the mean itself. (D. P. Kingma, M. Welling,
    Auto-Encoding Variational Bayes, 2013, 2.4.)
    """

    signature = "mean: float[...], log_variance: float[...] -> float[...]"

    def lower(self, site: Site) -> ir.Construct:
        return site.module("specc.stdlib.parts.reparameterize.Reparameterize", inline=True)
