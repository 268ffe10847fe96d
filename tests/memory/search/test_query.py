from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from officehours.memory.search.query import in_each_year, keys_of, read_question, times_of

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def read(text: str, speakers: tuple[str, ...] = (), student: str = "Minji"):
    return read_question(text, speakers=speakers, student=student, days=times_of(text, NOW).days)


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("What did I get wrong in October?", "user"),
        ("내가 10월에 뭘 틀렸지?", "user"),
        ("제 시험이 언제예요?", "user"),
        ("지난주에 뭐 물어봤지?", "user"),
        ("When is Minji's exam?", "user"),
        ("What did you tell me about eigenvalues before the midterm?", "assistant"),
        ("Can you remind me what you recommended?", "assistant"),
        ("교수님이 고유값에 대해 뭐라고 하셨죠?", "assistant"),
        ("전에 설명해 주신 역전파 다시 보고 싶어요", "assistant"),
        ("Can you explain ReLU?", None),
        ("역전파가 뭐예요?", None),
    ],
)
def test_whose_words_are_asked_for(text, role):
    assert read(text).role == role


def test_a_named_speaker_goes_before_i_and_you():
    question = read("What did Ann tell me?", speakers=("Ann",))
    assert (question.speakers, question.role) == (frozenset({"ann"}), None)


@pytest.mark.parametrize(
    "text",
    ["지난주에 뭐 물어봤지?", "제가 어제 여쭤본 거요", "What did I ask last week?", "my questions on ReLU"],
)
def test_questions_are_looked_for(text):
    assert read(text).asks_for_questions


@pytest.mark.parametrize("text", ["What is ReLU?", "내 시험이 언제야?", "What did you ask for dinner?"])
def test_questions_are_not_looked_for(text):
    assert not read(text).asks_for_questions


def test_a_month_without_a_year_may_be_of_any_year():
    times = times_of("What did I get wrong in October?", NOW)
    assert times.days == times.any_year == ((date(2026, 10, 1), date(2026, 11, 1)),)
    assert in_each_year(times.any_year, 2023, 2024) == [
        (date(2023, 10, 1), date(2023, 11, 1)),
        (date(2024, 10, 1), date(2024, 11, 1)),
    ]


@pytest.mark.parametrize("text", ["in October 2023", "last October", "지난주에", "작년 10월에", "yesterday"])
def test_a_time_that_is_sure_of_its_year_is_of_that_year_alone(text):
    times = times_of(text, NOW)
    assert times.days
    assert times.any_year == ()


def test_the_29th_of_february_is_in_leap_years_only():
    assert in_each_year([(date(2024, 2, 29), date(2024, 3, 1))], 2023, 2025) == [
        (date(2024, 2, 29), date(2024, 3, 1))
    ]


def test_keys_are_exact_terms_that_nobody_types():
    found = keys_of(["=b0b1a5f2-1c1d-4e5f-8a8b-9c9d0e0f1a1b", "=3.14", "=numpy.linalg", "word", "=2026-1234"])
    assert found == ["b0b1a5f2-1c1d-4e5f-8a8b-9c9d0e0f1a1b", "2026-1234"]
