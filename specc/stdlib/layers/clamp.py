"""Values kept within bounds."""

from specc.components import Example, Refusal, Site
from specc.components.errors import BAD_KIND, BAD_SETTING
from specc.stdlib.families.pointwise import Pointwise
from specc.types.tensor import TensorType


class Clamp(Pointwise):
    """``x`` where it is between ``min`` and ``max``, else the nearer of them (`torch.clamp`).

    Any shape, kept. No gradient passes where a value was moved.
    Errors: no bound at all; a lower bound above the upper one, which torch takes.
    """

    signature = "number[...] -> number[...]"
    target = "torch.clamp"
    examples = (
        Example("float[B, T]", min=-0.5),
        Example("float[B, T]", max=0.25),
        Example("int[B, T]", min=20, max=50),
    )

    min: float | int | None = None
    max: float | int | None = None

    def infer(self, site: Site) -> TensorType:
        if self.min is None and self.max is None:
            raise Refusal(BAD_SETTING, "clamp needs min or max")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise Refusal(BAD_SETTING, f"min {self.min} is above max {self.max}", field="min")
        whole = all(bound is None or isinstance(bound, int) for bound in (self.min, self.max))
        if site.inputs["x"].element.base != "float" and not whole:
            raise Refusal(
                BAD_KIND,
                f"{site.inputs['x']} holds whole numbers, the bounds are not",
                help="to_float makes floats of them",
            )
        return super().infer(site)
