"""``python -m specc.grammars``: writes the parse table of every grammar in this folder anew."""

import sys
from pathlib import Path

from specc.grammars.generate import generate, to_json

for grammar in sorted(Path(__file__).parent.glob("*.lark")):
    table = grammar.with_suffix(".json")
    table.write_text(to_json(generate(grammar.read_text("utf-8"))), "utf-8")
    sys.stdout.write(f"wrote {table.name}\n")
