"""The student's memory as a tool may use it that is not ours: it reads freely, and its words are trusted as little as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from ..memory.archival import ArchivalMemory
from ..memory.errors import ToolError
from ..memory.recall import RecallMemory
from ..memory.types import Scope, ShownHit, Trust, least_trusted, message_id
from .base import Tool, ToolContext
from .hits import show_hits
from .keeping import keep


class StudentMemory:
    """One student's memory, for the calls of tools.

    Args:
        archival: What was put away on purpose.
        recall: Everything said.
        context: The turn of the call that uses it.
        writes: Whether that call may keep something.

    Attributes:
        found: The least trusted words that a search gave.
    """

    def __init__(
        self,
        archival: ArchivalMemory,
        recall: RecallMemory,
        context: ToolContext | None = None,
        *,
        writes: bool = False,
    ) -> None:
        self._archival, self._recall, self._writes = archival, recall, writes
        self._context = context or ToolContext()
        self.found: Trust = "student"

    def of_call(self, tool: Tool, context: ToolContext, usual: Trust) -> StudentMemory:
        """The same for one call of a tool whose words are of the trust `usual`."""
        lowered = replace(context, trust=least_trusted(context.trust, usual))
        return StudentMemory(self._archival, self._recall, lowered, writes=tool.effect != "read")

    def search(self, query: str, k: int = 5, where: Scope | Literal["all"] = "all") -> Sequence[ShownHit]:
        """Give the best `k`, best first, without what the student has just said.

        Raises:
            ToolError: `where` is none of the memories.
        """
        if where not in {"all", "recall", "archival"}:
            raise ToolError(
                f'There is no memory `{where}`; there are "recall", "archival" and "all".',
                f'`{where}`이라는 기억은 없습니다. "recall", "archival", "all" 중에서 고르세요.',
            )
        said = self._context.message_id
        exclude = frozenset[str]() if said is None else frozenset({message_id(said)})
        hits = [] if where == "archival" else self._recall.search(query, k, exclude=exclude)
        if where != "recall":
            hits += self._archival.search(query, k, exclude=exclude)
        hits = sorted(hits, key=lambda hit: hit.relevance, reverse=True)[:k]
        trusts: list[Trust] = [hit.trust for hit in hits]
        self.found = least_trusted(self.found, *trusts)
        hide = self._context.hide
        return [
            replace(hit, text=hide(hit.text), rendered=hide(hit.rendered))
            for hit in show_hits(hits, self._context.zone)
        ]

    def insert(self, text: str, kind: Literal["note", "fact"] = "note") -> str:
        """Put a statement away and give its id; what is known already keeps the id it has.

        Raises:
            ToolError: The tool only reads.
            ToolRetry: The text is empty, or speaks of a feeling that the student has not spoken of.
        """
        if not self._writes:
            raise ToolError(
                'A tool that keeps something in memory says so: @tool(effect="write").',
                '기억에 적는 도구는 @tool(effect="write")라고 밝혀야 합니다.',
            )
        inserted, _ = keep(self._archival, self._recall, text, self._context, kind=kind)
        return inserted.id
