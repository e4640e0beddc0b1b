"""The ExportedProgram of torch.export, in a form that holds no pickle."""

from __future__ import annotations

import copy
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from specc.components import Backend, Interface, Refusal, Runner, Traced
from specc.components.errors_export import UNSAFE_ARTEFACT

_ENTRIES = re.compile(
    r"[^/]+/("
    r"data/weights/(weight_\d+|model_weights_config\.json)"
    r"|data/constants/(tensor_\d+|model_constants_config\.json)"
    r"|data/sample_inputs/model\.pt"
    r"|models/model\.json|archive_format|archive_version|byteorder"
    r"|\.data/(version|serialization_id))"
)
_OPERATORS = re.compile(r"torch\.ops\.aten\.\w+\.\w+|_operator\.\w+|math\.\w+|torch\.sym_\w+")
_SYMBOL = re.compile(r"'[su]\d+'")
_NUMBER = re.compile(r"\b\d+(\.\d+)?\b")
_FORMULA = re.compile(r"[\w\s+\-*/(),<>=]*")
_WORD = re.compile(r"[A-Za-z_]\w*")
_WORDS = re.compile(
    r"[su]\d+|[A-Z][A-Za-z]*|positive|nonnegative|negative|integer|nonzero|true|false"
)
_LARGEST_RECORD = 1 << 28


class Pt2(Backend):
    """The graph that torch.export makes of the model, with its weights: ``model.pt2``.

    ``torch.export.load`` reads it, and torch alone is needed to run it:
    ``torch.export.load(path).module()(image=batch)``. Inputs are given by their names, the result
    is a tuple of the outputs in their order.

    The file differs from what ``torch.export.save`` writes in that it has no sample inputs, which
    would be a pickle, and no guards, which would be Python source: the ranges of sizes are kept
    and checked as numbers.
    """

    suffix = "pt2"
    executes = (
        "operators of torch's own aten set, over tensors that are read as raw bytes; a file with "
        "a pickle, with source, or with any other operator is refused before torch reads it"
    )

    def export(self, traced: Traced, path: Path) -> tuple[str, ...]:
        import torch

        program = copy.copy(traced.program)
        program.example_inputs = None
        program._guards_code = []
        torch.export.save(program, path)
        return ()

    def load(self, path: Path, interface: Interface) -> Runner:
        import torch

        look_through(path)
        module = torch.export.load(path).module(check_guards=False)
        names = [port.argument for port in interface.inputs]
        outputs = [port.name for port in interface.outputs]

        def run(inputs: Any) -> dict[str, Any]:
            with torch.no_grad():
                given = {
                    word: inputs[port.name]
                    for word, port in zip(names, interface.inputs, strict=True)
                }
                return dict(zip(outputs, module(**given), strict=True))

        return run


def look_through(path: Path) -> None:
    """Refuse an archive in which torch would find anything to execute.

    `torch.export.load` unpickles sample inputs and whatever a config says is a pickle, takes
    operators from any attribute of torch, and evaluates formulas of sizes as Python. None of these
    is in a file that `Pt2.export` wrote.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            for told in _wrong(archive):
                raise Refusal(UNSAFE_ARTEFACT, f"{path.name} {told}")
    except (zipfile.BadZipFile, ValueError, KeyError, TypeError, RecursionError) as error:
        raise Refusal(UNSAFE_ARTEFACT, f"{path.name} is no archive of a program: {error}") from None


def _wrong(archive: zipfile.ZipFile) -> Iterator[str]:
    """What has no place in the archive."""
    seen: set[str] = set()
    for entry in archive.infolist():
        name = entry.filename
        if not _ENTRIES.fullmatch(name) or name in seen:
            yield f"holds {name!r}"
        seen.add(name)
        if name.endswith("sample_inputs/model.pt") and entry.file_size:
            yield "holds sample inputs, which are a pickle"
        if name.endswith("_config.json"):
            for payload in _json(archive, entry)["config"].values():
                if payload["use_pickle"] is not False:
                    yield "has a tensor that is a pickle"
        if name.endswith("models/model.json"):
            program = _json(archive, entry)
            if program.get("guards_code"):
                yield "holds guards, which are source"
            yield from _wrong_values(program)


def _wrong_values(value: Any) -> Iterator[str]:
    """Operators, formulas and objects that a graph may not have, wherever they stand."""
    if isinstance(value, list):
        for each in value:
            yield from _wrong_values(each)
        return
    if not isinstance(value, dict):
        return
    for key, each in value.items():
        # Named sizes are keys of the table of ranges; every key else is a word of the schema.
        if key == "target" and not _OPERATORS.fullmatch(str(each)):
            yield f"calls {each!r}"
        elif key == "expr_str" and not _is_formula(str(each)):
            yield f"has the size {each!r}"
        elif key == "range_constraints" and not all(_is_formula(str(name)) for name in each):
            yield "has ranges of what is no size"
        elif key in ("custom_obj_values", "as_custom_obj", "custom_obj") and each:
            yield "holds objects"
        yield from _wrong_values(each)


def _is_formula(text: str) -> bool:
    """Whether it is arithmetic over sizes, as torch writes it: classes of sympy called with symbols
    (``Symbol('s77', positive=True)``) and numbers. No attributes, no other text in quotes."""
    rest = _NUMBER.sub("1", _SYMBOL.sub("s1", text))
    words = _WORD.findall(rest)
    return bool(_FORMULA.fullmatch(rest)) and all(_WORDS.fullmatch(word) for word in words)


def _json(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Any:
    if entry.file_size > _LARGEST_RECORD:
        raise ValueError(f"{entry.filename} is too large")
    return json.loads(archive.read(entry))
