"""The room agent/models/chat_completions."""
