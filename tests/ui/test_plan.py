from __future__ import annotations

from pathlib import Path

import pytest

from program import officehours

COURSE = Path(__file__).parents[2] / "examples" / "ai-basics" / "08-lora-dora.md"
WHEN = {"OFFICEHOURS_NOW": "2026-11-26T10:00:00+09:00"}


@pytest.mark.parametrize(
    ("said", "asked", "expected"),
    [
        (["기말고사가 12월 3일이에요.", "역전파가 헷갈려요."], "복습 계획 짜줘. 하루 30분 할 수 있어", ("7일 남았습니다", "30분", "역전파")),
        (["My final is on December 3.", "Backpropagation confuses me."], "what should I review? I have 30 minutes a day", ("7 days left", "30 min", "Backpropagation")),
    ],
)  # fmt: skip
def test_a_plan_is_the_same_in_the_chat_and_from_the_command(own_home: Path, said, asked, expected):
    officehours("ingest", COURSE, home=own_home, **WHEN)
    officehours("chat", home=own_home, stdin="\n".join(said), **WHEN)
    told = officehours("ask", asked, home=own_home, **WHEN)
    assert all(words in told.out for words in expected), told

    planned = officehours("plan", "--json", "--ics", own_home / "plan.ics", home=own_home, **WHEN).json
    assert (planned["exam"]["day"], planned["minutes"]) == ("2026-12-03", 30)
    assert planned["days"][0]["items"][0]["ids"]
    assert (own_home / "plan.ics").read_bytes().startswith(b"BEGIN:VCALENDAR")


@pytest.mark.parametrize("minutes", ["0", "-5", "5000"])
def test_minutes_that_no_day_has_are_refused_in_a_sentence(own_home: Path, minutes: str):
    officehours("chat", home=own_home, stdin="안녕하세요", **WHEN)
    refused = officehours("plan", "--minutes", minutes, home=own_home, **WHEN)
    assert refused.code == 2
    assert "5" in refused.err
    assert "Traceback" not in refused.err
