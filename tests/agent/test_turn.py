import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from officehours.agent.events import Notice, Recalled, ToolFinished, TurnFailed, TurnFinished, TurnStarted
from officehours.agent.models.testing.scripted import ScriptedCall
from officehours.agent.session_actions import new_session, undo
from officehours.agent.turn_store import NO_REPLY
from officehours.memory.errors import BadReply, RateLimited, StoreBusy, UsageError
from officehours.memory.store.schema import sessions
from officehours.ui.ask import show
from officehours.ui.terminal.rendering import Renderer
from own_tools import say_yes
from tutors import (
    PROFILE,
    MovableClock,
    answer,
    assert_valid,
    limits,
    log_of,
    say,
    scripted,
    spoken,
    streamed,
    tutor,
)

LONG = (
    "I have noted that your exam is on the third of December. Until then we go through derivatives first, then "
    "through vectors, and in the last week we look at old papers together."
)


def append(content="Exam on December 3.", **more):
    return ScriptedCall("core_memory_append", {"label": "student", "content": content, **more})


def test_a_plain_turn_is_streamed_stored_and_billed(own_home):
    model = scripted(["Hello, Mina. What shall we look at?"])
    with tutor(own_home, model) as professor:
        events = say(professor, "Hello, I am Mina.")
        stored = log_of(professor)
    assert isinstance(events[0], TurnStarted)
    assert answer(events) == streamed(events) == "Hello, Mina. What shall we look at?"
    assert [(m.message.role, m.state) for m in stored] == [("user", "whole"), ("assistant", "whole")]
    assert events[-1].bill.requests == 1


def test_the_message_is_stored_before_the_model_is_asked(own_home):
    seen = []

    def look(request):
        seen.append(spoken(professor))
        return "yes"

    with tutor(own_home, scripted(look)) as professor:
        say(professor, "Is this stored already?")
    assert seen == [["Is this stored already?"]]


def test_an_empty_message_is_refused_and_leaves_nothing(own_home):
    with tutor(own_home, scripted([])) as professor:
        with pytest.raises(UsageError):
            say(professor, " \n\x00 ")
        assert log_of(professor) == []


def test_text_and_a_write_that_worked_are_one_request(own_home):
    model = scripted([[LONG, append()]])
    with tutor(own_home, model) as professor:
        events = say(professor, "My exam is on December 3.")
        assert "December 3" in professor.state.memories.core.blocks()["student"].value
    assert len(model.requests) == 1
    assert answer(events) == LONG


def test_a_preface_beside_a_write_does_not_end_the_turn(own_home):
    model = scripted([["One moment, I'll note that.", append()], "It is noted. Shall we begin?"])
    with tutor(own_home, model) as professor:
        events = say(professor, "My exam is on December 3.")
    assert len(model.requests) == 2
    assert answer(events).endswith("It is noted. Shall we begin?")


@pytest.mark.parametrize(("heartbeat", "requests"), [(True, 2), (False, 1)])
def test_the_model_says_itself_whether_it_goes_on(own_home, heartbeat, requests):
    first = LONG if heartbeat else "Noted."
    model = scripted([[first, append(request_heartbeat=heartbeat)], "And now to work."])
    with tutor(own_home, model) as professor:
        say(professor, "My exam is on December 3.")
    assert len(model.requests) == requests


def test_a_write_that_failed_is_mended_before_the_turn_ends(own_home):
    model = scripted([[LONG, append("x" * 5_000)], [LONG, append("short")]])
    with tutor(own_home, model) as professor:
        events = say(professor, "My exam is on December 3.")
        assert professor.state.memories.core.blocks()["student"].value == "short"
    assert [e.ok for e in events if isinstance(e, ToolFinished)] == [False, True]
    assert len(model.requests) == 2


def test_a_question_that_the_finds_answer_costs_one_request(own_home):
    clock = MovableClock()

    def reply(request):
        asked = request.messages[-1].content
        return "It is Biscuit [m1]." if "Biscuit" in asked else "I see."

    model = scripted(reply)
    with tutor(own_home, model, clock=clock) as professor:
        say(professor, "My dog Biscuit chewed my linear algebra homework.")
    clock.forward(days=8)
    with tutor(own_home, model, clock=clock, session="new") as professor:
        events = say(professor, "What is the name of my dog who chewed the homework?")
    assert answer(events) == "It is Biscuit [m1]."
    assert [c.id for c in events[-1].citations] == ["m1"]
    assert any(isinstance(e, Recalled) for e in events)
    assert len(model.requests) == 2


