"""The room agent/context."""
