from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from chat_server import (
    OVERFLOWS,
    Call,
    ChatServer,
    Reply,
    call,
    calls,
    html,
    overflow,
    rate_limited,
    refuse,
    say,
    unknown_model,
    wrong_key,
)
from officehours.agent.model import (
    AttemptFailed,
    CallBroken,
    CallReady,
    Chunk,
    Finished,
    ModelProfile,
    Request,
    TextDelta,
    Usage,
)
from officehours.agent.models.chat_completions.client import OpenAIModel, Retry
from officehours.agent.models.chat_completions.discovery import resolve_model
from officehours.memory.errors import (
    BadReply,
    ConfigError,
    ContextOverflow,
    KeyRejected,
    OfficeHoursError,
    ProviderError,
    RateLimited,
    ServerUnreachable,
    UnknownModel,
)
from officehours.memory.types import Message, ToolCall
from officehours.tools.base import ToolSpec

Serve = Callable[..., ChatServer]

PROFILE = ModelProfile("test-model", "test")
APPEND = ToolSpec(
    "core_memory_append",
    "Append to a block.",
    {
        "type": "object",
        "properties": {"label": {"type": "string"}, "content": {"type": "string"}},
        "required": ["label", "content"],
    },
)
REQUEST = Request((Message("system", "You teach."), Message("user", "안녕하세요")), (APPEND,))


class Talk:
    """A model on a scripted server, and what happened between its attempts."""

    def __init__(self, server: ChatServer, profile: ModelProfile = PROFILE, **options: Any) -> None:
        self.slept: list[float] = []
        self.failed: list[AttemptFailed] = []
        self.server = server
        self.model = OpenAIModel(
            profile,
            base_url=server.url,
            sleep=self.slept.append,
            jitter=lambda: 0.5,
            **options,
        )

    def chunks(self, request: Request = REQUEST) -> list[Chunk]:
        """What was said; the attempts that failed before it are in `failed`."""
        said: list[Chunk] = []
        for chunk in self.model.stream(request):
            if isinstance(chunk, AttemptFailed):
                self.failed.append(chunk)
            else:
                said.append(chunk)
        return said


def text_of(chunks: list[Chunk]) -> str:
    return "".join(chunk.text for chunk in chunks if isinstance(chunk, TextDelta))


def calls_of(chunks: list[Chunk]) -> list[ToolCall]:
    return [chunk.call for chunk in chunks if isinstance(chunk, CallReady)]


def test_text_streams_in_the_pieces_the_server_sends_and_ends_in_finished(chat_server: Serve) -> None:
    talk = Talk(chat_server([say(["안녕", "하세요", ", 미나."])]))

    chunks = talk.chunks()

    assert chunks[:3] == [TextDelta("안녕"), TextDelta("하세요"), TextDelta(", 미나.")]
    assert chunks[3] == Finished("stop", chunks[3].usage)  # pyright: ignore[reportAttributeAccessIssue]
    assert len(chunks) == 4


def test_a_call_split_over_many_fragments_is_put_together(chat_server: Serve) -> None:
    arguments = '{"label": "student", "content": "시험은 12월 3일"}'
    talk = Talk(chat_server([calls(Call("core_memory_append", arguments, id="call_9", piece=1))]))

    chunks = talk.chunks()

    assert chunks[0] == CallReady(ToolCall("call_9", "core_memory_append", arguments))
    assert isinstance(chunks[1], Finished)
    assert chunks[1].reason == "tool_calls"


def test_several_calls_and_text_in_one_reply_come_in_order(chat_server: Serve) -> None:
    reply = calls(
        Call("core_memory_append", '{"label":"a"}'), Call("web_search", '{"query":"DoRA"}'), text="잠시만요."
    )
    talk = Talk(chat_server([reply]))

    chunks = talk.chunks()

    assert text_of(chunks) == "잠시만요."
    assert [(c.name, c.arguments) for c in calls_of(chunks)] == [
        ("core_memory_append", '{"label":"a"}'),
        ("web_search", '{"query":"DoRA"}'),
    ]
    assert len({c.id for c in calls_of(chunks)}) == 2


