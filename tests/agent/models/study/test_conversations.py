"""The two conversations of `tests/conversations`, held with the real agent, a real store and the sample course."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from officehours.agent.assemble import open_tutor
from officehours.agent.events import ToolStarted, TurnFinished
from officehours.agent.loop import Agent
from officehours.agent.models.study.policy import StudyModel
from officehours.agent.runtime import open_runtime
from officehours.agent.settings import Settings
from officehours.memory.errors import ToolError
from officehours.memory.index import embed_everything
from officehours.memory.transfer import Ingester
from officehours.persona.registry import DEFAULT, find
from officehours.tools import web

TESTS = Path(__file__).parents[3]
COURSE = TESTS.parent / "examples" / "ai-basics"
SCRIPTS: dict[str, dict[str, Any]] = {
    language: yaml.safe_load((TESTS / "conversations" / f"{language}.yaml").read_text(encoding="utf-8"))
    for language in ("ko", "en")
}
LINES = [
    pytest.param(language, number, line, id=f"{language}-{number:02}")
    for language, script in SCRIPTS.items()
    for number, line in enumerate((line for day in script["days"] for line in day["lines"]), 1)
]


@dataclass(frozen=True)
class Heard:
    """What came of one line."""

    answer: str
    cited: list[str]
    called: list[str]
    core: str
    left_open: bool


def no_network(query: str, where: str) -> list[web.Found]:
    raise ToolError("The web cannot be searched: there is no network.", "웹 검색을 할 수 없습니다.")


def hear(agent: Agent, said: str) -> Heard:
    events = list(agent.turn(said))
    last = events[-1]
    assert isinstance(last, TurnFinished), last
    for citation in last.citations:
        assert agent.state.look_up(citation.id) is not None
    memories = agent.state.memories
    return Heard(
        last.answer,
        [citation.source for citation in last.citations],
        [event.name for event in events if isinstance(event, ToolStarted)],
        memories.core.blocks()["student"].value,
        said in [question.text for question in memories.questions.open_questions()],
    )


def hold(script: dict[str, Any], home: Path) -> Iterator[Heard]:
    settings = Settings(home=home, embedder="hashing", language=script["language"], zone=script["zone"])
    first = datetime.fromisoformat(script["days"][0]["now"])
    with open_runtime(settings_at(settings, first)) as runtime:
        Ingester(runtime.db, runtime.student, runtime.memories.archival, runtime.clock).ingest([COURSE])
        embed_everything(runtime.db, runtime.student.id, runtime.embedder, runtime.index)
    model = StudyModel(persona_lines=find(DEFAULT).lines)
    for day in script["days"]:
        now = settings_at(settings, datetime.fromisoformat(day["now"]))
        with open_tutor(now, model=model, session="new") as agent:
            for line in day["lines"]:
                yield hear(agent, line["say"])


def settings_at(settings: Settings, now: datetime) -> Settings:
    from dataclasses import replace

    return replace(settings, now=now)


@pytest.fixture(scope="module")
def talks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Heard]]:
    """Hold both conversations once; every line is then looked at by itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(web, "search_ddgs", no_network)
        return {
            language: list(hold(script, tmp_path_factory.mktemp(language)))
            for language, script in SCRIPTS.items()
        }


def test_each_conversation_has_thirty_lines_on_two_days() -> None:
    for script in SCRIPTS.values():
        assert len(script["days"]) == 2
        assert sum(len(day["lines"]) for day in script["days"]) == 30


@pytest.mark.parametrize(("language", "number", "line"), LINES)
def test_a_line_brings_what_it_must(
    talks: dict[str, list[Heard]], language: str, number: int, line: dict[str, Any]
) -> None:
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
        assert words in heard.core
    for words in line.get("loses", []):
        assert words not in heard.core
    assert heard.left_open == line.get("unanswered", False)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_no_reply_shows_an_answer_key_before_the_student_has_tried(
    talks: dict[str, list[Heard]], language: str
) -> None:
    for heard in talks[language]:
        assert "정답:" not in heard.answer


@pytest.mark.parametrize("language", ["ko", "en"])
def test_replies_are_in_the_students_language(talks: dict[str, list[Heard]], language: str) -> None:
    for heard in talks[language]:
        prose = "\n".join(
            row for row in heard.answer.split("```")[0].splitlines() if not row.startswith((">", "|", "- "))
        )
        korean = any("가" <= letter <= "힣" for letter in prose)
        assert korean == (language == "ko"), heard.answer
