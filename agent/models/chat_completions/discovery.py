"""Which model speaks: what is named, else what the environment has a key or an address for, else a server found on
this machine, else none (and the study model speaks).

Servers are asked which models they have and how large a window with the standard library only, so that one on this
machine is found before the `openai` package is loaded.
"""

from __future__ import annotations

import http.client
import json
import os
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from time import monotonic
from typing import cast
from urllib.parse import urlsplit

from ....memory.errors import ConfigError, KeyRejected, ServerUnreachable, UnknownModel
from ....memory.network import is_loopback
from ....memory.values import trimmed
from ...model import ModelProfile
from . import failures
from .client import OpenAIModel, host_of
from .dialect import Dialect
from .failures import Where
from .listing import LISTING_BYTES, LISTING_SECONDS, listed_models, refused_list
from .profiles import DEFAULT_MODEL, LOCAL, PROVIDERS, Provider, profile_of, provider_at
from .wire import Json, as_object, as_objects

FIND_SECONDS = 0.2
"""How long a server on this machine may take to be found; a refused connection answers at once."""

WINDOW_SECONDS = 0.2
"""How long a server on this machine may take to tell its window."""

_NO_CHAT = re.compile(r"embed|rerank|whisper|tts|moderation|transcribe|dall-e|^bge-|^minilm", re.IGNORECASE)

STUDY = "study"

