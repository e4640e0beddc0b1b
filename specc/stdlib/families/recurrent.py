"""What recurrent layers share: batch first always, an initial state, and masks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from msgspec.structs import replace

from specc.components import Layer, Refusal, Site
from specc.components.errors import BAD_SETTING
from specc.ir import expr as ir
from specc.stdlib.families.sizes import must_equal
from specc.types.dim import Dim
from specc.types.terms import Const


class Recurrent(Layer):
    """Layers of cells that are run over axis 1; the fields are those of the torch module."""

    target: ClassVar[str]
    masked: ClassVar[str]
    """The part that takes a mask: a subclass of the target with the same weights."""

    if TYPE_CHECKING:  # fields of each component, in torch's order
        bidirectional: Any
        dropout: Any

    def directions(self) -> Dim:
        """2 where the sequence is also read from its end."""
        return Dim.of(2 if self.bidirectional else 1)

    def both(self, size: Dim) -> Dim:
        """A size, once for each direction."""
        return self.directions() * size

    def infer(self, site: Site) -> None:
        site.fix("bidirectional")
        layers = site.size("num_layers")
        if self.dropout and layers.known == 1:
            raise Refusal(
                BAD_SETTING,
                "dropout stands between layers, and there is only one",
                help="apply dropout(...) to the result, or set num_layers",
                field="dropout",
            )
        if site.has("hidden"):
            states = site.inputs["hidden"].dims[0]
            must_equal(site, states, self.both(layers), "initial states", "wanted", field=None)

    def module(self, site: Site) -> ir.Construct:
        """The module, batch first; with a mask, the part that takes one."""
        target, inline = (self.masked, True) if site.has("mask") else (self.target, False)
        made = site.module(target, inline=inline, input_size=site.dim("in"))
        batch_first = ir.Given("batch_first", Const(True), True)
        # After what comes before it in torch, as a person would write it.
        early = ("input_size", "hidden_size", "num_layers", "nonlinearity", "bias")
        count = sum(given.name in early for given in made.arguments)
        arguments = (*made.arguments[:count], batch_first, *made.arguments[count:])
        return replace(made, arguments=arguments)

    def run(self, site: Site, state: ir.Expr | None) -> ir.Apply:
        """The call: ``(output, state)``."""
        tensors = [site.tensor("x")]
        if site.has("mask"):
            tensors.append(site.tensor("mask"))
        if state is not None:
            tensors.append(state)
        return site.call(self.module(site), *tensors)

    def lower(self, site: Site) -> dict[str, ir.Expr]:
        call = self.run(site, site.tensor("hidden") if site.has("hidden") else None)
        return {"output": ir.Pick(call, 0), "hidden": ir.Pick(call, 1)}
