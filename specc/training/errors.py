"""What can be wrong with a run."""

from __future__ import annotations

from specc.diagnostics import Code


class RunFailed(Exception):
    """A run that started and could not go on (exit status 4); its folder stays as it is."""

    def __init__(self, code: Code, message: str, *, help: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.help = help


NOT_FINITE = Code(
    "E0701",
    "the loss is not a number",
    """The loss became NaN or infinite. The run stops, as every later step would only spread it. The
weights that were kept before stay.

Most often the learning rate is too high, or a logarithm, a division or a square root meets 0.""",
)

NO_SCORE = Code(
    "E0702",
    "there is no such score",
    """`keep`, `stop` and schedules name scores as SPLIT.NAME: the split is train, val or test, the
name is loss, a term of the loss or a metric.

Wrong:  keep = best(val.acuracy)
Right:  metric accuracy = (scores, label) |> accuracy
        keep = best(val.accuracy)""",
)

NO_DIRECTION = Code(
    "E0703",
    "which way is better is not known",
    """The score has no direction of its own; say which way is better.

Right:  keep = best(val.balance, mode="max")""",
)

BATCH_OF_ONE = Code(
    "E0704",
    "a batch of one row meets batch norm",
    """Batch norm measures the spread of a batch, and one row has none: torch refuses it in the
middle of the epoch. The last batch of an epoch has the rows that are left over.

Wrong:  batch = 32                             # 1,601 training rows: the last batch has 1
Right:  batch = 33""",
)

BAD_OPTIMIZER = Code(
    "E0705",
    "the optimizer does not suit the model",
    """Some optimizers take only parameters of one kind: muon takes matrices, sparse_adam the sparse
gradients of `embedding(sparse=true)`.""",
)

NOTHING_LEARNS = Code(
    "E0706",
    "the model has nothing to learn",
    """No parameter of the model wants a gradient, so that training would change nothing.""",
)

BAD_SCHEDULE = Code(
    "E0707",
    "the schedule does not suit the run",
    """The schedule is longer than the run, or shorter than it can be.

Wrong:  schedule = cosine_annealing(warmup=500)     # epochs = 1, batch = 128: 12 steps
Right:  schedule = cosine_annealing(warmup=3)""",
)
