"""The room agent/models/testing."""
