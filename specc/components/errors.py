"""How a component says no: a refusal that the core turns into a diagnostic at the spec's line."""

from __future__ import annotations

from specc.diagnostics import Code


class Refusal(Exception):
    """Raised by a component's `infer`, `lower` or validation when the user's spec is wrong.

    ``label`` is set under the marked place, ``help`` is the hint. ``field`` names the config field
    to blame and ``tensor`` the input; without either the whole application is marked.
    """

    def __init__(
        self,
        code: Code,
        message: str,
        *,
        label: str = "",
        help: str | None = None,
        field: str | None = None,
        tensor: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.label = label
        self.help = help
        self.field = field
        self.tensor = tensor


BAD_SHAPE = Code(
    "E0403",
    "a component cannot take this shape",
    """The sizes of the tensor do not suit the component or its configuration.

Wrong:  x |> group_norm(num_groups=3)          # x has 64 channels
Right:  x |> group_norm(num_groups=4)""",
)

TOO_SMALL = Code(
    "E0409",
    "an input is too small",
    """A size is smaller than what a component can take: a kernel that is larger than its padded
input, a pool that leaves nothing. Where the size is free, it is a condition on the input, which is
shown by `specc show` and checked where the size becomes known.

Wrong:  image |> conv2d(16, kernel_size=7)                # image: float[B, 3, 5, 5]
Right:  image |> conv2d(16, kernel_size=3, padding=1)""",
)

BAD_KIND = Code(
    "E0503",
    "a component cannot take values of this kind",
    """The tensor has the right shape but the wrong kind of values: ids where floats are wanted,
floats where ids are wanted, or a count of ids that the component cannot hold.

Wrong:  image |> embedding(10, 32)             # image: float[B, 784]
Right:  words |> embedding(10, 32)             # words: ids(10)[B, T]""",
)

TOO_FEW_ROWS = Code(
    "E0504",
    "an embedding is smaller than the vocabulary",
    """A table needs a row for every id that can occur; the first word past its end stops the run.

Wrong:  words |> embedding(1000, 64)           # words: ids(5000)[B, T]
Right:  words |> embedding(5000, 64)

Where the vocabulary comes from the data, its size is an attribute of the field:

        model = Net(words.vocab)""",
)

BAD_SETTING = Code(
    "E0303",
    "settings of a component do not go together",
    """Each argument is valid alone, but not with the others.

Wrong:  x |> conv2d(64, kernel_size=3, stride=2, padding="same")
Right:  x |> conv2d(64, kernel_size=3, stride=2, padding=1)""",
)

CHANGES_COUNT = Code(
    "E0402",
    "reshape changes the number of values",
    """The sizes given multiply to another number of values than the tensor has.

Wrong:  x |> reshape(B, 64 * 6 * 6)            # x: float[B, 64, 8, 8]
Right:  x |> flatten                           # needs no size""",
)
