"""E08: what a backend cannot do."""

from specc.diagnostics import Code

CANNOT_EXPORT = Code(
    "E0810",
    "the backend cannot do this",
    """The form of artefact has no way to say what the model does, or what the settings ask for.
Nothing else is done in its place, and nothing was written.""",
)

UNSAFE_ARTEFACT = Code(
    "E0811",
    "the artefact holds what the backend does not write",
    """Before a file is loaded it is looked through: pickles, code, files beside it and operators
that are not torch's own have no place in it. Such a file was not written by this backend.""",
)
