"""What is to be forgotten, and which rows hold copies of it: read before the write lock is taken.

Going through everything that was ever said takes seconds in a long life, and nobody can write meanwhile if the lock is
held. So the rows that hold the words are found first; under the lock only those are read again, and the newest ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Column, ColumnElement, Connection, Table, select

from ..core import BLOCKS
from ..errors import NotFound, UsageError
from ..index.writer import batched
from ..learner.values import card_id
from ..store import AnyRow, row_id
from ..store.schema import archival, attempts, cards, core_blocks, messages, sessions
from ..types import archival_id, message_id
from .redaction import RedactionSet
from .scan import fragments

NEWEST = 1_000
"""So many of the last rows are read under the lock too: another program may have been writing them."""


@dataclass(frozen=True, slots=True)
class ForgetPlan:
    """What goes when one thing is forgotten.

    Attributes:
        identity: What was named.
        messages: Rows of messages, whole turns or a whole conversation; `session` is that conversation's row.
        records: Rows of archival memory.
        cards: Rows of the cards that were made of these, or the card itself.
        block: The label of a core block.
        own: Pieces of the student's words and of what was kept of them.
        others: Pieces of what professor and tools said; what they also said elsewhere is no copy of it.
    """

    identity: str
    messages: tuple[int, ...] = ()
    session: int | None = None
    records: tuple[int, ...] = ()
    cards: tuple[int, ...] = ()
    block: str | None = None
    own: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def ids(self) -> frozenset[str]:
        """The ids that copies name as their source: `m12`, `a7` or `k3`."""
        named = (*map(message_id, self.messages), *map(archival_id, self.records), *map(card_id, self.cards))
        return frozenset(named)


@dataclass(frozen=True, slots=True)
class Holders:
    """Rows that hold any of a plan's words or name one of its ids; those after the `newest` are to be read again."""

    messages: frozenset[int]
    records: frozenset[int]
    newest_message: int
    newest_record: int

    def of(self, table: Table) -> tuple[frozenset[int], int]:
        """Give those of `messages` or `archival`, and after which row to read on."""
        if table is messages:
            return self.messages, self.newest_message
        return self.records, self.newest_record


def plan_for(connection: Connection, student_id: int, identity: str) -> ForgetPlan:
    """Read what goes with a message (its turn and what rests on it), a memory, a card, a conversation or a core block.

    Raises:
        NotFound: This student has nothing of that id.
        UsageError: It is no such id.
    """
    if identity in BLOCKS:
        mine = (core_blocks.c.student_id == student_id, core_blocks.c.label == identity)
        values = connection.scalars(select(core_blocks.c.value).where(*mine).order_by(core_blocks.c.id))
        return ForgetPlan(identity, block=identity, own=_pieces(values))
    match identity[:1].lower():
        case "m":
            item = row_id(identity, "m")
            own = (messages.c.student_id == student_id, messages.c.id == item)
            found = connection.execute(select(messages.c.turn_id).where(*own)).first()
            if found is None:
                raise _missing(identity)
            turn = messages.c.id == item if found.turn_id is None else messages.c.turn_id == found.turn_id
            return _messages(connection, student_id, identity, turn)
        case "a":
            return _record(connection, student_id, identity)
        case "k":
            made = _cards(connection, student_id, cards.c.id == row_id(identity, "k"))
            if not made:
                raise _missing(identity)
            return ForgetPlan(identity, cards=(made[0].id,), own=_pieces(_sides(made)))
        case "s":
            session = row_id(identity, "s")
            own = (sessions.c.student_id == student_id, sessions.c.id == session)
            if connection.execute(select(sessions.c.id).where(*own)).first() is None:
                raise _missing(identity)
            return _messages(connection, student_id, identity, messages.c.session_id == session, session)
        case _:
            raise UsageError(
                f"{identity!r} cannot be forgotten: give an id like m12, a7, k5 or s3, or a core block"
                f" ({', '.join(BLOCKS)}).",
                f"{identity!r}은(는) 지울 수 있는 id가 아닙니다. m12, a7, k5, s3 같은 id나 핵심 기억의 이름"
                f"({', '.join(BLOCKS)})을 써 주세요.",
            )