_CLOSED, _NO_HTTP = "it closed the connection", "what answers does not speak HTTP"
_KOREAN = {_CLOSED: "연결을 곧바로 끊습니다", _NO_HTTP: "HTTP가 아닌 서버입니다"}


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A server that answers on this machine, and the models it has, the first being the one it would use."""

    provider: str
    base_url: str
    models: tuple[str, ...]


def find_local_server(
    timeout: float = FIND_SECONDS,
    addresses: Sequence[tuple[str, str]] | None = None,
    having: str | None = None,
) -> LocalServer | None:
    """Look for a Chat Completions server on this machine; None if none answers as one.

    Args:
        timeout: Seconds for all of them together; they are asked side by side.
        addresses: (provider, base URL) in the order of preference; the usual ports by default.
        having: Only a server that has this model counts.
    """
    places = addresses if addresses is not None else [(name, PROVIDERS[name].base_url) for name in LOCAL]
    pool = ThreadPoolExecutor(len(places) or 1, thread_name_prefix="find-model")
    try:
        asked = [pool.submit(served_models, url, timeout=timeout) for _, url in places]
        wait(asked, timeout)
        for (provider, url), answer in zip(places, asked, strict=True):
            models = answer.result() if answer.done() and answer.exception() is None else None
            if models and (having is None or having in models):
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
    addresses: Sequence[tuple[str, str]] | None = None,
) -> OpenAIModel | None:
    """Give the model that is to speak, or None where it is to be the study model.

    Args:
        name: `study`, `provider:model`, or a bare model name for `base_url`, OpenAI or a server on this machine.
        base_url: A server's address, up to and with `/v1`; without a name its first model is taken.
        api_key: The key for `base_url` or OpenAI. Other providers' keys are read from their own variables, and no
            key is ever sent to another server than its own.
        window: Overrides what the table or the server says.
        environ: Where other providers' keys are.
        addresses: Where servers on this machine are looked for, as in `find_local_server`.

    Raises:
        KeyRejected: The named provider needs a key and there is none.
        ServerUnreachable, UnknownModel: The named server does not answer, or has no model.
        ConfigError: The name is empty.
    """
    name = name.strip() if name else None
    if name == STUDY:
        return None
    provider, model = _parse(name)
    if base_url and (provider is None or provider.name == "openai"):
        return _at(base_url, model, api_key, window, environ)
    if provider is None and not api_key:
        found = find_local_server(addresses=addresses, having=model)
        if found is not None:
            return _on_this_machine(found.provider, found.base_url, model or found.models[0], window, environ)
        if model is None:
            return None
    provider = provider or PROVIDERS["openai"]
    if provider.key is None:
        chosen = model or _first(provider.base_url, None)
        return _on_this_machine(provider.name, provider.base_url, chosen, window, environ)
    key = api_key if provider.name == "openai" else trimmed(environ.get(provider.key, ""))
    if not key:
        raise _no_key(provider)
    profile = profile_of(model or DEFAULT_MODEL, provider.prices, local=False, window=window)
    return OpenAIModel(profile, base_url=provider.base_url, api_key=key, dialect=provider.dialect)


def _parse(name: str | None) -> tuple[Provider | None, str | None]:
    if not name:
        return None, None
    head, colon, rest = name.partition(":")
    if not colon or head not in PROVIDERS:
        return None, name
    if not rest:
        raise ConfigError(
            f"`{name}` names no model. Write {head}:MODEL.",
            f"`{name}`에 모델 이름이 없습니다. {head}:모델 로 적어 주세요.",
        )
    return PROVIDERS[head], rest


def _at(
    base_url: str, model: str | None, api_key: str | None, window: int | None, environ: Mapping[str, str]
) -> OpenAIModel:
    """The model at an address that the person gave."""
    base_url = base_url.rstrip("/")
    local = is_loopback(base_url)
    known = provider_at(base_url)
    chosen = model or _first(base_url, api_key)
    if local:
        name = known.prices if known else urlsplit(base_url).hostname or "server"
        return _on_this_machine(name, base_url, chosen, window, environ, api_key)
    profile = profile_of(chosen, known.prices if known else _host(base_url), local=False, window=window)
    dialect = known.dialect if known else Dialect()
    return OpenAIModel(profile, base_url=base_url, api_key=api_key, dialect=dialect)


def _on_this_machine(
    provider: str,
    base_url: str,
    model: str,
    window: int | None,
    environ: Mapping[str, str],
    api_key: str | None = None,
) -> OpenAIModel:
    usual = PROVIDERS[provider].window if provider in PROVIDERS else None
    size = window or served_window(base_url, model, environ) or usual
    return OpenAIModel(
        profile_of(model, provider, local=True, window=size), base_url=base_url, api_key=api_key
    )


def _first(base_url: str, api_key: str | None) -> str:
    """Ask a server for its models and give the first."""
    if is_loopback(base_url):
        names = served_models(base_url, api_key)
    else:
        # The internet may be behind a proxy, with which the `openai` package deals.
        names = OpenAIModel(
            ModelProfile("", _host(base_url)), base_url=base_url, api_key=api_key
        ).model_names()
    if not names:
        raise UnknownModel(
            f"{base_url} lists no model. Name one with --model or OFFICEHOURS_MODEL.",
            f"{base_url} 에 등록된 모델이 없습니다. --model 이나 OFFICEHOURS_MODEL로 모델을 지정해 주세요.",
        )
    return names[0]


def _host(base_url: str) -> str:
    return urlsplit(base_url).hostname or "server"


def _no_key(provider: Provider) -> KeyRejected:
    return KeyRejected(
        f"{provider.name} needs a key: set {provider.key}. Or use --model study, which needs none.",
        f"{provider.name} 모델에는 키가 필요합니다. {provider.key} 환경 변수를 설정해 주세요. "
        "키 없이 쓰려면 --model study 를 쓰면 됩니다.",
    )


def served_models(
    base_url: str, api_key: str | None = None, timeout: float = LISTING_SECONDS
) -> tuple[str, ...]:
    """Ask a server which models it has, those that cannot chat last.

    Raises:
        ServerUnreachable: Nothing answers there, or a server that is still loading.
        KeyRejected: It refuses the key.
        BadReply, ConfigError: Something else answers: a login page, another kind of server.
    """
    where, answer = Where(base_url, ""), _ask(base_url, "/models", timeout, api_key=api_key)
    if answer.status is None:
        raise _silent(base_url, answer.body, timed_out=answer.timed_out)
    if 300 <= answer.status < 400:
        raise failures.sent_on(where, answer.sent_to or base_url)
    if answer.status in {http.client.UNAUTHORIZED, http.client.FORBIDDEN}:
        raise KeyRejected(
            f"{base_url} refuses the key. Set OPENAI_API_KEY to one that it accepts.",
            f"{base_url} 서버가 키를 거부했습니다. OPENAI_API_KEY에 맞는 키를 넣어 주세요.",
        )
    if answer.status != http.client.OK:
        raise refused_list(answer.status, answer.body, where)
    names = listed_models(answer.body, where)
    return tuple(sorted(names, key=lambda name: _NO_CHAT.search(name) is not None))


def _silent(base_url: str, why: str, *, timed_out: bool) -> ServerUnreachable:
    if timed_out:
        return ServerUnreachable(
            f"{base_url} takes the connection and does not answer. Wait until its model is loaded, start it anew, or use "
            "`--model study`, which needs no server.",
            f"{base_url} 서버가 연결은 받지만 답하지 않습니다. 모델을 다 불러올 때까지 기다리거나 서버를 다시 켜 주세요. "
            "`--model study` 는 서버 없이도 됩니다.",
        )
    because, because_ko = (f" ({told})" if told else "" for told in (why, _KOREAN.get(why, why)))
    return ServerUnreachable(
        f"Nothing answers at {base_url}{because}. Start the server or change OPENAI_BASE_URL; "
        "`--model study` works without one.",
        f"{base_url} 에서 응답이 없습니다{because_ko}. 서버를 켜거나 OPENAI_BASE_URL을 고쳐 주세요. `--model study` 는 서버 없이도 됩니다.",
    )


def served_window(base_url: str, model: str, environ: Mapping[str, str]) -> int | None:
    """Ask a server on this machine how large a window it serves a model with; None if it does not tell.

    vLLM says so in its list of models, LM Studio in its own list, llama.cpp in `/props`. Ollama says it of a model
    that is loaded, and of one whose Modelfile sets it; what a model *could* have is not taken, for Ollama cuts longer
    prompts without a word.
    """
    root = base_url.removesuffix("/v1")
    for entry in as_objects(_json(_ask(base_url, "/models", WINDOW_SECONDS)).get("data")):
        if entry.get("id") == model and (size := _size(entry.get("max_model_len"))):
            return size
    props = as_object(_json(_ask(root, "/props", WINDOW_SECONDS)).get("default_generation_settings"))
    if size := _size(props.get("n_ctx")):
        return size
    for entry in as_objects(_json(_ask(root, "/api/v0/models", WINDOW_SECONDS)).get("data")):
        if entry.get("id") == model and (size := _size(entry.get("loaded_context_length"))):
            return size
    return _ollama_window(root, model, environ)


def _ollama_window(root: str, model: str, environ: Mapping[str, str]) -> int | None:
    answer = _ask(root, "/api/ps", WINDOW_SECONDS)
    if answer.status != http.client.OK or not (running := _json(answer)):
        return None
    for entry in as_objects(running.get("models")):
        if model in {entry.get("name"), entry.get("model")} and (size := _size(entry.get("context_length"))):
            return size
    shown = _json(_ask(root, "/api/show", WINDOW_SECONDS, body={"model": model}))
    written = re.search(r"^num_ctx\s+(\d+)", str(shown.get("parameters") or ""), re.MULTILINE)
    told = environ.get("OLLAMA_CONTEXT_LENGTH", "")
    return int(written[1]) if written else int(told) if told.isdecimal() and int(told) > 0 else None


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came back: the status and the text, or no status and the reason; `sent_to` is where it sends us on to."""

    status: int | None
    body: str = ""
    sent_to: str = ""
    timed_out: bool = False


