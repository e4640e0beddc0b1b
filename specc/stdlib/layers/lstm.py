"""Long short-term memory."""

from specc.components import Example, Refusal, Site, as_size
from specc.components.errors import BAD_SETTING
from specc.components.fields import Count, Probability, Size
from specc.ir import expr as ir
from specc.stdlib.families.recurrent import Recurrent
from specc.stdlib.families.sizes import must_equal
from specc.types.dim import Dim


class Lstm(Recurrent):
    """Runs long short-term memory cells over a sequence (`torch.nn.LSTM`).

    Input ``float[B, T, in]``; ``output`` is ``float[B, T, hidden_size]``, the last layer at every
    step; ``hidden`` and ``cell`` are ``float[num_layers, B, hidden_size]``, every layer at its last
    step. With ``bidirectional`` the output is twice as wide and there are twice as many states.
    ``proj_size`` maps ``output`` and ``hidden`` to a smaller size.

    ``hidden`` and ``cell`` are the state to start with, else zeros. ``mask`` ends each row at its
    own length (padding on the right): its states are those of its last real step, and the way back
    starts there; the output at padding is zero.

    Errors: ``dropout`` with one layer, where torch does nothing with it; one of the two initial
    states alone; ``proj_size`` not below ``hidden_size``.
    """

    signature = (
        "x: float[B, T, in], hidden: float[S, B, P]?, cell: float[S, B, hidden_size]?,"
        " mask: mask[B, T]?"
        " -> (output: float[B, T, both(width(hidden_size))],"
        " hidden: float[both(num_layers), B, width(hidden_size)],"
        " cell: float[both(num_layers), B, hidden_size])"
    )
    target = "torch.nn.LSTM"
    masked = "specc.stdlib.parts.masked_lstm.MaskedLSTM"
    has_weights = True
    examples = (
        Example("float[B, T, D]", hidden_size=4),
        Example("float[B, T, D]", hidden_size=4, num_layers=2, bias=False, dropout=0.5),
        Example("float[B, T, D]", hidden_size=4, bidirectional=True, proj_size=2),
        Example(
            {"x": "float[B, T, D]", "hidden": "float[1, B, 4]", "cell": "float[1, B, 4]"},
            hidden_size=4,
        ),
        Example({"x": "float[B, T, D]", "mask": "mask[B, T]"}, hidden_size=4, num_layers=2),
        Example(
            {
                "x": "float[B, T, D]",
                "mask": "mask[B, T]",
                "hidden": "float[1, B, 4]",
                "cell": "float[1, B, 4]",
            },
            hidden_size=4,
        ),
    )

    hidden_size: Size
    num_layers: Size = 1
    bias: bool = True
    dropout: Probability = 0.0
    bidirectional: bool = False
    proj_size: Count = 0

    def width(self, hidden: Dim) -> Dim:
        """The size of the output in one direction."""
        return as_size(self.proj_size) if self.proj_size != 0 else hidden

    def infer(self, site: Site) -> None:
        super().infer(site)
        site.fix("proj_size")
        hidden_size = site.size("hidden_size")
        if not site.facts.at_least((hidden_size - site.size("proj_size")).poly, 1):
            raise Refusal(
                BAD_SETTING,
                f"proj_size, {site.size('proj_size')}, must be below hidden_size, {hidden_size}",
                field="proj_size",
            )
        if site.has("hidden") != site.has("cell"):
            given, missing = ("hidden", "cell") if site.has("hidden") else ("cell", "hidden")
            raise Refusal(
                BAD_SETTING,
                f"lstm starts with both of its states: {given} is given, {missing} is not",
                help="(x, hidden, cell) |> lstm(...)",
                tensor=given,
            )
        if site.has("hidden"):
            width = self.width(hidden_size)
            must_equal(site, site.dim("P"), width, "values in hidden", "wanted", field=None)

    def lower(self, site: Site) -> dict[str, ir.Expr]:
        state = None
        if site.has("hidden"):
            state = ir.Sequence((site.tensor("hidden"), site.tensor("cell")), "tuple")
        call = self.run(site, state)
        states = ir.Pick(call, 1)
        return {
            "output": ir.Pick(call, 0),
            "hidden": ir.Pick(states, 0),
            "cell": ir.Pick(states, 1),
        }
