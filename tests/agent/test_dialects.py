from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from chat_server import Call, ChatServer, Reply, calls, refuse, rough_tokens, say
from officehours.agent.assemble import open_tutor
from officehours.agent.events import Notice, TurnFailed
from officehours.memory.erasure import Eraser
from strict_server import ALWAYS, RULES, Strict, unpaired
from tutors import answer, online, settings_for, tutor
from tutors import say as tell

Serve = Callable[..., ChatServer]
THOUGHT = "먼저 계산해 보자. 비밀 암호는 라일락."


def rule(name: str) -> Any:
    (found,) = [(r, r.words[0]) for r in RULES if r.name == name]
    return found


def thinking(body: dict[str, Any]) -> Reply:
    """A model that thinks, calculates what was asked, and then answers."""
    if body["messages"][-1]["role"] == "tool":
        return say("6이에요.")
    return calls(Call("calculate", '{"expression": "2*3"}', id="call_77|x"), reasoning=THOUGHT)


class Thinking(Strict):
    """Strict, and thinking."""

    def __call__(self, body: dict[str, Any]) -> Reply:
        self.reply = thinking(body)
        return super().__call__(body)


def test_a_thought_beside_a_call_goes_back_unchanged_now_later_and_after_a_restart(
    own_home, chat_server
) -> None:
    strict = Thinking([rule("thoughts-beside-calls")])
    server = chat_server(strict)
    with tutor(own_home, online(server.url)) as professor:
        assert answer(tell(professor, "2*3은?")) == "6이에요."
        assert answer(tell(professor, "다시 2*3은?")) == "6이에요."
    with tutor(own_home, online(server.url)) as professor:
        assert answer(tell(professor, "또 2*3은?")) == "6이에요."

    thoughts = [m["reasoning_content"] for m in strict.taken[-1]["messages"] if m.get("tool_calls")]
    assert thoughts == [THOUGHT] * 3
    assert strict.refused == 0
    assert server.requests[1].raw.startswith(server.requests[0].raw.removesuffix(b"]}"))


def test_a_call_that_nobody_thought_of_gets_a_filler_once_the_server_asks_for_one(
    own_home, chat_server
) -> None:
    """The program's own search before the first reply, and what another server's model called."""
    other = chat_server(thinking)
    strict = Thinking([rule("thoughts-beside-calls")])
    server = chat_server(strict)
    with tutor(own_home, online(other.url)) as professor:
        tell(professor, "2*3은?")
    with tutor(own_home, online(server.url)) as professor:
        assert answer(tell(professor, "다시 2*3은?")) == "6이에요."
        refused = strict.refused
        assert answer(tell(professor, "또 2*3은?")) == "6이에요."

    assert refused == strict.refused <= 3
    assert THOUGHT in json.dumps(other.requests[-1].body, ensure_ascii=False)
    first, *later = [m["reasoning_content"] for m in strict.taken[-1]["messages"] if m.get("tool_calls")]
    assert THOUGHT not in first, "a thought was told to another server"
    assert later == [THOUGHT] * 2


@pytest.mark.parametrize(
    "names",
    [("nine-letters",), ("short-ids", "in-turns"), ("plain-ids",), ("ids-that-begin", "named-results")],
)
def test_a_conversation_goes_on_at_a_server_with_another_form_of_ids(own_home, chat_server, names) -> None:
    first = chat_server(thinking)
    strict = Thinking([*map(rule, names), *((r, r.words[0]) for r in ALWAYS)])
    second = chat_server(strict)
    with tutor(own_home, online(first.url)) as professor:
        tell(professor, "2*3은?")
        tell(professor, "다시 2*3은?")
    with tutor(own_home, online(second.url)) as professor:
        assert answer(tell(professor, "또 2*3은?")) == "6이에요."
    with tutor(own_home, online(first.url)) as professor:
        assert answer(tell(professor, "마지막으로 2*3은?")) == "6이에요."

    assert not unpaired(first.requests[-1].body)
    ids = [c["id"] for m in first.requests[-1].body["messages"] for c in m.get("tool_calls", ())]
    assert ids[0] == "call_77|x", "the store was rewritten"


@pytest.mark.parametrize(
    "name",
    [
        "content-not-null",
        "no-system",
        "no-thoughts",
        "no-tools",
    ],
)
def test_what_one_process_learned_another_knows(own_home, chat_server, name) -> None:
    chosen = next(r for r in RULES if r.name == name)
    strict = Thinking([(chosen, chosen.words[-1])])
    server = chat_server(strict)
    with tutor(own_home, online(server.url)) as professor:
        assert not isinstance(tell(professor, "2*3은?")[-1], TurnFailed)
    refused = strict.refused
    with tutor(own_home, online(server.url)) as professor:
        assert not isinstance(tell(professor, "다시 2*3은?")[-1], TurnFailed)

    assert 1 <= refused == strict.refused


