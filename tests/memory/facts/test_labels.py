from __future__ import annotations

import pytest

from officehours.memory.facts import label_in


@pytest.mark.parametrize(
    ("label", "korean", "english"),
    [
        ("시험", "시험", "exam"),
        ("AI 기말고사", "AI 기말고사", "AI final exam"),
        ("통계기말고사", "통계기말고사", "statistics final exam"),
        ("선형대수 과제", "선형대수 과제", "linear algebra assignment"),
        ("조 발표", "조 발표", "group presentation"),
        ("CS101 중간", "CS101 중간", "CS101 midterm exam"),
        ("machine learning exam", "머신러닝 시험", "machine learning exam"),
        ("Final Exam", "기말고사", "Final Exam"),
        ("midterm", "중간고사", "midterm"),
        ("quiz", "쪽지시험", "quiz"),
        ("서양미술사 시험", "서양미술사 시험", "서양미술사 시험"),
        ("Professor Lee's exam", "Professor Lee's exam", "Professor Lee's exam"),
    ],
)
def test_a_known_label_is_said_in_the_language_of_the_talk_and_any_other_stays(
    label: str, korean: str, english: str
) -> None:
    assert (label_in(label, "ko"), label_in(label, "en")) == (korean, english)
