from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from chat_server import ChatServer, say
from officehours.agent.doctor import examine_all
from officehours.agent.model import Request
from officehours.agent.models.chat_completions.client import OpenAIModel
from officehours.agent.models.chat_completions.discovery import (
    find_local_server,
    resolve_model,
    served_models,
)
from officehours.agent.models.chat_completions.profiles import (
    CAUTIOUS_WINDOW,
    DEFAULT_MODEL,
    OLLAMA_WINDOW,
    PROVIDERS,
    profile_of,
)
from officehours.memory.errors import (
    BadReply,
    ConfigError,
    KeyRejected,
    OfficeHoursError,
    RateLimited,
    ServerUnreachable,
    UnknownModel,
)
from officehours.memory.types import Message

Serve = Callable[..., ChatServer]

NOBODY = "http://127.0.0.1:9/v1"
NO_KEYS: dict[str, str] = {}


def resolved(name: str | None = None, **options: Any) -> OpenAIModel:
    options.setdefault("environ", NO_KEYS)
    model = resolve_model(name, **options)
    assert model is not None
    return model


def places(**urls: str) -> list[tuple[str, str]]:
    return list(urls.items())


def test_a_server_on_this_machine_is_found_by_its_list_of_models(chat_server: Serve) -> None:
    server = chat_server(models=["qwen3:8b", "gemma3"])

    found = find_local_server(timeout=5, addresses=places(lmstudio=NOBODY, ollama=server.url))

    assert found is not None
    assert (found.provider, found.base_url, found.models) == ("ollama", server.url, ("qwen3:8b", "gemma3"))


def test_a_model_that_cannot_chat_is_not_the_first_choice(chat_server: Serve) -> None:
    server = chat_server(models=["nomic-embed-text", "bge-m3", "qwen3:8b"])

    assert served_models(server.url) == ("qwen3:8b", "nomic-embed-text", "bge-m3")


@pytest.mark.parametrize("answer", [{"data": "no"}, {"models": []}, {"data": []}, {}])
def test_a_server_of_another_kind_is_passed_over(chat_server: Serve, answer: dict[str, Any]) -> None:
    server = chat_server(routes={"/v1/models": answer})

    assert find_local_server(timeout=5, addresses=places(vllm=server.url)) is None


def test_what_refuses_or_fails_is_passed_over(chat_server: Serve) -> None:
    for odd in (chat_server(routes={"/v1/models": (401, {})}), chat_server(routes={"/v1/models": (500, {})})):
        assert find_local_server(timeout=5, addresses=places(vllm=odd.url)) is None