def test_several_calls_at_once_have_their_results_in_call_order(own_home):
    first = [
        ScriptedCall("calculate", {"expression": "2+2"}),
        append("likes maths"),
        ScriptedCall("conversation_search", {"query": "derivatives"}),
        ScriptedCall("calculate", {"expression": "3*3"}),
    ]
    model = scripted([first, "Four and nine."])
    with tutor(own_home, model) as professor:
        events = say(professor, "Add and multiply.")
        results = [m.message.content for m in log_of(professor) if m.message.role == "tool"]
    assert answer(events) == "Four and nine."
    assert "4" in results[0]
    assert results[1].startswith("Saved")
    assert "9" in results[3]
    assert_valid(model.requests[1].messages)


def test_arguments_that_cannot_be_read_and_unknown_tools_are_told_to_the_model(own_home):
    first = [ScriptedCall("calculate", "2 plus 2, please"), ScriptedCall("teleport", {"to": "Mars"})]
    model = scripted([first, "I cannot do that."])
    with tutor(own_home, model) as professor:
        events = say(professor, "Beam me up.")
    assert [e.ok for e in events if isinstance(e, ToolFinished)] == [False, False]
    calls = model.requests[1].messages[-3].tool_calls
    assert calls[0].arguments == "{}"
    assert "teleport" in model.requests[1].messages[-1].content
    assert_valid(model.requests[1].messages)


@pytest.mark.parametrize(("language", "words"), [("en", "switched off"), ("ko", "꺼져 있습니다")])
def test_where_searching_is_switched_off_the_web_is_not_asked_and_the_student_reads_why(
    own_home, language, words
):
    search, broken = (
        ScriptedCall("web_search", {"query": "ReLU"}),
        ScriptedCall("core_memory_append", "no json"),
    )
    with tutor(own_home, scripted([search, broken, "So."]), language=language) as professor:
        events = say(professor, "Look it up.", search="never")
    off, unread = [event for event in events if isinstance(event, ToolFinished)]
    assert not off.ok
    assert words in off.display
    assert "Answer without it" in off.output
    assert not unread.ok
    assert ("arguments" in unread.display) == (language == "en")


@pytest.mark.parametrize("error", [RateLimited("slow down"), BadReply("html")])
def test_after_a_failed_turn_the_next_one_works_and_the_message_is_kept(own_home, error):
    model = scripted([error, "Here I am again."])
    with tutor(own_home, model) as professor:
        failed = say(professor, "first question?")[-1]
        assert isinstance(failed, TurnFailed)
        assert answer(say(professor, "second question?")) == "Here I am again."
        assert spoken(professor) == ["first question?", "second question?"]
        assert NO_REPLY in spoken(professor, "assistant")
    assert_valid(model.requests[1].messages)


def test_a_failed_turn_is_taken_up_where_it_stopped(own_home):
    model = scripted([[append("first"), append("second")], RateLimited("slow down"), "Both are noted."])
    with tutor(own_home, model) as professor:
        assert isinstance(say(professor, "Note two things.")[-1], TurnFailed)
        assert answer(professor.resume()) == "Both are noted."
        assert list(professor.resume()) == []
        assert professor.state.memories.core.blocks()["student"].value == "first\nsecond"
    assert model.requests[2].messages == model.requests[1].messages


def test_an_empty_reply_fails_and_leaves_no_empty_message(own_home):
    model = scripted(["", "Now I know."])
    with tutor(own_home, model) as professor:
        assert isinstance(say(professor, "Hm?")[-1], TurnFailed)
        assert answer(say(professor, "Once more?")) == "Now I know."
        assert "" not in spoken(professor, "assistant")