def events_of(*deltas: dict[str, Any], finish: str = "tool_calls") -> Reply:
    events = [json.dumps({"choices": [{"index": 0, "delta": delta}]}) for delta in deltas]
    events.append(json.dumps({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]}))
    return Reply(events=(*events, "[DONE]"))


def test_whole_calls_that_share_an_index_or_have_none_stay_apart(chat_server: Serve) -> None:
    def whole(identity: str, name: str, **index: int) -> dict[str, Any]:
        function = {"name": name, "arguments": "{}"}
        return {"tool_calls": [{**index, "id": identity, "type": "function", "function": function}]}

    same = events_of(whole("c1", "first", index=0), whole("c2", "second", index=0))
    none = events_of(
        {"tool_calls": [whole("c1", "first")["tool_calls"][0], whole("c2", "second")["tool_calls"][0]]}
    )
    talk = Talk(chat_server([same, none]))

    for _ in range(2):
        assert [(c.id, c.name) for c in calls_of(talk.chunks())] == [("c1", "first"), ("c2", "second")]


def test_calls_without_an_id_or_with_the_same_get_one_that_depends_on_the_request_only(
    chat_server: Serve,
) -> None:
    def nameless(identity: str | None) -> Reply:
        function = {"name": "web_search", "arguments": "{}"}
        both = [{"index": i, "id": identity, "function": function} for i in range(2)]
        return events_of({"tool_calls": both})

    server = chat_server([nameless(None), nameless(None), nameless("x"), nameless("")])
    talk = Talk(server)
    longer = Request((*REQUEST.messages, Message("assistant", "네")), REQUEST.tools)

    first, again, same, later = (calls_of(talk.chunks(r)) for r in (REQUEST, REQUEST, REQUEST, longer))

    assert first == again
    assert len({c.id for c in first}) == len({c.id for c in same}) == 2
    assert all(len(c.id) == 9 and c.id.isalnum() for c in first)
    assert not {c.id for c in first} & {c.id for c in later}


def test_arguments_that_are_not_json_are_mended(chat_server: Serve) -> None:
    talk = Talk(chat_server([calls(Call("core_memory_append", "{'label': 'student', 'content': 'Mina',}"))]))

    (found,) = calls_of(talk.chunks())

    assert json.loads(found.arguments) == {"label": "student", "content": "Mina"}


def test_arguments_beyond_mending_are_broken_with_a_reason(chat_server: Serve) -> None:
    talk = Talk(chat_server([calls(Call("core_memory_append", '{"label": "stud'))]))

    broken = talk.chunks()[0]

    assert isinstance(broken, CallBroken)
    assert broken.call.arguments == '{"label": "stud'
    assert "cut off" in broken.why


def test_a_call_that_the_length_limit_cut_is_never_completed_by_guessing(chat_server: Serve) -> None:
    cut = Call("core_memory_append", '{"label": "student", "content": "Mina"')
    talk = Talk(chat_server([calls(cut, finish="length")]))

    broken = talk.chunks()[0]

    assert isinstance(broken, CallBroken)
    assert "length limit" in broken.why


def test_a_written_call_that_the_length_limit_cut_is_broken_too(chat_server: Serve) -> None:
    cut = '<tool_call>{"name": "core_memory_append", "arguments": {"label": "student", "content": "Mi'
    talk = Talk(chat_server([say(cut, finish="length"), say(f'{cut}na"', finish="length")]))

    for _ in range(2):
        (broken, finished) = talk.chunks()
        assert isinstance(broken, CallBroken)
        assert broken.call.name == "core_memory_append"
        assert isinstance(finished, Finished)


def test_a_call_written_as_text_is_a_call_and_not_shown(chat_server: Serve) -> None:
    written = '기억할게요.\n<tool_call>{"name": "core_memory_append", "arguments": {"label": "student"}}</tool_call>'
    talk = Talk(chat_server([say(written)]))

    chunks = talk.chunks()

    assert text_of(chunks) == "기억할게요.\n"
    assert [(c.name, c.arguments) for c in calls_of(chunks)] == [
        ("core_memory_append", '{"label": "student"}')
    ]
    assert chunks[-1].reason == "tool_calls"  # pyright: ignore[reportAttributeAccessIssue]


