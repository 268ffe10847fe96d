"""The lexical channel: which texts have which terms, in a table of our own.

One student's frequencies are that student's alone, deleted rows are really gone, and the statements are the same on
SQLite and PostgreSQL. A search reads the rarest terms of a question first and stops at a budget of rows, so its
cost grows slower than the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import (
    BindParameter,
    Connection,
    CursorResult,
    TextClause,
    bindparam,
    func,
    insert,
    select,
    text,
)

from ..store.schema import doc_lengths, postings
from ..text import terms
from ..text.terms import speaker_terms

COMMON_SHARE = 0.02
"""A term that more texts than this share have is common, and read only where nothing rarer is asked for."""

COMMON_FLOOR = 500
"""But one that fewer texts than this have is never common."""

MOST_ROWS = 2_500
"""Postings that one search reads, about."""

MOST_TERMS = 60
"""Terms of a question that are looked up; a long text pasted as a question has hundreds."""

MOST_COUNT = 32_767


@dataclass(frozen=True, slots=True)
class Found:
    """What the postings say to a question.

    Attributes:
        counts: Item to the question's terms in it, with how often.
        frequency: Term to how many texts have it, of the terms that were read or that no text has. Those that were
            passed over are left out: nothing can be said of them.
    """

    counts: Mapping[int, Mapping[str, int]]
    frequency: Mapping[str, int]


_STUDENT: BindParameter[int] = bindparam("student")
_SCOPE: BindParameter[int] = bindparam("scope")
_HERE = (postings.c.student_id == _STUDENT, postings.c.scope == _SCOPE)
_READ = select(postings.c.term, postings.c.item_id, postings.c.tf).where(
    *_HERE, postings.c.term.in_(bindparam("terms", expanding=True))
)
_READ_NEWEST = (
    select(postings.c.term, postings.c.item_id, postings.c.tf)
    .where(*_HERE, postings.c.term == bindparam("term"))
    .order_by(postings.c.item_id.desc())
    .limit(bindparam("limit"))
)
_TOTAL = (
    select(func.count())
    .select_from(doc_lengths)
    .where(doc_lengths.c.student_id == _STUDENT, doc_lengths.c.scope == _SCOPE)
)


def index_terms(
    connection: Connection, student_id: int, scope: int, item: int, said: str, name: str | None = None
) -> None:
    """File a text's terms, and the speaker's name, in the caller's transaction.

    Args:
        space: 0 recall, 1 archival.
        item: The row id of the message or archival row; nothing may be filed under it yet.
        name: Who said it, where messages carry names.
    """
    index_all(connection, student_id, scope, [(item, said, name)])


def index_all(
    connection: Connection, student_id: int, scope: int, items: Iterable[tuple[int, str, str | None]]
) -> None:
    """File many texts at once: (row id, text, speaker's name) each."""
    rows: list[dict[str, int | str]] = []
    lengths: list[dict[str, int]] = []
    for item, said, name in items:
        counts = terms(said)
        key = {"student_id": student_id, "scope": scope, "item_id": item}
        lengths.append({**key, "length": counts.total()})
        for speaker in speaker_terms(name or ""):
            counts[speaker] = 1
        rows += [{**key, "term": term, "tf": min(count, MOST_COUNT)} for term, count in counts.items()]
    if rows:
        connection.execute(insert(postings), rows)
    if lengths:
        connection.execute(insert(doc_lengths), lengths)


def count_texts(connection: Connection, student_id: int, scope: int) -> int:
    """Count the searchable texts."""
    return connection.execute(_TOTAL, {"student": student_id, "scope": scope}).scalar_one()


def known_speakers(connection: Connection, student_id: int, scope: int, names: Iterable[str]) -> set[str]:
    """Give those of `names` (single words) by which somebody spoke."""
    by_term = {term: name for name in list(names)[:MOST_TERMS] for term in speaker_terms(name)}
    counts = _count(connection, student_id, scope, list(by_term), 0)
    return {by_term[term] for term in counts}


def look_up(connection: Connection, student_id: int, scope: int, wanted: Iterable[str], total: int) -> Found:
    """Read where a question's terms are, the rarest first, about `MOST_ROWS` rows in all.

    Args:
        total: How many texts there are.
    """
    chosen = most_telling(wanted, MOST_TERMS)
    common = max(COMMON_FLOOR, int(COMMON_SHARE * total))
    counts = _count(connection, student_id, scope, chosen, common)
    absent = {term: 0 for term in chosen if term not in counts}
    rare = within_budget({term: n for term, n in counts.items() if n <= common}, MOST_ROWS)
    found: dict[int, dict[str, int]] = {}
    at = {"student": student_id, "scope": scope}
    if rare:
        for term, item, count in _plain(connection.execute(_READ, at | {"terms": rare})):
            found.setdefault(item, {})[term] = count
        return Found(found, absent | {term: counts[term] for term in rare})
    # Everything asked for is common: of the rarest, the newest texts.
    exact = _count(connection, student_id, scope, list(counts), total)
    for term in sorted(exact, key=lambda t: (exact[t], t))[:1]:
        newest = at | {"term": term, "limit": MOST_ROWS}
        for _, item, count in _plain(connection.execute(_READ_NEWEST, newest)):
            found.setdefault(item, {})[term] = count
        return Found(found, absent | {term: exact[term]})
    return Found({}, absent)


def _plain(result: CursorResult[Any, Any, Any]) -> list[tuple[str, int, int]]:
    """Read a result as the driver's own tuples: rows made of thousands of them take longer than the reading."""
    assert result.cursor is not None
    rows = cast("list[tuple[str, int, int]]", result.cursor.fetchall())
    result.close()
    return rows


def most_telling(wanted: Iterable[str], most: int) -> list[str]:
    """Choose the terms to look up, where there are too many: exact ones, then long words, then pairs of syllables."""
    return sorted(
        wanted, key=lambda term: (not term.startswith("="), term.startswith("b:"), -len(term), term)
    )[:most]


def within_budget(counts: Mapping[str, int], budget: int) -> list[str]:
    """Choose the rarest terms whose counts add up to at most `budget`, at least one."""
    chosen: list[str] = []
    spent = 0
    for term, count in sorted(counts.items(), key=lambda pair: (pair[1], pair[0])):
        spent += count
        if chosen and spent > budget:
            break
        chosen.append(term)
    return chosen


def _count(
    connection: Connection, student_id: int, scope: int, wanted: Sequence[str], most: int
) -> dict[str, int]:
    """Count the texts that have each term, without counting on once there are more than `most`."""
    if not wanted:
        return {}
    values = {"student": student_id, "scope": scope, "enough": most + 1}
    values_of_terms = {f"term{at}": term for at, term in enumerate(wanted)}
    rows = connection.execute(_counting(len(wanted)), values | values_of_terms).all()
    found: dict[str, int] = {wanted[int(row[0])]: int(row[1]) for row in rows if row[1]}
    return found


@lru_cache(maxsize=MOST_TERMS + 1)
def _counting(terms: int) -> TextClause:
    # Written out once for each number of terms: putting it together anew takes longer than the counting.
    one = (
        "SELECT {at}, (SELECT count(*) FROM (SELECT 1 FROM postings WHERE student_id = :student"
        " AND scope = :scope AND term = :term{at} LIMIT :enough) AS counted)"
    )
    return text(" UNION ALL ".join(one.format(at=at) for at in range(terms)))
