"""E03: parameters and plain values; E09: limits of expansion."""

from specc.diagnostics import Code

UNKNOWN_PARAMETER = Code(
    "E0301",
    "no such parameter",
    """Parameters have torch's names. `specc show NAME` prints them with their defaults.

Wrong:  conv2d(64, kernal_size=3)
Right:  conv2d(64, kernel_size=3)""",
)

MISSING_PARAMETER = Code(
    "E0302",
    "a parameter is missing",
    """A parameter without a default has to be given. Sizes that follow from the input are never
written: `linear(10)` takes only the number of outputs.

Wrong:  x |> conv2d(64)
Right:  x |> conv2d(64, kernel_size=3)""",
)

BAD_VALUE = Code(
    "E0304",
    "a parameter cannot have this value",
    """Values are not converted: `true` is not a number, `"3"` is not 3, `3.0` is not a size.

Wrong:  linear("10")
Right:  linear(10)""",
)

GIVEN_TWICE = Code(
    "E0305",
    "a parameter is given twice",
    """Each parameter is given once, by position or by name.

Wrong:  linear(10, out_features=20)
Right:  linear(10)""",
)

TOO_MANY = Code(
    "E0306",
    "too many arguments",
    """More values by position than may stand there. Tensors are piped in, not passed. Where torch
is told a size of the input, which is not written here, only what has to be written goes by
position: a size too many would be taken for something else.

Wrong:  linear(784, 128)         conv2d(3, 16, 3)      batch_norm(16)
Right:  linear(128)              conv2d(16, 3)         batch_norm
        linear(128, bias=false)  conv2d(16, 3, stride=2)""",
)

NOT_KNOWN = Code(
    "E0307",
    "a value must be known here",
    """Some parameters shape the program itself and cannot depend on a size that is only known once
the data was read or the model is applied.""",
)

BAD_ARITHMETIC = Code(
    "E0308",
    "this cannot be computed",
    """Arithmetic works on numbers, comparison on values of one kind; tensors and lists have their
own operators.

Wrong:  width = "64" * 2
Right:  width = 64 * 2""",
)

UNDECIDED = Code(
    "E0309",
    "the compiler cannot decide this condition",
    """An `if`, a ternary and the count of a loop shape the model and must be known before it runs.
Conditions on sizes that are free cannot be decided.

Wrong:  if H > 32 { ... }                # H is any height
Right:  model Net(large: bool) { if large { ... } }""",
)

NOT_ITERABLE = Code(
    "E0310",
    "this cannot be looped over",
    """`for` runs over a list or a `range`, `repeat` takes a whole number of at least 0.

Wrong:  for i in 4 { ... }
Right:  for i in range(4) { ... }        # or: repeat 4 as i { ... }""",
)

ASSERTION_FAILED = Code(
    "E0311",
    "an assertion does not hold",
    """The condition of an `assert` is false for the values that the model is used with.""",
)

BAD_UNPACK = Code(
    "E0312",
    "the number of names and values differ",
    """`a, b = ...` takes exactly as many values as there are names.

Wrong:  q, k = x |> chunk(3)
Right:  q, k, v = x |> chunk(3)""",
)

BAD_PARAMETER_TYPE = Code(
    "E0313",
    "unknown type",
    """Parameters are `int`, `float`, `bool`, `str`, `layer` or `list[...]` of these. Tensors are
`float[B, 4]`, `int[...]`, `bool[...]`, `uint8[...]`, `str`, `logits[...]`, `probs[...]`,
`log_probs[...]`, `ids(n)[...]`, `mask[...]`.

Wrong:  model Net(size: integer) { ... }
Right:  model Net(size: int) { ... }""",
)

BAD_ITEM = Code(
    "E0314",
    "no such item",
    """The index is outside the list, or the value has no items.

Wrong:  widths = [64, 128]    first = widths[2]
Right:  first = widths[0]""",
)

FIX_THE_SIZE = "make it a parameter of the model, or fix the size in the type of the input"
"""The hint where a size that is free would have to be known."""

LOOP_TOO_IRREGULAR = Code(
    "E0316",
    "loops that cannot be kept as loops",
    """Iterations that apply different functions are written out one by one in the emitted source.
That is not done for loops inside each other: the body of the outer one has to be a model of its
own.

Wrong:  for act in [relu, tanh] { repeat 2 { h = h |> linear(8) |> act } }
Right:  model Pair(act: layer) { ... }   for act in [relu, tanh] { h = h |> Pair(act) }""",
)

TOO_LARGE = Code(
    "E0950",
    "the program expands to too much",
    """Loops are bounded before they are expanded: a `repeat` or `for` runs at most 100,000 times,
and a model has at most 200,000 submodules in all. Iterations that differ from one another, because
they use the loop's name or change a size each time, are analysed one by one, and there may be some
thousands of them.

Wrong:  repeat 1000000000 { x = x |> linear(64) }
Right:  repeat 12 { x = x |> linear(64) }""",
)

TOO_COMPLEX = Code(
    "E0951",
    "a size or a list grows too large",
    """Sizes are kept as formulas over the names of the inputs, and a formula has a bounded length
and depth. One that grows in every step of a loop passes it. A list has 50,000 values at most.

Wrong:  repeat 200 { x = [x, x |> max_pool2d(2)] |> ... }     # the formula grows with every step
Right:  fix the sizes in the type of the input: float[B, 3, 224, 224]""",
)

TOO_DEEP = Code(
    "E0952",
    "expressions, blocks and models are nested too deeply",
    """Expressions inside expressions, blocks inside blocks and models inside models are counted
together, and may be 400 deep. What repeats is a loop.

Wrong:  model A { ... x |> B ... }   model B { ... x |> C ... }   # and so on, hundreds of times
Right:  repeat 300 { x = x |> Block }""",
)
