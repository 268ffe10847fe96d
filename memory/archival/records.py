"""What archival memory keeps: its values, how rows become them, and when two texts say the same."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import bindparam, select

from ..errors import NotFound, ToolError, ToolRetry
from ..facts import StatedFact
from ..store import AnyRow, Database
from ..store.schema import archival
from ..text import terms
from ..text.josa import strip_particle
from ..types import TRUSTS, Hit, Trust, archival_id

Kind = Literal["fact", "note", "passage"]

TRUST_RANK: dict[str, int] = {trust: -place for place, trust in enumerate(TRUSTS)}
"""Whose word weighs more where two sources say the same or disagree."""

_ARTICLES = frozenset({"a", "an", "the"})
_TOKEN = re.compile(r"\d+(?:[.,:/]\d+)*|\w+|[^\w\s]")
_SOFT = frozenset(".,!;:'\"()…·“”‘’。、~")
_SPACE_IN_KOREAN = re.compile(r"(?<=[가-힣]) (?=[가-힣])")


@dataclass(frozen=True, slots=True)
class ArchivalRecord:
    """One thing in archival memory, with all that is known about it.

    Attributes:
        id: As people and models see it, `a7`.
        subject: What a fact is about, as a key; None for most notes and passages.
        fact: What it says, as values; None where only its words are known.
        quote: The student's words it rests on, said in the message `message_id`.
        origin: The file or URL it is from; `locator` the place in it.
        time: When it was said or written; `zone` is where.
        valid_from: Since when it holds; `valid_to` until when, None while it does.
        superseded_by: What took its place, `a8`.
    """

    id: str
    kind: Kind
    text: str
    trust: Trust
    time: datetime
    zone: str
    subject: str | None = None
    fact: StatedFact | None = None
    quote: str | None = None
    message_id: int | None = None
    origin: str | None = None
    locator: str | None = None
    role: str | None = None
    name: str | None = None
    tags: tuple[str, ...] = ()
    external_id: str | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    superseded_by: str | None = None

    @property
    def words(self) -> str:
        """The student's own words where it rests on some, else its text."""
        return self.quote or self.text

    @property
    def core_line(self) -> str:
        """The line by which core memory repeats it; the id says what it is from."""
        return f"{self.text} [{self.id}]"

    @property
    def core_lines(self) -> tuple[str, str]:
        """Its line in core memory as it is written, and as it was written before lines had ids."""
        return self.core_line, self.text

    def as_hit(self) -> Hit:
        """Give it as a search would, without a score."""
        return Hit(
            id=self.id,
            external_id=self.external_id,
            source="archival",
            score=0.0,
            relevance=0.0,
            time=self.time,
            role=self.role or "source",
            text=self.text,
            name=self.name,
            kind=self.kind,
            trust=self.trust,
            origin=self.origin,
            locator=self.locator,
        )


@dataclass(frozen=True, slots=True)
class InsertResult:
    """What became of something that was to be put away.

    Attributes:
        id: Where it is now, `a7`; for what was known already, the id it has.
        status: "stored", "known" (nothing was written) or "superseded" (it took the place of `of`).
        of: What it repeats or supersedes.
        masked: What kinds of secrets were masked in it.
    """

    id: str
    status: Literal["stored", "known", "superseded"]
    of: str | None = None
    masked: tuple[str, ...] = ()


COLUMNS = (
    archival.c.id,
    archival.c.kind,
    archival.c.text,
    archival.c.trust,
    archival.c.time,
    archival.c.zone,
    archival.c.subject,
    archival.c.fact_kind,
    archival.c.value,
    archival.c.day,
    archival.c.last_day,
    archival.c.polarity,
    archival.c.quote,
    archival.c.message_id,
    archival.c.source,
    archival.c.locator,
    archival.c.role,
    archival.c.name,
    archival.c.tags,
    archival.c.external_id,
    archival.c.valid_from,
    archival.c.valid_to,
    archival.c.superseded_by,
)


_FACTS = (
    select(*COLUMNS)
    .where(
        archival.c.student_id == bindparam("student"),
        archival.c.kind == "fact",
        archival.c.valid_to.is_(None),
    )
    .order_by(archival.c.id)
)


def record_from_row(row: AnyRow) -> ArchivalRecord:
    """Read a row of `COLUMNS`."""
    return ArchivalRecord(
        id=archival_id(row.id),
        kind=row.kind,
        text=row.text,
        trust=row.trust,
        time=row.time,
        zone=row.zone,
        subject=row.subject,
        fact=_fact_from_row(row),
        quote=row.quote,
        message_id=row.message_id,
        origin=row.source,
        locator=row.locator,
        role=row.role,
        name=row.name,
        tags=tuple(row.tags),
        external_id=row.external_id,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        superseded_by=None if row.superseded_by is None else archival_id(row.superseded_by),
    )


