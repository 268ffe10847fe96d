"""Tasks on a text that the student gives: what can be done by choosing among its own sentences, and what cannot."""

from __future__ import annotations

import re
from collections import Counter

from ....memory.text import sentences, terms
from ....tools.text import quote
from ...model import TurnView
from .course import Reply, add_model
from .phrases import phrase
from .sections import PURPOSES

LEAST_WORDS = 4
"""Words from which what stands below a line or behind a colon is a text."""

LEAST = 2
"""Sentences from which a text can be summarised by some of them."""

_WORDS = {
    "task_translate": ("번역", "영어로", "한국어로", "translat", "into korean", "into english"),
    "task_classify": ("분류", "긍정", "부정", "감정", "classif", "positive", "negative", "sentiment", "tone"),
    "task_code": ("코드", "에러", "오류", "버그", "code", "crash", "error", "bug", "```"),
}


_MARKS = (
    "\n",
    ":",
    "`",
    "“",
    '"',
    "’",
    "위 ",
    "above",
    "메일",
    "mail",
    "에세이",
    "essay",
    "자소서",
    "letter",
)


def has_text(said: str) -> bool:
    """Whether a turn brings a text to work on, or points back to one."""
    return len(said.split()) > 25 or any(mark in said.casefold() for mark in _MARKS)


def instruction(said: str) -> str:
    """Give the line that stands before a text, in a line of its own or before a colon; "" where there is none."""
    for mark in ("\n", ":"):
        head, _, text = said.partition(mark)
        if "```" in text or len(text.split()) >= LEAST_WORDS:
            return head
    return ""


def task(view: TurnView) -> Reply:
    """Summarise by the text's own sentences, or say that the task takes a language model."""
    lower = (instruction(view.said) or view.said).casefold()
    text = view.said[len(lower) :].lstrip(":\n ")
    told, said = sentences(text), view.said.casefold()
    if any(word in lower for word in PURPOSES["summary"]) and len(told) >= LEAST and "```" not in text:
        number = re.search(r"\d", lower)
        chosen = summary(told, int(number[0]) if number else 2)
        return Reply(f"{phrase('summarised', view.language)}\n\n{quote(chosen)}")
    name = next((name for name, words in _WORDS.items() if any(w in said for w in words)), "task_write")
    said = phrase("needs_model", view.language, task=phrase(name, view.language))
    return Reply("\n\n".join(filter(None, [said, add_model(view)])))


def summary(told: list[str], most: int) -> str:
    """Choose the sentences that share most words with the others, and the first, in their order."""
    counts = [terms(sentence) for sentence in told]
    everywhere = Counter(term for count in counts for term in count)
    worth = [sum(everywhere[t] - 1 for t in count) / (len(count) + 3) for count in counts]
    best = sorted(range(1, len(told)), key=lambda at: -worth[at])[: max(0, most - 1)]
    return " ".join(told[at] for at in sorted({0, *best}))
