"""What the study model does besides the course: it calculates, reads the clock, works on texts, and stays quiet."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from talks import Talk


@pytest.mark.parametrize(
    ("said", "result"),
    [
        ("8*(4096+4096)은 얼마예요?", "= 65536"),
        ("240의 15%는 얼마예요?", "= 36"),
        ("What is 15% of 240?", "= 36"),
        ("10에서 3개 고르는 조합의 수는?", "120"),
        ("12와 18의 최대공약수", "6"),
        ("gcd of 84 and 36", "12"),
        ("is 97 prime?", "97"),
        ("x^2-5x+6=0 풀어줘", "x"),
        ("integrate 3x^2 from 0 to 2", "8"),
        ("[[1,2],[3,4]]의 행렬식", "-2"),
        ("3, 5, 10의 평균은?", "6"),
        ("두 주사위의 합이 7일 확률은?", "1/6"),
        ("probability of two heads in two coin tosses", "1/4"),
        ("루트 2는 얼마야", "1.41421356"),
    ],
)
def test_a_calculation_is_done_by_the_calculator(empty: Talk, said: str, result: str) -> None:
    (heard,) = empty.hear(said)

    assert heard.called == ("calculate",)
    assert result in heard.answer.replace("≈", "=")


@pytest.mark.parametrize(
    "said",
    [
        "5 마일은 몇 킬로미터야? 그리고 3+4는 왜 7이야 증명해",
        "rearrange y = mx + c for m and then tell me 3*4 in roman numerals",
        "기차가 시속 80km로 2시간 가고 다시 시속 60km로 3시간 가면 총 몇 명이 타?",
        "1/0은 얼마예요?",
        "what is 7 plus the number of my siblings",
    ],
)
def test_what_is_not_read_whole_is_refused_and_never_half_done(empty: Talk, said: str) -> None:
    reply = empty.last(said)

    assert "계산 결과입니다" not in reply
    assert "Calculated:" not in reply


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("오늘 며칠이야?", "오늘은 2026년 11월 3일 화요일입니다."),
        ("지금 몇 시예요?", "지금은 오후 2시 0분입니다."),
        ("what day is it today?", "Today is Tuesday, November 3, 2026."),
        ("크리스마스까지 며칠 남았어?", "52일 남았습니다"),
        ("what date is next friday?", "Friday, November 13, 2026"),
    ],
)
def test_the_clock_and_the_calendar_answer(empty: Talk, said: str, answer: str) -> None:
    (heard,) = empty.hear(said)

    assert answer in heard.answer
    assert not heard.called


TEXT = (
    "Rivers carve valleys over thousands of years. Glaciers widen the valleys and leave lakes behind. "
    "My uncle has a boat. Rivers and glaciers both carry sediment from the valleys to the sea."
)


@pytest.mark.parametrize(
    ("said", "mark"),
    [
        (f"Summarize this in two sentences: {TEXT}", "the text's own sentences"),
        (f"이 글 두 문장으로 요약해 줘\n{TEXT}", "글에 있는 문장을 그대로"),
    ],
)
def test_a_summary_is_made_of_the_texts_own_sentences_and_says_so(empty: Talk, said: str, mark: str) -> None:
    reply = empty.last(said)
    quoted = reply.partition("> ")[2]

    assert mark in reply
    assert quoted.count(".") == 2
    assert all(sentence.strip() in TEXT for sentence in quoted.split(". "))
    assert "uncle" not in quoted


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ("이 문장 영어로 번역해 줘: 나는 어제 도서관에 갔다", "번역은 언어 모델이 있어야"),
        ("Translate into Korean: the library closes at nine", "Translating takes a language model"),
        ("Please translate this abstract into French for me.", "Translating takes a language model"),
        ("다음 리뷰가 긍정인지 부정인지 분류해 줘: 배송은 빨랐는데 포장이 다 찢어져 있었어요", "언어 모델이 있어야"),
        ("why does this crash?\n```python\nx = [1]\nprint(x[1])\n```", "takes a language model"),
        ("제 과제 에세이 좀 대신 써 주세요", "언어 모델이 있어야"),
        ("write my cover letter for a bank", "takes a language model"),
    ],
)  # fmt: skip
def test_what_takes_a_language_model_is_said_in_one_sentence(course: Talk, said: str, says: str) -> None:
    (heard,) = course.hear(said)

    assert says in heard.answer
    assert not heard.cited
    assert not heard.kept
    assert not heard.open


@pytest.mark.parametrize(
    ("said", "name"),
    [("너 누구야?", "김용담 교수"), ("너 GPT야?", "김용담 교수"), ("Who are you?", "Professor Kim"), ("Are you ChatGPT?", "Professor Kim")],
)  # fmt: skip
def test_the_professor_answers_by_name_and_does_not_pass_for_a_language_model(
    course: Talk, said: str, name: str
) -> None:
    reply = course.last(said)

    assert name in reply
    assert "정해진 규칙" in reply or "fixed rules" in reply


@pytest.mark.parametrize(
    "said",
    ["너 바보야?", "are you stupid", "오늘 점심 뭐 먹지?", "ㅋㅋㅋ", "안녕?", "1/0은 얼마예요?", "내 생일이 언제야?", "번역해 줘: 나는 간다", "?", "진짜?"],
)  # fmt: skip
def test_only_a_question_on_the_course_is_kept_open(course: Talk, said: str) -> None:
    (heard,) = course.hear(said)

    assert heard.answer
    assert not heard.open


def test_open_questions_are_listed_until_they_are_answered(course: Talk) -> None:
    course("광합성이 뭐예요?", "너 바보야?")
    listed, none = (
        course.last("답 못 받은 질문 있어?"),
        course.last("ReLU가 뭐예요?", "답 못 받은 질문 있어?"),
    )

    assert "- 11월 3일: 광합성이 뭐예요?" in listed
    assert "바보" not in listed
    assert "ReLU" not in none


def test_an_open_question_is_dismissed_where_that_is_said(course: Talk) -> None:
    course("광합성이 뭐예요?", "what is osmosis?")
    (gone,) = course.hear("광합성 질문은 지워 줘")

    assert gone.open == ("what is osmosis?",)
    assert "광합성이 뭐예요?" in gone.answer


def test_how_to_add_a_model_is_said_once_a_day(course: Talk) -> None:
    first, second = course("광합성이 뭐예요?", "삼투압이 뭐예요?")
    (tomorrow,) = course("판구조론이 뭐예요?", at="2026-11-04T14:00:00+09:00")

    assert first.count("officehours config set model") == 1
    assert "officehours config" not in second
    assert "officehours config" in tomorrow
    assert "officehours config" not in course.last("계면활성제가 뭐예요?", at="2026-11-04T15:00:00+09:00")


def test_the_web_is_tried_once_in_a_session_and_its_failure_reported_once(course: Talk) -> None:
    first, second = course.hear("광합성이 뭐예요?", "삼투압이 뭐예요?")

    assert first.called.count("web_search") == 1
    assert "웹에서도 찾지 못했습니다" in first.answer
    assert "web_search" not in second.called
    assert "웹" not in second.answer


def test_the_web_is_not_tried_where_it_is_off_limits(course: Talk) -> None:
    course.settings = replace(course.settings, search="never")
    (heard,) = course.hear("광합성이 뭐예요?")

    assert "web_search" not in heard.called
    assert "웹" not in heard.answer


def test_at_most_one_search_is_made_for_an_answer(course: Talk) -> None:
    for heard in course.hear("DoRA가 뭐예요?", "예시는?", "LoRA랑 비교해줘", "문제 내 줘", "RAG가 뭐야?"):
        assert len(heard.called) <= 1


def test_who_has_no_course_yet_is_told_how_to_read_one_in(empty: Talk) -> None:
    assert "`officehours ingest" in empty.last("ReLU가 뭐예요?")
    assert "`officehours ingest" in empty.last("What notes do you have?")


def test_small_talk_is_in_the_professors_voice_with_the_students_name(empty: Talk) -> None:
    greeting, thanks, bye = empty("call me Mina", "hello!", "thanks a lot", "bye")[1:]

    assert "Mina" in greeting
    assert len({greeting, thanks, bye}) == 3
    assert "언어 모델" not in greeting + thanks + bye


@pytest.mark.parametrize(
    ("language", "hard", "hello", "yes"),
    [
        ("ko", "DoRA가 헷갈려요", "네 좋아요", "DoRA"),
        ("en", "LoRA confuses me", "yes, let's do that", "LoRA"),
    ],
)
def test_a_yes_to_what_the_brief_offers_begins_it_and_is_no_yes_later(
    course_home: Path, tmp_path: Path, language: str, hard: str, hello: str, yes: str
) -> None:
    talk = Talk(shutil.copytree(course_home, tmp_path / "student"), language)
    talk.hear(hard)

    first, *_ = talk.hear(hello, at="2026-11-11T10:00:00+09:00")
    _, later = talk.hear("ReLU?", hello, at="2026-11-13T10:00:00+09:00")

    assert first.called == ("quiz",)
    assert yes in first.answer
    assert not later.called
