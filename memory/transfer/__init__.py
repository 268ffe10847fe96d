"""The room memory/transfer."""
