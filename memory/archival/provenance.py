"""Why the professor believes something, and why a search found it: for the student who asks.

A belief rests on words: who said them, when, and in which message. What it replaced and what replaced it stand beside
it, so that nobody has to guess which of two statements holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from ..errors import NotFound, UsageError
from ..recall import RecallMemory
from ..types import Hit, Role, Trust, message_id
from .memory import ArchivalMemory
from .records import ArchivalRecord

SIGNALS: dict[str, tuple[str, str]] = {
    "words": ("words it shares with the question", "질문과 같은 낱말"),
    "meaning": ("nearness of meaning", "뜻의 가까움"),
    "near": ("what was said just before and after", "바로 앞뒤에서 한 말"),
    "answer": ("it follows a fitting question", "알맞은 질문 바로 뒤에 나온 말"),
    "speaker": ("who said it", "말한 사람"),
    "date": ("the day it was said", "말한 날짜"),
    "time": ("it names a time, and the question asks when", "언제인지 묻는 질문에 때를 말함"),
    "question": ("it is only a question", "질문만 있는 말"),
}
"""What each ranking signal (`ranking.Weights`) means, in English and Korean."""

TRUSTS: dict[Trust, tuple[str, str]] = {
    "student": ("the student's own words", "학생이 한 말"),
    "course": ("course material", "강의 자료"),
    "model": ("the professor's own note", "교수가 적은 것"),
    "imported": ("imported", "가져온 기록"),
    "web": ("a web page, not to be trusted without checking", "웹 페이지(확인이 필요함)"),
}
"""Whose word a memory is, in English and Korean."""

State = Literal["holds", "superseded", "ended", "said"]
"""Whether a belief holds, something took its place, it ended, or it is no belief but something said."""


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody said: the quote where only a part counts, else the whole message."""

    message: str
    role: Role
    text: str
    time: datetime
    zone: str


@dataclass(frozen=True, slots=True)
class Why:
    """One memory and on what it rests.

    Attributes:
        kind: "message", "fact", "note" or "passage".
        rests_on: The words, where they are known; empty for a note whose source was forgotten.
        around: For a message, what was said before and after it.
        origin: For a passage, its file or URL and the place in it.
        valid_from, valid_to: Since when and until when it holds.
        history: Every version of the same thing, the oldest first, this one included.
        superseded_by: What took its place.
    """

    id: str
    kind: str
    text: str
    state: State
    trust: Trust
    rests_on: tuple[Words, ...] = ()
    around: tuple[Words, ...] = ()
    origin: str = ""
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    history: tuple[ArchivalRecord, ...] = ()
    superseded_by: str | None = None

    def document(self) -> dict[str, Any]:
        """Give it as JSON values."""
        return {
            "id": self.id,
            "kind": self.kind,
            "text": self.text,
            "state": self.state,
            "trust": self.trust,
            "rests_on": [_words(words) for words in self.rests_on],
            "around": [_words(words) for words in self.around],
            "origin": self.origin or None,
            "valid_from": _iso(self.valid_from),
            "valid_to": _iso(self.valid_to),
            "superseded_by": self.superseded_by,
            "history": [
                {
                    "id": kept.id,
                    "text": kept.text,
                    "valid_from": _iso(kept.valid_from or kept.time),
                    "valid_to": _iso(kept.valid_to),
                }
                for kept in self.history
            ],
        }


