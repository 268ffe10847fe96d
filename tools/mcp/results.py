"""What a server answered, as text for a model: words as they are, and the rest by its name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ...memory.errors import ToolError
from ..base import ToolResult
from ..text import CUT, first_line
from .descriptions import words
from .servers import Server

if TYPE_CHECKING:
    from mcp import types
    from mcp.types import ContentBlock

LONGEST_RESULT = 100_000
"""Characters of a result that are taken; what of them a window has room for is decided where it is shown."""

LONGEST_ERROR = 4_000
LONGEST_SHOWN = 400


def result_of(answer: types.CallToolResult, server: Server, name: str) -> ToolResult:
    """Give what a tool of a server answered.

    Raises:
        ToolError: The server says that it went wrong.
    """
    parts = [_text(block) for block in answer.content]
    text = "\n\n".join(part for part in parts if part.strip())
    if not text and answer.structured_content is not None:
        text = json.dumps(answer.structured_content, ensure_ascii=False)
    if answer.is_error:
        said = words(text, LONGEST_ERROR) or "?"
        raise ToolError(f"{name} ({server.name}): {said}", f"{name} ({server.name}): {said}")
    if len(text) > LONGEST_RESULT:
        text = f"{text[:LONGEST_RESULT]}{CUT}\n({len(text):,} characters in all)"
    shown = first_line(" ".join(text[:LONGEST_SHOWN].split()))
    return ToolResult(text or "Done.", display=shown, trust="web", source=server.source)


def _text(block: ContentBlock) -> str:
    match block.type:
        case "text":
            return block.text
        case "image" | "audio":
            return f"({block.type}, {block.mime_type}, {3 * len(block.data) // 4:,} bytes: not shown)"
        case "resource_link":
            return f"(resource {block.name}: {block.uri})"
        case "resource":
            inner = block.resource
            text = getattr(inner, "text", None)
            if text is None:
                return f"(resource {inner.uri}, {inner.mime_type or 'binary'}: not shown)"
            return f"(resource {inner.uri})\n{text}"
