"""A real Chat Completions server on loopback, scripted: it says what a test wants and keeps what it was asked.

In a test:

    with ChatServer([say("Hello."), call("core_memory_append", label="student", content="Mina")]) as server:
        model = OpenAIModel(profile, base_url=server.url)
        ...
        assert server.requests[0].body["messages"][-1]["content"] == "Hi"

The script is a list of replies, used one by one, or a function from the request's JSON to a reply. By hand:

    python tests/chat_server.py --script replies.json --port 0

where the file holds a JSON list; each entry is a string (text) or an object with the fields of `Reply`.
"""

from __future__ import annotations

import argparse
import json
import os
import select
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

Json = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One tool call of a reply; `arguments` is sent as it stands, broken or not, in pieces of `piece` characters."""

    name: str
    arguments: str = "{}"
    id: str | None = None
    piece: int = 7


@dataclass(frozen=True)
class Reply:
    """One answer of the server.

    Attributes:
        text: The reply's text, cut into pieces of `piece` characters; a sequence gives the pieces exactly.
        calls: Tool calls, streamed after the text, by index, the id only in the first fragment of each.
        reasoning: Hidden text, streamed before the text as `reasoning_content`.
        finish: The finish reason; None gives "tool_calls" or "stop".
        usage: "auto" counts roughly and plays a prefix cache, None sends none, an object is sent as it stands.
        status: Any other than 200 sends `body` and nothing else.
        body: A body to send whole instead of a stream: an object as JSON, text with `content_type`.
        content_type: The type of a text body.
        headers: More headers.
        delay: Seconds before the first byte of the answer.
        pause: Seconds between two events.
        cut: After so many events the socket is closed with no ending.
        cut_by: "close" ends the connection in order, "reset" sends an RST.
        framing: "chunked", or "eof": the body ends where the connection does, so that a cut cannot be seen in HTTP.
        stall: After so many events nothing more comes, until the client leaves or the server closes.
        done: Whether `[DONE]` ends the stream.
        events: Raw events (the text after `data: `) to send instead of all the above; () is a stream without any.
    """

    text: str | Sequence[str] = ""
    calls: tuple[Call, ...] = ()
    reasoning: str = ""
    finish: str | None = None
    usage: Json | Literal["auto"] | None = "auto"
    status: int = 200
    body: Json | str | None = None
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict[str, str])
    delay: float = 0.0
    pause: float = 0.0
    piece: int = 12
    cut: int | None = None
    cut_by: Literal["close", "reset"] = "close"
    framing: Literal["chunked", "eof"] = "chunked"
    stall: int | None = None
    done: bool = True
    events: tuple[str, ...] | None = None

    def pieces(self) -> list[str]:
        if not isinstance(self.text, str):
            return list(self.text)
        return [self.text[i : i + self.piece] for i in range(0, len(self.text), self.piece)]


@dataclass
class Recorded:
    """One request as it came, and when (seconds of `time.perf_counter`)."""

    method: str
    path: str
    headers: dict[str, str]
    raw: bytes
    body: Json
    received: float
    client: tuple[str, int]
    first_byte: float | None = None
    finished: float | None = None
    prompt_tokens: int = 0
    cached_tokens: int = 0


Script = Sequence[Reply] | Callable[[Json], Reply]


def say(text: str | Sequence[str], **more: Any) -> Reply:
    """Answer with text."""
    return Reply(text=text, **more)


def call(name: str, **arguments: Any) -> Reply:
    """Answer with one tool call."""
    return Reply(calls=(Call(name, json.dumps(arguments, ensure_ascii=False)),))


def calls(*each: Call, text: str | Sequence[str] = "", **more: Any) -> Reply:
    """Answer with several tool calls at once, after some text."""
    return Reply(text=text, calls=each, **more)


def refuse(status: int, message: str, *, code: str | None = None, **headers: str) -> Reply:
    """Answer with an error as OpenAI words it; header names are written with underscores."""
    kind = "invalid_request_error" if status < 500 else "server_error"
    body = {"error": {"message": message, "type": kind, "param": None, "code": code}}
    return Reply(status=status, body=body, headers={k.replace("_", "-"): v for k, v in headers.items()})


def rate_limited(retry_after: str | None = None) -> Reply:
    """429, with Retry-After in seconds or as an HTTP date."""
    headers = {} if retry_after is None else {"Retry_After": retry_after}
    return refuse(429, "Rate limit reached for requests", code="rate_limit_exceeded", **headers)


def wrong_key() -> Reply:
    """401 as OpenAI says it."""
    return refuse(401, "Incorrect API key provided: sk-abc.", code="invalid_api_key")


def unknown_model(name: str) -> Reply:
    """404 as OpenAI says it."""
    return refuse(
        404, f"The model `{name}` does not exist or you do not have access to it.", code="model_not_found"
    )


def html(status: int = 502) -> Reply:
    """A gateway's page where an answer should be."""
    page = "<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1>nginx</body></html>"
    return Reply(status=status, body=page, content_type="text/html; charset=utf-8")


