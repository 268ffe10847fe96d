"""One question put to several models, each bare and with the professor's pipeline: what each answers and what it costs.

The turn with the professor runs in a copy of the store that is thrown away, so it sees what `ask` would see and leaves
nothing in the student's memory. What was spent stays spent: it is recorded as any other call.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Final

from ..memory.error_log import as_told
from ..memory.errors import EmptyReply, LimitReached, OfficeHoursError, UsageError
from ..memory.store import Database
from ..memory.store.backup import backup
from ..memory.types import Message
from ..memory.usage import UsageLog
from ..tools.text import estimate_tokens
from .assemble import find_model, open_tutor
from .billing.prices import PriceBook
from .billing.recorder import UsageRecorder
from .billing.report import FAR_AHEAD, LONG_AGO
from .events import Bill, TurnFailed, TurnFinished
from .model import AttemptFailed, Finished, Model, Request, Retracted, TextDelta, Usage
from .models.chat_completions.discovery import STUDY
from .models.study.policy import StudyModel
from .prepare import read_utterance
from .runtime import open_runtime
from .settings import Settings

PURPOSE: Final = "comparison"
"""What the calls are recorded as."""

TAKEN_ALONG: Final = ("personas", "tools", "dialects.json")
"""What of the home a turn needs besides the store."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A model, bare or with the professor's pipeline."""

    model: str
    professor: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What one of them answered.

    Attributes:
        text: What was said before it failed, where it did.
        bill: Of this answer alone; an unknown price is None.
        error: Why there is no whole answer.
    """

    by: Contender
    text: str
    bill: Bill
    error: OfficeHoursError | None = None


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times as much one answer took as another; None where either is unknown or nothing was taken."""

    of: Contender
    to: Contender
    tokens: float | None
    requests: float | None
    usd: float | None
    krw: float | None
    seconds: float | None


def contenders(models: Sequence[str]) -> list[Contender]:
    """Give who is asked: each model bare, then with the professor; the study model is nothing without the professor.

    Raises:
        UsageError: No model is named.
    """
    names = list(dict.fromkeys(name for model in models if (name := model.strip())))
    if not names:
        raise UsageError(
            "Name the models to compare, such as --models gpt-5-mini,ollama:qwen3:8b,study.",
            "비교할 모델을 적어 주세요. 예: --models gpt-5-mini,ollama:qwen3:8b,study",
        )
    pairs = (Contender(name, professor) for name in names for professor in (False, True))
    return [one for one in pairs if one.professor or one.model != STUDY]


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


def ratios(answers: Sequence[Answer]) -> list[Ratio]:
    """Hold each model with the professor against itself without, then every answer against the first."""
    whole = {answer.by: answer for answer in answers if answer.error is None}
    found: list[Ratio] = []
    for one, answer in whole.items():
        bare = whole.get(replace(one, professor=False))
        if one.professor and bare:
            found.append(_ratio(answer, bare))
    first, *others = list(whole.values()) or [None]
    if first is not None:
        known = {(ratio.of, ratio.to) for ratio in found}
        found += [_ratio(o, first) for o in others if o is not None and (o.by, first.by) not in known]
    return found


def _ratio(of: Answer, to: Answer) -> Ratio:
    a, b = of.bill, to.bill
    return Ratio(
        of.by,
        to.by,
        tokens=_times(_tokens(a), _tokens(b)),
        requests=_times(a.requests, b.requests),
        usd=_times(a.usd, b.usd),
        krw=_times(a.krw, b.krw),
        seconds=_times(a.seconds, b.seconds),
    )


def _tokens(bill: Bill) -> int:
    return bill.input_tokens + bill.output_tokens


def _times(of: Decimal | float | None, to: Decimal | float | None) -> float | None:
    return None if of is None or not to else float(Decimal(of) / Decimal(to))


def _bare(model: Model, question: str, one: Contender, recorder: UsageRecorder) -> Answer:
    """Ask the model what anybody would ask it: one message, no system prompt, no tools, no memory."""
    text, began, usage = "", monotonic(), Usage(estimated=True)
    bill = Bill()

    def charge(spent: Usage) -> Bill:
        return bill + recorder.record(spent, model.profile, seconds=monotonic() - began, purpose=PURPOSE)

    request = Request((Message("user", question),), max_output=model.profile.max_output)
    try:
        with closing(model.stream(request)) as chunks:
            for chunk in chunks:
                match chunk:
                    case TextDelta(piece):
                        text += piece
                    case Retracted():
                        text = ""
                    case AttemptFailed(usage=Usage() as spent):
                        bill = charge(spent)
                    case Finished(_, counted):
                        usage = counted or usage
                    case _:
                        pass
        if not text.strip():
            raise _nothing()
    except OfficeHoursError as error:
        return Answer(one, text, replace(bill, seconds=monotonic() - began), error)
    if usage.estimated:
        usage = Usage(round(estimate_tokens(question)), 0, round(estimate_tokens(text)), estimated=True)
    bill = charge(usage)
    return Answer(one, text.strip(), replace(bill, seconds=monotonic() - began))


def _with_professor(
    settings: Settings, db: Database, student: str, question: str, one: Contender, log: UsageLog
) -> Answer:
    """Ask in a copy of the store, and keep of it what was spent."""
    with TemporaryDirectory(prefix="comparison-", dir=settings.home) as folder:
        copied = replace(settings, home=Path(folder), database_url=None, chroma_url=None)
        _take_along(settings.home, copied.home)
        backup(db, copied.home / "officehours.db")
        with open_tutor(copied, student, model=one.model, session="new") as agent:
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
