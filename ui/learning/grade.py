"""`officehours grade`: answers from stdin, held against their keys, one JSON document a line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any, cast

from ...agent.tutor.grading import AnswerKey, grade
from ..terminal.say import localized, print_json


def grade_lines() -> int:
    """Grade each `{"id", "answer", "answer_type", "response", "choices"}` line of stdin; gives the exit code.

    `correct` is true, false, or null where there is no attempt or code cannot tell. A line that cannot be read gets one
    with "error"; the rest is graded all the same, and the exit code is 1.
    """
    failed = False
    for number, line in _lines():
        row: Any = None
        try:
            row = json.loads(line)
            key, response = _task(row)
        except (ValueError, RecursionError) as error:
            failed = True
            print_json({"id": _id_of(row), "correct": None, "error": _error(number, error)})
            continue
        correct = grade(key, response).correct
        print_json({"id": _id_of(row), "correct": None if correct is None else correct == 1})
    return int(failed)


def _lines() -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(sys.stdin.buffer, 1):
        if line.strip():
            yield number, line


def _task(row: Any) -> tuple[AnswerKey, str]:
    """The key and the response of a line.

    Raises:
        ValueError: It is no task; its arguments say why in both languages.
    """
    if not isinstance(row, Mapping):
        raise _wrong("it is no JSON object", "JSON 객체가 아닙니다")
    task = cast("Mapping[str, Any]", row)
    answers, choices = _texts(task, "answer"), _texts(task, "choices")
    if not answers:
        raise _wrong('"answer" is missing', '"answer"가 없습니다')
    response = _texts(task, "response")
    question, answer_type = (next(iter(_texts(task, name)), "") for name in ("question", "answer_type"))
    return AnswerKey(answers, answer_type, choices, question), " ".join(response)


def _wrong(en: str, ko: str) -> ValueError:
    return ValueError(en, ko)


def _texts(task: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = task.get(name)
    many = cast("list[Any]", value) if isinstance(value, list) else [] if value is None else [value]
    if any(not isinstance(one, str | int | float) for one in many):
        raise _wrong(f'"{name}" is a text or a list of texts', f'"{name}"은(는) 글이나 글의 목록입니다')
    return tuple(map(str, many))


def _id_of(row: Any) -> Any:
    return cast("Mapping[str, Any]", row).get("id") if isinstance(row, Mapping) else None


def _error(number: int, error: Exception) -> str:
    en, ko = error.args if len(error.args) == 2 else ("it is no JSON", "JSON이 아닙니다")
    return localized(f"line {number}: {en}.", f"{number}번째 줄: {ko}.")
