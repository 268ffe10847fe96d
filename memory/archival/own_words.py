"""Whether a text says nothing but what the student says in a message: what may be kept as the student's own.

An order that somebody else wrote can hide behind half a sentence of the student's. So everything is looked for in the
message, in whatever script, and what cannot be looked for is not the student's own.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

from ..dates import find_dates, zone_of
from ..facts import extract_facts, render_fact
from ..facts.clauses import clauses
from ..text import HANGUL, sentences, terms
from .records import quotes

_FRAME = frozenset({"student", "user", "k:학생"})
"""Terms by which a model speaks of the student; they claim nothing."""

_DENIES = re.compile(
    r"\b(?:no|not|never|nor|none|cannot|without)\b|n['’]t\b|(?<![가-힣])(?:안|못)(?![가-힣])|않|아니|없|말(?:고|아)|못\s?하",
    re.IGNORECASE,
)


def says_no_more(written: str, said: str, time: datetime, zone: str) -> bool:
    """Whether all that is written is what the student says; nothing is not the student's own.

    A day may be written otherwise than it was said ("next Friday" is 2026-12-04), and what the rules read in the
    message as they write it. A denial is neither added nor left out.

    Args:
        said: The message; `time` and `zone` are when and where it was said.
    """
    written, said = unicodedata.normalize("NFKC", written), unicodedata.normalize("NFKC", said)
    now = time.astimezone(zone_of(zone))
    if not _signs(written) <= _signs(said):
        return False
    rest, named = _without_days(written, said, now)
    if not named and not meant_by(rest) - _FRAME:
        return False
    heard = f"{said}\n{_read_in(said, time, zone)}"
    # What is one word in Korean hangs on the words around it: a line that stands there to the letter is not cut at all.
    unsaid = [line for line in rest.splitlines() if not (HANGUL.search(line) and quotes(said, line))]
    return not not_in(heard, "\n".join(unsaid)) - _FRAME and all(
        _denied_alike(sentence, said, now) for sentence in sentences(written)
    )


def speaks_of(said: str, old: str, time: datetime, zone: str) -> bool:
    """Whether the student speaks of what stands somewhere: of each sentence a word, or the day, is in the message."""
    now, heard = time.astimezone(zone_of(zone)), f"{said}\n{_read_in(said, time, zone)}"

    def spoken_of(sentence: str) -> bool:
        meant = meant_by(sentence) - _FRAME
        return _without_days(sentence, said, now)[1] or bool(meant - not_in(heard, sentence))

    found = sentences(old)
    return bool(found) and all(map(spoken_of, found))


def meant_by(text: str) -> frozenset[str]:
    """Give the terms that say what a text is about; pairs of Hangul hold endings, so they count only alone."""
    found = terms(text)
    words = frozenset(term for term in found if not (term.startswith("b:") and HANGUL.search(term)))
    return words or frozenset(found)


def not_in(said: str, written: str) -> frozenset[str]:
    """Give the terms of a text that another has not; a Korean word may be cut otherwise where it stands there."""
    new = meant_by(written) - terms(said).keys()
    return frozenset(
        term for term in new if not (term.startswith("k:") and len(term) > 3 and term[2:] in said)
    )


def _without_days(written: str, said: str, now: datetime) -> tuple[str, bool]:
    """Give a text without the days that are said too, and whether there are any."""
    days = {(span.start, span.end) for span in find_dates(said, now, "future")}
    named = [span for span in find_dates(written, now, "future") if (span.start, span.end) in days]
    for span in reversed(named):
        written = f"{written[: span.offset]} {written[span.offset + len(span.text) :]}"
    return written, bool(named)


def _read_in(said: str, time: datetime, zone: str) -> str:
    """Give what the rules read in a message as they write it, in both languages."""
    read = extract_facts(said, time, zone)
    return "\n".join(render_fact(fact, spoken) for fact in read for spoken in ("ko", "en"))


def _signs(text: str) -> frozenset[str]:
    """Give the characters that a term may not hold: Han, Kana and other letters without case, emoji, symbols."""
    return frozenset(c for c in text if unicodedata.category(c) in {"Lo", "So"} and not HANGUL.match(c))


def _denied_alike(sentence: str, said: str, now: datetime) -> bool:
    """Whether a sentence denies where the words of the student's that are nearest to it do, and only there."""
    meant, denied = meant_by(sentence), bool(_DENIES.search(sentence))
    near: dict[int, list[str]] = {}
    for part in (*sentences(said), *(clause.text for clause in clauses(said, now))):
        near.setdefault(len(meant & terms(part).keys()), []).append(part)
    return any(bool(_DENIES.search(part)) == denied for part in near[max(near)])