OVERFLOWS: dict[str, tuple[int, Json]] = {
    "openai": (
        400,
        {
            "error": {
                "message": "This model's maximum context length is 8192 tokens. However, your messages resulted in "
                "9210 tokens. Please reduce the length of the messages.",
                "type": "invalid_request_error",
                "param": "messages",
                "code": "context_length_exceeded",
            }
        },
    ),
    "vllm": (
        400,
        {
            "object": "error",
            "message": "This model's maximum context length is 8192 tokens. However, you requested 9210 tokens "
            "(8186 in the messages, 1024 in the completion). Please reduce the length of the messages or completion.",
            "type": "BadRequestError",
            "param": None,
            "code": 400,
        },
    ),
    "llama.cpp": (
        400,
        {
            "error": {
                "code": 400,
                "message": "the request exceeds the available context size. try increasing the context size or "
                "enable context shift",
                "type": "exceed_context_size_error",
                "n_prompt_tokens": 9210,
                "n_ctx": 8192,
            }
        },
    ),
    "llama-cpp-python": (
        400,
        {
            "error": {
                "message": "This model's maximum context length is 8192 tokens, however you requested 9210 tokens "
                "(8186 in your prompt; 1024 for the completion). Please reduce your prompt; or completion length.",
                "type": "invalid_request_error",
                "param": "messages",
                "code": "context_length_exceeded",
            }
        },
    ),
    "ollama": (
        500,
        {
            "error": {
                "message": "the input length exceeds the context length",
                "type": "api_error",
                "param": None,
                "code": None,
            }
        },
    ),
}


def overflow(kind: str = "openai") -> Reply:
    """A request larger than the window, in the words of OpenAI, vLLM, llama.cpp, llama-cpp-python or Ollama."""
    status, body = OVERFLOWS[kind]
    return Reply(status=status, body=body)


def rough_tokens(text: str) -> int:
    """Count tokens the rough way: 0.86 for a Hangul syllable, a quarter for other visible characters."""
    hangul = sum("가" <= c <= "힣" for c in text)
    other = sum(not c.isspace() for c in text) - hangul
    return round(0.86 * hangul + 0.25 * other)


def common_prefix(a: str, b: str) -> int:
    """Find the length of the longest common prefix by halving."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def prompt_text(body: Json) -> str:
    """Lay a request out as a provider's cache sees it: tools first, then the messages."""
    parts = [body.get("tools", []), *body.get("messages", [])]
    return "\n".join(json.dumps(part, ensure_ascii=False, sort_keys=True) for part in parts)


