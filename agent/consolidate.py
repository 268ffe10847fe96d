"""Going through past conversations behind the scene: one model call for each, or the rules where there is no model.

It runs while nobody waits. A turn that begins stops the call at hand (a local server answers one at a time), and what
was not finished is taken up after the turn or at the next start.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Generator, Iterable
from contextlib import closing, contextmanager
from time import monotonic
from typing import Any, cast

from ..memory.archival import Consolidation
from ..memory.archival.consolidation import MessageSpan, Proposed, Taken
from ..memory.background import BackgroundThread
from ..memory.errors import OfficeHoursError
from ..memory.learner.wording import unsaid_feeling
from ..memory.types import Message, StoredMessage, message_id
from ..tools.text import estimate_tokens
from .billing.recorder import UsageRecorder
from .context.budget import estimate_message
from .learner.statements import save_statements, stated_in
from .model import AttemptFailed, Finished, Interruptible, Model, Request, Retracted, TextDelta, Usage
from .runtime import Runtime

INSTRUCTION = """\
You read what a student said in tutoring and list what is worth knowing in later sessions: who they are, goals, dates, \
wishes, what they understand or find confusing. Only what the student states about themself; no questions, guesses or \
course content. Answer with JSON alone: {"facts": [{"message": "m12", "quote": "the student's exact words", \
"text": "one short sentence in the student's own language"}]}. The quote is copied to the letter from that message \
and holds everything the sentence says. Nothing worth keeping: {"facts": []}."""

MOST_OUTPUT = 800

_LONGEST = {"user": 1_000, "assistant": 200}
"""Characters of a message that are shown: the professor's words only say what an answer was about."""


class Consolidator:
    """Goes through what waits, in a thread of its own.

    Args:
        runtime: The student's memory.
        model: Who reads; one that cannot summarise (the study model) leaves it to the rules.
        recorder: Records what it costs.
    """

    def __init__(self, runtime: Runtime, model: Model, recorder: UsageRecorder) -> None:
        self._runtime, self._model, self._recorder = runtime, model, recorder
        self._work = Consolidation(runtime.db, runtime.student.id, runtime.memories.archival, runtime.clock)
        self._free = threading.Event()
        self._free.set()
        self._over = threading.Event()
        self._listening = False
        self._thread = BackgroundThread(self._run, "consolidation")

    def start(self) -> None:
        """Begin in the background; returns at once, again does nothing."""
        self._thread.start()

    @contextmanager
    def paused(self) -> Generator[None]:
        """Keep out of the way of a turn: the call at hand is stopped and taken up again afterwards."""
        self._free.clear()
        self._interrupt()
        try:
            yield
        finally:
            self._free.set()

    def stop(self) -> None:
        """End after the step at hand, which a model that is being read does not delay."""
        self._over.set()
        self._free.set()
        self._interrupt()
        self._thread.end(timeout=2)

    def run_all(self) -> list[Taken]:
        """Go through everything that waits, now, and give what was taken.

        Raises:
            OfficeHoursError: The model or the store failed; what was gone through before is kept.
        """
        taken: list[Taken] = []
        while not self._over.is_set() and (span := self._work.next()) is not None:
            self._free.wait()
            done = self._one(span)
            if done is not None:
                taken.append(done)
        return taken

    def _run(self) -> None:
        try:
            self.run_all()
        except OfficeHoursError as error:
            # Nobody asked for this now: it is said with the program's other warnings, and tried at the next start.
            self._runtime.warnings.append(error)

    def _one(self, span: MessageSpan) -> Taken | None:
        """Go through one stretch; None where a turn came between."""
        memories = self._runtime.memories
        for said in span.said:
            stated, language = stated_in(said), memories.student.language
            save_statements(said, stated, memories.archival, memories.core, memories.misconceptions, language)
        if not self._model.profile.summarizes or self._recorder.daily_limit_reached() is not None:
            self._work.mark(span)
            return Taken()
        text = self._listen(span)
        if text is None:
            return None
        return self._work.take(span, self._worth_keeping(read_reply(text)))

    def _worth_keeping(self, proposed: Iterable[Proposed]) -> list[Proposed]:
        """Leave out what stands among the misconceptions already, and feelings that the student did not speak of."""
        noted: dict[str, list[str]] = {}
        for item in self._runtime.memories.misconceptions.all():
            for event in item.events:
                if event.message_id is not None:
                    noted.setdefault(message_id(event.message_id), []).append(event.words)
        return [
            f
            for f in proposed
            if not any(f.quote in words for words in noted.get(f.message, ()))
            and not unsaid_feeling(f.text, f.quote)
        ]

    def _listen(self, span: MessageSpan) -> str | None:
        """Give the model's whole answer; None where a turn or the end came between. Either way it is billed."""
        request = request_of(span)
        started = monotonic()
        text, usage, whole = "", Usage(estimated=True), True
        self._listening = True
        try:
            with closing(self._model.stream(request)) as chunks:
                for chunk in chunks:
                    if self._unwanted:
                        whole = False
                        break
                    match chunk:
                        case TextDelta(piece):
                            text += piece
                        case Retracted():
                            text = ""
                        case Finished(_, counted) if counted is not None:
                            usage = counted
                        case AttemptFailed(usage=Usage() as spent):
                            self._record(spent, monotonic() - started, span)
                        case _:
                            pass
        except OfficeHoursError:
            if not self._unwanted:
                raise
            whole = False  # it failed because it was interrupted
        finally:
            self._listening = False
        if usage.estimated:
            asked = sum(map(estimate_message, request.messages))
            usage = Usage(round(asked), 0, round(estimate_tokens(text)), 0, estimated=True)
        self._record(usage, monotonic() - started, span)
        return text if whole else None

    def _interrupt(self) -> None:
        if self._listening and isinstance(self._model, Interruptible):
            self._model.interrupt()

    @property
    def _unwanted(self) -> bool:
        return not self._free.is_set() or self._over.is_set()

    def _record(self, usage: Usage, seconds: float, span: MessageSpan) -> None:
        self._recorder.record(
            usage,
            self._model.profile,
            seconds=seconds,
            purpose="consolidation",
            session_id=span.session_id,
        )


def request_of(span: MessageSpan) -> Request:
    """Write the one request that goes through a stretch."""
    lines = "\n".join(_line(stored) for stored in span.log)
    return Request((Message("system", INSTRUCTION), Message("user", lines)), max_output=MOST_OUTPUT)


def read_reply(text: str) -> list[Proposed]:
    """Read the answer; what is not the JSON that was asked for gives nothing."""
    found = re.search(r"\{.*\}", text, re.DOTALL)
    if found is None:
        return []
    try:
        whole: Any = json.loads(found[0])
    except ValueError:
        return []
    facts: Any = cast("dict[str, Any]", whole).get("facts")
    if not isinstance(facts, list):
        return []
    return [fact for entry in cast("list[Any]", facts) if (fact := _proposed(entry)) is not None]


def _proposed(entry: Any) -> Proposed | None:
    match entry:
        case {"text": str(text), "quote": str(quote)}:
            message: Any = cast("dict[str, Any]", entry).get("message")
            return Proposed(text, quote, message if isinstance(message, str) else "")
        case _:
            return None


def _line(stored: StoredMessage) -> str:
    most = _LONGEST.get(stored.message.role, 0)
    text = " ".join(stored.message.content.split())
    shown = text if len(text) <= most else f"{text[:most]} …"
    return f"[{message_id(stored.id)}] {stored.message.role}: {shown}"
