"""The checked program: models with their loops and conditions kept."""

from __future__ import annotations

from specc.ir.expr import Construct, Expr, ListConstruct, ModelConstruct
from specc.types.terms import Tagged, Term

Built = Construct | ModelConstruct | ListConstruct
"""What stands under one attribute of a module."""


class Site(Tagged, frozen=True):
    """A submodule or parameter that the constructor creates at this point of the body.

    ``constructs`` holds one construct where all iterations of the loops around it agree, else one
    for each iteration in order, with the loop's names replaced by their values; ``None`` for an
    iteration that does not create it. ``listed`` asks for a module list outside of a loop: the
    steps of the loop were written out one by one.
    """

    attribute: str
    constructs: tuple[Built | None, ...]
    listed: bool = False

    @property
    def each(self) -> bool:
        """Whether every iteration has a construct of its own."""
        return len(self.constructs) > 1 or isinstance(self.constructs[0], ListConstruct)


class ShownType(Tagged, frozen=True):
    """A tensor type as a comment shows it; a size that differs between uses is ``_``."""

    element: str
    dims: tuple[Term, ...]


class Let(Tagged, frozen=True):
    """``targets = value``, with the sites that the value uses; ``types`` is shown as a comment."""

    targets: tuple[str, ...]
    value: Expr
    sites: tuple[Site, ...]
    types: tuple[ShownType, ...]


class Declare(Tagged, frozen=True):
    """``shared name = ...``: a submodule without a call at this place."""

    site: Site


class Bind(Tagged, frozen=True):
    """``name = term``: a plain value."""

    name: str
    term: Term


class NameDims(Tagged, frozen=True):
    """Names that an annotation gives to axes of a local tensor; ``terms`` is what they are."""

    tensor: str
    axes: tuple[tuple[str, int, Term], ...]
    rank: int


class Carried(Tagged, frozen=True):
    """A size that changes from one iteration to the next: a channel count, say."""

    name: str
    initial: Term
    following: Term


class Loop(Tagged, frozen=True):
    """A loop over ``iterable`` (or ``count`` repetitions, where ``targets`` is empty)."""

    targets: tuple[str, ...]
    iterable: Term
    repeats: bool
    index: str | None
    iterations: int
    carried: tuple[Carried, ...]
    body: tuple[Step, ...]


class Decide(Tagged, frozen=True):
    """An ``if`` that the constructor's values decide; a side that was never taken is ``None``."""

    condition: Term
    then: tuple[Step, ...] | None
    otherwise: tuple[Step, ...] | None


class Scan(Tagged, frozen=True):
    """A body that runs along dim 1 of the ``sequences`` with one set of weights.

    ``state`` are the outer tensors that it binds anew, ``stacked`` those that are born inside and
    are stacked on dim 1 afterwards.
    """

    targets: tuple[str, ...]
    sequences: tuple[Expr, ...]
    state: tuple[str, ...]
    stacked: tuple[str, ...]
    body: tuple[Step, ...]


Step = Let | Declare | Bind | NameDims | Loop | Scan | Decide


class ModelParameter(Tagged, frozen=True):
    name: str
    type: str
    default: Term | None
    required: bool


class ModelInput(Tagged, frozen=True):
    """An input tensor; ``dims`` holds the term of each axis, a bare name where it binds one."""

    name: str
    type: str
    dims: tuple[Term, ...]


class Model(Tagged, frozen=True):
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


class Program(Tagged, frozen=True):
    """Models in an order where each stands after those it uses."""

    models: tuple[Model, ...]


class TrainStep(Tagged, frozen=True):
    """What a step of a train section computes from one batch.

    ``name`` is that of the step, empty where the section has none. ``instances`` (``model``) are
    locals of the body. ``terms`` and ``metrics`` are scores: full names, and what they are made of.
    """

    name: str
    instances: tuple[str, ...]
    fields: tuple[ModelInput, ...]
    body: tuple[Step, ...]
    loss: Expr
    terms: tuple[tuple[str, str], ...]
    metrics: tuple[tuple[str, tuple[Expr, ...]], ...]
    accumulators: tuple[tuple[str, Construct], ...]


class PredictStep(Tagged, frozen=True):
    """What a train section gives for new rows. ``fields`` are those that the outputs depend on."""

    instances: tuple[str, ...]
    fields: tuple[ModelInput, ...]
    body: tuple[Step, ...]
    outputs: tuple[str, ...]