def test_hidden_reasoning_is_not_shown(chat_server: Serve) -> None:
    talk = Talk(
        chat_server(
            [
                say("답입니다.", reasoning="the student seems tired"),
                say(["<th", "ink>the student", " seems tired</thi", "nk>\n", "\n답입니다."]),
            ]
        )
    )

    assert text_of(talk.chunks()) == "답입니다."
    assert text_of(talk.chunks()) == "답입니다."


def test_a_call_in_a_thought_that_never_ends_runs_and_the_thought_is_not_shown(chat_server: Serve) -> None:
    call = '<tool_call>{"name": "core_memory_append", "arguments": {"label": "student"}}</tool_call>'
    talk = Talk(
        chat_server(
            [
                say(["<think>They said a name. ", call[:20], call[20:], "\n"]),
                say(f"<think>Maybe {call}?</think>\n답입니다."),
            ]
        )
    )

    chunks = talk.chunks()

    assert text_of(chunks) == ""
    assert [(c.name, c.arguments) for c in calls_of(chunks)] == [
        ("core_memory_append", '{"label": "student"}')
    ]
    chunks = talk.chunks()
    assert (text_of(chunks), calls_of(chunks)) == ("답입니다.", [])


def test_usage_is_read_with_its_cached_and_reasoning_parts(chat_server: Serve) -> None:
    usage = {
        "prompt_tokens": 904,
        "completion_tokens": 404,
        "total_tokens": 1308,
        "prompt_tokens_details": {"cached_tokens": 512},
        "completion_tokens_details": {"reasoning_tokens": 64},
    }
    talk = Talk(chat_server([say("네", usage=usage), say("네", usage=None)]))

    assert talk.chunks()[-1] == Finished("stop", Usage(904, 512, 404, 64))
    assert talk.chunks()[-1] == Finished("stop", None)


def test_a_server_that_answers_whole_although_asked_to_stream_is_understood(chat_server: Serve) -> None:
    answer = {
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "네."}, "finish_reason": "stop"}]
    }
    talk = Talk(chat_server([Reply(body=answer)]))

    assert talk.chunks() == [TextDelta("네."), Finished("stop", None)]


def test_line_separators_comments_and_split_surrogates_inside_events_survive(chat_server: Serve) -> None:
    deltas = [
        '{"content":"a\u2028b\u0085c "}',
        '{"content":"\\ud83d"}',
        '{"content":"\\ude00 \\udc00\\u0000\\u001b[2J"}',
    ]
    events = [
        f'{{"choices":[{{"index":0,"delta":{delta},"finish_reason":null}}]}}\n\n: keep-alive'
        for delta in deltas
    ]
    talk = Talk(chat_server([Reply(events=(*events, "[DONE]"))]))

    assert text_of(talk.chunks()) == "a\u2028bc 😀 \ufffd[2J"


def test_the_same_request_gives_the_same_bytes_and_a_longer_one_extends_them(chat_server: Serve) -> None:
    server = chat_server(lambda _: say("네"))
    talk = Talk(server)
    odd = ToolCall("c1", "core_memory_append", '{ "label":"student",\n"content" : "미나" }')
    longer = Request(
        (
            *REQUEST.messages,
            Message("assistant", "", (odd,)),
            Message("tool", "done", tool_call_id="c1", name="core_memory_append"),
        ),
        REQUEST.tools,
    )

    for request in (REQUEST, REQUEST, longer):
        talk.chunks(request)

    first, again, more = (record.raw for record in server.requests)
    assert first == again
    assert more.startswith(first.removesuffix(b"]}"))
    sent = server.requests[2].body["messages"][2]
    assert sent["tool_calls"][0]["function"]["arguments"] == odd.arguments
    assert "안녕하세요".encode() in first


