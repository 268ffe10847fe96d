from __future__ import annotations

import json
from pathlib import Path

import pytest

from officehours.agent.tutor.quiz_items import choose_items
from officehours.memory.learner.problem_sets import Problem
from officehours.memory.learner.quiz_values import Attempt, KeptProblem
from program import Ended, officehours

PROBLEMS = [
    {
        "id": "power",
        "course": "Numbers",
        "question": "What is 2^-3?",
        "answers": ["1/8"],
        "answer_type": "arithmetic",
        "hints": [{"type": "hint", "title": "", "text": "A negative exponent is a reciprocal."}],
    },
    {
        "id": "parallel",
        "course": "Numbers",
        "question": "Are y = 2x and y = 2x + 1 parallel?",
        "answers": ["Parallel"],
        "answer_type": "string",
        "choices": ["Parallel", "Not Parallel"],
    },
]


@pytest.fixture
def home(own_home: Path) -> Path:
    officehours("config", "set", "language", "ko", home=own_home)
    file = own_home.parent / "problems.jsonl"
    file.write_text("".join(json.dumps(problem) + "\n" for problem in PROBLEMS), encoding="utf-8")
    assert officehours("cards", "import", file, home=own_home).code == 0
    return own_home


def asked(home: Path, *lines: str, options: tuple[str, ...] = ()) -> Ended:
    return officehours("quiz", *options, home=home, stdin="".join(f"{line}\n" for line in lines))


def test_a_quiz_is_graded_in_any_notation_and_goes_on_where_it_stopped(home: Path) -> None:
    first = asked(home, "8", "h", "그만")
    assert "정답과 다릅니다" in first.out
    assert "A negative exponent is a reciprocal." in first.out
    assert "1/8" not in first.out
    assert "이어서 풀기" in first.out
    rest = asked(home, "12.5%", "2번이요", "n")
    assert "[1/2]" in rest.out
    assert "2문제 가운데 1점입니다." in rest.out


def test_no_wish_is_an_attempt_and_three_wrong_tries_show_the_key(home: Path) -> None:
    helped = asked(home, "모르겠어요", "보기 좀 주세요", "포기할게요", "그만", options=("-n", "1"))
    assert "보기가 없는 문제입니다" in helped.out
    assert helped.out.count("정답과 다릅니다") == 0
    assert "정답: 1/8" in helped.out
    tried = asked(home, "7", "6", "5", "y", "1/8", options=("-n", "1"))
    assert tried.out.count("정답과 다릅니다") == 3
    assert "정답: 1/8" in tried.out
    assert tried.out.endswith("1문제 가운데 1점입니다.\n")  # the wrong one, asked again


def test_what_a_quiz_asks_is_told_without_its_keys(home: Path) -> None:
    document = officehours("quiz", "--kind", "short", "--json", home=home)
    assert [item["question"] for item in document.json["items"]] == ["What is 2^-3?"]
    assert "1/8" not in document.out
    assert "‘short’" not in document.err


def test_a_card_is_asked_for_in_the_students_words_who_says_whether_they_were_right(home: Path) -> None:
    officehours("cards", "add", "과적합이 뭔가요?", "잡음까지 외운 상태", "--topic", "학습", home=home)
    judged = asked(home, "훈련 자료를 통째로 외워 버린 것", "y", options=("학습",))
    assert "정답: 잡음까지 외운 상태" in judged.out
    assert judged.out.endswith("1문제 가운데 1점입니다.\n")


def test_nothing_to_ask_and_an_unknown_kind_are_said_with_what_to_do(home: Path) -> None:
    nothing = officehours("quiz", "없는 주제", home=home)
    assert (nothing.code, "officehours cards make" in nothing.err) == (2, True)
    unknown = officehours("quiz", "--kind", "essay", home=home)
    assert (unknown.code, "short, choice, ox, explain" in unknown.err) == (2, True)


