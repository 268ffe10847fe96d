"""Who is compared, what they answered and what that cost, as values; ratios are of exact values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ...memory.errors import OfficeHoursError, UsageError
from ..events import Bill
from ..models.chat_completions.discovery import STUDY


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
