"""What students say about themselves, read by rule from one message, Korean and English.

Only names, exams, deadlines, goals and confusions are read; whatever else is said is kept as said. Nothing is stored
that the student did not state: questions, suppositions, quotations, negations and what is said of other people give
nothing. A missed fact costs a repetition; a wrong one costs trust: where a rule is in doubt it stays silent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ..dates import step, zone_of
from . import english, korean
from .clauses import Clause, Rule, adds, clauses, corrects, is_korean, of_others, supposes
from .names import names
from .subjects import is_within, normal, single_valued, subject_of
from .values import Found, StatedFact

LONGEST = 4_000
"""Characters of a message that are read; a pasted text is no statement about oneself."""


def extract_facts(text: str, when: datetime, zone: str) -> list[StatedFact]:
    """Find what one message states about its writer, in the order in which it is said.

    Of what contradicts itself within the message the last holds.

    Args:
        text: The student's words.
        when: When they were said, aware.
        zone: The student's zone, an IANA name or an offset: whose "tomorrow" it is.
    """
    found: list[StatedFact] = []
    for clause in clauses(text[:LONGEST], when.astimezone(zone_of(zone))):
        rules: tuple[Rule, ...] = (names, *(korean if is_korean(clause.text) else english).RULES)
        for item in (item for rule in rules for item in rule(clause)):
            if _holds(item, clause):
                fact = _stated(item, clause, when, zone)
                found = [other for other in found if not _ends(fact, other)]
                found.append(fact)
    return found


def settle(fact: StatedFact, known: Iterable[StatedFact]) -> StatedFact:
    """Give an exam or a deadline that is named loosely, or moved by a length of time, the subject and day it means.

    "시험이 12월 5일로 바뀌었어요" after "인공지능 기말시험은 12월 3일" means that exam, if no other is known; so do
    "일주일 미뤄졌어요" and "시험은 12월 3일이에요", which says the same again. A loose statement of another day stays as
    it is: it may well be of another exam. A move by a length keeps its `shift` where none or several could be meant:
    it says no day then.

    Args:
        known: The facts that held when it was said.
    """
    if fact.kind == "confusion" and fact.polarity == "understood":
        return _ended(fact, known)
    if fact.kind not in {"exam", "deadline"}:
        return fact
    same = [other for other in known if other.kind == fact.kind]
    if fact.shift is not None:
        return _shifted(fact, same)
    subjects = {other.subject: other for other in same}
    if fact.subject in subjects:
        return fact
    nearer = [other for other in subjects.values() if is_within(other.subject, fact.subject)]
    if len(nearer) == 1 and (fact.change or nearer[0].day == fact.day):
        return replace(fact, subject=nearer[0].subject, value=nearer[0].value)
    if fact.change and len(subjects) == 1 and is_within(fact.subject, same[0].subject):
        return replace(fact, subject=same[0].subject)
    return fact


def _shifted(fact: StatedFact, same: Sequence[StatedFact]) -> StatedFact:
    """Move the one exam or deadline to come that a loose name fits; said twice in the same words it moves once."""
    today = fact.valid_from.astimezone(zone_of(fact.zone)).date()
    coming = [other for other in same if other.day is not None and other.day >= today]
    exact = [other for other in coming if other.subject == fact.subject and single_valued(fact.subject)]
    meant = exact or [other for other in coming if is_within(other.subject, fact.subject)]
    if not meant and len(coming) == 1 and is_within(fact.subject, coming[0].subject):
        meant = coming
    if len(meant) != 1 or fact.shift is None or meant[0].day is None:
        return fact
    old, (count, unit) = meant[0], fact.shift
    if old.quote == fact.quote:
        count = 0
    return replace(
        fact,
        subject=old.subject,
        value=old.value,
        day=step(meant[0].day, count, unit),
        last_day=old.last_day and step(old.last_day, count, unit),
        polarity=old.polarity,
        change=True,
        shift=None,
    )


def _ended(fact: StatedFact, known: Iterable[StatedFact]) -> StatedFact:
    """Name what is clear now as it was named when it confused: "재귀" for "재귀함수"."""
    hard = {
        other.subject: other for other in known if other.kind == "confusion" and other.polarity == "holds"
    }
    near = [
        other
        for name, other in hard.items()
        if name.startswith(fact.subject) or fact.subject.startswith(name)
    ]
    if fact.subject in hard or len(near) != 1:
        return fact
    return replace(fact, subject=near[0].subject, value=near[0].value)


def _holds(item: Found, clause: Clause) -> bool:
    """Whether what a rule read is stated as so, of the writer, and of a day that is not over."""
    if item.when is not None and item.when.end <= clause.now.date():
        return False
    return not supposes(clause.sentence) and not of_others(clause.text)


def _stated(item: Found, clause: Clause, when: datetime, zone: str) -> StatedFact:
    span = item.when
    ranged = span is not None and span.kind != "day"
    about = span is not None and span.slack > 0 and not ranged
    subject = subject_of(item.kind, item.value)
    if (
        adds(clause.text)
        and single_valued(subject)
        and item.kind not in {"goal", "confusion"}
        and not item.shift
    ):
        own = span.start.isoformat() if span else normal(item.value)
        subject = f"{subject}:{own}"  # it holds besides what is known
    return StatedFact(
        kind=item.kind,
        subject=subject,
        value=item.value,
        quote=clause.sentence,
        valid_from=when,
        zone=zone,
        day=span.start if span else None,
        last_day=span.end - timedelta(days=1) if span and ranged else None,
        polarity="about" if about else item.polarity,
        change=not item.shift and (corrects(clause.text) or item.polarity in {"cancelled", "understood"}),
        shift=item.shift,
    )


def _ends(fact: StatedFact, other: StatedFact) -> bool:
    """Whether a fact takes the place of one said before it in the same message."""
    if fact.shift:  # it needs the day that was said before it
        return False
    said_again = (fact.value, fact.day) == (other.value, other.day)
    return fact.subject == other.subject and (fact.change or single_valued(fact.subject) or said_again)
