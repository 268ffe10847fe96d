"""Any server that speaks Chat Completions, through the `openai` package.

The package carries the request (address, key, proxies, TLS); its own request models are passed by, because turning
200 messages into them took 28 ms, and so are its reply models, which hide what servers really send.
"""

from __future__ import annotations

import math
import random
import socket
import threading
import time
import weakref
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ....memory.errors import (
    BadReply,
    ContextOverflow,
    KeyRejected,
    OfficeHoursError,
    RateLimited,
    UnknownModel,
)
from ....memory.lazy import load_whole, loading
from ....memory.network import http_client, is_loopback, setup_failures, why_broken
from ....memory.types import Message
from ....memory.values import trimmed
from ...model import AttemptFailed, Chunk, ModelProfile, Request
from . import failures
from .dialect import KEPT_FOR, KEPT_FOR_LOCAL, Dialect, Dialects, origin
from .failures import FailedAttempt, Failure, Where
from .habit import Habit
from .history import last_turn, left_out
from .lessons import Lessons
from .listing import LISTING_SECONDS, listed_models
from .overflow import output_limit, texts_of
from .profiles import provider_at
from .reading.watchdog import bound
from .stream import Exchange
from .text_protocol import as_text
from .wire import request_bytes

if TYPE_CHECKING:
    import httpx2
    import openai

SMALLEST_WINDOW = 2_048
"""Nobody can be taught in less; a smaller number was read wrongly."""

_REFUSED = frozenset({400, 422})
"""It is the request that the server does not take, whatever it says of it."""


