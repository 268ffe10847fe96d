"""A question taken apart into two to four sub-questions, each of which is looked into before one answer is given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ...memory.learner.acronyms import Sense
from ...memory.text import clean_line
from ...memory.types import Message
from ..model import Request

MOST: Final = 4
"""Sub-questions of one question."""

LONGEST: Final = 200
"""Characters of one; what is longer is no question but an answer."""

TAKE_APART: Final = (
    "Take the student's question apart into two to four sub-questions that together answer it: what it is, why, how, "
    "how it compares, as it needs. One a line, in the student's language, nothing else. Do not answer them."
)


def apart_request(question: str) -> Request:
    """Ask a model to take a question apart."""
    return Request((Message("system", TAKE_APART), Message("user", question)), max_output=400)


def expanded(question: str, senses: Sequence[Sense]) -> str:
    """Give a question with what its acronyms stand for, where that is one thing."""
    spelled = [
        f"{sense.short} = {sense.long}"
        for sense in senses
        if sense.short in question and sum(other.short == sense.short for other in senses) == 1
    ]
    return f"{question} ({', '.join(spelled)})" if spelled else question


def sub_questions(question: str, reply: str = "") -> tuple[str, ...]:
    """Read a model's sub-questions, one a line; the question itself where there are not two.

    Args:
        question: The student's.
        reply: What the model wrote; "" where none was asked, or it failed.
    """
    lines = (clean_line(line).lstrip("-*•0123456789.) ").strip() for line in reply.splitlines())
    found = list(dict.fromkeys(line for line in lines if 1 < len(line) <= LONGEST))
    return tuple(found[:MOST]) if len(found) > 1 else (clean_line(question)[:LONGEST],)


def deep_note(questions: Sequence[str]) -> list[str]:
    """Tell a model what is looked into and what is wanted of it; nothing where nothing was taken apart."""
    if not questions:
        return []
    listed = " ".join(f"{number}) {question}" for number, question in enumerate(questions, 1))
    note = (
        f"(Deep: each of these is looked into below: {listed} Answer the question as one whole that covers them, each "
        "statement with its source, and say which of them nothing was found on.)"
    )
    return [note]
