"""The room memory/text."""
