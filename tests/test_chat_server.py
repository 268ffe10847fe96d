from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

from chat_server import Call, ChatServer, calls, common_prefix, read_script, rough_tokens, say


def post(url: str, body: dict[str, Any]) -> bytes:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read()


def asked(server: ChatServer, *messages: str, **more: Any) -> dict[str, Any]:
    body = {"model": "m", "messages": [{"role": "user", "content": m} for m in messages], **more}
    return json.loads(post(f"{server.url}/chat/completions", body))


def test_a_client_that_does_not_stream_gets_one_object() -> None:
    reply = calls(Call("web_search", '{"query": "x"}', id="c1"), text="네.")
    with ChatServer([reply]) as server:
        message = asked(server, "hi")["choices"][0]["message"]

    assert message["content"] == "네."
    assert message["tool_calls"][0]["function"] == {"name": "web_search", "arguments": '{"query": "x"}'}


def test_what_repeats_the_request_before_counts_as_cached() -> None:
    with ChatServer(lambda _: say("네.")) as server:
        first = asked(server, "안녕하세요 " * 50)["usage"]
        longer = asked(server, "안녕하세요 " * 50, "고마워요")["usage"]
        other = asked(server, "처음부터 다르게", "고마워요")["usage"]

    assert first["prompt_tokens_details"]["cached_tokens"] == 0
    assert 0.9 < longer["prompt_tokens_details"]["cached_tokens"] / first["prompt_tokens"] <= 1
    assert other["prompt_tokens_details"]["cached_tokens"] < 20
    assert [r.cached_tokens for r in server.requests] == [
        u["prompt_tokens_details"]["cached_tokens"] for u in (first, longer, other)
    ]


def test_usage_is_streamed_only_when_it_is_asked_for() -> None:
    with ChatServer(lambda _: say("네.")) as server:
        url, body = f"{server.url}/chat/completions", {"messages": [], "stream": True}
        plain = post(url, body)
        counted = post(url, body | {"stream_options": {"include_usage": True}})

    assert b"usage" not in plain
    assert b'"usage"' in counted
    assert plain.endswith(b"data: [DONE]\n\n")


def test_embeddings_are_of_length_one_and_alike_for_like_texts() -> None:
    with ChatServer() as server:
        rows = json.loads(post(f"{server.url}/embeddings", {"input": ["기울기", "기울기", "zebra"]}))["data"]

    first, again, other = (row["embedding"] for row in rows)
    assert first == again
    assert abs(sum(x * x for x in first) - 1) < 1e-9
    assert sum(a * b for a, b in zip(first, other, strict=True)) < 0.9


def test_the_longest_common_prefix_is_found_by_halving() -> None:
    for a, b in [
        ("", "x"),
        ("abc", "abd"),
        ("abc", "abc"),
        ("abc", "abcd"),
        ("x", "y"),
        ("a" * 999 + "b", "a" * 1000),
    ]:
        shared = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
        assert common_prefix(a, b) == shared


def test_it_runs_as_a_program_from_a_script_file(tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    lines = [
        "안녕하세요",
        {"calls": [{"name": "web_search", "arguments": "{}"}]},
        {"status": 500, "body": {}},
    ]
    script.write_text(json.dumps(lines), encoding="utf-8")
    program = Path(__file__).with_name("chat_server.py")

    with subprocess.Popen(
        [sys.executable, str(program), "--script", str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    ) as running:
        try:
            assert running.stdout is not None
            url = running.stdout.readline().strip()
            answer = json.loads(post(f"{url}/chat/completions", {"messages": []}))
        finally:
            running.terminate()

    assert answer["choices"][0]["message"]["content"] == "안녕하세요"
    assert [reply.status for reply in read_script(script)] == [200, 200, 500]


def test_tokens_are_counted_the_rough_way() -> None:
    assert rough_tokens("안녕 abcd") == round(0.86 * 2 + 0.25 * 4)
