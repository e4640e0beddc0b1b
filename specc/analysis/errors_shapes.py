"""E04: sizes and ranks."""

from specc.diagnostics import Code

SIZE_MISMATCH = Code(
    "E0401",
    "sizes do not match",
    """Two sizes that have to be equal are different.

Wrong:  input x: float[B, 784]    output y = x |> Head     # Head takes float[B, 128]
Right:  output y = x |> linear(128) |> Head""",
)

RANK_MISMATCH = Code(
    "E0404",
    "a tensor has the wrong number of axes",
    """Images are float[B, C, H, W], sequences float[B, T, D], vectors float[B, D]; the batch is
first.

Wrong:  image |> conv2d(8, kernel_size=3)         # image: float[B, 28, 28]
Right:  image |> unsqueeze(1) |> conv2d(8, kernel_size=3)""",
)

NOT_PROVEN = Code(
    "E0405",
    "sizes cannot be shown to be equal",
    """Nothing known makes the two sizes equal for every input, so they are not assumed to be. Give
both one name, or state what you know:

        assert H % 16 == 0, "the image must divide by 16\"""",
)

NO_BROADCAST = Code(
    "E0406",
    "tensors do not broadcast",
    """As in torch, axes are matched from the right; two sizes go together when they are equal or
one of them is 1. A free size is never assumed to be 1.

Wrong:  x + y       # float[B, 64] and float[B, 32]
Right:  x + (y |> linear(64))""",
)

ANNOTATION = Code(
    "E0407",
    "a value does not have its declared type",
    """The type after the colon is checked, not converted.

Wrong:  output scores: logits[B, 10] = x |> linear(12)
Right:  output scores: logits[B, 10] = x |> linear(10)""",
)

BAD_INDEX = Code(
    "E0408",
    "the index does not fit the tensor",
    """An index names an axis position or a slice of it, axis by axis: `h[:, -1]` is the last step
of a float[B, T, D].

Wrong:  h[:, :, :, 0]        # h has three axes
Right:  h[:, :, 0]""",
)

NOT_A_SEQUENCE = Code(
    "E0410",
    "this cannot be scanned",
    """`scan` runs along dim 1 of a tensor, or of several in lockstep.

Wrong:  scan word in features { ... }          # features: float[B]
Right:  scan word in words { ... }             # words: float[B, T, D]""",
)

STATE_CHANGES = Code(
    "E0411",
    "the state of a scan changes its type",
    """A tensor that the body of a scan binds again is carried from step to step, so it leaves a
step with the type that it entered with.

Wrong:  scan word in words { state = (state, word) |> concat(dim=1) }
Right:  scan word in words { state = ((state, word) |> concat(dim=1)) |> linear(64) }""",
)
