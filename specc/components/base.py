"""The base of everything that a spec can name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import takewhile
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticUndefined

from specc.components.example import Example
from specc.components.figures import Figure
from specc.components.site import Site
from specc.diagnostics.suggest import closest
from specc.ir import expr as ir
from specc.types.dim import Dim
from specc.types.notation import Rest, parse_pattern
from specc.types.tensor import TensorType
from specc.types.terms import Term, names

Outputs = TensorType | Mapping[str, TensorType] | tuple[TensorType, ...] | None
"""What `TensorComponent.infer` may say."""


class Component(BaseModel):
    """A named thing with configuration. Its fields are the parameters, in torch's order.

    The class docstring is the documentation: `specc show`, hover and the reference are made of it.
    """

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        arbitrary_types_allowed=True,
        # A validator is built when the first component of its class is: no spec uses most of those
        # that are imported, the bases above all.
        defer_build=True,
    )

    kind: ClassVar[str]
    """What it is: ``layer``, ``loss``, ``metric``, ``transform``, ``source``, ``optimizer``, ..."""

    stands: ClassVar[str] = ""
    """Where one of this kind stands in a spec, ``{}`` being its name: for a spec that has it
    elsewhere."""

    known_as: ClassVar[tuple[str, ...]] = ()
    """Other names that people look for it under; a `Lazy` says them itself."""

    other_words: ClassVar[Mapping[str, str]] = {}
    """Other words that people have for its fields, besides those of the classes above it:
    ``{"axis": "dim"}``."""

    needless: ClassVar[Mapping[str, str]] = {}
    """Words that other libraries have and a spec has no need for, and why, besides those of the
    classes above it: ``{"batch_first": "sequences are batch first always"}``."""

    @classmethod
    def hint_for(cls, word: str) -> str | None:
        """What is meant by a word that is no field, as its tables have it."""
        why = _listed(cls, "needless", word)
        if why is not None:
            return f"leave it out: {why}"
        meant = _listed(cls, "other_words", word)
        return f"it is called `{meant}` here" if meant in cls.model_fields else None

    @classmethod
    def meant_by(cls, word: str) -> str | None:
        """The field that a word stands for which is none: by its tables, else the most like it."""
        if _listed(cls, "needless", word) is not None:
            return None
        meant = _listed(cls, "other_words", word)
        return meant if meant in cls.model_fields else closest(word, cls.model_fields)

    variadic: ClassVar[str | None] = None
    """The field that takes all positional arguments, as a list: ``reshape(B, C, 1, 1)``.

    One positional argument that is a list stands for itself; all other fields are by keyword.
    """

    @classmethod
    def by_position(cls) -> tuple[str, ...]:
        """The fields that an argument without a name may stand for, in their order."""
        return tuple(cls.model_fields) if cls.variadic is None else ()


def put_last(cls: type[Component], names: Iterable[str]) -> None:
    """Let positional arguments reach these inherited fields after those of the class itself."""
    fields = cls.__pydantic_fields__
    for name in names:
        if name in fields:
            fields[name] = fields.pop(name)


def _listed(cls: type[Component], table: str, word: str) -> str | None:
    """What the tables of this name say of a word, in a class or those above it."""
    tables = (getattr(base, "__dict__", {}).get(table, {}) for base in cls.__mro__)
    return next((found[word] for found in tables if word in found), None)


def _names_in(dim: Term | Rest) -> frozenset[str]:
    return frozenset() if isinstance(dim, Rest) else names(dim)


class TensorComponent(Component):
    """A component that takes tensors and gives tensors.

    ``signature`` says which, in the notation of `specc.types.signature`. Names on its right side
    may be config fields, and ``name(...)`` calls the method of that name with sizes.
    """

    signature: ClassVar[str]

    many_inputs: ClassVar[bool] = False
    """True where any number of tensors is taken (``parts |> concat(dim=1)``).

    The signature's left side then has one input, which every given tensor matches on its own; the
    site's inputs and expressions are named ``"0"``, ``"1"``, ... and `infer` says the result. Where
    the spec pipes one list (``parts``), its only expression is that list, named ``"*"``.
    """

    takes_module: ClassVar[bool] = False
    """True where the one input is not a tensor but a module (``model.head |> l2_penalty``).

    The signature's left side is empty, and the site's only expression is named ``"module"``. A
    tensor of a module (``wte.weight``) or a `parameter` may be given in its place.
    """

    examples: ClassVar[tuple[Example, ...]] = ()
    """Applications that `specc.testing.check_component` tries, besides those it thinks of itself.

    Together they should set every field to something other than its default.
    """

    neutral: ClassVar[Mapping[str, str]] = {}
    """Fields that change nothing that can be seen from outside, and why: ``{"sparse": "..."}``."""

    exceptions: ClassVar[Mapping[str, str]] = {}
    """Checks of `specc.testing.check_component` that the component does not pass, and why."""

    def infer(self, site: Site) -> Outputs:
        """The types of the outputs; ``None`` leaves it to the signature.

        A mapping is a record of named outputs; a tuple is a list that the spec may unpack or index
        (``q, k, v = x |> chunk(3)``). Called after the inputs matched the signature. Raises
        `Refusal` where the component cannot take what it is given; a component that only checks
        does so here and returns ``None``.
        """
        return None

    def explain(self, site: Site) -> None:
        """Raise the `Refusal` that says best why the inputs do not match the signature.

        Called in that case alone, with nothing bound. Without one (this is the default) the core
        says in general words which input does not match.
        """

    def lower(self, site: Site) -> ir.Expr | ir.Construct | Mapping[str, ir.Expr]:
        """The torch call that computes it.

        A `Construct` stands for a module called on all given tensors. A component with several
        named outputs returns an expression for each; one whose result is a list returns one
        expression, which gives a list or a tuple of that length.
        """
        raise NotImplementedError(f"{type(self).__name__}.lower")

    def figure(self, site: Site) -> Figure | None:
        """What the report of a run draws of a loss or a metric; ``None`` for nothing.

        Several components that offer the same figure of the same tensors are drawn once.
        """
        return None


class Layer(TensorComponent):
    """Part of a model."""

    kind: ClassVar[str] = "layer"
    stands: ClassVar[str] = "`x |> {}` in a model"
    other_words: ClassVar[Mapping[str, str]] = {
        "axis": "dim",
        "axes": "dims",
        "channels": "out_channels",
        "dff": "dim_feedforward",
        "dropout": "p",
        "features": "out_features",
        "filters": "out_channels",
        "heads": "num_heads",
        "hidden": "hidden_size",
        "hidden_dim": "hidden_size",
        "keepdims": "keepdim",
        "n_heads": "num_heads",
        "num_heads": "nhead",
        "rate": "p",
        "units": "out_features",
        "vocab_size": "num_embeddings",
    }
    needless: ClassVar[Mapping[str, str]] = {
        "batch_first": "sequences are batch first always",
        "device": "a run says where it is trained",
        "dtype": "`precision` of the `train` section says it",
        "inplace": "what a result is stored in changes nothing",
    }

    weights: ClassVar[Mapping[str, str]] = {}
    """Tensors of a shared instance that a spec may use: name -> type in the signature notation,
    such as ``{"weight": "float[num_embeddings, embedding_dim]"}``."""

    has_weights: ClassVar[bool] = False
    """True for a layer that learns although it names none of its tensors in `weights`."""

    needs_batch: ClassVar[bool] = False
    """True where training on a batch of one fails or means nothing, as for batch norm."""

    @classmethod
    def sizes_follow(cls) -> bool:
        """Whether its weights have sizes that follow from the input, which torch is told."""
        if not cls.weights:
            return cls.has_weights
        patterns = [parse_pattern(text) for text in cls.weights.values()]
        named = {name for each in patterns for dim in each.dims for name in _names_in(dim)}
        return not named <= cls.model_fields.keys()

    @classmethod
    def by_position(cls) -> tuple[str, ...]:
        """The leading fields that have to be written, or else follow from the input (``none``).

        That is so where torch takes sizes that are not written here: who writes them all the same
        would set the fields that come after, were they not by keyword alone.
        """
        fields = super().by_position()
        if not cls.sizes_follow():
            return fields
        told = takewhile(
            lambda name: cls.model_fields[name].get_default() in (None, PydanticUndefined), fields
        )
        return tuple(told)

    def present_weights(self) -> Mapping[str, str]:
        """The tensors of `weights` that this configuration has.

        A tensor that is named as a field is there where the field is true (``bias``).
        """
        return {n: t for n, t in self.weights.items() if getattr(self, n, True) is not False}


class ModuleLayer(Layer):
    """A layer that is one torch module, its fields named as torch names them."""

    target: ClassVar[str]
    """Dotted path of the module class."""

    inferred: ClassVar[Mapping[str, str]] = {}
    """Constructor arguments that follow from the input: torch's word -> dim of the signature."""

    def lower(self, site: Site) -> ir.Construct:
        sizes: dict[str, Any] = {word: site.dim(name) for word, name in self.inferred.items()}
        return site.module(self.target, **sizes)


class FunctionLayer(Layer):
    """A layer without weights that is one torch function: inputs first, then written fields."""

    target: ClassVar[str]

    def lower(self, site: Site) -> ir.Expr:
        return site.function(self.target, *site.tensors(), **site.fields())


class Loss(TensorComponent):
    """A scalar to minimise."""

    kind: ClassVar[str] = "loss"
    stands: ClassVar[str] = "`loss = (scores, target) |> {}` in a `train` section"
    other_words: ClassVar[Mapping[str, str]] = {
        "axis": "dim",
        "weights": "weight",
        "smoothing": "label_smoothing",
        "ignore": "ignore_index",
    }


class FunctionLoss(Loss):
    """A loss that is one torch function: inputs first, then written fields."""

    target: ClassVar[str]

    def lower(self, site: Site) -> ir.Expr:
        return site.function(self.target, *site.tensors(), **site.fields())


def as_size(value: int | Dim) -> Dim:
    """A config value that is a size, as a `Dim`."""
    return value if isinstance(value, Dim) else Dim.of(value)