class ChatServer:
    """The server; a context manager. `url` is the base URL, `requests` what it was asked.

    Args:
        script: Replies one by one, or a function from the request's JSON to a reply.
        then: What is answered when the list is used up; by default a 500 that says so.
        models: The names `/v1/models` lists, or whole entries.
        refused: Request fields answered with a 400 that names them (`stream_options`, `tools`, …).
        routes: More paths and the JSON they answer, or (status, JSON), for probing (`/props`, `/api/show`, …).
        port: 0 takes a free one.
    """

    def __init__(
        self,
        script: Script = (),
        *,
        then: Reply | None = None,
        models: Sequence[str | Json] = ("test-model",),
        refused: Sequence[str] = (),
        routes: dict[str, Json | tuple[int, Json]] | None = None,
        port: int = 0,
    ) -> None:
        self.script = script
        self.then = then or refuse(500, "the script has no more replies")
        self.models = models
        self.refused = tuple(refused)
        self.routes = routes or {}
        self.requests: list[Recorded] = []
        self.everything: list[Recorded] = []
        self.closing = threading.Event()
        self.left = threading.Event()
        self._lock = threading.Lock()
        self._used = 0
        self._previous = ""
        self._http = _Server(("127.0.0.1", port), _Handler)
        self._http.chat = self
        self.port = int(self._http.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}/v1"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> ChatServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving and let stalled answers go."""
        self.closing.set()
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
        self._http.server_close()

    @property
    def used(self) -> int:
        """How many replies of the script were given."""
        return self._used

    def reply_to(self, record: Recorded) -> Reply:
        """Choose the reply to a chat request; called by the handler."""
        for name in self.refused:
            if name in record.body:
                return refuse(
                    400, f"Unrecognized request argument supplied: {name}", code="unsupported_parameter"
                )
        if callable(self.script):
            self._used += 1
            return self.script(record.body)
        with self._lock:
            index, self._used = self._used, self._used + 1
        return self.script[index] if index < len(self.script) else self.then

    def count(self, record: Recorded) -> None:
        """Count the prompt and the part of it that repeats the request before."""
        text = prompt_text(record.body)
        with self._lock:
            shared = common_prefix(self._previous, text)
            self._previous = text
        record.prompt_tokens = rough_tokens(text)
        record.cached_tokens = min(rough_tokens(text[:shared]), record.prompt_tokens)

    def listing(self) -> Json:
        """Give what `/v1/models` answers."""
        entries = [
            {"id": m, "object": "model", "owned_by": "test"} if isinstance(m, str) else m for m in self.models
        ]
        return {"object": "list", "data": entries}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    chat: ChatServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exception() if sys.version_info >= (3, 11) else None
        if not isinstance(error, ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride]  (it serves in no other)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the base class names it so)
        pass

    def do_GET(self) -> None:
        record = self._record()
        chat = self.server.chat
        path = self.path.partition("?")[0]
        if path in chat.routes:
            answer = chat.routes[path]
            self._send_json(*(answer if isinstance(answer, tuple) else (200, answer)))
        elif path.endswith("/models"):
            self._send_json(200, chat.listing())
        else:
            self._send_json(404, {"error": {"message": f"Invalid URL (GET {path})", "code": None}})
        record.finished = time.perf_counter()

    def do_POST(self) -> None:
        record = self._record()
        chat = self.server.chat
        path = self.path.partition("?")[0]
        if path in chat.routes:
            answer = chat.routes[path]
            self._send_json(*(answer if isinstance(answer, tuple) else (200, answer)))
        elif path.endswith("/chat/completions"):
            chat.count(record)
            chat.requests.append(record)
            self._answer(record, chat.reply_to(record))
        elif path.endswith("/embeddings"):
            self._send_json(200, embeddings(record.body))
        else:
            self._send_json(404, {"error": {"message": f"Invalid URL (POST {path})", "code": None}})
        record.finished = time.perf_counter()

    def _record(self) -> Recorded:
        received = time.perf_counter()
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            body = json.loads(raw) if raw else {}
        except ValueError:
            body = {}
        headers = {k.lower(): v for k, v in self.headers.items()}
        record = Recorded(self.command, self.path, headers, raw, body, received, self.client_address)
        self.server.chat.everything.append(record)
        return record

    def _answer(self, record: Recorded, reply: Reply) -> None:
        if reply.delay:
            self.server.chat.closing.wait(reply.delay)
        record.first_byte = time.perf_counter()
        if reply.body is not None or reply.status != 200:
            self._send_whole(reply)
        elif not record.body.get("stream"):
            self._send_json(200, whole(reply, record))
        else:
            self._stream(record, reply)

    def _send_whole(self, reply: Reply) -> None:
        if isinstance(reply.body, str):
            self._send(reply.status, reply.body.encode(), reply.content_type, reply.headers)
        else:
            self._send_json(reply.status, reply.body or {}, reply.headers)

    def _send_json(self, status: int, value: Json, headers: dict[str, str] | None = None) -> None:
        self._send(status, json.dumps(value, ensure_ascii=False).encode(), "application/json", headers or {})

    def _send(self, status: int, body: bytes, content_type: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, record: Recorded, reply: Reply) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        chunked = reply.framing == "chunked"
        self.send_header(*(("Transfer-Encoding", "chunked") if chunked else ("Connection", "close")))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            for number, event in enumerate(events(reply, record)):
                if reply.stall == number:
                    self._stall()
                    return
                if reply.cut == number:
                    self._cut(reply.cut_by)
                    return
                if reply.pause and number:
                    self.server.chat.closing.wait(reply.pause)
                self._chunk(f"data: {event}\n\n".encode(), chunked=chunked)
            self._chunk(b"", chunked=chunked)
        except (BrokenPipeError, ConnectionResetError):
            self.server.chat.left.set()
            self.close_connection = True

    def _chunk(self, data: bytes, *, chunked: bool) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data) if chunked else data)

    def _stall(self) -> None:
        while not self.server.chat.closing.is_set():
            readable, _, _ = select.select([self.connection], [], [], 0.02)
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                self.server.chat.left.set()
                break
        self.close_connection = True

    def _cut(self, how: str) -> None:
        if how == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        else:
            self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True