def test_an_empty_reply_after_words_is_the_end_of_the_turn(own_home):
    model = scripted([["Noted!", append()], "", "Fine."])
    with tutor(own_home, model) as professor:
        assert answer(say(professor, "My exam is on December 3.")) == "Noted!"
        assert answer(say(professor, "Thanks for that, what next?")) == "Fine."
    assert_valid(model.requests[2].messages)


def test_closing_the_events_keeps_what_was_said_as_a_partial(own_home):
    model = scripted(["A long explanation of eigenvalues that nobody waits for.", "As I said …"])
    with tutor(own_home, model) as professor:
        turn = professor.turn("Explain eigenvalues.")
        for event in turn:
            if event.type == "text_delta":
                break
        turn.close()
        kept = log_of(professor)[-1]
        assert (kept.state, kept.message.content) == ("partial", "A long e")
        assert answer(say(professor, "Go on.")) == "As I said …"
    assert model.requests[1].messages[2].content == "A long e … [cut off here]"
    assert_valid(model.requests[1].messages)


class InterruptingModel:
    def __init__(self, inner, after):
        self.inner, self.after = inner, after

    @property
    def profile(self):
        return self.inner.profile

    def stream(self, request):
        for number, chunk in enumerate(self.inner.stream(request)):
            if number == self.after:
                self.after = -1
                raise KeyboardInterrupt
            yield chunk


@pytest.mark.parametrize("after", [0, 2])
def test_ctrl_c_while_it_streams_keeps_the_words_and_the_next_turn_works(own_home, after):
    inner = scripted(["A long explanation of eigenvalues.", "Where were we?"])
    with tutor(own_home, InterruptingModel(inner, after)) as professor:
        with pytest.raises(KeyboardInterrupt):
            say(professor, "Explain eigenvalues.")
        partial = [m.message.content for m in log_of(professor) if m.state == "partial"]
        assert partial == ([] if after == 0 else ["A long explanati"])
        assert answer(say(professor, "Sorry, go on.")) == "Where were we?"
        assert spoken(professor) == ["Explain eigenvalues.", "Sorry, go on."]
    assert_valid(inner.requests[1].messages)


def test_ctrl_c_while_a_tool_runs_records_it_as_cancelled(own_home):
    (own_home / "tools").mkdir(parents=True)
    (own_home / "tools" / "slow.py").write_text(
        "import os, signal, threading\n\nfrom officehours import tool\n\n@tool\ndef slow() -> str:\n"
        '    """Take for ever."""\n    os.kill(os.getpid(), signal.SIGINT)\n    threading.Event().wait()\n',
        encoding="utf-8",
    )
    say_yes(own_home / "tools")
    model = scripted([[append("kept"), ScriptedCall("slow"), append("never")], "Stopped."])
    with tutor(own_home, model) as professor:
        with pytest.raises(KeyboardInterrupt):
            say(professor, "Try the slow tool.")
        results = [(m.state, m.message.content) for m in log_of(professor) if m.message.role == "tool"]
        assert [state for state, _ in results] == ["whole", "cancelled", "cancelled"]
        assert professor.state.memories.core.blocks()["student"].value == "kept"
        assert answer(say(professor, "Never mind.")) == "Stopped."
    assert_valid(model.requests[1].messages)


def test_the_same_call_over_and_over_is_stopped_with_an_honest_answer(own_home):
    model = scripted(lambda _: ScriptedCall("conversation_search", {"query": "eigenvalues"}))
    with tutor(own_home, model) as professor:
        events = say(professor, "What did I ask about eigenvalues?")
        assert "conversation_search" in answer(events)
        assert any(isinstance(e, Notice) and e.kind == "stopped" for e in events)
        assert len(model.requests) <= 4
        assert professor.state.memories.questions.open_questions()
        model._script = lambda _: "Fine again."
        assert answer(say(professor, "Hello?")) == "Fine again."
    assert_valid(model.requests[-1].messages)


@pytest.mark.parametrize("name", ["teleport", "calculate"])
def test_nothing_but_failing_calls_is_stopped(own_home, name):
    counter = iter(range(100))
    model = scripted(lambda _: ScriptedCall(name, {"expression": f"what? {next(counter)}"}))
    with tutor(own_home, model) as professor:
        assert "tool calls" in answer(say(professor, "Do something."))
    assert len(model.requests) == 4


