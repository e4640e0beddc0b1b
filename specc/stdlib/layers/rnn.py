"""A plain recurrent network."""

from typing import Literal

from specc.components import Example
from specc.components.fields import Probability, Size
from specc.stdlib.families.recurrent import Recurrent


class Rnn(Recurrent):
    """Runs ``h = tanh(W x + b + U h + c)`` over a sequence (`torch.nn.RNN`).

    Input ``float[B, T, in]``; ``output`` is ``float[B, T, hidden_size]``, the last layer at every
    step, and ``hidden`` is ``float[num_layers, B, hidden_size]``, every layer at its last step.
    With ``bidirectional`` the output is twice as wide and there are twice as many states.

    ``hidden`` is the state to start with, else zeros. ``mask`` ends each row at its own length
    (padding on the right): its ``hidden`` is that of its last real step, and the way back starts
    there; the output at padding is zero.

    Errors: ``dropout`` with one layer, where torch does nothing with it.
    """

    signature = (
        "x: float[B, T, in], hidden: float[S, B, hidden_size]?, mask: mask[B, T]?"
        " -> (output: float[B, T, both(hidden_size)],"
        " hidden: float[both(num_layers), B, hidden_size])"
    )
    target = "torch.nn.RNN"
    masked = "specc.stdlib.parts.masked_rnn.MaskedRNN"
    has_weights = True
    examples = (
        Example("float[B, T, D]", hidden_size=4),
        Example("float[B, T, D]", hidden_size=4, num_layers=2, bias=False, dropout=0.5),
        Example(
            {"x": "float[B, T, D]", "hidden": "float[2, B, 4]"}, hidden_size=4, bidirectional=True
        ),
        Example({"x": "float[B, T, D]", "mask": "mask[B, T]"}, hidden_size=4, bidirectional=True),
        Example(
            {"x": "float[B, T, 3]", "mask": "mask[B, T]", "hidden": "float[1, B, 4]"}, hidden_size=4
        ),
    )

    hidden_size: Size
    num_layers: Size = 1
    nonlinearity: Literal["tanh", "relu"] = "tanh"
    bias: bool = True
    dropout: Probability = 0.0
    bidirectional: bool = False
