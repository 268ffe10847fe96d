"""What every tool keeps to, whoever wrote it: tried with good and with odd arguments, as a model might give them.

`officehours tools test` shows the findings; `check_tool` is the same for a test of one's own.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from time import monotonic
from typing import Any, Literal, cast

from ...memory.types import ToolCall
from ..base import StudentInfo, Tool, ToolContext
from ..registry import Outcome, Registry
from .samples import properties_of, schema_problem, tried_arguments

Check = Literal["schema", "documentation", "arguments", "output", "time", "stdout", "context"]

MOST_TOLD = 4_000
"""Characters of JSON that one tool may cost every request; all of ours together are about as many."""

MOST_CALLS = 60
"""Calls that are tried; fewer where the tool is slow."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one check.

    Attributes:
        ok: None where it could not be tried.
        en: What was found, in English; `ko` in Korean.
    """

    check: Check
    ok: bool | None
    en: str
    ko: str

    def say(self, language: str) -> str:
        """Give the text in `language`."""
        return self.ko if language == "ko" else self.en


def check_tool(tool: Tool, *, call: bool | None = None, context: ToolContext | None = None) -> None:
    """Try a tool, for a test: `check_tool(my_tool)`.

    Args:
        tool: What `@tool` made.
        call: Whether it is called for real; by default only if it does no more than read.
        context: What it is told of the turn: `deps` that it needs, for instance.

    Raises:
        AssertionError: It does not keep to something; the text says to what.
    """
    wrong = [f"{f.check}: {f.en}" for f in examine(tool, call=call, context=context) if f.ok is False]
    if wrong:
        raise AssertionError("\n".join([f"{tool.name} does not keep to what is asked of a tool:", *wrong]))


def examine(tool: Tool, *, call: bool | None = None, context: ToolContext | None = None) -> list[Finding]:
    """Try a tool and give what was found, one finding a check.

    Args:
        tool: What `@tool` made.
        call: Whether it is called for real; by default only if it does no more than read. What would have reached it
            is looked at all the same.
        context: What it is told of the turn.
    """
    called = tool.effect == "read" if call is None else call
    findings = [_schema(tool), _documentation(tool)]
    if findings[0].ok is False:
        return findings
    calls, noise = _call(tool if called else _stand_in(tool), context or ToolContext())
    if not called:
        return [*findings, *_not_called(calls)]
    return [*findings, _arguments(calls), _output(calls), _time(tool, calls), _stdout(noise), *_context(tool)]


@dataclass(frozen=True, slots=True)
class _Called:
    arguments: Mapping[str, Any]
    outcome: Outcome
    seconds: float


def _schema(tool: Tool) -> Finding:
    told = json.dumps([tool.name, tool.description, tool.parameters], ensure_ascii=False, default=repr)
    if what := schema_problem(tool.parameters):
        return Finding("schema", False, f"no model can follow it: {what}", f"모델이 따를 수 없습니다: {what}")
    if len(told) > MOST_TOLD:
        return Finding(
            "schema",
            False,
            f"{len(told):,} characters go into every request; at most {MOST_TOLD:,}. Say less, or make two tools.",
            f"요청마다 {len(told):,}자가 들어갑니다(최대 {MOST_TOLD:,}자). 설명을 줄이거나 도구를 둘로 나눠 주세요.",
        )
    return Finding(
        "schema",
        True,
        f"valid, {len(told):,} characters in every request",
        f"올바름, 요청마다 {len(told):,}자",
    )


def _documentation(tool: Tool) -> Finding:
    bare = [name for name, schema in properties_of(tool).items() if not _described(tool, name, schema)]
    if not tool.description.strip():
        return Finding(
            "documentation", False, "it does not say what it does", "무엇을 하는 도구인지 설명이 없습니다"
        )
    if bare:
        named = ", ".join(bare)
        return Finding(
            "documentation", False, f"these are not described: {named}", f"설명이 없는 매개변수: {named}"
        )
    count = len(properties_of(tool))
    return Finding(
        "documentation",
        True,
        {0: "it is described", 1: "it and its parameter are described"}.get(
            count, f"it and its {count} parameters are described"
        ),
        f"도구와 매개변수 {count}개 모두 설명됨" if count else "설명됨",
    )


def _described(tool: Tool, name: str, schema: Any) -> bool:
    """Whether a parameter is described; `@tool` demands it of its docstring, and may be told not to send it."""
    return name in tool.adapters() or bool(cast("Mapping[str, Any]", schema).get("description"))


def _call(tool: Tool, context: ToolContext) -> tuple[list[_Called], str]:
    """Call a tool with what a model could write; give how each call ended, and what was printed meanwhile."""
    registry = Registry([replace(tool, unavailable=None, source=tool.source or "?")])
    contexts = _contexts(context)
    done: list[_Called] = []
    noise, began = io.StringIO(), monotonic()
    with redirect_stdout(noise):
        for place, arguments in enumerate(islice(tried_arguments(tool), MOST_CALLS)):
            started = monotonic()
            call = ToolCall(str(place), tool.name, json.dumps(arguments))
            try:
                outcome = registry.run(call, contexts[place % len(contexts)])
            except Exception as error:  # noqa: BLE001 - whatever gets through is what is looked for
                what = f"{type(error).__name__}: {error}"
                outcome = Outcome(ok=False, output=what, display=what, fault="raised")
            done.append(_Called(arguments, outcome, monotonic() - started))
            if monotonic() - began > tool.timeout:
                break
    return done, noise.getvalue()


def _contexts(context: ToolContext) -> list[ToolContext]:
    """Students that differ in language and zone, one of them at the end of a year."""
    late = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
    return [
        replace(
            context,
            language=language,
            zone=zone,
            now=now,
            clock=lambda now=now: now,
            session="s1",
            text="…",
            student=StudentInfo(1, name, language, zone),
        )
        for language, zone, now, name in (
            ("en", "Etc/UTC", context.now, "Mina"),
            ("ko", "Asia/Seoul", late, "미나"),
            ("en", "+05:30", late, ""),
        )
    ]


def _arguments(calls: list[_Called]) -> Finding:
    broken = [call for call in calls if call.outcome.fault == "raised"]
    if broken:
        shown = json.dumps(broken[0].arguments, ensure_ascii=False)
        given = shown if len(shown) <= 200 else f"{shown[:200]}…"
        what = broken[0].outcome.output
        return Finding(
            "arguments",
            False,
            f"{what}, given {given}. Raise ToolRetry where other arguments would do, ToolError where none would.",
            f"{given}을(를) 주자 {what}. 인자를 고치면 되는 일은 ToolRetry, 안 되는 일은 ToolError로 알려 주세요.",
        )
    return Finding(
        "arguments",
        True,
        f"{len(calls)} calls, good and odd, ended well",
        f"올바르고 이상한 인자 {len(calls)}가지 통과",
    )


def _output(calls: list[_Called]) -> Finding:
    wrong = next((call for call in calls if call.outcome.fault == "output"), None)
    if wrong is not None:
        return Finding("output", False, wrong.outcome.output, wrong.outcome.display)
    if not any(call.outcome.ok for call in calls):
        return Finding(
            "output",
            None,
            "none of the calls gave a value; a test of your own should",
            "값을 돌려준 호출이 없습니다. 직접 쓴 테스트로 확인해 주세요",
        )
    return Finding("output", True, "text or JSON", "글 또는 JSON")


def _time(tool: Tool, calls: list[_Called]) -> Finding:
    slowest = max((call.seconds for call in calls), default=0.0)
    return Finding(
        "time",
        not any(call.outcome.fault == "late" for call in calls),
        f"at most {slowest:.2f} s of {tool.timeout:g}",
        f"최대 {slowest:.2f}초(제한 {tool.timeout:g}초)",
    )


def _stdout(noise: str) -> Finding:
    if not noise:
        return Finding("stdout", True, "nothing is printed", "출력하는 것이 없음")
    shown = noise.strip().splitlines()[0][:80] if noise.strip() else ""
    return Finding(
        "stdout",
        False,
        f"it prints ({shown!r}); stdout belongs to the answer. Return it, or use context.logger or context.progress.",
        f"화면에 출력합니다({shown!r}). 표준 출력은 답을 위한 것이니 값으로 돌려주거나 context.logger, "
        "context.progress를 쓰세요.",
    )


def _context(tool: Tool) -> list[Finding]:
    if tool.context is None:
        return []
    told = tool.context in properties_of(tool)
    return [
        Finding(
            "context",
            not told,
            "the model is asked for it" if told else "filled in, and not shown to the model",
            "모델에게 묻고 있습니다" if told else "프로그램이 채우고 모델에게는 보이지 않음",
        )
    ]


def _not_called(calls: list[_Called]) -> list[Finding]:
    reached = sum(call.outcome.ok for call in calls)
    return [
        Finding(
            "arguments",
            None,
            f"not called, as it does more than read: {reached} of {len(calls)} calls would have reached it. "
            "--call (call=True) calls it for real.",
            f"읽기만 하는 도구가 아니라 실행하지 않았습니다. {len(calls)}가지 중 {reached}가지가 도구에 닿습니다. "
            "실제로 실행하려면 --call(call=True)을 쓰세요.",
        )
    ]


def _stand_in(tool: Tool) -> Tool:
    """The same tool to a model, that does nothing."""

    def nothing(**_arguments: object) -> str:
        return ""

    return replace(tool, function=nothing, effect="read", context=None)
