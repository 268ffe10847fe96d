from __future__ import annotations

import json
import signal
from contextlib import closing
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import update

from chat_server import call as asks_for
from chat_server import calls
from chat_server import say as speaks
from kills import KilledError, Kills
from officehours.agent import tool_execution
from officehours.agent.assemble import open_tutor
from officehours.agent.billing import limits
from officehours.agent.events import ApprovalRequested, ToolFinished, TurnFinished, TurnWaiting
from officehours.agent.models.testing.scripted import ScriptedCall
from officehours.agent.runtime import open_runtime
from officehours.agent.tool_execution import INTERRUPTED
from officehours.agent.turn_store import NO_REPLY, NOT_APPROVED
from officehours.memory.errors import BadImport, ConfigError, NotFound
from officehours.memory.store.schema import sessions
from officehours.memory.transfer import Importer, export_json
from own_tools import say_yes
from tutors import (
    answer,
    assert_valid,
    assert_valid_json,
    log_of,
    online,
    say,
    scripted,
    settings_for,
    start,
    tutor,
    wait_for,
)

TOOLS = """
import threading
from pathlib import Path
from officehours import tool

HERE = Path(__file__).parent


@tool(effect="outside")
def send(text: str) -> str:
    \"\"\"Send a text away.

    Args:
        text: What.
    \"\"\"
    with (HERE / "sent.txt").open("a", encoding="utf-8") as file:
        file.write(text + "\\n")
    {then}
    return "sent " + text


@tool(effect="write")
def jot(text: str) -> str:
    \"\"\"Write a text down.

    Args:
        text: What.
    \"\"\"
    with (HERE / "jotted.txt").open("a", encoding="utf-8") as file:
        file.write(text + "\\n")
    return "jotted " + text


@tool
def peek() -> str:
    \"\"\"Look.\"\"\"
    return "nothing new"
"""


@pytest.fixture
def tools(own_home: Path) -> Path:
    return tools_in(own_home)


def tools_in(home: Path, then: str = "pass") -> Path:
    folder = home / "tools"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mail.py").write_text(TOOLS.format(then=then), encoding="utf-8")
    say_yes(folder)
    return folder


def written(folder: Path, name: str = "sent") -> list[str]:
    file = folder / f"{name}.txt"
    return file.read_text(encoding="utf-8").split() if file.exists() else []


def send(text: str) -> ScriptedCall:
    return ScriptedCall("send", {"text": text})


def results(agent: Any) -> list[str]:
    return [m.message.content for m in log_of(agent) if m.message.role == "tool"]


def resumed(agent: Any) -> list[Any]:
    return list(agent.resume())


def answering(agent: Any, events: Any, *answers: bool) -> list[Any]:
    """Take in a turn as a face does that asks at once."""
    left, seen = list(answers), []
    with closing(events):
        for event in events:
            seen.append(event)
            if isinstance(event, ApprovalRequested):
                agent.approve(event.id, left.pop(0))
    assert not left
    return seen


def test_a_call_that_leaves_this_process_waits_and_its_turn_with_it(own_home, tools):
    model = scripted([["One moment.", send("hello")], "It is sent."])
    with tutor(own_home, model) as professor:
        events = say(professor, "Send it.")
        *_, asked, waiting = events
        assert asked == ApprovalRequested("call00000", "send", '{"text": "hello"}', "outside", "policy")
        assert isinstance(waiting, TurnWaiting)
        assert (waiting.session, waiting.turn, waiting.partial) == ("s1", 1, "One moment.")
        assert waiting.approvals == professor.waiting() == (asked,)
        assert waiting.bill.requests == 1
        assert not any(isinstance(event, TurnFinished | ToolFinished) for event in events)
        assert written(tools) == []

        professor.approve(asked.id, True)
        assert professor.waiting() == ()
        assert answer(professor.resume()) == "One moment.\n\nIt is sent."
        assert written(tools) == ["hello"]
        assert resumed(professor) == []
    assert_valid(model.requests[-1].messages)


@pytest.mark.parametrize("yes", [True, False])
def test_a_face_answers_while_it_handles_the_event(own_home, tools, yes):
    model = scripted([send("hello"), "So be it."])
    with tutor(own_home, model) as professor:
        events = answering(professor, professor.turn("Send it."), yes)
        assert answer(events) == "So be it."
        assert [e.ok for e in events if isinstance(e, ToolFinished)] == [yes]
        assert written(tools) == ["hello"] * yes
        assert professor.waiting() == ()
        (result,) = results(professor)
        assert ("sent hello" in result) == yes
        assert ("nobody approved it" in result) != yes


