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


def held(home: Path, language: str) -> list[tuple[dict[str, Any], Heard]]:
    """Hold a conversation; gives its lines, each with what came of it."""
    script = SCRIPTS[language]
    talk = Talk(home, language, script["zone"])
    return [
        pair
        for day in script["days"]
        for pair in zip(
            day["lines"], talk.hear(*(line["say"] for line in day["lines"]), at=day["now"]), strict=True
        )
    ]


def test_each_conversation_has_thirty_lines_on_two_days() -> None:
    for script in SCRIPTS.values():
        assert len(script["days"]) == 2
        assert sum(len(day["lines"]) for day in script["days"]) == 30


@pytest.mark.parametrize("language", SCRIPTS)
def test_each_line_brings_what_it_must_in_the_students_language(
    course_home: Path, tmp_path: Path, language: str
) -> None:
    for line, heard in held(shutil.copytree(course_home, tmp_path / "home"), language):
        brings_what_it_must(line, heard)
        assert "정답:" not in heard.answer, "an answer key before the student has tried"
        rows = heard.answer.split("```")[0].splitlines()
        prose = "\n".join(row for row in rows if not row.startswith((">", "|", "- ")))
        assert any("가" <= letter <= "힣" for letter in prose) == (language == "ko"), heard.answer


def brings_what_it_must(line: dict[str, Any], heard: Heard) -> None:
    told = (line["say"], heard)
    for words in line.get("has", []):
        assert words in heard.answer, told
    assert not line.get("any") or any(words in heard.answer for words in line["any"]), told
    for words in line.get("hasnt", []):
        assert words not in heard.answer, told
    if "cites" in line:
        wanted = line["cites"]
        assert any(source.endswith(wanted) for source in heard.cited) if wanted else not heard.cited, told
    assert "calls" not in line or line["calls"] in heard.called, told
    assert "calls_none" not in line or not heard.called, told
    for words in line.get("keeps", []):
        assert words in heard.kept, told
    for words in line.get("loses", []):
        assert words not in heard.kept, told
    assert (line["say"] in heard.open) == line.get("unanswered", False), told
