"""E08: what keeps a trained model from becoming an artefact."""

from specc.diagnostics import Code

NOT_EQUAL = Code(
    "E0801",
    "the artefact is not the model",
    """What was written gives other results than the model that was trained, on the same inputs. It
was removed. Either the backend is wrong about an operator, or the model does something that differs
from call to call.""",
)

NOT_TRACED = Code(
    "E0802",
    "the model cannot be exported as it is",
    """torch.export follows the model once and keeps what it saw. A size that the model turns into a
plain number on the way (the steps of an LSTM, say) cannot be dynamic: it would be built in.

Wrong:  dynamic T = 1..50                      # signal |> lstm(256)
Right:  dynamic T = 50..50                     # rows of one length""",
)

BACKEND_FAILED = Code(
    "E0803",
    "the backend failed",
    """The backend raised an error while it wrote the artefact, or another process could not load or
run what it wrote. Nothing of it was kept.""",
)

NOT_INSTALLED = Code(
    "E0804",
    "the backend lacks a package",
    """The backend needs packages that are not installed here. Nothing is used in their place.""",
)

NO_REFERENCE = Code(
    "E0805",
    "the model itself gives nothing to compare with",
    """Equality is proven on results that say something. Results that are not finite, or that are
the same whatever the input, would agree with almost anything; results that differ from call to call
agree with nothing.""",
)

NO_RUN = Code(
    "E0806",
    "there is no run to export",
    """A spec is exported with the model and the weights of its last finished run under `--runs`;
the file says only in which form.

Right:  specc train net.nnspec
        specc export net.nnspec""",
)

SEVERAL_EXPORTS = Code(
    "E0807",
    "which export section is meant",
    """A file with several export sections has them exported one at a time, by name.

Right:  specc export runs/net/1 --name Fast""",
)
