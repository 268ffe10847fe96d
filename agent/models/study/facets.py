"""A question answered from several sides: what it is, why, how, an example, a comparison, as the course has sections for."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from ...model import TurnView
from .course import SEARCH, Question, Reply, candidates, joined, shown, worth
from .intent import named_in, speaks_of
from .phrases import paragraphs, say
from .sections import NAMES, Section

SIDES: Final = ("definition", "why", "how", "example", "compare", "misconception", "code")
"""Kinds of sections, in the order in which they are shown."""

MOST, SEARCHES = 4, 2
"""Sections of one answer; searches: the one for the question, and one for the sides that it did not find."""


def facets(view: TurnView) -> Reply | None:
    """Give a section of each kind on what is named, the one that says what it is first; None where there are not two."""
    phrases = tuple(named_in(view.said))
    if not phrases:
        return None
    question = Question(view.said, phrases, None)
    about = [section for section in candidates(view, question) if speaks_of(section.about, phrases)]
    best: dict[str, Section] = {}
    for section in about:
        wanted = replace(question, purpose=section.purpose)
        if worth(section, wanted) > (worth(best[p], wanted) if (p := section.purpose) in best else -9):
            best[p] = section
    missing = tuple(NAMES[p][view.language] for p in SIDES if p in NAMES and p not in best)
    if missing and SEARCH in view.tools and len(view.done(SEARCH)) < SEARCHES:
        return Reply(calls=((SEARCH, {"query": joined([*phrases, missing])[:300], "kind": "course"}),))
    chosen = [best[p] for p in SIDES if p in best][:MOST]
    told = paragraphs(say(view, "facets", count=len(chosen)), shown(view, *chosen))
    return Reply(told) if len(chosen) > 1 else None
