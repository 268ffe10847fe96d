"""MemGPT's memory tools, under its names: the student's memory as the model edits and searches it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Literal

from ..memory.archival import ArchivalMemory, InsertResult
from ..memory.core import Block, CoreMemory
from ..memory.dates import days_meant
from ..memory.errors import ToolRetry
from ..memory.facts import render_fact
from ..memory.learner.questions import OpenQuestions
from ..memory.recall import RecallMemory
from ..memory.types import Hit, Trust, is_untrusted, least_trusted, message_id
from .base import Tool, ToolContext, ToolResult, tool
from .guards import (
    is_own,
    keeps_more,
    not_asked_for,
    refuse_feelings,
    replaces_more,
    supersedes_more,
    writes_more,
)
from .hits import hit_lines, show_hits
from .keeping import OF_STUDENT, find_said, keep, trust_of
from .paging import read_message, read_passage

Label = Literal["student", "progress", "persona"]

PER_PAGE = 5
FILTERED_PER_PAGE = 12
MOST_PER_PAGE = 20

_KINDS = {"course": ("passage",), "student": ("fact", "note")}


def memory_tools(
    core: CoreMemory, archival: ArchivalMemory, recall: RecallMemory, budget_tokens: float = 900.0
) -> list[Tool]:
    """Make the memory tools of one student, in the order in which a model is told of them.

    Args:
        core: The blocks that are always in view.
        archival: What was put away on purpose.
        recall: Everything said.
        budget_tokens: About the most that one answer of a search or one page may take.
    """
    return [
        *_core_tools(core, archival),
        *_archival_tools(core, archival, recall),
        _archival_search(archival, budget_tokens),
        *_recall_tools(archival, recall, budget_tokens),
    ]


def _core_tools(core: CoreMemory, archival: ArchivalMemory) -> list[Tool]:
    # The loop reads request_heartbeat from the call; the tools only let the model say it.
    @tool(effect="write", guarded=writes_more, told={"label"})
    def core_memory_append(
        label: Label,
        content: str,
        context: ToolContext,
        request_heartbeat: bool = False,  # noqa: ARG001
    ) -> ToolResult:
        """Add a line to a core block; write dates out in full.

        Args:
            label: student: who they are, goals, dates. progress: what they know. persona: how to teach
            content: The line, in the student's own words.
            context: The turn.
            request_heartbeat: Whether the model goes on after it.
        """
        refuse_feelings(content, context)
        before = core.blocks()[label].version
        line, trust = _from_fact(content, context, archival), trust_of(context, said=is_own(content, context))
        return _saved(core.append(label, line, context.message_id, trust), before, context)

    @tool(effect="write", guarded=replaces_more, told=())
    def core_memory_replace(
        label: Label,
        old_content: str,
        new_content: str,
        context: ToolContext,
        request_heartbeat: bool = False,  # noqa: ARG001
    ) -> ToolResult:
        """Replace exact text in a core block ("" deletes it).

        Args:
            label: The block.
            old_content: What stands there, exactly and once.
            new_content: What is to stand there.
            context: The turn.
            request_heartbeat: Whether the model goes on after it.
        """
        refuse_feelings(new_content, context, old_content)
        before = core.blocks()[label].version
        new, trust = (
            _from_fact(new_content, context, archival),
            trust_of(context, said=is_own(new_content, context)),
        )
        return _saved(core.replace(label, old_content, new, context.message_id, trust), before, context)

    return [core_memory_append, core_memory_replace]


def _archival_tools(core: CoreMemory, archival: ArchivalMemory, recall: RecallMemory) -> list[Tool]:
    @tool(effect="write", guarded=keeps_more, told={"quote"})
    def archival_memory_insert(
        content: str,
        context: ToolContext,
        kind: Literal["fact", "note"] = "note",
        subject: str | None = None,
        quote: str | None = None,
        request_heartbeat: bool = False,  # noqa: ARG001
    ) -> ToolResult:
        """Keep one statement for later. What is no longer so: archival_memory_update.

        Args:
            content: The statement.
            context: The turn.
            kind: A fact rests on a quote.
            subject: What a fact is about.
            quote: a fact needs the student's exact words
            request_heartbeat: Whether the model goes on after it.
        """
        inserted, remark = keep(archival, recall, content, context, kind=kind, subject=subject, quote=quote)
        return _stored(inserted, remark, content, context)

    @tool(effect="write", guarded=supersedes_more(archival), told=())
    def archival_memory_update(
        id: str,  # noqa: A002 - the model's word for it
        content: str,
        context: ToolContext,
        quote: str | None = None,
        request_heartbeat: bool = False,  # noqa: ARG001
    ) -> ToolResult:
        """Supersede an archival memory by what holds now.

        Args:
            id: Its id, like a12.
            content: What holds now.
            context: The turn.
            quote: The student's exact words.
            request_heartbeat: Whether the model goes on after it.
        """
        if OF_STUDENT.search(content):
            refuse_feelings(content, context)
        said_in = find_said(quote, context, recall) if quote else None
        own = said_in is not None and (not is_untrusted(context.trust) or is_own(content, context))
        inserted = archival.update(
            bare_id(id),
            content,
            quote=quote if said_in else None,
            message_id=said_in or context.message_id,
            trust=trust_of(context, said=own),
        )
        if inserted.status == "superseded":
            old = [line for kept in archival.superseded_by(inserted.id) for line in kept.core_lines]
            core.put_line(old, archival.details(inserted.id).core_line, context.message_id)
        return _stored(inserted, "", content, context)

    return [archival_memory_insert, archival_memory_update]


def _archival_search(archival: ArchivalMemory, budget: float) -> Tool:
    @tool(told={"as_of"})
    def archival_memory_search(
        query: str,
        context: ToolContext,
        page: int = 1,
        as_of: str | None = None,
        kind: Literal["course", "student"] | None = None,
    ) -> ToolResult:
        """Search course material, facts and notes.

        Args:
            query: What to look for.
            context: The turn.
            page: Which five finds, counted from 1.
            as_of: date: what held then
            kind: Only the course, or only what is kept of the student.
        """
        moment = _day(as_of, "as_of", context)[1] - timedelta(microseconds=1) if as_of else None
        each = PER_PAGE if kind is None else FILTERED_PER_PAGE
        last = each * max(1, page)
        hits = archival.search(
            query, last, kinds=_KINDS[kind] if kind else None, as_of=moment, exclude=context.exclude
        )
        return _found(query, hits[last - each :], context, budget)

    return archival_memory_search


def _recall_tools(archival: ArchivalMemory, recall: RecallMemory, budget: float) -> list[Tool]:
    @tool(told={"start_date"})
    def conversation_search(
        query: str,
        context: ToolContext,
        start_date: str | None = None,
        end_date: str | None = None,
        role: Literal["user", "assistant"] | None = None,
        limit: int = PER_PAGE,
    ) -> ToolResult:
        """Search what was said before.

        Args:
            query: What to look for.
            context: The turn.
            start_date: 2026-11-03, last week, …
            end_date: The last day.
            role: Who said it.
            limit: How many finds.
        """
        start = _day(start_date, "start_date", context)[0] if start_date else None
        end = _day(end_date, "end_date", context)[1] if end_date else None
        wanted = min(max(1, limit), MOST_PER_PAGE)

        def search(exclude: frozenset[str]) -> list[Hit]:
            return recall.search(query, wanted, start=start, end=end, role=role, exclude=exclude)

        if hits := search(context.exclude):
            return _found(query, hits, context, budget)
        # Whoever asks for what is before their eyes is pointed to it rather than told that there is nothing.
        asked = (
            frozenset({message_id(context.message_id)})
            if context.message_id is not None
            else frozenset[str]()
        )
        return _found(query, search(asked), context, budget, "Already in view:")

    @tool(told=())
    def read_more(id: str, context: ToolContext, page: int = 1) -> ToolResult:  # noqa: A002 - the model's word
        """Read all of a text cut with "…".

        Args:
            id: Of an archival memory or a message.
            context: The turn.
            page: Which page, counted from 1.
        """
        wanted = bare_id(id)
        if wanted.startswith("a"):
            return read_passage(archival.details(wanted), page, budget, context)
        return read_message(recall.stored(wanted), page, budget, context)

    return [conversation_search, read_more]


def question_tools(questions: OpenQuestions, wanted: Callable[[str], bool]) -> list[Tool]:
    """Make the tool for the ledger of questions of one student.

    Args:
        questions: The ledger.
        wanted: Whether what the student says is read as dropping a question.
    """

    @tool(effect="write", guarded=not_asked_for(wanted), told=())
    def dismiss_question(
        id: str,  # noqa: A002 - the model's word for it
        context: ToolContext,
    ) -> ToolResult:
        """Drop an open question.

        Args:
            id: Of the message it was asked in, like m12.
            context: The turn.
        """
        asked = questions.dismiss(id.strip("[] "))
        said = f"질문을 지웠습니다: {asked.text}" if context.language == "ko" else f"Dismissed: {asked.text}"
        return ToolResult(f"Dismissed {id}: {asked.text}", said)

    return [dismiss_question]


def _from_fact(line: str, context: ToolContext, archival: ArchivalMemory) -> str:
    """Give a line with the id of the fact it repeats, where it says what the student stated in this turn."""
    stated = archival.list("fact", message=context.message_id) if context.message_id is not None else []
    for kept in stated:
        if kept.fact and line.strip() in {
            kept.text,
            *(render_fact(kept.fact, name) for name in ("ko", "en")),
        }:
            return f"{line.strip()} [{kept.id}]"
    return line


def bare_id(text: str) -> str:
    """Take an id out of the brackets that models like to leave around it."""
    return text.strip().strip("[]").strip()


def _day(phrase: str, name: str, context: ToolContext) -> tuple[datetime, datetime]:
    """Give the beginning and the end of the days a phrase means, counted from the student's own today.

    Raises:
        ToolRetry: It is no date.
    """
    days = days_meant(phrase, context.local_time)
    if days is None:
        raise ToolRetry(
            f"`{name}`: {phrase!r} is no date; write 2026-11-03, yesterday or last week.",
            f"{phrase!r}을(를) 날짜로 읽을 수 없습니다. 2026-11-03, 어제, 지난주처럼 써 주세요.",
        )
    return days


def _found(
    query: str, hits: Sequence[Hit], context: ToolContext, budget: float, lead: str = ""
) -> ToolResult:
    korean = context.language == "ko"
    if not hits:
        left_out = " What is in view already is not repeated." if context.exclude else ""
        more, more_ko = ("Nothing more", "더 찾은 것이") if context.exclude else ("Nothing", "찾은 것이")
        said = f"‘{query}’: {more_ko} 없습니다." if korean else f"{more} found for “{query}”."
        return ToolResult(f"Nothing found.{left_out}", said)
    count = len(hits)
    said = f"‘{query}’: {count}건" if korean else f"“{query}”: {count} found"
    shown = show_hits(hits, context.zone, budget)
    text = hit_lines(shown, len(hits))
    if lead:
        text = f"{lead}\n{text}"
    trusts: list[Trust] = [hit.trust for hit in shown]
    return ToolResult(text, said, hits=shown, trust=least_trusted("model", *trusts), wrapped=True)


def _saved(block: Block, before: int, context: ToolContext) -> ToolResult:
    room = f"{block.label} {len(block.value)}/{block.limit}"
    if block.version == before:
        return ToolResult(
            f"It stands there already ({room}).", _shown("이미 적혀 있습니다", "Already noted", context)
        )
    return ToolResult(
        f"Saved ({room}).{_masked(block.masked)}",
        _shown("기억했습니다", "Remembered", context),
        {"masked": block.masked},
    )


def _stored(inserted: InsertResult, remark: str, content: str, context: ToolContext) -> ToolResult:
    match inserted.status:
        case "known":
            output = f"Known already as {inserted.id}; nothing was stored."
            shown = _shown("이미 알고 있습니다", "Already known", context)
        case "superseded":
            output = f"Stored as {inserted.id} in place of {inserted.of}."
            shown = _shown("고쳐 적었습니다", "Corrected", context)
        case "stored":
            output = f"Stored as {inserted.id}."
            shown = _shown("적어 두었습니다", "Noted", context)
    extras = {"inserted": inserted, "masked": inserted.masked}
    return ToolResult(f"{output}{remark}{_masked(inserted.masked)}", f"{shown}: {content}", extras)


def _masked(kinds: Sequence[str]) -> str:
    return f" Masked: {', '.join(kinds)}." if kinds else ""


def _shown(korean: str, english: str, context: ToolContext) -> str:
    return korean if context.language == "ko" else english
