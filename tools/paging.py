"""Reading a long text page by page: a stored message, a tool's whole result, a passage."""

from __future__ import annotations

import re

from ..memory.archival import ArchivalRecord
from ..memory.errors import ToolRetry
from ..memory.types import Hit, ShownHit, StoredMessage, Trust, least_trusted, message_id
from .base import OUTSIDE, ToolContext, ToolResult
from .hits import wrap_untrusted
from .text import estimate_tokens

_DELIMITER = re.compile(r'^(?:<untrusted source="[^"]*" trust="\w+">|</untrusted>)\n?', re.MULTILINE)


def read_passage(kept: ArchivalRecord, page: int, budget: float, context: ToolContext) -> ToolResult:
    """Give a page of an archival memory.

    Raises:
        ToolRetry: There is no such page.
    """
    remark = f"(no longer holds; see {kept.superseded_by})" if kept.superseded_by else ""
    return _page(kept.as_hit(), kept.text, page, budget, context, remark)


def read_message(stored: StoredMessage, page: int, budget: float, context: ToolContext) -> ToolResult:
    """Give a page of a message, or of a tool's whole result where the model was shown a part.

    Raises:
        ToolRetry: There is no such page.
    """
    message, text = stored.message, stored.message.content
    if message.role == "tool" and stored.trust in OUTSIDE:
        text = _DELIMITER.sub("", text)  # a page could hold one of two: they are put around each page
    hit = Hit(
        id=message_id(stored.id),
        external_id=None,
        source="recall",
        score=0.0,
        relevance=0.0,
        time=stored.time,
        role=message.role,
        text=text,
        name=message.name,
        trust=stored.trust,
        origin=message.name if message.role == "tool" else None,
    )
    return _page(hit, text, page, budget, context, "")


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


def _page(hit: Hit, text: str, number: int, budget: float, context: ToolContext, remark: str) -> ToolResult:
    pages = pages_of(text, budget)
    if not 1 <= number <= len(pages):
        raise ToolRetry(
            f"{hit.id} has {len(pages)} page(s); there is no page {number}.",
            f"{hit.id}은(는) {len(pages)}쪽까지 있습니다.",
        )
    place = f"{hit.id} {number}/{len(pages)}"
    said = f"읽음: {place}쪽" if context.language == "ko" else f"Read: {place}"
    body = pages[number - 1].strip("\n")
    trust: Trust = least_trusted("model", hit.trust)
    if trust in OUTSIDE:
        written = output = wrap_untrusted(body, f"{hit.origin or hit.id} ({place})", trust)
    else:
        written, output = body, f"{f'({place}) {remark}'.rstrip()}\n{body}"
    shown = ShownHit(
        id=hit.id,
        kind=hit.kind,
        role=hit.role,
        trust=hit.trust,
        time=hit.time,
        text=body,
        rendered=written,
        cut=len(pages) > 1,
        name=hit.name,
        origin=hit.origin,
        locator=hit.locator,
    )
    # The beginning stands for the whole: it is what was cut that gets read on.
    begins = number == 1 and hit.role != "tool"
    return ToolResult(output, said, hits=(shown,) if begins else (), trust=trust, wrapped=True)
