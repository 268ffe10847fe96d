"""Asking servers what they are before anything is said to them: which models they have, how large a window.

Standard library only, so that a server on this machine is found before the `openai` package is loaded.
"""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from ....memory.errors import KeyRejected
from .wire import Json, as_object, as_objects

ASK_SECONDS = 5.0
"""How long a server that was named may take to list its models."""

WINDOW_SECONDS = 0.2
"""How long a server on this machine may take to tell its window."""

_NO_CHAT = re.compile(r"embed|rerank|whisper|tts|moderation|transcribe|dall-e|^bge-|^minilm", re.IGNORECASE)


def listed_models(
    base_url: str, timeout: float = ASK_SECONDS, api_key: str | None = None
) -> tuple[str, ...] | None:
    """Ask a server which models it has, those that cannot chat last; None if nothing there answers as one.

    Raises:
        KeyRejected: It refuses the key.
    """
    listed = ask(base_url, "/models", timeout, api_key=api_key)
    if listed is None or not isinstance(listed.get("data"), list):
        return None
    names = [str(entry["id"]) for entry in as_objects(listed["data"]) if entry.get("id")]
    return tuple(sorted(names, key=lambda name: _NO_CHAT.search(name) is not None))


def served_window(base_url: str, model: str, environ: Mapping[str, str]) -> int | None:
    """Ask a server on this machine how large a window it serves a model with; None if it does not tell.

    vLLM says so in its list of models, LM Studio in its own list, llama.cpp in `/props`. Ollama says it of a model
    that is loaded, and of one whose Modelfile sets it; what a model *could* have is not taken, for Ollama cuts longer
    prompts without a word.
    """
    root = base_url.removesuffix("/v1")
    for entry in as_objects((ask(base_url, "/models", WINDOW_SECONDS) or {}).get("data")):
        if entry.get("id") == model and (size := _size(entry.get("max_model_len"))):
            return size
    props = as_object((ask(root, "/props", WINDOW_SECONDS) or {}).get("default_generation_settings"))
    if size := _size(props.get("n_ctx")):
        return size
    for entry in as_objects((ask(root, "/api/v0/models", WINDOW_SECONDS) or {}).get("data")):
        if entry.get("id") == model and (size := _size(entry.get("loaded_context_length"))):
            return size
    return _ollama_window(root, model, environ)


def _ollama_window(root: str, model: str, environ: Mapping[str, str]) -> int | None:
    running = ask(root, "/api/ps", WINDOW_SECONDS)
    if running is None:
        return None
    for entry in as_objects(running.get("models")):
        if model in {entry.get("name"), entry.get("model")} and (size := _size(entry.get("context_length"))):
            return size
    shown = ask(root, "/api/show", WINDOW_SECONDS, body={"model": model}) or {}
    written = re.search(r"^num_ctx\s+(\d+)", str(shown.get("parameters") or ""), re.MULTILINE)
    told = environ.get("OLLAMA_CONTEXT_LENGTH", "")
    return int(written[1]) if written else int(told) if told.isdecimal() and int(told) > 0 else None


def ask(
    base_url: str, path: str, timeout: float, *, api_key: str | None = None, body: Json | None = None
) -> Json | None:
    """GET a JSON object (POST, with a body); None if nothing there answers with one.

    Raises:
        KeyRejected: It refuses the key.
    """
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
        status, content = answer.status, answer.read(4_000_000)
        document: Any = json.loads(content) if status == http.client.OK else None
    except (OSError, http.client.HTTPException, ValueError, RecursionError):
        return None
    finally:
        if connection is not None:
            connection.close()
    if status in {http.client.UNAUTHORIZED, http.client.FORBIDDEN}:
        raise KeyRejected(
            f"{base_url} refuses the key. Set OPENAI_API_KEY to one that it accepts.",
            f"{base_url} 서버가 키를 거부했습니다. OPENAI_API_KEY에 맞는 키를 넣어 주세요.",
        )
    return cast("Json", document) if isinstance(document, dict) else None


def _size(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