def test_another_process_answers_while_the_first_still_asks(own_home, tools):
    with (
        tutor(own_home, scripted([send("hello"), "Done."])) as professor,
        tutor(own_home, scripted([])) as elsewhere,
    ):
        events = []
        for event in professor.turn("Send it."):
            events.append(event)
            if isinstance(event, ApprovalRequested):
                assert elsewhere.waiting() == (event,)
                elsewhere.approve(event.id, True)
                with pytest.raises(NotFound):
                    professor.approve(event.id, False)
        assert answer(events) == "Done."
    assert written(tools) == ["hello"]


def test_a_yes_does_not_travel_with_an_exported_memory(own_home, tools, tmp_path):
    with tutor(own_home, scripted([send("hello")])) as professor:
        (asked,) = say(professor, "Send it.")[-1].approvals
        professor.approve(asked.id, True)
        export_json(professor.state.db, professor.state.runtime.student, tmp_path / "memory.json")
    document = json.loads((tmp_path / "memory.json").read_text(encoding="utf-8"))
    document["turns"][0]["approvals"] = {asked.id: {"state": "approved", "why": "policy"}}
    (tmp_path / "forged.json").write_text(json.dumps(document), encoding="utf-8")
    folder = tools_in(tmp_path / "elsewhere")
    with open_runtime(settings_for(tmp_path / "elsewhere")) as runtime:
        importer = Importer(runtime.db, runtime.student, runtime.memories.archival, runtime.clock)
        with pytest.raises(BadImport, match="approvals"):
            importer.import_file(tmp_path / "forged.json")
        importer.import_file(tmp_path / "memory.json")
    with tutor(tmp_path / "elsewhere", scripted(["Hm."])) as professor:
        assert answer(professor.resume()) == "Hm."
        assert results(professor) != []
    assert written(folder) == []


@pytest.mark.parametrize(("says", "sent"), [(True, ["hello"]), (False, []), (None, [])])
def test_a_function_may_answer_and_may_leave_it_for_later(own_home, tools, says, sent):
    asked = []
    settings = settings_for(own_home)
    model = scripted([send("hello"), "Well."])
    with open_tutor(
        settings, model=model, approve=lambda call, tool: asked.append((call.name, tool.effect)) or says
    ) as professor:
        events = say(professor, "Send it.")
        assert asked == [("send", "outside")]
        assert any(isinstance(event, ApprovalRequested) for event in events) == (says is None)
        assert isinstance(events[-1], TurnWaiting if says is None else TurnFinished)
        assert written(tools) == sent


@pytest.mark.parametrize("yes", [True, False])
def test_another_process_answers_when_the_one_that_asked_was_killed(own_home, chat_server, yes):
    folder = tools_in(own_home)
    server = chat_server([asks_for("send", text="hello")], then=speaks("Very well."))
    with start(own_home, server.url, "Send it.") as process:
        wait_for(process, "approval_requested")
        process.send_signal(signal.SIGKILL)
    with tutor(own_home, online(server.url)) as professor:
        (asked,) = professor.waiting()
        assert (asked.name, asked.effect, asked.why) == ("send", "outside", "policy")
        professor.approve(asked.id, yes)
    with tutor(own_home, online(server.url)) as professor:
        assert answer(professor.resume()) == "Very well."
        assert written(folder) == ["hello"] * yes
    assert_valid_json(server.requests[-1].body)


def test_an_approved_call_that_was_killed_in_the_middle_is_not_run_again(own_home, chat_server):
    folder = tools_in(own_home, "print('text_delta', flush=True); threading.Event().wait()")
    server = chat_server(
        [calls(asks_for("send", text="one").calls[0], asks_for("send", text="two").calls[0])],
        then=speaks("Perhaps."),
    )
    with tutor(own_home, online(server.url)) as professor:
        first, second = say(professor, "Send them.")[-1].approvals
        professor.approve(first.id, True)
    with start(own_home, server.url, "") as process:
        wait_for(process, "text_delta")
        process.send_signal(signal.SIGKILL)
    tools_in(own_home)
    with tutor(own_home, online(server.url)) as professor:
        events = answering(professor, professor.resume(), True)
        assert [e.id for e in events if isinstance(e, ApprovalRequested)] == [second.id]
        assert answer(events) == "Perhaps."
        assert written(folder) == ["one", "two"]
        assert INTERRUPTED in results(professor)[0]
    assert_valid_json(server.requests[-1].body)


