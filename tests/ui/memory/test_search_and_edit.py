from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from officehours.agent.api.memory import find
from officehours.agent.runtime import open_runtime
from officehours.agent.settings import Settings
from officehours.memory.types import Message


def test_what_is_known_stands_before_a_message_that_fits_as_well(tmp_path: Path) -> None:
    now = datetime(2026, 11, 3, 5, tzinfo=UTC)
    settings = Settings(home=tmp_path, embedder="hashing", language="ko", zone="Asia/Seoul", now=now)
    with open_runtime(settings) as runtime:
        memories = runtime.memories
        session = memories.sessions.create("kim-yongdam")
        turn, _ = memories.sessions.begin_turn(session, "RAG가 뭐예요?", "Asia/Seoul")
        reply = "모델을 쓰려면 `officehours config set model 이름`으로 지정해 주세요."
        memories.sessions.append(session, turn, Message("assistant", reply))
        memories.sessions.finish_turn(turn, "done")
        memories.archival.insert("이름은 민지입니다.", kind="fact", subject="name", time=now)

        found = find(runtime, "이름", "all", 10)

    assert found[0].text == "이름은 민지입니다."
