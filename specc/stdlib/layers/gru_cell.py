"""One step of gated recurrent units."""

from collections.abc import Mapping

from specc.components import ModuleLayer
from specc.components.fields import Size


class GruCell(ModuleLayer):
    """One step of gated recurrent units (`torch.nn.GRUCell`).

    Inputs ``float[B, in]`` and the state ``float[B, hidden_size]``, zeros where it is left out;
    output: the new state. `scan` makes a sequence of it.
    """

    signature = "x: float[B, in], hidden: float[B, hidden_size]? -> float[B, hidden_size]"
    target = "torch.nn.GRUCell"
    inferred = {"input_size": "in"}
    weights = {
        "weight_ih": "float[3 * hidden_size, in]",
        "weight_hh": "float[3 * hidden_size, hidden_size]",
        "bias_ih": "float[3 * hidden_size]",
        "bias_hh": "float[3 * hidden_size]",
    }

    hidden_size: Size
    bias: bool = True

    def present_weights(self) -> Mapping[str, str]:
        return {n: t for n, t in self.weights.items() if self.bias or not n.startswith("bias")}
