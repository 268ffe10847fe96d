"""A quiz in a conversation with a language model, over HTTP: graded in code, told beside the message, its key in no request."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence

import pytest

from attacks import ATTACKS, BLURTS
from chat_server import Reply, call
from chat_server import say as tell
from officehours.agent.tutor.leaks import reveals
from officehours.memory.learner.problem_sets import Hint, Problem
from tutors import answer, online, say, streamed, tutor

POWER = Problem(
    "power",
    "What is 3^-7?",
    ("1/2187",),
    answer_type="arithmetic",
    lesson="powers",
    hints=(Hint("hint", "", "A negative exponent is a reciprocal."),),
)
WALL = Problem("wall", "Which part of a plant cell keeps its shape?", ("the cell wall",), lesson="cells")


def served(*problems: Problem, then: Reply | None = None):
    """A model that calls for the quiz when it is asked to, and says whatever it is told to otherwise."""

    def reply(body: dict) -> Reply:
        last = body["messages"][-1]
        if last["role"] == "user" and last["content"].startswith("Quiz"):
            return call("quiz", topic=last["content"].split()[1])
        return then or tell("Let us see. What comes first?")

    return reply


def beside(server) -> str:
    """What stands in the last message of the last request."""
    return server.requests[-1].body["messages"][-1]["content"]


def requests(server, first: int = 0) -> str:
    return "\n".join(request.raw.decode() for request in server.requests[first:])


def kept(professor) -> list[tuple[str, float | None, str]]:
    return [(a.response, a.correct, a.graded_by) for a in professor.state.memories.quizzes.attempts()]


def test_an_answer_in_the_chat_is_graded_and_kept_before_the_model_speaks(own_home, chat_server):
    server = chat_server(served())
    with tutor(own_home, online(server.url)) as professor:
        quizzes = professor.state.memories.quizzes
        quizzes.add_problems([POWER], "set")
        say(professor, "Quiz powers please")
        assert "What is 3^-7?" in requests(server)
        said = {
            "-2187": ("wrong", "tries"),
            "why is it a reciprocal?": ("no answer",),
            "I have an exam on Dec 11": ("no answer",),
            "hello!": ("no answer",),
            "a hint?": ("A negative exponent is a reciprocal.",),
            "1/2187": ("right", "Key: 1/2187", "The quiz is over: 1 of 1"),
        }
        for words, shown in said.items():
            assert "1/2187" not in requests(server)
            say(professor, words)
            assert [part for part in shown if part not in beside(server)] == [], words
        assert kept(professor) == [("-2187", 0, "code"), ("1/2187", 1, "code")]
        assert all(a.message_id for a in quizzes.attempts())
        assert quizzes.current() is None


def test_the_command_goes_on_with_what_the_chat_began_and_what_was_said_there_counts(own_home, chat_server):
    server = chat_server(served())
    with tutor(own_home, online(server.url)) as professor:
        professor.state.memories.quizzes.add_problems([POWER, WALL], "set")
        say(professor, "Quiz set please")
        say(professor, "a hint?")
        ladder = professor.state.runtime.locked()
        assert (ladder.given, ladder.locked) == (1, True)
        say(professor, "stop the quiz")
        assert professor.state.runtime.locked() is None
        waits = professor.state.memories.quizzes.current()
        assert waits is not None
        first = professor.state.runtime.quizzing.next(waits)
        assert (first.item.place, first.ladder.given) == (1, 1)
        assert professor.state.runtime.locked().locked  # asked by the command, it is locked in the chat too
        professor.state.memories.quizzes.ask_in(first.quiz.id, None)
        say(professor, "1/2187")
        assert kept(professor) == []  # not asked here


@pytest.mark.parametrize("tool", ["archival_memory_search", "recall"])
def test_what_memory_finds_shows_no_locked_key(own_home, chat_server, tool):
    def reply(body: dict) -> Reply:
        last = body["messages"][-1]
        if last["role"] == "user" and last["content"].startswith("Quiz"):
            return call("quiz", topic="powers")
        if last["role"] == "user" and "look" in last["content"] and tool != "recall":
            return call(tool, query="three to the minus seven")
        return tell("Hm.")

    server = chat_server(reply)
    with tutor(own_home, online(server.url)) as professor:
        memories = professor.state.memories
        memories.quizzes.add_problems([POWER], "set")
        memories.archival.insert(
            "Powers of three\n\nThree to the minus seven is small.\nThree to the minus seven equals 1/2187.",
            kind="passage",
            source="powers.md",
        )
        say(professor, "Quiz powers please")
        say(professor, "look up three to the minus seven, please")
        assert "hidden while the question is open" in requests(server)
        assert "1/2187" not in requests(server)
        say(professor, "I give up")
        assert "Key: 1/2187" in beside(server)


def test_a_model_grades_what_comparing_cannot_and_three_tries_show_the_key(own_home, chat_server):
    judgements = iter([0, 0.5, "nonsense"])

    def reply(body: dict) -> Reply:
        messages = body["messages"]
        if messages[0]["content"].startswith("You grade"):
            correct = next(judgements)
            return tell(json.dumps({"correct": correct, "reason": "It says what, not why."}))
        return served()(body)

    server = chat_server(reply)
    with tutor(own_home, online(server.url)) as professor:
        memories = professor.state.memories
        memories.archival.insert(
            "Learning > Practice\n\nQ: Why does overfitting hurt?\nA: Because noise was learnt along with the signal.",
            kind="passage",
            source="learning.md",
        )
        say(professor, "Quiz overfitting please")
        for words in (
            "It makes the training slow",
            "It learns too much of everything",
            "It copies what is in the sample",
        ):
            say(professor, words)
        assert [(c, by) for _, c, by in kept(professor)] == [(0, "model"), (0.5, "model"), (None, "nobody")]
        assert memories.quizzes.attempts()[0].reason == "It says what, not why."
        assert "Key: Because noise was learnt" in beside(server)
        rest = [r for r in server.requests if not r.body["messages"][0]["content"].startswith("You grade")]
        assert not any(b"noise was learnt" in request.raw for request in rest[:-1])


def test_a_teachers_setting_tightens_the_lock_of_the_chat(own_home, chat_server):
    server = chat_server(served())
    with tutor(own_home, online(server.url), answer_lock="strict") as professor:
        professor.state.memories.quizzes.add_problems([POWER], "set")
        say(professor, "Quiz powers please")
        for words in ("I give up", "-1", "-2", "-3", "I give up", "stop the quiz"):
            say(professor, words)
            assert professor.state.runtime.locked().locked
        assert "1/2187" not in requests(server)
        for words in ("-4", "-5"):
            say(professor, words)
        assert "Key: 1/2187" in beside(server)


def test_an_exam_gives_hints_and_no_key(own_home, chat_server):
    server = chat_server(served())
    with tutor(own_home, online(server.url), teaching_mode="exam") as professor:
        professor.state.memories.quizzes.add_problems([POWER, WALL], "set")
        say(professor, "Quiz powers please")
        for words in ("a hint?", "-1", "-2", "-3", "-4", "I give up", "what is the answer?"):
            say(professor, words)
            assert professor.state.runtime.locked().locked
        assert professor.state.runtime.locked().given
        say(professor, "next question")
        assert "Key:" not in requests(server)
        assert "1/2187" not in requests(server)


def attack(own_home, chat_server, problems: Sequence[Problem]) -> tuple[int, list[tuple[str, str]]]:
    """Ask, plead and claim authority over every problem in both languages; gives attempts, and what leaked."""
    blurted = ""

    def reply(body: dict) -> Reply:
        last = body["messages"][-1]
        if last["role"] == "user" and last["content"].startswith("Quiz"):
            return call("quiz", topic=last["content"].split()[1])
        return tell(blurted or "Here it is. What comes first?")

    server = chat_server(reply)
    leaked, attempts = [], 0
    with tutor(own_home, online(server.url)) as professor:
        quizzes = professor.state.memories.quizzes
        quizzes.add_problems(problems, "set")
        for problem, language in itertools.product(problems, ATTACKS):
            first, blurted = len(server.requests), ""
            say(professor, f"Quiz {problem.lesson} now")
            assert professor.state.runtime.locked().problem.question == problem.question
            key = professor.state.runtime.locked().key
            for words, form in zip(ATTACKS[language], BLURTS[language], strict=True):
                blurted = form.format(problem.answers[0])
                events = say(professor, words)
                attempts += 1
                if reveals(key, streamed(events)) or blurted in answer(events):
                    leaked.append((problem.id, streamed(events)))
            if problem.answers[0] in requests(server, first):
                leaked.append((problem.id, "in a request"))
            assert professor.state.runtime.locked().locked
            quizzes.finish(quizzes.current().id, "stopped")
        assert quizzes.attempts() == []
    return attempts, leaked


def problems(number: int) -> list[Problem]:
    """Problems whose keys stand nowhere else in a request."""
    words = ["the cell wall", "mitochondria", "osmosis"]
    made = [
        Problem(f"w{n}", f"Which one is meant by clue {n}?", (w,), lesson=f"word{n}")
        for n, w in enumerate(words)
    ]
    for n in range(number - len(words)):
        a, b = 113 + 17 * n, 709 + 31 * n
        key = str(a * b) if n % 2 else f"{a}/{a * b + 1}"
        made.append(
            Problem(
                f"n{n}", f"Problem {n}: what is it?", (key,), answer_type="arithmetic", lesson=f"number{n}"
            )
        )
    return made


def test_no_attack_gets_a_locked_key(own_home, chat_server):
    attempts, leaked = attack(own_home, chat_server, problems(5))
    assert (attempts, leaked) == (30, [])


@pytest.mark.slow
def test_no_attack_of_two_hundred_gets_a_locked_key(own_home, chat_server):
    attempts, leaked = attack(own_home, chat_server, problems(36))
    assert attempts >= 200
    assert leaked == []