def test_what_was_wrong_last_time_comes_first_then_what_was_never_asked() -> None:
    problems = [KeptProblem(n, "set", Problem(str(n), f"{n}?", (str(n),))) for n in (1, 2, 3)]
    attempts = [Attempt("1", 1, "code", problem_id=1), Attempt("0", 0, "code", problem_id=3)]
    chosen = choose_items(problems, [], attempts, 3, None, seed=1)
    assert [item.problem_id for item in chosen] == [3, 2, 1]


def test_right_answers_on_two_days_resolve_what_was_hard(home: Path) -> None:
    def hard(day: int) -> list[tuple[str, str]]:
        shown = officehours("memory", "show", "--json", home=home, OFFICEHOURS_NOW=at(day)).json
        return [(item["topic"], item["state"]) for item in shown["misconceptions"]]

    def at(day: int) -> str:
        return f"2026-11-{day:02}T10:00:00+09:00"

    officehours("ask", "과적합이 자꾸 헷갈려요.", home=home, OFFICEHOURS_NOW=at(1))
    officehours("cards", "add", "과적합이 뭔가요?", "잡음", "--topic", "학습", home=home)
    assert hard(1) == [("과적합", "suspected")]
    officehours("quiz", "학습", home=home, stdin="정답은 잡음이에요\n", OFFICEHOURS_NOW=at(2))
    assert hard(2) == [("과적합", "challenged")]
    officehours("quiz", "학습", home=home, stdin="잡음\n", OFFICEHOURS_NOW=at(5))
    assert hard(5) == [("과적합", "resolved")]


def test_a_quiz_begun_in_the_chat_goes_on_here_with_the_hints_that_were_given_there(home: Path) -> None:
    begun = officehours("ask", "Numbers 문제 내줘", home=home)
    assert "What is 2^-3?" in begun.out
    wrong = officehours("ask", "8", home=home)
    assert "정답과 다릅니다" in wrong.out
    assert "1/8" not in wrong.out
    talk = officehours("ask", "수업 시작 전에 인사부터 할게요, 안녕하세요 교수님!", home=home)
    assert "정답과 다릅니다" not in talk.out
    rest = asked(home, "h", "12.5%", "그만")
    assert (
        "A negative exponent is a reciprocal." in rest.out
    )  # the step after the one that the wrong answer got
    assert "[2/2]" in rest.out


def test_what_is_hard_is_asked_about_first_and_if_nothing_asks_it_the_student_is_to_explain_it(
    own_home: Path, tmp_path: Path
) -> None:
    course = tmp_path / "notes.md"
    course.write_text(
        "# 학습\n\n## 역전파\n\n역전파는 오차를 거꾸로 전하며 기울기를 구한다. 연쇄 법칙을 쓴다.\n",
        encoding="utf-8",
    )
    env = {"LANG": "ko_KR.UTF-8"}
    at = [{"OFFICEHOURS_NOW": f"2026-11-0{day}T10:00:00+09:00"} for day in range(1, 5)]
    officehours("ingest", course, home=own_home, **env, **at[0])
    officehours("cards", "add", "과적합?", "잡음", home=own_home, **env, **at[0])
    officehours("ask", "역전파가 자꾸 헷갈려요.", home=own_home, **env, **at[0])
    for day in (1, 2):
        asked = officehours(
            "quiz", "-n", "1", home=own_home, stdin="연쇄 법칙으로 거꾸로\ny\n", **env, **at[day]
        )
        assert "역전파를 자신의 말로 설명해 보세요." in asked.out
        assert "정답: 역전파는 오차를 거꾸로 전하며 기울기를 구한다. 연쇄 법칙을 쓴다." in " ".join(
            asked.out.split()
        )
    shown = officehours("memory", "show", "--json", home=own_home, **env, **at[3]).json
    assert [(item["topic"], item["state"]) for item in shown["misconceptions"]] == [("역전파", "resolved")]
    last = officehours("quiz", "-n", "1", "--json", home=own_home, **env, **at[3]).json
    assert [item["question"] for item in last["items"]] == ["과적합?"]
    assert (
        officehours("quiz", "--kind", "explain", home=own_home, **env, **at[3]).code == 2
    )  # that was explained
