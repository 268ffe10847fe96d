"""Acronyms at their first use in a conversation: what they stand for goes in beside the message, as finds do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from ...memory.learner.acronyms import Acronyms, Sense
from ...memory.text.acronyms import acronyms_named, full_names
from ...memory.types import Hit, StoredMessage

MOST: Final = 3
"""Acronyms that are expanded beside one message."""


def senses_beside(
    said: str, before: Sequence[StoredMessage], hits: Iterable[Hit], glossary: Acronyms
) -> list[Sense]:
    """Give what the acronyms stand for that a message brings up first in its conversation.

    Several senses of one mean that the student is to be asked, unless their words tell which they mean: that is kept. A
    sense is left out where the message spells it out, or the passage that does stands beside it.

    Args:
        said: The student's words.
        before: The messages in view before these.
        hits: What stands beside them already.
    """
    _settle(said, before, glossary)
    spelled, shown = full_names([said]), {hit.id for hit in hits}
    new = [
        short
        for short in acronyms_named(said)
        if short not in spelled and not any(short in stored.message.content for stored in before)
    ]
    found: list[Sense] = []
    for short in new[:MOST]:
        senses = glossary.look_up(short)
        if len(senses) > 1 and (meant := glossary.choose(senses, said)):
            senses = [meant]
        if len(senses) != 1 or senses[0].id not in shown:
            found += senses
    return found


def ask_which(senses: Iterable[Sense]) -> list[str]:
    """Tell a model to ask where an acronym has several senses."""
    counted: dict[str, int] = {}
    for sense in senses:
        counted[sense.short] = counted.get(sense.short, 0) + 1
    return [
        f"({short} has {count} senses here: ask the student which one is meant before you explain it.)"
        for short, count in counted.items()
        if count > 1
    ]


def _settle(said: str, before: Sequence[StoredMessage], glossary: Acronyms) -> None:
    """Keep which sense the student means, where they were asked in the turn before."""
    asked = next((stored for stored in reversed(before) if stored.message.role == "user"), None)
    if asked is None:
        return
    for short in dict.fromkeys(hit.name for hit in asked.hits if hit.kind == "acronym" and hit.name):
        if len(senses := glossary.look_up(short)) > 1:
            glossary.choose(senses, said)
