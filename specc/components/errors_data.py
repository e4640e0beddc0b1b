"""What can be wrong with the data that a spec names."""

from specc.diagnostics import Code

NO_FILE = Code(
    "E0601",
    "a data file cannot be opened",
    """The file that a source names is not there, is a folder, or may not be read. Paths are
relative to the folder of the spec, wherever the command is run.

Wrong:  source = csv("digit.csv")
Right:  source = csv("data/digits.csv")""",
)

OUTSIDE = Code(
    "E0602",
    "a path leads out of the project",
    """A spec reads what lies inside its project and nothing else. The path is judged after links
are resolved, so that a link inside the project cannot lead out of it either.

Wrong:  source = csv("../private/x.csv")
Right:  source = csv("data/x.csv")             # copy the file, or move the project's root up""",
)

BAD_FILE = Code(
    "E0603",
    "a data file is not in its format",
    """The file could be opened, but its beginning or its size is not what the source reads: an idx
file with another magic number, an npy file that was cut off, a csv file without a header line.""",
)

NO_COLUMN = Code(
    "E0604",
    "the source has no such column",
    """The name is not in the header. A pattern such as `p*` means all columns whose names match it,
in the order of the file.

Wrong:  label = source.lable
Right:  label = source.label""",
)

BAD_ROW = Code(
    "E0605",
    "a row cannot be read",
    """A row has too many or too few cells, or a cell that is not of the column's type. The types
are found from the first rows; name the columns that hold something else further down.

Wrong:  source = csv("x.csv")                  # `price` is 7, 12, 9, ... and 9.5 in line 2,000
Right:  source = csv("x.csv", floats=["price"])

With `bad_rows="skip"` a source leaves such rows out, and the plan says how many there were.""",
)

MISSING_VALUE = Code(
    "E0606",
    "a value is missing or is not a number",
    """A field that is used has an empty cell, NaN or infinity in some row. The training would show
it only as a loss that is NaN, so the row is named before the first step: mend it, take it out, or
let the source leave such rows out.

Right:  source = csv("x.csv", bad_rows="skip")""",
)

UNKNOWN_VALUE = Code(
    "E0607",
    "a value is outside its classes",
    """A row has a class that the field does not have: a label that is not below n in a field of
type ids(n), or a category that occurs in no training row.

Right:  label = source.label |> categories(unknown=true)   # an id of their own for such values""",
)

UNSAFE_FILE = Code(
    "E0610",
    "a data file is refused",
    """The file holds Python objects, which only a pickle can restore, and restoring a pickle can
run any code. Save the array with a plain dtype: numbers, booleans or text of fixed length.""",
)

BAD_COLUMN = Code(
    "E0611",
    "a column does not suit what is done with it",
    """Columns of different kinds are stacked, a list of statistics has another length than the axis
that it belongs to, or a logarithm meets a value that has none.""",
)

SPLITS_DISAGREE = Code(
    "E0612",
    "the sources of the splits have different fields",
    """A field has one type, whichever split its rows come from. The message names a field that one
of the sources lacks, or has with another type.""",
)

FIELD_TWICE = Code(
    "E0613",
    "two joined sources have a field of the same name",
    """A join has the fields of all its sources, each under its own name.

Wrong:  source = join(npy("x.npy"), npy("y.npy"))              # both have `value`
Right:  source = join(npy("x.npy", name="x"), npy("y.npy", name="y"))""",
)

ROWS_DIFFER = Code(
    "E0614",
    "joined sources have different numbers of rows",
    """Row 1 of one source belongs to row 1 of the other, and so on to the last. Sources that come
in splits are joined split by split.

Right:  source = join(splits(train=csv("a.csv"), test=csv("b.csv")),
                      splits(train=npy("a.npy"), test=npy("b.npy")))""",
)
