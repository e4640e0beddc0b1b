"""What can be wrong with a run."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path

from specc.diagnostics import Code


class RunFailed(Exception):
    """A run that started and could not go on (exit status 4); its folder stays as it is."""

    def __init__(self, code: Code, message: str, *, help: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.help = help

    def __str__(self) -> str:
        return self.message


class FileRefused(Exception):
    """A file or a folder that is not what it should be (exit status 3); nothing was changed.

    ``details`` are lines that list everything that is wrong with it.
    """

    def __init__(
        self, path: Path, reason: str, *, details: Sequence[str] = (), help: str | None = None
    ) -> None:
        super().__init__(f"{path} {reason}")
        self.path = path
        self.reason = reason
        self.details = tuple(details)
        self.help = help


class Interrupted(Exception):
    """A run that was asked to end by a signal, and saved what it had.

    The exit status is 128 and the signal's number, as in a shell: 130 for SIGINT, 143 for SIGTERM.
    """

    def __init__(self, number: int, run: Path, step: int) -> None:
        name = signal.Signals(number).name
        super().__init__(f"{name}: saved step {step:,} of {run}; --resume goes on from there")
        self.number = number
        self.run = run
        self.step = step

    @property
    def status(self) -> int:
        """The exit status of the command."""
        return 128 + self.number


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
    """No parameter of the model, or none of those that a step updates, wants a gradient, so that
training would change nothing.

Wrong:  freeze = model.head
        step fit { update = model.head ... }""",
)

BAD_SCHEDULE = Code(
    "E0707",
    "the schedule does not suit the run",
    """The schedule is longer than the run, or shorter than it can be.

Wrong:  schedule = cosine_annealing(warmup=500)     # epochs = 1, batch = 128: 12 steps
Right:  schedule = cosine_annealing(warmup=3)""",
)

NOT_SAVED = Code(
    "E0708",
    "a checkpoint could not be written",
    """The disk is full, or it does not take what it is given. The run stops, as it could lose what
it would go on to compute. The checkpoint before is whole: make room, and `--resume` goes on from
there to the same end.""",
)

OUT_OF_MEMORY = Code(
    "E0709",
    "the memory is not enough",
    """A step needs more memory than the device has. Checkpoints stay as they are.

`accumulate = 4` computes each batch in four parts, one after another: the same updates with about
a quarter of the memory for activations. `precision = "bf16"` halves it again. What the optimizer
keeps (two values a parameter for adam, none for plain sgd) does not shrink with the batch.""",
)

NOT_ON_DEVICE = Code(
    "E0710",
    "the device cannot compute in this precision",
    """16-bit floats with five bits of exponent need a scaler and hardware that is made for them.

Wrong:  precision = "fp16"                     # on the CPU
Right:  precision = "bf16"
""",
)

NO_PARAMETER = Code(
    "E0711",
    "a pattern names no parameter",
    """`update`, `freeze` and `group` take submodules and parameters by their names, or patterns of
them; each has to mean at least one. `head` is short for `model.head`.

Wrong:  freeze = ["encodr"]
Right:  freeze = ["encoder", "*.bias"]""",
)

NEVER_RUNS = Code(
    "E0713",
    "a step does not run in every epoch",
    """`every = 5` runs a step with every fifth batch. An epoch with fewer batches would have no
score of it.

Wrong:  every = 100                            # 40 batches in an epoch
Right:  every = 5""",
)

IN_TWO_GROUPS = Code(
    "E0714",
    "a parameter is in two groups",
    """Each parameter has one set of settings of its optimizer, so that it is in one group at most.

Wrong:  group biases = parameters("*.bias", weight_decay=0)
        group head = parameters(model.head, lr=1e-4)         # has a bias as well
Right:  group head = parameters("model.head.weight", lr=1e-4)""",
)

NOT_REPEATED = Code(
    "E0712",
    "a run does not repeat itself",
    """`specc train --smoke` trained one batch twice, once broken off and resumed, and the weights
differ. Something draws random numbers that the seed does not reach, keeps a state of its own, or
changes the data: a component of a plugin, most likely.""",
)

NO_ROWS = Code(
    "E0720",
    "the data does not come",
    """Rows that are not in memory are read and transformed while the step before computes. For half
a minute none came: the disk or the network that the file is on does not answer. Checkpoints stay
as they are; `--resume` goes on when the data is in reach again.""",
)

RANK_DIED = Code(
    "E0721",
    "a rank was killed, and so it was when it was started again",
    """Several ranks train one model, and one of them was killed: by the system for its memory, most
often, or by hand. The others were started again with it, went on from the last checkpoint, and lost
a rank once more. Checkpoints stay as they are.

`accumulate = 4` computes each batch in four parts with less memory at once.""",
)

TOO_MANY_RANKS = Code(
    "E0722",
    "there are more ranks than rows",
    """Each rank computes its slice of every batch: a batch, and each split, has at least one row
for every rank. Slices need not be equal.

Wrong:  batch = 4                              # specc train net.nnspec --nproc 8
Right:  batch = 8""",
)

NOT_OVER_RANKS = Code(
    "E0723",
    "a part of the run is not made for several ranks",
    """A metric is taken on each rank for its rows, and is then one number for all: torchmetrics
adds its states up. A metric of another make would be that of some rows alone. Some optimizers look
at a whole tensor, of which `strategy = fsdp` leaves each rank a share.

Right:  a metric of a plugin is a `torchmetrics.Metric`, or holds some and asks them
Right:  strategy = ddp""",
)
