"""The checked program as data: what code generation reads."""
