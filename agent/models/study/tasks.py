"""Tasks on a text that the student gives: what can be done by choosing among its own sentences, and what cannot."""

from __future__ import annotations

import re
from collections import Counter

from ....memory.text import sentences, terms
from ....tools.text import quote
from ...model import TurnView
from .course import Reply, add_model
from .intent import says
from .phrases import paragraphs, say
from .sections import PURPOSES

LEAST_WORDS = 4
"""Words from which what stands below a line or behind a colon is a text."""


def has_text(said: str) -> bool:
    """Whether a turn brings a text to work on, or points back to one."""
    return len(said.split()) > 25 or says(said, "a_text")


def instruction(said: str) -> str:
    """Give the line that stands before a text, in a line of its own or before a colon; "" where there is none."""
    for mark in ("\n", ":"):
        head, _, text = said.partition(mark)
        if "```" in text or len(text.split()) >= LEAST_WORDS:
            return head
    return ""


def task(view: TurnView) -> Reply:
    """Summarise by the text's own sentences, or say that the task takes a language model."""
    wanted = instruction(view.said) or view.said
    text = view.said[len(wanted) :].lstrip(":\n ")
    told = sentences(text)
    summarise = any(word in wanted.casefold() for word in PURPOSES["summary"])
    if summarise and len(told) > 1 and "```" not in text:
        number = re.search(r"\d", wanted)
        chosen = summary(told, int(number[0]) if number else 2)
        return Reply(paragraphs(say(view, "summarised"), quote(chosen)))
    kind = next((kind for kind in ("translate", "classify", "code") if says(view.said, kind)), "write")
    needs = say(view, "needs_model", task=say(view, f"task_{kind}"))
    return Reply(paragraphs(needs, add_model(view)))


def summary(told: list[str], most: int) -> str:
    """Choose the sentences that share most words with the others, and the first, in their order."""
    counts = [terms(sentence) for sentence in told]
    everywhere = Counter(term for count in counts for term in count)
    worth = [sum(everywhere[t] - 1 for t in count) / (len(count) + 3) for count in counts]
    best = sorted(range(1, len(told)), key=lambda at: -worth[at])[: max(0, most - 1)]
    return " ".join(told[at] for at in sorted({0, *best}))