def test_a_model_that_the_settings_name_keeps_its_dialect_in_the_home(own_home, chat_server) -> None:
    server = chat_server(lambda _: say("네."), refused=["stream_options", "max_tokens"])
    for _ in range(2):
        with open_tutor(settings_for(own_home, base_url=server.url, model="test-model")) as professor:
            assert answer(tell(professor, "안녕하세요")) == "네."

    assert len(server.requests) == 4
    kept = json.loads((own_home / "dialects.json").read_text(encoding="utf-8"))
    assert [(entry["usage_option"], entry["limit_field"]) for entry in kept.values()] == [
        (False, "max_completion_tokens")
    ]


def test_after_a_refusal_that_nothing_helps_against_the_next_turn_goes_through(own_home, chat_server) -> None:
    server = chat_server((), then=refuse(400, "The prompt triggered the content filter."))
    with tutor(own_home, online(server.url)) as professor:
        assert isinstance(tell(professor, "나쁜 말")[-1], TurnFailed)
        server.then = say("네.")
        assert answer(tell(professor, "좋은 말")) == "네."


def test_a_message_that_a_filter_refuses_does_not_take_the_conversation_with_it(
    own_home, chat_server
) -> None:
    def filtered(body: dict[str, Any]) -> Reply:
        if "나쁜 말" in json.dumps(body["messages"], ensure_ascii=False):
            return refuse(
                400, "The response was filtered due to the prompt triggering the content management policy."
            )
        return say("네.")

    server = chat_server(filtered)
    with tutor(own_home, online(server.url)) as professor:
        assert answer(tell(professor, "안녕하세요")) == "네."
        assert isinstance(tell(professor, "나쁜 말")[-1], TurnFailed)
        assert answer(tell(professor, "좋은 말")) == "네."
        asked = len(server.requests)
        assert answer(tell(professor, "더 좋은 말")) == "네."
        assert len(server.requests) == asked + 1
        sent = [m["content"] for m in server.requests[-1].body["messages"] if m["role"] == "user"]
        assert ["좋은 말" in content for content in sent] == [True, True]
    with tutor(own_home, online(server.url)) as professor:
        assert answer(tell(professor, "다시 왔어요")) == "네."
    assert not (own_home / "dialects.json").exists()


def test_a_first_message_too_long_for_the_window_is_shown_by_its_ends(own_home, chat_server) -> None:
    def served(body: dict[str, Any]) -> Reply:
        asked = rough_tokens(json.dumps(body, ensure_ascii=False))
        return (
            refuse(400, f"Input is {asked} tokens, the limit is 8192 tokens") if asked > 8192 else say("네.")
        )

    server = chat_server(served)
    with tutor(own_home, online(server.url)) as professor:
        assert answer(tell(professor, "What does this mean? " + "It is a long story. " * 4_000)) == "네."


# One that names the window and one that does not; chat_completions/test_overflow.py has all the words.
OVERFLOWS = [
    "The number of tokens to keep from the initial prompt is greater than the context length",
    "prompt is too long: {asked} tokens > 8192 maximum",
]


@pytest.mark.parametrize("words", OVERFLOWS)
def test_an_overflow_in_any_words_folds_and_is_sent_once_more(own_home, chat_server, words) -> None:
    def served(body: dict[str, Any]) -> Reply:
        asked = rough_tokens(json.dumps(body, ensure_ascii=False))
        if asked > 8192:
            return refuse(400, words.format(asked=asked))
        return say("It is a long story. " * 180)

    server = chat_server(served)
    with tutor(own_home, online(server.url)) as professor:
        for number in range(12):
            events = tell(professor, f"Question {number}: " + "why is that so? " * 180)
            assert not isinstance(events[-1], TurnFailed), events[-1]
            if any(isinstance(e, Notice) and e.kind == "overflow" for e in events):
                break
        else:
            raise AssertionError("nothing was too long")
        if "8192" in words:
            assert professor.state.model.profile.window == 8192
    with tutor(own_home, online(server.url)) as professor:
        if "8192" in words:
            assert professor.state.model.profile.window == 8192, "another process does not know the window"
        assert not isinstance(tell(professor, "And now?")[-1], TurnFailed)


def test_thoughts_go_with_whatever_is_forgotten(own_home: Path, chat_server) -> None:
    server = chat_server(thinking)
    with tutor(own_home, online(server.url)) as professor:
        tell(professor, "제 비밀 암호는 라일락이에요. 2*3은?")
        runtime = professor.state.runtime
        asked = professor.state.conversation.log[0]
        database = own_home / "officehours.db"
        with closing(sqlite3.connect(database)) as connection:
            (kept,) = connection.execute("SELECT count(*) FROM messages WHERE extras IS NOT NULL").fetchone()
        assert kept == 1
        Eraser(runtime.db, runtime.student, own_home, runtime.index).forget(f"m{asked.id}")
        with closing(sqlite3.connect(database)) as connection:
            (kept,) = connection.execute("SELECT count(*) FROM messages WHERE extras IS NOT NULL").fetchone()
        assert kept == 0
