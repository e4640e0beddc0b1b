"""Noise as a regulariser."""

from specc.components import Layer, Site
from specc.components.fields import NotNegative
from specc.ir import expr as ir


class GaussianNoise(Layer):
    """Adds normal noise in training: ``x + std * randn(x.shape)``.

    Any shape, kept; nothing happens outside training.
    """

    signature = "float[...] -> float[...]"

    std: NotNegative = 0.1

    def lower(self, site: Site) -> ir.Construct:
        return site.module("specc.stdlib.parts.gaussian_noise.GaussianNoise", inline=True)
