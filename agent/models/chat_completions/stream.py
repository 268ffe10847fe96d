"""One answer of a Chat Completions server, read while it comes: events into chunks, failures named."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any, cast

from ....memory.text.server_words import is_web_page, said_of
from ....memory.types import ToolCall
from ....tools.base import ToolSpec
from ...model import CallBroken, CallReady, Chunk, Finished, Request, Retracted, TextDelta
from . import failures
from .extras import written
from .failures import FailedAttempt, Failure, Where
from .reading.reply import ARGUMENT_CHARS, REPLY_CALLS, CallParts, ReplyReader, TooMuchSpeech, separate
from .reading.sse import ServerEvent, TooLong, documents, server_events
from .reading.text_calls import CallReader, WrittenCall
from .reading.thoughts import Speech, Taken
from .reading.watchdog import Watchdog
from .repair import UnmendableError, mend
from .wire import Json, as_object, as_objects

if TYPE_CHECKING:
    import httpx2

GRACE = 2.0
"""Seconds that a reply which has ended is waited for its usage and its `[DONE]`."""

_NAME = re.compile(r"[^a-zA-Z0-9_-]")
_BROKE_OFF = frozenset({"error", "network_error", "server_error", "insufficient_system_resource"})
_TOLD = ("detail", "msg", "message", "error_msg", "error_message", "errors", "base_resp")


class Exchange:
    """One answer being read.

    Args:
        speech: Tells thoughts from speech in it.
        left: Seconds that it may take in all.
    """

    def __init__(
        self,
        response: httpx2.Response,
        request: Request,
        where: Where,
        stall: float,
        body: bytes,
        *,
        origin: str = "",
        speech: Speech | None = None,
        left: float | None = None,
    ) -> None:
        self._response = response
        self._where = where
        self._stall = stall
        self._left = left
        self._ends = None if left is None else monotonic() + left
        self._body = body
        self._origin = origin
        self._reader = ReplyReader(frozenset(tool.name for tool in request.tools), speech)
        self._tools = request.tools
        self._written = CallReader(request.tools)
        self._calls: list[WrittenCall] = []
        self._words = ""
        self._read = 0
        self._spoke = False
        self._handed_over = False
        self._watchdog = Watchdog(response)

    @property
    def thought(self) -> bool:
        """Whether the reply had hidden text."""
        return self._reader.thought

    def close(self) -> None:
        """Close the response unless it was read to its end."""
        if not self._handed_over:
            self._watchdog.rest()
            self._response.close()

    def chunks(self) -> Iterator[Chunk]:
        """Give the chunks of the reply; raises `FailedAttempt`."""
        if self._ends is not None:
            self._watchdog.bite_in(self._ends - monotonic())
        raw = self._response.iter_bytes()
        done = False
        for event in self._events(raw):
            if event is None:
                done = True
                break
            before = self._reader.progress
            yield from self._heard(self._reader.feed(event))
            if self._reader.reason is not None and self._reader.progress > before:
                self._goes_on()
        if not done and self._reader.reason is None and not self._reader.whole:
            raise FailedAttempt(self._broken_off())
        yield from self._heard(self._reader.rest())
        cut = self._reader.reason == "length"
        yield from self._sift(self._written.close(cut=cut))
        self._calls += _calls_in(self._reader.unclosed_thought, self._tools, cut=cut)
        calls = list(self._all_calls())
        if not self._spoke and not calls:
            raise FailedAttempt(self._empty())
        yield from calls
        self._hand_over(raw)
        yield Finished(self._reason(called=bool(calls)), self._reader.usage, self._extras())

    def _events(self, raw: Iterator[bytes]) -> Iterator[Json | None]:
        """Give the events of the reply, and None for `[DONE]`; ends with the answer, or a while after the reply."""
        import httpx2

        kind = self._response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind in {"text/html", "application/xhtml+xml"}:
            raise FailedAttempt(Failure(failures.not_a_reply(self._where, "a web page", "웹 페이지")))
        heard = monotonic()
        try:
            for event in server_events(raw):
                if event is not None and event.data.strip():
                    heard = monotonic()
                    yield from self._read_event(event)
                elif self._stop(heard):
                    return
        except httpx2.TimeoutException as error:
            # A reply that is whole but for its closing is whole.
            if self._reader.reason is None:
                raise FailedAttempt(Failure(failures.stalled(self._where, self._stall))) from error
        except (httpx2.HTTPError, httpx2.StreamError) as error:
            if self._reader.reason is not None:
                return
            self._stop(heard)
            raise FailedAttempt(Failure(failures.cut_off(self._where), retry=True)) from error
        except TooLong as error:
            raise FailedAttempt(Failure(failures.endless(self._where))) from error
        self._stop(heard)

    def _stop(self, heard: float) -> bool:
        """Whether the reply has ended and nothing more need be waited for; raises where the time is up."""
        if self._reader.reason is not None:
            self._watchdog.bite_in(GRACE)
            return self._watchdog.bit
        if self._watchdog.bit:
            raise FailedAttempt(Failure(failures.stalled(self._where, self._left or 0.0)))
        if monotonic() - heard > self._stall:  # comments that keep the line open say nothing
            raise FailedAttempt(Failure(failures.stalled(self._where, self._stall)))
        return False

    def _goes_on(self) -> None:
        """Wait longer again: some servers say with every piece that it is the last."""
        self._watchdog.rest()
        if self._ends is not None:
            self._watchdog.bite_in(self._ends - monotonic())

    def _read_event(self, event: ServerEvent) -> Iterator[Json | None]:
        """Read the data of one event: mostly one document, now and then several, a list of them, or words."""
        if event.done:
            yield None
            return
        try:
            found = documents(event.data)
        except ValueError as error:
            if self._reader.reason is not None:  # the reply is whole
                return
            self._hear_words(event)
            if event.data.lstrip()[:1] in {"{", "["}:
                broken = failures.not_a_reply(self._where, "broken JSON", "깨진 JSON")
                raise FailedAttempt(Failure(broken, retry=True)) from error
            return
        for document in _flat(found):
            if not isinstance(document, dict):
                self._words = self._words or (document if isinstance(document, str) else "")
                continue
            self._read += 1
            fields = cast("Json", document)
            error = _error_in(fields, event.name)
            if error is not None and self._reader.reason is not None:
                continue
            if error is not None:
                raise FailedAttempt(failures.from_event(error, self._where, self._reader.usage))
            yield fields

    def _hear_words(self, event: ServerEvent) -> None:
        """Take words where JSON should be: an error says so, and others may tell why nothing else came."""
        if is_web_page(event.data):
            raise FailedAttempt(Failure(failures.not_a_reply(self._where, "a web page", "웹 페이지")))
        if event.name.lower() == "error":
            raise FailedAttempt(failures.from_event(event.data, self._where, self._reader.usage))
        if " " in event.data.strip():
            self._words = event.data

    def _broken_off(self) -> Failure:
        """Say why there is no whole reply although the answer has ended."""
        if self._words and not self._spoke:
            return failures.from_event(self._words, self._where, self._reader.usage)
        if self._read and not self._reader.started:
            return Failure(
                failures.not_a_reply(self._where, "unexpected JSON", "알 수 없는 JSON"), retry=True
            )
        if not self._read and not self._words:
            # llama-cpp-python ends a stream like this where the prompt is larger than its window.
            return Failure(failures.cut_off(self._where), retry=True, after=0.0, ask_whole=True)
        return Failure(failures.cut_off(self._where), retry=True, usage=self._reader.usage)

    def _heard(self, pieces: Iterator[str | Taken]) -> Iterator[Chunk]:
        """Give what is said of what was read; a reply without end is broken off."""
        try:
            for piece in pieces:
                if isinstance(piece, str):
                    yield from self._sift(self._written.feed(piece))
                    continue
                self._written, self._calls = CallReader(self._tools), []
                if self._spoke:
                    yield Retracted()
                self._spoke = False
        except TooMuchSpeech as error:
            raise FailedAttempt(Failure(failures.endless(self._where), usage=self._reader.usage)) from error

    def _sift(self, found: Iterator[str | WrittenCall]) -> Iterator[Chunk]:
        for one in found:
            if isinstance(one, WrittenCall):
                self._calls.append(one)
            elif text := one if self._spoke else one.lstrip():
                self._spoke = True
                yield TextDelta(text)

    def _all_calls(self) -> Iterator[CallReady | CallBroken]:
        """Give the calls that came as such, then those found in the text; the last may have been cut off."""
        native = separate(self._reader.calls)
        limit = self._reader.reason == "length"
        parts = [(part, limit and part is native[-1]) for part in native]
        parts += [
            (CallParts("", call.name, [call.arguments], len(call.arguments)), call.cut)
            for call in self._calls[: REPLY_CALLS + 1]
        ]
        used: set[str] = set()
        for index, (part, cut) in enumerate(parts[: REPLY_CALLS + 1]):
            identity = part.id if part.id and part.id not in used else self._identity(index)
            used.add(identity)
            if index == REPLY_CALLS:
                why = f"one reply may make {REPLY_CALLS} calls; this one and what followed it were not made"
                yield CallBroken(ToolCall(identity, _tool_name(part), "{}"), why)
            else:
                yield finished_call(part, identity, cut=cut)

    def _identity(self, index: int) -> str:
        """Make an id for a call that came without: nine letters and digits suit every server; same request, same id."""
        return hashlib.sha256(b"%d " % index + self._body).hexdigest()[:9]

    def _empty(self) -> Failure:
        reason = self._reader.reason or "stop"
        again = reason not in {"length", "content_filter"}
        error = failures.empty(self._where, reason)
        return Failure(error, retry=again, after=0.0, tries=2, usage=self._reader.usage)

    def _reason(self, *, called: bool) -> str:
        reason = self._reader.reason or "stop"
        return "tool_calls" if called and reason in {"stop", "function_call"} else reason

    def _extras(self) -> str:
        """Give what the reply brought besides its text and calls, as its message keeps it."""
        fields = self._reader.extras.fields()
        return written(self._origin, fields, [call.extras.fields() for call in self._reader.calls])

    def _hand_over(self, raw: Iterator[bytes]) -> None:
        """Read what stands behind `[DONE]` aside, so that the connection can be used again and nobody waits."""
        self._handed_over = True
        aside = (self._response, raw, self._watchdog)
        threading.Thread(target=_drain, args=aside, name="drain-reply", daemon=True).start()


def _drain(response: httpx2.Response, raw: Iterator[bytes], watchdog: Watchdog) -> None:
    import httpx2

    watchdog.bite_in(GRACE)
    try:
        for _ in raw:
            if watchdog.bit:
                return
    except (httpx2.HTTPError, httpx2.StreamError):
        return  # the reply was whole; a connection that ends badly after it is only not used again
    finally:
        watchdog.rest()
        response.close()


def _flat(values: list[Any]) -> Iterator[object]:
    """Give what is in lists as if there were none: some servers wrap each event, or an error."""
    for value in values:
        if isinstance(value, list):
            yield from cast("list[object]", value)
        else:
            yield value


def _error_in(event: Json, name: str) -> object | None:
    """Find an error in an event, wherever its server puts it; None where there is none."""
    choices = as_objects(event.get("choices"))
    for choice in choices:
        if choice.get("error"):
            return choice["error"]
        if str(choice.get("finish_reason") or "").lower() in _BROKE_OFF:
            return (
                event.get("error")
                or as_object(choice.get("message")).get("content")
                or choice["finish_reason"]
            )
    if event.get("error"):
        return event["error"] if said_of(event["error"]) else event
    told = name.lower() == "error" or "error" in {event.get("type"), event.get("object"), event.get("status")}
    if told or ("choices" not in event and any(isinstance(event.get(k), str | list | dict) for k in _TOLD)):
        return event if said_of(event) else None
    return None


def _calls_in(thought: str, tools: Sequence[ToolSpec], *, cut: bool) -> list[WrittenCall]:
    """Give the calls in a thought that was never closed: small models forget the tag and mean the call."""
    reader = CallReader(tools)
    found = [*reader.feed(thought), *reader.close(cut=cut)]
    return [one for one in found if isinstance(one, WrittenCall)]


def finished_call(part: CallParts, identity: str, *, cut: bool) -> CallReady | CallBroken:
    """Make a call of its parts: its arguments mended, or broken with the reason.

    Args:
        part: The pieces that came.
        identity: The call's id.
        cut: The reply ended at its length limit in this call, so that mending would make up an end.
    """
    name, text = _tool_name(part), part.text
    if part.size > ARGUMENT_CHARS:
        return CallBroken(
            ToolCall(identity, name, "{}"), "the arguments are too long; call again with shorter ones"
        )
    try:
        if cut:
            json.loads(text)
        return CallReady(ToolCall(identity, name, mend(text, name)))
    except UnmendableError as error:
        why = str(error)
    except ValueError:
        why = "the reply reached its length limit inside the arguments; call again with shorter ones"
    return CallBroken(ToolCall(identity, name, text), why)


def _tool_name(part: CallParts) -> str:
    return _NAME.sub("_", part.name.strip().removeprefix("functions."))[:64] or "unnamed"
