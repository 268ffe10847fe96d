"""What the study model sees of a request: the student's words, what memory found, what was said and done before.

All of it are values (`Request.turn`); the prompt is not read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any, cast

from ....memory.facts.extract import StatedFact, extract_facts, settle
from ....memory.types import ShownHit, StoredMessage, ToolCall
from ....tools.base import OUTSIDE
from ....tools.hits import place_of
from ...model import Request
from ...settings import local_time
from .terms import Language, language_of

_CITED = re.compile(r"\[([am]\d+)\]")
LONGEST_READ = 3_000
"""Characters of a message that are read."""

_NO_WORD = re.compile(r"\S{200,}|(?<=\s)\s{9,}")
_WISHED: tuple[tuple[re.Pattern[str], Language], ...] = (
    (
        re.compile(r"영어로\s*(?:\S+\s+)?(?:설명|말|알려|답|해|보여|다시)|\bin\s+english\b", re.IGNORECASE),
        "en",
    ),
    (
        re.compile(
            r"(?:한국어|한글|우리말)로\s*(?:\S+\s+)?(?:설명|말|알려|답|해|보여|다시)|\bin\s+korean\b",
            re.IGNORECASE,
        ),
        "ko",
    ),
)
"""What asks for an answer in a language other than its own."""
DEFAULT_LIMIT = 1200


@dataclass(frozen=True, slots=True)
class SeenHit:
    """A hit in view, as the student would name it.

    Attributes:
        date, time: The student's day, and "14:05" for messages, else "".
        kind: Who said it ("user", "assistant") or the archival kind ("passage", "fact", "note").
        place: File and heading, a URL, or a speaker's name; "" if none.
        untrusted: A stranger's words.
        cut: The text goes on in the store; `read_more` shows it.
    """

    id: str
    date: date
    time: str
    kind: str
    place: str
    text: str
    untrusted: bool
    cut: bool


@dataclass(frozen=True, slots=True)
class Result:
    """A tool call of this turn and what came back."""

    name: str
    arguments: Mapping[str, Any]
    text: str
    hits: tuple[SeenHit, ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """An earlier turn in view: the student's words and when they were said, and the professor's."""

    asked: str
    when: datetime | None
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
        now: The student's local time; its zone says nothing.
        beside: Hits that stood beside the message, best first.
        results: The tool calls of this turn, in order.
        spoken: What was said in this turn already, before a tool call.
        earlier: The turns before this one that are in view, oldest first.
        known: Every hit in view by id, the fullest text of each, newest last.
        core: The block `student` as it is now, and its limit.
        kept: What the student stated before and what holds now.
        tools: Names of the tools at hand.
    """

    said: str
    language: Language
    now: datetime | None = None
    beside: tuple[SeenHit, ...] = ()
    results: tuple[Result, ...] = ()
    spoken: str = ""
    earlier: tuple[Exchange, ...] = ()
    known: Mapping[str, SeenHit] = field(default_factory=dict[str, SeenHit])
    core: str = ""
    limit: int = DEFAULT_LIMIT
    kept: tuple[StatedFact, ...] = ()
    tools: frozenset[str] = frozenset()
    turn: int = 0

    @cached_property
    def stated(self) -> tuple[StatedFact, ...]:
        """What the student states about themself in this very message."""
        if self.now is None:
            return ()
        spoken = language_of(self.said, self.language)
        return tuple(settle(fact, self.kept) for fact in extract_facts(self.said, self.now, "UTC", spoken))

    @cached_property
    def facts(self) -> dict[str, StatedFact]:
        """What the student has stated, by subject, the newest of each, this message's included."""
        facts = {fact.subject: fact for fact in self.kept}
        for fact in self.stated:
            facts.pop(fact.subject, None)
            facts[fact.subject] = fact
        return facts

    @property
    def name(self) -> str:
        """What the student is called, "" while unknown."""
        fact = self.facts.get("name")
        return fact.value if fact else ""

    @property
    def today(self) -> date | None:
        """The student's day."""
        return self.now.date() if self.now else None

    def done(self, tool: str) -> list[Result]:
        """The calls of one tool in this turn."""
        return [result for result in self.results if result.name == tool]

    def hits(self) -> list[SeenHit]:
        """What was found in this turn, beside the message and by tools, best first."""
        ids = [hit.id for hit in self.beside]
        ids += [hit.id for result in self.results for hit in result.hits]
        return [self.known[i] for i in dict.fromkeys(ids) if i in self.known]

    def id_of(self, fact: StatedFact) -> str:
        """The id under which a fact is kept, where it was found in this turn."""
        return next(
            (hit.id for hit in self.known.values() if hit.kind == "fact" and hit.text == fact.text), ""
        )


