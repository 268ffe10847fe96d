"""Forgetting inside one transaction: the rows themselves, what rests on them, and every copy of their words.

What a student said again elsewhere, or keeps in another memory, is no copy: it stays, and is named so that it can be
forgotten too. What the professor repeated of the student's words is one.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from sqlalchemy import JSON, Column, Connection, String, Table, delete, func, insert, select, update

from ..index import forget_items, index_text
from ..index.writer import batched
from ..learner.values import card_id
from ..store import AnyRow
from ..store.column_types import Values, Words
from ..store.schema import (
    acronyms,
    archival,
    attempts,
    cards,
    core_blocks,
    messages,
    metadata,
    misconception_events,
    misconceptions,
    open_questions,
    problems,
    promises,
    quiz_items,
    sessions,
    students,
    study_goals,
    turns,
    vectors,
    views,
)
from ..types import Scope, archival_id, message_id
from .plan import ForgetPlan, Holders, spoken, texts_in
from .redaction import RedactionSet, without_arguments, without_hits, without_lines, without_words
from .scan import fragments

SPOKEN = ("user", "assistant")
PERSONAL: dict[Table, tuple[str, ...]] = {
    messages: ("content", "name", "context_note"),
    archival: ("text", "value", "quote", "name", "tags"),
    core_blocks: ("value",),
    views: ("brief", "summary"),
    sessions: ("title",),
    turns: ("error",),
    open_questions: ("text",),
    cards: ("front", "back", "topic", "tags"),
    problems: ("text", "question", "answers", "choices", "hints"),
    quiz_items: ("question", "answers", "choices"),
    attempts: ("response", "reason"),
    misconceptions: ("topic",),
    misconception_events: ("words",),
    study_goals: ("topics",),
    acronyms: ("long",),
    promises: ("text",),
}
"""Where words about a student stand, besides the arguments of tool calls and the hits that were shown."""

_LINES = (
    (sessions, "title"),
    (turns, "error"),
    (open_questions, "text"),
    (quiz_items, "question"),
    (attempts, "response"),
    (attempts, "reason"),
    (misconceptions, "topic"),
    (misconception_events, "words"),
    (promises, "text"),
)
"""Columns out of which words are taken wherever they stand."""


@dataclass(slots=True)
class Removed:
    """What a removal did.

    Attributes:
        ids: What was asked for and what rested on it, as shown (`m12`, `a7`).
        texts: The words that went, to be looked for; `vectors` likewise, each with its number of parts.
        rows: Deleted rows by table; `changed` rows from which words were taken.
        elsewhere: The student's own messages and memories that still hold some of the words.
    """

    ids: list[str] = field(default_factory=list[str])
    texts: list[str] = field(default_factory=list[str])
    vectors: list[tuple[bytes, int]] = field(default_factory=list[tuple[bytes, int]])
    rows: dict[str, int] = field(default_factory=dict[str, int])
    changed: dict[str, int] = field(default_factory=dict[str, int])
    elsewhere: list[str] = field(default_factory=list[str])


class Removal:
    """Removes from one student's memory, in the caller's transaction.

    Args:
        connection: In a write transaction, the student's row locked.
        student_id: Whose; every statement filters by it.
        holders: The rows that may hold copies of what goes; every row is read where it is not given.
    """

    def __init__(self, connection: Connection, student_id: int, holders: Holders | None = None) -> None:
        self._connection = connection
        self._student = student_id
        self._holders = holders
        self._before = count_rows(connection, student_id)
        self._talks: set[int] = set()
        self.done = Removed()

    def carry_out(self, plan: ForgetPlan) -> None:
        """Delete what a plan names, and take its words out of all copies."""
        self._delete_cards(plan.cards)
        if plan.block is not None:
            self._delete_block(plan.block)
        elif plan.messages:
            self._delete_messages(plan)
        elif plan.records:
            self._delete_record(plan.records[0])
        self._clean(plan)
        if plan.session is not None:
            mine = (sessions.c.student_id == self._student, sessions.c.id == plan.session)
            self._connection.execute(delete(sessions).where(*mine))

    def finish(self) -> Removed:
        """Let open conversations go on without what went, and give what was done."""
        self._open_views_anew()
        after = count_rows(self._connection, self._student)
        lost = {name: count - after[name] for name, count in self._before.items() if count > after[name]}
        self.done.rows = lost
        return self.done

    # What goes

    def _delete_messages(self, plan: ForgetPlan) -> None:
        self.done.ids += [message_id(item) for item in plan.messages]
        self._delete_records(plan.records)
        for batch in batched(plan.messages):
            rows = self._all(messages, messages.c.id.in_(batch))
            self._embed_anew([(row.session_id, row.seq) for row in rows], without=set(plan.messages))
            self._take_vectors("recall", batch)
            forget_items(self._connection, self._student, "recall", batch)
            self._connection.execute(delete(messages).where(_mine(messages, self._student, batch)))
            done = [row.turn_id for row in rows if row.turn_id is not None]
            self._connection.execute(delete(turns).where(_mine(turns, self._student, done)))
            self._talks.update(row.session_id for row in rows)
        self._drop_bare_misconceptions()

    def _drop_bare_misconceptions(self) -> None:
        """Delete the topics of which no message is left that shows them."""
        shown = select(misconception_events.c.misconception_id).where(
            misconception_events.c.student_id == self._student
        )
        bare = (misconceptions.c.student_id == self._student, misconceptions.c.id.not_in(shown))
        self._connection.execute(delete(misconceptions).where(*bare))

    def _delete_record(self, item: int) -> None:
        """Delete one archival memory, and the words of the student that it rests on."""
        row = self._all(archival, archival.c.id == item)[0]
        self._delete_records([item])
        if row.quote and row.message_id is not None:
            self._unsay(row.message_id, row.quote)
        if row.subject == "name" and row.trust == "student":
            cleared = update(students).where(students.c.id == self._student, students.c.name != "")
            self._connection.execute(cleared.values(name=""))

    def _delete_records(self, items: Sequence[int]) -> None:
        for batch in batched(items):
            self._take_vectors("archival", batch)
            forget_items(self._connection, self._student, "archival", batch)
            asked = (quiz_items.c.student_id == self._student, quiz_items.c.archival_id.in_(batch))
            self._connection.execute(delete(quiz_items).where(*asked))
            self._connection.execute(delete(archival).where(_mine(archival, self._student, batch)))
            self.done.ids += [archival_id(item) for item in batch]

    def _delete_cards(self, items: Sequence[int]) -> None:
        """Delete cards; their reviews, and what a quiz asked of them, go with them."""
        for batch in batched(items):
            self._connection.execute(delete(cards).where(_mine(cards, self._student, batch)))
            self.done.ids += [card_id(item) for item in batch]

    def _delete_block(self, label: str) -> None:
        mine = (core_blocks.c.student_id == self._student, core_blocks.c.label == label)
        self._connection.execute(delete(core_blocks).where(*mine))
        self.done.ids.append(label)

    def _unsay(self, message: int, quote: str) -> None:
        """Take a quote out of the message it was said in."""
        found = self._all(messages, messages.c.id == message)
        if found:
            self._rewrite(found[0], {"content": without_words(found[0].content, [quote, *fragments(quote)])})

    def _take_vectors(self, scope: Scope, items: Sequence[int]) -> None:
        number = {"recall": 0, "archival": 1}[scope]
        for batch in batched(items):
            rows = self._all(vectors, vectors.c.scope == number, vectors.c.item_id.in_(batch))
            self.done.vectors += [(row.data, row.parts) for row in rows]

    def _embed_anew(self, places: Sequence[tuple[int, int]], without: Collection[int]) -> None:
        """Embed again what follows a message: its vectors were made with the message as context."""
        last: dict[int, int] = {}
        for talk, seq in places:
            last[talk] = max(seq, last.get(talk, 0))
        for talk, seq in last.items():
            after = (
                select(messages)
                .where(
                    messages.c.student_id == self._student,
                    messages.c.session_id == talk,
                    messages.c.seq > seq,
                    messages.c.role.in_(SPOKEN),
                    messages.c.content != "",
                    messages.c.undone.is_(False),
                )
                .order_by(messages.c.seq)
            )
            following = self._connection.execute(after.limit(1)).first()
            if following is not None and following.id not in without:
                self._index_anew(following, following.content)

    def _index_anew(self, row: AnyRow, content: str) -> None:
        self._take_vectors("recall", [row.id])
        forget_items(self._connection, self._student, "recall", [row.id])
        if row.role in SPOKEN and row.state != "cancelled" and content.strip() and not row.undone:
            index_text(self._connection, self._student, "recall", row.id, content, row.name)

    # The copies

    def _clean(self, plan: ForgetPlan) -> None:
        """Take a plan's words out of all copies; what the student said or keeps elsewhere too is none."""
        self._drop_extras()
        self._clean_rows(RedactionSet(ids=plan.ids))
        own = self._without_living(plan.own, SPOKEN[:1])
        others = self._without_living(plan.others, ("user", "assistant", "tool"))
        self.done.texts += [*own, *others]
        everything = tuple(dict.fromkeys([*own, *others]))
        self._clean_rows(RedactionSet(tuple(own), plan.ids), RedactionSet(everything, plan.ids))

    def _drop_extras(self) -> None:
        """Drop what replies brought besides their text: thoughts, sealed ones too, into which nobody can look."""
        mine = (messages.c.student_id == self._student, messages.c.extras.is_not(None))
        dropped = update(messages).where(*mine).values(extras=None).returning(messages.c.session_id)
        self._talks.update(self._connection.scalars(dropped))

    def _without_living(self, words: Sequence[str], roles: Sequence[str]) -> list[str]:
        """Leave out what stands in other memories of the student, and remember in which."""
        if not words:
            return []
        shared: set[str] = set()
        texts = chain(
            (
                (message_id(row.id), text)
                for row in self._held(messages)
                if row.role in roles
                for text in spoken(row)
            ),
            ((archival_id(row.id), row.text) for row in self._held(archival)),
            ((card_id(row.id), side) for row in self._all(cards) for side in (row.front, row.back)),
        )
        for name, text in texts:
            held = [word for word in words if word in text]
            shared.update(held)
            if held and roles == SPOKEN[:1]:
                self.done.elsewhere.append(name)
        return [word for word in words if word not in shared]

    def _clean_rows(self, own: RedactionSet, everything: RedactionSet | None = None) -> None:
        everything = everything or own
        for row in self._held(messages):
            self._rewrite(row, _cleaned_message(row, own, everything))
        for row in self._held(archival):
            if own.holds(row.quote or ""):
                self._change(archival, row, {"quote": None})
        for row in self._all(core_blocks):
            self._change(core_blocks, row, {"value": without_lines(row.value, own)})
        for row in self._all(views):
            self._change(views, row, _cleaned_view(row, everything))
        for table, name in _LINES:
            for row in self._all(table, table.c[name].is_not(None)):
                self._change(table, row, {name: without_words(getattr(row, name), own.words)})

    def _rewrite(self, row: AnyRow, values: dict[str, Any]) -> None:
        if self._change(messages, row, values):
            self._talks.add(row.session_id)
            if values.get("content", row.content) != row.content:
                self._index_anew(row, values["content"])
                self._embed_anew([(row.session_id, row.seq)], without=())

    def _change(self, table: Table, row: AnyRow, values: dict[str, Any]) -> bool:
        new = {name: value for name, value in values.items() if value != getattr(row, name)}
        if not new:
            return False
        self._connection.execute(
            update(table).where(table.c.student_id == self._student, table.c.id == row.id).values(new)
        )
        self.done.changed[table.name] = self.done.changed.get(table.name, 0) + 1
        if table is views:
            self._talks.add(row.session_id)
        return True

    def _open_views_anew(self) -> None:
        """Open a new view of each conversation whose view or messages changed: who holds the old one reads anew."""
        rows = self._connection.execute(
            select(sessions.c.id, sessions.c.parent_id).where(sessions.c.student_id == self._student)
        ).all()
        touched = set(self._talks)
        for row in sorted(rows, key=lambda row: row.id):  # a fork is younger than what it continues
            if row.parent_id in touched:
                touched.add(row.id)
        newest = select(func.max(views.c.id)).where(views.c.student_id == self._student)
        for view in self._all(views, views.c.id.in_(newest.group_by(views.c.session_id))):
            if view.session_id in touched:
                values = {
                    column.name: getattr(view, column.name) for column in views.c if column.name != "id"
                }
                self._connection.execute(insert(views), values | {"reason": "forget"})

    # Reading

    def _all(self, table: Table, *wanted: Any) -> list[AnyRow]:
        mine = select(table).where(table.c.student_id == self._student, *wanted)
        ordered = mine.order_by(*(table.c[name] for name in ("session_id", "seq", "id") if name in table.c))
        return list(self._connection.execute(ordered).all())

    def _held(self, table: Table) -> list[AnyRow]:
        """Give the messages or archival memories that may hold copies, as they are now."""
        if self._holders is None:
            return self._all(table)
        held, newest = self._holders.of(table)
        older = [item for item in held if item <= newest]
        rows = [row for batch in batched(older) for row in self._all(table, table.c.id.in_(batch))]
        return [*rows, *self._all(table, table.c.id > newest)]


