"""The room agent/billing."""
