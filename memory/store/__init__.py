"""The room memory/store."""
