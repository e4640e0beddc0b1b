"""Keeps weights small."""

from specc.components import Loss, Site
from specc.components.fields import NotNegative
from specc.ir import expr as ir


class L1Penalty(Loss):
    """``weight`` times the sum of the absolute values of all parameters of a module:
    ``model.head |> l1_penalty(weight=1e-4)``.

    Takes a shared instance or a part of one, rather than a tensor; gives a scalar to add to a loss.
    Biases and norms are parameters too: penalise the layers that are meant.
    """

    signature = "-> float[]"
    takes_module = True

    weight: NotNegative = 1.0

    def lower(self, site: Site) -> ir.Expr:
        if site.has("module"):
            values: ir.Expr = site.method(site.method(site.tensor("module"), "abs"), "sum")
        else:
            target = "specc.stdlib.parts.l1_penalty.l1_penalty"
            values = site.inline(target, site.tensor("module"))
        if "weight" not in site.written:
            return values
        return site.operation("*", site.value("weight"), values)