def find_holders(connection: Connection, student_id: int, plan: ForgetPlan) -> Holders:
    """Go once through everything that was said with a student and kept, and give the rows that hold copies."""
    erased = RedactionSet(tuple(dict.fromkeys([*plan.own, *plan.others])), plan.ids)
    newest = {messages: 0, archival: 0}
    held: dict[Table, set[int]] = {messages: set(), archival: set()}
    said = (messages.c.content, messages.c.context_note, messages.c.tool_calls)
    for table, columns in ((messages, said), (archival, (archival.c.text, archival.c.quote))):
        mine = select(table.c.id, *columns).where(table.c.student_id == student_id)
        for row in connection.execute(mine.execution_options(yield_per=1000)):
            newest[table] = max(newest[table], row.id)
            texts = _spoken_with_note(row) if table is messages else (row.text, row.quote or "")
            if any(erased.holds(text) or erased.names(text) for text in texts):
                held[table].add(row.id)
    return Holders(
        frozenset(held[messages]),
        frozenset(held[archival]),
        max(0, newest[messages] - NEWEST),
        max(0, newest[archival] - NEWEST),
    )


def spoken(row: AnyRow) -> Iterator[str]:
    """Give what a message says and the texts it gives to tools."""
    yield row.content
    for _, _, arguments in row.tool_calls or ():
        yield from texts_in(arguments)


def texts_in(arguments: str) -> Iterator[str]:
    """Give the texts in a call's arguments, the way they are read, not the way JSON writes them."""
    try:
        waiting: list[object] = [json.loads(arguments)]
    except ValueError:
        waiting = [arguments]
    for value in waiting:  # grows while it is walked
        match value:
            case str():
                yield value
            case list():
                waiting += cast("list[object]", value)
            case dict():
                waiting += cast("dict[str, object]", value).values()
            case _:
                pass


def _messages(
    connection: Connection,
    student_id: int,
    identity: str,
    which: ColumnElement[bool],
    session: int | None = None,
) -> ForgetPlan:
    mine = select(messages).where(messages.c.student_id == student_id, which).order_by(messages.c.seq)
    rows = connection.execute(mine).all()
    items = tuple(row.id for row in rows)
    resting = [
        row
        for batch in batched(items)
        for row in connection.execute(
            select(archival.c.id, archival.c.text)
            .where(archival.c.student_id == student_id, archival.c.message_id.in_(batch))
            .order_by(archival.c.id)
        )
    ]
    records = tuple(row.id for row in resting)
    made = [
        *_of(connection, student_id, cards.c.message_id, items),
        *_of(connection, student_id, cards.c.archival_id, records),
    ]
    answered = [
        text
        for row in _of(connection, student_id, attempts.c.message_id, items)
        for text in (row.response, row.reason)
    ]
    own = [row.content for row in rows if row.role == "user"] + [row.text for row in resting]
    own += [*_sides(made), *answered]
    others = [text for row in rows if row.role != "user" for text in spoken(row)]
    learned = tuple(sorted({row.id for row in made}))
    return ForgetPlan(identity, items, session, records, learned, own=_pieces(own), others=_pieces(others))


def _record(connection: Connection, student_id: int, identity: str) -> ForgetPlan:
    own = (archival.c.student_id == student_id, archival.c.id == row_id(identity, "a"))
    row = connection.execute(select(archival).where(*own)).first()
    if row is None:
        raise _missing(identity)
    words = [row.text, row.quote] if row.quote and row.message_id is not None else [row.text]
    made = _cards(connection, student_id, cards.c.archival_id == row.id)
    own_pieces = _pieces([*words, *_sides(made)])
    return ForgetPlan(identity, records=(row.id,), cards=tuple(card.id for card in made), own=own_pieces)


def _cards(connection: Connection, student_id: int, which: ColumnElement[bool]) -> Sequence[AnyRow]:
    mine = select(cards).where(cards.c.student_id == student_id, which)
    return connection.execute(mine.order_by(cards.c.id)).all()


def _of(
    connection: Connection, student_id: int, column: Column[Any], items: Sequence[int]
) -> Iterator[AnyRow]:
    """Give the rows whose column names one of some rows."""
    for batch in batched(items):
        mine = select(column.table).where(column.table.c.student_id == student_id, column.in_(batch))
        yield from connection.execute(mine)


def _sides(made: Iterable[AnyRow]) -> list[str]:
    return [side for card in made for side in (card.front, card.back)]


def _pieces(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(piece for text in texts for piece in fragments(text)))


def _spoken_with_note(row: AnyRow) -> Sequence[str]:
    return [*spoken(row), row.context_note]


def _missing(identity: str) -> NotFound:
    return NotFound(
        f"There is nothing called {identity} in this student's memory. officehours memory show lists what there is.",
        f"이 학생의 기억에 {identity}이(가) 없습니다. officehours memory show 로 볼 수 있습니다.",
    )
