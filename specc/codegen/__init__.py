"""From the IR to the Python source that a person would have written, and to a module."""
