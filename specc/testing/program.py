"""Runs whole models from their IR: the oracle that emitted modules are compared with.

Nothing is built before the first call. Then the body is walked once with real tensors: submodules
are made where the body makes them, from the sizes that the tensors have, and the types that the
compiler inferred are held against the values as they appear. Later calls walk it again.

    oracle = InterpretedModel(program, "ResNet18", {"classes": 10})
    oracle(image)                                   # builds
    oracle.load_state_dict(emitted.state_dict())    # keys have to agree
    assert torch.equal(oracle(image), emitted(image))
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import torch
from torch import Tensor, nn

from specc.ir import expr as ir
from specc.ir import program as steps
from specc.testing.drawing import DTYPES
from specc.testing.interpreter import Evaluator, constructed, value_of
from specc.types.elements import BASES
from specc.types.terms import Ref, Term


class WrongType(AssertionError):
    """A value is not of the type that was inferred for it."""


class InterpretedModel(nn.Module):
    """One model of a program with its parameters.

    ``model`` is the key of the model, or what the spec calls it. ``sizes`` gives values to dim
    names that are no axis of an input (``V`` of ``ids(V)[B, T]``). One output is a tensor, several
    are a NamedTuple.
    """

    def __init__(
        self,
        program: steps.Program,
        model: str,
        parameters: Mapping[str, Any] | None = None,
        sizes: Mapping[str, int] | None = None,
    ) -> None:
        super().__init__()
        self.program = program
        self.model = _find(program, model)
        self.values = _defaults(self.model, parameters or {})
        self.sizes = dict(sizes or {})
        self.built = False

    def forward(self, *tensors: Any) -> Any:
        walk = _Walk(self, dict(zip([i.name for i in self.model.inputs], tensors, strict=True)))
        walk.block(self.model.body)
        if walk.pending:
            raise ValueError(f"never used: {', '.join(site.attribute for site in walk.pending)}")
        self.built = True
        results = [walk.tensors[name] for name in self.model.outputs]
        if len(results) == 1:
            return results[0]
        return namedtuple(f"{self.model.name}Output", self.model.outputs)(*results)


def _find(program: steps.Program, name: str) -> steps.Model:
    by_key = {model.key: model for model in program.models}
    by_name = {model.name: model for model in program.models}
    return by_key[name] if name in by_key else by_name[name]


def _defaults(model: steps.Model, given: Mapping[str, Any]) -> dict[str, Any]:
    """The value of every parameter; a default may speak of the parameters before it."""
    unknown = set(given) - {parameter.name for parameter in model.parameters}
    if unknown:
        raise TypeError(f"{model.name} has no parameter {', '.join(sorted(unknown))}")
    values: dict[str, Any] = {}
    for parameter in model.parameters:
        if parameter.name in given:
            values[parameter.name] = given[parameter.name]
        elif parameter.default is not None:
            values[parameter.name] = value_of(parameter.default, values)
        else:
            raise TypeError(f"{model.name} needs {parameter.name}")
    return values


class _Names(dict[str, Any]):
    """Plain values; ``x.1`` is a size of an input. The size that a tensor enters an iteration with
    (``h.1@loop1``) is known where the loop carries it alone."""

    def __init__(self, values: Mapping[str, Any], tensors: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.tensors = tensors

    def __missing__(self, name: str) -> Any:
        tensor, _, axis = name.rpartition(".")
        if tensor in self.tensors and axis.isdigit():
            return self.tensors[tensor].shape[int(axis)]
        raise KeyError(name)


class _Walk:
    """One pass over the body of a model."""

    def __init__(self, owner: InterpretedModel, tensors: dict[str, Any]) -> None:
        self.owner = owner
        self.tensors = tensors
        self.names = _Names({**owner.sizes, **owner.values}, tensors)
        self.position: list[tuple[int, int]] = []
        """For each loop around: the iteration, and how many there are."""
        self.current: dict[str, Any] = {}
        """Inside loops: the element of a module list that belongs to this iteration."""
        self.pending: list[steps.Site] = []
        """Declared before a size that they need was known."""
        self.evaluator = Evaluator(
            tensors, self.names, submodule=self.submodule, built=self.no_build
        )
        for each in owner.model.inputs:
            self.name_axes(each.name, [(axis, term) for axis, term in enumerate(each.dims)])

    # --- names ---------------------------------------------------------------------------------

    def name_axes(self, tensor: str, axes: Sequence[tuple[int, Any]]) -> None:
        """Bind the names of axes; a name that is known already must have that size."""
        for axis, term in axes:
            size = self.tensors[tensor].shape[axis]
            if isinstance(term, Ref) and term.name not in self.names:
                self.names[term.name] = size
        for axis, term in axes:
            size = self.tensors[tensor].shape[axis]
            if value_of(term, self.names) != size:
                raise WrongType(f"axis {axis} of {tensor} is {size}, not {term}")

    def submodule(self, path: str) -> Any:
        first, *rest = path.split(".")
        found = self.current[first] if first in self.current else getattr(self.owner, first)
        for part in rest:
            found = getattr(found, part)
        return found

    @staticmethod
    def no_build(build: ir.Build) -> Any:
        raise TypeError(f"{build.construct.target} was not given a place")

    # --- steps ---------------------------------------------------------------------------------

    def block(self, body: tuple[steps.Step, ...]) -> None:
        for step in body:
            match step:
                case steps.Let():
                    self.let(step)
                case steps.Declare():
                    self.place(step.site)
                case steps.Bind():
                    self.names[step.name] = value_of(step.term, self.names)
                case steps.NameDims():
                    self.dims(step)
                case steps.Loop():
                    self.loop(step)
                case steps.Scan():
                    self.scan(step)
                case steps.Decide():
                    self.decide(step)

    def let(self, step: steps.Let) -> None:
        for site in (*self.pending, *step.sites):
            self.place(site)
        value = self.evaluator.value(step.value)
        values = [value] if len(step.targets) == 1 else list(value)
        for target, each in zip(step.targets, values, strict=True):
            self.tensors[target] = each
        for target, each, type_ in zip(step.targets, values, step.types, strict=False):
            self.check(target, each, type_)

    def check(self, name: str, value: Any, type_: steps.ShownType) -> None:
        """Hold an inferred type against the value, as far as its sizes are known here."""
        if not isinstance(value, Tensor):
            return
        word = type_.element.partition("(")[0]
        if value.dtype != DTYPES.get(BASES.get(word, ""), value.dtype):
            raise WrongType(f"{name} holds {value.dtype}, inferred {type_.element}")
        if len(value.shape) != len(type_.dims):
            raise WrongType(f"{name} has {value.dim()} axes, inferred {len(type_.dims)}")
        for axis, (size, term) in enumerate(zip(value.shape, type_.dims, strict=True)):
            try:
                wanted = value_of(term, self.names)
            except KeyError:
                continue
            if wanted != size:
                raise WrongType(f"axis {axis} of {name} is {size}, inferred {wanted}")

    def dims(self, step: steps.NameDims) -> None:
        for name, axis, term in step.axes:
            size = self.tensors[step.tensor].shape[axis]
            self.names[name] = size
            try:
                wanted = value_of(term, self.names)
            except KeyError:
                continue
            if wanted != size:
                raise WrongType(f"axis {axis} of {step.tensor}, {name}, is {size}, not {wanted}")

    def decide(self, step: steps.Decide) -> None:
        taken = bool(value_of(step.condition, self.names))
        side, other = step.then, step.otherwise
        if not taken:
            side, other = other, side
        if side is None:
            raise ValueError(f"{self.owner.model.name}: a side that was never analysed is taken")
        self.block(side)
        for site in _sites(other or ()):
            self.leave_out(site)

    def scan(self, step: steps.Scan) -> None:
        sequences = [self.evaluator.value(sequence) for sequence in step.sequences]
        gathered: dict[str, list[Tensor]] = {name: [] for name in step.stacked}
        for at in range(sequences[0].shape[1]):
            for target, sequence in zip(step.targets, sequences, strict=True):
                self.tensors[target] = sequence.select(1, at)
            self.block(step.body)
            for name, found in gathered.items():
                found.append(self.tensors[name])
        for name, found in gathered.items():
            self.tensors[name] = torch.stack(found, 1)

    def loop(self, step: steps.Loop) -> None:
        iterable = value_of(step.iterable, self.names)
        rows: list[Any] = list(range(iterable)) if step.repeats else list(iterable)
        each = any(site.constructs and site.each for site in _sites(step.body))
        if each and len(rows) != step.iterations:
            raise ValueError(f"{len(rows)} iterations, analysed {step.iterations}")
        self.carry({carried.name: carried.initial for carried in step.carried})
        for number, row in enumerate(rows):
            if step.index is not None:
                self.names[step.index] = number
            if len(step.targets) == 1:
                self.names[step.targets[0]] = row
            elif step.targets:
                self.names.update(zip(step.targets, row, strict=True))
            with self.iteration(number, len(rows)):
                self.block(step.body)
            self.carry({carried.name: carried.following for carried in step.carried})

    def carry(self, terms: Mapping[str, Term]) -> None:
        """Set sizes that a loop carries; one that begins with an unknown one is unknown."""
        values: dict[str, Any] = {}
        for name, term in terms.items():
            with suppress(KeyError):
                values[name] = value_of(term, self.names)
        for name in terms:
            self.names.pop(name, None)
        self.names.update(values)

    @contextmanager
    def iteration(self, number: int, count: int) -> Iterator[None]:
        outer = dict(self.current)
        self.position.append((number, count))
        try:
            yield
        finally:
            self.position.pop()
            self.current.clear()
            self.current.update(outer)

    # --- submodules ----------------------------------------------------------------------------

    def place(self, site: steps.Site) -> None:
        """Make the submodule of a site, or find the one that belongs to this iteration."""
        if not site.constructs:
            return
        if not self.owner.built:
            try:
                self.make(site)
            except KeyError:
                if site not in self.pending:
                    self.pending.append(site)
                return
            if site in self.pending:
                self.pending.remove(site)
        if self.position and not site.listed:
            self.current[site.attribute] = self.element(site)

    def make(self, site: steps.Site) -> None:
        if site.listed or (site.each and not self.position):
            self.register(site.attribute, self.as_list(site.constructs))
        elif not self.position:
            self.register(site.attribute, self.one(site.constructs[0]))
        elif site.each:
            if not hasattr(self.owner, site.attribute):
                self.register(site.attribute, self.as_list(site.constructs))
        else:
            self.append(site, self.one(site.constructs[0]))

    def leave_out(self, site: steps.Site) -> None:
        """What stands for a submodule that this side of a condition does not have."""
        if self.owner.built or not site.constructs:
            return
        if not self.position:
            self.register(site.attribute, None)
        elif not site.each:
            self.append(site, nn.Identity())

    def register(self, attribute: str, made: Any) -> None:
        if made is not None or not hasattr(self.owner, attribute):
            setattr(self.owner, attribute, made)

    def append(self, site: steps.Site, made: Any) -> None:
        """Add to the list of this iteration; nested loops make lists of lists."""
        bare = isinstance(made, nn.Parameter)
        if not hasattr(self.owner, site.attribute):
            inner = nn.ParameterList() if bare and len(self.position) == 1 else nn.ModuleList()
            setattr(self.owner, site.attribute, inner)
        row = getattr(self.owner, site.attribute)
        for depth, (number, _) in enumerate(self.position[:-1], start=2):
            while len(row) <= number:
                last = depth == len(self.position)
                row.append(nn.ParameterList() if bare and last else nn.ModuleList())
            row = row[number]
        row.append(made)

    def element(self, site: steps.Site) -> Any:
        found = getattr(self.owner, site.attribute)
        for number, _ in self.position:
            found = found[number]
        return found

    def as_list(self, constructs: Sequence[steps.Built | None]) -> Any:
        made = [nn.Identity() if each is None else self.one(each) for each in constructs]
        bare = all(isinstance(each, nn.Parameter) for each in made)
        return nn.ParameterList(made) if bare else nn.ModuleList(made)

    def one(self, construct: steps.Built | None) -> Any:
        """A submodule in the mode of its owner, which was set before there were any."""
        if construct is None:
            return None
        if isinstance(construct, ir.ListConstruct):
            return self.as_list(construct.items)
        if isinstance(construct, ir.ModelConstruct):
            made: Any = self.model(construct)
        else:
            made = constructed(construct, self.names)
        return made.train(self.owner.training) if isinstance(made, nn.Module) else made

    def model(self, construct: ir.ModelConstruct) -> InterpretedModel:
        model = _find(self.owner.program, construct.model)
        values: dict[str, Any] = {}
        for given in construct.arguments:
            if isinstance(given.value, ir.Construct):
                values[given.name] = constructed(given.value, self.names)
            else:
                values[given.name] = value_of(given.value, self.names)
        sizes = {}
        for name, term in construct.dims:
            try:
                sizes[name] = value_of(term, self.names)
            except KeyError:  # it is an axis of an input, and known when the model is called
                continue
        return InterpretedModel(self.owner.program, model.key, values, sizes)


def _sites(body: tuple[steps.Step, ...]) -> Iterator[steps.Site]:
    """Every submodule that a body makes."""
    for step in body:
        match step:
            case steps.Let():
                yield from step.sites
            case steps.Declare():
                yield step.site
            case steps.Loop() | steps.Scan():
                yield from _sites(step.body)
            case steps.Decide():
                yield from _sites(step.then or ())
                yield from _sites(step.otherwise or ())