@dataclass(frozen=True, slots=True)
class WhyFound:
    """Why a search put something where it is.

    Attributes:
        rank: 1 for the best; 0 where it was not among those looked at.
        signals: (name, what it added to the score), the weightiest first; they add up to `score`.
    """

    id: str
    rank: int
    score: float = 0.0
    relevance: float = 0.0
    signals: tuple[tuple[str, float], ...] = ()

    def lines(self, language: str) -> Iterator[str]:
        """Say it line by line, in "ko" or English."""
        korean = language == "ko"
        if not self.rank:
            yield "찾은 것들 가운데 없습니다." if korean else "It is not among what was found."
            return
        yield (
            f"{self.rank}번째, 점수 {self.score:.2f}, 관련도 {self.relevance:.2f}"
            if korean
            else f"rank {self.rank}, score {self.score:.2f}, relevance {self.relevance:.2f}"
        )
        for name, value in self.signals:
            yield f"  {value:+.2f}  {SIGNALS.get(name, (name, name))[korean]}"

    def document(self) -> dict[str, Any]:
        """Give it as JSON values."""
        return {
            "id": self.id,
            "rank": self.rank or None,
            "score": self.score,
            "relevance": self.relevance,
            "signals": dict(self.signals),
        }


def why(identity: str, archival: ArchivalMemory, recall: RecallMemory) -> Why:
    """Say on what a memory rests.

    Args:
        identity: `a7` or `m12`.
        archival, recall: The student's memories.

    Raises:
        NotFound: This student has nothing of that id.
        UsageError: It is no such id.
    """
    match identity.strip()[:1].lower():
        case "a":
            return _of_kept(archival.details(identity), archival, recall)
        case "m":
            return _of_message(identity, recall)
        case _:
            raise UsageError(
                f"{identity!r} is no id of a memory; ids look like a7 or m12. officehours memory show lists them.",
                f"{identity!r}은(는) 기억의 id가 아닙니다. a7이나 m12처럼 씁니다. officehours memory show 로 볼 수 있습니다.",
            )


def why_found(identity: str, hits: Sequence[Hit]) -> WhyFound:
    """Say why a search ranked something as it did.

    Args:
        identity: `a7` or `m12`.
        hits: What the search gave, best first.
    """
    wanted = identity.strip().lower()
    for rank, hit in enumerate(hits, 1):
        if hit.id == wanted:
            signals = sorted(hit.signals.items(), key=lambda signal: -abs(signal[1]))
            return WhyFound(hit.id, rank, hit.score, hit.relevance, tuple(signals))
    return WhyFound(wanted, 0)


def _of_kept(kept: ArchivalRecord, archival: ArchivalMemory, recall: RecallMemory) -> Why:
    state: State = "holds" if kept.valid_to is None else "superseded" if kept.superseded_by else "ended"
    return Why(
        id=kept.id,
        kind=kept.kind,
        text=kept.text,
        state=state,
        trust=kept.trust,
        rests_on=_words_under(kept, recall),
        origin=" · ".join(part for part in (kept.origin, kept.locator) if part),
        valid_from=kept.valid_from or kept.time,
        valid_to=kept.valid_to,
        history=tuple(archival.history(kept.id)),
        superseded_by=kept.superseded_by,
    )


def _words_under(kept: ArchivalRecord, recall: RecallMemory) -> tuple[Words, ...]:
    if kept.message_id is None:
        return ()
    try:
        said = recall.stored(kept.message_id)
    except NotFound:  # undone since: the quote is all there is
        if kept.quote is None:
            return ()
        return (Words(message_id(kept.message_id), "user", kept.quote, kept.time, kept.zone),)
    return (
        Words(
            message_id(said.id), said.message.role, kept.quote or said.message.content, said.time, said.zone
        ),
    )


def _of_message(identity: str, recall: RecallMemory) -> Why:
    hit = recall.get(identity)
    near = [
        Words(message_id(m.id), m.message.role, m.message.content, m.time, m.zone)
        for m in recall.around(identity)
    ]
    return Why(
        id=hit.id,
        kind="message",
        text=hit.text,
        state="said",
        trust=hit.trust,
        rests_on=tuple(words for words in near if words.message == hit.id),
        around=tuple(words for words in near if words.message != hit.id),
        valid_from=hit.time,
    )


def _words(words: Words) -> dict[str, Any]:
    return {
        "message": words.message,
        "role": words.role,
        "text": words.text,
        "time": words.time.isoformat(),
        "zone": words.zone,
    }


def _iso(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()
