"""E05: what is applied to what."""

from specc.diagnostics import Code

WRONG_INPUTS = Code(
    "E0510",
    "wrong tensors for a component",
    """A component takes the tensors of its signature, by position or by input name.

Wrong:  (a, b) |> linear(10)
Right:  a |> linear(10)""",
)

NOT_A_TENSOR = Code(
    "E0511",
    "a tensor is wanted here",
    """Tensors flow through pipes and operators; components have to be applied to become one.

Wrong:  output y = relu
Right:  output y = x |> relu""",
)

NOT_APPLICABLE = Code(
    "E0512",
    "this cannot be applied",
    """After `|>` stands a component, a model, a recipe or a shared instance.

Wrong:  x |> 64
Right:  x |> linear(64)""",
)

TENSOR_AS_SETTING = Code(
    "E0513",
    "a tensor cannot configure a component",
    """Parentheses configure, pipes carry tensors.

Wrong:  linear(x, 10)
Right:  x |> linear(10)""",
)

NO_OUTPUT = Code(
    "E0514",
    "the model gives nothing back",
    """A model needs at least one `output name = ...`.""",
)

SHARED_DIFFERS = Code(
    "E0515",
    "a shared instance is used with different sizes",
    """One set of weights has one set of sizes; every use has to agree with the first.""",
)

NOT_A_VALUE = Code(
    "E0516",
    "a plain value is wanted here",
    """Numbers, strings, booleans and lists of them are plain values.""",
)

NO_TENSOR_OPERATOR = Code(
    "E0517",
    "the operator does not work on these tensors",
    """Arithmetic works on numbers, `and or not` on masks, comparison gives masks.

Wrong:  words + 1.5            # words: ids(100)[B, T]
Right:  (words |> embedding(100, 32)) + 1.5""",
)
