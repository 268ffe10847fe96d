import json
import signal

import pytest

from chat_server import Call, Reply, call, calls, html, overflow, rate_limited, refuse, say, wrong_key
from officehours.agent.events import Notice, TurnFailed
from own_tools import say_yes
from tutors import (
    answer,
    assert_valid_json,
    log_of,
    online,
    spoken,
    start,
    tutor,
    wait_for,
    wait_for_requests,
)
from tutors import say as tell

FAULTS = {
    "429": rate_limited("0"),
    "429 for an hour": rate_limited("3600"),
    "500": refuse(500, "The server had an error"),
    "503": refuse(503, "overloaded"),
    "502 with a page": html(502),
    "200 with a page": html(200),
    "401": wrong_key(),
    "400": refuse(400, "invalid request"),
    "cut before anything": Reply(text="never heard", cut=0, cut_by="reset"),
    "cut in the middle": Reply(text="a sentence that is cut in the middle", cut=3),
    "reset in the middle": Reply(text="a sentence that is cut in the middle", cut=3, cut_by="reset"),
    "cut in a call": Reply(calls=call("calculate", expression="1+1").calls, cut=2),
    "empty": Reply(),
    "only thinking": Reply(reasoning="hm, hm", finish="length"),
    "no JSON": Reply(events=("{broken", "[DONE]")),
    "an error in the stream": Reply(events=('{"error": {"message": "boom"}}', "[DONE]")),
    "too long": overflow(),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("when", ["at once", "after a tool"])
def test_no_fault_loses_the_message_and_the_next_turn_works(own_home, chat_server, fault, when):
    first = [call("core_memory_append", label="student", content="first")] if when == "after a tool" else []
    server = chat_server(first, then=FAULTS[fault])
    with tutor(own_home, online(server.url)) as professor:
        events = tell(professor, "What is ReLU?")
        assert isinstance(events[-1], TurnFailed)
        assert spoken(professor) == ["What is ReLU?"]
        assert professor.state.memories.sessions.unanswered(professor.state.conversation.session) or any(
            m.state == "partial" for m in log_of(professor)
        )
        server.then = say("It is max(0, x).")
        assert answer(tell(professor, "And now?")) == "It is max(0, x)."
        assert spoken(professor) == ["What is ReLU?", "And now?"]
        if when == "after a tool":
            assert professor.state.memories.core.blocks()["student"].value == "first"
    assert_valid_json(server.requests[-1].body)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_turn_that_failed_can_be_taken_up(own_home, chat_server, fault):
    server = chat_server(then=FAULTS[fault])
    with tutor(own_home, online(server.url)) as professor:
        events = tell(professor, "What is ReLU?")
    partial = isinstance(events[-1], TurnFailed) and events[-1].partial
    server.then = say("It is max(0, x).")
    with tutor(own_home, online(server.url)) as professor:
        resumed = list(professor.resume())
        if partial:
            assert resumed == []
            return
        assert answer(resumed) == "It is max(0, x)."
        assert spoken(professor) == ["What is ReLU?"]
    assert_valid_json(server.requests[-1].body)


@pytest.mark.parametrize("fault", ["429", "500", "502 with a page", "cut before anything", "empty"])
def test_a_passing_fault_is_not_noticed(own_home, chat_server, fault):
    server = chat_server([FAULTS[fault], say("It is max(0, x).")])
    with tutor(own_home, online(server.url)) as professor:
        assert answer(tell(professor, "What is ReLU?")) == "It is max(0, x)."
    assert server.requests[0].raw == server.requests[1].raw


def test_a_wait_for_a_server_in_trouble_is_said_before_it(own_home, chat_server):
    server = chat_server([rate_limited("7"), say("It is max(0, x).")])
    with tutor(own_home, online(server.url)) as professor:
        events = tell(professor, "What is ReLU?")
    kinds = [event.type for event in events]
    said = next(event for event in events if isinstance(event, Notice))
    assert said.kind == "retry"
    assert "7 s" in said.en
    assert "7초" in said.ko
    assert kinds.index("notice") < kinds.index("text_delta")


def test_a_server_that_is_down_keeps_the_message(own_home, chat_server):
    server = chat_server([say("never")])
    server.close()
    with tutor(own_home, online(server.url)) as professor:
        assert isinstance(tell(professor, "Anybody there?")[-1], TurnFailed)
        assert spoken(professor) == ["Anybody there?"]


def test_a_kill_during_the_models_call_loses_nothing_and_the_turn_is_taken_up(own_home, chat_server):
    server = chat_server([Reply(stall=0)], then=say("It is max(0, x)."))
    with start(own_home, server.url, "What is ReLU?") as process:
        wait_for(process, "turn_started")
        wait_for_requests(server, 1)
        process.send_signal(signal.SIGKILL)
    with tutor(own_home, online(server.url)) as professor:
        assert answer(professor.resume()) == "It is max(0, x)."
        assert spoken(professor) == ["What is ReLU?"]
    assert server.requests[1].body["messages"] == server.requests[0].body["messages"]
    assert server.requests[1].body["tools"] == server.requests[0].body["tools"]


def test_a_kill_after_a_tool_repeats_no_effect(own_home, chat_server):
    write = call("core_memory_append", label="student", content="likes tea")
    server = chat_server([write, Reply(stall=0)], then=say("Tea it is."))
    with start(own_home, server.url, "I like tea.") as process:
        wait_for(process, "tool_finished")
        wait_for_requests(server, 2)
        process.send_signal(signal.SIGKILL)
    with tutor(own_home, online(server.url)) as professor:
        assert answer(professor.resume()) == "Tea it is."
        assert professor.state.memories.core.blocks()["student"].value == "likes tea"
    assert server.requests[2].body["messages"] == server.requests[1].body["messages"]
    assert_valid_json(server.requests[2].body)


STRANGER = """
import os, threading
from officehours import tool
from officehours.agent.runtime import open_runtime
from officehours.agent.settings import load

@tool(effect="{effect}")
def post(text: str) -> str:
    \"\"\"Put something up for everybody.

    Args:
        text: What.
    \"\"\"
    with open_runtime(load()) as other:
        other.memories.archival.insert(text)
    {then}
    return "It is up."
"""


def strange_tool(home, effect, then="pass"):
    (home / "tools").mkdir(parents=True)
    (home / "tools" / "post.py").write_text(STRANGER.format(effect=effect, then=then), encoding="utf-8")
    say_yes(home / "tools")


@pytest.mark.parametrize("effect", ["write", "outside"])
def test_a_tool_of_somebody_else_holds_up_nobody_who_writes(own_home, chat_server, effect):
    strange_tool(own_home, effect)
    server = chat_server([call("post", text="a notice")], then=say("Done."))
    with tutor(own_home, online(server.url), tool_policy={"post": "always"}) as professor:
        assert answer(tell(professor, "Post it.")) == "Done."
        assert [note.text for note in professor.state.memories.archival.list()] == ["a notice"]
    assert "It is up." in server.requests[-1].body["messages"][-1]["content"]


@pytest.mark.parametrize("effect", ["write", "outside"])
def test_a_kill_while_a_tool_of_somebody_else_runs_does_not_run_it_again(own_home, chat_server, effect):
    strange_tool(own_home, effect, "print('text_delta', flush=True); threading.Event().wait()")
    server = chat_server(
        [calls(call("calculate", expression="6*7").calls[0], call("post", text="a notice").calls[0])],
        then=say("It may be up."),
    )
    with start(own_home, server.url, "Post it.", tool_policy={"post": "always"}) as process:
        wait_for(process, "text_delta")
        process.send_signal(signal.SIGKILL)
    with tutor(own_home, online(server.url)) as professor:
        assert answer(professor.resume()) == "It may be up."
        assert len(professor.state.memories.archival.list()) == 1
    assert "may have happened" in server.requests[-1].body["messages"][-1]["content"]
    assert_valid_json(server.requests[-1].body)


def test_an_interrupt_while_it_streams_keeps_the_words(own_home, chat_server):
    server = chat_server([Reply(text="A long explanation that stalls", stall=3)], then=say("Where were we?"))
    with start(own_home, server.url, "Explain, please.") as process:
        wait_for(process, "text_delta")
        process.send_signal(signal.SIGINT)
    with tutor(own_home, online(server.url)) as professor:
        last = log_of(professor)[-1]
        assert last.state == "partial"
        assert "A long explanation that stalls".startswith(last.message.content)
        assert answer(tell(professor, "Go on.")) == "Where were we?"
    assert_valid_json(server.requests[-1].body)


def test_an_interrupt_while_tools_run_records_them_as_cancelled(own_home, chat_server):
    (own_home / "tools").mkdir(parents=True)
    (own_home / "tools" / "slow.py").write_text(
        "from threading import Event\n\nfrom officehours import tool\n\n\n@tool\ndef slow(what: str) -> str:\n"
        '    """Take for ever.\n\n    Args:\n        what: Anything.\n    """\n    Event().wait()\n    return what\n',
        encoding="utf-8",
    )
    say_yes(own_home / "tools")
    both = [Call("slow", json.dumps({"what": what})) for what in ("one", "two")]
    server = chat_server([calls(*both)], then=say("Never mind."))
    with start(own_home, server.url, "Try the slow tool.") as process:
        wait_for(process, "tool_started")
        process.send_signal(signal.SIGINT)
    with tutor(own_home, online(server.url)) as professor:
        results = [(m.state, m.message.name) for m in log_of(professor) if m.message.role == "tool"]
        assert results == [("cancelled", "slow")] * 2
        assert answer(tell(professor, "Leave it.")) == "Never mind."
    assert_valid_json(server.requests[-1].body)


def test_an_overflow_folds_once_retries_once_and_then_fails_clearly(own_home, chat_server):
    def reply(body):
        users = sum(m["role"] == "user" for m in body["messages"])
        return overflow("vllm") if users > limit else say(f"answer {users}")

    limit = 12
    server = chat_server(reply)
    with tutor(own_home, online(server.url)) as professor:
        for number in range(12):
            answer(tell(professor, f"question {number} " + "word " * 200))
        before = len(server.requests)
        events = tell(professor, "one too many " + "word " * 200)
        assert [e.type for e in events].count("compacted") == 1
        assert answer(events).startswith("answer")
        chats = [r for r in server.requests[before:] if r.body.get("tools")]
        assert len(chats) == 2
        limit = 0
        before = len(server.requests)
        failed = tell(professor, "and now nothing fits")[-1]
        assert isinstance(failed, TurnFailed)
        chats = [r for r in server.requests[before:] if r.body.get("tools")]
        assert len(chats) == 2
        assert len(spoken(professor)) == 14
        limit = 12
        assert answer(tell(professor, "better?")).startswith("answer")
    assert_valid_json(server.requests[-1].body)
    assert json.loads(server.requests[-1].raw)["messages"][1]["content"].startswith("<earlier>")
