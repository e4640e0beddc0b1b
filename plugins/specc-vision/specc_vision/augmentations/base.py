"""What all augmentations are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from specc.components import TensorComponent

if TYPE_CHECKING:
    from torch import Tensor

    from specc_vision.draws import Draws


class Augmentation(TensorComponent):
    """Changes a batch of training rows at random; the signature speaks of one row.

    Several tensors are changed alike, with the same draws. Types stay as they are.
    """

    kind: ClassVar[str] = "augmentation"

    mixes_rows: ClassVar[bool] = False
    """True where a row takes something of another row of its batch."""

    def apply(self, tensors: Sequence[Tensor], draws: Draws) -> list[Tensor]:
        """The tensors (rows first) augmented; those given are left as they are."""
        raise NotImplementedError(f"{type(self).__name__}.apply")


def for_rows(values: Tensor, tensor: Tensor) -> Tensor:
    """One value for each row, in a shape that broadcasts against the tensor."""
    return values.reshape(-1, *(1,) * (tensor.ndim - 1))
