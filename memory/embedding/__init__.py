"""The room memory/embedding."""