def test_arguments_that_are_no_json_are_sent_again_as_json(chat_server: Serve) -> None:
    server = chat_server([say("네")])
    broken = Message("assistant", "", (ToolCall("c1", "web_search", '{"query": "Do'),))

    Talk(server).chunks(Request((*REQUEST.messages, broken, Message("tool", "?", tool_call_id="c1"))))

    sent = server.requests[0].body["messages"][2]["tool_calls"][0]["function"]["arguments"]
    assert json.loads(sent) == {"unreadable_arguments": '{"query": "Do'}


def test_too_many_requests_waits_as_long_as_the_server_asks_and_says_so(chat_server: Serve) -> None:
    talk = Talk(chat_server([rate_limited("3"), say("네")]))

    assert text_of(talk.chunks()) == "네"
    assert talk.slept == [3.0]
    assert isinstance(talk.failed[0].error, RateLimited)
    assert talk.failed[0].wait == 3.0


def test_retry_after_may_be_a_date(chat_server: Serve) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    talk = Talk(chat_server([rate_limited(date), say("네")]))

    talk.chunks()

    assert 10 < talk.slept[0] <= 20


def test_a_server_that_asks_for_more_patience_than_is_polite_ends_the_turn_at_once(
    chat_server: Serve,
) -> None:
    talk = Talk(chat_server([rate_limited("120")]))

    with pytest.raises(RateLimited, match="120 s") as caught:
        talk.chunks()

    assert talk.slept == []
    assert "120초" in caught.value.ko


def test_an_account_without_credit_is_not_asked_again(chat_server: Serve) -> None:
    talk = Talk(chat_server([refuse(429, "You exceeded your current quota.", code="insufficient_quota")]))

    with pytest.raises(RateLimited, match="no credit"):
        talk.chunks()

    assert talk.slept == []


@pytest.mark.parametrize(
    "trouble", [refuse(500, "boom"), refuse(503, "busy"), html(502)], ids=["500", "503", "html"]
)
def test_a_server_in_trouble_is_asked_three_times_with_growing_waits(
    chat_server: Serve, trouble: Reply
) -> None:
    recovered = Talk(chat_server([trouble, trouble, say("네")]))
    lasting = Talk(chat_server([trouble] * 3))

    assert text_of(recovered.chunks()) == "네"
    assert recovered.slept == [0.5, 1.0]
    with pytest.raises(BadReply) as caught:
        lasting.chunks()
    assert lasting.server.used == 3
    assert "<html" not in caught.value.en + caught.value.ko


def test_the_waits_never_add_up_to_more_than_the_limit(chat_server: Serve) -> None:
    talk = Talk(chat_server([rate_limited("20"), rate_limited("20"), say("네")]), retry=Retry(seconds=30))

    with pytest.raises(RateLimited):
        talk.chunks()

    assert talk.slept == [20.0]


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize("framing", ["chunked", "eof"])
def test_a_stream_cut_in_the_middle_raises_after_what_came(
    chat_server: Serve, how: Any, framing: Any
) -> None:
    talk = Talk(chat_server([say(["하나 ", "둘 ", "셋"], cut=3, cut_by=how, framing=framing)]))
    seen: list[Chunk] = []

    with pytest.raises(BadReply, match="cut off"):
        seen.extend(talk.model.stream(REQUEST))

    assert text_of(seen) == "하나 둘 "
    assert talk.server.used == 1


def test_a_stream_cut_before_its_first_word_is_asked_for_again(chat_server: Serve) -> None:
    talk = Talk(chat_server([say("하나", cut=1), say("하나", cut=0, framing="eof"), say("둘")]))

    assert text_of(talk.chunks()) == "둘"
    assert len(talk.slept) == 2


def test_a_call_that_was_cut_off_is_not_made(chat_server: Serve) -> None:
    cut = calls(Call("core_memory_append", '{"label":"student","content":"x"}'), text="네.", cut=4)
    talk = Talk(chat_server([cut]))
    seen: list[Chunk] = []

    with pytest.raises(BadReply):
        seen.extend(talk.model.stream(REQUEST))

    assert seen == [TextDelta("네.")]


