"""`officehours compare`: one question to several models, each bare and with the professor, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..agent.comparison.asking import compare
from ..agent.comparison.values import Answer, Contender, Ratio, contenders, ratios
from ..agent.events import plain
from ..agent.settings import load
from ..memory.errors import UsageError
from ..memory.text import clean, redacted
from .ask import read_stdin, usage
from .reporting.markdown import escaped, table_lines
from .reporting.tables import amount
from .terminal.columns import columns
from .terminal.say import echo, localized, prefs, print_json, warn
from .terminal.stdout import keep_stdout

NUMBERS = frozenset({1, 2, 3, 4, 5, 6})
"""The columns, from 0, that are set to the right."""


def compare_models(
    question: str, models: str, student: str | None, form: str | None, *, as_json: bool
) -> int:
    """Print what each model answers and what that costs, and give the exit code: that of the first error if all failed.

    Args:
        question: "-" reads it from stdin.
        models: Their names with commas between them.

    Raises:
        UsageError: There is no such form, no question or no model.
    """
    if form not in {None, "terminal", "md"}:
        raise UsageError("--format is terminal or md.", "--format은 terminal이나 md입니다.")
    keep_stdout()
    who = contenders(models.split(","))
    settings, question = load(), read_stdin() if question == "-" else question
    answers: list[Answer] = []
    for answer in compare(settings, student, question, who):
        answers.append(answer)
        name, of = contender(answer.by), f"{len(answers)}/{len(who)}"
        warn(f"{of} {name}: {_outcome(answer)}", f"{of} {name}: {_outcome(answer)}")
    if as_json:
        print_json(redacted(document(question, answers)))
    else:
        lines = _markdown(question, answers) if form == "md" else _terminal(answers)
        echo(clean("\n".join(lines)))
    errors = [answer.error for answer in answers if answer.error]
    return errors[0].exit_code if errors and len(errors) == len(answers) else 0


def document(question: str, answers: Sequence[Answer]) -> dict[str, Any]:
    """Give a comparison as JSON; an unknown price and a ratio to nothing are null."""
    return {
        "question": question,
        "answers": [
            {
                "model": answer.by.model,
                "professor": answer.by.professor,
                "answer": answer.text,
                "usage": usage(answer.bill),
                "error": plain(answer.error),
            }
            for answer in answers
        ],
        "ratios": plain(ratios(answers)),
    }


def contender(one: Contender) -> str:
    """Name who answers."""
    if one.professor:
        return localized(f"{one.model} with the professor", f"{one.model} + 교수님")
    return localized(f"{one.model} alone", f"{one.model} 단독")


def _outcome(answer: Answer) -> str:
    return answer.error.say(prefs.language) if answer.error else f"{answer.bill.seconds:.1f} s"


def _cost_head() -> tuple[str, ...]:
    return (
        "",
        localized("requests", "요청"),
        localized("tokens in", "입력 토큰"),
        localized("tokens out", "출력 토큰"),
        "USD",
        "KRW",
        localized("seconds", "초"),
    )


def _cost_rows(answers: Sequence[Answer]) -> list[tuple[str, ...]]:
    return [
        (
            contender(answer.by),
            f"{bill.requests:,}",
            f"{bill.input_tokens:,}",
            f"{bill.output_tokens:,}",
            amount(bill.usd, "$", 6),
            amount(bill.krw, "₩", 2),
            f"{bill.seconds:.2f}",
        )
        for answer in answers
        if (bill := answer.bill)
    ]


def _ratio_head() -> tuple[str, ...]:
    names = (
        localized("tokens", "토큰"),
        localized("requests", "요청"),
        "USD",
        "KRW",
        localized("seconds", "초"),
    )
    return (localized("times as much", "몇 배"), *names)


def _ratio_rows(found: Sequence[Ratio]) -> list[tuple[str, ...]]:
    return [
        (
            f"{contender(r.of)} / {contender(r.to)}",
            *map(_times, (r.tokens, r.requests, r.usd, r.krw, r.seconds)),
        )
        for r in found
    ]


def _times(value: float | None) -> str:
    return "–" if value is None else f"×{value:.3g}"


def _terminal(answers: Sequence[Answer]) -> Iterator[str]:
    for answer in answers:
        yield f"── {contender(answer.by)}"
        yield from ([answer.text] if answer.text else [])
        yield from ([f"[{answer.error.say(prefs.language)}]"] if answer.error else [])
        yield ""
    yield from columns([_cost_head(), *_cost_rows(answers)], right=NUMBERS)
    if found := ratios(answers):
        yield ""
        yield from columns([_ratio_head(), *_ratio_rows(found)], right=NUMBERS)


def _markdown(question: str, answers: Sequence[Answer]) -> Iterator[str]:
    yield f"# {escaped(question)}\n"
    yield from table_lines(_cost_head(), (map(escaped, row) for row in _cost_rows(answers)), NUMBERS)
    if found := ratios(answers):
        yield ""
        yield from table_lines(_ratio_head(), (map(escaped, row) for row in _ratio_rows(found)), NUMBERS)
    for answer in answers:
        yield f"\n## {escaped(contender(answer.by))}\n"
        # A model's answer is Markdown as it is; its headings would become those of this document.
        said = answer.text + (f"\n\n[{answer.error.say(prefs.language)}]" if answer.error else "")
        yield "\n".join(f"> {line}".rstrip() for line in said.strip().split("\n"))
