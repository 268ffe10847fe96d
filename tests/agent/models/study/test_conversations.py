"""The two conversations of `tests/conversations`, held with the real agent, a real store and the sample course."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from talks import Heard, Talk

TESTS = Path(__file__).parents[3]
SCRIPTS: dict[str, dict[str, Any]] = {
    language: yaml.safe_load((TESTS / "conversations" / f"{language}.yaml").read_text("utf-8"))
    for language in ("ko", "en")
}
LINES = [
    pytest.param(language, number, line, id=f"{language}-{number:02}")
    for language, script in SCRIPTS.items()
    for number, line in enumerate((line for day in script["days"] for line in day["lines"]), 1)
]
Talks = dict[str, list[Heard]]


@pytest.fixture(scope="module")
def talks(course_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Talks:
    """Hold both conversations once; every line is then looked at by itself."""
    held: Talks = {}
    for language, script in SCRIPTS.items():
        home = shutil.copytree(course_home, tmp_path_factory.mktemp(language) / "home")
        talk = Talk(home, language, script["zone"])
        held[language] = [
            heard
            for day in script["days"]
            for heard in talk.hear(*(line["say"] for line in day["lines"]), at=day["now"])
        ]
    return held


def test_each_conversation_has_thirty_lines_on_two_days() -> None:
    for script in SCRIPTS.values():
        assert len(script["days"]) == 2
        assert sum(len(day["lines"]) for day in script["days"]) == 30


@pytest.mark.parametrize(("language", "number", "line"), LINES)
def test_a_line_brings_what_it_must(talks: Talks, language: str, number: int, line: dict[str, Any]) -> None:
    heard = talks[language][number - 1]

    for words in line.get("has", []):
        assert words in heard.answer
    assert not line.get("any") or any(words in heard.answer for words in line["any"]), heard.answer
    for words in line.get("hasnt", []):
        assert words not in heard.answer
    if "cites" in line:
        wanted = line["cites"]
        assert any(source.endswith(wanted) for source in heard.cited) if wanted else not heard.cited, heard
    assert "calls" not in line or line["calls"] in heard.called
    assert "calls_none" not in line or not heard.called
    for words in line.get("keeps", []):
        assert words in heard.kept
    for words in line.get("loses", []):
        assert words not in heard.kept
    assert (line["say"] in heard.open) == line.get("unanswered", False)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_no_reply_shows_an_answer_key_before_the_student_has_tried(talks: Talks, language: str) -> None:
    for heard in talks[language]:
        assert "정답:" not in heard.answer


@pytest.mark.parametrize("language", ["ko", "en"])
def test_replies_are_in_the_students_language(talks: Talks, language: str) -> None:
    for heard in talks[language]:
        prose = "\n".join(
            row for row in heard.answer.split("```")[0].splitlines() if not row.startswith((">", "|", "- "))
        )
        korean = any("가" <= letter <= "힣" for letter in prose)
        assert korean == (language == "ko"), heard.answer
