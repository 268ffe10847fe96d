"""The room memory/erasure."""