def test_an_insert_that_is_known_already_is_not_repeated_for_ever(own_home):
    texts = iter(
        ["The exam is on Friday.", "the exam is on Friday", "The exam is on friday!", "exam is on Friday."]
        * 5
    )
    model = scripted(
        lambda _: ScriptedCall("archival_memory_insert", {"content": next(texts), "request_heartbeat": True})
    )
    with tutor(own_home, model) as professor:
        assert "noted already" in answer(say(professor, "Keep this in mind."))
        assert len(professor.state.memories.archival.list()) == 1
    assert len(model.requests) <= 5


def test_a_model_that_never_answers_is_stopped_at_the_step_limit(own_home):
    counter = iter(range(100))
    model = scripted(lambda _: ScriptedCall("calculate", {"expression": f"{next(counter)}+1"}))
    with tutor(own_home, model, limits=limits(steps=5)) as professor:
        assert "5 steps" in answer(say(professor, "Count."))
    assert len(model.requests) == 5


def test_closing_the_events_at_the_limit_notice_leaves_no_turn_open(own_home):
    counter = iter(range(100))
    model = scripted(lambda _: ScriptedCall("calculate", {"expression": f"{next(counter)}+1"}))
    with tutor(own_home, model, limits=limits(steps=2)) as professor:
        turn = professor.turn("Count.")
        assert any(isinstance(event, Notice) and event.kind == "stopped" for event in turn)
        turn.close()
        assert "2 steps" in spoken(professor, "assistant")[-1]
        assert list(professor.resume()) == []


def test_an_error_after_the_turn_costs_no_answer(own_home, capsys, monkeypatch):
    def busy():
        raise StoreBusy("Another program holds the store.")

    with tutor(own_home, scripted(["one", "two"])) as professor:
        professor.warm()
        monkeypatch.setattr(professor.state.runtime.embed_worker, "wake", busy)
        events = say(professor, "First.")
        assert answer(events) == "one"
        assert [event.kind for event in events if isinstance(event, Notice)] == ["summary"]
        assert show(professor.turn("Second."), "json", Renderer.of(professor)) == 0
        monkeypatch.undo()
    assert json.loads(capsys.readouterr().out)["answer"] == "two"


def test_the_document_of_a_turn_is_printed_once_the_turn_is_whole(own_home, capsys):
    def broken(events):
        yield from events
        raise RuntimeError("a bug behind the turn")

    with tutor(own_home, scripted(["one"])) as professor, pytest.raises(RuntimeError):
        show(broken(professor.turn("First.")), "json", Renderer.of(professor))
    assert json.loads(capsys.readouterr().out)["answer"] == "one"


def about(request):
    return "about ReLU" if "ReLU" in request.messages[-1].content else "about GELU"


def test_two_threads_of_one_agent_are_answered_one_after_the_other(own_home):
    asked, go_on = threading.Event(), threading.Event()

    def reply(request):
        asked.set()
        assert go_on.wait(60)
        return about(request)

    with tutor(own_home, scripted(reply)) as professor, ThreadPoolExecutor(2) as threads:
        first = threads.submit(say, professor, "ReLU?")
        assert asked.wait(60)
        second = threads.submit(say, professor, "GELU?")
        go_on.set()
        assert [answer(turn.result(60)) for turn in (first, second)] == ["about ReLU", "about GELU"]
        assert [m.message.content for m in log_of(professor)] == [
            "ReLU?",
            "about ReLU",
            "GELU?",
            "about GELU",
        ]


def test_a_turn_that_is_not_over_lets_no_other_in(own_home):
    with tutor(own_home, scripted(about)) as professor:
        turn = professor.turn("ReLU?")
        next(turn)
        for other in (
            lambda: next(professor.turn("GELU?")),
            lambda: next(professor.resume()),
            lambda: undo(professor),
            lambda: new_session(professor),
        ):
            with pytest.raises(UsageError, match="in the middle of a turn"):
                other()
        assert answer(turn) == "about ReLU"
        assert answer(say(professor, "GELU?")) == "about GELU"
        assert spoken(professor) == ["ReLU?", "GELU?"]


