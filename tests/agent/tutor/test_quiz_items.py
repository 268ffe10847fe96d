"""What a quiz makes of a course: questions with what their keys accept, as notes write them."""

from __future__ import annotations

import pytest

from officehours.agent.tutor.grading import AnswerKey, grade
from officehours.agent.tutor.quiz_items import Sides, answers_in, choose_items
from officehours.memory.learner.pairs import pairs_in


@pytest.mark.parametrize(
    ("body", "pairs"),
    [
        ("1. 첫째는?\n> 정답: 셋.\n\n2. 둘째는?\n> 정답: 넷,\n> 다섯.", [("첫째는?", "셋."), ("둘째는?", "넷, 다섯.")]),
        ("Q: One?\nA: 1\n\nQ: Two?\nA: 2", [("One?", "1"), ("Two?", "2")]),
        ("- What is 2^3?\n  Answer: 8", [("What is 2^3?", "8")]),
        ("No question at all.", []),
    ],
)  # fmt: skip
def test_questions_and_answer_keys_are_told_apart(body: str, pairs: list[tuple[str, str]]) -> None:
    assert [(pair.front, pair.back) for pair in pairs_in("LoRA > 확인 문제", body)] == pairs


@pytest.mark.parametrize(
    ("question", "key", "right", "wrong"),
    [
        ("A coin is tossed 20 times?", "2^-20, about 9.54e-7", ("1/1048576", "9.54e-7", "0.00000095"), ("1/20",)),
        ("det(A) = 8. The inverse's?", "1/8 = 0.125", ("2^-3", "12.5%"), ("8",)),
        ("What are the eigenvalues of [[2, 7], [0, 5]]?", "2 and 5, the diagonal entries.", ("2, 5", "5 and 2"), ("7",)),
        ("0.5배씩 20번이면?", "0.5^20 = 1/1,048,576, 곧 백만분의 1보다 조금 작습니다.", ("2^-20",), ("1/20",)),
        ("16,000에서 4,000을 빼고 300씩?", "(16,000 − 4,000) / 300 = 40번입니다.", ("사십 번", "40"), ("50",)),
        ("무엇이라고 합니까?", "기울기 폭발입니다. 소실된 기울기는 자르지 않습니다.", ("기울기 폭발이요",), ()),
    ],
)  # fmt: skip
def test_a_key_as_notes_write_it_is_met_by_what_it_arrives_at(
    question: str, key: str, right: tuple[str, ...], wrong: tuple[str, ...]
) -> None:
    by = AnswerKey(answers_in(key, question), question=question)
    assert by.answers[0] == key
    assert [said for said in right if grade(by, said).correct != 1] == []
    assert [said for said in wrong if grade(by, said).correct != 0] == []


def test_a_definition_is_asked_for_its_term_after_the_courses_own_questions() -> None:
    course = [
        Sides("Osmosis", "Osmosis is the movement of water through a membrane.", archival_id=1),
        Sides("Where does it go?", "To the side with more solute", archival_id=1, asked=True),
    ]
    own, made = choose_items([], [], [], 5, None, seed=1, course=course)
    assert (own.question, own.answers[0]) == ("Where does it go?", "To the side with more solute")
    assert (made.question, made.answers) == (
        "_____ is the movement of water through a membrane.",
        ("Osmosis",),
    )
