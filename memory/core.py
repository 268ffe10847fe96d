"""Core memory: a few labelled blocks that are always in view, small, and kept in every version.

The model edits them with MemGPT's `core_memory_append` and `core_memory_replace`; what an edit refuses, it refuses
with a `ToolRetry` that tells the model how to mend it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, insert, select

from .errors import ToolRetry
from .index import lock_student
from .store import Database
from .store.schema import core_blocks
from .text import normalize, sanitize_user
from .types import Trust, least_trusted


@dataclass(frozen=True, slots=True)
class BlockSpec:
    """What a block is for: `limit` is its size in characters."""

    limit: int
    description: str


BLOCKS: dict[str, BlockSpec] = {
    "persona": BlockSpec(400, "How to teach this student: the professor's own notes."),
    "student": BlockSpec(1200, "Who the student is: name, level, goals, dates, wishes."),
    "progress": BlockSpec(
        1200, "Where the student stands: what is understood, what is not, what comes next."
    ),
}
"""The blocks every student has, in the order in which a model sees them."""


@dataclass(frozen=True, slots=True)
class Block:
    """One version of a block.

    Attributes:
        limit: The most characters `value` may have.
        version: Counts from 1; 0 for a block nobody has written yet.
        time: When this version was written, None for version 0.
        trust: The least trusted of what its words came from.
        masked: What kinds of secrets this edit masked; only on the block an edit hands back.
    """

    label: str
    value: str
    limit: int
    description: str
    version: int = 0
    time: datetime | None = None
    masked: tuple[str, ...] = ()
    trust: Trust = "student"


_COLUMNS = (
    core_blocks.c.label,
    core_blocks.c.value,
    core_blocks.c.version,
    core_blocks.c.created_at,
    core_blocks.c.message_id,
    core_blocks.c.trust,
)
_NEWEST = (
    select(core_blocks.c.label, func.max(core_blocks.c.version).label("version"))
    .where(core_blocks.c.student_id == bindparam("student"))
    .group_by(core_blocks.c.label)
    .subquery()
)
_CURRENT = (
    select(*_COLUMNS)
    .join(_NEWEST, and_(core_blocks.c.label == _NEWEST.c.label, core_blocks.c.version == _NEWEST.c.version))
    .where(core_blocks.c.student_id == bindparam("student"))
)
_HISTORY = (
    select(*_COLUMNS)
    .where(core_blocks.c.student_id == bindparam("student"), core_blocks.c.label == bindparam("label"))
    .order_by(core_blocks.c.version.desc())
)
_LATEST = _HISTORY.limit(1)
_ADD = insert(core_blocks)


class CoreMemory:
    """One student's blocks.

    Args:
        db: The store.
        student_id: Whose; every statement filters by it.
        clock: Gives now, aware, in UTC.
    """

    def __init__(self, db: Database, student_id: int, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._student = student_id
        self._clock = clock

    def blocks(self) -> dict[str, Block]:
        """Give the current version of every block, by label, in the order of `BLOCKS`."""
        with self._db.read() as connection:
            rows = {row.label: row for row in connection.execute(_CURRENT, {"student": self._student})}
        return {label: _block(label, rows.get(label)) for label in BLOCKS}

    def append(self, label: str, text: str, message_id: int | None = None, trust: Trust = "student") -> Block:
        """Add a line to a block. A line that is there already is not added again: the version stays.

        Args:
            message_id: The message whose turn taught it.
            trust: Whose words it is; the block is trusted as little as the least trusted of its lines.

        Raises:
            ToolRetry: No such block, nothing to add, or it would grow past its limit.
        """
        line, masked = _clean(text)
        if not line:
            raise ToolRetry("There is nothing to add: the text is empty.", "추가할 내용이 비어 있습니다.")

        def added(value: str) -> str:
            if f"\n{line}\n" in f"\n{value}\n":
                return value
            return f"{value}\n{line}" if value else line

        return self._edit(label, added, masked, message_id, trust)

    def replace(
        self, label: str, old: str, new: str, message_id: int | None = None, trust: Trust = "student"
    ) -> Block:
        """Put `new` in the place of `old`, which stands exactly once in the block; an empty `new` deletes it.

        Args:
            message_id: The message whose turn taught it.
            trust: Whose words `new` is.

        Raises:
            ToolRetry: No such block, `old` is not there or more than once, or the block would grow past its limit.
        """
        wanted = normalize(old).strip()
        text, masked = _clean(new)

        def replaced(value: str) -> str:
            found = value.count(wanted) if wanted else 0
            if found != 1:
                raise _no_match(label, value, wanted, found)
            left = value.replace(wanted, text)
            return left if text else "\n".join(line for line in left.split("\n") if line.strip())

        return self._edit(label, replaced, masked, message_id, trust)

    def set(self, label: str, value: str) -> Block:
        """Write a block anew, as the student does who corrects it.

        Raises:
            ToolRetry: No such block, or the text is longer than its limit.
        """
        text, masked = _clean(value)
        return self._edit(label, lambda _: text, masked, anew=True)

    def put_line(self, old: Collection[str], new: str, message_id: int | None = None) -> tuple[str, ...]:
        """Put a line in the place of older ones, in every block that has one, and give the labels of those.

        Where the new line would take a block past its limit, the older ones go all the same.

        Args:
            old: Whole lines, whether or not a dash stands before them; the first that is found makes room for `new`.
            message_id: The message whose turn taught it.
        """
        changed: list[str] = []
        for label, block in self.blocks().items():
            lines = block.value.split("\n")
            found = [place for place, line in enumerate(lines) if line.removeprefix("- ").strip() in old]
            if not found:
                continue
            kept = [line for place, line in enumerate(lines) if place not in found]
            value = "\n".join([*kept[: found[0]], new, *kept[found[0] :]])
            value = value if len(value) <= block.limit else "\n".join(kept)
            self._edit(label, lambda _, value=value: value, (), message_id)
            changed.append(label)
        return tuple(changed)

    def retract(self, message_ids: Collection[int]) -> None:
        """Write the blocks anew without what was taught in the turn of some messages, which was undone.

        Every version is kept. What later turns wrote stays: lines that the turn added go, lines that it took out
        come back.
        """
        for label in BLOCKS:
            with self._db.read() as connection:
                at = {"student": self._student, "label": label}
                rows = list(connection.execute(_HISTORY, at))
            if not rows:
                continue
            value = rows[0].value
            for row, before in zip(rows, [*(r.value for r in rows[1:]), ""], strict=True):
                if row.message_id in message_ids:
                    value = before if value == row.value else _taken_back(value, row.value, before, label)
            whose = next((row.trust for row in rows if row.value == value), rows[0].trust)
            self._edit(label, lambda _, value=value: value, (), trust=whose, anew=True)

    def history(self, label: str) -> list[Block]:
        """Give every version of a block, the newest first."""
        _spec(label)
        with self._db.read() as connection:
            rows = connection.execute(_HISTORY, {"student": self._student, "label": label})
            return [_block(label, row) for row in rows]

    def _edit(
        self,
        label: str,
        change: Callable[[str], str],
        masked: tuple[str, ...],
        message_id: int | None = None,
        trust: Trust = "student",
        *,
        anew: bool = False,
    ) -> Block:
        spec = _spec(label)
        with self._db.begin() as connection:
            lock_student(connection, self._student)  # two programs must not build on the same version
            row = connection.execute(_LATEST, {"student": self._student, "label": label}).first()
            current = _block(label, row)
            value = change(current.value)
            if value == current.value:
                return current
            if len(value) > spec.limit:
                raise _too_long(current, len(value))
            whose = trust if anew or not current.value else least_trusted(trust, current.trust)
            return self._write(connection, current, value, masked, message_id, whose)

    def _write(
        self,
        connection: Connection,
        current: Block,
        value: str,
        masked: tuple[str, ...],
        message_id: int | None,
        trust: Trust,
    ) -> Block:
        now = self._clock()
        version = current.version + 1
        connection.execute(
            _ADD,
            {
                "student_id": self._student,
                "label": current.label,
                "version": version,
                "value": value,
                "size_limit": current.limit,
                "description": current.description,
                "message_id": message_id,
                "trust": trust,
                "created_at": now,
            },
        )
        return Block(current.label, value, current.limit, current.description, version, now, masked, trust)


def _taken_back(value: str, edited: str, before: str, label: str) -> str:
    """Give a block without the lines that an edit added, and with those that it took out, where they fit."""
    added = set(edited.split("\n")) - set(before.split("\n"))
    lines = value.split("\n")
    back = [line for line in before.split("\n") if line not in {*edited.split("\n"), *lines}]
    place = next((at for at, line in enumerate(lines) if line in added), len(lines))
    head, tail = lines[:place], [line for line in lines[place:] if line not in added]
    whole = "\n".join(line for line in (*head, *back, *tail) if line)
    return whole if len(whole) <= BLOCKS[label].limit else "\n".join([*head, *tail])


def _spec(label: str) -> BlockSpec:
    spec = BLOCKS.get(label)
    if spec is None:
        names = ", ".join(BLOCKS)
        raise ToolRetry(
            f"There is no core memory block {label!r}; the blocks are: {names}.",
            f"{label!r} 블록은 없습니다. 쓸 수 있는 블록: {names}.",
        )
    return spec


def _block(label: str, row: Any | None) -> Block:
    spec = BLOCKS[label]
    if row is None:
        return Block(label, "", spec.limit, spec.description)
    return Block(label, row.value, spec.limit, spec.description, row.version, row.created_at, trust=row.trust)


def _clean(text: str) -> tuple[str, tuple[str, ...]]:
    clean, masked = sanitize_user(text.strip())
    return clean.strip(), masked


def _no_match(label: str, value: str, wanted: str, found: int) -> ToolRetry:
    if not wanted:
        return ToolRetry(
            "The text to be replaced is empty. Use core_memory_append to add something.",
            "바꿀 대상이 비어 있습니다. 추가하려면 core_memory_append를 쓰세요.",
        )
    if found > 1:
        return ToolRetry(
            f"{wanted!r} stands {found} times in the block {label!r}. Give a longer piece that stands there once."
            f" It holds now:\n{value}",
            f"{wanted!r}이(가) {label!r} 블록에 {found}번 나옵니다. 한 번만 나오는 더 긴 부분을 주세요."
            f" 지금 내용:\n{value}",
        )
    if not value:
        return ToolRetry(
            f"The block {label!r} is empty, so there is nothing to replace. Use core_memory_append.",
            f"{label!r} 블록이 비어 있어서 바꿀 것이 없습니다. core_memory_append를 쓰세요.",
        )
    return ToolRetry(
        f"{wanted!r} is not in the block {label!r}. Copy the text exactly as it stands there. It holds now:\n{value}",
        f"{wanted!r}은(는) {label!r} 블록에 없습니다. 있는 그대로 옮겨 적어 주세요. 지금 내용:\n{value}",
    )


def _too_long(current: Block, size: int) -> ToolRetry:
    label, limit, now = current.label, current.limit, len(current.value)
    return ToolRetry(
        f"The block {label!r} would hold {size} of at most {limit} characters (now {now}). Nothing was changed. Shorten"
        " it with core_memory_replace, or keep details with archival_memory_insert.",
        f"{label!r} 블록이 {size}자가 되어 한도 {limit}자를 넘습니다(지금 {now}자). 바뀐 것은 없습니다."
        " core_memory_replace로 줄이거나 자세한 내용은 archival_memory_insert로 보관하세요.",
    )
