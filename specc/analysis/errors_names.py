"""E02: names, imports and what may stand where."""

from specc.diagnostics import Code

UNKNOWN_NAME = Code(
    "E0201",
    "unknown name",
    """The name is neither defined above this line nor supplied by a component.

Wrong:  output y = hiden |> relu
Right:  output y = hidden |> relu""",
)

UNKNOWN_COMPONENT = Code(
    "E0202",
    "unknown component",
    """After `|>` stands a component, a model of this file or an imported one, or a recipe. Names
are torch's: `conv2d`, `max_pool2d`, `cross_entropy`. `specc show NAME` prints what a component
takes.

Wrong:  x |> conv2D(64, kernel_size=3)
Right:  x |> conv2d(64, kernel_size=3)""",
)

DEFINED_TWICE = Code(
    "E0203",
    "defined twice",
    """Sections, parameters, inputs and shared names have one definition each.

Wrong:  model Net(size: int, size: int) { ... }
Right:  model Net(size: int, depth: int) { ... }""",
)

BAD_IMPORT = Code(
    "E0204",
    "the imported file cannot be read",
    """`import "path" as name` reads another spec of the same project. The path is relative to the
importing file and stays inside the project, links included; addresses are not followed.

Wrong:  import "../../other/blocks.nnspec" as blocks
Right:  import "blocks.nnspec" as blocks""",
)

IMPORT_CYCLE = Code(
    "E0205",
    "files import each other",
    """A file cannot import one that imports it, directly or over others. Move what both need into a
third file.""",
)

RECURSIVE_MODEL = Code(
    "E0206",
    "a model uses itself",
    """Models cannot be recursive, directly or over others. A stack of equal blocks is a `repeat`.

Wrong:  model Tower(n: int) { ... x |> Tower(n - 1) ... }
Right:  repeat n { x = x |> Block }""",
)

NO_MEMBER = Code(
    "E0207",
    "no such field or member",
    """After the dot stands a field of a record, a submodule or tensor of a shared instance, an
attribute of a data field, or a member of an imported file.

Wrong:  h = (x |> lstm(64)).outputs
Right:  h = (x |> lstm(64)).output""",
)

UNKNOWN_SECTION = Code(
    "E0208",
    "unknown section",
    """Sections are `model`, `data`, `train`, `export`, and those that a used plugin adds.

Wrong:  network Net { ... }
Right:  model Net { ... }""",
)

UNKNOWN_STATEMENT = Code(
    "E0209",
    "this statement does not stand here",
    """The word before the name says what kind of statement it is. In a model: `input`, `output`,
`shared`. In a train section: `metric`, `output`, `shared`. Without a word the line binds a name.

Wrong:  inputs x: float[B, 4]
Right:  input x: float[B, 4]""",
)

HOMES = {
    "input": "a `model` section",
    "metric": "a `train` section",
    "update": "a `train` section",
    "augment": "a `data` section",
    "dynamic": "an `export` section",
}
"""Where the kinds of statements stand."""

BAD_LABEL = Code(
    "E0210",
    "the label cannot be used",
    """A label names a submodule and its keys in the state dict. Words that Python or
`torch.nn.Module` use already are refused, and each label stands once in a model.

Wrong:  x |> forward: linear(10)
Right:  x |> head: linear(10)""",
)

FIXED_NAME = Code(
    "E0211",
    "this name cannot be bound again",
    """Inputs, parameters, shared instances and labels keep their meaning; other names may be bound
again.

Wrong:  input x: float[B, 4]
        x = x |> relu
Right:  h = x |> relu""",
)

UNUSED = Code(
    "W0201",
    "bound but not used",
    """The value is computed and never used; perhaps a later line means it and names another.""",
)

WRITE_SHARED = Code(
    "W0202",
    "a recipe with weights is applied twice",
    """A bound component is a recipe: each application makes new weights. Where one set of weights
is meant, write `shared`.

Two sets:  encode = linear(64)        a = x |> encode   b = y |> encode
One set:   shared encode = linear(64) a = x |> encode   b = y |> encode""",
)
