"""One step of long short-term memory."""

from collections.abc import Mapping

from specc.components import Layer, Refusal, Site
from specc.components.errors import BAD_SETTING
from specc.components.fields import Size
from specc.ir import expr as ir


class LstmCell(Layer):
    """One step of long short-term memory (`torch.nn.LSTMCell`).

    Inputs ``float[B, in]`` and the two states ``float[B, hidden_size]``, zeros where they are left
    out; ``hidden`` and ``cell`` are the new states. `scan` makes a sequence of it.

    Errors: one of the two states alone.
    """

    signature = (
        "x: float[B, in], hidden: float[B, hidden_size]?, cell: float[B, hidden_size]?"
        " -> (hidden: float[B, hidden_size], cell: float[B, hidden_size])"
    )
    weights = {
        "weight_ih": "float[4 * hidden_size, in]",
        "weight_hh": "float[4 * hidden_size, hidden_size]",
        "bias_ih": "float[4 * hidden_size]",
        "bias_hh": "float[4 * hidden_size]",
    }

    hidden_size: Size
    bias: bool = True

    def present_weights(self) -> Mapping[str, str]:
        return {n: t for n, t in self.weights.items() if self.bias or not n.startswith("bias")}

    def infer(self, site: Site) -> None:
        if site.has("hidden") != site.has("cell"):
            given, missing = ("hidden", "cell") if site.has("hidden") else ("cell", "hidden")
            raise Refusal(
                BAD_SETTING,
                f"lstm_cell takes both of its states: {given} is given, {missing} is not",
                help="(x, hidden, cell) |> lstm_cell(...)",
                tensor=given,
            )

    def lower(self, site: Site) -> dict[str, ir.Expr]:
        tensors = [site.tensor("x")]
        if site.has("hidden"):
            tensors.append(ir.Sequence((site.tensor("hidden"), site.tensor("cell")), "tuple"))
        call = site.call(site.module("torch.nn.LSTMCell", input_size=site.dim("in")), *tensors)
        return {"hidden": ir.Pick(call, 0), "cell": ir.Pick(call, 1)}