def test_a_finish_reason_without_done_is_whole(chat_server: Serve) -> None:
    talk = Talk(chat_server([say("네.", done=False, framing="eof"), say("네.", cut=3)]))

    assert talk.chunks()[0] == TextDelta("네.")
    assert talk.chunks() == [TextDelta("네."), Finished("stop", None)]


def test_an_error_event_inside_a_stream_is_the_server_s_error(chat_server: Serve) -> None:
    event = json.dumps({"error": {"message": "CUDA out of memory", "code": 500}})
    talk = Talk(chat_server([Reply(events=(event,))] * 3))

    with pytest.raises(BadReply, match="CUDA out of memory"):
        talk.chunks()


def test_events_that_are_no_json_are_asked_for_again_and_then_named(chat_server: Serve) -> None:
    talk = Talk(chat_server([Reply(events=("{not json",))] * 3))

    with pytest.raises(BadReply, match="broken JSON"):
        talk.chunks()


def test_an_empty_reply_is_asked_for_once_more_without_a_wait(chat_server: Serve) -> None:
    once = Talk(chat_server([say(""), say("네.")]))
    twice = Talk(chat_server([say("  \n"), say(""), say("never")]))

    assert text_of(once.chunks()) == "네."
    assert once.failed[0].wait == 0
    assert once.failed[0].usage is not None
    with pytest.raises(BadReply, match="answered with nothing"):
        twice.chunks()
    assert twice.server.used == 2


def test_a_model_that_only_thinks_until_its_limit_is_told_apart(chat_server: Serve) -> None:
    talk = Talk(chat_server([say("", reasoning="hmm " * 50, finish="length")]))

    with pytest.raises(BadReply, match="max_output"):
        talk.chunks()


def test_a_wrong_key_says_where_to_put_the_right_one(chat_server: Serve) -> None:
    with pytest.raises(KeyRejected, match="OPENAI_API_KEY") as caught:
        Talk(chat_server([wrong_key()])).chunks()

    assert "키를 거절" in caught.value.ko


def test_a_key_that_cannot_be_sent_is_refused_before_any_request() -> None:
    with pytest.raises(KeyRejected):
        OpenAIModel(PROFILE, base_url="http://127.0.0.1:9/v1", api_key="내 키")


def test_a_key_of_another_provider_is_refused_by_its_own_name() -> None:
    with pytest.raises(KeyRejected, match="GROQ_API_KEY"):
        resolve_model("groq:m", environ={"GROQ_API_KEY": "sk 1"})
    with pytest.raises(KeyRejected, match="needs a key"):
        resolve_model("groq:m", environ={"GROQ_API_KEY": " \r"})


@pytest.mark.parametrize("key", ["sk-1\r", '"sk-1"', "\ufeffsk-1\n"])
def test_what_is_no_part_of_a_key_is_not_sent(chat_server: Serve, key: str) -> None:
    server = chat_server([say("네")])
    model = OpenAIModel(PROFILE, base_url=server.url, api_key=key)
    assert text_of(list(model.stream(REQUEST))) == "네"
    assert server.requests[0].headers["authorization"] == "Bearer sk-1"


def test_a_client_that_cannot_be_made_is_an_error_for_the_person_and_none_of_a_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("all_proxy", "socks5://127.0.0.1:9")
    model = OpenAIModel(PROFILE, base_url="http://192.0.2.1/v1")
    model.warm().join()
    with pytest.raises(ConfigError, match="all_proxy"):
        list(model.stream(REQUEST))
    with pytest.raises(ConfigError, match="all_proxy"):
        model.model_names()


def test_an_unknown_model_names_those_the_server_has(chat_server: Serve) -> None:
    talk = Talk(chat_server([unknown_model("test-model")], models=["qwen3:8b", "gemma3:4b"]))

    with pytest.raises(UnknownModel, match="qwen3:8b, gemma3:4b"):
        talk.chunks()


def test_a_wrong_path_says_how_a_base_url_ends(chat_server: Serve) -> None:
    talk = Talk(
        chat_server([Reply(status=404, body="404 page not found", content_type="text/plain"), html(200)])
    )

    with pytest.raises(ConfigError, match="/v1"):
        talk.chunks()
    with pytest.raises(BadReply, match="web page"):
        talk.chunks()


