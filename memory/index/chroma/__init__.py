"""The room memory/index/chroma."""
