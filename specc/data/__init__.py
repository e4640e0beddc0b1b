"""From a data section to arrays: read, split, fit, apply, check."""

from specc.data.plan import DataPlan, FieldPlan
from specc.data.prepare import Prepared, prepare

__all__ = ["DataPlan", "FieldPlan", "Prepared", "prepare"]
