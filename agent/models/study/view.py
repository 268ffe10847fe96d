"""What the study model sees of a request: the student's words, what memory found, what was said and done before.

All of it are values (`Request.turn`); the prompt is not read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from ....memory.archival import ArchivalRecord
from ....memory.facts import StatedFact
from ....memory.questions import OpenQuestion
from ....memory.text import HANGUL
from ....memory.types import ShownHit, StoredMessage, ToolCall
from ...model import Past, Request
from ...settings import local_time

Language = Literal["ko", "en"]

LONGEST_READ = 3_000
"""Characters of a message that are read; of a longer one its beginning and its end."""

_CITED = re.compile(r"\[([am]\d+)\]")


@dataclass(frozen=True, slots=True)
class Result:
    """A tool call of this turn and what came back."""

    name: str
    text: str
    hits: tuple[ShownHit, ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """An earlier turn in view: the student's words and when they were said, and the professor's."""

    asked: str
    when: datetime
    said: str

    @property
    def cited(self) -> list[str]:
        """The ids that the reply names."""
        return _CITED.findall(self.said)


@dataclass(frozen=True)
class TurnView:
    """One request as the study model reads it.

    Attributes:
        said: The student's words in this turn.
        now: The student's local time.
        beside: What memory put beside the message, best first.
        results: The tool calls of this turn, in order.
        spoken: What was said in this turn already, before a tool call.
        earlier: The turns before this one that are in view, oldest first.
        known: Every hit in view by id, newest last.
        kept: What the student said of themself and is kept, superseded or not, oldest first.
        questions: Questions that wait for an answer, oldest first.
        tools: Names of the tools at hand.
        name: What the student is called, "" while unknown.
        course: The passages of the course by their place: (file, locator) in the order of the files.
        vocabulary: Reads the words of the course that are written in Latin letters.
        past: Reads what the student said earlier, in any conversation.
    """

    said: str
    language: Language
    now: datetime = datetime.min
    beside: tuple[ShownHit, ...] = ()
    results: tuple[Result, ...] = ()
    spoken: str = ""
    earlier: tuple[Exchange, ...] = ()
    known: Mapping[str, ShownHit] = field(default_factory=dict[str, ShownHit])
    kept: tuple[ArchivalRecord, ...] = ()
    questions: tuple[OpenQuestion, ...] = ()
    tools: frozenset[str] = frozenset()
    name: str = ""
    course: tuple[tuple[str, str], ...] = ()
    vocabulary: Callable[[], set[str]] | None = None
    past: Past | None = None
    asked_id: int = 0
    session: int = 0
    turn: int = 0

    @property
    def stated(self) -> list[StatedFact]:
        """What the rules read in this very message; it is kept already."""
        return [item.fact for item in self.kept if item.fact and item.message_id == self.asked_id]

    @property
    def facts(self) -> list[StatedFact]:
        """What the student stated as it holds now, this message's included, oldest first."""
        return [item.fact for item in self.kept if item.fact and item.valid_to is None]

    @property
    def last(self) -> Exchange | None:
        """The turn before this one."""
        return self.earlier[-1] if self.earlier else None

    def done(self, tool: str) -> list[Result]:
        """The calls of one tool in this turn."""
        return [result for result in self.results if result.name == tool]

    def can(self, tool: str) -> bool:
        """Whether a tool is at hand and was not called in this turn."""
        return tool in self.tools and not self.done(tool)

    def hits(self) -> list[ShownHit]:
        """What the tools of this turn found, best first, each once."""
        return list({hit.id: hit for result in self.results for hit in result.hits}.values())