@pytest.mark.parametrize("kind", sorted(OVERFLOWS))
def test_an_overflow_is_understood_in_every_server_s_words(chat_server: Serve, kind: str) -> None:
    with pytest.raises(ContextOverflow) as caught:
        Talk(chat_server([overflow(kind)])).chunks()

    assert caught.value.window == (None if kind == "ollama" else 8192)


@pytest.mark.parametrize(
    ("message", "window"),
    [
        ("prompt is too long: 210000 tokens > 200000 maximum", 200_000),
        (
            "The input token count (1100000) exceeds the maximum number of tokens allowed (1048576).",
            1_048_576,
        ),
        ("This endpoint's maximum context length is 131,072 tokens. However, you requested 140000.", 131_072),
        ("the request exceeds the available context size (4096 tokens), try increasing it", 4096),
        (
            "Keeping 5000 tokens when context the overflows. It is loaded with context length of only 4096",
            4096,
        ),
    ],
    ids=["anthropic", "gemini", "openrouter", "llama.cpp", "lm-studio"],
)
def test_the_window_is_read_from_the_refusal(chat_server: Serve, message: str, window: int) -> None:
    with pytest.raises(ContextOverflow) as caught:
        Talk(chat_server([refuse(400, message)])).chunks()

    assert caught.value.window == window


def test_a_stream_without_a_single_event_is_asked_for_whole_and_then_tells_why(chat_server: Serve) -> None:
    overflowing = chat_server(
        lambda body: Reply(events=()) if body["stream"] else overflow("llama-cpp-python")
    )
    answering = chat_server(lambda body: Reply(events=()) if body["stream"] else say("네."))

    with pytest.raises(ContextOverflow):
        Talk(overflowing).chunks()
    assert text_of(Talk(answering).chunks()) == "네."
    assert "stream_options" not in answering.requests[1].body


def test_nothing_at_the_address_names_the_address_and_does_not_wait() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        slept: list[float] = []
        model = OpenAIModel(PROFILE, base_url=url, sleep=slept.append)
        with pytest.raises(ServerUnreachable) as caught:
            list(model.stream(REQUEST))

    assert url in caught.value.en
    assert url in caught.value.ko
    assert slept == []


def test_a_base_url_that_is_no_address_is_an_error_for_the_person() -> None:
    model = OpenAIModel(PROFILE, base_url="ftp://nowhere/v1")

    with pytest.raises(ProviderError, match="ftp://nowhere"):
        list(model.stream(REQUEST))


