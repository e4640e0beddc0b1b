"""Checks that the author of a component runs in one pytest call: `check_component`.

from specc.testing import check_component

def test_my_layer() -> None:
    check_component(MyLayer).stop_if_failed()
"""

from specc.testing.conformance import check_component
from specc.testing.report import Report

__all__ = ["Report", "check_component"]
