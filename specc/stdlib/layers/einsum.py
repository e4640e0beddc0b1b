"""Sums of products, by an equation."""

import re

from specc.components import Example, Layer, Refusal, Site
from specc.components.errors import BAD_SETTING, BAD_SHAPE
from specc.ir import expr as ir
from specc.types.dim import Dim
from specc.types.poly import Verdict
from specc.types.tensor import Element, TensorType

_SIDE = re.compile(r"[A-Za-z]*")


class Einsum(Layer):
    """Multiplies along named axes and sums over those that the result leaves out:
    ``(q, k) |> einsum("bqd,bkd->bqk")`` (`torch.einsum`).

    Inputs ``float`` with an axis for each letter; output with the axes after the arrow, which has
    to be written. Errors: a letter with two sizes; more or fewer letters than axes.
    """

    signature = "float[...] -> float[...result]"
    many_inputs = True
    examples = (
        Example({"0": "float[B, T, D]", "1": "float[B, S, D]"}, equation="bqd,bkd->bqk"),
        Example({"0": "float[B, T, D]", "1": "float[B, S, D]"}, equation="bqd,bkd->bkq"),
        Example({"0": "float[B, 4, 4]"}, equation="bii->b"),
    )

    equation: str

    def infer(self, site: Site) -> TensorType:
        operands, result = self._read()
        types = site.inputs
        if len(operands) != len(types):
            self._refuse(f"the equation has {len(operands)} operands, {len(types)} are given")
        sizes: dict[str, Dim] = {}
        for letters, (name, type) in zip(operands, types.items(), strict=True):
            if len(letters) != type.rank:
                self._refuse(f'"{letters}" has {len(letters)} letters, {type} {type.rank} axes')
            for letter, dim in zip(letters, type.dims, strict=True):
                self._hold(site, letter, sizes.setdefault(letter, dim), dim, name)
        unknown = [letter for letter in result if letter not in sizes]
        if unknown:
            self._refuse(f'"{unknown[0]}" stands in no operand')
        return TensorType(Element("float"), tuple(sizes[letter] for letter in result))

    def _read(self) -> tuple[list[str], str]:
        """The letters of each operand and of the result."""
        left, arrow, right = self.equation.replace(" ", "").partition("->")
        sides = [*left.split(","), right]
        if not arrow or not all(_SIDE.fullmatch(side) for side in sides):
            self._refuse(
                "an equation is letters, commas and one arrow",
                help='such as "bij,bjk->bik"',
            )
        if len(set(right)) < len(right):
            self._refuse("a letter stands twice in the result")
        return sides[:-1], right

    @staticmethod
    def _hold(site: Site, letter: str, one: Dim, other: Dim, name: str) -> None:
        verdict = site.facts.compare(one.poly, other.poly)
        if verdict is Verdict.EQUAL:
            return
        known = "has two sizes" if verdict is Verdict.DIFFERENT else "is not known to have one size"
        raise Refusal(
            BAD_SHAPE,
            f'"{letter}" {known}: {one} and {other}',
            tensor=name,
            help="a letter stands for one size: use another where the sizes are others",
        )

    @staticmethod
    def _refuse(message: str, help: str | None = None) -> None:
        raise Refusal(BAD_SETTING, message, field="equation", help=help)

    def lower(self, site: Site) -> ir.Expr:
        return site.function("torch.einsum", site.value("equation"), site.listed())
