from __future__ import annotations

import pytest

from officehours.memory import students
from officehours.memory.errors import NotFound, UsageError


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


@pytest.mark.parametrize("handle", ["", "  ", "a" * 65, "a\nb", "a\u202eb"])
def test_a_handle_that_cannot_be_typed_is_refused(database, clock, handle):
    with pytest.raises(UsageError):
        students.find_or_create(database, handle, language="ko", zone="UTC", now=clock())


def test_a_student_who_is_not_there_is_said_to_be_missing(database):
    with pytest.raises(NotFound, match="nobody"):
        students.get(database, "nobody")
