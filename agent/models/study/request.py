"""What the study model sees of a request: the student's words, what memory found, what was said and done before."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property, lru_cache
from typing import Any, cast

from ....memory.archival.records import ArchivalRecord
from ....memory.dates.zones import zone_of
from ....memory.facts.extract import extract_facts, settle
from ....memory.facts.render import render_fact
from ....memory.facts.subjects import single_valued
from ....memory.facts.values import StatedFact
from ....memory.types import Message, ToolCall
from ....tools.hits import ParsedHit, parse_hits
from ...model import Request
from .terms import Language, language_of

_BESIDE = re.compile(
    r"(?:\A|\n\n)(?:<memory>\n(?P<memory>.*?)\n</memory>\n)?(?P<notes>(?:\([^\n]*\)\n)*)"
    r"\((?P<day>\d{4}-\d\d-\d\d) \w{3} (?P<time>\d\d:\d\d)(?P<gap>, [^)\n]*)?\)\s*\Z",
    re.DOTALL,
)
# The summary of folded turns stands before the first message: anybody's words, so no statement of the student's.
_EARLIER = re.compile(r"\A<earlier>\n.*?\n</earlier>\n\n", re.DOTALL)
_BLOCK = re.compile(
    r'^<student limit="(?P<limit>\d+)">\n(?P<value>.*?)\n</student>$', re.DOTALL | re.MULTILINE
)
_PAGE = re.compile(r"\((?P<id>[am]\d+) (?P<page>\d+)/(?P<pages>\d+)\)[^\n]*\n(?P<text>.*)\Z", re.DOTALL)
_CITED = re.compile(r"\[([am]\d+)\]")
CUT_OFF = " … [cut off here]"
LONGEST_READ = 3_000
"""Characters of a message that are read."""

_NO_WORD = re.compile(r"\S{200,}|(?<=\s)\s{9,}")
_GAP = re.compile(r"\[… about [\d,]+ tokens left out;[^\n]*…\]")
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
class Result:
    """A tool call of this turn and what came back; `ok` is a guess from the words where the tool failed."""

    name: str
    arguments: Mapping[str, Any]
    text: str


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
class Scene:
    """One request as the study model reads it.

    Attributes:
        said: The student's words in this turn.
        now: The student's local time; its zone says nothing.
        beside: Finds that stood beside the message, best first.
        results: The tool calls of this turn, in order.
        spoken: What was said in this turn already, before a tool call.
        earlier: The turns before this one that are in view, oldest first.
        known: Every find in view by id, the fullest text of each, newest last.
        kept: The facts that the student stated, what was superseded too, oldest first.
        core: The block `student` as it is now, and its limit.
        tools: Names of the tools at hand.
    """

    said: str
    language: Language
    now: datetime | None
    context_note: tuple[ParsedHit, ...]
    results: tuple[Result, ...]
    spoken: str
    earlier: tuple[Exchange, ...]
    known: Mapping[str, ParsedHit]
    kept: tuple[ArchivalRecord, ...]
    core: str
    limit: int
    tools: frozenset[str]
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

    def finds(self) -> list[ParsedHit]:
        """What was found in this turn, beside the message and by tools, best first."""
        ids = [hit.id for hit in self.context_note]
        ids += [hit.id for result in self.results for hit in _hits(result.text)]
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


def read_scene(request: Request) -> Scene:
    """Read a request. A request without a student's message is read as an empty one."""
    system = "\n".join(m.content for m in request.messages if m.role == "system")
    turns = _turns(request.messages)
    said, context_note, now = split_beside(turns[-1][0].content) if turns else ("", "", None)
    earlier = tuple(_exchange(turn) for turn in turns[:-1])
    said = in_short(_GAP.sub(" ", said))
    language = _language(said, earlier, system)
    results, spoken = _results(turns[-1][1:]) if turns else ((), "")
    core, limit = _core(system, request.messages)
    return Scene(
        said=said,
        language=language,
        now=now,
        context_note=tuple(_hits(context_note)),
        results=results,
        spoken=spoken,
        earlier=earlier,
        known=_known(request.messages),
        kept=request.facts,
        core=core,
        limit=limit,
        tools=frozenset(spec.name for spec in request.tools),
        turn=len(turns),
    )


