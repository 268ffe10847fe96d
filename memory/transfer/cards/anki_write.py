"""Cards as an Anki package, by genanki: a deck for each topic, ids that stay so that Anki updates what it has."""

from __future__ import annotations

import os
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from ...learner.values import Card
from ...private import FILE
from ..export import unwritable
from .sides import html_of

MODEL = 1_726_440_511
"""The id under which Anki knows our note type; it never changes."""

ROOT = "Office Hours"
"""The deck that holds those of the topics."""


def write_package(cards: Sequence[Card], file: Path, owner: str) -> None:
    """Write cards to an .apkg file, whole or not at all.

    Args:
        owner: What tells one student's cards from another's in one Anki: opaque.

    Raises:
        StoreUnwritable: It cannot be written.
    """
    import genanki

    model = genanki.Model(
        MODEL,
        "Office Hours",
        fields=[{"name": "Front"}, {"name": "Back"}],
        templates=[
            {"name": "Card 1", "qfmt": "{{Front}}", "afmt": "{{FrontSide}}<hr id=answer>{{Back}}"},
        ],
    )
    decks: dict[str, Any] = {}
    for card in cards:
        name = "::".join([ROOT, *filter(None, (part.strip() for part in card.topic.split(" > ")))])
        deck = decks.setdefault(name, genanki.Deck(_number(name), name))
        fields = [html_of(card.front), html_of(card.back)]
        tags = [tag.replace(" ", "_") for tag in card.tags]
        deck.add_note(genanki.Note(model, fields, tags=tags, guid=_guid(card, owner)))
    draft = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        draft.touch(mode=FILE)
        package: Any = genanki.Package(list(decks.values()))
        package.write_to_file(str(draft))
        draft.replace(file)
    except OSError as error:
        raise unwritable(file, error) from error
    finally:
        draft.unlink(missing_ok=True)


def _guid(card: Card, owner: str) -> str:
    """Give a card the id it had in Anki, or one of its own."""
    kind, _, guid = (card.external_id or "").partition(":")
    note, _, number = guid.rpartition(":")
    return note if kind == "anki" and number == "0" and note else f"oh-{_number(f'{owner} {card.id}'):x}"


def _number(name: str) -> int:
    return int.from_bytes(sha256(name.encode()).digest()[:6])
