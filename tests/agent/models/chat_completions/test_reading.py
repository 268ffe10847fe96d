"""Replies as servers really send them: however they are parted, wherever an error stands, whoever thinks aloud."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from chat_server import ChatServer, Reply, say
from officehours.agent.model import (
    CallReady,
    Finished,
    Retracted,
    TextDelta,
)
from officehours.memory.errors import (
    BadReply,
    OfficeHoursError,
    ProviderError,
    RateLimited,
    ServerUnreachable,
)
from replies import (
    ADD,
    APPEND,
    ASKED,
    HEARTBEAT,
    IN_KOREAN,
    ONE,
    Json,
    called,
    calls_of,
    delta,
    events,
    forever,
    heard,
    line,
    model_at,
    piece,
    pieces_of,
    text_of,
)

Serve = Callable[..., ChatServer]


TWO, END = line(delta("하세요")), line(delta(finish="stop"))
WHOLE = {
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "안녕하세요"}, "finish_reason": "stop"}
    ]
}
PARTED = {
    "the standard's way": f"data: {ONE}\n\ndata: {TWO}\n\ndata: {END}\n\ndata: [DONE]\n\n",
    "one newline": f"data: {ONE}\ndata: {TWO}\ndata: {END}\ndata: [DONE]\n",
    "CRLF": f"data: {ONE}\r\n\r\ndata: {TWO}\r\n\r\ndata: {END}\r\n\r\ndata: [DONE]\r\n\r\n",
    "CR": f"data: {ONE}\r\rdata: {TWO}\r\rdata: {END}\r\rdata: [DONE]\r\r",
    "no blank": f"data:{ONE}\n\ndata:{TWO}\n\ndata:{END}\n\ndata:[DONE]\n\n",
    "a byte order mark": f"\ufeffdata: {ONE}\n\ndata: {TWO}\n\ndata: {END}\n\n",
    "comments": f": hi\n\ndata: {ONE}\n\n: PROCESSING\n\n:\ndata: {TWO}\n\ndata: {END}\n\ndata: [DONE]\n\n",
    "empty data": f"data:\n\ndata: {ONE}\n\ndata: \n\ndata: {TWO}\n\ndata: {{}}\n\ndata: {END}\n\n",
    "pings": f'event: ping\ndata: {{"type": "ping"}}\n\ndata: {ONE}\n\nevent: ping\ndata: ping\n\ndata: {TWO}\n\ndata: {END}\n\n',
    "names and numbers": f"id: 1\nevent: message\nretry: 300\ndata: {ONE}\n\nid: 2\ndata: {TWO}\n\ndata: {END}\n\n",
    "no [DONE]": f"data: {ONE}\n\ndata: {TWO}\n\ndata: {END}\n\n",
    "no last newline": f"data: {ONE}\n\ndata: {TWO}\n\ndata: {END}",
    "[DONE] without a reason": f"data: {ONE}\n\ndata: {TWO}\n\ndata: [DONE]\n\n",
    "[DONE] in quotes": f'data: {ONE}\n\ndata: {TWO}\n\ndata: "[DONE]"\n\n',
    "a proxy's data: before it": f"data: data: {ONE}\n\ndata: data: {TWO}\n\ndata: data: {END}\n\n",
    "several lines of data": "".join(
        f"data: {part}\n" for part in json.dumps(WHOLE, indent=1, ensure_ascii=False).split("\n")
    )
    + "\n",
    "two documents in a line": f"data: {ONE}{TWO}\n\ndata: {END}\n\n",
    "lists": f"data: [{ONE}, {TWO}]\n\ndata: [{END}]\n\n",
    "JSON lines": f"{ONE}\n{TWO}\n{END}\n",
    "no stream": line(WHOLE),
    "no stream, laid out": json.dumps(WHOLE, indent=2, ensure_ascii=False),
    "no stream, in a list": f"[{line(WHOLE)}]",
    "words before it": f"warming the cache\ndata: {ONE}\n\ndata: {TWO}\n\ndata: {END}\n\n",
    "the whole message at the end": f"data: {ONE}\n\ndata: {TWO}\n\ndata: {line(WHOLE)}\n\ndata: [DONE]\n\n",
    "a second choice": f"data: {ONE}\n\n"
    'data: {"choices": [{"index": 1, "delta": {"content": "다른 답"}}]}\n\n'
    f"data: {TWO}\n\ndata: {END}\n\n",
    "a reason with every piece": "".join(
        f"data: {line(delta(part, finish='stop'))}\n\n" for part in ("안녕", "하", "세요")
    ),
    "a reason that is none": f"data: {line(delta('안녕', finish='null'))}\n\ndata: {TWO}\n\ndata: {END}\n\n",
    "an error after the end": f"data: {ONE}\n\ndata: {TWO}\n\ndata: {END}\n\n"
    'data: {"error": "the usage is lost"}\n\ndata: {brok\n\ndata: [DONE]\n\n',
    "null deltas": 'data: {"choices": [{"index": 0, "delta": null}]}\n\n'
    f"data: {ONE}\n\ndata: {TWO}\n\ndata: null\n\ndata: {END}\n\n",
}


@pytest.mark.parametrize("kind", ["text/event-stream", "application/json", "text/plain; charset=utf-8"])
@pytest.mark.parametrize("body", PARTED.values(), ids=PARTED)
def test_a_reply_is_read_however_its_events_are_parted(chat_server: Serve, body: str, kind: str) -> None:
    chunks = heard(model_at(chat_server([Reply(body=body, content_type=kind)])))

    assert text_of(chunks) == "안녕하세요"
    assert isinstance(chunks[-1], Finished)


THOUGHT = "Let me see, the student greets me."
FAMILIES = {
    "<think>": f"<think>\n{THOUGHT}\n</think>\n\n",
    "<thinking>": f"<thinking>{THOUGHT}</thinking>",
    "<Thought>": f"<Thought>{THOUGHT}</Thought>\n",
    "<reasoning>": f"<reasoning>{THOUGHT}</reasoning>\n",
    "<seed:think>": f"<seed:think>{THOUGHT}</seed:think>",
    "<mm:think>": f"<mm:think>{THOUGHT}</mm:think>",
    "[THINK]": f"[THINK]{THOUGHT}[/THINK]",
    "◁think▷": f"◁think▷{THOUGHT}◁/think▷",
    "<|begin_of_thought|>": f"<|begin_of_thought|>{THOUGHT}<|end_of_thought|>\n\n<|begin_of_solution|>",
    "<|START_THINKING|>": f"<|START_THINKING|>{THOUGHT}<|END_THINKING|><|START_RESPONSE|>",
    "gpt-oss": f"<|channel|>analysis<|message|>{THOUGHT}<|end|><|start|>assistant<|channel|>final<|message|>",
    "gpt-oss from its start": f"<|start|>assistant<|channel|>analysis<|message|>{THOUGHT}<|end|><|start|>assistant"
    "<|channel|>final<|message|>",
    "gpt-oss without an end": f"<|channel|>analysis<|message|>{THOUGHT}<|channel|>final<|message|>",
    "gpt-oss without marks": f"analysis{THOUGHT}assistantfinal",
    "two": f"<think>{THOUGHT}</think>\n<think>And again: {THOUGHT}</think>\n",
    "empty": "<think>\n\n</think>\n\n",
    "blank before": f"\n\n <think>{THOUGHT}</think>\n",
    "a closing mark at once": "</think>\n\n",
}


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize("written", FAMILIES.values(), ids=FAMILIES)
def test_thoughts_of_every_family_are_not_shown(chat_server: Serve, written: str, size: int) -> None:
    chunks = heard(model_at(chat_server([say(pieces_of(f"{written}Hello, Mina.", size))])))

    assert text_of(chunks) == "Hello, Mina."
    assert not any(isinstance(chunk, Retracted) for chunk in chunks)


ENDS = [
    "\n</think>\n\n",
    "</think>",
    "</thinking>\n",
    "[/THINK]",
    "◁/think▷",
    "</seed:think>",
    "</reasoning>\n",
]


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize("end", ENDS)
def test_a_thought_of_which_only_the_end_is_marked_is_taken_back_once_and_then_held_back(
    chat_server: Serve, end: str, size: int
) -> None:
    reply = say(pieces_of(f"{THOUGHT}{end}Hello, Mina.", size))
    model = model_at(chat_server([reply, reply, say("Plain.")]))

    first, second, third = heard(model), heard(model), heard(model)

    assert [text_of(chunks) for chunks in (first, second, third)] == [
        "Hello, Mina.",
        "Hello, Mina.",
        "Plain.",
    ]
    assert not any(isinstance(chunk, Retracted) for chunk in (*second, *third))
    assert THOUGHT[:5] not in "".join(c.text for c in second if isinstance(c, TextDelta))


@pytest.mark.parametrize("end", ENDS)
def test_it_is_never_shown_where_the_model_s_name_or_its_letters_give_it_away(
    chat_server: Serve, end: str
) -> None:
    server = chat_server([say(f"{THOUGHT}{end}안녕, 미나.")] * 2)

    for model, request in (
        (model_at(server, "qwen3-4b-thinking-2507"), ASKED),
        (model_at(server), IN_KOREAN),
    ):
        chunks = heard(model, request)
        assert "".join(c.text for c in chunks if isinstance(c, TextDelta)) == "안녕, 미나."
        assert not any(isinstance(chunk, Retracted) for chunk in chunks)


LITERAL = {
    "in code": "The tag `<think>` opens a thought and `</think>` closes it.",
    "in a fence": "```xml\n<think>\nFirst I add the two numbers.\n</think>\n```\nThat is all.",
    "in a fence of tildes": "~~~\n</think>\n~~~\nThat is all.",
    "a closing tag in a sentence": "The </think> tag closes a thought.",
    "in a Korean sentence": "모델은 <think>와 </think> 사이에 생각을 적습니다.",
    "two in a sentence": "Models write <think> first and </think> last, and then they answer.",
    "a line of it": "Look:\n<think>\nis what opens one, and nothing here closes it.",
    "brackets": "See [1], [a12], [think again](x), a < b, x<y>, <b>bold</b> and ◁.",
    "a beginning": "a <thi",
    "the word": "analysis of variance compares means.",
    "Analysis": "Analysis: the mean is 3.",
    "a channel in code": "gpt-oss writes `<|channel|>analysis<|message|>` before it thinks.",
}


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize("text", LITERAL.values(), ids=LITERAL)
def test_words_about_the_marks_are_speech(chat_server: Serve, text: str, size: int) -> None:
    chunks = heard(model_at(chat_server([say(pieces_of(text, size))])))

    assert text_of(chunks) == text
    assert not any(isinstance(chunk, Retracted) for chunk in chunks)


def test_a_second_thought_in_the_middle_of_an_answer_is_not_shown(chat_server: Serve) -> None:
    text = "Sure.\n<think>Is that right? Let me check it again.</think>\nYes, it is."

    assert text_of(heard(model_at(chat_server([say(pieces_of(text, 4))])))) == "Sure.\n\nYes, it is."


BESIDE = {
    "reasoning_content": delta(reasoning_content=THOUGHT),
    "reasoning": delta(reasoning=THOUGHT),
    "thinking": delta(thinking=THOUGHT),
    "details": delta(reasoning_details=[{"type": "reasoning.text", "text": THOUGHT}]),
    "a part": delta([{"type": "thinking", "thinking": [{"type": "text", "text": THOUGHT}]}]),
    "a part with text": delta([{"type": "reasoning", "text": THOUGHT}]),
    "a part marked so": delta([{"text": THOUGHT, "thought": True}]),
}


@pytest.mark.parametrize("thought", BESIDE.values(), ids=BESIDE)
@pytest.mark.parametrize(
    "said",
    ["Hello.", [{"type": "text", "text": "Hel"}, {"text": "lo."}], {"type": "output_text", "text": "Hello."}],
    ids=["text", "parts", "a part"],
)
def test_thoughts_beside_the_text_are_not_shown_and_parts_are_put_together(
    chat_server: Serve, thought: Json, said: Any
) -> None:
    model = model_at(chat_server([events(thought, delta(said))]), "deepseek-r1")

    assert text_of(heard(model)) == "Hello."


WRITTEN = '<tool_call>{"name": "calculate", "arguments": {"expression": "1+1"}}</tool_call>'
SUM = ("calculate", {"expression": "1+1"})


@pytest.mark.parametrize(
    "reply",
    [
        say(f"<think>I should add. {WRITTEN}"),
        say(f"[THINK]I should add. {WRITTEN}"),
        say(f"<|channel|>analysis<|message|>I should add. {WRITTEN}"),
        say(
            "<|channel|>analysis<|message|>I should add.<|end|><|start|>assistant<|channel|>commentary "
            'to=functions.calculate <|constrain|>json<|message|>{"expression": "1+1"}<|call|>'
        ),
        say('<|channel|>commentary to=functions.calculate<|message|>{"expression": "1+1"}'),
        say("", reasoning=f"I should add. {WRITTEN}"),
    ],
    ids=["think", "THINK", "gpt-oss", "a channel", "a channel without end", "beside the text"],
)
def test_a_call_in_a_thought_that_never_ends_runs(chat_server: Serve, reply: Reply) -> None:
    chunks = heard(model_at(chat_server([reply])))

    assert calls_of(chunks) == [SUM]
    assert text_of(chunks) == ""


BOTH = [SUM, ("core_memory_append", {"label": "student", "content": "Mina"})]
TWICE = [SUM, ("calculate", {"expression": "2+2"})]
CALLS: dict[str, tuple[list[Json], list[Any]]] = {
    "all index 0, no ids": (
        [called(piece("calculate", ADD, index=0, id="")), called(piece("core_memory_append", APPEND, index=0, id=""))],
        BOTH,
    ),
    "all index 0 in one event": (
        [called(piece("calculate", ADD, index=0), piece("core_memory_append", APPEND, index=0))],
        BOTH,
    ),
    "no index, no id, one event": ([called(piece("calculate", ADD), piece("core_memory_append", APPEND))], BOTH),
    "no index, no id, two events": ([called(piece("calculate", ADD)), called(piece("core_memory_append", APPEND))], BOTH),
    "the same tool twice": (
        [called(piece("calculate", ADD, index=0)), called(piece("calculate", '{"expression": "2+2"}', index=0))],
        TWICE,
    ),
    "the same id twice": (
        [
            called(piece("calculate", ADD, index=0, id="c")),
            called(piece("calculate", '{"expression": "2+2"}', index=0, id="c")),
        ],
        TWICE,
    ),
    "objects one after the other": ([called(piece("calculate", ADD + '{"expression": "2+2"}', index=0))], TWICE),
    "objects in pieces without names": (
        [
            called(piece("calculate", "", index=0)),
            called(piece(None, ADD, index=0)),
            called(piece(None, '{"expression": "2+2"}', index=0)),
        ],
        TWICE,
    ),
    "an object, not text": ([called(piece("calculate", {"expression": "1+1"}, index=0))], [SUM]),
    "under other names": ([called({"name": "calculate", "parameters": {"expression": "1+1"}})], [SUM]),
    "function_call": (
        [delta(function_call={"name": "calculate", "arguments": ""}), delta(function_call={"arguments": ADD})],
        [SUM],
    ),
    "name and id with every piece": (
        [called(piece("calculate", part, index=0, id="c")) for part in pieces_of(ADD, 5)],
        [SUM],
    ),
    "a new id with every piece": (
        [called(piece("calculate" if not n else None, part, index=0, id=f"c{n}")) for n, part in enumerate(pieces_of(ADD, 5))],
        [SUM],
    ),
    "all that came with every piece": (
        [called(piece("calculate", ADD[: n + 4], index=0)) for n in range(0, len(ADD), 4)],
        [SUM],
    ),
    "the name in pieces": (
        [called(piece("calc", index=0)), called(piece("ulate", index=0)), called(piece(None, ADD, index=0))],
        [SUM],
    ),
    "an index as text": (
        [called(piece("calculate", "", index="0")), called(piece("core_memory_append", "", index="1")), called(piece(None, ADD, index="0")), called(piece(None, APPEND, index="1"))],
        BOTH,
    ),
    "repeated whole at the end": (
        [called(piece("calculate", part if n else "", index=0, id="c")) for n, part in enumerate(["", *pieces_of(ADD, 5)])]
        + [called(piece("calculate", ADD, index=0, id="c"))],
        [SUM],
    ),
    "repeated in a message at the end": (
        [called(piece("calculate", ADD, index=0, id="c")), {"choices": [{"index": 0, "message": {"content": None, "tool_calls": [piece("calculate", ADD, id="x")]}}]}],
        [SUM],
    ),
    "in turns": (
        [called(piece("calculate", "", index=0, id="a")), called(piece("core_memory_append", "", index=1, id="b")), called(piece(None, ADD[:6], index=0)), called(piece(None, APPEND[:6], index=1)), called(piece(None, ADD[6:], index=0)), called(piece(None, APPEND[6:], index=1))],
        BOTH,
    ),
    "no arguments": ([called(piece("calculate", index=0, id="a")), called(piece("core_memory_append", APPEND, index=1))], [("calculate", {}), BOTH[1]]),
    "one call, not a list": ([delta(tool_calls=piece("calculate", ADD))], [SUM]),
}  # fmt: skip


@pytest.mark.parametrize(("deltas", "expected"), CALLS.values(), ids=CALLS)
def test_calls_are_told_apart_however_they_come(
    chat_server: Serve, deltas: list[Json], expected: list[Any]
) -> None:
    chunks = heard(model_at(chat_server([events(*deltas, finish="tool_calls")])))

    assert calls_of(chunks) == expected
    ids = [chunk.call.id for chunk in chunks if isinstance(chunk, CallReady)]
    assert len(set(ids)) == len(ids)
    assert all(ids)


SAID = "The graphics card is out of memory"
ERRORS: dict[str, str] = {
    "top level": line({"error": {"message": SAID, "code": 500}}),
    "a text": line({"error": SAID}),
    "a type": line({"type": "error", "error": {"type": "api_error", "message": SAID}}),
    "a type without error": line({"type": "error", "message": SAID}),
    "vLLM's object": line({"object": "error", "message": SAID, "code": 500}),
    "in a choice": line({"choices": [{"index": 0, "delta": {}, "error": {"message": SAID}, "finish_reason": "error"}]}),
    "in a choice as text": line({"choices": [{"index": 0, "delta": {}, "error": SAID}]}),
    "the reason": line({"error": {"message": SAID}, "choices": [{"delta": {}, "finish_reason": "error"}]}),
    "detail": line({"detail": SAID}),
    "details": line({"detail": [{"loc": ["body"], "msg": SAID, "type": "value_error"}]}),
    "message": line({"message": SAID}),
    "errors": line({"errors": [{"message": SAID}]}),
    "in a list": line([{"error": {"code": 500, "message": SAID, "status": "INTERNAL"}}]),  # type: ignore[arg-type]
    "JSON in it": line({"error": {"message": line({"error": {"message": SAID}})}}),
    "a router's": line({"error": {"message": "Provider error", "metadata": {"raw": line({"error": {"message": SAID}})}}}),
    "Python in it": line({"error": {"message": f"Error code: 500 - {{'error': {{'message': '{SAID}'}}}}"}}),
    "MiniMax's": line({"base_resp": {"status_code": 1013, "status_msg": SAID}}),
    "msg": line({"code": 500, "msg": SAID}),
}  # fmt: skip


@pytest.mark.parametrize("spoke", [False, True], ids=["at once", "after words"])
@pytest.mark.parametrize(
    "way", ["data: {}\n\n", "event: error\ndata: {}\n\n", "{}\n"], ids=["data", "event", "bare"]
)
@pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS)
def test_an_error_anywhere_in_the_stream_is_told_in_the_server_s_words(
    chat_server: Serve, error: str, way: str, spoke: bool
) -> None:
    before = f"data: {ONE}\n\n" if spoke else ""
    reply = Reply(body=before + way.replace("{}", error), content_type="text/event-stream")

    with pytest.raises(ProviderError) as caught:
        heard(model_at(chat_server([reply] * 3)))

    for told in (caught.value.en, caught.value.ko):
        assert SAID in told
        assert "{" not in told
        assert "\n" not in told


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (f"event: error\ndata: {SAID}\n\n", SAID),
        (f"data: {SAID}\n\n", SAID),
        (f"{SAID}\n", SAID),
        ("<!DOCTYPE html>\n<html><body>Sign in</body></html>", "web page"),
        (line({"choices": [{"delta": {}, "finish_reason": "error"}]}), "error"),
        (line({"hello": "world"}), "unexpected JSON"),
    ],
    ids=["an event of words", "words as data", "words alone", "a page", "a reason alone", "other JSON"],
)
def test_what_came_in_place_of_a_reply_is_named(chat_server: Serve, body: str, words: str) -> None:
    reply = Reply(body=body, content_type="text/event-stream")

    with pytest.raises(ProviderError) as caught:
        heard(model_at(chat_server([reply] * 3)))

    assert words in caught.value.en
    assert "<" not in caught.value.en
    assert "{" not in caught.value.en


def test_an_error_in_a_stream_that_asks_for_patience_is_asked_again(chat_server: Serve) -> None:
    slept: list[float] = []
    busy = {"error": {"message": "Slow down, try again in 4s", "type": "rate_limit_error"}}
    model = model_at(chat_server([events(busy, finish=None), say("Hello.")]), sleep=slept.append)

    assert text_of(heard(model)) == "Hello."
    assert slept == [4.0]


@pytest.fixture
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("officehours.agent.models.chat_completions.stream.GRACE", 0.05)


@pytest.mark.usefixtures("short_grace")
@pytest.mark.parametrize(
    "reply",
    [
        Reply(events=(ONE, END, "never"), stall=2),
        forever(ONE, END, then=HEARTBEAT, pause=0.005),
        forever(ONE, END, then="{}", pause=0.005),
        forever(ONE, END, then=HEARTBEAT),
        forever(ONE, END, "[DONE]", then=HEARTBEAT),
    ],
    ids=["silence", "comments", "empty events", "a flood", "after [DONE]"],
)
def test_a_reply_that_has_ended_is_not_waited_for(chat_server: Serve, reply: Reply) -> None:
    server = chat_server([reply])

    chunks = heard(model_at(server))

    assert text_of(chunks) == "안녕"
    assert chunks[-1] == Finished("stop", None)
    if reply.stall is None:
        assert server.left.wait(10)


def test_a_reply_that_goes_on_after_its_end_is_waited_for(
    chat_server: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("officehours.agent.models.chat_completions.stream.GRACE", 0.6)
    each = [line(delta(part, finish="stop")) for part in "12345"]

    assert text_of(heard(model_at(chat_server([Reply(events=(*each, "[DONE]"), pause=0.2)])))) == "12345"


@pytest.mark.usefixtures("short_grace")
def test_the_usage_that_comes_after_the_end_is_still_heard(chat_server: Serve) -> None:
    usage = line({"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 2}})
    (*_, finished) = heard(model_at(chat_server([Reply(events=(ONE, END, usage, "never"), stall=3)])))

    assert isinstance(finished, Finished)
    assert finished.usage is not None
    assert finished.usage.input_tokens == 7


def test_comments_alone_do_not_keep_a_reply_waiting(chat_server: Serve) -> None:
    model = model_at(chat_server([forever(then=HEARTBEAT, pause=0.01)]), stall_seconds=0.2)

    with pytest.raises(ServerUnreachable, match=r"0\.2 seconds"):
        heard(model)


def test_an_answer_that_breaks_off_in_the_words_of_an_error_is_no_crash(chat_server: Serve) -> None:
    short = Reply(status=500, body='{"error": {"message": "bo', headers={"Content-Length": "5000"})

    with pytest.raises(OfficeHoursError):
        heard(model_at(chat_server([short] * 3)))


def test_a_redirect_names_where_it_leads(chat_server: Serve) -> None:
    away = Reply(status=302, body="", headers={"Location": "https://login.example.edu/sso"})
    moved = Reply(
        status=307, body="", headers={"Location": "https://elsewhere.example.edu/v1/chat/completions"}
    )
    odd = Reply(status=302, body="", headers={"Location": "http://["})

    for reply, host in ((away, "login.example.edu"), (moved, "elsewhere.example.edu"), (odd, "127.0.0.1")):
        with pytest.raises(OfficeHoursError) as caught:
            heard(model_at(chat_server([reply])))
        assert host in caught.value.en


def test_a_server_that_loads_its_model_is_given_time_and_then_named(chat_server: Serve) -> None:
    loading = Reply(
        status=503, body={"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}
    )
    slept: list[float] = []

    assert text_of(heard(model_at(chat_server([loading, say("Hello.")]), sleep=slept.append))) == "Hello."
    assert slept == [5.0]
    with pytest.raises(ServerUnreachable, match="still loading its model") as caught:
        heard(model_at(chat_server([loading] * 3)))
    assert "불러오는 중" in caught.value.ko


QUOTA = [
    {
        "error": {
            "code": 429,
            "message": "You exceeded your current quota, please check your plan and billing details.",
            "status": "RESOURCE_EXHAUSTED",
            "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "2.5s"}],
        }
    }
]


def test_a_wait_in_the_body_is_kept_to_and_a_rate_limit_is_no_lack_of_credit(chat_server: Serve) -> None:
    slept: list[float] = []
    refusal = Reply(status=429, body=json.dumps(QUOTA))

    assert text_of(heard(model_at(chat_server([refusal, say("Hello.")]), sleep=slept.append))) == "Hello."
    assert slept == [2.5]
    with pytest.raises(RateLimited) as caught:
        heard(model_at(chat_server([refusal] * 3)))
    assert "no credit" not in caught.value.en
    assert "{" not in caught.value.en


def test_a_wait_beyond_all_patience_ends_the_turn_in_words(chat_server: Serve) -> None:
    with pytest.raises(RateLimited, match="in 7 days") as caught:
        heard(model_at(chat_server([Reply(status=429, body={}, headers={"Retry-After": "9" * 400})])))
    assert "7일 뒤에" in caught.value.ko


def test_a_body_that_is_broken_json_says_so(chat_server: Serve) -> None:
    with pytest.raises(BadReply, match="broken JSON"):
        heard(
            model_at(chat_server([Reply(body='{"choices": [{"delta"', content_type="application/json")] * 3))
        )
