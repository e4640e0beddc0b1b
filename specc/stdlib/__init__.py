"""What torch alone supplies, registered through the same hooks as a stranger's plugin."""