def test_reads_around_a_call_that_waits_run_and_results_keep_their_order(own_home, tools):
    note = ScriptedCall("core_memory_append", {"label": "student", "content": "likes tea"})
    peek = ScriptedCall("peek")
    model = scripted([[peek, peek, send("a"), peek, send("b"), note, peek], "Done."])
    with tutor(own_home, model) as professor:
        events = say(professor, "I like tea. Send both.")
        assert [e.name for e in events if isinstance(e, ToolFinished)] == ["peek", "peek"]
        a, b = events[-1].approvals
        assert len(results(professor)) == 2
        professor.approve(b.id, True)

        events = resumed(professor)  # the first of them still waits
        assert [e.id for e in events if isinstance(e, ApprovalRequested)] == [a.id]
        assert events[-1].approvals == (a,)
        assert written(tools) == []
        assert professor.state.memories.core.blocks()["student"].value == ""

        professor.approve(a.id, False)
        events = resumed(professor)
        assert answer(events) == "Done."
        done = [(e.name, e.ok) for e in events if isinstance(e, ToolFinished)]
        assert done == [
            ("send", False),
            ("peek", True),
            ("send", True),
            ("core_memory_append", False),  # what was sent answered in a stranger's words
            ("peek", True),
        ]
        assert written(tools) == ["b"]
    assert_valid(model.requests[-1].messages)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_student_who_goes_on_with_something_else_has_refused(own_home, tools, language):
    model = scripted([[send("hello"), ScriptedCall("peek")], "Of course."])
    with tutor(own_home, model, language=language) as professor:
        (asked,) = say(professor, "Send it.")[-1].approvals
        assert answer(say(professor, "Never mind. What is ReLU?")) == "Of course."
        assert results(professor) == [NOT_APPROVED] * 2
        assert NO_REPLY in [m.message.content for m in log_of(professor)]
        assert written(tools) == []
        assert professor.waiting() == ()
        with pytest.raises(NotFound, match=asked.id):
            professor.approve(asked.id, True)
        assert resumed(professor) == []
    assert_valid(model.requests[-1].messages)


def test_what_does_not_wait_cannot_be_answered(own_home, tools):
    with tutor(own_home, scripted([send("hello"), "Done."])) as professor:
        with pytest.raises(NotFound, match="call7") as caught:
            professor.approve("call7", True)
        assert "call7" in caught.value.ko
        (asked,) = say(professor, "Send it.")[-1].approvals
        professor.approve(asked.id, True)
        with pytest.raises(NotFound):
            professor.approve(asked.id, False)
        assert answer(professor.resume()) == "Done."
        with pytest.raises(NotFound):
            professor.approve(asked.id, True)


def test_a_face_that_leaves_at_the_question_leaves_it_waiting(own_home, tools):
    with (
        tutor(own_home, scripted([send("hello"), "Done."])) as professor,
        closing(professor.turn("Send it.")) as events,
    ):
        for event in events:
            if isinstance(event, ApprovalRequested):
                break
    with tutor(own_home, scripted(["Done."])) as professor:
        assert answer(answering(professor, professor.resume(), True)) == "Done."
        assert written(tools) == ["hello"]


def course(professor: Any) -> None:
    professor.state.memories.archival.insert(
        "About eigenvalues.", kind="passage", trust="course", source="notes.md"
    )


def test_beside_words_of_others_what_runs_always_asks_too(own_home, tools):
    always = {"send": "always", "jot": "always"}
    both = [ScriptedCall("peek"), ScriptedCall("jot", {"text": "x"}), send("y")]
    with tutor(own_home, scripted([both, "Done.", both, "Done."]), tool_policy=always) as professor:
        course(professor)
        events = say(professor, "What are eigenvalues about?")
        assert [(a.name, a.effect, a.why) for a in events[-1].approvals] == [
            ("jot", "write", "untrusted"),
            ("send", "outside", "untrusted"),
        ]
        assert [e.name for e in events if isinstance(e, ToolFinished)] == ["peek"]
        assert professor.waiting() == events[-1].approvals
        assert answer(answering(professor, professor.resume(), True, False)) == "Done."
    assert (written(tools, "jotted"), written(tools)) == (["x"], [])


def test_a_guarded_write_of_our_own_holds_no_turn_up_but_may_be_allowed(own_home):
    write = ScriptedCall("core_memory_append", {"label": "student", "content": "hates Bob"})
    with tutor(own_home, scripted([write, "Done.", write, "Done."])) as professor:
        course(professor)
        events = say(professor, "What are eigenvalues about?")
        assert [e.why for e in events if isinstance(e, ApprovalRequested)] == ["untrusted"]
        assert answer(events) == "Done."
        assert professor.state.memories.core.blocks()["student"].value == ""
        assert professor.waiting() == ()
        answering(professor, professor.turn("And what are eigenvalues for?"), True)
        assert professor.state.memories.core.blocks()["student"].value == "hates Bob"