def counted(reply: Reply, record: Recorded) -> Json | None:
    """Give the usage object of a reply."""
    if reply.usage != "auto":
        return reply.usage
    said = "".join(reply.pieces()) + reply.reasoning + "".join(c.name + c.arguments for c in reply.calls)
    out = max(1, rough_tokens(said))
    return {
        "prompt_tokens": record.prompt_tokens,
        "completion_tokens": out,
        "total_tokens": record.prompt_tokens + out,
        "prompt_tokens_details": {"cached_tokens": record.cached_tokens},
        "completion_tokens_details": {"reasoning_tokens": rough_tokens(reply.reasoning)},
    }


def call_id(record: Recorded, index: int, one: Call) -> str:
    """Give a call its id: the script's, else one made of how many messages came before."""
    return one.id if one.id is not None else f"call_{len(record.body.get('messages', ())):04d}{index}"


def finish_of(reply: Reply) -> str:
    """Give the finish reason."""
    return reply.finish or ("tool_calls" if reply.calls else "stop")


def whole(reply: Reply, record: Recorded) -> Json:
    """Give a reply as one object, for clients that do not stream."""
    message: Json = {"role": "assistant", "content": "".join(reply.pieces()) or None}
    if reply.calls:
        message["tool_calls"] = [
            {
                "id": call_id(record, i, c),
                "type": "function",
                "function": {"name": c.name, "arguments": c.arguments},
            }
            for i, c in enumerate(reply.calls)
        ]
    choice = {"index": 0, "message": message, "finish_reason": finish_of(reply)}
    answer: Json = {"id": "chatcmpl-test", "object": "chat.completion", "created": 0, "choices": [choice]}
    answer["model"] = record.body.get("model", "")
    usage = counted(reply, record)
    return answer if usage is None else answer | {"usage": usage}


