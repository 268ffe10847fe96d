"""Any server that speaks Chat Completions, through the `openai` package.

The package carries the request (address, key, proxies, TLS); its own request models are passed by, because turning
200 messages into them took 28 ms, and so are its reply models, which hide what servers really send.
"""

from __future__ import annotations

import random
import re
import socket
import threading
import time
import weakref
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ....memory.errors import BadReply, ConfigError, KeyRejected, OfficeHoursError, UnknownModel
from ....memory.lazy import load_whole, loading
from ....memory.network import http_client, is_loopback, setup_failures, why_broken
from ....memory.values import trimmed
from ...model import AttemptFailed, Chunk, ModelProfile, Request
from . import failures
from .failures import FailedAttempt, Failure, Where
from .profiles import provider_at
from .stream import Exchange
from .text_protocol import as_text
from .wire import Dialect, as_object, as_objects, request_bytes

if TYPE_CHECKING:
    import httpx2
    import openai

_TOOLS_REFUSED = re.compile(
    r"\btools?\b.{0,80}(?:support|requires?|enable|unrecognized|not allowed|not permitted|extra)"
    r"|(?:support|unrecognized|unknown|unexpected|requires?|extra).{0,60}(?:\btools?\b|function[ _]call)",
    re.IGNORECASE | re.DOTALL,
)
_TOO_MUCH_OUTPUT = re.compile(r"(?:at most|maximum of|less than or equal to|<=)\s*(\d{2,})", re.IGNORECASE)


ADDRESS = "OPENAI_BASE_URL"
"""The variable that names a server."""


@dataclass(frozen=True, slots=True)
class Retry:
    """How long a person is made to wait for a server in trouble.

    Attributes:
        tries: Attempts in all.
        seconds: Longest sum of waits; a server that asks for more is believed, and the turn fails at once.
        first: Seconds before the second attempt; each later wait is twice as long, with a quarter of jitter.
    """

    tries: int = 3
    seconds: float = 30.0
    first: float = 0.5

    def wait(self, attempt: int, failure: Failure, spent: float, jitter: float) -> float | None:
        """Give the seconds to wait after attempt number `attempt` (from 1), or None to give up."""
        if not failure.retry or attempt >= min(self.tries, failure.tries or self.tries):
            return None
        backoff = self.first * 2 ** (attempt - 1) * (0.75 + 0.5 * jitter)
        seconds = backoff if failure.after is None else failure.after
        return seconds if spent + seconds <= self.seconds else None


