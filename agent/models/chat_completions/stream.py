"""One answer of a Chat Completions server, read while it comes: events into chunks, failures named."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, cast

from ....memory.types import ToolCall
from ....tools.base import ToolSpec
from ...model import CallBroken, CallReady, Chunk, Finished, Request, TextDelta
from . import failures
from .extras import written
from .failures import FailedAttempt, Failure, Where
from .repair import UnmendableError, mend
from .text_calls import CallReader, WrittenCall
from .wire import DONE, CallParts, Json, ReplyReader, sse_data

if TYPE_CHECKING:
    import httpx2

_NAME = re.compile(r"[^a-zA-Z0-9_-]")


class Exchange:
    """One answer being read."""

    def __init__(
        self,
        response: httpx2.Response,
        request: Request,
        where: Where,
        stall: float,
        body: bytes,
        origin: str = "",
    ) -> None:
        self._response = response
        self._where = where
        self._stall = stall
        self._body = body
        self._origin = origin
        self._reader = ReplyReader()
        self._tools = request.tools
        self._written = CallReader(request.tools)
        self._calls: list[WrittenCall] = []
        self._spoke = False
        self._handed_over = False

    def close(self) -> None:
        """Close the response unless it was read to its end."""
        if not self._handed_over:
            self._response.close()

    def chunks(self) -> Iterator[Chunk]:
        """Give the chunks of the reply; raises `FailedAttempt`."""
        raw = self._response.iter_bytes()
        done = False
        for event in self._events(raw):
            if event is None:
                done = True
                break
            yield from self._text(self._reader.feed(event))
        if not done and self._reader.reason is None:
            raise FailedAttempt(Failure(failures.cut_off(self._where), retry=True, usage=self._reader.usage))
        yield from self._text(self._reader.rest())
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
        """Give the events, and None for `[DONE]`."""
        import httpx2

        kind = self._response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind in {"text/html", "application/xhtml+xml"}:
            raise FailedAttempt(Failure(failures.not_a_reply(self._where, "a web page", "웹 페이지")))
        seen = False
        try:
            source = (
                iter([self._response.read().decode("utf-8", "replace")])
                if kind == "application/json"
                else sse_data(raw)
            )
            for data in source:
                seen = True
                yield None if data == DONE else self._event(data)
        except httpx2.TimeoutException as error:
            # A reply that is whole but for its closing is whole.
            if self._reader.reason is None:
                raise FailedAttempt(Failure(failures.stalled(self._where, self._stall))) from error
        except httpx2.HTTPError as error:
            if self._reader.reason is None:
                raise FailedAttempt(Failure(failures.cut_off(self._where), retry=True)) from error
        if not seen and self._reader.reason is None:
            # llama-cpp-python ends a stream like this where the prompt is larger than its window.
            raise FailedAttempt(Failure(failures.cut_off(self._where), retry=True, after=0.0, ask_whole=True))

    def _event(self, data: str) -> Json:
        try:
            event = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise FailedAttempt(
                Failure(failures.not_a_reply(self._where, "broken JSON", "깨진 JSON"), retry=True)
            ) from error
        if not isinstance(event, dict):
            raise FailedAttempt(
                Failure(failures.not_a_reply(self._where, "unexpected JSON", "알 수 없는 JSON"), retry=True)
            )
        fields = cast("Json", event)
        if fields.get("error") or ("choices" not in fields and fields.get("object") == "error"):
            raise FailedAttempt(failures.from_event(fields.get("error") or fields, self._where))
        return fields

    def _text(self, text: str) -> Iterator[Chunk]:
        if text:
            yield from self._sift(self._written.feed(text))

    def _sift(self, found: Iterator[str | WrittenCall]) -> Iterator[Chunk]:
        for one in found:
            if isinstance(one, WrittenCall):
                self._calls.append(one)
            elif text := one if self._spoke else one.lstrip():
                self._spoke = True
                yield TextDelta(text)

    def _all_calls(self) -> Iterator[CallReady | CallBroken]:
        """Give the calls that came as such, then those found in the text; the last may have been cut off."""
        native = self._reader.calls
        limit = self._reader.reason == "length"
        parts = [(part, limit and part is native[-1]) for part in native]
        parts += [(CallParts("", call.name, [call.arguments]), call.cut) for call in self._calls]
        used: set[str] = set()
        for index, (part, cut) in enumerate(parts):
            identity = part.id if part.id and part.id not in used else self._identity(index)
            used.add(identity)
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
        threading.Thread(target=_drain, args=(self._response, raw), name="drain-reply", daemon=True).start()


def _drain(response: httpx2.Response, raw: Iterator[bytes]) -> None:
    import httpx2

    try:
        for _ in raw:
            continue
    except (httpx2.HTTPError, httpx2.StreamError):
        return  # the reply was whole; a connection that ends badly after it is only not used again
    finally:
        response.close()


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
    name = _NAME.sub("_", part.name.strip().removeprefix("functions."))[:64] or "unnamed"
    text = "".join(part.arguments)
    try:
        if cut:
            json.loads(text)
        return CallReady(ToolCall(identity, name, mend(text, name)))
    except UnmendableError as error:
        why = str(error)
    except ValueError:
        why = "the reply reached its length limit inside the arguments; call again with shorter ones"
    return CallBroken(ToolCall(identity, name, text), why)
