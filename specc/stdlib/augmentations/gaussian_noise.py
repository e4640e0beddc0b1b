"""Noise on numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from specc.components import Augmentation, Draws, Outputs, Refusal, Site
from specc.components.errors import BAD_KIND
from specc.components.fields import NotNegative


class GaussianNoise(Augmentation):
    """Adds to each value a number drawn from the normal distribution with the deviation ``std``.

    Takes ``float[...]``; after `standardize`, 0.1 is a tenth of the field's own deviation.
    """

    std: NotNegative = 0.1

    def infer(self, site: Site) -> Outputs:
        for name, type_ in site.inputs.items():
            if type_.element.base != "float":
                raise Refusal(
                    BAD_KIND,
                    f"noise is added to floats, not to {type_}",
                    help="to_float makes floats of numbers",
                    tensor=name,
                )
        return super().infer(site)

    def apply(self, tensors: Sequence[Any], draws: Draws) -> list[Any]:
        return [tensor + self.std * draws.normal(*tensor.shape[1:]) for tensor in tensors]
