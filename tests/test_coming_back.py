"""The story that everything is for: a student leaves, comes back a week later in a new process, and is remembered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chat_server import Call, ChatServer, Reply, call, say
from program import Ended, officehours

COURSE = Path(__file__).parent.parent / "examples" / "ai-basics"
DAY_1 = "2026-11-03T14:00:00+09:00"
DAY_8 = "2026-11-11T10:00:00+09:00"

LINES = {
    "ko": (
        "저는 김민지예요. 인공지능 기말시험이 12월 3일이에요.",
        "역전파가 헷갈려요.",
        "ReLU에 대해서 알려줘",
        "DoRA가 뭐예요?",
    ),
    "en": (
        "Hi, I am Mina. My AI final is on December 3.",
        "Backpropagation confuses me.",
        "Tell me about ReLU",
        "What is DoRA?",
    ),
}
HELLO = {"ko": "안녕하세요", "en": "Hello"}
DAYS_LEFT = {"ko": "시험까지 며칠 남았나요?", "en": "How many days until my exam?"}
LAST_TIME = {
    "ko": "지난번에 DoRA에 대해서 뭐라고 하셨죠?",
    "en": "What did you tell me about DoRA last time?",
}
BRIEF = {
    "ko": ("8일 전", "DoRA가 뭐예요?", "22일 남았습니다", "역전파"),
    "en": ("8 days ago", "What is DoRA?", "in 22 days", "Backpropagation"),
}


def tell(home: Path, language: str, **env: str) -> tuple[Ended, Any, Any]:
    """Live through day 1 and give how day 8 begins and what is answered then; each is a process of its own."""
    env |= {"LANG": "C" if language == "ko" else "ko_KR.UTF-8"}  # what is spoken counts, not the terminal's
    notes = [COURSE / name for name in ("06-relu-variants.md", "08-lora-dora.md")]
    assert officehours("ingest", *notes, home=home, **env).code == 0
    first = officehours(
        "chat", home=home, stdin="\n".join(LINES[language]), **env | {"OFFICEHOURS_NOW": DAY_1}
    )
    assert first.code == 0, first.err
    env["OFFICEHOURS_NOW"] = DAY_8
    back = officehours("chat", home=home, stdin=HELLO[language], **env)
    left = officehours("ask", DAYS_LEFT[language], "--json", home=home, **env).json
    said = officehours("ask", LAST_TIME[language], "--json", home=home, **env).json
    return back, left, said


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_week_later_the_study_model_knows_the_student(own_home: Path, language: str) -> None:
    back, left, said = tell(own_home, language)
    assert all(words in back.err for words in BRIEF[language]), back.err
    assert {"ko": "김민지", "en": "Mina"}[language] in back.out
    assert "22" in left["answer"]
    assert [entry["name"] for entry in said["tool_calls"]] == ["conversation_search"]
    assert "Weight-Decomposed Low-Rank Adaptation" in said["answer"]
    assert all(citation["id"].startswith("m") for citation in said["citations"])


def professor(body: dict[str, Any]) -> Reply:
    """A model that keeps what it is told, and looks up what was said before it answers."""
    last = body["messages"][-1]
    asked = last["content"].split("\n")[0]
    match last["role"], asked:
        case "tool", _:
            return say(f"지난번에 이렇게 말씀드렸습니다. {last['content']}")
        case _, text if text == LINES["ko"][0]:
            note = '{"label": "student", "content": "김민지, 인공지능 기말시험 2026년 12월 3일", "request_heartbeat": false}'
            return Reply(text="반갑습니다, 김민지 학생.", calls=(Call("core_memory_append", note),))
        case _, text if text == LINES["ko"][3]:
            return say("DoRA는 가중치를 크기와 방향으로 나누어 학습합니다.")
        case _, text if text == LAST_TIME["ko"]:
            return call("conversation_search", query="DoRA", role="assistant")
        case _:
            return say("네, 그렇습니다.")


def test_a_week_later_a_model_on_a_server_knows_the_student(own_home: Path) -> None:
    with ChatServer(professor) as server:
        back, _, said = tell(own_home, "ko", OPENAI_BASE_URL=server.url, OFFICEHOURS_MODEL="m")
        bodies = [request.body for request in server.requests if request.body.get("tools")]
    assert all(words in back.err for words in BRIEF["ko"]), back.err
    system, *_, hello = next(
        body["messages"] for body in bodies if body["messages"][-1]["content"].startswith(HELLO["ko"])
    )
    assert "김민지, 인공지능 기말시험 2026년 12월 3일" in system["content"]
    assert "22일 남았습니다(12월 3일). [a" in system["content"].partition("# Since last time")[2]
    assert "8 days later" in hello["content"]
    assert [entry["name"] for entry in said["tool_calls"]] == ["conversation_search"]
    assert "크기와 방향으로 나누어" in said["answer"]
    # The note beside the words ended the turn: one request for each line, and two where something was looked up.
    assert len(bodies) == 4 + 1 + 1 + 2
