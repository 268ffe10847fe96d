import pytest

from officehours.agent.tutor.grading import Grade
from officehours.agent.tutor.hints import EXAM, Ladder, LockPolicy, policy_for, say_step
from officehours.memory.learner.problem_sets import Hint, Problem

HINTS = (
    Hint("hint", "Divide", "Divide both sides by 6."),
    Hint("scaffold", "", "What is left?", ("$$y-4=-3$$",)),
    Hint("hint", "", "So $$y=1$$."),
)
OWN = Problem("a", "$$6(y-4)=-18$$", ("$$1$$",), answer_type="arithmetic", hints=HINTS)
BARE = Problem("b", "$$2+3$$", ("$$5$$",))

WRONG, HALF, RIGHT = (Grade(score, "attempt", "unclear") for score in (0.0, 0.5, 1.0))
LOST, PLEADS = Grade(None, "dont_know", "no_attempt"), Grade(None, "asks_for_answer", "no_attempt")
UNCLEAR = Grade(None, "attempt", "unclear")
STRICT = LockPolicy(tries=None, on_giving_up=False, after_hints=False)


def test_the_ladder_climbs_through_the_problem_sets_own_hints_and_never_says_the_key_on_it():
    steps = Ladder(OWN).steps
    assert [step.rung for step in steps] == ["pump", "hint", "prompt", "worked_step"]
    assert not any("y=1" in step.text for step in steps)
    assert [step.rung for step in Ladder(BARE).steps] == ["pump", "hint", "prompt"]


@pytest.mark.parametrize(
    ("policy", "moves", "state", "given"),
    [
        (LockPolicy(), [WRONG], "open", 1),
        (LockPolicy(), [WRONG, WRONG, WRONG], "shown", 2),
        (LockPolicy(), [WRONG, HALF, RIGHT], "solved", 1),
        (LockPolicy(), [HALF, HALF, HALF], "shown", 0),
        (LockPolicy(), [LOST, LOST, LOST, LOST, LOST, LOST], "open", 4),
        (LockPolicy(), [PLEADS] * 9 + [UNCLEAR] * 9, "open", 0),
        (LockPolicy(), ["hint"] * 4, "open", 4),
        (LockPolicy(), ["hint"] * 5, "shown", 4),
        (LockPolicy(), ["gives up"], "shown", 0),
        (LockPolicy(), [RIGHT, WRONG, "hint"], "solved", 0),
        (STRICT, [WRONG] * 9 + ["hint"] * 9 + ["gives up"], "open", 4),
        (STRICT, [WRONG, RIGHT], "solved", 1),
        (EXAM, [WRONG] * 9 + ["hint", "gives up", LOST], "open", 4),
    ],
)
def test_attempts_and_requests_move_it(policy, moves, state, given):
    ladder = Ladder(OWN, policy)
    for move in moves:
        match move:
            case "hint":
                ladder = ladder.asked_for_hint()
            case "gives up":
                ladder = ladder.gave_up()
            case _:
                ladder = ladder.attempted(move)
    assert (ladder.state, ladder.given) == (state, given)


def test_a_teachers_setting_tightens_and_never_loosens():
    assert LockPolicy().tightened(STRICT) == STRICT
    assert STRICT.tightened(LockPolicy()) == STRICT
    assert LockPolicy(tries=5).tightened(LockPolicy(tries=3)).tries == 5
    assert LockPolicy().tightened(EXAM) == EXAM


@pytest.mark.parametrize(
    ("lock", "mode", "policy"),
    [
        ("standard", "", LockPolicy()),
        ("standard", "socratic", LockPolicy()),
        ("strict", "direct", LockPolicy(tries=5, on_giving_up=False)),
        ("standard", "exam", EXAM),
        ("strict", "exam", EXAM),
    ],
)
def test_a_setting_and_a_mode_withhold_what_either_withholds(lock, mode, policy):
    assert policy_for(lock, mode) == policy


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_step_can_be_said_in_both_languages(language):
    ladder = Ladder(OWN)
    said = [say_step(step, language) for step in (*ladder.steps, ladder.gave_up().next_step()) if step]
    assert len(set(said)) == 5
    assert said[-1].endswith("$$1$$")
