"""What the study model sees of a request: the student's words, what memory found, what was said and done before.

All of it are values (`Request.turn`); the prompt is not read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property, lru_cache
from typing import Any, cast

from ....memory.archival import ArchivalRecord
from ....memory.dates import zone_of
from ....memory.facts import StatedFact, extract_facts, render_fact, settle, single_valued
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
        kept: The facts that the student stated, what was superseded too, oldest first.
        core: The block `student` as it is now, and its limit.
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
    kept: tuple[ArchivalRecord, ...] = ()
    tools: frozenset[str] = frozenset()
    turn: int = 0

    @cached_property
    def stated(self) -> tuple[StatedFact, ...]:
        """What the student states about themself in this very message."""
        return tuple(settle(fact, self._facts_before.values()) for fact in _facts(self.said, self.now))

    @cached_property
    def facts(self) -> tuple[StatedFact, ...]:
        """What the student has stated as it holds now, this message's included, oldest first."""
        return tuple(_with(self._facts_before, self.stated).values())

    @cached_property
    def _facts_before(self) -> dict[str, StatedFact]:
        facts = _with({}, [item.fact for item in self.kept if item.fact and item.valid_to is None])
        for exchange in () if self.kept else self.earlier:
            for fact in _facts(exchange.asked, exchange.when):
                facts = _with(facts, [settle(fact, facts.values())])
        return facts

    def facts_on(self, day: date) -> list[tuple[StatedFact, str]]:
        """What held at the end of a day, with its ids, oldest first."""
        return [
            (item.fact, item.id)
            for item in self.kept
            if item.fact
            and _local_day(item.fact.valid_from, item) <= day
            and (item.valid_to is None or _local_day(item.valid_to, item) > day)
        ]

    @property
    def confusions(self) -> list[str]:
        """What confuses the student, the last stated last."""
        return [f.value for f in self.facts if f.kind == "confusion" and f.polarity != "understood"]

    @property
    def name(self) -> str:
        """What the student is called, "" while unknown: what they said last."""
        return next((fact.value for fact in reversed(self.facts) if fact.kind in {"name", "nickname"}), "")

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

    def sentence(self, fact: StatedFact) -> str:
        """A fact as it is kept, else as it would be written in this talk."""
        item = self._item(fact)
        return item.text if item else render_fact(fact, self.language)

    def id_of(self, fact: StatedFact) -> str:
        """The id under which a fact is kept, where it was found in this turn."""
        item = self._item(fact)
        return item.id if item and item.id in self.known else ""

    def _item(self, fact: StatedFact) -> ArchivalRecord | None:
        same = (fact.subject, fact.value, fact.day)
        held = (item for item in self.kept if item.fact and item.valid_to is None)
        return next((i for i in held if i.fact and (i.fact.subject, i.fact.value, i.fact.day) == same), None)


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


@lru_cache(maxsize=512)
def _facts(said: str, when: datetime | None) -> tuple[StatedFact, ...]:
    return tuple(extract_facts(said, when, "UTC")) if when else ()


def _with(facts: Mapping[str, StatedFact], newer: Iterable[StatedFact]) -> dict[str, StatedFact]:
    """Facts by subject, the newest last; of what may be several, each under a key of its own."""
    found = dict(facts)
    for fact in newer:
        key = fact.subject if single_valued(fact.subject) else f"{fact.subject} {fact.value} {fact.day}"
        if fact.change:
            found = {k: other for k, other in found.items() if other.subject != fact.subject}
        found.pop(key, None)
        found[key] = fact
    return found


def _local_day(time: datetime, item: ArchivalRecord) -> date:
    return time.astimezone(zone_of(item.zone)).date()


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
