"""What students say about themselves, read by rule from one message, Korean and English.

Nothing is stored that the student did not state: questions, suppositions, quotations, hearsay, negations and what is
said of other people give nothing. A missed fact costs a repetition; a wrong one costs trust: where a rule is in doubt
it stays silent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

from ..dates import zone_of
from .clauses import Clause, Rule, adds, clauses, corrects, is_korean, supposes
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
        for rule in _korean_rules() if is_korean(clause.text) else _english_rules():
            for item in rule(clause):
                if _holds(item, clause):
                    fact = _stated(item, clause, when, zone)
                    found = [other for other in found if not _ends(fact, other)]
                    found.append(fact)
    return found


# A language's rules are loaded with its first clause: their patterns take longer to compile than a greeting may wait.


@cache
def _korean_rules() -> tuple[Rule, ...]:
    from . import korean, korean_study

    return korean.RULES + korean_study.RULES


@cache
def _english_rules() -> tuple[Rule, ...]:
    from . import english, english_study

    return english.RULES + english_study.RULES


def settle(fact: StatedFact, known: Iterable[StatedFact]) -> StatedFact:
    """Give a loosely named exam or deadline the subject and the name of the one it means.

    "시험이 12월 5일로 바뀌었어요" after "인공지능 기말시험은 12월 3일" means that exam, if no other is known; so does
    "시험은 12월 3일이에요", which says the same again. A loose statement of another day stays as it is: it may well be
    of another exam.

    Args:
        known: The facts that held when it was said.
    """
    if fact.kind not in {"exam", "deadline"}:
        return fact
    same = {other.subject: other for other in known if other.kind == fact.kind}
    if fact.shift:
        return _shifted(fact, same)
    if fact.subject in same:
        return fact
    nearer = [other for other in same.values() if is_within(other.subject, fact.subject)]
    if len(nearer) == 1 and (fact.change or nearer[0].day == fact.day):
        return replace(fact, subject=nearer[0].subject, value=nearer[0].value)
    if fact.change and len(same) == 1 and is_within(fact.subject, next(iter(same))):
        return replace(fact, subject=next(iter(same)))
    return fact


def _shifted(fact: StatedFact, same: Mapping[str, StatedFact]) -> StatedFact:
    """Move the one known day that is meant; where none or several could be, the fact stays without a day."""
    meant = (
        [same[fact.subject]]
        if fact.subject in same
        else [o for o in same.values() if is_within(o.subject, fact.subject)]
    )
    if len(meant) != 1 or meant[0].day is None:
        return fact
    day = meant[0].day + timedelta(days=fact.shift)
    return replace(fact, subject=meant[0].subject, value=meant[0].value, day=day, shift=0)


def _holds(item: Found, clause: Clause) -> bool:
    """Whether what a rule read is stated as so, and of a day that is not over."""
    if item.when is not None and item.when.end <= clause.now.date():
        return False
    return item.kind == "confusion" or not supposes(clause.text)


def _stated(item: Found, clause: Clause, when: datetime, zone: str) -> StatedFact:
    span = item.when
    ranged = span is not None and span.kind != "day"
    about = span is not None and span.slack > 0 and not ranged
    subject = subject_of(item.kind, item.value)
    if adds(clause.text) and single_valued(subject) and item.kind not in {"goal", "course", "confusion"}:
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
        change=bool(item.shift) or corrects(clause.text) or item.polarity in {"cancelled", "understood"},
        shift=item.shift,
    )


def _ends(fact: StatedFact, other: StatedFact) -> bool:
    """Whether a fact takes the place of one said before it in the same message."""
    said_again = (fact.value, fact.day) == (other.value, other.day)
    return fact.subject == other.subject and (fact.change or single_valued(fact.subject) or said_again)