class OpenAIModel:
    """A model behind a Chat Completions server.

    A server that refuses an optional field (`stream_options`, `max_completion_tokens`, `parallel_tool_calls`,
    `tools`) is asked again without it, and from then on; without tools they are described in the prompt.

    Args:
        profile: Facts about the model.
        base_url: The address up to and with `/v1`.
        api_key: The key; local servers need none.
        dialect: Which optional fields to begin with.
        retry: How long to try.
        stall_seconds: Longest silence of the server; by default 300 s, and 900 s on this machine, where a large
            prompt on a slow processor takes its time.
        sleep: Waits between attempts.
        jitter: Gives a number from 0 to 1 for each wait.
    """

    def __init__(
        self,
        profile: ModelProfile,
        *,
        base_url: str,
        api_key: str | None = None,
        dialect: Dialect | None = None,
        retry: Retry | None = None,
        stall_seconds: float | None = None,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._profile = profile
        self._key = _usable_key(api_key, base_url)
        self._where = Where(base_url.rstrip("/"), profile.name)
        self._dialect = dialect or Dialect()
        self._retry = retry or Retry()
        self._loopback = is_loopback(base_url)
        self._stall = stall_seconds or (900.0 if self._loopback else 300.0)
        self._sleep = sleep
        self._jitter = jitter
        self._lock = threading.Lock()
        self._client: openai.OpenAI | None = None
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._release: Callable[[], object] | None = None

    @property
    def profile(self) -> ModelProfile:
        """Facts about the model, with what was learned from the server."""
        return self._profile

    @property
    def base_url(self) -> str:
        """The server's address."""
        return self._where.base_url

    def warm(self) -> threading.Thread:
        """Load the `openai` package (0.5 to 1 s) in the background; returns the thread."""

        def load() -> None:
            with suppress(OfficeHoursError):  # the turn says it
                self._connect()

        thread = threading.Thread(target=load, name="warm-openai", daemon=True)
        thread.start()
        return thread

    def stream(self, request: Request) -> Generator[Chunk]:
        """Give the reply piece by piece; see `Model.stream`."""
        attempt, spent, piecewise = 1, 0.0, True
        while True:
            begun = False
            try:
                for chunk in self._attempt(request, stream=piecewise):
                    begun = True
                    yield chunk
                return
            except FailedAttempt as failed:
                failure, cause = failed.failure, failed.__cause__
            if begun:
                raise failure.error from cause
            if self._learned(failure, request):
                continue
            seconds = self._retry.wait(attempt, failure, spent, self._jitter())
            yield AttemptFailed(failure.error, seconds, failure.usage)
            if seconds is None:
                raise self._told(failure.error) from cause
            self._sleep(seconds)
            attempt, spent, piecewise = attempt + 1, spent + seconds, not failure.ask_whole

    def interrupt(self) -> None:
        """Break off every reply that is being waited for: the server sees that nobody is there any more.

        Shut down, not closed: closing a socket does not wake the thread that reads from it.
        """
        with self._lock:
            for connection in list(self._sockets):
                with suppress(OSError):  # closed already
                    connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connections that are kept open; the next request opens new ones. Done by itself at the end."""
        with self._lock:
            if self._release is not None:
                self._release()
            self._client = self._release = None

    def model_names(self) -> tuple[str, ...]:
        """Ask the server which models it has, in its order; () where it does not tell.

        Raises:
            KeyRejected, ConfigError, ProviderError: As for a reply.
        """
        import httpx2

        try:
            with self._failures_named():
                answer = self._connect().get("/models", cast_to=httpx2.Response, options={"timeout": 5.0})
        except FailedAttempt as failed:
            raise failed.failure.error from failed.__cause__
        try:
            listed = answer.json()
        except ValueError:
            return ()
        return tuple(
            str(entry["id"]) for entry in as_objects(as_object(listed).get("data")) if entry.get("id")
        )

    def _attempt(self, request: Request, *, stream: bool) -> Iterator[Chunk]:
        asked = as_text(request) if self._profile.tools == "text" else request
        body = request_bytes(asked, self._profile, self._dialect, stream=stream)
        response = self._send(body)
        exchange = Exchange(response, request, self._where, self._stall, body)
        try:
            yield from exchange.chunks()
        finally:
            exchange.close()

    def _send(self, body: bytes) -> httpx2.Response:
        import httpx2

        streaming: bool = True
        with self._failures_named():
            return self._connect().post(
                "/chat/completions", cast_to=httpx2.Response, content=body, stream=streaming, stream_cls=None
            )

    @contextmanager
    def _failures_named(self) -> Generator[None]:
        """Turn what the `openai` package raises into `FailedAttempt`."""
        load_whole("httpx2", "openai")
        import httpx2
        import openai

        try:
            yield
        except openai.APIStatusError as error:
            response = error.response
            raise FailedAttempt(
                failures.from_status(error.status_code, dict(response.headers), response.text, self._where)
            ) from error
        except openai.APITimeoutError as error:
            if isinstance(error.__cause__, httpx2.ConnectTimeout):
                failure = Failure(failures.unreachable(self._where, "timed out"), retry=True)
            else:
                failure = Failure(failures.stalled(self._where, self._stall))
            raise FailedAttempt(failure) from error
        except openai.APIConnectionError as error:
            refused = isinstance(
                error.__cause__, httpx2.ConnectError | httpx2.ProxyError | httpx2.UnsupportedProtocol
            )
            why = why_broken(self._where.base_url, error.__cause__ or error)
            told = failures.unreachable if refused else failures.dropped
            raise FailedAttempt(Failure(told(self._where, why), retry=not refused)) from error

    def _connect(self) -> openai.OpenAI:
        load_whole("httpx2", "openai")
        import httpx2
        import openai

        with self._lock, loading:  # a client loads more when it is made
            if self._client is None:
                connections = http_client(
                    self._where.base_url, ADDRESS, event_hooks={"request": [self._trace]}
                )
                self._release = weakref.finalize(self, connections.close)
                with setup_failures(self._where.base_url, ADDRESS):
                    self._client = openai.OpenAI(
                        api_key=self._key or "none",
                        base_url=self._where.base_url,
                        max_retries=0,
                        timeout=httpx2.Timeout(self._stall, connect=10.0),
                        http_client=connections,
                    )
            return self._client

    def _trace(self, request: httpx2.Request) -> None:
        request.extensions = {**request.extensions, "trace": self._remember}

    def _remember(self, event: str, info: dict[str, Any]) -> None:
        if event in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            with self._lock:
                self._sockets.add(info["return_value"].get_extra_info("socket"))

    def _told(self, error: OfficeHoursError) -> OfficeHoursError:
        """Add to an unknown model the names that the server has."""
        return (
            failures.unknown_model(self._where, self.model_names())
            if isinstance(error, UnknownModel)
            else error
        )

    def _learned(self, failure: Failure, request: Request) -> bool:
        """Find out from a refusal which field the server does not take; True if asking again makes sense."""
        settled = isinstance(failure.error, KeyRejected | UnknownModel)
        if settled or not isinstance(failure.error, BadReply | ConfigError) or not failure.said:
            return False
        said, before = failure.said, (self._dialect, self._profile)
        limit = self._dialect.limit_field
        most = _TOO_MUCH_OUTPUT.search(said)
        if self._dialect.usage_option and "stream_options" in said:
            self._dialect = replace(self._dialect, usage_option=False)
        elif self._dialect.parallel_option and "parallel_tool_calls" in said:
            self._dialect = replace(self._dialect, parallel_option=False)
        elif limit and limit in said and most and int(most[1]) < self._profile.max_output:
            self._profile = replace(self._profile, max_output=int(most[1]))
        elif limit and limit in said:
            self._dialect = self._dialect.without_limit_field()
        elif request.tools and self._profile.tools == "native" and _TOOLS_REFUSED.search(said):
            self._profile = replace(self._profile, tools="text")
        return before != (self._dialect, self._profile)


def _usable_key(key: str | None, base_url: str) -> str | None:
    key = trimmed(key or "") or None
    if key is not None and not (key.isascii() and key.isprintable() and " " not in key):
        provider = provider_at(base_url)
        variable = (provider and provider.key) or "OPENAI_API_KEY"
        raise KeyRejected(
            f"The API key holds characters that no key has. Copy it again into {variable}.",
            f"API 키에 키에 쓰일 수 없는 글자가 들어 있습니다. {variable}에 다시 복사해 넣어 주세요.",
        )
    return key
