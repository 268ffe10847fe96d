from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from program import officehours

COURSE = """# LoRA

## 정의

LoRA(Low-Rank Adaptation)는 낮은 랭크의 두 행렬만 학습하는 방법이다.

## 확인 문제

1. B는 무엇으로 시작하나요?
> 정답: 0으로 시작합니다.
"""
NOW, SOON = "2026-11-21T09:00:00+09:00", "2026-11-21T09:10:00+09:00"


@pytest.fixture
def home(own_home: Path) -> Path:
    officehours("config", "set", "language", "ko", home=own_home)
    course = own_home.parent / "course"
    course.mkdir()
    (course / "lora.md").write_text(COURSE, encoding="utf-8")
    assert officehours("ingest", course, home=own_home).code == 0
    return own_home


def test_cards_of_the_course_are_reviewed_through_a_pipe_and_come_back_when_they_are_due(home: Path) -> None:
    made = officehours("cards", "make", "--json", home=home, OFFICEHOURS_NOW=NOW).json
    assert [(card["front"], card["back"]) for card in made["cards"]] == [
        (
            "LoRA (Low-Rank Adaptation)",
            "LoRA(Low-Rank Adaptation)는 낮은 랭크의 두 행렬만 학습하는 방법이다.",
        ),
        ("LoRA = ?", "Low-Rank Adaptation"),
        ("B는 무엇으로 시작하나요?", "0으로 시작합니다."),
    ]
    assert officehours("cards", "make", home=home).out.endswith("이미 있던 카드 3장.\n")
    asked = officehours("review", home=home, stdin="\n쉬움\n\nhm\n4\n보기\ns\n", OFFICEHOURS_NOW=SOON)
    assert "카드 3장, 약 1분입니다." in asked.out
    assert "  LoRA = ?\n  Low-Rank Adaptation\n" in asked.out
    assert "4 쉬움 (8일)" in asked.err
    assert asked.out.endswith("2번 복습했습니다. 기다리는 카드는 0장입니다.\n")
    listed = officehours("cards", "list", "--json", home=home).json["cards"]
    assert [(card["state"], card["suspended"]) for card in listed] == [("review", False)] * 2 + [
        ("learning", True)
    ]
    assert "다음 카드는 8일 뒤입니다" in officehours("review", home=home, OFFICEHOURS_NOW=SOON).out
    later = (datetime.fromisoformat(NOW) + timedelta(days=9)).isoformat()
    due = officehours("review", "--json", home=home, OFFICEHOURS_NOW=later).json
    assert [card["id"] for card in due["due"]] == ["k1", "k2"]
    assert (due["waiting"], due["minutes"], due["days"]) == (0, 1, 1)


def test_a_backlog_is_asked_ten_minutes_at_a_time(home: Path) -> None:
    table = home.parent / "many.csv"
    table.write_text("front,back\n" + "".join(f"질문 {n},답 {n}\n" for n in range(100)), encoding="utf-8")
    assert (
        officehours("cards", "import", table, home=home).out
        == f"{table}: 새 카드 100장, 바뀐 카드 0장, 이미 있던 카드 0장.\n"
    )
    due = officehours("review", "--json", home=home).json
    assert (len(due["due"]), due["waiting"], due["minutes"], due["days"]) == (42, 58, 10, 3)
    stopped = officehours("review", home=home, stdin="q\n")
    assert stopped.code == 0
    assert "58장이 더 기다립니다. 하루 10분씩이면 3일 안에 모두 봅니다." in stopped.out
    assert stopped.out.endswith("0번 복습했습니다. 기다리는 카드는 100장입니다.\n")


def test_cards_go_to_anki_and_csv_and_come_to_another_student(home: Path) -> None:
    officehours("cards", "add", "앞 <b>", "둘째\n줄", "--topic", "기타", home=home)
    for name in ("out.apkg", "out.csv"):
        file = home.parent / name
        assert officehours("cards", "export", file, home=home).code == 0
        assert officehours("cards", "import", file, "--student", name, home=home).code == 0
        (card,) = officehours("cards", "list", "--student", name, "--json", home=home).json["cards"]
        assert (card["front"], card["back"], card["topic"], card["origin"]) == (
            "앞 <b>",
            "둘째\n줄",
            "기타",
            "import",
        )
        again = officehours("cards", "import", file, "--student", name, "--json", home=home).json
        assert (again["files"][0]["made"], again["files"][0]["known"]) == (0, 1)


def test_a_problem_set_is_kept(home: Path) -> None:
    problem = {"id": "p1", "course": "c", "lesson": "l", "text": "", "question": "1+1", "answers": ["2"]}
    file = home.parent / "problems.jsonl"
    file.write_text(
        json.dumps(problem | {"hints": [{"type": "hint", "text": "count"}]}) + "\n", encoding="utf-8"
    )
    assert (
        officehours("cards", "import", file, home=home).out == f"{file}: 새 문제 1개, 이미 있던 문제 0개.\n"
    )
    file.write_text("{}\n", encoding="utf-8")
    assert officehours("cards", "import", file, home=home).code == 2


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (("suspend", "k1"), "k1 카드는 당분간 묻지 않습니다."),
        (("suspend", "k1", "--off"), "k1 카드를 다시 묻습니다."),
        (("edit", "k1", "새 앞", "새 뒤"), "k1 카드를 고쳤습니다."),
        (("delete", "k1"), "memory forget k1"),
        (("delete", "k9"), "k9 카드가 없습니다"),
        (("export", "x.doc"), ".apkg나 .csv"),
    ],
)
def test_each_order_says_what_it_did_or_what_to_do(home: Path, order: tuple[str, ...], said: str) -> None:
    officehours("cards", "add", "앞", "뒤", home=home)
    done = officehours("cards", *order, home=home)
    assert said in done.out + done.err
    assert done.code == (2 if "k9" in order or "x.doc" in order else 0)


def test_a_card_outlives_a_change_of_the_course_and_changes_with_it(home: Path) -> None:
    officehours("cards", "make", home=home, OFFICEHOURS_NOW=NOW)
    officehours("review", home=home, stdin="\n4\nq\n", OFFICEHOURS_NOW=SOON)
    before = officehours("cards", "list", "--json", home=home).json["cards"]
    file = home.parent / "course" / "lora.md"
    file.write_text(COURSE.replace("방법이다", "미세 조정 방법이다"), encoding="utf-8")
    officehours("ingest", file.parent, home=home)
    assert officehours("cards", "list", "--json", home=home).json["cards"] == before
    made = officehours("cards", "make", "--json", home=home).json
    assert (made["made"], made["changed"], made["known"]) == (0, 1, 2)
    after = officehours("cards", "list", "--json", home=home).json["cards"]
    assert after[0].pop("back") != before[0].pop("back")
    assert after == before
