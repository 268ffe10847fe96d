"""The lock on an answer, tried with a model that blurts it out whatever it is told."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from attacks import ATTACKS, BLURTS
from officehours.agent.events import TextDelta, TurnFailed, to_json
from officehours.agent.model import TextDelta as Piece
from officehours.agent.models.testing.scripted import ScriptedCall, ScriptedModel
from officehours.agent.tutor.grading import AnswerKey
from officehours.agent.tutor.hints import Ladder, shown_to_model
from officehours.agent.tutor.leaks import reveals
from officehours.agent.tutor.lock import AnswerLock
from officehours.memory.errors import ServerUnreachable
from officehours.memory.learner.problem_sets import Hint, Problem
from tutors import answer, log_of, say, scripted, spoken, streamed, tutor

# A question, its key, the choices, and how a model may write the key.
PROBLEMS = [
    ("$$6(y-4)=-18$$", "$$1$$", (), ("1", "y = 1", "$$y=1$$", "2/2")),
    ("Find $$2^{-20}$$ as a decimal.", "2^-20", (), ("9.54e-7", "1048576분의 1", "\\frac{1}{1048576}", "0.000000954")),
    ("Simplify $$(3+h)(1-h)-2h(-1)$$", "$$3-h^2$$", (), ("3 - h²", "-h^2+3", "$$3-h^{2}$$")),
    ("Factor $$x^2-6x+8$$", "$$(x-4)(x-2)$$", (), ("(x-2)(x-4)", "$\\left(x-4\\right)\\left(x-2\\right)$")),
    ("Solve $$x^2+2x-8>=0$$", "(-inf,-4]&[2,inf)", (), ("(-∞,-4] ∪ [2,∞)", "x ≤ -4 or x ≥ 2")),
    ("Which wall do plant cells have?", "cell wall", (), ("the cell wall", "Cell Wall")),
    ("Evaluate $$sin(45)$$", "$$\\frac{\\sqrt{2}}{2}$$", (), ("√2/2", "0.7071", "1/sqrt(2)")),
    ("Are the lines parallel or perpendicular?", "Perpendicular", ("Parallel", "Perpendicular", "Neither"), ("perpendicular", "(B)", "2번", "②")),
    ("Does it open upwards?", "True", ("True", "False"), ("true", "참", "(A)")),
    ("How many students take both? 12 take maths, 30 take art, 36 in all.", "6", (), ("6", "6 students", "6.0")),
    ("Which interval? $$f(x)=1/(x^2-9)$$", "$$(-\\infty,-3) \\cup (3,\\infty)$$", ("$$(-\\infty,-3) \\cup (3,\\infty)$$", "$$(-3,3)$$"), ("(-inf,-3) U (3,inf)", "A번", "x < -3 또는 x > 3")),
]  # fmt: skip


def problem(question: str, key: str, choices: tuple[str, ...] = (), **more: object) -> Problem:
    return Problem("p1", question, (key,), choices=choices, **more)  # type: ignore[arg-type]


def lock_on(ladder: Ladder) -> tuple[AnswerLock, list[Ladder]]:
    kept = [ladder]
    return AnswerLock(lambda: kept[-1], lambda: kept.append(kept[-1].climbed()), lambda: "en"), kept


def test_three_turns_of_asking_pleading_and_false_authority_get_no_answer(own_home):
    blurted: Iterator[str] = iter(())
    model = scripted(lambda _: next(blurted))
    leaked, replies = [], 0
    with tutor(own_home, model) as professor:
        for (question, key, choices, forms), language in itertools.product(PROBLEMS, ATTACKS):
            lock, kept = lock_on(Ladder(problem(question, key, choices)))
            professor.state.reply_checks = [lock]
            first = len(model.requests)
            for attack, form, words in zip(
                ATTACKS[language], itertools.cycle(forms), BLURTS[language], strict=False
            ):
                blurted = iter([words.format(form)] * 2)
                events = say(professor, attack)
                replies += 1
                shown = "\n".join(str(to_json(event)) for event in events)
                if words.format(form) in shown or reveals(kept[-1].key, streamed(events)):
                    leaked.append((key, words.format(form)))
            sent = [m.content for r in model.requests[first:] for m in r.messages if m.role == "assistant"]
            leaked += [(key, text) for text in sent if reveals(kept[-1].key, text)]
    assert replies == len(PROBLEMS) * 6
    assert leaked == []


@pytest.mark.parametrize(("question", "key", "choices", "forms"), PROBLEMS, ids=[row[1] for row in PROBLEMS])
def test_what_is_no_answer_is_let_through(question, key, choices, forms):
    by = Ladder(problem(question, key, choices)).key
    harmless = [
        f"Let's read it again: {question}",
        "What have you tried so far?\n1. Write down what is given.\n2. Name what is asked.",
        "어디에서 막혔나요? 1단계만 해 볼까요?",
        "Try a simpler one: what about 37 in its place?",
        f"Which of these could it be: {', '.join(choices)}?" if choices else "Which rule fits?",
    ]
    assert [text for text in harmless if reveals(by, text)] == []
    assert all(reveals(by, f"The answer is {form}.") for form in forms)


@pytest.mark.parametrize(
    ("text", "revealed"),
    [
        ("It is thirty-six.", True),
        ("You add them up and, if you did it right, end up with thirty-six.", True),
        ("답은 삼십육입니다.", True),
        ("Take the thirty-six students of the class first, and then the others.", False),
        ("Look at the 36 and at the 12 again.", False),
        ("36 in all, so x = 36.", True),
        ("Count them.\n36. Then the others.", False),
    ],
)
def test_numbers_in_words_and_numbers_of_the_question(text, revealed):
    key = AnswerKey(("36",), question="Of 36 students 12 take maths. How many are in the class?")
    assert reveals(key, text) == revealed


def test_a_reply_without_the_answer_is_shown_whole_once_it_is_checked(own_home):
    model = scripted(
        ["Divide both sides by 6 first. What is left?", "It is 1.", "What does the bracket say?"]
    )
    lock, _ = lock_on(Ladder(problem("$$6(y-4)=-18$$", "1")))
    with tutor(own_home, model) as professor:
        professor.state.reply_checks = [lock]
        first, second = say(professor, "A hint, please."), say(professor, "And now?")
        assert spoken(professor, "assistant") == [answer(first), answer(second)]
    assert [e.text for e in first if isinstance(e, TextDelta)] == [
        "Divide both sides by 6 first. What is left?"
    ]
    assert answer(second) == "What does the bracket say?"
    refused, mended = model.requests[1:3]
    assert mended.messages[:-1] == refused.messages[:-1]
    assert mended.messages[-1].content.startswith(refused.messages[-1].content)
    assert second[-1].bill.requests == 2


def test_a_reply_that_leaks_twice_gives_way_to_the_next_step_and_its_calls_are_not_made(own_home):
    noted = ScriptedCall("core_memory_append", {"label": "progress", "content": "y = 1"})
    lock, kept = lock_on(Ladder(problem("$$6(y-4)=-18$$", "1")))
    with tutor(own_home, scripted([["Noted.", noted], "Fine, it is 1."])) as professor:
        professor.state.reply_checks = [lock]
        events = say(professor, "Tell me!")
        assert "y = 1" not in professor.state.memories.core.blocks()["progress"].value
        assert [m.message.tool_calls for m in log_of(professor)] == [(), ()]
    assert answer(events).startswith("What have you tried so far")
    assert events[-1].bill.requests == 2
    assert kept[-1].given == 1


def test_a_held_reply_that_breaks_off_leaves_no_answer_behind(own_home):
    class BreaksOff(ScriptedModel):
        def stream(self, request):  # noqa: ARG002
            yield Piece("The answer is y = 1, which")
            raise ServerUnreachable("The server is gone.")

    lock, _ = lock_on(Ladder(problem("$$6(y-4)=-18$$", "1")))
    with tutor(own_home, BreaksOff([])) as professor:
        professor.state.reply_checks = [lock]
        events = say(professor, "Tell me!")
        assert spoken(professor, "assistant") == []
    assert isinstance(events[-1], TurnFailed)
    assert "y = 1" not in str(list(map(to_json, events)))


def test_once_the_lock_is_open_replies_stream_as_ever(own_home):
    lock, _ = lock_on(Ladder(problem("$$6(y-4)=-18$$", "1")).gave_up())
    with tutor(own_home, scripted(["The answer is y = 1, as you saw."])) as professor:
        professor.state.reply_checks = [lock]
        events = say(professor, "Why?")
    assert streamed(events) == "The answer is y = 1, as you saw."
    assert sum(isinstance(event, TextDelta) for event in events) > 1


def test_the_model_is_shown_no_key_of_a_locked_problem():
    hints = (
        Hint("hint", "", "Divide by 6."),
        Hint("scaffold", "", "What is left?", ("y-4=-3",)),
        Hint("hint", "", "So y = 1."),
    )
    ladder = Ladder(problem("$$6(y-4)=-18$$", "1", hints=hints))
    while ladder.locked:
        assert not reveals(ladder.key, shown_to_model(ladder).replace("wrong attempts: ", ""))
        ladder = ladder.asked_for_hint()
    assert "key: 1" in shown_to_model(ladder)
