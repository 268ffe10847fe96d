"""What is hard for the student or held wrongly: the student's own words, and what became of it.

A misconception is a topic and its events; the state is worked out from them and stored nowhere. So an undone turn and
a forgotten message take their events along, and what is left still adds up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, cast, get_args

from sqlalchemy import Connection, bindparam, or_, select

from ..dates import zone_of
from ..errors import NotFound
from ..facts import StatedFact, subject_of
from ..store import Database, insert_ignoring, row_id
from ..store.schema import messages, misconception_events, misconceptions, students
from ..text import mentions, sanitize_user
from ..types import message_id as shown

MisconceptionState = Literal["suspected", "confirmed", "challenged", "claimed", "resolved", "relapsed"]
EventKind = Literal["seen", "asked", "claimed", "right"]
"""It showed in the student's words or answer; the professor asked about it; the student says that it is clear; an
answer on it was right."""

SPACED_DAYS: Final = 2
"""Right answers on so many different days, nothing wrong between them, resolve it."""

_UNRESOLVED: Final[tuple[MisconceptionState, ...]] = (
    "suspected",
    "confirmed",
    "challenged",
    "claimed",
    "relapsed",
)
_NEXT: Final[Mapping[EventKind, Mapping[Any, MisconceptionState]]] = {
    "seen": {
        None: "suspected",
        "suspected": "confirmed",
        "confirmed": "confirmed",
        "challenged": "confirmed",
        "claimed": "confirmed",
        "resolved": "relapsed",
        "relapsed": "relapsed",
    },
    "asked": dict.fromkeys(_UNRESOLVED, "challenged"),
    "claimed": dict.fromkeys(_UNRESOLVED, "claimed"),
    "right": dict.fromkeys(_UNRESOLVED, "challenged"),
}
"""What follows on an event; a state that is not named stays as it is."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a misconception.

    Attributes:
        words: The student's, verbatim.
        message_id: The message it rests on; None for an answer in a quiz, and where an earlier version kept none.
        day: The student's own.
    """

    kind: EventKind
    words: str
    message_id: int | None
    at: datetime
    day: date


def state_after(events: Iterable[Event]) -> MisconceptionState | None:
    """Work out where a misconception stands; None before it was first seen.

    Args:
        events: Oldest first.
    """
    state: MisconceptionState | None = None
    right: set[date] = set()
    for event in events:
        if event.kind == "seen":
            right.clear()
        if event.kind == "right" and state is not None:
            right.add(event.day)
        state = _NEXT[event.kind].get(state) or state
        if len(right) >= SPACED_DAYS:
            state = "resolved"
    return state


@dataclass(frozen=True, slots=True)
class Misconception:
    """A topic that is or was hard for the student.

    Attributes:
        events: What happened, oldest first; the first is `seen`.
    """

    id: int
    topic: str
    key: str
    state: MisconceptionState
    events: tuple[Event, ...]

    @property
    def open(self) -> bool:
        """Whether there is something left to clear up or to check."""
        return self.state != "resolved"

    @property
    def last(self) -> Event:
        """What happened last."""
        return self.events[-1]

    @property
    def seen(self) -> Event:
        """When it showed last."""
        return next(event for event in reversed(self.events) if event.kind == "seen")

    def waits(self, today: date) -> bool:
        """Whether it is to be asked about again: on another day than the last time."""
        return self.open and self.last.day < today

    def stated_in(self, message_id: int) -> StatedFact | None:
        """What a message says of it, as the rules read it; None where it says nothing."""
        said = next((event for event in self.events if event.message_id == message_id), None)
        if said is None or said.kind not in {"seen", "claimed"}:
            return None
        polarity = "understood" if said.kind == "claimed" else "holds"
        return StatedFact("confusion", self.key, self.topic, said.words, said.at, "UTC", polarity=polarity)


_LIVE = or_(misconception_events.c.message_id.is_(None), messages.c.undone.is_(False))
_ALL = (
    select(
        misconceptions.c.id,
        misconceptions.c.topic,
        misconceptions.c.topic_key,
        misconception_events.c.kind,
        misconception_events.c.words,
        misconception_events.c.message_id,
        misconception_events.c.at,
        misconception_events.c.day,
    )
    .join(misconception_events, misconception_events.c.misconception_id == misconceptions.c.id)
    .outerjoin(messages, messages.c.id == misconception_events.c.message_id)
    .where(misconceptions.c.student_id == bindparam("student"), _LIVE)
    .order_by(misconceptions.c.id, misconception_events.c.at, misconception_events.c.id)
)
_MESSAGE = select(messages.c.time, messages.c.zone).where(
    messages.c.student_id == bindparam("student"), messages.c.id == bindparam("message")
)
_ZONE = select(students.c.zone).where(students.c.id == bindparam("student"))
_BY_KEY = select(misconceptions.c.id).where(
    misconceptions.c.student_id == bindparam("student"), misconceptions.c.topic_key == bindparam("key")
)


class Misconceptions:
    """One student's misconceptions.

    Args:
        db: The store.
        student_id: Whose; every statement filters by it.
        clock: Gives now, aware, in UTC.
    """

    def __init__(self, db: Database, student_id: int, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._student = student_id
        self._clock = clock

    def record(self, kind: EventKind, topic: str, message_id: int | str, words: str = "") -> str:
        """Enter what a message shows of a topic, and give the topic; the same again changes nothing.

        Only `seen` makes a topic known; anything else about one that is not is passed over.

        Args:
            words: The student's, verbatim.

        Raises:
            NotFound: This student has no such message.
        """
        row, topic = row_id(message_id, "m"), " ".join(sanitize_user(topic)[0].split())
        with self._db.begin() as connection:
            said = connection.execute(_MESSAGE, {"student": self._student, "message": row}).first()
            if said is None:
                raise NotFound(
                    f"There is no message {shown(row)} of this student.",
                    f"이 학생에게는 {shown(row)} 메시지가 없습니다.",
                )
            of = self._topic(connection, topic, new=kind == "seen")
            if of is not None:
                self._enter(connection, of, kind, words, said.time, said.zone, row)
        return topic

    def asked(self, about: str) -> list[str]:
        """Enter that a question was put on every misconception that waits for one and is named in `about`.

        Returns:
            Their topics.
        """
        return self._happened("asked", about, waiting=True)

    def answered(self, about: str, *, right: bool, words: str, message_id: int | None = None) -> list[str]:
        """Enter an answer for every misconception that is open and named in `about`.

        Args:
            message_id: The message it stood in; it goes with it.

        Returns:
            Their topics.
        """
        return self._happened("right" if right else "seen", about, words, message_id)

    def _happened(
        self,
        kind: EventKind,
        about: str,
        words: str = "",
        message: int | None = None,
        *,
        waiting: bool = False,
    ) -> list[str]:
        named = [item for item in self.open() if mentions(about, tuple(item.topic.split()))]
        now = self._clock()
        with self._db.begin() as connection:
            zone = connection.execute(_ZONE, {"student": self._student}).scalar_one()
            today = now.astimezone(zone_of(zone)).date()
            named = [item for item in named if not waiting or item.waits(today)]
            for item in named:
                self._enter(connection, item.id, kind, words, now, zone, message)
        return [item.topic for item in named]

    def all(self) -> list[Misconception]:
        """Give every misconception with what happened to it, the first seen first."""
        found: dict[tuple[int, str, str], list[Event]] = {}
        with self._db.read() as connection:
            for row in connection.execute(_ALL, {"student": self._student}):
                if row.kind not in get_args(EventKind):
                    continue
                event = Event(
                    cast("EventKind", row.kind),
                    row.words,
                    row.message_id,
                    row.at,
                    date.fromisoformat(row.day),
                )
                found.setdefault((row.id, row.topic, row.topic_key), []).append(event)
        kept: list[Misconception] = []
        for (item, topic, key), events in found.items():
            first = next((place for place, event in enumerate(events) if event.kind == "seen"), None)
            state = state_after(events)
            if first is not None and state is not None:
                kept.append(Misconception(item, topic, key, state, tuple(events[first:])))
        return kept

    def open(self) -> list[Misconception]:
        """Give what is not resolved, the first seen first."""
        return [item for item in self.all() if item.open]

    def _enter(
        self,
        connection: Connection,
        of: int,
        kind: EventKind,
        words: str,
        at: datetime,
        zone: str,
        message: int | None = None,
    ) -> None:
        values = {"student_id": self._student, "misconception_id": of, "kind": kind, "message_id": message}
        values |= {"words": sanitize_user(words)[0], "at": at}
        values |= {"day": at.astimezone(zone_of(zone)).date().isoformat()}
        connection.execute(insert_ignoring(connection, misconception_events), values)

    def _topic(self, connection: Connection, topic: str, *, new: bool) -> int | None:
        key = subject_of("confusion", topic)
        if new:
            values = {"student_id": self._student, "topic": topic, "topic_key": key}
            connection.execute(
                insert_ignoring(connection, misconceptions), values | {"created_at": self._clock()}
            )
        return connection.scalar(_BY_KEY, {"student": self._student, "key": key})


def stated_before(message: int, known: Iterable[Misconception]) -> list[StatedFact]:
    """Give what was hard for the student before a message was said, as facts that rules compare with."""
    before = [
        (item, event)
        for item in known
        for event in item.events
        if event.kind == "seen" and (event.message_id is None or event.message_id < message)
    ]
    return [StatedFact("confusion", item.key, item.topic, e.words, e.at, "UTC") for item, e in before]
