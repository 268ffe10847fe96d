"""The room memory/index."""
