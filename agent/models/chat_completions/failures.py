"""What a server's refusal means: which error the person sees, and whether trying again can help.

Pure functions from a status, headers and a body to a `Failure`; the words of OpenAI, vLLM, llama.cpp, Ollama, LM
Studio, OpenRouter, Gemini and Anthropic are data here.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast

from ....memory.errors import (
    BadReply,
    ConfigError,
    ConnectionDropped,
    ContextOverflow,
    EmptyReply,
    KeyRejected,
    OfficeHoursError,
    ProviderError,
    RateLimited,
    ServerUnreachable,
    UnknownModel,
)
from ....memory.text import josa
from ...model import Usage
from .overflow import read_overflow


@dataclass(frozen=True, slots=True)
class Where:
    """Whom a request went to, for the error's text."""

    base_url: str
    model: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed attempt.

    Attributes:
        error: What is raised if it stays at that.
        retry: Whether the same request may succeed in a moment.
        after: Seconds the server asks to wait.
        said: The server's own words.
        status: The HTTP status of an answer that refuses the request; 0 where none came.
        refusal: Everything that answer says, for finding which part of the request it refuses.
        tries: At most so many attempts in all, where that is fewer than usual.
        usage: What the attempt cost, if the server told.
        ask_whole: The stream held nothing; the answer asked for whole may say why.
    """

    error: OfficeHoursError
    retry: bool = False
    after: float | None = None
    said: str = ""
    tries: int | None = None
    usage: Usage | None = None
    ask_whole: bool = False
    status: int = 0
    refusal: str = ""


class FailedAttempt(Exception):
    """Carries a failure from where it is seen to where it is decided."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure.error))
        self.failure = failure


_NO_MODEL = re.compile(
    r"model_not_found|model.{0,120}?(?:does not exist|not found|not exist|not a valid|is not supported|unknown)"
    r"|(?:unknown|invalid|no such) model|not a valid model|no models? loaded|^model: ",
    re.IGNORECASE | re.DOTALL,
)
_NO_CREDIT = re.compile(
    r"insufficient_quota|insufficient[ _](?:balance|credit|funds)|exceeded your current quota|billing|credit balance",
    re.IGNORECASE,
)
_TOO_LARGE_FOR_QUOTA = re.compile(r"request too large", re.IGNORECASE)
_HTML = re.compile(r"\A\s*(?:<!doctype html|<html|<head|<body)", re.IGNORECASE)
_RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529})


def from_status(
    status: int, headers: Mapping[str, str], body: str, where: Where, now: datetime | None = None
) -> Failure:
    """Read an answer that is no reply.

    Args:
        status: The HTTP status.
        headers: Its headers, names in lower case.
        body: Its body as text.
        where: Whom it came from.
        now: The time that a Retry-After date is counted from; aware.
    """
    said = message_of(body)
    named = f"{said} {_code_of(body)}"
    if (too_long := read_overflow(status, body)) is not None:
        return Failure(overflow(too_long.window), said=said)
    if status in {401, 403}:
        return Failure(_key_rejected(status, said, where), said=said)
    if status == 402 or (status in {400, 429} and _NO_CREDIT.search(named)):
        return Failure(_no_credit(said, where), said=said)
    if status in {400, 404, 422, 500} and _NO_MODEL.search(named):
        return Failure(unknown_model(where, ()), said=said)
    if status in {404, 405}:
        return Failure(_nothing_there(status, where), said=said)
    retry = status in _RETRIED and not _TOO_LARGE_FOR_QUOTA.search(said)
    after = retry_after(headers, now)
    if status == 429:
        return Failure(_rate_limited(said, where, after), retry, after, said)
    return Failure(_bad_status(status, said, body, where), retry, after, said)


def from_event(error: object, where: Where) -> Failure:
    """Read an error that came as an event inside a stream."""
    body = json.dumps({"error": error}, ensure_ascii=False)
    code = cast("dict[str, Any]", error).get("code") if isinstance(error, dict) else None
    status = code if isinstance(code, int) and 400 <= code < 600 else 500
    return from_status(status, {}, body, where)


