"""The room ui/terminal."""
