"""What can be wrong with rows once they are read."""

from specc.diagnostics import Code

EMPTY_SPLIT = Code(
    "E0620",
    "a split has no rows",
    """The source is empty, or so small that a share of it is rounded to nothing.

Wrong:  split = fractions(val=0.01)            # 40 rows: 0.4 of a row
Right:  split = fractions(val=0.1)""",
)

MIXED_STACK = Code(
    "E0621",
    "columns of different kinds are stacked",
    """Columns that form one tensor are all numbers or all text.

Wrong:  x = source[["age", "name"]]
Right:  age  = source[["age", "height"]]
        name = source.name |> categories""",
)

SPLIT_TWICE = Code(
    "E0622",
    "a split is given twice",
    """A split has a source of its own, and the `split` setting takes rows for it as well.

Wrong:  source = splits(train=csv("a.csv"), test=csv("b.csv"))
        split  = fractions(test=0.1)
Right:  split  = fractions(val=0.1)            # from the training rows""",
)

NO_TENSOR = Code(
    "E0623",
    "a field holds text",
    """Models take numbers. Text becomes ids or a tensor by a transform.

Right:  kind = source.kind |> categories""",
)

EMPTY_ROW = Code(
    "E0624",
    "a row holds nothing",
    """A ragged field, such as the words of a line, has a row without a single value: an empty line,
or a list with no items. A model has nothing to read there.

Right:  source = text_lines("reviews.txt", bad_rows="skip")""",
)

LENGTHS_DIFFER = Code(
    "E0625",
    "two fields differ in the length of a row",
    """Two ragged fields have a size of the same name, and so each row has equally many values of
both; in the row that is named it has not.""",
)

NO_NEW_ROWS = Code(
    "E0630",
    "new rows cannot be predicted",
    """`specc predict` reads new rows as the source of the training rows is read, from another file,
and takes predictions back where every transform of the field has an inverse.""",
)
