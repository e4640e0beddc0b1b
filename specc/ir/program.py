"""The checked program: models with their loops and conditions kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from specc.ir.expr import Construct, Expr, ListConstruct, ModelConstruct
from specc.types.terms import Term

Built = Construct | ModelConstruct | ListConstruct
"""What stands under one attribute of a module."""


@dataclass(frozen=True, slots=True)
class Site:
    """A submodule or parameter that the constructor creates at this point of the body.

    ``constructs`` holds one construct where all iterations of the loops around it agree, else one
    for each iteration in order, with the loop's names replaced by their values; ``None`` for an
    iteration that does not create it. ``listed`` asks for a module list outside of a loop: the
    steps of the loop were written out one by one.
    """

    attribute: str
    constructs: tuple[Built | None, ...]
    listed: bool = False
    kind: Literal["site"] = "site"

    @property
    def each(self) -> bool:
        """Whether every iteration has a construct of its own."""
        return len(self.constructs) > 1 or isinstance(self.constructs[0], ListConstruct)


@dataclass(frozen=True, slots=True)
class ShownType:
    """A tensor type as a comment shows it; a size that differs between uses is ``_``."""

    element: str
    dims: tuple[Term, ...]
    kind: Literal["type"] = "type"


@dataclass(frozen=True, slots=True)
class Let:
    """``targets = value``, with the sites that the value uses; ``types`` is shown as a comment."""

    targets: tuple[str, ...]
    value: Expr
    sites: tuple[Site, ...]
    types: tuple[ShownType, ...]
    kind: Literal["let"] = "let"


@dataclass(frozen=True, slots=True)
class Declare:
    """``shared name = ...``: a submodule without a call at this place."""

    site: Site
    kind: Literal["declare"] = "declare"


@dataclass(frozen=True, slots=True)
class Bind:
    """``name = term``: a plain value."""

    name: str
    term: Term
    kind: Literal["bind"] = "bind"


@dataclass(frozen=True, slots=True)
class NameDims:
    """Names that an annotation gives to axes of a local tensor; ``terms`` is what they are."""

    tensor: str
    axes: tuple[tuple[str, int, Term], ...]
    rank: int
    kind: Literal["dims"] = "dims"


@dataclass(frozen=True, slots=True)
class Carried:
    """A size that changes from one iteration to the next: a channel count, say."""

    name: str
    initial: Term
    following: Term
    kind: Literal["carried"] = "carried"


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop over ``iterable`` (or ``count`` repetitions, where ``targets`` is empty)."""

    targets: tuple[str, ...]
    iterable: Term
    repeats: bool
    index: str | None
    iterations: int
    carried: tuple[Carried, ...]
    body: tuple[Step, ...]
    kind: Literal["loop"] = "loop"


@dataclass(frozen=True, slots=True)
class Decide:
    """An ``if`` that the constructor's values decide; a side that was never taken is ``None``."""

    condition: Term
    then: tuple[Step, ...] | None
    otherwise: tuple[Step, ...] | None
    kind: Literal["decide"] = "decide"


@dataclass(frozen=True, slots=True)
class Scan:
    """A body that runs along dim 1 of the ``sequences`` with one set of weights.

    ``state`` are the outer tensors that it binds anew, ``stacked`` those that are born inside and
    are stacked on dim 1 afterwards.
    """

    targets: tuple[str, ...]
    sequences: tuple[Expr, ...]
    state: tuple[str, ...]
    stacked: tuple[str, ...]
    body: tuple[Step, ...]
    kind: Literal["scan"] = "scan"


Step = Let | Declare | Bind | NameDims | Loop | Scan | Decide


@dataclass(frozen=True, slots=True)
class ModelParameter:
    name: str
    type: str
    default: Term | None
    required: bool
    kind: Literal["parameter"] = "parameter"


@dataclass(frozen=True, slots=True)
class ModelInput:
    """An input tensor; ``dims`` holds the term of each axis, a bare name where it binds one."""

    name: str
    type: str
    dims: tuple[Term, ...]
    kind: Literal["input"] = "input"


@dataclass(frozen=True, slots=True)
class Model:
    """One class of the emitted module. ``key`` is unique; ``name`` is what the spec calls it."""

    key: str
    name: str
    doc: str
    parameters: tuple[ModelParameter, ...]
    dim_names: tuple[str, ...]
    inputs: tuple[ModelInput, ...]
    body: tuple[Step, ...]
    outputs: tuple[str, ...]
    output_types: tuple[ShownType, ...]
    kind: Literal["model"] = "model"


@dataclass(frozen=True, slots=True)
class Program:
    """Models in an order where each stands after those it uses."""

    models: tuple[Model, ...]
    kind: Literal["program"] = "program"


@dataclass(frozen=True, slots=True)
class TrainStep:
    """What a train section computes from one batch. ``model`` is a local of the body."""

    name: str
    fields: tuple[ModelInput, ...]
    body: tuple[Step, ...]
    loss: Expr
    terms: tuple[str, ...]
    metrics: tuple[tuple[str, tuple[Expr, ...]], ...]
    accumulators: tuple[tuple[str, Construct], ...]
    kind: Literal["train"] = "train"


@dataclass(frozen=True, slots=True)
class PredictStep:
    """What a train section gives for new rows. ``fields`` are those that the outputs depend on."""

    fields: tuple[ModelInput, ...]
    body: tuple[Step, ...]
    outputs: tuple[str, ...]
    kind: Literal["predict"] = "predict"
