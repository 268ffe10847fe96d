"""The room memory/archival."""
