"""From a checked plan to a run: the loop, its scores, its folder."""

from specc.training.contract import MetricPlan, StepPlan, TrainPlan
from specc.training.result import Result
from specc.training.settings import Settings, StepSettings

__all__ = ["MetricPlan", "Result", "Settings", "StepPlan", "StepSettings", "TrainPlan"]