def test_a_model_that_reads_values_is_given_them_and_no_other(own_home):
    clock = MovableClock()
    with tutor(own_home, scripted(["Noted."]), clock=clock) as professor:
        say(professor, "My name is Mina. My exam is on December 3.")
        professor.state.memories.core.append("student", "likes trains")
    clock.forward(days=1)
    model = scripted(["Soon.", "Very."], profile=replace(PROFILE, reads_values=True))
    with tutor(own_home, model, clock=clock, session="new") as professor:
        say(professor, "When is my exam on December 3?")
        say(professor, "How soon?")
    turn = model.requests[0].turn
    assert (turn.language, turn.now.isoformat(), turn.name) == ("en", "2026-11-22T12:00:00+09:00", "Mina")
    assert {fact.subject for fact in turn.facts} >= {"name", "exam"}
    assert [hit.id for hit in turn.beside] == ["m1"]
    assert turn.beside[0].rendered in model.requests[0].messages[-1].content
    assert turn.questions == ()  # the one that is being asked is none that waits
    second = model.requests[1].turn
    assert (second.said, [e.asked for e in second.earlier]) == (
        "How soon?",
        ["When is my exam on December 3?"],
    )
    assert second.past(None, None, "user")[0].message.content.startswith("My name is Mina")

    other = scripted(["Hello."])
    with tutor(own_home, other) as professor:
        say(professor, "Hello?")
    assert other.requests[0].turn is None


def test_after_a_gap_the_model_is_told_and_a_new_view_is_opened(own_home):
    clock = MovableClock()
    model = scripted(["one", "two"])
    with tutor(own_home, model, clock=clock) as professor:
        say(professor, "First.")
        clock.forward(days=3)
        say(professor, "Back again.")
        assert professor.state.conversation.view.reason == "return"
    assert "3 days later" in model.requests[1].messages[-1].content


def test_a_secret_is_masked_before_it_is_stored_or_sent(own_home):
    model = scripted(["I do not need it."])
    with tutor(own_home, model) as professor:
        events = say(professor, "my key is sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGH")
        assert "abcdefghijkl" not in spoken(professor)[0]
    assert "abcdefghijkl" not in model.requests[0].messages[-1].content
    assert any(isinstance(e, Notice) and e.kind == "masked" for e in events)


def test_two_programs_in_one_conversation_lose_no_exchange(own_home):
    first, second = scripted(["a1", "a2"]), scripted(["b1"])
    with tutor(own_home, first) as one, tutor(own_home, second) as two:
        say(one, "from one")
        say(two, "from two")
        say(one, "from one again")
        assert spoken(one) == ["from one", "from two", "from one again"]
    assert [m.content.split("\n")[0] for m in first.requests[1].messages[1:]] == [
        "from one",
        "a1",
        "from two",
        "b1",
        "from one again",
    ]


def test_a_program_that_slept_through_its_lease_says_so_and_writes_between_nobody_elses_words(own_home):
    with tutor(own_home, scripted(["Meanwhile."])) as other:

        def sleeping(request):
            if request.messages[-1].content.startswith("once more"):
                return "Awake."
            with other.state.db.begin() as connection:
                connection.execute(update(sessions).values(lease_until=datetime(2000, 1, 1, tzinfo=UTC)))
            assert answer(say(other, "from the other")) == "Meanwhile."
            return append("slept")

        model = scripted(sleeping)
        with tutor(own_home, model) as sleeper:
            last = say(sleeper, "from the sleeper")[-1]
            assert isinstance(last, TurnFailed)
            assert isinstance(last.error, StoreBusy)
            assert [m.message.content for m in log_of(sleeper)] == [
                "from the sleeper",
                NO_REPLY,
                "from the other",
                "Meanwhile.",
            ]
            assert answer(say(sleeper, "once more")) == "Awake."
            assert sleeper.state.memories.core.blocks()["student"].value == ""
    assert_valid(model.requests[-1].messages)


def test_a_finished_turn_names_the_session_and_the_number(own_home):
    with tutor(own_home, scripted(["one", "two"])) as professor:
        say(professor, "First.")
        last = say(professor, "Second.")[-1]
    assert isinstance(last, TurnFinished)
    assert (last.session, last.turn) == ("s1", 2)
