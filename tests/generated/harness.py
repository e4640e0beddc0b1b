"""One program held against everything that is known of it without the compiler.

Checked without errors; inferred types against the forward pass; the emitted module against the
reference, against the IR walked step by step, and against its source imported from disk; keys of
the state dict; gradients. Any disagreement is a `Discrepancy`.
"""

from __future__ import annotations

import importlib.util
import itertools
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from specc.analysis import parameters
from specc.analysis.body import Body
from specc.analysis.build import Builder
from specc.analysis.values import ListValue, Plain, Recipe, Value
from specc.analysis.variants import Variant
from specc.codegen.classes import written
from specc.codegen.load import load_source
from specc.codegen.module import emit
from specc.compiler import Compiled, Request, check
from specc.diagnostics import Collector, SpecError, render_text
from specc.ir import program as steps
from specc.testing.drawing import DTYPES
from specc.testing.program import InterpretedModel
from specc.types.dim import Dim
from specc.types.poly import Facts, Poly
from specc.types.terms import Ref
from tests.generated.programs import ROOT, Program
from tests.generated.reference import Recipe as Refers
from tests.generated.reference import Reference

_number = itertools.count()


class Discrepancy(AssertionError):
    """What disagrees; ``kind`` is enough to see the same mistake in a smaller program."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind


@contextmanager
def phase(kind: str) -> Any:
    """Any exception inside is a discrepancy of this kind."""
    try:
        yield
    except Discrepancy:
        raise
    except Exception as error:
        words = " ".join(str(error).split("\n")[0].split()[:3])
        raise Discrepancy(f"{kind}: {type(error).__name__}: {words}", str(error)) from error


def run(program: Program, folder: Path) -> None:
    """Hold one program against the reference; raises `Discrepancy`."""
    compiled = _checked(program, folder)
    definition = next(d for d in compiled.checked.definitions if d.name == ROOT)
    with phase("analysis of a case"):
        variants = [
            _variant(compiled, definition, {**dict.fromkeys(program.free), **case})
            for case in program.cases
        ]
    if compiled.checked.context.collector.failed:
        raise _rejected(compiled.checked.context.collector)
    with phase("build"):
        builder = Builder(compiled.checked)
        ir = builder.build(compiled.checked.definitions)
    with phase("emit"):
        source = emit(ir, "A drawn program.")
    with phase("load"):
        module = load_source(source)
        path = folder / f"emitted_{next(_number)}.py"
        path.write_text(source, encoding="utf-8")
        imported = _imported(path)
    names = written(ir)
    for number, (case, variant) in enumerate(zip(program.cases, variants, strict=True)):
        key = builder.class_of[variant.key]
        model = builder.by_key[key]
        for binding in range(number, 2):  # the second case with the other sizes alone
            one = _Case(program, ir, model, variant, case, binding, names[key])
            one.run(module, imported if number == binding == 0 else None)


def _checked(program: Program, folder: Path) -> Compiled:
    path = folder / "drawn.nnspec"
    path.write_text(program.text, encoding="utf-8")
    found = Collector()
    with phase("check"):
        try:
            compiled = check(Request(str(path)), found)
        except SpecError as error:
            found.extend(error.diagnostics)
    if found.failed:
        raise _rejected(found)
    return compiled


def _rejected(found: Collector) -> Discrepancy:
    errors = [d for d in found.diagnostics if d.severity == "error"]
    return Discrepancy(f"rejected {errors[0].code.id}", render_text(errors))


def _variant(compiled: Compiled, definition: Any, case: Mapping[str, Any]) -> Variant:
    """The outer model analysed for settings; ``None`` is a size that stays free."""
    checked = compiled.checked
    values: dict[str, Value] = {}
    for parameter in definition.section.parameters or ():
        word = parameter.name.id
        if word not in case:
            frame = Body(checked.context, definition.scope, checked.models, {}, {})
            values[word] = parameters.default(frame, definition, parameter)
        elif case[word] is None:
            values[word] = Plain(Dim.named(word), Ref(word))
        else:
            kind = parameter.type.name.id
            values[word] = _value(compiled, kind, case[word], definition.section.head)
    variant = checked.models.variant(definition, values, None, Facts(), None)
    if variant is None or variant.failed:
        raise _rejected(checked.context.collector)
    return variant


def _value(compiled: Compiled, kind: str, value: Any, span: Any) -> Value:
    if kind == "layer":
        entry = compiled.checked.context.registry.find(value, ("layer",))
        assert entry is not None
        return Recipe(entry, (), span, value)
    if kind == "list":
        return ListValue.of(tuple(Plain.of(item) for item in value))
    return Plain.of(value)


def _imported(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class _Case:
    """One class, built and run for one choice of settings and sizes."""

    def __init__(
        self,
        program: Program,
        ir: steps.Program,
        model: steps.Model,
        variant: Variant,
        case: Mapping[str, Any],
        binding: int,
        words: Any,
    ) -> None:
        self.program, self.ir, self.model, self.variant = program, ir, model, variant
        self.words = words
        self.generator = torch.Generator().manual_seed(program.seed * 4 + binding)
        self.sizes = {word: least + 2 * binding for word, least in program.least.items()}
        for offset, word in enumerate(program.least):
            self.sizes[word] += (offset + binding) % 2
        self.settings = {**case, **dict.fromkeys(program.free, 2 + binding)}

    def run(self, module: Any, imported: Any | None) -> None:
        inputs = [self._input(type_) for type_ in self.variant.inputs.values()]
        with phase("construct"):
            made = self._instance(module)
        expected_types = self._types(self.variant.outputs)
        state = made.state_dict()
        with torch.no_grad():
            for value in state.values():
                if value.dtype.is_floating_point:
                    noise = torch.rand(value.shape, generator=self.generator)
                    value.add_(0.2 * noise)
        with phase("reference"):
            reference = Reference(self.program.file, state)
            settings = {
                word: Refers(value) if isinstance(value, str) else value
                for word, value in self.settings.items()
            }
            expected = reference.run(ROOT, inputs, settings)
        with phase("forward"):
            results = _listed(made(*inputs))
        if reference.used != set(state):
            raise Discrepancy("keys", f"{reference.used ^ set(state)}")
        _compare("output", self.model.outputs, list(expected.values()), results)
        for name, value in zip(self.model.outputs, results, strict=True):
            dtype, shape = expected_types[name]
            if value.dtype != dtype or list(value.shape) != shape:
                told = f"{name} is {value.dtype} {list(value.shape)}, inferred {dtype} {shape}"
                raise Discrepancy("type of an output", told)
        self._walked(inputs, state, results)
        self._gradients(made, results)
        if imported is not None:
            self._from_disk(module, imported, inputs)

    def _input(self, type_: Any) -> Tensor:
        _, shape = self._type(type_)
        if type_.element.name == "ids":
            bound = type_.element.bound.known
            return torch.randint(bound, shape, generator=self.generator)
        return torch.randn(shape, generator=self.generator)

    def _type(self, type_: Any) -> tuple[torch.dtype, list[int]]:
        known = {word: Poly.const(size) for word, size in self.sizes.items()}
        known |= {word: Poly.const(self.settings[word]) for word in self.program.free}
        shape = [dim.poly.substitute(known).constant for dim in type_.dims]
        return DTYPES[type_.element.base], shape

    def _types(self, types: Mapping[str, Any]) -> dict[str, tuple[torch.dtype, list[int]]]:
        return {name: self._type(type_) for name, type_ in types.items()}

    def _instance(self, module: Any) -> nn.Module:
        torch.default_generator.manual_seed(self.program.seed)
        names = self.words.parameters
        values = {names[k]: v for k, v in self.settings.items() if k in names}
        dims = [self.sizes[name] for name in self.model.dim_names]
        made: nn.Module = getattr(module, self.words.name)(*dims, **values)
        return made.eval()

    def _walked(self, inputs: list[Tensor], state: Any, results: list[Tensor]) -> None:
        """The IR step by step, each inferred type held against the tensor it is of."""
        settings = {
            p.name: self.settings[p.name] for p in self.model.parameters if p.name in self.settings
        }
        with phase("walk"):
            oracle = InterpretedModel(self.ir, self.model.key, settings)
            torch.default_generator.manual_seed(0)
            oracle(*inputs)
            oracle.load_state_dict(state)
            oracle.eval()
            walked = _listed(oracle(*inputs))
        _compare("walk", self.model.outputs, walked, results, exact=True)

    def _gradients(self, made: nn.Module, results: list[Tensor]) -> None:
        total = sum(r.float().tanh().sum() for r in results if r.requires_grad)
        if not isinstance(total, Tensor):
            return
        with phase("backward"):
            total.backward()
        for name, parameter in made.named_parameters():
            if parameter.grad is not None and not parameter.grad.isfinite().all():
                finite = all(r.isfinite().all() for r in results)
                if finite:
                    raise Discrepancy("gradient", f"{name} has a gradient that is not finite")

    def _from_disk(self, module: Any, imported: Any, inputs: list[Tensor]) -> None:
        one, other = self._instance(module), self._instance(imported)
        states = one.state_dict(), other.state_dict()
        if [*states[0]] != [*states[1]]:
            raise Discrepancy("import", "other keys")
        for key in states[0]:
            if not torch.equal(states[0][key], states[1][key]):
                raise Discrepancy("import", f"{key} differs")
        with torch.no_grad():
            pair = _listed(one(*inputs)), _listed(other(*inputs))
        _compare("import", self.model.outputs, *pair, exact=True)


def _listed(result: Any) -> list[Tensor]:
    return [result] if isinstance(result, Tensor) else list(result)


def _compare(
    kind: str, names: Any, expected: list[Tensor], results: list[Tensor], *, exact: bool = False
) -> None:
    for name, want, got in zip(names, expected, results, strict=True):
        if want.shape != got.shape or want.dtype != got.dtype:
            told = f"{name}: {want.dtype} {list(want.shape)} against {got.dtype} {list(got.shape)}"
            raise Discrepancy(f"{kind}: shape", told)
        if exact or not want.dtype.is_floating_point:
            same = torch.equal(want, got) or bool(((want == got) | want.isnan()).all())
        else:
            same = torch.allclose(want, got, rtol=1e-3, atol=1e-4, equal_nan=True)
        if not same:
            apart = (want.float() - got.float()).abs().max().item()
            raise Discrepancy(f"{kind}: values", f"{name} differs by up to {apart}")
