"""What a server may send at most, and how long it may take: nothing of it ends a turn in anything but words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chat_server import Call, ChatServer, Reply, calls, rate_limited, say
from officehours.agent.events import TextDelta, TurnFailed, TurnFinished
from officehours.agent.model import CallBroken, CallReady, Finished
from officehours.agent.models.chat_completions.reading import reply as reply_reading
from officehours.agent.models.chat_completions.reading import sse, watchdog
from officehours.agent.models.chat_completions.reading.reply import REPLY_CALLS, REPLY_CHARS
from officehours.agent.models.chat_completions.reading.text_calls import CallReader
from officehours.memory.errors import BadReply, ProviderError
from replies import (
    ADD,
    ASKED,
    HEARTBEAT,
    ONE,
    TOOLS,
    Forever,
    called,
    delta,
    events,
    forever,
    heard,
    line,
    model_at,
    piece,
    text_of,
)
from tutors import limits, log_of, online, tutor
from tutors import say as ask

Serve = Callable[..., ChatServer]

LONG = line(delta("word " * 200))


def test_a_reply_without_end_is_broken_off_and_what_came_is_kept(chat_server: Serve) -> None:
    server = chat_server([forever(then=LONG)])
    seen: list[Any] = []

    with pytest.raises(BadReply, match="did not come to an end") as caught:
        seen.extend(model_at(server).stream(ASKED))

    assert 0 < len(text_of(seen)) <= REPLY_CHARS
    assert "끝내지 않아" in caught.value.ko
    assert server.left.wait(10)


ENDLESS = {
    "a thought": Forever(line(delta("<think>")), then=LONG),
    "a thought beside the text": Forever(then=line(delta(reasoning_content="hm " * 300))),
    "comments": Forever(then="\n: " + "still here " * 50),
    "one event": Forever(then="\n" + "x" * 500),
    "arguments": Forever(line(called(piece("calculate", "{", index=0))), then=line(called(piece(None, "1" * 500, index=0)))),
    "calls": Forever(then=line(called(*[piece("calculate", ADD, id=str(n)) for n in range(9)]))),
    "empty events": Forever(then=line(delta(""))),
}  # fmt: skip


@pytest.mark.parametrize("stream", ENDLESS.values(), ids=ENDLESS)
def test_bytes_are_bounded_whatever_they_are(
    chat_server: Serve, stream: Forever, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sse, "STREAM_BYTES", 300_000)
    server = chat_server([Reply(events=stream)] * 3)  # type: ignore[arg-type]

    with pytest.raises(BadReply, match="did not come to an end"):
        heard(model_at(server))

    assert server.left.wait(10)


def test_one_event_is_bounded(chat_server: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "EVENT_BYTES", 100_000)
    body = "data: " + line(delta("x" * 300_000))

    with pytest.raises(BadReply, match="did not come to an end"):
        heard(model_at(chat_server([Reply(body=body, content_type="text/event-stream")])))


def test_no_more_of_an_error_is_read_than_is_sensible(
    chat_server: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = json.dumps({"pad": "x" * 5000, "error": {"message": "behind the bound"}})
    refusal = Reply(status=400, body=body)
    with pytest.raises(ProviderError, match="behind the bound"):
        heard(model_at(chat_server(lambda _body: refusal)))

    monkeypatch.setattr(watchdog, "ERROR_BYTES", 1000)
    monkeypatch.setattr(watchdog.bound, "__defaults__", (1000,))
    with pytest.raises(ProviderError) as caught:
        heard(model_at(chat_server(lambda _body: refusal)))
    assert "behind the bound" not in caught.value.en


def test_an_error_that_drips_is_given_up(chat_server: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "ERROR_SECONDS", 0.1)
    slow = Reply(status=500, body="short", headers={"Content-Length": "99"})

    with pytest.raises(ProviderError):
        heard(model_at(chat_server([slow] * 3)))


def test_of_many_calls_in_one_reply_so_many_are_made_and_the_model_is_told(chat_server: Serve) -> None:
    many = [piece("calculate", json.dumps({"expression": str(n)}), index=n, id=f"c{n}") for n in range(5000)]

    *made, broken, finished = heard(model_at(chat_server([events(called(*many), finish="tool_calls")])))

    assert len(made) == REPLY_CALLS
    assert all(isinstance(chunk, CallReady) for chunk in made)
    assert isinstance(broken, CallBroken)
    assert str(REPLY_CALLS) in broken.why
    assert isinstance(finished, Finished)


def test_written_calls_are_counted_too(chat_server: Serve) -> None:
    written = '<tool_call>{"name": "calculate", "arguments": {"expression": "1"}}</tool_call>\n'

    chunks = heard(model_at(chat_server([say(written * 300, piece=500)])))

    assert sum(isinstance(chunk, CallReady) for chunk in chunks) == REPLY_CALLS


DEEP = '{"expression": ' * 500 + "1" + "}" * 500
HUGE = json.dumps({"expression": "1" * 300_000})


BEYOND_READING = [DEEP, json.loads(DEEP), HUGE, "[" * 3000, '{"expression": 1e999}', '{"expression": ' + "9" * 5000 + "}"]  # fmt: skip


def test_arguments_beyond_reading_are_a_failed_call_and_the_turn_goes_on(tmp_path: Path) -> None:
    asks = [
        events(called(piece("calculate", arguments, index=0, id=f"c{n}")), finish="tool_calls")
        for n, arguments in enumerate(BEYOND_READING)
    ]
    replies = [reply for asked in asks for reply in (asked, say("Done."))]

    with ChatServer(replies) as server, tutor(tmp_path, online(server.url)) as agent:
        for arguments in BEYOND_READING:
            *_, last = ask(agent, "What is 1+1?")
            assert isinstance(last, TurnFinished), (str(arguments)[:40], last)
            assert last.answer == "Done.", str(arguments)[:40]


COUNTS = [
    "1e999",
    "-1e999",
    "NaN",
    "Infinity",
    "-5",
    '"12"',
    '"many"',
    "9" * 400,
    "null",
    "true",
    "[]",
    "1.5",
    "{}",
]


def counted(count: str) -> Reply:
    usage = f'{{"choices": [], "usage": {{"prompt_tokens": {count}, "completion_tokens": {count}, "total_tokens": {count}, "prompt_tokens_details": {{"cached_tokens": {count}}}}}}}'

    return events(delta("Hello."), usage)


def test_a_count_of_tokens_that_cannot_be_one_costs_no_reply(tmp_path: Path) -> None:
    with ChatServer([*map(counted, COUNTS)]) as server, tutor(tmp_path, online(server.url)) as agent:
        for count in COUNTS:
            *_, last = ask(agent, "hello")
            assert isinstance(last, TurnFinished), (count, last)
            assert last.answer == "Hello.", count
            assert 0 <= last.bill.input_tokens < 1_000_000_000, count


DRIPS = {
    "words": forever(ONE, then=line(delta("또")), pause=0.02),
    "comments": forever(ONE, then=HEARTBEAT, pause=0.02),
    "empty events": forever(ONE, then=line(delta("")), pause=0.02),
    "a thought": forever(ONE, then=line(delta(reasoning_content="hm")), pause=0.02),
    "silence": Reply(events=(ONE, "never"), stall=1),
}


@pytest.mark.parametrize("reply", DRIPS.values(), ids=DRIPS)
def test_the_limit_of_seconds_holds_inside_a_reply(tmp_path: Path, reply: Reply) -> None:
    with (
        ChatServer([reply, say("다시.")]) as server,
        tutor(tmp_path, online(server.url), limits=limits(seconds=0.5)) as agent,
    ):
        happened = ask(agent, "hello")
        last = happened[-1]
        assert isinstance(last, TurnFinished), last
        assert "limits.seconds" in last.answer
        assert last.answer.startswith("안녕")
        assert "".join(e.text for e in happened if isinstance(e, TextDelta)) == last.answer
        assert log_of(agent)[-1].message.content == last.answer
        assert server.left.wait(10)


def test_the_limit_of_seconds_holds_before_the_first_word(tmp_path: Path) -> None:
    with (
        ChatServer([Reply(delay=60)]) as server,
        tutor(tmp_path, online(server.url), limits=limits(seconds=0.3)) as agent,
    ):
        *_, last = ask(agent, "hello")

    assert isinstance(last, TurnFinished), last
    assert "limits.seconds" in last.answer


def test_a_wait_that_would_pass_the_limit_is_not_begun(tmp_path: Path) -> None:
    with (
        ChatServer([rate_limited("20"), say("never")]) as server,
        tutor(tmp_path, online(server.url), limits=limits(seconds=5)) as agent,
    ):
        *_, last = ask(agent, "hello")
        assert server.used == 1

    assert isinstance(last, TurnFailed)
    assert "20 s" in last.error.en


def test_a_long_open_call_is_not_looked_at_with_every_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []
    decide = CallReader._decide  # pyright: ignore[reportPrivateUsage]

    def counted(self: CallReader, **how: Any) -> Any:
        looks.append(1)
        return decide(self, **how)

    monkeypatch.setattr(CallReader, "_decide", counted)
    reader = CallReader(TOOLS)
    for part in ['<tool_call>{"name": "calculate", "arguments": {"expression": "', *["123"] * 50_000]:
        list(reader.feed(part))

    assert len(looks) < 1000


def test_a_name_that_grows_without_end_is_bounded(chat_server: Serve) -> None:
    pieces = [called(piece(f"part{n}", index=0)) for n in range(500)]

    (broken, *_) = heard(model_at(chat_server([events(*pieces, finish="tool_calls")])))

    assert isinstance(broken, CallReady | CallBroken)
    assert len(broken.call.name) <= reply_reading.NAME_CHARS


def test_a_reply_of_calls_beside_the_limit_is_still_a_legal_history(tmp_path: Path) -> None:
    many = calls(*[Call("calculate", json.dumps({"expression": f"{n}+1"})) for n in range(100)])

    with ChatServer([many, say("Done.")]) as server, tutor(tmp_path, online(server.url)) as agent:
        ask(agent, "What is 1+1?")
        sent = server.requests[-1].body["messages"]

    asked = [call["id"] for message in sent for call in message.get("tool_calls") or ()]
    answered = [message["tool_call_id"] for message in sent if message["role"] == "tool"]
    assert asked == answered
    assert len(asked) <= REPLY_CALLS + 1
