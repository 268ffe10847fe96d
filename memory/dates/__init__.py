"""The room memory/dates."""