def count_rows(connection: Connection, student_id: int) -> dict[str, int]:
    """Count a student's rows, by table."""
    return {
        table.name: connection.scalar(
            select(func.count()).select_from(table).where(_owner(table) == student_id)
        )
        or 0
        for table in own_tables()
    }


def own_tables() -> list[Table]:
    """Give the tables that hold students' rows, those that others refer to first."""
    return [table for table in metadata.sorted_tables if table is students or "student_id" in table.c]


def words_of(connection: Connection, student_id: int) -> Iterator[str]:
    """Give every text that is about a student or was said with the student, as it was written."""
    for table, names in PERSONAL.items():
        columns = [table.c[name] for name in names]
        wanted = select(*columns).where(table.c.student_id == student_id)
        for row in connection.execute(wanted.execution_options(yield_per=1000)):
            for value in row:
                if isinstance(value, str):
                    yield value
                elif value is not None:
                    yield from texts_in(json.dumps(value))
    inside = select(messages.c.tool_calls, messages.c.hits, messages.c.extras).where(
        messages.c.student_id == student_id
    )
    for row in connection.execute(inside.execution_options(yield_per=1000)):
        for _, _, arguments in row.tool_calls or ():
            yield from texts_in(arguments)
        yield from texts_in(row.extras or "")
        yield from (hit["text"] for hit in row.hits or ())