def _ask(
    base_url: str, path: str, timeout: float, *, api_key: str | None = None, body: Json | None = None
) -> _Answer:
    """GET something (POST, with a body) and give what comes back."""
    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    connection: http.client.HTTPConnection | None = None
    try:
        parts = urlsplit(base_url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=timeout)
        if body is None:
            connection.request("GET", f"{parts.path}{path}", headers=headers)
        else:
            headers["Content-Type"] = "application/json"
            connection.request("POST", f"{parts.path}{path}", body=json.dumps(body).encode(), headers=headers)
        answer = connection.getresponse()
        content = _read(answer, timeout)
        sent_to = host_of(answer.headers.get("location") or "")
        return _Answer(answer.status, content.decode("utf-8", "replace"), sent_to)
    except TimeoutError:
        return _Answer(None, timed_out=True)
    except http.client.RemoteDisconnected:
        return _Answer(None, _CLOSED)
    except http.client.BadStatusLine:
        return _Answer(None, _NO_HTTP)
    except OSError as error:
        return _Answer(None, error.strerror or "")
    except (http.client.HTTPException, ValueError):
        return _Answer(None)
    finally:
        if connection is not None:
            connection.close()


def _read(answer: http.client.HTTPResponse, seconds: float) -> bytes:
    """Read a body of bounded length, in bounded time however it drips."""
    ends, content = monotonic() + seconds, b""
    while len(content) < LISTING_BYTES and (piece := answer.read1(LISTING_BYTES)):
        content += piece
        if monotonic() > ends:
            raise TimeoutError
    return content


def _json(answer: _Answer) -> Json:
    """Give the JSON object that came back, {} where none did."""
    found = failures.read(answer.body) if answer.status == http.client.OK else None
    documents = cast("list[object]", found) if isinstance(found, list) else []
    return as_object(documents[0]) if len(documents) == 1 else {}


def _size(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
