"""Text as the ids of its tokens."""
