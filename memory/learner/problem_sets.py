"""Problem sets as files: JSON Lines, one problem a line, each with its answer key and its hints in order.

The shape is that of OATutor's problem pool (Pardos et al., CHI 2023): `{"id", "course", "lesson", "text", "question",
"answers", "answer_type", "choices", "hints": [{"type", "title", "text", "answers"}], "source", "license"}`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from ..errors import BadImport

HintType = Literal["hint", "scaffold"]
"""A hint tells something; a scaffold asks for a step, and its own answer closes that step."""


@dataclass(frozen=True, slots=True)
class Hint:
    """One hint of a problem.

    Attributes:
        answers: What a scaffold's question is answered with; empty for a hint.
    """

    type: HintType
    title: str
    text: str
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem with its key.

    Attributes:
        id: As the set names it.
        text: What stands before the question, "" for nothing.
        answers: The key: each alone is a right answer.
        answer_type: As the set says, such as "arithmetic" or "string"; "" where it says nothing.
        choices: What is offered to choose from, the key among it; empty where the answer is free.
        hints: In the order in which they are given.
    """

    id: str
    question: str
    answers: tuple[str, ...]
    text: str = ""
    answer_type: str = ""
    choices: tuple[str, ...] = ()
    hints: tuple[Hint, ...] = ()
    course: str = ""
    lesson: str = ""
    source: str = ""
    license: str = ""


def read_problem_set(text: str, name: str) -> Iterator[Problem]:
    """Read a problem set line by line; empty lines are passed over.

    Args:
        text: The file's text; whoever opens it also bounds its size.
        name: The file's name, for what is said of a line.

    Raises:
        BadImport: A line is no problem; the text names the line and what is wrong with it.
    """
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield problem_from(json.loads(line))
        except (ValueError, RecursionError) as error:
            en, ko = error.args if len(error.args) == 2 else ("this is not JSON.", "JSON이 아닙니다.")
            raise BadImport(
                f"{name}, line {number}: {en} Nothing after it was read.",
                f"{name} {number}번째 줄: {ko} 그 뒤는 읽지 않았습니다.",
            ) from error


def problem_from(value: Any) -> Problem:
    """Give the problem that a JSON value is.

    Raises:
        ValueError: It is none; its arguments say why in English and Korean.
    """
    if not isinstance(value, Mapping):
        raise _wrong("a problem is a JSON object.", "문제는 JSON 객체여야 합니다.")
    row = cast("Mapping[str, Any]", value)
    problem = Problem(
        id=_text(row, "id"),
        question=_text(row, "question"),
        answers=_texts(row, "answers"),
        hints=tuple(_hint(hint) for hint in _list(row, "hints")),
        choices=_texts(row, "choices"),
        text=_text(row, "text"),
        answer_type=_text(row, "answer_type"),
        course=_text(row, "course"),
        lesson=_text(row, "lesson"),
        source=_text(row, "source"),
        license=_text(row, "license"),
    )
    if not problem.id or not (problem.question or problem.text):
        raise _wrong("a problem has an id and a question.", "문제에는 id와 question이 있어야 합니다.")
    if not problem.answers:
        raise _wrong(f"{problem.id} has no answers.", f"{problem.id}에 answers가 없습니다.")
    return problem


def _hint(value: Any) -> Hint:
    if not isinstance(value, Mapping):
        raise _wrong("a hint is a JSON object.", "hints는 JSON 객체의 목록이어야 합니다.")
    row = cast("Mapping[str, Any]", value)
    kind = _text(row, "type") or "hint"
    if kind not in get_args(HintType):
        raise _wrong(
            f'a hint\'s type is "hint" or "scaffold", not "{kind}".',
            f'hints의 type은 "hint"나 "scaffold"입니다: "{kind}"',
        )
    return Hint(cast("HintType", kind), _text(row, "title"), _text(row, "text"), _texts(row, "answers"))


def _wrong(en: str, ko: str) -> ValueError:
    return ValueError(en, ko)


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise _wrong(f'"{name}" is a text.', f'"{name}"은(는) 글이어야 합니다.')
    return str(value).strip()


def _texts(row: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(_text({name: value}, name) for value in _list(row, name))


def _list(row: Mapping[str, Any], name: str) -> Sequence[Any]:
    value = row.get(name)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise _wrong(f'"{name}" is a list.', f'"{name}"은(는) 목록이어야 합니다.')
    return cast("list[Any]", value)