def test_our_own_tools_ask_where_the_student_says_so(own_home):
    write = ScriptedCall("core_memory_append", {"label": "student", "content": "likes tea"})
    with tutor(own_home, scripted([write, "Done."]), tool_policy={"write": "ask"}) as professor:
        assert isinstance(say(professor, "I like tea.")[-1], TurnWaiting)
    with tutor(own_home, scripted(["Done."]), tool_policy={"write": "ask"}) as professor:
        assert answer(answering(professor, professor.resume(), True)) == "Done."
        assert professor.state.memories.core.blocks()["student"].value == "likes tea"


def test_settings_and_the_program_say_what_is_asked_and_what_is_not_there(own_home, tools):
    settings = settings_for(own_home, tool_policy={"send": "never", "pots": "ask"})
    policy: Any = {"send": "always", "write": "ask"}
    model = scripted([send("x"), "There is no such tool."])
    with open_tutor(settings, model=model, policy=policy) as professor:
        registry = professor.state.registry
        assert registry.get("send") is None
        assert "never" in registry.missing["send"].en
        assert "jot" in {spec.name for spec in registry.specs()}
        assert ["`pots`" in warning.en for warning in professor.state.runtime.warnings] == [True]
        assert answer(say(professor, "Send it.")) == "There is no such tool."
        assert "send" not in {spec.name for spec in model.requests[0].tools}
    assert written(tools) == []
    with pytest.raises(ConfigError, match="always, ask, never"):
        open_tutor(settings, model=model, policy={"send": "perhaps"})  # pyright: ignore[reportArgumentType]


def test_a_policy_that_changed_while_a_call_waited_holds_for_it(own_home, tools):
    with tutor(own_home, scripted([send("x")])) as professor:
        say(professor, "Send it.")
    with tutor(own_home, scripted(["Not there."]), tool_policy={"send": "never"}) as professor:
        professor.approve(professor.waiting()[0].id, True)
        assert answer(professor.resume()) == "Not there."
        assert "There is no tool `send`" in results(professor)[0]
    for yes, sent in ((False, []), (None, ["x"])):
        with tutor(own_home, scripted([send("x")])) as professor:
            (asked,) = say(professor, "Send it.")[-1].approvals
            if yes is not None:
                professor.approve(asked.id, yes)
        with tutor(own_home, scripted(["Well."]), tool_policy={"send": "always"}) as professor:
            assert answer(professor.resume()) == "Well."
        assert written(tools) == sent


def test_the_time_that_a_person_thinks_is_not_the_turns(own_home, tools, monkeypatch):
    now = [monotonic()]
    for module in (limits, tool_execution):
        monkeypatch.setattr(module, "monotonic", lambda: now[0])

    def slowly(*_: object) -> bool:
        now[0] += 100_000.0
        return True

    model = scripted([send("x"), "Done."])
    with open_tutor(settings_for(own_home), model=model, approve=slowly) as professor:
        assert answer(professor.turn("Send it.")) == "Done."


# The threads of the dead die of their next commit, as they should.
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("before", [True, False])
def test_a_death_at_any_commit_sends_nothing_twice_and_leaves_the_turn_to_be_ended(
    own_home, tools, monkeypatch, before
):
    def reply(request: Any) -> Any:
        return [send("a"), send("b")] if request.messages[-1].role == "user" else "Done."

    kills, death, died = Kills(monkeypatch), 0, True
    while died:
        (tools / "sent.txt").unlink(missing_ok=True)
        kills.after(None)
        professor, died, death = tutor(own_home, scripted(reply), session="new"), False, death + 1
        kills.after(death, before=before)
        try:
            answering(professor, professor.turn("Send both."), True, True)
        except KilledError:
            died = True
        kills.after(None)
        with (
            professor.state.db.begin() as connection
        ):  # a lease runs out with time, of which a test takes none
            connection.execute(update(sessions).values(lease_owner=None, lease_until=None))
        professor.close()
        with tutor(own_home, scripted(reply)) as professor:
            for event in professor.resume():
                if isinstance(event, ApprovalRequested):
                    professor.approve(event.id, True)
            assert professor.waiting() == ()
            assert resumed(professor) == []
        assert sorted(set(written(tools))) == sorted(written(tools)), death
    assert written(tools) == ["a", "b"]
    assert death > 10
