"""Which model speaks: what is named, else what the environment has a key or an address for, else a server found on
this machine, else none (and the study model speaks)."""

from __future__ import annotations

import http.client
import json
import os
import socket
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

from ...memory.errors import ConfigError, KeyRejected, ServerUnreachable, UnknownModel
from ..model import Model
from .openai import OpenAIModel, is_loopback
from .profiles import DEFAULT_MODEL, LOCAL, PROVIDERS, Provider, profile_of

FIND_SECONDS = 0.2
"""How long a server on this machine may take to be found; a refused connection answers at once."""

ASK_SECONDS = 5.0
"""How long a server that was named may take to list its models."""

STUDY = "study"


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A server that answers on this machine, and the models it has, the first being the one it would use."""

    provider: str
    base_url: str
    models: tuple[str, ...]


def find_local_server(
    timeout: float = FIND_SECONDS, addresses: Sequence[tuple[str, str]] | None = None
) -> LocalServer | None:
    """Look for a Chat Completions server on this machine; None if none answers as one.

    Args:
        timeout: Seconds for all of them together; they are asked side by side.
        addresses: (provider, base URL) in the order of preference; the usual ports by default.
    """
    places = addresses if addresses is not None else [(name, PROVIDERS[name].base_url) for name in LOCAL]
    pool = ThreadPoolExecutor(len(places) or 1, thread_name_prefix="find-model")
    try:
        asked = [pool.submit(_listed, url, timeout) for _, url in places]
        wait(asked, timeout)
        for (provider, url), answer in zip(places, asked, strict=True):
            if answer.done() and answer.exception() is None and (models := _names(answer.result())):
                return LocalServer(provider, url, models)
        return None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def resolve_model(
    name: str | None = None,
    *,
    base_url: str | None = None,
    api_key: str | None = None,
    window: int | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Model | None:
    """Give the model that is to speak, or None where it is to be the study model.

    Args:
        name: `study`, `provider:model`, or a bare model name for `base_url` or OpenAI.
        base_url: A server's address, up to and with `/v1`; without a name its first model is taken.
        api_key: The key for `base_url` or OpenAI. Other providers' keys are read from their own variables.
        window: Overrides what the table or the server says.

    Raises:
        KeyRejected: The named provider needs a key and there is none.
        ServerUnreachable, UnknownModel: The named server does not answer, or has no model.
        ConfigError: The name is empty.
    """
    name = name.strip() if name else None
    if name == STUDY:
        return None
    if name is None and base_url is None and not api_key:
        found = find_local_server()
        return (
            None
            if found is None
            else _local(found.provider, found.base_url, found.models[0], window, api_key)
        )
    provider, model = _parse(name)
    if base_url is not None and (provider is None or provider.name == "openai"):
        return _at(base_url, model, api_key, window)
    if provider is None:
        provider = PROVIDERS["openai"]
    if provider.key is None:
        return _local(
            provider.name, provider.base_url, model or _first(provider.base_url, None), window, None
        )
    key = api_key if provider.name == "openai" else environ.get(provider.key)
    if not key:
        raise _no_key(provider)
    profile = profile_of(model or DEFAULT_MODEL, provider.prices, local=False, window=window)
    return OpenAIModel(profile, base_url=provider.base_url, api_key=key)


def served_models(base_url: str, api_key: str | None = None) -> tuple[str, ...] | None:
    """Ask a server which models it has; None if nothing there answers as one.

    Raises:
        KeyRejected: It refuses the key.
    """
    listed = _listed(base_url, ASK_SECONDS, api_key)
    return None if listed is None else _names(listed)


def _parse(name: str | None) -> tuple[Provider | None, str | None]:
    if not name:
        return None, None
    head, colon, rest = name.partition(":")
    if colon and head in PROVIDERS:
        if not rest:
            raise ConfigError(
                f"`{name}` names no model. Write {head}:MODEL.",
                f"`{name}`에 모델 이름이 없습니다. {head}:모델 로 적어 주세요.",
            )
        return PROVIDERS[head], rest
    return None, name


def _at(base_url: str, model: str | None, api_key: str | None, window: int | None) -> Model:
    base_url = base_url.rstrip("/")
    local = is_loopback(base_url)
    name = model or _first(base_url, api_key)
    size = window or (_window(base_url, name) if local else None)
    provider = urlsplit(base_url).hostname or "server"
    known = [p.prices for p in PROVIDERS.values() if p.base_url == base_url]
    profile = profile_of(name, known[0] if known else provider, local=local, window=size)
    return OpenAIModel(profile, base_url=base_url, api_key=api_key)


def _local(provider: str, base_url: str, model: str, window: int | None, api_key: str | None) -> Model:
    profile = profile_of(model, provider, local=True, window=window or _window(base_url, model))
    return OpenAIModel(profile, base_url=base_url, api_key=api_key)


def _first(base_url: str, api_key: str | None) -> str:
    """Ask a server for its models and give the first."""
    listed = _listed(base_url, ASK_SECONDS, api_key)
    if listed is None:
        raise ServerUnreachable(
            f"Nothing answers at {base_url}. Start the server or change OPENAI_BASE_URL; "
            "`--model study` works without one.",
            f"{base_url} 에서 응답이 없습니다. 서버를 켜거나 OPENAI_BASE_URL을 고쳐 주세요. `--model study` 는 서버 없이도 됩니다.",
        )
    names = _names(listed)
    if not names:
        raise UnknownModel(
            f"{base_url} lists no model. Name one with --model or OFFICEHOURS_MODEL.",
            f"{base_url} 에 등록된 모델이 없습니다. --model 이나 OFFICEHOURS_MODEL로 모델을 지정해 주세요.",
        )
    return names[0]


def _listed(base_url: str, timeout: float, api_key: str | None = None) -> dict[str, Any] | None:
    """GET `/models`; None if nothing there speaks JSON."""
    return _get(base_url, "/models", timeout, api_key)


def _window(base_url: str, model: str) -> int | None:
    """Ask a local server how large a window it serves the model with; None if it does not tell.

    vLLM says `max_model_len` in its list of models, llama.cpp `n_ctx` in `/props`. Ollama tells what the model could
    have and not what it serves, so its word is not taken.
    """
    listed = _get(base_url, "/models", FIND_SECONDS) or {}
    for entry in _entries(listed):
        if entry.get("id") == model and isinstance(entry.get("max_model_len"), int):
            return cast("int", entry["max_model_len"])
    props = _get(base_url.removesuffix("/v1"), "/props", FIND_SECONDS) or {}
    settings = props.get("default_generation_settings")
    size = cast("dict[str, Any]", settings).get("n_ctx") if isinstance(settings, dict) else None
    return size if isinstance(size, int) and size > 0 else None


def _get(base_url: str, path: str, timeout: float, api_key: str | None = None) -> dict[str, Any] | None:
    parts = urlsplit(base_url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout)
    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    try:
        connection.request("GET", f"{parts.path}{path}", headers=headers)
        answer = connection.getresponse()
        if answer.status in (401, 403):
            raise KeyRejected(
                f"{base_url} refuses the key. Set OPENAI_API_KEY to one that it accepts.",
                f"{base_url} 서버가 키를 거부했습니다. OPENAI_API_KEY에 맞는 키를 넣어 주세요.",
            )
        document = json.loads(answer.read(1_000_000))
    except (OSError, http.client.HTTPException, ValueError, socket.gaierror):
        return None
    finally:
        connection.close()
    return cast("dict[str, Any]", document) if isinstance(document, dict) else None


def _entries(listed: Mapping[str, Any]) -> list[dict[str, Any]]:
    data = listed.get("data")
    if not isinstance(data, list):
        return []
    return [cast("dict[str, Any]", entry) for entry in cast("list[Any]", data) if isinstance(entry, dict)]


def _names(listed: dict[str, Any] | None) -> tuple[str, ...]:
    """The model names in the answer of a Chat Completions server; () for any other server's answer."""
    names = [entry.get("id") for entry in _entries(listed or {})]
    return tuple(name for name in names if isinstance(name, str) and name)


def _no_key(provider: Provider) -> KeyRejected:
    return KeyRejected(
        f"{provider.name} needs a key: set {provider.key}. Or use --model study, which needs none.",
        f"{provider.name} 모델에는 키가 필요합니다. {provider.key} 환경 변수를 설정해 주세요. "
        "키 없이 쓰려면 --model study 를 쓰면 됩니다.",
    )
