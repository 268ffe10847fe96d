"""The room ui/chat."""
