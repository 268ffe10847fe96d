"""The same story on a laptop and on servers: what is stored, recalled and searched must not differ."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from officehours.agent.assemble import open_tutor
from officehours.agent.events import TurnFinished
from officehours.agent.loop import Agent
from officehours.agent.models.testing.scripted import Reply, ScriptedCall, ScriptedModel
from officehours.agent.session_actions import undo
from officehours.agent.settings import load
from officehours.bench.faults_worker import Work, import_file, trust_embedder

SCRIPT: list[Reply] = [
    "안녕하세요, 민지 학생.",
    ScriptedCall(
        "core_memory_append", {"label": "student", "content": "민지, 수학과", "request_heartbeat": True}
    ),
    "기억해 두겠습니다.",
    ScriptedCall(
        "archival_memory_insert",
        {"content": "The midterm covers eigenvalues.", "request_heartbeat": True},
    ),
    "적어 두었습니다. 중간고사 범위는 고유값(eigenvalue)입니다.",
    "This answer is taken back.",
]
LATER: list[Reply] = [
    ScriptedCall("conversation_search", {"query": "midterm", "request_heartbeat": True}),
    ScriptedCall("archival_memory_search", {"query": "중간고사 eigenvalues", "request_heartbeat": True}),
    "시험 범위는 고유값입니다.",
]
IMPORTED = '{"id": "x1", "role": "user", "content": "지난 학기에는 미분을 배웠다", "time": "2025-03-02T09:00:00+09:00"}\n'


def told(tmp_path: Path) -> dict[str, Any]:
    """Tell the story under the settings of the environment and give all that must not differ."""
    settings = load()
    trust_embedder(Work(settings.home, settings.database_url, settings.chroma_url))
    with open_tutor(load(), "minji", model=ScriptedModel(SCRIPT)) as agent:
        for said in (
            "안녕하세요 교수님",
            "제 이름은 민지예요",
            "중간고사 범위가 고유값이래요",
            "What is a matrix?",
        ):
            say(agent, said)
        undo(agent)
        file = tmp_path / "import.jsonl"
        file.write_text(IMPORTED, encoding="utf-8")
        import_file(agent.state.runtime, file)
    model = ScriptedModel(LATER)
    with open_tutor(load(), "minji", model=model) as agent:
        finished = say(agent, "중간고사 범위가 뭐였죠?")
        memories = agent.state.memories
        runtime = agent.state.runtime
        assert runtime.embed_worker.flush(60)
        runtime.index.catch_up()
        log = memories.sessions.log(agent.state.conversation.session)
        return {
            "answer": finished.answer,
            "citations": [(c.n, c.id) for c in finished.citations],
            "log": [(m.message.role, m.message.content, m.message.tool_calls) for m in log],
            "core": {label: block.value for label, block in memories.core.blocks().items()},
            "archival": [(kept.id, kept.kind, kept.text) for kept in memories.archival.list()],
            "found": {
                query: [(hit.id, hit.text, round(hit.score, 2)) for hit in memories.recall.search(query, 5)]
                for query in ("미분", "eigenvalues", "고유값이 뭐예요", "what did I say about the midterm?")
            },
            "sound": [(report.items, report.sound or report.fault) for report in runtime.index.verify()],
            "asked": [[message.role for message in request.messages] for request in model.requests],
        }


def say(agent: Agent, text: str) -> TurnFinished:
    events = list(agent.turn(text, search="never"))
    assert isinstance(events[-1], TurnFinished) or any(isinstance(e, TurnFinished) for e in events), events
    return next(event for event in events if isinstance(event, TurnFinished))


@pytest.mark.postgres
@pytest.mark.chroma_server
def test_a_story_is_the_same_on_a_laptop_and_on_servers(tmp_path, monkeypatch, postgres_url, chroma_url):
    monkeypatch.setenv("OFFICEHOURS_EMBEDDER", "hashing")
    monkeypatch.setenv("OFFICEHOURS_NOW", "2026-11-21T12:00:00+09:00")
    monkeypatch.setenv("OFFICEHOURS_HOME", str(tmp_path / "laptop"))
    laptop = told(tmp_path)
    monkeypatch.setenv("OFFICEHOURS_HOME", str(tmp_path / "worker"))
    monkeypatch.setenv("OFFICEHOURS_DATABASE_URL", postgres_url)
    monkeypatch.setenv("OFFICEHOURS_CHROMA_URL", chroma_url)
    servers = told(tmp_path)
    assert not (tmp_path / "worker" / "officehours.db").exists()
    assert not (tmp_path / "worker" / "index").exists()
    assert servers == laptop
    assert laptop["answer"] == "시험 범위는 고유값입니다."
    assert [state for _, state in laptop["sound"]] == [True, True]
    assert any("미분" in text for _, text, _ in laptop["found"]["미분"])
