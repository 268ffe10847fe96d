"""What a session left to be kept: the student's words that nobody has gone through yet, and the facts taken from them.

A fact is kept only if it quotes the student to the letter and says no more than the quote does; whatever else a model
proposes is dropped. Nothing is stored twice: the rules that run after every turn have been here before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, or_, select, update

from ..facts import StatedFact, extract_facts
from ..facts.subjects import is_within
from ..recall.log import read_log
from ..store import Database
from ..store.schema import messages, sessions
from ..text import terms
from ..types import StoredMessage, Trust, is_untrusted, least_trusted, message_id
from .memory import ArchivalMemory
from .own_words import says_no_more
from .records import ArchivalRecord, fingerprint, quotes, rests_on

MOST_MESSAGES = 60
"""Messages that are gone through at a time."""

QUIET = timedelta(minutes=30)
"""A conversation that was silent for so long is over for now."""

LONGEST = 300
"""Characters of a fact; what is longer is no single statement."""

SAME_SHARE = 0.6
"""Two statements on one message that share so much of their words are one."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """A fact that somebody read in the student's words: `message` is the id, `m12`, "" where it is not known."""

    text: str
    quote: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class MessageSpan:
    """A stretch of a conversation that nobody has gone through.

    Attributes:
        log: Its messages in order, the professor's included, for what they make clear.
        upto: How far the conversation is gone through once this is.
    """

    session_id: int
    log: tuple[StoredMessage, ...]
    upto: int

    @property
    def said(self) -> list[StoredMessage]:
        """The student's own messages."""
        return [m for m in self.log if m.message.role == "user" and m.trust == "student"]

    @property
    def trust(self) -> Trust:
        """The least trusted of what a reader of the stretch reads."""
        said: list[Trust] = [stored.trust for stored in self.log]
        return least_trusted("model", *said)

    def trust_of(self, fact: Proposed, source: StoredMessage) -> Trust:
        """Whose word a proposed fact is: beside words of others only what says no more than the message is the student's."""
        said = source.message.content
        if is_untrusted(self.trust) and not says_no_more(fact.text, said, source.time, source.zone):
            return self.trust
        return "student"


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of proposed facts: ids of those stored, how many were known, and how many were dropped."""

    stored: tuple[str, ...] = ()
    known: int = 0
    dropped: int = 0


_WAITING = (
    select(sessions.c.id, sessions.c.consolidated_seq)
    .where(
        sessions.c.student_id == bindparam("student"),
        sessions.c.origin == "chat",
        sessions.c.last_seq > sessions.c.consolidated_seq,
        sessions.c.last_at <= bindparam("quiet"),
        or_(sessions.c.parent_seq.is_(None), sessions.c.last_seq > sessions.c.parent_seq),
    )
    .order_by(sessions.c.last_at)
)


class Consolidation:
    """Goes through one student's conversations.

    Args:
        db: The store.
        student_id: Whose; every statement filters by it.
        archival: Where facts are kept.
        clock: Gives now, aware, in UTC.
    """

    def __init__(
        self, db: Database, student_id: int, archival: ArchivalMemory, clock: Callable[[], datetime]
    ) -> None:
        self._db = db
        self._student = student_id
        self._archival = archival
        self._clock = clock

    def next(self) -> MessageSpan | None:
        """Give the next stretch to go through, the oldest first; None where there is none.

        Stretches in which the student said nothing are marked as gone through on the way.
        """
        with self._db.read() as connection:
            at = {"student": self._student, "quiet": self._clock() - QUIET}
            waiting = connection.execute(_WAITING, at).all()
        for row in waiting:
            found = self._span(row.id, row.consolidated_seq)
            if found.said:
                return found
            self.mark(found)
        return None

    def mark(self, span: MessageSpan) -> None:
        """Note that a stretch was gone through."""
        with self._db.begin() as connection:
            connection.execute(
                update(sessions)
                .where(
                    sessions.c.student_id == self._student,
                    sessions.c.id == span.session_id,
                    sessions.c.consolidated_seq < span.upto,
                )
                .values(consolidated_seq=span.upto)
            )

    def take(self, span: MessageSpan, proposed: Iterable[Proposed]) -> Taken:
        """Keep what of the proposed facts the student said, then mark the stretch.

        Each in a commit of its own, so that no turn waits for them; after a kill in between they are known already.
        """
        stored: list[str] = []
        known = dropped = 0
        for fact in proposed:
            source = _source(fact, span.said)
            if source is None:
                dropped += 1
            elif self._known(fact, source):
                known += 1
            else:
                done = self._archival.insert(
                    fact.text,
                    kind="fact",
                    quote=fact.quote,
                    message_id=source.id,
                    trust=span.trust_of(fact, source),
                )
                stored += [done.id] if done.status != "known" else []
                known += done.status == "known"
        self.mark(span)
        return Taken(tuple(stored), known, dropped)

    def _known(self, fact: Proposed, source: StoredMessage) -> bool:
        """Tell whether something that rests on the same message says so already, whether it still holds or not."""
        stated = extract_facts(fact.text, source.time, source.zone)
        words = terms(fact.text).keys()
        same = fingerprint(fact.text)
        for kept in self._archival.list(message=source.id, superseded=True):
            by_rule = len(stated) == 1 and kept.fact is not None and _restates(stated[0], kept.fact)
            if fingerprint(kept.text) == same or by_rule or _alike(words, kept):
                return True
        return False

    def _span(self, session_id: int, after: int) -> MessageSpan:
        with self._db.read() as connection:
            log = read_log(connection, self._student, session_id, after + 1)
            last = connection.scalar(
                select(sessions.c.last_seq).where(
                    sessions.c.student_id == self._student, sessions.c.id == session_id
                )
            )
            own = set(
                connection.scalars(
                    select(messages.c.id).where(
                        messages.c.student_id == self._student,
                        messages.c.session_id == session_id,
                        messages.c.seq > after,
                    )
                )
            )
        spoken = [m for m in log if m.message.role in {"user", "assistant"} and m.message.content.strip()]
        mine = [m for m in spoken if m.id in own]  # what a fork shares was gone through in its parent
        page = tuple(mine[:MOST_MESSAGES])
        upto = page[-1].seq if len(mine) > MOST_MESSAGES else (last or after)
        return MessageSpan(session_id, page, upto)


def _source(fact: Proposed, said: Sequence[StoredMessage]) -> StoredMessage | None:
    """Give the student's message that a fact rests on; None where the student did not say so."""
    text, quote = fact.text.strip(), fact.quote.strip()
    if not text or not quote or len(text) > LONGEST or quote.endswith(("?", "？")):
        return None
    if not rests_on(text, quote):
        return None
    holding = [stored for stored in said if quotes(stored.message.content, quote)]
    named = [stored for stored in holding if message_id(stored.id) == fact.message]
    return next(iter(named or holding), None)


def _restates(stated: StatedFact, kept: StatedFact) -> bool:
    """Whether a fact is one that is kept, perhaps under a looser name."""
    return stated.day == kept.day and is_within(kept.subject, stated.subject)


def _alike(words: Iterable[str], kept: ArchivalRecord) -> bool:
    mine, theirs = set(words), terms(kept.text).keys()
    return bool(mine) and len(mine & theirs) >= SAME_SHARE * min(len(mine), len(theirs) or 1)