def read_turn(request: Request) -> TurnView:
    """Read a request: its values, and of one that carries none the student's last words only."""
    tools = frozenset(spec.name for spec in request.tools)
    values = request.turn
    if values is None:
        said = next((m.content for m in reversed(request.messages) if m.role == "user"), "")
        return TurnView(in_short(said), language_of(said, "en"), tools=tools)
    tools -= {"web_search"} if values.offline else set()
    turns = _turns(values.log)
    last = turns[-1] if turns else []
    earlier = tuple(_exchange(turn) for turn in turns[:-1])
    said = in_short(last[0].message.content) if last else ""
    results, spoken = _results(last[1:], values.whole)
    usual: Language = "ko" if values.profile.language == "ko" else "en"
    for exchange in earlier:
        usual = language_of(exchange.asked, usual)
    return TurnView(
        said=said,
        language=language_of(said, usual),
        now=local_time(last[0].time, last[0].zone) if last else values.profile.now,
        beside=whole_hits(last[0].hits, values.whole) if last else (),
        results=results,
        spoken=spoken,
        earlier=earlier,
        known=_known(values.log, values.whole),
        kept=values.profile.kept,
        questions=tuple(q for q in values.questions if not last or q.message_id != last[0].id),
        tools=tools,
        name=_name(values.profile.kept) or values.profile.name,
        course=tuple((file_name(file), place) for file, place in values.course),
        vocabulary=values.vocabulary,
        past=values.past,
        asked_id=last[0].id if last else 0,
        session=last[0].session_id if last else 0,
        turn=len(turns),
    )


def _name(kept: Sequence[ArchivalRecord]) -> str:
    named = (
        k.fact for k in reversed(kept) if k.fact and k.fact.kind in {"name", "nickname"} and not k.valid_to
    )
    return next((fact.value for fact in named), "")


def file_name(origin: str) -> str:
    return origin if "://" in origin else origin.replace("\\", "/").rpartition("/")[2]


def in_short(text: str) -> str:
    """Give what is read of a message."""
    text = text.strip()
    if len(text) <= LONGEST_READ:
        return text
    end = LONGEST_READ // 3
    return f"{text[: LONGEST_READ - end]}\n…\n{text[-end:]}"


def language_of(text: str, usual: Language) -> Language:
    """The language of a turn: Hangul is Korean, two English words are English, a bare term goes on as before."""
    if HANGUL.search(text) or any("ㄱ" <= letter <= "ㅣ" for letter in text):
        return "ko"
    words = [word for word in text.split() if word.isascii() and any(map(str.isalpha, word))]
    return "en" if len(words) >= 2 else usual


def _turns(log: Iterable[StoredMessage]) -> list[list[StoredMessage]]:
    turns: list[list[StoredMessage]] = []
    for stored in log:
        if stored.message.role == "user":
            turns.append([stored])
        elif turns:
            turns[-1].append(stored)
    return turns


def _exchange(turn: Sequence[StoredMessage]) -> Exchange:
    spoken = (m.message.content for m in turn if m.message.role == "assistant")
    said = "\n\n".join(text for text in spoken if text.strip())
    return Exchange(in_short(turn[0].message.content), local_time(turn[0].time, turn[0].zone), said)


def _results(turn: Sequence[StoredMessage], whole: Mapping[str, str]) -> tuple[tuple[Result, ...], str]:
    calls: dict[str, ToolCall] = {}
    results: list[Result] = []
    spoken: list[str] = []
    for stored in turn:
        message = stored.message
        calls.update({call.id: call for call in message.tool_calls})
        if message.role == "assistant" and message.content.strip():
            spoken.append(message.content)
        call = calls.get(message.tool_call_id or "") if message.role == "tool" else None
        if call is not None:
            results.append(Result(call.name, message.content, whole_hits(stored.hits, whole)))
    return tuple(results), "\n\n".join(spoken)


def _known(log: Iterable[StoredMessage], whole: Mapping[str, str]) -> dict[str, ShownHit]:
    return {hit.id: hit for stored in log for hit in whole_hits(stored.hits, whole)}


def whole_hits(hits: Iterable[ShownHit], whole: Mapping[str, str]) -> tuple[ShownHit, ...]:
    """Give hits with all of their texts."""
    return tuple(replace(hit, text=whole[hit.id]) if hit.id in whole else hit for hit in hits)
