"""One question put to several models, each bare and with the professor's pipeline: what each answers and what it costs.

The turn with the professor runs in a copy of the store that is thrown away, so it sees what `ask` would see and leaves
nothing in the student's memory. What was spent stays spent: it is recorded as any other call.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Final

from ...memory.error_log import as_told
from ...memory.errors import EmptyReply, LimitReached, OfficeHoursError
from ...memory.store import Database
from ...memory.store.backup import backup
from ...memory.types import Message
from ...memory.usage import UsageLog
from ...tools.text import estimate_tokens
from ..assemble import find_model, open_tutor
from ..billing.prices import PriceBook
from ..billing.recorder import UsageRecorder
from ..billing.report import FAR_AHEAD, LONG_AGO
from ..events import Bill, TurnFailed, TurnFinished
from ..model import AttemptFailed, Model, Request, Usage
from ..models.chat_completions.discovery import STUDY
from ..models.study.policy import StudyModel
from ..prepare import read_utterance
from ..runtime import open_runtime
from ..settings import Settings
from ..tool_execution import refuse
from ..turn_run import Reply
from .values import Answer, Contender

PURPOSE: Final = "comparison"
"""What the calls are recorded as."""

TAKEN_ALONG: Final = ("personas", "tools", "dialects.json")
"""What of the home a turn needs besides the store."""


def compare(
    settings: Settings, student: str | None, question: str, who: Sequence[Contender]
) -> Iterator[Answer]:
    """Ask them one after the other; one that fails is an answer with an error, and the next is asked.

    Raises:
        UsageError: There is nothing in the question.
        StoreError: The student's store cannot be opened or copied.
    """
    said = read_utterance(question).text
    with open_runtime(settings, student) as runtime:
        log = UsageLog(runtime.db, runtime.student.id, runtime.clock)
        prices = PriceBook(settings.prices, settings.krw_rate, settings.krw_rate_date)
        recorder = UsageRecorder(log, prices, settings.limits, runtime.clock, runtime.zone)
        for one in who:
            began = monotonic()
            try:
                if one.model != STUDY and (reached := recorder.daily_limit_reached()):
                    raise LimitReached(reached.en, reached.ko)
                if one.professor:
                    yield _with_professor(settings, runtime.db, runtime.student.handle, said, one, log)
                else:
                    model = find_model(settings, one.model, StudyModel())
                    yield _bare(model, said, one, recorder)
            except Exception as error:  # noqa: BLE001 - whatever it is, the others are asked
                yield Answer(one, "", Bill(seconds=monotonic() - began), as_told(error, settings.home))


def _bare(model: Model, question: str, one: Contender, recorder: UsageRecorder) -> Answer:
    """Ask the model what anybody would ask it: one message, no system prompt, no tools, no memory."""
    reply, bill, began = Reply(), Bill(), monotonic()

    def charge(spent: Usage) -> Bill:
        return bill + recorder.record(spent, model.profile, seconds=monotonic() - began, purpose=PURPOSE)

    request = Request((Message("user", question),), max_output=model.profile.max_output)
    try:
        with closing(model.stream(request)) as chunks:
            for chunk in chunks:
                reply.hear(chunk)
                if isinstance(chunk, AttemptFailed) and chunk.usage is not None:
                    bill = charge(chunk.usage)
        if not reply.text.strip():
            raise _nothing()
    except OfficeHoursError as error:
        return Answer(one, reply.text, replace(bill, seconds=monotonic() - began), error)
    usage = reply.usage
    if usage is None or usage.estimated:
        asked, said = estimate_tokens(question), estimate_tokens(reply.text)
        usage = Usage(round(asked), 0, round(said), estimated=True)
    bill = charge(usage)
    return Answer(one, reply.text.strip(), replace(bill, seconds=monotonic() - began))


def _with_professor(
    settings: Settings, db: Database, student: str, question: str, one: Contender, log: UsageLog
) -> Answer:
    """Ask in a copy of the store, and keep of it what was spent."""
    with TemporaryDirectory(prefix="comparison-", dir=settings.home) as folder:
        copied = replace(settings, home=Path(folder), database_url=None, chroma_url=None)
        _take_along(settings.home, copied.home)
        backup(db, copied.home / "officehours.db")
        with open_tutor(copied, student, model=one.model, session="new", approve=refuse) as agent:
            state = agent.state
            spent = UsageLog(state.runtime.db, state.runtime.student.id, state.clock)
            before = len(spent.between(LONG_AGO, FAR_AHEAD))
            try:
                answer = _turn(agent.turn(question), one)
            finally:
                for call in spent.between(LONG_AGO, FAR_AHEAD)[before:]:
                    log.add(replace(call, session_id=None, turn_id=None, purpose=PURPOSE))
    return answer


def _turn(events: Iterator[object], one: Contender) -> Answer:
    for event in events:
        match event:
            case TurnFinished():
                return Answer(one, event.answer, event.bill)
            case TurnFailed():
                return Answer(one, event.partial, event.bill, event.error)
            case _:
                pass
    return Answer(one, "", Bill(), _nothing())


def _nothing() -> EmptyReply:
    return EmptyReply(
        "The model answered with nothing. Ask it once more, or name another.",
        "모델이 아무 말도 하지 않았습니다. 한 번 더 묻거나 다른 모델을 지정해 주세요.",
    )


def _take_along(home: Path, target: Path) -> None:
    for name in TAKEN_ALONG:
        source = home / name
        if source.is_dir():
            shutil.copytree(source, target / name)
        elif source.exists():
            shutil.copyfile(source, target / name)