def read_turn(request: Request) -> TurnView:
    """Read a request: its values, and of one that carries none the student's last words only."""
    tools = frozenset(spec.name for spec in request.tools)
    values = request.turn
    if values is None:
        said = next((m.content for m in reversed(request.messages) if m.role == "user"), "")
        return TurnView(in_short(said), language_of(said, "en"), tools=tools)
    turns = _turns(values.log)
    last = turns[-1] if turns else []
    earlier = tuple(_exchange(turn) for turn in turns[:-1])
    said = in_short(last[0].message.content) if last else ""
    results, spoken = _results(last[1:])
    core = values.profile.core.get("student")
    return TurnView(
        said=said,
        language=_language(said, earlier, values.profile.language),
        now=_local(last[0]) if last else None,
        beside=tuple(seen(hit, last[0].zone) for hit in last[0].hits) if last else (),
        results=results,
        spoken=spoken,
        earlier=earlier,
        known=_known(values.log),
        core=core.value if core else "",
        limit=core.limit if core else DEFAULT_LIMIT,
        kept=values.profile.facts,
        tools=tools,
        turn=len(turns),
    )


def seen(hit: ShownHit, zone: str) -> SeenHit:
    """Give a hit as it is named to a student in a zone."""
    spoken = hit.kind == "message"
    local = local_time(hit.time, zone)
    return SeenHit(
        id=hit.id,
        date=local.date(),
        time=f"{local:%H:%M}" if spoken else "",
        kind=hit.role if spoken else hit.kind,
        place=place_of(hit),
        text=hit.text,
        untrusted=hit.trust in OUTSIDE,
        cut=hit.cut,
    )


def in_short(text: str) -> str:
    """Give what the rules read of a message: its beginning and its end, without what is no word.

    They are written for sentences. A word of 10,000 letters kept them busy for ten seconds, one of 50,000 for minutes.
    """
    text = _NO_WORD.sub("…", text).strip()
    if len(text) <= LONGEST_READ:
        return text
    end = LONGEST_READ // 3
    return f"{text[: LONGEST_READ - end]}\n…\n{text[-end:]}"


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
    return Exchange(in_short(turn[0].message.content), _local(turn[0]), said)


def _local(stored: StoredMessage) -> datetime:
    """When a message was said by the student's clock; the rules count days only, in whatever zone."""
    return local_time(stored.time, stored.zone).replace(tzinfo=UTC)


def _results(turn: Sequence[StoredMessage]) -> tuple[tuple[Result, ...], str]:
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
            hits = tuple(seen(hit, stored.zone) for hit in stored.hits)
            results.append(Result(call.name, arguments_of(call), message.content, hits))
    return tuple(results), "\n\n".join(spoken)


def arguments_of(call: ToolCall) -> dict[str, Any]:
    """A call's arguments; none where they are no JSON object."""
    try:
        value = json.loads(call.arguments)
    except ValueError:
        return {}
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _language(said: str, earlier: Sequence[Exchange], usual: str) -> Language:
    language: Language = "ko" if usual == "ko" else "en"
    for asked, wished in _WISHED:
        if asked.search(said):
            return wished
    for exchange in earlier:
        language = language_of(exchange.asked, language)
    return language_of(said, language)


def _known(log: Iterable[StoredMessage]) -> dict[str, SeenHit]:
    """Collect every hit in view; what was read on with `read_more` takes the place of a text that was cut.

    A fact that was searched for as of a day need not hold now: it is none of the others' kind.
    """
    known: dict[str, SeenHit] = {}
    of_a_day: set[str | None] = set()
    for stored in log:
        of_a_day |= {call.id for call in stored.message.tool_calls if "as_of" in arguments_of(call)}
        old_news = stored.message.role == "tool" and stored.message.tool_call_id in of_a_day
        for hit in (seen(shown, stored.zone) for shown in stored.hits):
            if old_news and hit.kind == "fact":
                continue
            old = known.pop(hit.id, None)
            known[hit.id] = old if old is not None and not old.cut and hit.cut else hit
    return known