@pytest.fixture
def silent() -> Iterator[str]:
    """Give the address of a server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"


def test_a_server_that_does_not_answer_is_not_waited_for(silent: str, chat_server: Serve) -> None:
    server = chat_server(models=["tiny"])

    assert find_local_server(timeout=0.1, addresses=places(ollama=silent)) is None
    found = find_local_server(timeout=1, addresses=places(ollama=silent, vllm=server.url))
    assert found is not None
    assert found.provider == "vllm"


def test_study_is_chosen_by_name_whatever_else_is_set() -> None:
    assert resolve_model("study", base_url=NOBODY, api_key="sk-x") is None


def test_with_nothing_set_and_nothing_found_the_study_model_speaks() -> None:
    assert resolve_model(environ=NO_KEYS, addresses=places(ollama=NOBODY)) is None


def test_a_server_found_on_this_machine_speaks_with_its_first_model(chat_server: Serve) -> None:
    server = chat_server([say("네")], models=["qwen3:8b", "gemma3"])

    model = resolved(addresses=places(ollama=server.url))

    assert (model.profile.name, model.profile.provider, model.profile.local) == ("qwen3:8b", "ollama", True)
    list(model.stream(Request((Message("user", "hi"),))))
    assert server.requests[0].body["model"] == "qwen3:8b"
    assert server.requests[0].headers["authorization"] == "Bearer none"


def test_a_bare_name_is_looked_for_on_this_machine_when_there_is_no_key(chat_server: Serve) -> None:
    server = chat_server(models=["gemma3", "qwen3:8b"])
    here = places(lmstudio=server.url)

    assert resolved("qwen3:8b", addresses=here).profile.name == "qwen3:8b"
    assert resolved("qwen3:8b", addresses=here, api_key="sk-x").base_url == "https://api.openai.com/v1"
    with pytest.raises(KeyRejected, match="OPENAI_API_KEY"):
        resolve_model("gpt-6-luna", addresses=here, environ=NO_KEYS)


def test_an_address_alone_takes_the_first_model_it_lists_and_its_window(chat_server: Serve) -> None:
    entries = [{"id": name, "max_model_len": 4096} for name in ("tiny", "large")]
    profile = resolved(base_url=chat_server(models=entries).url).profile

    assert (profile.name, profile.window, profile.local) == ("tiny", 4096, True)


@pytest.mark.parametrize(
    ("routes", "window"),
    [
        ({"/props": {"default_generation_settings": {"n_ctx": 2048}}}, 2048),
        (
            {
                "/api/v0/models": {
                    "data": [{"id": "m", "max_context_length": 9, "loaded_context_length": 6000}]
                }
            },
            6000,
        ),
        ({"/api/ps": {"models": [{"name": "m", "context_length": 16384}]}}, 16384),
        ({"/api/ps": {"models": []}, "/api/show": {"parameters": "stop x\nnum_ctx    12288"}}, 12288),
        (
            {"/api/ps": {"models": []}, "/api/show": {"model_info": {"llama.context_length": 131072}}},
            CAUTIOUS_WINDOW,
        ),
        ({"/props": {"default_generation_settings": "none"}}, CAUTIOUS_WINDOW),
    ],
    ids=["llama.cpp", "lm-studio", "ollama-loaded", "ollama-modelfile", "ollama-could", "nothing"],
)
def test_a_server_s_word_on_its_window_is_taken(
    chat_server: Serve, routes: dict[str, Any], window: int
) -> None:
    server = chat_server(models=["m"], routes=routes)

    assert resolved("m", base_url=server.url).profile.window == window
    assert resolved("m", base_url=server.url, window=16_000).profile.window == 16_000


def test_ollama_is_taken_to_serve_no_more_than_it_does_untold(chat_server: Serve) -> None:
    server = chat_server(models=["m"], routes={"/api/ps": {"models": []}})
    here = places(ollama=server.url)

    assert resolved(addresses=here).profile.window == OLLAMA_WINDOW
    assert resolved(addresses=here, environ={"OLLAMA_CONTEXT_LENGTH": "32768"}).profile.window == 32_768


def test_a_key_alone_takes_the_cheap_default() -> None:
    model = resolved(api_key="sk-x")

    assert model.profile.name == DEFAULT_MODEL
    assert model.profile.window > 128_000
    assert model.base_url == "https://api.openai.com/v1"
    assert model.profile.provider == "openai"


def test_a_provider_is_named_before_the_colon_and_reads_its_own_key() -> None:
    model = resolved(
        "openrouter:meta-llama/llama-3.1-70b", environ={"OPENROUTER_API_KEY": "k"}, api_key="sk-openai"
    )

    assert model.profile.name == "meta-llama/llama-3.1-70b"
    assert model.profile.window == 128_000
    assert "openrouter.ai" in model.base_url
    with pytest.raises(KeyRejected, match="GEMINI_API_KEY"):
        resolve_model("gemini:gemini-2.5-flash", environ=NO_KEYS, api_key="sk-openai")


def test_an_address_goes_with_a_bare_name_and_with_openai_s(chat_server: Serve) -> None:
    server = chat_server(lambda _: say("네"))

    for name in ("qwen3:8b", "openai:qwen3:8b"):
        model = resolved(name, base_url=f"{server.url}/", api_key="sk-x")
        list(model.stream(Request((Message("user", "hi"),))))

    assert {record.body["model"] for record in server.requests} == {"qwen3:8b"}
    assert {record.headers["authorization"] for record in server.requests} == {"Bearer sk-x"}


def test_what_is_missing_is_said_with_what_to_do(chat_server: Serve) -> None:
    with pytest.raises(KeyRejected, match="ANTHROPIC_API_KEY"):
        resolve_model("anthropic:claude-sonnet-5", environ=NO_KEYS)
    with pytest.raises(ServerUnreachable, match=r"127\.0\.0\.1:9"):
        resolve_model(base_url=NOBODY)
    with pytest.raises(ConfigError, match="names no model"):
        resolve_model("ollama:")
    with pytest.raises(UnknownModel, match="lists no model"):
        resolve_model(base_url=chat_server(models=[]).url)
    with pytest.raises(ServerUnreachable, match="not-a-port"):
        resolve_model(base_url="http://127.0.0.1:not-a-port/v1")


def test_a_refused_key_is_told_from_a_server_that_is_down(chat_server: Serve) -> None:
    with pytest.raises(KeyRejected):
        resolve_model(base_url=chat_server(routes={"/v1/models": (401, {})}).url, api_key="wrong")


def test_profiles_come_from_the_longest_name_that_fits() -> None:
    assert profile_of("gpt-4o-mini", "openai", local=False).window == 128_000
    assert profile_of("gpt-4-0613", "openai", local=False).window == 8_192
    assert profile_of("openai/gpt-5.3", "openrouter", local=False).window == 128_000
    assert profile_of("who-knows", "x", local=False).window == CAUTIOUS_WINDOW
    assert profile_of("gpt-4o", "x", local=True).window == CAUTIOUS_WINDOW


def test_every_provider_has_a_distinct_address_and_a_key_unless_it_is_here() -> None:
    assert len({provider.base_url for provider in PROVIDERS.values()}) == len(PROVIDERS)
    for provider in PROVIDERS.values():
        assert provider.base_url.startswith("http://127.0.0.1" if provider.key is None else "https://")


LISTS: list[Any] = [
    {"object": "list", "data": [{"id": "qwen3:8b"}, {"id": "gemma3"}]},
    [{"id": "qwen3:8b"}, {"id": "gemma3"}],
    ["qwen3:8b", "gemma3"],
    {"data": ["qwen3:8b", "gemma3"]},
    {"models": [{"name": "qwen3:8b"}, {"model": "gemma3"}]},
    {"models": ["qwen3:8b", "gemma3"], "data": None},
    {"data": [{"id": "qwen3:8b"}, None, {"id": None}, {"id": 7}, {}, {"id": "gemma3"}, {"id": "gemma3"}]},
]


@pytest.mark.parametrize("listed", LISTS)
def test_models_are_read_from_a_list_of_any_shape(chat_server: Serve, listed: Any) -> None:
    server = chat_server(routes={"/v1/models": listed})

    assert served_models(server.url) == ("qwen3:8b", "gemma3")
    assert OpenAIModel(profile_of("", "x", local=False), base_url=server.url).model_names() == (
        "qwen3:8b",
        "gemma3",
    )


class Odd(BaseHTTPRequestHandler):
    """Answers every request with what the test says: a status, headers and a body, or bytes that are no HTTP."""

    def do_GET(self) -> None:
        status, headers, body = self.server.answer  # type: ignore[attr-defined]
        if status:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body.encode())), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002, ARG002
        return


@pytest.fixture
def odd() -> Iterator[Callable[[int, dict[str, str], str], str]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Odd)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()

    def answering(status: int, headers: dict[str, str], body: str) -> str:
        server.answer = (status, headers, body)  # type: ignore[attr-defined]
        return f"http://127.0.0.1:{server.server_port}/v1"

    yield answering
    server.shutdown()
    thread.join()
    server.server_close()


HTML, JSON = {"Content-Type": "text/html"}, {"Content-Type": "application/json"}
LOADING = '{"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}'
NAMED: dict[str, tuple[int, dict[str, str], str, type[Exception], str, str]] = {
    "loading": (503, JSON, LOADING, ServerUnreachable, "still loading its model", "불러오는 중"),
    "loading in words": (503, {}, "The model is loading, please wait", ServerUnreachable, "still loading", "불러오는 중"),
    "a login page": (200, HTML, "<!doctype html><title>Sign in</title>", BadReply, "web page", "웹 페이지"),
    "a page called JSON": (200, JSON, "<html><body>Sign in</body></html>", BadReply, "web page", "웹 페이지"),
    "a page of an error": (502, HTML, "<html>Bad Gateway</html>", BadReply, "web page", "웹 페이지"),
    "a redirect": (302, {"Location": "https://sso.example.edu/?x=1"}, "", ConfigError, "sso.example.edu", "sso.example.edu"),
    "an odd redirect": (302, {"Location": "http://["}, "", ConfigError, "sends requests on", "넘깁니다"),
    "nothing there": (404, JSON, '{"detail": "Not Found"}', BadReply, "404: Not Found", "404: Not Found"),
    "no such door": (404, {}, "404 page not found", BadReply, "did not list its models", "모델 목록"),
    "trouble": (500, JSON, '{"error": {"message": "CUDA out of memory"}}', BadReply, "CUDA out of memory", "CUDA"),
    "an error with 200": (200, JSON, '{"error": "no such tenant"}', BadReply, "no such tenant", "no such tenant"),
    "another program": (200, JSON, '{"status": "ok", "uptime": 3}', BadReply, "no list of models", "모델 목록이 아닌"),
    "words": (200, {}, "It works!", BadReply, "It works!", "It works!"),
    "no HTTP": (0, {}, "SSH-2.0-OpenSSH_9.9\r\n", ServerUnreachable, "does not speak HTTP", "HTTP"),
    "an empty answer": (0, {}, "", ServerUnreachable, "closed the connection", "연결"),
    "too many requests": (429, {"Retry-After": "7"}, "{}", RateLimited, "takes no more requests", "더 받지"),
    "depth": (200, JSON, "[" * 5000, BadReply, "no list of models", "모델 목록이 아닌"),
}  # fmt: skip


@pytest.mark.parametrize(("status", "headers", "body", "error", "en", "ko"), NAMED.values(), ids=NAMED)
def test_what_answers_in_place_of_a_list_is_named_for_what_it_is(
    odd: Callable[[int, dict[str, str], str], str],
    status: int,
    headers: dict[str, str],
    body: str,
    error: type[OfficeHoursError],
    en: str,
    ko: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    url = odd(status, headers, body)

    with pytest.raises(error, match=re.escape(en)) as caught:
        resolve_model(base_url=url)
    assert ko in caught.value.ko
    for told in (caught.value.en, caught.value.ko):
        assert "{" not in told
        assert "<" not in told

    monkeypatch.setenv("OFFICEHOURS_HOME", str(tmp_path))
    monkeypatch.setenv("OPENAI_BASE_URL", url)
    for model in ("", "qwen3:8b"):
        monkeypatch.setenv("OFFICEHOURS_MODEL", model)
        found = next(check for check in examine_all(None, "utf-8") if check.name == "model")
        assert found.status == "fail"
        assert en in found.en
        assert ko in found.ko


def test_a_server_that_takes_the_connection_and_says_nothing_is_told_from_none(silent: str) -> None:
    with pytest.raises(ServerUnreachable, match="does not answer"):
        served_models(silent, timeout=0.1)
    with pytest.raises(ServerUnreachable, match="Nothing answers"):
        served_models(NOBODY)
