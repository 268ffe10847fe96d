"""Any server that speaks Chat Completions, through the `openai` package.

The package carries the request (address, key, proxies, TLS); its own request models are passed by, because turning
200 messages into them took 28 ms, and so are its reply models, which hide what servers really send.
"""

from __future__ import annotations

import ipaddress
import math
import random
import re
import socket
import threading
import time
import weakref
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ....memory.errors import BadReply, ConfigError, KeyRejected, OfficeHoursError, UnknownModel
from ...model import AttemptFailed, Chunk, ModelProfile, Request
from . import failures
from .failures import FailedAttempt, Failure, Where
from .habit import Habit
from .listing import LISTING_SECONDS, listed_models
from .reading.watchdog import bound
from .stream import Exchange
from .text_protocol import as_text
from .wire import Dialect, request_bytes

if TYPE_CHECKING:
    import httpx2
    import openai

_TOOLS_REFUSED = re.compile(
    r"\btools?\b.{0,80}(?:support|requires?|enable|unrecognized|not allowed|not permitted|extra)"
    r"|(?:support|unrecognized|unknown|unexpected|requires?|extra).{0,60}(?:\btools?\b|function[ _]call)",
    re.IGNORECASE | re.DOTALL,
)
_TOO_MUCH_OUTPUT = re.compile(r"(?:at most|maximum of|less than or equal to|<=)\s*(\d{2,})", re.IGNORECASE)


