"""E08: what an `export` section says."""

from specc.diagnostics import Code

NO_TARGET = Code(
    "E0850",
    "the export section does not say in which form",
    """`to` lists the backends that write an artefact each. Those of the core and of the plugins in
use are listed by `specc plugins`.

Right:  export {
          to = [pt2]
        }""",
)

NOT_A_BACKEND = Code(
    "E0851",
    "not a backend",
    """`to` takes backends, by their names or with settings in parentheses, each once. Two artefacts
of one backend with different settings need export sections of their own.

Wrong:  to = ["onnx"]
Right:  use onnx
        export { to = [onnx] }""",
)

NOT_DYNAMIC = Code(
    "E0852",
    "there is no such size to be dynamic",
    """`dynamic` gives a range to a size of the model's inputs, by the name that the model gives it.
A size that the data or a parameter settles is no longer free.

Wrong:  dynamic batch = 1..64                  # input image: float[B, 784]
Right:  dynamic B = 1..64""",
)

BAD_RANGE = Code(
    "E0853",
    "not a range of sizes",
    """A range is `least..greatest`, two whole numbers from 1 on, both included. `50..50` fixes a
size.

Wrong:  dynamic B = 64..1
Right:  dynamic B = 1..64""",
)

NOT_AN_EXPORT_SETTING = Code(
    "E0854",
    "not a setting of an export section",
    """An export section has `to`, `tolerance` and any number of `dynamic` lines.

Wrong:  backends = [pt2]
Right:  to = [pt2]""",
)

TOO_SMALL_IN_RANGE = Code(
    "E0855",
    "the model does not take every size of the range",
    """What the model demands of its sizes has to hold for every size that the artefact shall take.

Wrong:  dynamic T = 1..512                     # learned_positions(256)
Right:  dynamic T = 1..256""",
)

NO_RANGE = Code(
    "E0856",
    "a free size has no range",
    """The size differs from call to call, and an artefact has to know how far. The size of the
batch alone has a range where nothing is said: 1..64.

Right:  dynamic T = 1..128
Right:  dynamic T = 50..50                     # always 50""",
)

NOTHING_TRAINED = Code(
    "E0857",
    "nothing is trained that could be exported",
    """What is exported is the `model` of a train section, with the weights of a run.""",
)
