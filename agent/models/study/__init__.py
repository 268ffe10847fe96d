"""The room agent/models/study."""