LONGEST_REPLY = 1800.0
"""Seconds that a reply may take, with its attempts and waits, where its request names no limit."""


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

    def wait(
        self, attempt: int, failure: Failure, spent: float, jitter: float, left: float = math.inf
    ) -> float | None:
        """Give the seconds to wait after attempt number `attempt` (from 1), or None to give up.

        Args:
            spent: Seconds waited so far.
            left: Seconds that are left for the whole reply.
        """
        if not failure.retry or attempt >= min(self.tries, failure.tries or self.tries):
            return None
        backoff = self.first * 2 ** (attempt - 1) * (0.75 + 0.5 * jitter)
        seconds = backoff if failure.after is None else failure.after
        return seconds if spent + seconds <= self.seconds and seconds < left else None


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
        self._key = _usable_key(api_key)
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
        self._habit = Habit(profile.name)

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
        thread = threading.Thread(target=self._connect, name="warm-openai", daemon=True)
        thread.start()
        return thread

    def stream(self, request: Request) -> Generator[Chunk]:
        """Give the reply piece by piece; see `Model.stream`."""
        attempt, spent, piecewise = 1, 0.0, True
        ends = time.monotonic() + (LONGEST_REPLY if request.seconds is None else request.seconds)
        while True:
            begun = False
            try:
                for chunk in self._attempt(request, _left_until(ends), stream=piecewise):
                    begun = True
                    yield chunk
                return
            except FailedAttempt as failed:
                failure, cause = failed.failure, failed.__cause__
            if begun:
                raise failure.error from cause
            if self._learned(failure, request):
                continue
            seconds = self._retry.wait(attempt, failure, spent, self._jitter(), _left_until(ends))
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
        client = self._connect()
        import httpx2

        try:
            with self._failures_named(LISTING_SECONDS):
                answer = client.get("/models", cast_to=httpx2.Response, options={"timeout": LISTING_SECONDS})
        except FailedAttempt as failed:
            raise failed.failure.error from failed.__cause__
        return listed_models(answer.text, self._where)

    def _attempt(self, request: Request, left: float, *, stream: bool) -> Iterator[Chunk]:
        asked = as_text(request) if self._profile.tools == "text" else request
        body = request_bytes(asked, self._profile, self._dialect, stream=stream)
        began = time.monotonic()
        response = self._send(body, left)
        speech = self._habit.speech(request)
        left -= time.monotonic() - began
        exchange = Exchange(response, request, self._where, self._stall, body, speech=speech, left=left)
        try:
            yield from exchange.chunks()
            self._habit.learn(speech, thought=exchange.thought)
        finally:
            exchange.close()

    def _send(self, body: bytes, left: float) -> httpx2.Response:
        client = self._connect()
        import httpx2

        streaming: bool = True
        silence = min(self._stall, max(left, 0.01))
        with self._failures_named(silence):
            return client.post(
                "/chat/completions",
                cast_to=httpx2.Response,
                content=body,
                options={"timeout": httpx2.Timeout(silence, connect=min(10.0, silence))},
                stream=streaming,
                stream_cls=None,
            )

    @contextmanager
    def _failures_named(self, silence: float) -> Generator[None]:
        """Turn what the `openai` package raises into `FailedAttempt`; `silence` is what a read may wait."""
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
                failure = Failure(failures.stalled(self._where, silence))
            raise FailedAttempt(failure) from error
        except openai.APIConnectionError as error:
            refused = isinstance(error.__cause__, httpx2.ConnectError | httpx2.UnsupportedProtocol)
            why = " ".join(str(error.__cause__ or error).split()) or "the connection closed"
            told = failures.unreachable if refused else failures.dropped
            raise FailedAttempt(Failure(told(self._where, why), retry=not refused)) from error
        except httpx2.HTTPError as error:  # in the middle of what the server said in an error
            why = " ".join(str(error).split()) or "the connection closed"
            raise FailedAttempt(Failure(failures.dropped(self._where, why), retry=True)) from error

    def _connect(self) -> openai.OpenAI:
        with self._lock:
            # One thread at a time, and `httpx` too, which another may be loading for the index: the `openai` package
            # looks at it wherever it is, and half a package is none.
            import_module("httpx")
            import httpx2
            import openai

            if self._client is None:
                # A proxy set for the internet must not be asked for a server on this machine.
                connections = openai.DefaultHttpxClient(
                    trust_env=not self._loopback,
                    event_hooks={"request": [self._trace], "response": [self._bound]},
                )
                self._release = weakref.finalize(self, connections.close)
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

    def _bound(self, response: httpx2.Response) -> None:
        """Read no more than is sensible of an answer that is no reply, and follow it to no other server."""
        if response.has_redirect_location:
            host = host_of(response.headers["location"])
            if response.status_code < 307 and response.request.method == "POST":
                raise FailedAttempt(Failure(failures.sent_on(self._where, host or self._where.base_url)))
            if host and host != response.request.url.host:
                raise FailedAttempt(Failure(failures.sent_on(self._where, host)))
        if not response.is_success or response.request.method == "GET":
            bound(response)

    def _remember(self, event: str, info: dict[str, Any]) -> None:
        if event in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            with self._lock:
                self._sockets.add(info["return_value"].get_extra_info("socket"))

    def _told(self, error: OfficeHoursError) -> OfficeHoursError:
        """Add to an unknown model the names that the server has."""
        return (
            failures.unknown_model(self._where, self._known_names())
            if isinstance(error, UnknownModel)
            else error
        )

    def _known_names(self) -> tuple[str, ...]:
        try:
            return self.model_names()
        except OfficeHoursError:  # it has said already what is wrong
            return ()

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


def is_loopback(url: str) -> bool:
    """Tell whether an address is on this machine."""
    host = urlsplit(url if "//" in url else f"//{url}").hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _left_until(ends: float) -> float:
    return max(0.0, ends - time.monotonic())


def host_of(location: str) -> str:
    """Give the host that a redirect names; "" where it names none."""
    try:
        return urlsplit(location).hostname or ""
    except ValueError:
        return ""


def _usable_key(key: str | None) -> str | None:
    key = (key or "").strip() or None
    if key is not None and not (key.isascii() and key.isprintable() and " " not in key):
        raise KeyRejected(
            "The API key holds characters that no key has. Copy it again into OPENAI_API_KEY.",
            "API 키에 키에 쓰일 수 없는 글자가 들어 있습니다. OPENAI_API_KEY에 다시 복사해 넣어 주세요.",
        )
    return key
