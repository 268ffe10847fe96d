"""Reading a long text page by page: a stored message, a tool's whole result, a passage."""

from __future__ import annotations

import re

from ..memory.archival.records import ArchivalRecord
from ..memory.errors import ToolRetry
from ..memory.types import StoredMessage, message_id
from .base import UNTRUSTED, ToolContext, ToolResult
from .text import estimate_tokens

_WRAPPED = re.compile(r'^<untrusted source="([^"]*)" trust="\w+">$', re.MULTILINE)
_DELIMITER = re.compile(r'^(?:<untrusted source="[^"]*" trust="\w+">|</untrusted>)\n?', re.MULTILINE)


def read_passage(kept: ArchivalRecord, page: int, budget: float, context: ToolContext) -> ToolResult:
    """Give a page of an archival memory.

    Raises:
        ToolRetry: There is no such page.
    """
    remark = f"(no longer holds; see {kept.superseded_by})" if kept.superseded_by else ""
    source = kept.origin or kept.id
    return _page(kept.id, kept.text, page, budget, context, remark, source if kept.trust in UNTRUSTED else "")


def read_message(stored: StoredMessage, page: int, budget: float, context: ToolContext) -> ToolResult:
    """Give a page of a message, or of a tool's whole result where the model was shown a part.

    Raises:
        ToolRetry: There is no such page.
    """
    text = stored.message.content
    # A page may hold one delimiter of two or neither, so they are taken off here and put around the page.
    wrapped = _WRAPPED.search(text) if stored.message.role == "tool" else None
    if wrapped:
        text = _DELIMITER.sub("", text)
    return _page(message_id(stored.id), text, page, budget, context, "", wrapped.group(1) if wrapped else "")


def pages_of(text: str, budget: float) -> list[str]:
    """Cut a text into pages of at most about `budget` tokens, at the end of a paragraph, line or word."""
    size = max(200, int(budget * len(text) / max(1.0, estimate_tokens(text))))
    pages: list[str] = []
    start = 0
    while start < len(text):
        end = start + size
        if end < len(text):
            cuts = (text.rfind(mark, start + size // 2, end) + len(mark) for mark in ("\n\n", "\n", " "))
            end = next((cut for cut in cuts if cut > start + size // 2), end)
        pages.append(text[start:end])
        start = end
    return pages or [""]


def _page(
    name: str, text: str, number: int, budget: float, context: ToolContext, remark: str, untrusted_source: str
) -> ToolResult:
    pages = pages_of(text, budget)
    if not 1 <= number <= len(pages):
        raise ToolRetry(
            f"{name} has {len(pages)} page(s); there is no page {number}.",
            f"{name}은(는) {len(pages)}쪽까지 있습니다.",
        )
    place = f"{name} {number}/{len(pages)}"
    said = f"읽음: {place}쪽" if context.language == "ko" else f"Read: {place}"
    body = pages[number - 1].strip("\n")
    if untrusted_source:
        return ToolResult(body, said, trust="web", source=f"{untrusted_source} ({place})")
    head = f"({place}) {remark}".rstrip()
    return ToolResult(f"{head}\n{body}", said)
