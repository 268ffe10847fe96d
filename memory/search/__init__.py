"""The room memory/search."""
