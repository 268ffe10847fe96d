"""The pure functions below the study model: what a question names, what a section holds, which numbers are the same."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from officehours.agent.context.turn_view import language_of
from officehours.agent.models.study import phrases
from officehours.agent.models.study.intent import framing
from officehours.agent.models.study.sections import Section, purpose_of, sections
from officehours.memory.dates.naming import days_left
from officehours.memory.text.words import phrases_of
from officehours.memory.types import ShownHit, Trust
from officehours.tools.calculator.calculate import numbers_in
from officehours.tools.text import quote


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("ReLU에 대해서 알려 주세요", [("ReLU",)]),
        ("베이즈 정리가 뭐예요?", [("베이즈", "정리")]),
        ("LoRA랑은 뭐가 달라요?", [("LoRA",)]),
        ("예시는?", []),
        ("왜 필요한가요?", []),
        ("Can you give me an example?", []),
        ("What is Bayes' theorem?", [("Bayes", "theorem")]),
        ("never mind, what's RLHF?", [("RLHF",)]),
        ("LSTM이랑 GRU 차이점", [("LSTM",), ("GRU",)]),
        ("강화학습이 뭐야", [("강화학습",)]),
        ("what even is a token", [("token",)]),
        ("지난번에 DoRA에 대해 무슨 이야기를 했죠?", [("DoRA",)]),
    ],
)
def test_what_a_question_names(said: str, named: list[tuple[str, ...]]) -> None:
    assert phrases_of(said, framing()) == named


@pytest.mark.parametrize(
    ("text", "usual", "language"),
    [("ReLU?", "ko", "ko"), ("ReLU?", "en", "en"), ("What is ReLU?", "ko", "en"), ("ReLU가 뭐예요?", "en", "ko"), ("ㅇㅇ", "en", "ko")],
)  # fmt: skip
def test_a_bare_term_goes_on_in_the_language_before(text: str, usual: str, language: str) -> None:
    assert language_of(text, usual) == language  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("text", "purpose"),
    [
        ("확인 문제", "quiz"),
        ("왜 필요한가", "why"),
        ("How it works", "how"),
        ("자주 하는 오해", "misconception"),
        ("LoRA와 DoRA의 차이", "compare"),
        ("예시", "example"),
        ("Base rate", None),
    ],
)
def test_headings_and_questions_say_what_they_are_for(text: str, purpose: str | None) -> None:
    assert purpose_of(text) == purpose


def hit(text: str, kind: str = "passage", trust: Trust = "course") -> ShownHit:
    return ShownHit("a7", kind, "source", trust, datetime.now(UTC), text, text, origin="x/08.md")


def test_a_passage_is_a_section_under_its_headings_and_nothing_else_is() -> None:
    (section,) = sections(
        [hit("LoRA > 비교\n\n| a | b |"), hit("LoRA > 비교\n\nx", trust="web"), hit("m", kind="message")]
    )

    assert (section.file, section.headings, section.purpose) == ("08.md", ("LoRA", "비교"), "compare")


def section(body: str, *headings: str) -> Section:
    return Section("a1", "08.md", headings or ("LoRA", "비교"), body)


def test_prose_is_quoted_and_tables_code_and_formulas_stand_as_they_are() -> None:
    body = "앞 문단 [RNN](04.md).\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nx = 1\n\ny = 2\n```\n\n$$\na = b\n$$"
    shown = quote(section(body).text("ko"))

    assert shown.startswith("> 앞 문단 RNN.\n")
    for whole in ("\n\n| a | b |\n|---|---|\n| 1 | 2 |\n", "```python\nx = 1\n\ny = 2\n```", "$$\na = b\n$$"):
        assert whole in shown


def test_lists_and_tables_are_never_cut_and_long_prose_is_cut_at_a_paragraph() -> None:
    items, prose = (
        "\n".join(f"- item {n} of many" for n in range(300)),
        "One paragraph of some length.\n\n" * 200,
    )

    assert quote("Steps:\n" + items).endswith("item 299 of many")
    assert quote(prose).endswith("length. …") or quote(prose).endswith("…")
    assert len(quote(prose)) < len(prose) / 2


def test_english_readers_get_the_english_line_and_koreans_do_not() -> None:
    both = section("DoRA는 방법입니다.\n\nIn English: DoRA is a method.")

    assert both.text("en") == "DoRA is a method."
    assert both.text("ko") == "DoRA는 방법입니다."


@pytest.mark.parametrize(
    ("text", "number"),
    [("2^-20", Fraction(1, 2**20)), ("1/8", Fraction(1, 8)), ("0.125", Fraction(1, 8)), ("12.5%", Fraction(1, 8)),
     ("8분의 1", Fraction(1, 8)), ("1,024개", Fraction(1024)), ("2**10", Fraction(1024)), ("−3", Fraction(-3)), ("no number", None)],
)  # fmt: skip
def test_a_number_is_the_same_whatever_way_it_is_written(text: str, number: Fraction | None) -> None:
    assert numbers_in(text) == ([] if number is None else [number])


@pytest.mark.parametrize(
    ("day", "korean", "english"),
    [(25, "22일 남았습니다", "22 days left"), (3, "오늘입니다", "it is today"), (2, "어제였습니다", "it was yesterday")],
)  # fmt: skip
def test_days_left_are_said_in_both_languages(day: int, korean: str, english: str) -> None:
    today = date(2026, 11, 3)

    assert days_left(date(2026, 11, day), today, "ko") == korean
    assert days_left(date(2026, 11, day), today, "en") == english


def test_every_phrase_exists_in_both_languages() -> None:
    assert all(set(said) == {"ko", "en"} for said in phrases._phrases().values())  # pyright: ignore[reportPrivateUsage]
