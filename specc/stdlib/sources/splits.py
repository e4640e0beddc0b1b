"""A source for each split."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from specc.components import Refusal, Schema, Source
from specc.components.data import listed
from specc.components.errors_data import SPLITS_DISAGREE


class Splits(Source):
    """Rows that come apart: a source for training, and others for validation and the test.

    ``splits(train=csv("a.csv"), test=csv("b.csv"))``. All have the fields of ``train``, with the
    same types. A ``split`` beside it takes its shares from the training rows, and only for splits
    that have no source here.
    """

    train: Source
    val: Source | None = None
    test: Source | None = None

    def parts(self) -> Mapping[str, Source]:
        given = {"train": self.train, "val": self.val, "test": self.test}
        policy = {} if self.bad_rows == "error" else {"bad_rows": self.bad_rows}
        return {
            name: source.model_copy(update=policy)
            for name, source in given.items()
            if source is not None
        }

    def describe(self, root: Path) -> Schema:
        schemas = {name: source.describe(root) for name, source in self.parts().items()}
        fields = schemas["train"].fields
        for name, schema in schemas.items():
            for field, wanted in fields.items():
                given = schema.fields.get(field)
                if given is None:
                    raise Refusal(
                        SPLITS_DISAGREE,
                        f"`{name}` has no column `{field}`, which `train` has",
                        help=f"it has {listed(schema.fields)}",
                        field=name,
                    )
                if given != wanted:
                    raise Refusal(
                        SPLITS_DISAGREE,
                        f"`{field}` is {given} in `{name}`, but {wanted} in `train`",
                        help=f'csv(..., floats=["{field}"]) or strs=["{field}"] settles it'
                        if not wanted.dims
                        else None,
                        field=name,
                    )
        return Schema(fields, schemas["train"].rows)