LONGEST_REPLY = 1800.0
"""Seconds that a reply may take, with its attempts and waits, where its request names no limit."""


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

    A server that refuses how a request is written is asked again in another way, and what it then takes is its dialect
    from then on (`lessons.py`); without tools they are described in the prompt.

    Args:
        profile: Facts about the model.
        base_url: The address up to and with `/v1`.
        api_key: The key; local servers need none.
        dialect: How to write a request where nothing was learned.
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
        self._origin = origin(base_url, profile.name)
        self._dialect = dialect or Dialect()
        self._dialects: Dialects | None = None
        self._told = profile
        self._refused: tuple[Message, ...] = ()
        self._key = _usable_key(api_key, base_url)
        self._where = Where(base_url.rstrip("/"), profile.name)
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
        return self._dialect.fit(self._told)

    @property
    def base_url(self) -> str:
        """The server's address."""
        return self._where.base_url

    def keep_dialect(self, dialects: Dialects) -> None:
        """Go on with the dialect that was learned of this server and model, and write down there what is learned now."""
        self._dialects = dialects
        known = dialects.get(self._origin, KEPT_FOR_LOCAL if self._loopback else KEPT_FOR)
        self._dialect = known or self._dialect

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
        ends = time.monotonic() + (LONGEST_REPLY if request.seconds is None else request.seconds)
        whole, request = request, self._without_refused(request)
        lessons = self._lessons(request)
        while True:
            begun = False
            try:
                for chunk in self._attempt(request, lessons.dialect, _left_until(ends), stream=piecewise):
                    if not begun:
                        self._learn(lessons.dialect)
                        if request is not whole:
                            self._refused = left_out(whole.messages, request.messages)
                    begun = True
                    yield chunk
                return
            except FailedAttempt as failed:
                failure, cause = failed.failure, failed.__cause__
            if begun:
                raise failure.error from cause
            if self._another_way(failure, lessons):
                continue
            if self._request_refused(failure) and len(turn := last_turn(request.messages)) < len(
                request.messages
            ):
                request = replace(request, messages=turn)
                lessons = self._lessons(request)
                continue
            seconds = self._retry.wait(attempt, failure, spent, self._jitter(), _left_until(ends))
            yield AttemptFailed(failure.error, seconds, failure.usage)
            if seconds is None:
                raise self._named(failure.error) from cause
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

    def _body(self, request: Request, dialect: Dialect, *, stream: bool = True) -> bytes:
        asked = as_text(request) if dialect.fit(self._told).tools == "text" else request
        return request_bytes(asked, self._told, dialect, stream=stream, origin=self._origin)

    def _lessons(self, request: Request) -> Lessons:
        return Lessons(self._dialect, lambda dialect: self._body(request, dialect))

    def _without_refused(self, request: Request) -> Request:
        """Leave out the beginning of a conversation that the server refused in every dialect, a filter's victim say."""
        system, rest = request.messages[:1], request.messages[1:]
        size = len(self._refused)
        if size and rest[:size] == self._refused and len(rest) > size:
            return replace(request, messages=system + rest[size:])
        return request

    def _attempt(self, request: Request, dialect: Dialect, left: float, *, stream: bool) -> Iterator[Chunk]:
        body = self._body(request, dialect, stream=stream)
        began = time.monotonic()
        response = self._send(body, left)
        speech = self._habit.speech(request)
        left -= time.monotonic() - began
        exchange = Exchange(
            response, request, self._where, self._stall, body, origin=self._origin, speech=speech, left=left
        )
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
        load_whole("httpx2", "openai")
        import httpx2
        import openai

        try:
            yield
        except openai.APIStatusError as error:
            response, status = error.response, error.status_code
            failure = failures.from_status(status, dict(response.headers), response.text, self._where)
            raise FailedAttempt(replace(failure, status=status, refusal=texts_of(response.text))) from error
        except openai.APITimeoutError as error:
            if isinstance(error.__cause__, httpx2.ConnectTimeout):
                failure = Failure(failures.unreachable(self._where, "timed out"), retry=True)
            else:
                failure = Failure(failures.stalled(self._where, silence))
            raise FailedAttempt(failure) from error
        except openai.APIConnectionError as error:
            refused = isinstance(
                error.__cause__, httpx2.ConnectError | httpx2.ProxyError | httpx2.UnsupportedProtocol
            )
            why = why_broken(self._where.base_url, error.__cause__ or error)
            told = failures.unreachable if refused else failures.dropped
            raise FailedAttempt(Failure(told(self._where, why), retry=not refused)) from error
        except httpx2.HTTPError as error:  # in the middle of what the server said in an error
            why = " ".join(str(error).split()) or "the connection closed"
            raise FailedAttempt(Failure(failures.dropped(self._where, why), retry=True)) from error

    def _connect(self) -> openai.OpenAI:
        load_whole("httpx", "httpx2", "openai")  # the package looks at `httpx` too where it is loaded
        import httpx2
        import openai

        with self._lock, loading:  # a client loads more when it is made
            if self._client is None:
                connections = http_client(
                    self._where.base_url,
                    ADDRESS,
                    event_hooks={"request": [self._trace], "response": [self._bound]},
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

    def _named(self, error: OfficeHoursError) -> OfficeHoursError:
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

    def _learn(self, dialect: Dialect) -> None:
        """Keep how a request was written that the server took."""
        if dialect == self._dialect:
            return
        self._dialect = dialect
        if self._dialects is not None:
            self._dialects.put(self._origin, dialect)

    def _another_way(self, failure: Failure, lessons: Lessons) -> bool:
        """Find another way to write a request that was refused; True if asking again makes sense."""
        error, said = failure.error, failure.refusal
        if isinstance(error, ContextOverflow):
            return self._smaller(error, said, lessons)
        if isinstance(error, KeyRejected | RateLimited) or not said:
            return False
        refused = self._request_refused(failure)
        most = output_limit(said, lessons.dialect.fit(self._told).max_output)
        if refused and most is not None and lessons.limited(most):
            return True
        if isinstance(error, UnknownModel):
            return failure.status in _REFUSED and lessons.refused(said, blind=False)
        return lessons.refused(said, blind=refused)

    @staticmethod
    def _request_refused(failure: Failure) -> bool:
        """Whether the server took offence at the request, for a reason that it does not name as one we know."""
        return failure.status in _REFUSED and isinstance(failure.error, BadReply)

    def _smaller(self, error: ContextOverflow, said: str, lessons: Lessons) -> bool:
        """Learn the window that an overflow names; True if a shorter reply alone may make the request fit."""
        before = lessons.dialect.fit(self._told)
        if error.window is None or not SMALLEST_WINDOW <= error.window < before.window:
            return False
        self._learn(replace(lessons.dialect, window=error.window))
        return "max_tokens" in said and lessons.limited(
            min(before.max_output, error.window // 4), error.window
        )


def _left_until(ends: float) -> float:
    return max(0.0, ends - time.monotonic())


def host_of(location: str) -> str:
    """Give the host that a redirect names; "" where it names none."""
    try:
        return urlsplit(location).hostname or ""
    except ValueError:
        return ""


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
