"""What a student tells the study model and asks for again: as it was said, with its day; dates and names by value."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from officehours.agent.greeting import welcome_back
from officehours.agent.runtime import open_runtime
from officehours.memory import students
from talks import Talk


def on(day: int, month: int = 11, year: int = 2026) -> str:
    return f"{year}-{month:02}-{day:02}T14:00:00+09:00"


NEVER = ("아직 말씀해 주신 적이 없습니다", "You have not told me that yet", "꼭 그 말씀은 찾지 못했습니다")


@pytest.mark.parametrize(
    ("told", "asked", "answer"),
    [
        ("나 사실 2학년이야", "나 몇 학년이야?", "11월 3일: “나 사실 2학년이야”"),
        ("저는 부산에 살아요", "나 어디 살지?", "저는 부산에 살아요"),
        ("제 랩 파트너는 지수예요. 기억해 주세요!", "제 랩 파트너가 누구예요?", "지수"),
        ("기억해 줘: 내 사물함은 312번이야", "사물함 번호 뭐였지?", "312번"),
        ("우리 고양이 이름은 나비야", "우리 고양이 이름이 뭐였지?", "나비"),
        ("매주 목요일 저녁엔 알바를 해요", "저 알바 무슨 요일에 한다고 했죠?", "목요일"),
        ("I live in Busan", "Where do I live?", "I live in Busan"),
        ("Remember that my lab partner is Jisoo", "Who is my lab partner?", "Jisoo"),
        ("My dog is called Biscuit", "what's my dog's name?", "Biscuit"),
        ("I'm allergic to peanuts", "what am I allergic to?", "peanuts"),
        ("제 지도교수님은 박하늘 교수님이에요", "who is my advisor?", "박하늘"),
    ],
)
def test_a_statement_is_kept_as_said_and_found_by_its_meaning(
    empty: Talk, told: str, asked: str, answer: str
) -> None:
    (noted,) = empty(told)
    found = empty.last(asked, at=on(11))

    assert told in noted or "적어 두었습니다" in noted or "noted" in noted
    assert answer in found


@pytest.mark.parametrize(
    ("asked", "other"),
    [
        ("제 혈액형이 뭐라고 했죠?", "저는 부산에 살아요"),
        ("when is my dentist appointment?", "I live in Busan"),
    ],
)
def test_what_was_never_said_is_not_made_up(empty: Talk, asked: str, other: str) -> None:
    reply = empty.last(other, asked)

    assert any(words in reply for words in NEVER)


@pytest.mark.parametrize(
    ("told", "changed", "asked"),
    [
        ("나 3학년이야", "아 정정할게, 나 4학년이야", "나 몇 학년이지?"),
        ("나 자취방이 신촌이야", "나 어제 홍대로 이사했어", "나 어디 산다고 했지?"),
        ("I live in Busan", "I moved to Seoul yesterday", "where do I live?"),
    ],
)
def test_what_changed_since_is_said_last(empty: Talk, told: str, changed: str, asked: str) -> None:
    empty(told)
    empty(changed, at=on(6))

    assert empty.last(asked, at=on(11)).rstrip("”").endswith(changed)


@pytest.mark.parametrize(
    ("said", "asked", "name"),
    [
        ("이름을 박서윤으로 바꿔줘", "내 이름이 뭐야?", "박서윤"),
        ("call me Sam", "what's my name?", "Sam"),
        ("앞으로 민지라고 불러 줘", "제 이름이 뭐예요?", "민지"),
        ("I go by Lena now", "do you know my name?", "Lena"),
        ("저는 오하람이라고 합니다", "내 이름 기억해?", "오하람"),
    ],
)
def test_who_is_called_otherwise_is_called_so(empty: Talk, said: str, asked: str, name: str) -> None:
    called = empty.last("제 이름은 김철수예요", said)

    assert name in called
    later = empty.last(asked, at=on(11))
    assert name in later
    assert "철수" not in later


@pytest.mark.parametrize(
    ("told", "moved", "asked", "day", "old"),
    [
        ("기말고사는 12월 3일이에요", "기말고사가 12월 5일로 바뀌었어요", "시험이 언제라고 했죠?", "12월 5일", "12월 3일"),
        ("기말고사는 12월 3일이에요", "기말고사 일주일 미뤄졌어", "기말고사 언제야?", "12월 10일", "12월 3일"),
        ("My final exam is on December 3", "my final exam was postponed by a week", "When is my final?", "December 10", "December 3"),
        ("과제 마감은 11월 20일이야", "과제 마감이 이틀 당겨졌대", "과제 마감 언제야?", "11월 18일", "11월 20일"),
        ("My essay is due on November 20", "the essay is now due November 25", "when is my essay due?", "November 25", "November 20"),
    ],
)  # fmt: skip
def test_a_date_that_moved_is_the_new_one(
    empty: Talk, told: str, moved: str, asked: str, day: str, old: str
) -> None:
    empty(told)

    assert day in empty.last(moved, at=on(4))
    later = empty.last(asked, at=on(11))
    assert day in later
    assert old not in later


@pytest.mark.parametrize(
    ("told", "asked", "answer"),
    [
        ("기말고사는 12월 3일이에요", "시험까지 며칠 남았지?", "30일 남았습니다"),
        ("My midterm is on December 3.", "시험이 언제죠?", "12월 3일입니다"),
        ("제 통계 시험은 12월 3일이에요", "When is my exam?", "December 3: 30 days left"),
        ("다음 주 수요일에 중간고사 있어요", "그게 언제라고 했지?", "11월 11일"),
        ("I have a presentation next Friday", "when is it?", "November 13"),
    ],
)
def test_a_day_is_known_by_its_value_in_either_language(
    empty: Talk, told: str, asked: str, answer: str
) -> None:
    assert answer in empty.last(told, asked)


def test_the_exam_that_is_named_is_the_one_that_is_told(empty: Talk) -> None:
    empty("선형대수 시험은 12월 3일이에요", "통계 시험은 12월 9일이에요")
    one, both = empty("통계 시험 언제야?", "시험 언제야?", at=on(5))

    assert "12월 9일" in one
    assert "12월 3일" not in one
    assert both.index("12월 3일") < both.index("12월 9일")


def test_a_label_is_said_in_the_language_of_the_student(empty: Talk) -> None:
    empty("제 통계 시험은 12월 3일이에요", "안녕")

    settings = replace(empty.settings, now=datetime.fromisoformat(on(12)))
    with open_runtime(settings) as runtime:
        students.update(runtime.db, runtime.student, language="en")
    with open_runtime(settings) as runtime:
        assert "exam is in 21 days" in welcome_back(runtime)


def test_several_things_told_at_once_are_each_acknowledged_once(empty: Talk) -> None:
    (reply,) = empty("Hi, I'm Minji. My final exam is on December 3 and backpropagation keeps confusing me.")

    for words in ("Minji", "December 3", "30 days", "backpropagation"):
        assert reply.count(words) == 1, words


@pytest.mark.parametrize(
    ("told", "done", "asked", "hard", "none"),
    [
        ("역전파가 자꾸 헷갈려요", "이제 역전파 이해했어요", "내가 뭘 헷갈려 했지?", "역전파", "지금 어렵다고 적어 둔 것은 없습니다"),
        ("I don't understand the chain rule", "I understand the chain rule now", "what was I confused about?", "chain rule", "nothing noted that is still hard"),
    ],
)  # fmt: skip
def test_a_confusion_begins_and_ends(
    empty: Talk, told: str, done: str, asked: str, hard: str, none: str
) -> None:
    empty(told)
    assert hard in empty.last(asked, at=on(4))
    empty(done, at=on(5))
    assert none in empty.last(asked, at=on(6))


@pytest.mark.parametrize(
    "said",
    [
        "저는 예시가 필요해요",
        "I want to learn about RAG",
        "RNN은 긴 글을 잘 기억해요",
        "제 과제 에세이 좀 대신 써 주세요",
        "RAG eliminates hallucinations, right?",
        "친구가 그러는데 LoRA 쓰면 느려진대요",
        "오늘 날씨 어때?",
    ],
)
def test_what_is_no_statement_on_the_student_is_not_kept_as_one(course: Talk, said: str) -> None:
    (heard,) = course.hear(said)

    assert not heard.kept
    assert "적어 두었습니다" not in heard.answer
    assert "noted" not in heard.answer


def test_nothing_is_claimed_to_be_kept_that_is_not(empty: Talk) -> None:
    (heard,) = empty.hear("저는 " + "아주 " * 200 + "바빠요")

    assert heard.kept or "적어 두었습니다" not in heard.answer


def test_all_that_is_known_is_listed(empty: Talk) -> None:
    empty("제 이름은 김민지예요", "저는 부산에 살아요", "기말고사는 12월 3일이에요")
    reply = empty.last("나에 대해 아는 거 다 말해줘", at=on(11))

    assert all(words in reply for words in ("민지", "부산", "12월 3일"))


def test_a_plan_starts_with_what_is_near_hard_and_open(course: Talk) -> None:
    course("기말고사는 12월 3일이에요", "역전파가 헷갈려요", "광합성이 뭐예요?")
    reply = course.last("뭐부터 공부하면 좋을까요?", at=on(11))

    assert all(
        words in reply
        for words in ("12월 3일", "22일 남았습니다", "역전파", "광합성", "01-language-model.md")
    )