def split_beside(content: str) -> tuple[str, str, datetime | None]:
    """Part a user's message as it is sent into the student's words, the finds beside them, and the local time."""
    found = _BESIDE.search(content)
    if found is None:
        return content.strip(), "", None
    when = datetime.strptime(f"{found['day']} {found['time']}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    return content[: found.start()].strip(), found["memory"] or "", when


def in_short(text: str) -> str:
    """Give what the rules read of a message: its beginning and its end, without what is no word.

    They are written for sentences. A word of 10,000 letters kept them busy for ten seconds, one of 50,000 for minutes.
    """
    text = _NO_WORD.sub("…", text).strip()
    if len(text) <= LONGEST_READ:
        return text
    end = LONGEST_READ // 3
    return f"{text[: LONGEST_READ - end]}\n…\n{text[-end:]}"


def _turns(messages: Iterable[Message]) -> list[list[Message]]:
    turns: list[list[Message]] = []
    for message in messages:
        if message.role == "user":
            words = message.content if turns else _EARLIER.sub("", message.content)
            turns.append([replace(message, content=words)])
        elif message.role != "system" and turns:
            turns[-1].append(message)
    return turns


def _exchange(turn: Sequence[Message]) -> Exchange:
    said, _, when = split_beside(turn[0].content)
    replies = [m.content.removesuffix(CUT_OFF) for m in turn if m.role == "assistant" and m.content.strip()]
    return Exchange(in_short(said), when, "\n\n".join(replies))


def _results(messages: Sequence[Message]) -> tuple[tuple[Result, ...], str]:
    calls: dict[str, ToolCall] = {}
    results: list[Result] = []
    spoken: list[str] = []
    for message in messages:
        calls.update({call.id: call for call in message.tool_calls})
        if message.role == "assistant" and message.content.strip():
            spoken.append(message.content)
        call = calls.get(message.tool_call_id or "") if message.role == "tool" else None
        if call is not None:
            results.append(Result(call.name, arguments_of(call), message.content))
    return tuple(results), "\n\n".join(spoken)


def arguments_of(call: ToolCall) -> dict[str, Any]:
    """A call's arguments; none where they are no JSON object."""
    try:
        value = json.loads(call.arguments)
    except ValueError:
        return {}
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _language(said: str, earlier: Sequence[Exchange], system: str) -> Language:
    language: Language = "ko" if re.search(r"[가-힣]", system.partition("# Memory and tools")[0]) else "en"
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


@lru_cache(maxsize=512)
def _hits(text: str) -> tuple[ParsedHit, ...]:
    return tuple(_up_to_the_gap(hit) for hit in parse_hits(text))


def _up_to_the_gap(hit: ParsedHit) -> ParsedHit:
    """A find whose middle was left out for want of room ends where it was."""
    gap = _GAP.search(hit.text)
    return replace(hit, text=hit.text[: gap.start()].rstrip(), cut=True) if gap else hit


def _known(messages: Iterable[Message]) -> dict[str, ParsedHit]:
    """Collect every find in view; a page read with `read_more` takes the place of a text that was cut.

    A fact that was searched for as of a day need not hold now: it is none of the others' kind.
    """
    known: dict[str, ParsedHit] = {}
    of_a_day: set[str | None] = set()
    for message in messages:
        of_a_day |= {call.id for call in message.tool_calls if "as_of" in arguments_of(call)}
        if message.role not in {"user", "tool"}:
            continue
        text = split_beside(message.content)[1] if message.role == "user" else message.content
        old_news = message.role == "tool" and message.tool_call_id in of_a_day
        for hit in _hits(text):
            if old_news and hit.kind == "fact":
                continue
            old = known.pop(hit.id, None)
            known[hit.id] = old if old is not None and not old.cut and hit.cut else hit
        page = _PAGE.match(message.content) if message.role == "tool" else None
        if page and page["id"] in known and page["page"] == "1":
            known[page["id"]] = _whole(known[page["id"]], page)
    return known


def _whole(hit: ParsedHit, page: re.Match[str]) -> ParsedHit:
    more = page["pages"] != "1"
    return ParsedHit(hit.id, hit.date, hit.time, hit.kind, hit.place, page["text"], hit.untrusted, cut=more)


def _core(system: str, messages: Iterable[Message]) -> tuple[str, int]:
    """The block `student` as the view opened, with the edits made since."""
    found = _BLOCK.search(system)
    value, limit = (found["value"], int(found["limit"])) if found else ("", DEFAULT_LIMIT)
    for message in messages:
        for call in message.tool_calls:
            arguments = arguments_of(call)
            if arguments.get("label") != "student":
                continue
            if call.name == "core_memory_append":
                line = str(arguments.get("content", "")).strip()
                value = value if line in value.splitlines() else f"{value}\n{line}".strip()
            if call.name == "core_memory_replace":
                old, new = str(arguments.get("old_content", "")), str(arguments.get("new_content", ""))
                value = value.replace(old, new, 1) if old else value
    return value, limit
