from __future__ import annotations

from pathlib import Path

from chat_server import ChatServer, say
from program import officehours

KOREAN = "고유값은 방향을 바꾸지 않고 길이만 바꾸는 배율입니다."
ENGLISH = "An eigenvalue is the factor by which a matrix stretches a vector."
PRAISE = "Great question! A vector has a length and a direction."


def test_what_answers_break_is_counted_and_said_with_their_ids(own_home: Path) -> None:
    with ChatServer([say(KOREAN), say(ENGLISH), say(PRAISE), say(KOREAN), say(KOREAN)]) as server:
        env = {"OPENAI_BASE_URL": server.url, "OFFICEHOURS_MODEL": "m"}
        lines = "What is an eigenvalue?\nWhat is a vector?\nAnd what is a matrix?\n"
        talk = officehours("chat", "--mode", "socratic", home=own_home, stdin=lines, **env)
        requests = [r for r in server.requests if r.method == "POST"]
    assert talk.code == 0, talk
    assert len(requests) == 5
    assert "# Mode\nSocratic" in requests[0].body["messages"][0]["content"]
    assert KOREAN not in talk.out.split("A vector has")[0]

    told = officehours("persona", "check", "--session", "s1", "--json", home=own_home).json
    assert (told["session"], told["persona"], told["answers"]) == ("s1", "kim-yongdam", 3)
    first, second, third = told["replies"]
    assert (first["turn"], first["message"], first["mended"]) == ("t1", "m2", ["language_matches"])
    assert [(b["check"], b["hard"]) for b in first["broken"]] == [("one_question", False)]
    assert sorted(b["check"] for b in second["broken"]) == ["no_empty_praise", "one_question"]
    assert ("language_matches", True) in [(b["check"], b["hard"]) for b in third["broken"]]
    assert told["counts"]["language_matches"] == {"broken": 1, "hard": 1, "mended": 2}

    text = officehours("persona", "check", home=own_home).out
    assert "asked once more" in text
    assert "praise of nothing in particular: Great question" in text
    other = officehours("persona", "check", "--persona", "harriet-ashdown", home=own_home).out
    assert "asks_back" in other


def test_a_conversation_that_is_not_there_is_said_to_be_missing(own_home: Path) -> None:
    assert officehours("persona", "check", home=own_home).code == 2
    officehours("ask", "ReLU가 뭐예요?", home=own_home)
    missing = officehours("persona", "check", "--session", "s9", home=own_home)
    assert (missing.code, missing.out) == (2, "")
    own = officehours("persona", "check", "--session", "s1", home=own_home, LANG="ko_KR.UTF-8")
    assert own.code == 0
    assert "김용담 교수 · 답 1개" in own.out
