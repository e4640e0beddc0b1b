"""From the tree to a typed program: names, values, types, and the IR that is emitted."""
