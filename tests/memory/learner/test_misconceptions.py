from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from officehours.memory.errors import NotFound, ToolRetry
from officehours.memory.learner.misconceptions import Event, Misconceptions, state_after
from officehours.memory.learner.wording import refuse_absolutes, refuse_inferred_feelings
from officehours.memory.recall import Sessions


def events(*told: str) -> list[Event]:
    """Read "seen@1" as that event on that day of the month."""
    read: list[Event] = []
    for place, entry in enumerate(told):
        kind, _, day = entry.partition("@")
        on = date(2026, 11, int(day or 1))
        at = datetime(2026, 11, on.day, tzinfo=UTC) + timedelta(seconds=place)
        read.append(Event(kind, "", None, at, on))  # pyright: ignore[reportArgumentType]
    return read


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ("", None),
        ("claimed", None),
        ("right@1 right@2", None),
        ("seen", "suspected"),
        ("seen seen", "confirmed"),
        ("seen asked", "challenged"),
        ("seen asked seen", "confirmed"),
        ("seen claimed", "claimed"),
        ("seen claimed seen@2", "confirmed"),
        ("seen claimed asked@2", "challenged"),
        ("seen right@2", "challenged"),
        ("seen right@2 right@2", "challenged"),  # twice on one day is once
        ("seen right@2 right@3", "resolved"),
        ("seen right@2 seen@3 right@4", "challenged"),  # what was right before counts no more
        ("seen right@2 claimed@2 right@5", "resolved"),
        ("seen right@2 right@3 claimed@4", "resolved"),
        ("seen right@2 right@3 asked@4", "resolved"),
        ("seen right@2 right@3 seen@9", "relapsed"),
        ("seen right@2 right@3 seen@9 right@10", "challenged"),
        ("seen right@2 right@3 seen@9 right@10 right@12", "resolved"),
    ],
)
def test_a_misconception_goes_through_its_states(told, state):
    assert state_after(events(*told.split())) == state


@pytest.fixture
def sessions(database, student, clock) -> Sessions:
    return Sessions(database, student.id, clock)


@pytest.fixture
def hard(database, student, clock) -> Misconceptions:
    return Misconceptions(database, student.id, clock)


def say(sessions: Sessions, text: str) -> int:
    session = sessions.latest() or sessions.create("kim")
    turn, asked = sessions.begin_turn(session, text, "Asia/Seoul")
    sessions.finish_turn(turn, "done")
    return asked.id


def test_the_students_words_are_kept_with_their_message_and_their_day(sessions, hard, clock):
    message = say(sessions, "고유값이 왜 필요한지 모르겠어요")
    hard.record("seen", "고유값", message, "고유값이 왜 필요한지 모르겠어요")
    hard.record("seen", "고유값", message, "고유값이 왜 필요한지 모르겠어요")
    (item,) = hard.open()
    assert (item.topic, item.state, len(item.events)) == ("고유값", "suspected", 1)
    assert (item.seen.words, item.seen.message_id) == ("고유값이 왜 필요한지 모르겠어요", message)
    assert not item.waits(item.last.day)
    assert item.waits(item.last.day + timedelta(days=1))


def test_what_was_never_hard_is_not_claimed_and_one_topic_is_one_however_it_is_spelled(sessions, hard):
    hard.record("claimed", "LoRA", say(sessions, "LoRA 이제 알겠어"))
    assert hard.all() == []
    hard.record("seen", "Linear Algebra", say(sessions, "Linear Algebra is hard"))
    hard.record("claimed", "선형대수", say(sessions, "선형대수 이제 알겠어"))
    assert [(item.topic, item.state) for item in hard.all()] == [("Linear Algebra", "claimed")]


def test_an_undone_turn_takes_its_event_back(sessions, hard, clock):
    hard.record("seen", "svd", say(sessions, "svd is hard"))
    clock.forward(days=1)
    hard.record("claimed", "svd", say(sessions, "svd is clear now"))
    assert [item.state for item in hard.all()] == ["claimed"]
    sessions.undo(sessions.latest())
    assert [item.state for item in hard.all()] == ["suspected"]


def test_one_students_misconceptions_are_closed_to_another(sessions, hard, database, other, clock):
    message = say(sessions, "svd is hard")
    hard.record("seen", "svd", message)
    theirs = Misconceptions(database, other.id, clock)
    with pytest.raises(NotFound):
        theirs.record("seen", "svd", message)
    assert theirs.all() == []


@pytest.mark.parametrize(
    ("written", "said", "refused"),
    [
        ("always mixes up rank", "", True),
        ("고유값을 마스터함", "", True),
        ("always blocks in Verilog", "I don't get always blocks", False),
        ("rank", "", False),
        ("절대값", "", False),
    ],
)
def test_more_than_answers_can_show_is_refused_when_a_model_writes_it(written, said, refused):
    if refused:
        with pytest.raises(ToolRetry):
            refuse_absolutes(written, said)
    else:
        refuse_absolutes(written, said)


@pytest.mark.parametrize(
    ("written", "said", "refused"),
    [
        ("The student seems frustrated with proofs.", "I got it wrong three times.", True),
        ("학생이 시험을 불안해한다", "시험이 다음 주예요", True),
        ("증명에 자신감이 부족함", "증명은 또 틀렸어요", True),
        ("학생이 시험을 걱정한다", "I am worried about the exam.", False),
        ("Is nervous about the oral exam.", "구술 시험이 긴장돼요", False),
        ("Knows confidence intervals.", "", False),
        ("장력과 긴급 제동을 배움", "", False),
        ("The exam is on Friday.", "", False),
    ],
)
def test_a_feeling_is_kept_only_if_the_student_spoke_of_it(written, said, refused):
    if refused:
        with pytest.raises(ToolRetry):
            refuse_inferred_feelings(written, said)
    else:
        refuse_inferred_feelings(written, said)
