from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from officehours.agent.runtime import Runtime, open_runtime
from officehours.agent.settings import Settings
from officehours.memory.archival import why, why_found
from officehours.memory.archival.provenance import SIGNALS
from officehours.memory.errors import NotFound, UsageError
from officehours.memory.search.ranking import WEIGHTS
from officehours.memory.types import Message


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    settings = Settings(home=tmp_path / "home", embedder="hashing", language="ko", zone="Asia/Seoul")
    with open_runtime(settings, "minji") as opened:
        yield opened


def said(runtime: Runtime, text: str, answer: str = "알겠습니다."):
    sessions = runtime.memories.sessions
    session = sessions.latest() or sessions.create("kim")
    turn, asked = sessions.begin_turn(session, text, "Asia/Seoul")
    sessions.append(session, turn, Message("assistant", answer))
    sessions.finish_turn(turn, "done")
    return asked


def explain(runtime: Runtime, identity: str):
    return why(identity, runtime.memories.archival, runtime.memories.recall)


def test_a_fact_rests_on_the_students_words_and_knows_what_it_replaced(runtime: Runtime):
    archival = runtime.memories.archival
    first = said(runtime, "기말시험은 12월 3일이에요. 그리고 배고파요.")
    old = archival.insert(
        "기말시험은 12월 3일입니다.",
        kind="fact",
        subject="exam:final",
        quote="기말시험은 12월 3일이에요.",
        message_id=first.id,
    )
    second = said(runtime, "기말시험이 12월 5일로 바뀌었어요")
    new = archival.insert(
        "기말시험은 12월 5일입니다.",
        kind="fact",
        subject="exam:final",
        corrects=True,
        quote=second.message.content,
        message_id=second.id,
    )
    now, before = explain(runtime, new.id), explain(runtime, old.id)
    assert (now.state, before.state) == ("holds", "superseded")
    assert before.superseded_by == new.id
    assert before.valid_to == now.valid_from == second.time
    assert [words.text for words in before.rests_on] == ["기말시험은 12월 3일이에요."]
    assert before.rests_on[0].message == f"m{first.id}"
    assert before.rests_on[0].time == first.time
    assert [kept.id for kept in now.history] == [old.id, new.id]
    assert now.trust == "student"
    assert json.loads(json.dumps(now.document()))["rests_on"][0]["message"] == f"m{second.id}"


def test_a_fact_whose_message_was_undone_still_shows_the_quote(runtime: Runtime):
    asked = said(runtime, "저는 2학년이에요")
    fact = runtime.memories.archival.insert(
        "학년: 2학년", kind="fact", quote="2학년이에요", message_id=asked.id
    )
    runtime.memories.sessions.undo(runtime.memories.sessions.get(asked.session_id))
    assert [words.text for words in explain(runtime, fact.id).rests_on] == ["2학년이에요"]


def test_a_message_is_explained_by_what_was_said_around_it(runtime: Runtime):
    said(runtime, "ReLU가 뭐예요?", "max(0, x)입니다.")
    asked = said(runtime, "그럼 미분은요?", "0 또는 1입니다.")
    found = explain(runtime, f"m{asked.id}")
    assert found.state == "said"
    assert [words.text for words in found.around] == ["ReLU가 뭐예요?", "max(0, x)입니다.", "0 또는 1입니다."]


def test_every_signal_of_a_hit_is_named_and_they_add_up(runtime: Runtime):
    for text in ("행렬식이 헷갈려요", "경사하강법은 언제 써요?", "DoRA가 LoRA랑 뭐가 달라요?"):
        said(runtime, text, f"{text} 좋은 질문입니다.")
    runtime.embed_worker.flush(20)
    hits = runtime.memories.recall.search("DoRA와 LoRA의 차이", 10)
    found = why_found(hits[0].id, hits)
    assert found.rank == 1
    assert found.signals
    assert sum(value for _, value in found.signals) == pytest.approx(found.score, abs=0.01)
    assert {name for name, _ in found.signals} <= set(SIGNALS)
    for language in ("ko", "en"):
        assert len(list(found.lines(language))) == 1 + len(found.signals)
    assert why_found("m999", hits).rank == 0


def test_every_weight_that_can_be_a_signal_is_explained():
    names = {name for name in WEIGHTS.__slots__ if name not in {"words_alone", "aftermath"}}
    assert names == set(SIGNALS)


def test_what_is_not_there_is_said(runtime: Runtime):
    for identity in ("a99", "m99"):
        with pytest.raises(NotFound):
            explain(runtime, identity)
    with pytest.raises(UsageError):
        explain(runtime, "x1")
