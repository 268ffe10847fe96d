"""What a server's refusal means: which error the person sees, and whether trying again can help.

Pure functions from a status, headers and a body to a `Failure`; the words of OpenAI, vLLM, llama.cpp, Ollama, LM
Studio, OpenRouter, Gemini and Anthropic are data here.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

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
from ....memory.text.server_words import is_web_page, names_in, said_in, said_of
from ...model import Usage
from .overflow import read_overflow
from .reading.sse import documents
from .reading.waits import credit_is_out, wait_named


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
_TOO_LARGE_FOR_QUOTA = re.compile(r"request too large", re.IGNORECASE)
_LOADING = re.compile(
    r"\bload(?:ing|ed)?\b.{0,40}\bmodel|\bmodel\b.{0,40}\b(?:is )?(?:still |currently |being )*load(?:ing|ed)\b|warming up",
    re.IGNORECASE,
)
_STATUS_OF = (
    (429, "rate_limit rate-limit resource_exhausted too_many throttl"),
    (503, "overloaded unavailable"),
)
LOADING_SECONDS = 5.0
"""How long a server that loads its model is given before it is asked again, unless it says how long."""

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
    said, names = said_in(body), names_in(body)
    named = f"{said} {names}"
    if (too_long := read_overflow(status, body)) is not None:
        return Failure(overflow(too_long.window), said=said)
    if credit_is_out(status, said, names):
        return Failure(_no_credit(said, where), said=said)
    if status in {401, 403}:
        return Failure(_key_rejected(status, said, where), said=said)
    if status in {400, 404, 422, 500} and _NO_MODEL.search(named):
        return Failure(unknown_model(where, ()), said=said)
    if status in {404, 405}:
        return Failure(_nothing_there(status, where), said=said)
    retry = status in _RETRIED and not _TOO_LARGE_FOR_QUOTA.search(said)
    after = wait_named(headers, read(body), said, now)
    if status in {500, 502, 503} and _LOADING.search(said):
        return Failure(loading(where, said), retry=True, after=after or LOADING_SECONDS, said=said)
    if status == 429:
        return Failure(_rate_limited(said, where, after), retry, after, said)
    return Failure(_bad_status(status, said, body, where), retry, after, said)


def from_event(error: object, where: Where, usage: Usage | None = None) -> Failure:
    """Read an error that came as an event inside a stream, in the words of its server."""
    body = error if isinstance(error, str) else dumped({"error": error})
    names = names_in(body).lower()
    codes = [int(word) for word in names.split() if re.fullmatch("[45][0-9][0-9]", word)]
    meant = [status for status, words in _STATUS_OF if any(word in names for word in words.split())]
    status = next(iter([*codes, *meant]), 500)
    return replace(from_status(status, {}, body, where), usage=usage)


def dumped(value: object) -> str:
    """Write a value as JSON; what is nested too deeply to be written says nothing."""
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return json.dumps(said_of(value))


def read(body: str) -> object:
    """Read a body as JSON; None where it is none."""
    try:
        return documents(body)
    except ValueError:
        return None


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


def endless(where: Where) -> BadReply:
    """The answer is longer than any real one."""
    return BadReply(
        f"{where.model} did not come to an end, so its reply was broken off. What came is kept as a part; ask again, or "
        "choose another model.",
        f"{josa(where.model, '이/가')} 답을 끝내지 않아 중간에 끊었습니다. 받은 부분은 저장했습니다. 다시 물어보거나 다른 모델을 "
        "골라 주세요.",
    )


def loading(where: Where, said: str) -> ServerUnreachable:
    """The server is there and not ready."""
    return ServerUnreachable(
        f"The model server at {where.base_url} is still loading its model{_quoted(said)}. Wait a moment and try again.",
        f"{where.base_url} 의 모델 서버가 아직 모델을 불러오는 중입니다{_quoted(said)}. 잠시 기다렸다가 다시 시도해 주세요.",
    )


def sent_on(where: Where, host: str) -> ConfigError:
    """The address is another server's, or a login page stands before it."""
    return ConfigError(
        f"{where.base_url} sends requests on to {host}, as a login page or an old address does. Log in there, or correct "
        "the base URL; it usually ends in /v1.",
        f"{where.base_url} 서버가 요청을 {host} 로 넘깁니다. 로그인 페이지이거나 옛 주소일 수 있습니다. 로그인하거나 주소를 고쳐 "
        "주세요. 보통 /v1로 끝납니다.",
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


def no_models(where: Where, said: str) -> BadReply:
    """The server said something else when it was asked which models it has."""
    return BadReply(
        f"{where.base_url} did not list its models{_quoted(said)}. Name one with --model, or check the base URL.",
        f"{where.base_url} 서버가 모델 목록을 주지 않았습니다{_quoted(said)}. --model로 모델을 지정하거나 주소를 확인해 주세요.",
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
    wait, wait_ko = _in_a_while(after)
    return RateLimited(
        f"{where.base_url} takes no more requests for now (HTTP 429){_quoted(said)}. Your message is kept; try again {wait}.",
        f"모델 서버({where.base_url})가 지금은 요청을 더 받지 않습니다 (HTTP 429){_quoted(said)}. 메시지는 저장되어 있습니다. "
        f"{wait_ko} 다시 시도해 주세요.",
    )


def _in_a_while(after: float | None) -> tuple[str, str]:
    if not after:
        return "in a minute", "1분쯤 뒤에"
    for most, size, unit, unit_ko in (
        (120, 1, "s", "초"),
        (7200, 60, "min", "분"),
        (172_800, 3600, "h", "시간"),
    ):
        if after <= most:
            return f"in {math.ceil(after / size)} {unit}", f"{math.ceil(after / size)}{unit_ko} 뒤에"
    return f"in {math.ceil(after / 86_400)} days", f"{math.ceil(after / 86_400)}일 뒤에"


def _nothing_there(status: int, where: Where) -> ConfigError:
    return ConfigError(
        f"{where.base_url} does not serve Chat Completions (HTTP {status}). Correct the base URL; it usually ends in /v1.",
        f"모델 서버({where.base_url})는 Chat Completions를 제공하지 않습니다 (HTTP {status}). 주소를 고쳐 주세요. 보통 /v1로 "
        "끝납니다.",
    )


def _bad_status(status: int, said: str, body: str, where: Where) -> ProviderError:
    page, page_ko = (
        (": a web page came instead of an answer", ": 답 대신 웹 페이지가 왔습니다")
        if is_web_page(body)
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