def words_of_others(connection: Connection, student_id: int) -> Iterator[str]:
    """Give every text in the rows of all other students."""
    for table in own_tables():
        columns = [column for column in table.c if isinstance(column.type, String | JSON | Words | Values)]
        if columns and table.name != "postings":  # a term stands in its text too
            wanted = select(*columns).where(_owner(table) != student_id)
            for row in connection.execute(wanted.execution_options(yield_per=1000)):
                yield from (_as_text(value) for value in row if value is not None)


def _cleaned_message(row: AnyRow, own: RedactionSet, everything: RedactionSet) -> dict[str, Any]:
    values: dict[str, Any] = {}
    match row.role:
        case "user":
            note, hits = without_hits(row.context_note, row.hits or (), everything)
            values |= {"context_note": note, "hits": hits}
        case "tool":
            content, hits = without_hits(row.content, row.hits or (), everything)
            values |= {"content": content, "hits": hits}
        case "assistant":
            values["content"] = without_words(row.content, own.words)
            if row.tool_calls:
                values["tool_calls"] = without_arguments(row.tool_calls, own)
        case _:
            pass
    return values


def _cleaned_view(row: AnyRow, erased: RedactionSet) -> dict[str, Any]:
    """The rules in a system text name ids as examples, so there only words count, besides what it repeats."""
    values = {name: without_lines(getattr(row, name), erased) for name in ("brief", "summary")}
    system = row.system
    for name, text in values.items():
        if getattr(row, name):
            system = system.replace(getattr(row, name), text)
    return values | {"system": without_lines(system, RedactionSet(erased.words))}


def _owner(table: Table) -> Column[Any]:
    return students.c.id if table is students else table.c.student_id


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _mine(table: Table, student_id: int, items: Sequence[int]) -> Any:
    return (table.c.student_id == student_id) & table.c.id.in_(items)
