"""One step of a plain recurrent network."""

from collections.abc import Mapping
from typing import Literal

from specc.components import ModuleLayer
from specc.components.fields import Size


class RnnCell(ModuleLayer):
    """``h = tanh(W x + b + U h + c)``, one step (`torch.nn.RNNCell`).

    Inputs ``float[B, in]`` and the state ``float[B, hidden_size]``, zeros where it is left out;
    output: the new state. `scan` makes a sequence of it.
    """

    signature = "x: float[B, in], hidden: float[B, hidden_size]? -> float[B, hidden_size]"
    target = "torch.nn.RNNCell"
    inferred = {"input_size": "in"}
    weights = {
        "weight_ih": "float[hidden_size, in]",
        "weight_hh": "float[hidden_size, hidden_size]",
        "bias_ih": "float[hidden_size]",
        "bias_hh": "float[hidden_size]",
    }

    hidden_size: Size
    bias: bool = True
    nonlinearity: Literal["tanh", "relu"] = "tanh"

    def present_weights(self) -> Mapping[str, str]:
        return {n: t for n, t in self.weights.items() if self.bias or not n.startswith("bias")}
