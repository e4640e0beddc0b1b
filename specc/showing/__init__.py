"""What is shown of a spec: its layers, its graph, its plan, its interface."""
