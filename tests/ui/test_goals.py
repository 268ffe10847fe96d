from __future__ import annotations

from pathlib import Path

import pytest

from program import officehours

COURSE = Path(__file__).parents[2] / "examples" / "ai-basics"
NOW = "2026-11-26T10:00:00+09:00"


@pytest.mark.parametrize(
    ("language", "name", "minutes", "done"),
    [("ko_KR.UTF-8", "인공지능 기말시험", "하루 30분", "마쳤습니다"), ("en_US.UTF-8", "AI final exam", "30 min a day", "Done")],
)  # fmt: skip
def test_a_goal_is_set_with_its_topics_planned_for_and_closed(own_home: Path, language, name, minutes, done):
    env = {"LANG": language, "OFFICEHOURS_NOW": NOW}
    officehours("ingest", COURSE, home=own_home, **env)
    made = officehours("goals", "add", name, "--day", "2026-12-03", "--minutes", "30", "--topics", "LoRA,rag", home=own_home, **env)  # fmt: skip
    assert all(words in made.out for words in (name, minutes, "08-lora-dora.md", "10-rag.md")), made
    planned = officehours("plan", "--json", home=own_home, **env).json
    assert (planned["exam"]["day"], planned["minutes"]) == ("2026-12-03", 30)
    assert {item["topic"] for day in planned["days"] for item in day["items"]} == {
        "08-lora-dora.md",
        "10-rag.md",
    }
    officehours("goals", "set", "--topics", "all", home=own_home, **env)
    assert officehours("goals", "list", "--json", home=own_home, **env).json["goals"][0]["topics"] == []
    env["OFFICEHOURS_NOW"] = NOW.replace("10:", "11:")
    closed = officehours("goals", "done", name.split()[0], home=own_home, **env)
    assert (closed.code, done in closed.out) == (0, True)
    assert officehours("goals", "list", "--json", home=own_home, **env).json == {"goals": [], "promises": []}
    assert officehours("plan", "--json", home=own_home, **env).json["exam"] is None


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["add", "기말", "--day", "2020-01-01"], 2, "2026-12-03"),
        (["add", "기말", "--day", "2026-12-03", "--topics", "없는 것"], 2, "officehours ingest"),
        (["add", " ", "--day", "2026-12-03"], 2, "이름"),
        (["set"], 2, "--minutes"),
        (["set", "--minutes", "0"], 2, "5"),
        (["done", "없는 목표"], 2, "officehours goals add"),
        (["done", "r9"], 2, "r9"),
    ],
)
def test_what_cannot_be_is_said_with_what_to_do(own_home: Path, arguments, code, said):
    env = {"LANG": "ko_KR.UTF-8", "OFFICEHOURS_NOW": NOW}
    officehours("memory", "add", "x", home=own_home, **env)
    refused = officehours("goals", *arguments, home=own_home, **env)
    assert (refused.code, said in refused.err) == (code, True), refused
    assert "Traceback" not in refused.err
    assert officehours("goals", "list", "--json", home=own_home, **env).json["goals"] == []
