"""What every tool keeps to, whoever wrote it; `check_tool` is for a test of one's own."""

from .examination import Finding, check_tool, examine

__all__ = ["Finding", "check_tool", "examine"]
