"""The room memory/facts."""
