"""What the student stated about themself in a turn, kept as facts with the words they rest on.

Rules find it (`memory/facts/extract.py`), whatever the model is, so that a name or an exam date is never lost because a small
model forgot to save it.
"""

from __future__ import annotations

from ..memory.archival.memory import ArchivalMemory
from ..memory.facts.extract import extract_facts, settle
from ..memory.types import StoredMessage
from .context.brief import current_facts


def save_statements(asked: StoredMessage, archival: ArchivalMemory, language: str) -> None:
    """Store each fact of a message; a newer statement on the same subject supersedes the older one."""
    stated = extract_facts(asked.message.content, asked.time, asked.zone, language)
    known = current_facts(archival.list("fact")) if stated else ()
    for fact in (settle(fact, known) for fact in stated):
        archival.insert(
            fact.text,
            kind="fact",
            subject=fact.subject,
            quote=fact.quote,
            message_id=asked.id,
            trust="student",
            time=asked.time,
            valid_from=asked.time,
        )
