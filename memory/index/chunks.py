"""What is embedded of an item: the parts of its text, with what it needs to be understood alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection, select

from ..store.schema import archival, messages
from ..text import language, sentences
from ..text.normalize import Language
from ..text.terms import parts
from ..types import Scope
from .writer import batched

SPOKEN = ("user", "assistant")

PART_TOKENS = 256
"""The most that is embedded of a part: more takes an embedder its time and adds little to what the part means."""


def item_texts(
    connection: Connection,
    student_id: int,
    items: Sequence[tuple[Scope, int]],
    blind: Collection[Language] = (),
) -> dict[tuple[Scope, int], list[str]]:
    """Give the texts to embed for each item; those whose row is gone are left out.

    Args:
        blind: Languages that the embedder does not know: sentences in them are left out, for their vectors would be
            noise. An item may have no text left.
    """
    found: dict[tuple[Scope, int], list[str]] = {}
    recall = [item for scope, item in items if scope == "recall"]
    kept = [item for scope, item in items if scope == "archival"]
    for batch in batched(recall):
        found.update(
            (("recall", item), texts) for item, texts in _spoken(connection, student_id, batch, blind)
        )
    for batch in batched(kept):
        rows = connection.execute(
            select(archival.c.id, archival.c.kind, archival.c.text, archival.c.locator).where(
                archival.c.student_id == student_id, archival.c.id.in_(batch)
            )
        )
        found.update(
            (("archival", row.id), kept_parts(row.kind, row.text, row.locator, blind)) for row in rows
        )
    return found


def kept_parts(kind: str, text: str, locator: str | None, blind: Collection[Language] = ()) -> list[str]:
    """Give the texts to embed of something in archival memory.

    A passage of a course begins with its headings (`ingest.py`); each of its parts is read under them.
    """
    headings, gap, body = text.partition("\n\n")
    if kind != "passage" or locator is None or not gap or "\n" in headings:
        return _cut(parts(_understood(text, blind)))
    return _cut(f"{headings}: {part}" for part in parts(_understood(body, blind)))


def count_tokens(text: str) -> float:
    """Estimate the tokens of a text from its characters, rather too many than too few."""
    return sum(map(_token_share, text))


def _spoken(
    connection: Connection, student_id: int, batch: Sequence[int], blind: Collection[Language]
) -> Iterable[tuple[int, list[str]]]:
    """Give messages' parts, each read with the question that stood before it in its session."""
    earlier = messages.alias()
    previous = (
        select(earlier.c.content)
        .where(
            earlier.c.session_id == messages.c.session_id,
            earlier.c.seq < messages.c.seq,
            earlier.c.role.in_(SPOKEN),
            earlier.c.content != "",
        )
        .order_by(earlier.c.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = connection.execute(
        select(messages.c.id, messages.c.content, previous).where(
            messages.c.student_id == student_id, messages.c.role.in_(SPOKEN), messages.c.id.in_(batch)
        )
    )
    return [
        (item, _cut(parts(_understood(content, blind), _understood(before or "", blind))))
        for item, content, before in rows
    ]


def _understood(text: str, blind: Collection[Language]) -> str:
    if not blind:
        return text
    return "\n".join(sentence for sentence in sentences(text) if language(sentence) not in blind)


def _cut(texts: Iterable[str]) -> list[str]:
    """Leave what goes beyond `PART_TOKENS` out of each text."""
    return [_beginning(text) if len(text) > PART_TOKENS else text for text in texts]


def _beginning(text: str) -> str:
    spent = 0.0
    for at, character in enumerate(text):
        spent += _token_share(character)
        if spent > PART_TOKENS:
            return text[:at].rstrip()
    return text


def _token_share(character: str) -> float:
    """Say how much of a token a character is in multilingual vocabularies (XLM-R: English 0.24, Korean 0.57)."""
    if character.isspace() or (character.isascii() and character.isalpha()):
        return 0.25
    return 0.7 if character.isalpha() else 1.0
