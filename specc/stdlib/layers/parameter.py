"""A tensor that is learned."""

from typing import Literal

from specc.components import Example, Layer, Refusal, Site
from specc.components.errors import BAD_SETTING
from specc.components.fields import Positive, Sizes
from specc.ir import expr as ir
from specc.stdlib.families.shape import sizes_of, terms_of
from specc.types.tensor import Element, TensorType
from specc.types.terms import Const, ListTerm

_FILLED = {"zeros": "torch.zeros", "ones": "torch.ones", "normal": "torch.randn"}
_MATRICES = ("xavier_uniform", "xavier_normal", "kaiming_uniform", "kaiming_normal", "orthogonal")


class Parameter(Layer):
    """A tensor that is learned: ``cls = parameter(1, 1, D)`` (`torch.nn.Parameter`).

    No input; output ``float[...]`` with the sizes as written. It starts as ``init`` says, which is
    a name of `torch.nn.init`; ``std`` is the deviation of the normal ones, 1 by default, and
    ``value`` a number to start from everywhere.

    Errors: an ``init`` for matrices on fewer than two axes; ``std`` where nothing is drawn.
    """

    signature = "-> float[...size]"
    variadic = "size"
    examples = (
        Example(size=[2, 3]),
        Example(size=[2], init="ones"),
        Example(size=[2, 3], init="normal"),
        Example(size=[2, 3], init="normal", std=0.02),
        Example(size=[2, 3], init="trunc_normal", std=0.02),
        Example(size=[3], init="uniform"),
        Example(size=[2, 3], init="xavier_uniform"),
        Example(size=[2, 3], init="kaiming_normal"),
        Example(size=[3, 3], init="orthogonal"),
        Example(size=[2], value=0.5),
    )

    size: Sizes
    init: Literal[
        "zeros",
        "ones",
        "normal",
        "trunc_normal",
        "uniform",
        "xavier_uniform",
        "xavier_normal",
        "kaiming_uniform",
        "kaiming_normal",
        "orthogonal",
    ] = "zeros"
    std: Positive | None = None
    value: float | None = None

    def infer(self, site: Site) -> TensorType:
        dims = sizes_of(site, "size")
        if self.std is not None and self.init not in ("normal", "trunc_normal"):
            raise Refusal(BAD_SETTING, f"init {self.init} has no deviation", field="std")
        if self.value is not None and "init" in site.written:
            raise Refusal(BAD_SETTING, "value and init are two ways to start", field="value")
        if self.init in _MATRICES and len(dims) < 2:
            raise Refusal(BAD_SETTING, f"init {self.init} wants two axes or more", field="init")
        return TensorType(Element("float"), dims)

    def lower(self, site: Site) -> ir.Expr:
        start = ir.Given("data", self._start(site), False)
        return ir.Build(ir.Construct("torch.nn.Parameter", (start,)))

    def _start(self, site: Site) -> ir.Construct:
        """The tensor that it starts from, written as a person would."""
        sizes = terms_of(site, "size")
        each = tuple(ir.Given("size", term, False) for term in sizes)
        listed = ir.Given("size", ListTerm(sizes), False)
        if self.value is not None:
            return ir.Construct(
                "torch.full", (listed, ir.Given("fill_value", site.value("value"), False))
            )
        std = ir.Given("std", site.value("std"), self.init != "normal")
        if self.init == "normal" and self.std is not None:
            mean = ir.Given("mean", Const(0.0), False)
            return ir.Construct("torch.normal", (mean, std, listed))
        if self.init in _FILLED:
            return ir.Construct(_FILLED[self.init], each)
        empty = ir.Given("tensor", ir.Construct("torch.empty", each), False)
        given = (empty, std) if self.std is not None else (empty,)
        return ir.Construct(f"torch.nn.init.{self.init}_", given)