def test_a_proxy_is_not_asked_for_a_server_on_this_machine(
    chat_server: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    server = chat_server([say("네")])

    assert text_of(Talk(server).chunks()) == "네"


def test_a_server_that_stalls_is_given_up(chat_server: Serve) -> None:
    silent = Talk(chat_server([say("네", stall=0)]), stall_seconds=0.2)
    halfway = Talk(chat_server([say(["네, ", "그건"], stall=2)]), stall_seconds=0.2)

    with pytest.raises(ServerUnreachable, match=r"0\.2 seconds"):
        silent.chunks()
    with pytest.raises(ServerUnreachable):
        halfway.chunks()
    assert silent.server.used == halfway.server.used == 1


def test_closing_the_reply_closes_the_connection(chat_server: Serve) -> None:
    server = chat_server([say(["하나 ", "둘"], stall=2)])
    reply = Talk(server).model.stream(REQUEST)

    assert next(reply) == TextDelta("하나 ")
    reply.close()

    assert server.left.wait(10)


def test_an_interrupt_closes_the_connection(chat_server: Serve) -> None:
    server = chat_server([say(["하나 ", "둘"], stall=2)])
    reply = Talk(server).model.stream(REQUEST)

    next(reply)
    with pytest.raises(KeyboardInterrupt):
        reply.throw(KeyboardInterrupt())

    assert server.left.wait(10)


@pytest.mark.parametrize("silence", [{"delay": 600}, {"stall": 1}])
def test_another_thread_can_break_a_reply_off(chat_server: Serve, silence: dict[str, Any]) -> None:
    server = chat_server([say(["하나 ", "둘"], **silence), say("네")])
    talk = Talk(server)
    failed: list[OfficeHoursError] = []

    def listen() -> None:
        try:
            for chunk in talk.model.stream(REQUEST):
                if isinstance(chunk, AttemptFailed):
                    failed.append(chunk.error)
                    return
        except OfficeHoursError as error:
            failed.append(error)

    listener = threading.Thread(target=listen)
    listener.start()
    while listener.is_alive() and not failed:
        if server.requests:
            talk.model.interrupt()
        listener.join(0.01)

    assert isinstance(failed[0], ProviderError)
    assert text_of(talk.chunks()) == "네"


def test_a_connection_is_used_again_for_the_next_request(chat_server: Serve) -> None:
    server = chat_server(lambda _: say("네"))
    talk = Talk(server)

    talk.chunks()
    for thread in threading.enumerate():
        if thread.name == "drain-reply":
            thread.join(10)
    talk.chunks()

    assert len({record.client for record in server.requests}) == 1


def test_fields_that_a_server_refuses_are_left_out_from_then_on(chat_server: Serve) -> None:
    server = chat_server(
        [say("하나"), say("둘")], refused=["stream_options", "max_tokens", "parallel_tool_calls"]
    )
    single = ModelProfile("test-model", "test", parallel_tools=False)
    talk = Talk(server, single)

    assert text_of(talk.chunks()) == "하나"
    asked = len(server.requests)
    assert text_of(talk.chunks()) == "둘"

    last = server.requests[-1].body
    assert len(server.requests) == asked + 1
    assert not {"stream_options", "max_tokens", "parallel_tool_calls"} & set(last)
    assert last["max_completion_tokens"] == 4096
    assert talk.slept == []


def test_a_limit_above_what_the_model_can_do_is_lowered(chat_server: Serve) -> None:
    refusal = refuse(
        400, "max_tokens is too large: 4096. This model supports at most 2048 completion tokens."
    )
    server = chat_server([refusal, say("네")])
    talk = Talk(server)

    talk.chunks()

    assert server.requests[1].body["max_tokens"] == talk.model.profile.max_output == 2048


@pytest.mark.parametrize(
    "refusal",
    [
        refuse(400, "registry.ollama.ai/library/gemma:2b does not support tools"),
        refuse(400, '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'),
        refuse(404, "No endpoints found that support tool use."),
        refuse(500, "tools param requires --jinja flag"),
    ],
    ids=["ollama", "vllm", "openrouter", "llama.cpp"],
)
def test_a_server_without_tools_gets_them_in_the_prompt(chat_server: Serve, refusal: Reply) -> None:
    written = '<tool_call>{"name": "core_memory_append", "arguments": {"label": "student", "content": "미나"}}</tool_call>'
    server = chat_server([refusal, say(written), say("기억했어요.")])
    talk = Talk(server)

    (found,) = calls_of(talk.chunks())
    result = Message("tool", "stored", tool_call_id=found.id, name=found.name)
    answer = talk.chunks(
        Request((*REQUEST.messages, Message("assistant", "", (found,)), result), REQUEST.tools)
    )

    assert talk.model.profile.tools == "text"
    assert found.name == "core_memory_append"
    assert text_of(answer) == "기억했어요."
    second, third = server.requests[1], server.requests[2]
    assert "tools" not in second.body
    assert "core_memory_append(label: string, content: string)" in second.body["messages"][0]["content"]
    assert third.raw.startswith(second.raw.removesuffix(b"]}"))
    assert [m["role"] for m in third.body["messages"]] == ["system", "user", "assistant", "user"]


def test_a_model_warms_up_beside_the_conversation(chat_server: Serve) -> None:
    talk = Talk(chat_server([call("core_memory_append", label="student", content="x")]))

    talk.model.warm().join(60)

    assert len(calls_of(talk.chunks())) == 1
