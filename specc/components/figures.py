"""What the report of a run draws of a loss or a metric: a component says which tensors it is about.

Nothing here is a picture. A figure names tensors of one batch, as expressions; whoever makes the
report computes them over a split and draws what their kind is drawn as.
"""

from __future__ import annotations

from msgspec import Struct

from specc.ir import expr as ir


class Confusion(Struct, frozen=True):
    """Classes that were chosen and those that are right: which is taken for which.

    Both are whole numbers or truth values of one shape, rows first. Only places where ``mask`` is
    true count; its shape is theirs or begins it.
    """

    predicted: ir.Expr
    target: ir.Expr
    mask: ir.Expr | None = None


class Residuals(Struct, frozen=True):
    """Numbers that were predicted and those that are right: how far they are apart.

    Both are floats of one shape, rows first; ``mask`` is as in `Confusion`.
    """

    predicted: ir.Expr
    target: ir.Expr
    mask: ir.Expr | None = None


Figure = Confusion | Residuals
