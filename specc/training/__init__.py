"""From a checked plan to a run: the loop, its scores, its folder."""
