"""Sizes, tensor types and the notation that relates them."""
