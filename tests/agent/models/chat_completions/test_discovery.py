from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chat_server import ChatServer, say
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
from officehours.memory.errors import ConfigError, KeyRejected, ServerUnreachable, UnknownModel
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