def fact_columns(fact: StatedFact | None) -> dict[str, Any]:
    """Give the columns in which a fact's values stand; all empty for what is none."""
    if fact is None:
        return dict.fromkeys(("fact_kind", "value", "day", "last_day", "polarity"))
    return {
        "fact_kind": fact.kind,
        "value": fact.value,
        "day": fact.day and fact.day.isoformat(),
        "last_day": fact.last_day and fact.last_day.isoformat(),
        "polarity": fact.polarity,
    }


def _fact_from_row(row: AnyRow) -> StatedFact | None:
    if row.fact_kind is None:
        return None
    return StatedFact(
        kind=row.fact_kind,
        subject=row.subject or row.fact_kind,
        value=row.value or "",
        quote=row.quote or "",
        valid_from=row.valid_from or row.time,
        zone=row.zone,
        day=date.fromisoformat(row.day) if row.day else None,
        last_day=date.fromisoformat(row.last_day) if row.last_day else None,
        polarity=row.polarity or "holds",
    )


def facts_of(db: Database, student_id: int) -> list[ArchivalRecord]:
    """Give the facts of a student that hold now, the oldest first, without opening all of archival memory."""
    with db.read() as connection:
        return [record_from_row(row) for row in connection.execute(_FACTS, {"student": student_id})]


_CONTENTS = (
    select(archival.c.source, archival.c.locator, archival.c.id)
    .where(
        archival.c.student_id == bindparam("student"),
        archival.c.kind == "passage",
        archival.c.trust == "course",
        archival.c.source.is_not(None),
    )
    .order_by(archival.c.source, archival.c.id)
)


def contents_of(db: Database, student_id: int) -> list[tuple[str, str]]:
    """Give where the passages of a student's course stand, in their order, without opening all of archival memory."""
    return [(source, locator) for source, locator, _ in places_of(db, student_id)]


def places_of(db: Database, student_id: int) -> list[tuple[str, str, str]]:
    """Give the same with the id of each passage."""
    with db.read() as connection:
        rows = connection.execute(_CONTENTS, {"student": student_id})
        return [(source, locator or "", archival_id(item)) for source, locator, item in rows]


def fingerprint(text: str) -> str:
    """Give the same 64 hexadecimal digits for texts that say the same in almost the same words.

    Case, width, soft punctuation, spaces between Korean words, English articles and the commonest Korean particles do
    not count. Everything else does, signs, endings and negation above all: "이해했다" and "이해하고 싶다" are two things.
    """
    tokens = _TOKEN.findall(unicodedata.normalize("NFKC", text).casefold())
    core = [strip_particle(token) for token in tokens if token not in _ARTICLES and token not in _SOFT]
    said = _SPACE_IN_KOREAN.sub("", " ".join(core)) or text.strip()
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()


def subject_key(subject: str | None) -> str | None:
    """Give a subject as it is compared: case and spacing do not count; None for an empty one."""
    if subject is None:
        return None
    return " ".join(unicodedata.normalize("NFC", subject).casefold().split()) or None


def quotes(message: str, quote: str) -> bool:
    """Tell whether a message holds a quote; spacing and case do not count."""
    return _squashed(quote) in _squashed(message)


def rests_on(statement: str, quote: str) -> bool:
    """Tell whether a statement can rest on a quote: a third of what it tells stands there too.

    A model may put the student's words differently, but not hang something else on them.
    """
    told = terms(statement)
    return not told or 3 * len(told.keys() & terms(quote).keys()) >= len(told)


def superseded_already(old: AnyRow) -> ToolRetry:
    """Say that a thing is not the one to update."""
    name, by = archival_id(old.id), archival_id(old.superseded_by) if old.superseded_by else "?"
    return ToolRetry(
        f"{name} was superseded by {by} already. Update {by} instead.",
        f"{name}은(는) 이미 {by}(으)로 바뀌었습니다. {by}을(를) 고치세요.",
    )


def holds_no_more(kept: ArchivalRecord) -> NotFound:
    """Say that a thing was superseded."""
    return NotFound(
        f"{kept.id} holds no more; {kept.superseded_by or 'nothing'} took its place.",
        f"{kept.id}은(는) 더 이상 맞지 않는 기억입니다. 지금은 {kept.superseded_by or '남은 것이 없습니다'}.",
    )


def not_said(quote: str, name: str) -> ToolRetry:
    """Say that a quote is none."""
    return ToolRetry(
        f"The message {name} does not hold the words {quote!r}. Quote it exactly, or leave the quote out.",
        f"{name} 메시지에 {quote!r}(이)라는 말이 없습니다. 그대로 인용하거나 인용을 빼세요.",
    )


def not_from_the_web(name: str) -> ToolError:
    """Say that untrusted text cannot take a trusted one's place."""
    return ToolError(
        f"{name} is what the student or the course says; a web page cannot take its place. Nothing was stored.",
        f"{name}은(는) 학생이나 강의 자료의 내용이라 웹 페이지 내용으로 바꿀 수 없습니다. 저장하지 않았습니다.",
    )


def _squashed(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", text).casefold().split())