def deltas(reply: Reply, record: Recorded) -> Iterator[Json]:
    """Give the deltas of a streamed reply."""
    yield {"role": "assistant", "content": ""}
    for i in range(0, len(reply.reasoning), reply.piece):
        yield {"reasoning_content": reply.reasoning[i : i + reply.piece]}
    for piece in reply.pieces():
        yield {"content": piece}
    for index, one in enumerate(reply.calls):
        function = {"name": one.name, "arguments": ""}
        identity = {
            "index": index,
            "id": call_id(record, index, one),
            "type": "function",
            "function": function,
        }
        yield {"tool_calls": [identity]}
        for i in range(0, len(one.arguments), one.piece):
            part = one.arguments[i : i + one.piece]
            yield {"tool_calls": [{"index": index, "function": {"arguments": part}}]}


def events(reply: Reply, record: Recorded) -> Iterator[str]:
    """Give the events of a streamed reply, without the `data: ` before them."""
    if reply.events is not None:
        yield from reply.events
        return
    base: Json = {"id": "chatcmpl-test", "object": "chat.completion.chunk", "created": 0}
    base["model"] = record.body.get("model", "")

    def event(choices: list[Json], **more: Any) -> str:
        return json.dumps({**base, "choices": choices, **more}, ensure_ascii=False)

    for delta in deltas(reply, record):
        yield event([{"index": 0, "delta": delta, "finish_reason": None}])
    yield event([{"index": 0, "delta": {}, "finish_reason": finish_of(reply)}])
    usage = counted(reply, record)
    if usage is not None and (record.body.get("stream_options") or {}).get("include_usage"):
        yield event([], usage=usage)
    if reply.done:
        yield "[DONE]"


def embeddings(body: Json) -> Json:
    """Answer `/v1/embeddings` with 32 letter counts per text, of length one."""
    texts = [body["input"]] if isinstance(body.get("input"), str) else list(body.get("input", ()))
    rows: list[Json] = []
    for index, text in enumerate(texts):
        counts = [0.0] * 32
        for character in text:
            counts[ord(character) % 32] += 1.0
        length = sum(c * c for c in counts) ** 0.5 or 1.0
        rows.append({"object": "embedding", "index": index, "embedding": [c / length for c in counts]})
    total = sum(rough_tokens(t) for t in texts)
    usage = {"prompt_tokens": total, "total_tokens": total}
    return {"object": "list", "data": rows, "model": body.get("model", ""), "usage": usage}


def read_script(path: Path) -> list[Reply]:
    """Read replies from a JSON file: strings are texts, objects have the fields of `Reply`."""
    replies: list[Reply] = []
    for entry in json.loads(path.read_text(encoding="utf-8")):
        if isinstance(entry, str):
            replies.append(say(entry))
            continue
        found = tuple(Call(**one) for one in entry.pop("calls", ()))
        if "events" in entry:
            entry["events"] = tuple(entry["events"])
        replies.append(replace(Reply(**entry), calls=found))
    return replies


def echo(body: Json) -> Reply:
    """Answer with what the last message said; the program's way without a script."""
    last = body.get("messages", [{}])[-1]
    return say(f"You said: {last.get('content', '')}")


def main() -> None:
    """Serve until interrupted; the address is the only line on stdout, each request a line on stderr."""
    parser = argparse.ArgumentParser(description="A scripted Chat Completions server on loopback.")
    parser.add_argument("--script", type=Path, help="a JSON list of replies; without it the server echoes")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path, help="append every request body to this file, one line each")
    options = parser.parse_args()
    script: Script = read_script(options.script) if options.script else echo
    with ChatServer(script, port=options.port) as server:
        print(server.url, flush=True)
        try:
            shown = 0
            while True:
                time.sleep(0.1)
                for record in server.requests[shown:]:
                    shown += 1
                    print(f"{record.method} {record.path} {len(record.raw)} bytes", file=sys.stderr)
                    if options.log:
                        with options.log.open("ab") as log:
                            log.write(record.raw + os.linesep.encode())
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
