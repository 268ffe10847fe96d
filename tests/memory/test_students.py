from __future__ import annotations

import pytest
from sqlalchemy import insert

from officehours.memory import students
from officehours.memory.errors import NotFound, UsageError
from officehours.memory.recall import Sessions
from officehours.memory.store.schema import messages


def test_a_student_is_made_once_and_found_again(database, clock):
    made = students.find_or_create(database, " 민지 ", language="ko", zone="Asia/Seoul", now=clock())
    again = students.find_or_create(database, "민지", language="en", zone="UTC", now=clock())
    assert made == again == students.get(database, "민지")
    assert (made.handle, made.language, made.name) == ("민지", "ko", "")
    assert made.collection.isascii()
    assert "민지" not in made.collection


def test_what_is_given_changes_and_the_rest_stays(database, student, other):
    named = students.update(database, student, name="김민지", zone="Europe/Paris")
    assert (named.name, named.zone, named.language) == ("김민지", "Europe/Paris", "ko")
    assert students.update(database, named) == named
    assert students.all(database) == [named, other]


def say(database, student, clock, text):
    talks = Sessions(database, student.id, clock)
    turn, _ = talks.begin_turn(talks.create("kim-yongdam"), text, "Asia/Seoul")
    talks.finish_turn(turn, "done")
    clock.forward(minutes=1)


def test_the_language_is_that_of_the_first_words_that_show_one(database, other, clock):
    assert students.learn_language(database, other, "1 + 1 = ?").language == "en"
    say(database, other, clock, "1 + 1 = ?")
    student = students.learn_language(database, other, "ReLU가 뭐예요?")
    assert student.language == students.get(database, "junho").language == "ko"
    say(database, student, clock, "ReLU가 뭐예요?")
    assert students.learn_language(database, student, "What is ReLU?").language == "ko"


def test_what_was_said_elsewhere_shows_no_language(database, other, clock):
    session = Sessions(database, other.id, clock).create("", origin="import")
    said = {"role": "user", "content": "I said this elsewhere.", "zone": "UTC", "time": clock()}
    with database.begin() as connection:
        connection.execute(insert(messages).values(student_id=other.id, session_id=session.id, seq=1, **said))
    assert students.learn_language(database, other, "안녕하세요").language == "ko"


@pytest.mark.parametrize("handle", ["", "  ", "a" * 65, "a\nb", "a\u202eb"])
def test_a_handle_that_cannot_be_typed_is_refused(database, clock, handle):
    with pytest.raises(UsageError):
        students.find_or_create(database, handle, language="ko", zone="UTC", now=clock())


def test_a_student_who_is_not_there_is_said_to_be_missing(database):
    with pytest.raises(NotFound, match="nobody"):
        students.get(database, "nobody")
