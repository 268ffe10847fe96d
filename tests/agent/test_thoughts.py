"""A model's thoughts are no part of what a person reads, of what is stored, or of what is sent again."""

from __future__ import annotations

from pathlib import Path

import pytest

from chat_server import ChatServer, say
from officehours.agent.events import TextDelta, TextRetracted
from tutors import answer, log_of, online, streamed, tutor
from tutors import say as ask

THOUGHT = "The student wants a greeting. I should keep it short."


@pytest.mark.parametrize(
    "text",
    [
        f"<think>{THOUGHT}</think>\nHello, Mina.",
        f"[THINK]{THOUGHT}[/THINK]Hello, Mina.",
        f"{THOUGHT}\n</think>\n\nHello, Mina.",
        f"{THOUGHT}</seed:think>Hello, Mina.",
        f"<|channel|>analysis<|message|>{THOUGHT}<|end|><|start|>assistant<|channel|>final<|message|>Hello, Mina.",
    ],
)
def test_a_thought_is_neither_stored_nor_sent_again(tmp_path: Path, text: str) -> None:
    with ChatServer([say(text), say("Yes.")]) as server, tutor(tmp_path, online(server.url)) as agent:
        events = ask(agent, "hello")
        ask(agent, "Are you there?")
        stored = [m.message.content for m in log_of(agent)]
        sent = server.requests[-1].raw.decode()

    assert answer(events) == "Hello, Mina."
    assert "Hello, Mina." in stored
    assert THOUGHT not in " ".join(stored) + sent
    taken_back = [n for n, event in enumerate(events) if isinstance(event, TextRetracted)]
    shown = events[taken_back[-1] :] if taken_back else events
    assert streamed(shown) == "Hello, Mina."


def test_a_reply_that_breaks_off_after_a_thought_keeps_only_speech(tmp_path: Path) -> None:
    reply = say([THOUGHT, "\n</think>\n\n", "Hello, ", "Mina."], cut=4)

    with ChatServer([reply]) as server, tutor(tmp_path, online(server.url)) as agent:
        events = ask(agent, "hello")
        stored = [m.message.content for m in log_of(agent)]

    assert any(isinstance(event, TextDelta) for event in events)
    assert THOUGHT not in " ".join(stored)
    assert "Hello," in " ".join(stored)
