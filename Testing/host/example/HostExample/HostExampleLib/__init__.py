"""The panel of the example."""
