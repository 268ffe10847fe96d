"""The student corrects what is remembered: the new supersedes the old, and no later prompt holds the old.

The old statement stays as what held until then (`as of`). Out of the prompt go its copies: the core block that repeats
it, and the open views, which are opened anew with a line that says what was corrected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from ..archival import ArchivalMemory, InsertResult
from ..core import BLOCKS, Block, CoreMemory
from ..errors import UsageError
from ..store import Database
from ..store.schema import views
from ..text import load_korean
from .redaction import RedactionSet, without_lines


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a correction did.

    Attributes:
        inserted: Where the new statement is, for an archival memory.
        block: The core block as it is now, where one was corrected itself.
        blocks: Labels of the core blocks that repeated the old statement and hold the new one now.
    """

    inserted: InsertResult | None = None
    block: Block | None = None
    blocks: tuple[str, ...] = ()


def correct(
    db: Database, student_id: int, core: CoreMemory, archival_memory: ArchivalMemory, identity: str, text: str
) -> Corrected:
    """Correct an archival memory (`a7`) or a core block (its label), in one commit.

    Raises:
        ToolRetry: The text is empty or too long, or the memory was superseded already.
        NotFound, UsageError: There is no such memory.
    """
    if identity[:1].lower() == "m":
        raise UsageError(
            f"{identity} was said, and stays as it was said. officehours memory forget {identity} deletes it for good.",
            f"{identity}은(는) 대화에서 한 말이라 고칠 수 없습니다. 지우려면 officehours memory forget {identity} 를"
            " 실행해 주세요.",
        )
    load_korean()
    with db.begin() as connection:
        if identity in BLOCKS:
            old = core.blocks()[identity].value
            block = core.set(identity, text)
            erased = [line for line in old.split("\n") if line not in block.value]
            _open_views_anew(connection, student_id, erased, frozenset(), f"{identity}:\n{block.value}")
            return Corrected(block=block)
        before = archival_memory.details(identity)
        done = archival_memory.update(identity, text)
        if done.status == "known":
            return Corrected(done)
        now = archival_memory.details(done.id)
        old_words = [words for words in (before.text, before.quote) if words and words not in now.text]
        ids = [f"[{kept.id}]" for kept in archival_memory.superseded_by(now.id)]
        changed = _correct_blocks(core, [*old_words, *ids], now.core_line)
        _open_views_anew(connection, student_id, old_words, frozenset({before.id}), f"[{done.id}] {now.text}")
        return Corrected(done, blocks=tuple(changed))


def _correct_blocks(core: CoreMemory, old_words: Sequence[str], new: str) -> list[str]:
    changed: list[str] = []
    for label, block in core.blocks().items():
        lines = block.value.split("\n")
        kept = [line for line in lines if not any(words in line for words in old_words)]
        if len(kept) == len(lines):
            continue
        value = "\n".join([*kept, *([new] if new not in block.value else [])])
        core.set(label, value if len(value) <= block.limit else "\n".join(kept))
        changed.append(label)
    return changed


def _open_views_anew(
    connection: Connection, student_id: int, old_words: Sequence[str], ids: frozenset[str], corrected: str
) -> None:
    """Open a new view of every conversation that has one: its texts without the old, and the correction in it."""
    erased = RedactionSet([words for words in old_words if words.strip()], ids)
    newest = select(func.max(views.c.id)).where(views.c.student_id == student_id).group_by(views.c.session_id)
    mine = select(views).where(views.c.student_id == student_id, views.c.id.in_(newest))
    note = f"(The student corrected this; it holds now.)\n{corrected}"
    for view in connection.execute(mine).all():
        values = {column.name: getattr(view, column.name) for column in views.c if column.name != "id"}
        system = view.system
        for name in ("brief", "summary"):
            values[name] = without_lines(getattr(view, name), erased)
            if getattr(view, name):
                system = system.replace(getattr(view, name), values[name])
        values["system"] = f"{without_lines(system, RedactionSet(erased.words))}\n\n{note}"
        connection.execute(insert(views), values | {"reason": "edit"})
