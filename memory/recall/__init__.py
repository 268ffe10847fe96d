"""The room memory/recall."""