def message_of(body: str) -> str:
    """Find the server's own words in an error body, at most 400 characters on one line; "" for a web page."""
    if _HTML.match(body):
        return ""
    value = _json(body)
    if not isinstance(value, dict):
        return _short(body)
    fields = cast("dict[str, Any]", value)
    error: Any = fields.get("error", fields)
    if isinstance(error, dict):
        inner = cast("dict[str, Any]", error)
        error = inner.get("message") or inner.get("detail") or inner
    return _short(error if isinstance(error, str) else json.dumps(error, ensure_ascii=False))


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Read Retry-After, in seconds or as an HTTP date (RFC 9110, 10.2.3); None where there is none to read."""
    milliseconds = headers.get("retry-after-ms", "")
    if re.fullmatch(r"\d+(\.\d+)?", milliseconds):
        return float(milliseconds) / 1000
    text = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - (now or datetime.now(UTC))).total_seconds())


def unreachable(where: Where, why: str) -> ServerUnreachable:
    """Nothing answers at the address."""
    return ServerUnreachable(
        f"No model server answers at {where.base_url} ({why}). Start it, or correct the address (OPENAI_BASE_URL or "
        "base_url in the config); `officehours doctor` checks it, `--model study` needs no server.",
        f"{where.base_url} 에서 응답하는 모델 서버가 없습니다 ({why}). 서버를 켜거나 주소(OPENAI_BASE_URL 또는 설정의 "
        "base_url)를 고쳐 주세요. `officehours doctor`로 확인할 수 있고, `--model study`는 서버 없이 됩니다.",
    )


def dropped(where: Where, why: str) -> ConnectionDropped:
    """The server is there, took the request, and closed the connection instead of answering."""
    return ConnectionDropped(
        f"The model server at {where.base_url} closed the connection without answering ({why}). Your message is kept; "
        "try again, and look at the server's own messages if it happens again.",
        f"{where.base_url} 의 모델 서버가 답하지 않고 연결을 끊었습니다 ({why}). 메시지는 저장되어 있습니다. 다시 시도하고, "
        "되풀이되면 서버의 메시지를 확인해 주세요.",
    )


def stalled(where: Where, seconds: float) -> ServerUnreachable:
    """The server took the request and then said nothing for too long."""
    return ServerUnreachable(
        f"The model server at {where.base_url} sent nothing for {seconds:g} seconds. Your message is kept; try again, "
        "or choose a smaller model if this machine is slow.",
        f"{where.base_url} 의 모델 서버가 {seconds:g}초 동안 아무것도 보내지 않았습니다. 메시지는 저장되어 있습니다. "
        "다시 시도하거나, 컴퓨터가 느리면 더 작은 모델을 골라 주세요.",
    )


def cut_off(where: Where) -> BadReply:
    """The stream ended in the middle of the reply."""
    return BadReply(
        f"The reply from {where.model} was cut off in the middle: the connection to {where.base_url} closed. What came "
        "is kept as a part; ask again.",
        f"{where.model}의 답이 중간에 끊겼습니다: {where.base_url} 연결이 닫혔습니다. 받은 부분은 저장했습니다. 다시 "
        "물어봐 주세요.",
    )


def empty(where: Where, reason: str) -> BadReply:
    """The reply had neither text nor a call."""
    if reason == "length":
        return BadReply(
            f"{where.model} used its whole reply for thinking and said nothing. Raise max_output in the config, or choose "
            "a model that thinks less.",
            f"{josa(where.model, '이/가')} 생각하는 데 답의 길이를 다 써서 아무 말도 하지 못했습니다. 설정의 max_output을 늘리거나 "
            "덜 생각하는 모델을 골라 주세요.",
        )
    if reason == "content_filter":
        return BadReply(
            f"The provider's content filter held back the reply of {where.model}. Ask it in other words.",
            f"제공자의 콘텐츠 필터가 {where.model}의 답을 막았습니다. 다른 말로 물어봐 주세요.",
        )
    return EmptyReply(
        f"{where.model} answered with nothing, twice. Ask again, or choose another model.",
        f"{josa(where.model, '이/가')} 두 번 모두 빈 답을 보냈습니다. 다시 물어보거나 다른 모델을 골라 주세요.",
    )


def not_a_reply(where: Where, found: str, found_ko: str) -> BadReply:
    """The server answered 200 with something that is not Chat Completions."""
    return BadReply(
        f"{where.base_url} answered with {found} instead of a reply. Check the base URL: it usually ends in /v1.",
        f"모델 서버({where.base_url})가 답 대신 {josa(found_ko, '을/를')} 보냈습니다. 주소를 확인해 주세요. 보통 /v1로 끝납니다.",
    )


def unknown_model(where: Where, names: tuple[str, ...]) -> UnknownModel:
    """The server does not know the model; `names` are those it has, if it tells."""
    if not names:
        return UnknownModel(
            f"The server at {where.base_url} has no model {where.model!r}. Choose another with --model or OFFICEHOURS_MODEL.",
            f"{where.base_url} 서버에 {where.model!r} 모델이 없습니다. --model이나 OFFICEHOURS_MODEL로 다른 모델을 골라 주세요.",
        )
    shown = ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
    return UnknownModel(
        f"The server at {where.base_url} has no model {where.model!r}. It has: {shown}. Choose one with --model.",
        f"{where.base_url} 서버에 {where.model!r} 모델이 없습니다. 있는 모델: {shown}. --model로 골라 주세요.",
    )


def overflow(window: int | None = None) -> ContextOverflow:
    """The request is larger than the window, which is so large where the server says it."""
    size = f" of {window:,} tokens" if window else ""
    size_ko = f"({window:,}토큰)" if window else ""
    return ContextOverflow(
        f"The conversation does not fit the model's window{size}. Shorten the message, or choose a model with a larger "
        "window.",
        f"대화가 모델의 컨텍스트 창{size_ko}에 들어가지 않습니다. 메시지를 줄이거나 창이 더 큰 모델을 골라 주세요.",
        window=window,
    )


def _key_rejected(status: int, said: str, where: Where) -> KeyRejected:
    what, what_ko = (
        ("refused the key", "키를 거절했습니다")
        if status == 401
        else ("refused access", "접근을 거절했습니다")
    )
    return KeyRejected(
        f"{where.base_url} {what} (HTTP {status}){_quoted(said)}. Set OPENAI_API_KEY to a valid key, or use `--model study`.",
        f"모델 서버({where.base_url})가 {what_ko} (HTTP {status}){_quoted(said)}. OPENAI_API_KEY에 올바른 키를 넣거나 "
        "`--model study`를 써 주세요.",
    )


def _no_credit(said: str, where: Where) -> RateLimited:
    return RateLimited(
        f"The account at {where.base_url} has no credit left{_quoted(said)}. Add credit there, or choose another model.",
        f"{where.base_url} 계정에 남은 크레딧이 없습니다{_quoted(said)}. 크레딧을 채우거나 다른 모델을 골라 주세요.",
    )


def _rate_limited(said: str, where: Where, after: float | None) -> RateLimited:
    seconds = math.ceil(after or 60)
    wait, wait_ko = (f"in {seconds} s", f"{seconds}초 뒤에") if after else ("in a minute", "1분쯤 뒤에")
    return RateLimited(
        f"{where.base_url} takes no more requests for now (HTTP 429){_quoted(said)}. Your message is kept; try again {wait}.",
        f"모델 서버({where.base_url})가 지금은 요청을 더 받지 않습니다 (HTTP 429){_quoted(said)}. 메시지는 저장되어 있습니다. "
        f"{wait_ko} 다시 시도해 주세요.",
    )


def _nothing_there(status: int, where: Where) -> ConfigError:
    return ConfigError(
        f"{where.base_url} does not serve Chat Completions (HTTP {status}). Correct the base URL; it usually ends in /v1.",
        f"모델 서버({where.base_url})는 Chat Completions를 제공하지 않습니다 (HTTP {status}). 주소를 고쳐 주세요. 보통 /v1로 "
        "끝납니다.",
    )


def _bad_status(status: int, said: str, body: str, where: Where) -> ProviderError:
    page, page_ko = (
        (": a web page came instead of an answer", ": 답 대신 웹 페이지가 왔습니다")
        if _HTML.match(body)
        else ("", "")
    )
    return BadReply(
        f"The model server at {where.base_url} failed (HTTP {status}){page or _quoted(said)}. Your message is kept; try "
        "again.",
        f"{where.base_url} 의 모델 서버에서 오류가 났습니다 (HTTP {status}){page_ko or _quoted(said)}. 메시지는 저장되어 있습니다. "
        "다시 시도해 주세요.",
    )


def _quoted(said: str) -> str:
    return f": {said.rstrip('. ')}" if said else ""


def _code_of(body: str) -> str:
    value = _json(body)
    if not isinstance(value, dict):
        return ""
    fields = cast("dict[str, Any]", value)
    error: Any = fields.get("error", fields)
    if not isinstance(error, dict):
        return ""
    inner = cast("dict[str, Any]", error)
    return f"{inner.get('code')} {inner.get('type')}"


def _json(body: str) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _short(text: str) -> str:
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= 400 else line[:399] + "…"
