"""What comes in and goes out: imports, course material, exports.

It calls everything below `search`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import hand_on

if TYPE_CHECKING:
    from .agent_file import export_agent_file
    from .export import export_json, write_text
    from .importer import Importer, ImportReport
    from .ingest import Ingester, IngestReport
    from .markdown import as_markdown

__all__ = [
    "ImportReport",
    "Importer",
    "IngestReport",
    "Ingester",
    "as_markdown",
    "export_agent_file",
    "export_json",
    "write_text",
]

__getattr__ = hand_on(
    __name__,
    {
        "agent_file": "export_agent_file",
        "export": "export_json write_text",
        "importer": "ImportReport Importer",
        "ingest": "IngestReport Ingester",
        "markdown": "as_markdown",
    },
)
