"""Grading in code, as far as the key allows it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from ....memory.text import HANGUL
from .attempt import kind_of
from .choices import chosen
from .compare import compare
from .expressions import Unreadable, is_notation
from .plain import plain, squashed
from .reading import Answer, Group, read, read_response
from .units import UNITS
from .values import AnswerKey, Grade
from .words import in_other_language, matches, mentions, mere_filler, tokens

LONGEST: Final = 600
"""Characters of a response that are read: its end, where the answer stands."""

_A_NAME: Final = 4
"""Letters from which a word of the key shows an attempt: "no idea" is none at "no"."""

_A_SENTENCE: Final = 4
"""Words from which a key in words can be said in others."""


def grade(key: AnswerKey, response: str) -> Grade:
    """Grade a response by its key.

    A guess with a question mark is an attempt. Who does not know, or asks for the answer or for choices, made none.
    """
    response = response.strip()[-LONGEST:]
    taken = chosen(key.choices, response, _says) if key.choices and response else None
    if taken is not None:
        right = {squashed(answer) for answer in key.answers}
        if taken and all(squashed(key.choices[n]) in right for n in taken):
            return Grade(1.0, "attempt", "right")
        return Grade(0.0, "attempt", "other_choice")
    score = _best(key, response)
    if score:
        listed = any(isinstance(_mathematics(answer), Group) for answer in key.answers)
        return Grade(score, "attempt", "right" if score == 1 else "part" if listed else "rounded")
    worded = [answer for answer in (*key.answers, *key.choices) if is_words(answer)]
    named = any(mentions(response, answer) for answer in worded if len(answer) >= _A_NAME)
    kind = "attempt" if named or _has_mathematics(response) else kind_of(response)
    if kind != "attempt":
        return Grade(None, kind, "no_attempt")
    if score is None:
        return Grade(None, "attempt", "unclear")
    return Grade(0.0, "attempt", "wrong")


def is_words(text: str, answer_type: str = "") -> bool:
    """Whether a key is words rather than mathematics."""
    written = plain(text)
    runs = [word for word in tokens(written) if word[0].isalpha()]
    if not runs:
        return False
    longest = 3 if answer_type == "arithmetic" else 2  # ab and xyz are products, tens and Fe are not
    words = [run for run in runs if run not in UNITS and not is_notation(run, frozenset())]
    if any(len(run) > longest and run not in {"and", "or"} for run in words):
        return True
    if words and answer_type != "arithmetic" and all(c.isalpha() or c in " .'-,+" for c in written):
        return True
    return _mathematics(text) is None


def _best(key: AnswerKey, response: str) -> float | None:
    """The best score by any answer; None where code cannot tell."""
    scores = [_score(answer, key, response) for answer in key.answers]
    known = [score for score in scores if score is not None]
    return max(known) if known else None


def _score(answer: str, key: AnswerKey, response: str) -> float | None:
    if squashed(response) and squashed(answer).casefold() == squashed(response).casefold():
        return 1.0
    if not is_words(answer, key.answer_type):
        if key.question and squashed(response) == squashed(key.question):
            return 0.0
        return _mathematical_score(answer, response)
    if matches(answer, response, slips=not key.choices):
        return 1.0
    wanted, said = tokens(answer), tokens(response)
    in_korean = [any(map(HANGUL.match, words)) and not mere_filler(words) for words in (wanted, said)]
    in_english = [any(word[0].isascii() and word[0].isalpha() for word in words) for words in (wanted, said)]
    translated = (
        in_korean == in_english[::-1] and in_korean[0] != in_korean[1] and not in_other_language(response)
    )
    rearranged = sorted(wanted) == sorted(said)
    long = not rearranged and len(wanted) >= _A_SENTENCE and len(said) >= _A_SENTENCE
    return None if not key.choices and (long or translated) and _numbers(wanted) == _numbers(said) else 0.0


def _numbers(words: Sequence[str]) -> list[str]:
    return sorted(word for word in words if word[0].isdigit())


def _mathematical_score(answer: str, response: str) -> float:
    wanted = _mathematics(answer)
    if wanted is None:
        return 0.0
    scores = [compare(wanted, given) for given in read_response(response, answer)]
    return max(scores, default=0.0)


def _says(choice: str, response: str, slips: bool) -> bool:
    if is_words(choice):
        return matches(choice, response, slips=slips)
    return _mathematical_score(choice, response) == 1


def _mathematics(text: str) -> Answer | None:
    try:
        return read(text)
    except Unreadable:
        return None


def _has_mathematics(response: str) -> bool:
    """Whether something in a response can be an answer in numbers; the number of a question is none."""
    response = re.sub(r"\d+\s*번", " ", response)
    if not any(sign.isdigit() or sign in "√^=<>" for sign in plain(response)):
        return False
    return any(not isinstance(answer, Group) or answer.items for answer in read_response(response, "0"))
