"""What ``specc compile`` prints, in each of its forms."""

from __future__ import annotations

import json

from specc.ir.json import to_json
from specc.showing.schema import schema
from specc.spec import Spec


def emitted(spec: Spec, form: str) -> str:
    """A text that ends with a newline; the same for the same spec, whatever the process."""
    if form == "python":
        return spec.source()
    if form == "ir":
        return to_json(spec.compiled.program()) + "\n"
    return json.dumps(schema(spec), indent=2, ensure_ascii=False) + "\n"
