"""Talks with the study model: a real agent in a real home, the packaged embedder, a clock that is set."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from officehours.agent.assemble import open_tutor
from officehours.agent.events import ToolStarted, TurnFinished
from officehours.agent.loop import Agent
from officehours.agent.models.study.policy import StudyModel
from officehours.agent.runtime import open_runtime
from officehours.agent.settings import Settings
from officehours.memory.index import embed_everything
from officehours.memory.transfer import Ingester
from officehours.persona.registry import DEFAULT, find

COURSE = Path(__file__).parents[1] / "examples" / "ai-basics"
PROFESSOR = find(DEFAULT)
START = "2026-11-03T14:00:00+09:00"


@dataclass(frozen=True)
class Heard:
    """What came of one line."""

    answer: str
    cited: tuple[str, ...]
    called: tuple[str, ...]
    kept: str
    open: tuple[str, ...]


class Talk:
    """Conversations of one student in one home."""

    def __init__(self, home: Path, language: str = "ko", zone: str = "Asia/Seoul") -> None:
        self.settings = Settings(home=home, embedder="auto", language=language, zone=zone)

    def hear(self, *lines: str, at: str = START) -> list[Heard]:
        """Say lines in a new session at a time, and give what came of each."""
        settings = replace(self.settings, now=datetime.fromisoformat(at))
        model = StudyModel(persona_lines=PROFESSOR.lines, names=PROFESSOR.names)
        with open_tutor(settings, model=model, session="new") as agent:
            return [_heard(agent, line) for line in lines]

    def __call__(self, *lines: str, at: str = START) -> list[str]:
        """Say lines in a new session at a time, and give the answers."""
        return [heard.answer for heard in self.hear(*lines, at=at)]

    def last(self, *lines: str, at: str = START) -> str:
        """Say lines in a new session, and give the last answer."""
        return self(*lines, at=at)[-1]


def _heard(agent: Agent, said: str) -> Heard:
    events = list(agent.turn(said))
    last = events[-1]
    assert isinstance(last, TurnFinished), last
    assert all(agent.state.look_up(citation.id) is not None for citation in last.citations)
    memories = agent.state.memories
    held = [item for item in memories.archival.statements() if item.valid_to is None]
    return Heard(
        last.answer,
        tuple(citation.source for citation in last.citations),
        tuple(event.name for event in events if isinstance(event, ToolStarted)),
        "\n".join([*(item.text for item in held), *(item.topic for item in memories.misconceptions.open())]),
        tuple(question.text for question in memories.questions.open_questions()),
    )


def read_in(home: Path, folder: Path, embedder: str = "auto") -> Path:
    """Make a home whose course is a folder of notes."""
    settings = Settings(home=home, embedder=embedder, zone="Asia/Seoul", now=datetime.fromisoformat(START))
    with open_runtime(settings) as runtime:
        Ingester(runtime.db, runtime.student, runtime.memories.archival, runtime.clock).ingest([folder])
        embed_everything(runtime.db, runtime.student.id, runtime.embedder, runtime.index)
    return home
