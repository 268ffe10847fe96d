from __future__ import annotations

import pytest

from officehours.memory.errors import NotFound
from officehours.memory.learner.questions import OpenQuestions
from officehours.memory.recall import Sessions
from officehours.memory.types import Message


@pytest.fixture
def learner(database, student, clock) -> OpenQuestions:
    return OpenQuestions(database, student.id, clock)


@pytest.fixture
def sessions(database, student, clock) -> Sessions:
    return Sessions(database, student.id, clock)


def ask(sessions: Sessions, learner: OpenQuestions, text: str):
    session = sessions.latest() or sessions.create("kim")
    turn, asked = sessions.begin_turn(session, text, "UTC")
    question = learner.ask(asked.id, text)
    return session, turn, question


def test_a_question_is_open_until_it_is_answered(sessions, learner, clock):
    session, turn, first = ask(sessions, learner, "고유값이 뭐예요?")
    clock.forward(minutes=1)
    _, _, second = ask(sessions, learner, "why?")
    assert learner.open_questions() == [first, second]
    answer = sessions.append(session, turn, Message("assistant", "…"))
    learner.answered(first.message_id, f"m{answer.id}")
    assert learner.open_questions() == [second]


def test_an_answer_is_one_to_what_was_asked_in_the_same_words_before(sessions, learner):
    ask(sessions, learner, "ReLU에 대해서 알려줘")
    _, _, other = ask(sessions, learner, "DoRA에 대해서 알려줘")
    session, turn, again = ask(sessions, learner, "ReLU에 대해서 알려줘")
    answer = sessions.append(session, turn, Message("assistant", "max(0, x)"))
    learner.answered(again.message_id, answer.id)
    assert learner.open_questions() == [other]


def test_entering_a_question_again_neither_doubles_nor_reopens_it(sessions, learner):
    session, turn, question = ask(sessions, learner, "q?")
    assert learner.ask(question.message_id, "other words") == question
    learner.answered(question.message_id, sessions.append(session, turn, Message("assistant", "a")).id)
    assert learner.ask(question.message_id, "q?").state == "answered"
    assert learner.open_questions() == []


def test_an_undone_question_waits_no_more(sessions, learner):
    session, _, _ = ask(sessions, learner, "q?")
    sessions.undo(session)
    assert learner.open_questions() == []


def test_one_students_ledger_is_closed_to_another(sessions, learner, database, other, clock):
    _, _, question = ask(sessions, learner, "q?")
    theirs = OpenQuestions(database, other.id, clock)
    with pytest.raises(NotFound):
        theirs.ask(question.message_id, "x")
    with pytest.raises(NotFound):
        theirs.answered(question.message_id, question.message_id)
    assert theirs.open_questions() == []
    assert learner.open_questions() == [question]
