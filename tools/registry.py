"""The tools of one conversation, in a fixed order, and the one place where a call is run."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from enum import Enum
from typing import Any

from ..memory.errors import (
    ConfigError,
    OfficeHoursError,
    StoreError,
    ToolError,
    ToolFailure,
    ToolRetry,
    UsageError,
)
from ..memory.text import clean
from ..memory.types import ShownHit, ToolCall, Trust, least_trusted
from .arguments import bind, read_arguments
from .base import HEARTBEAT, OUTSIDE, Tool, ToolContext, ToolMemory, ToolResult, ToolSpec
from .calling.running import Fault, ToolFault, broken, run_here, run_within
from .context_memory import StudentMemory
from .hits import wrap_untrusted
from .policy import Policies, Why
from .text import first_line

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended.

    Attributes:
        ok: It gave a value.
        output: What the model reads, English where it is ours.
        display: One line for the person, in the student's language where it is ours.
        retry: Not ok, and the model can mend its arguments.
        trust: Whose words `output` holds, the least trusted of them.
        hits: The hits of memory that it shows.
        extras: For the program only.
        fault: How the tool failed, if it ended in none of its three ways.
    """

    ok: bool
    output: str
    display: str
    retry: bool = False
    trust: Trust = "model"
    hits: tuple[ShownHit, ...] = ()
    extras: Mapping[str, Any] = field(default_factory=dict[str, Any])
    fault: Fault | None = None


class Registry:
    """An ordered set of tools.

    Args:
        tools: In the order in which the model is told of them. Those that say they are unavailable, and those that are
            never to be called, are left out and listed in `missing`.
        policies: What is said of them.

    Attributes:
        missing: Why a tool is left out, by its name.

    Raises:
        ConfigError: Two tools share a name.
    """

    def __init__(self, tools: Iterable[Tool], policies: Policies | None = None) -> None:
        self.policies = policies or Policies()
        self._tools: dict[str, Tool] = {}
        self.missing: dict[str, OfficeHoursError] = {}
        for tool in tools:
            if tool.name in self._tools or tool.name in self.missing:
                raise ConfigError(
                    f"Two tools are called `{tool.name}`. Give one of them another name.",
                    f"`{tool.name}`이라는 도구가 둘입니다. 하나의 이름을 바꾸세요.",
                )
            if self.policies.of(tool) == "never":
                self.missing[tool.name] = self.policies.why_never(tool)
            elif why := tool.unavailable() if tool.unavailable else None:
                self.missing[tool.name] = OfficeHoursError(why)
            else:
                self._tools[tool.name] = tool
        self._specs = tuple(tool.spec for tool in self._tools.values())

    def __iter__(self) -> Iterator[Tool]:
        return iter(self._tools.values())

    def __len__(self) -> int:
        return len(self._tools)

    def get(self, name: str) -> Tool | None:
        """Give the tool of that name, if there is one."""
        return self._tools.get(name)

    def specs(self) -> tuple[ToolSpec, ...]:
        """What the model is told of the tools: the same order and the same bytes at every call."""
        return self._specs

    def only(self, names: Iterable[str]) -> Registry:
        """A registry of those of the tools that are named (by a persona, or because a window is small)."""
        wanted = set(names)
        chosen = Registry((tool for tool in self if tool.name in wanted), self.policies)
        chosen.missing = dict(self.missing)
        return chosen

    def why_ask(self, call: ToolCall, context: ToolContext, *, obeys_text: bool = True) -> Why | None:
        """Say why a call must wait for the student's yes; None where it may run.

        A call that cannot be read, or of a tool that is not there, need not wait: it does nothing.

        Args:
            obeys_text: Whether the model that speaks could be made to call a tool by what it reads.
        """
        tool = self._tools.get(call.name)
        if tool is None:
            return None
        try:
            arguments = _bound(tool, call)
        except ToolFailure:
            return None
        return self.policies.why_ask(tool, arguments, context, obeys_text=obeys_text)

    def may_be_put_off(self, call: ToolCall) -> bool:
        """Whether a turn waits for the answer about a call that nobody gives now."""
        tool = self._tools.get(call.name)
        return tool is not None and self.policies.may_be_put_off(tool)

    def run(self, call: ToolCall, context: ToolContext) -> Outcome:
        """Run one call to its end.

        Raises:
            StoreError: The database or the index failed; the turn cannot go on as if nothing had happened.
            Exception: A bug in one of our own tools. Of anybody else's tool, and of one that reads what a server
                sent, it is logged with its traceback, and the model is told.
        """
        tool = self._tools.get(call.name)
        try:
            if tool is None:
                raise self._unknown(call.name)
            arguments = _bound(tool, call)
        except ToolRetry as failure:
            return _failed(None, failure, context.language)
        except ToolError as failure:
            return _failed(tool, failure, context.language)
        try:
            return self._call(tool, arguments, context)
        except ToolFailure as failure:
            return _failed(tool, failure, context.language)
        except UsageError as error:  # memory refuses an id or a value that the model gave
            return Outcome(
                ok=False, output=clean(error.en), display=clean(error.say(context.language)), retry=True
            )

    def _call(self, tool: Tool, arguments: dict[str, Any], context: ToolContext) -> Outcome:
        memory = context.memory
        if isinstance(memory, StudentMemory):
            memory = memory.of_call(tool, context, _trust(tool, None))
        if tool.context is not None:
            logger = logging.getLogger(f"officehours.tools.{tool.name}")
            arguments = {**arguments, tool.context: replace(context, memory=memory, logger=logger)}
        run = run_within if is_limited(tool) else run_here
        try:
            return _outcome(tool, run(tool, arguments, context.progress), memory)
        except (ToolFailure, UsageError, StoreError):
            raise
        except Exception as error:
            if not tool.source and tool.effect != "outside":
                raise
            _log.exception("the tool %s (%s) failed", tool.name, tool.source)
            raise broken(tool, error) from error

    def _unknown(self, name: str) -> ToolRetry:
        near = get_close_matches(name, self._tools, n=3, cutoff=0.5) or list(self._tools)
        return ToolRetry(
            f"There is no tool `{name}`. Did you mean {', '.join(near)}?" if near else "There are no tools.",
            f"`{name}`이라는 도구는 없습니다.",
        )


def _bound(tool: Tool, call: ToolCall) -> dict[str, Any]:
    """Read a call's arguments as the tool's parameters want them, whose types may run code of the tool's author.

    Raises:
        ToolRetry: They cannot be read.
        ToolError: A type of somebody else's tool broke down over them.
    """
    try:
        return bind(tool, read_arguments(call.arguments))
    except ToolFailure:
        raise
    except BaseException as error:
        if not tool.source or isinstance(error, KeyboardInterrupt):
            raise
        _log.exception("a type of the tool %s (%s) failed", tool.name, tool.source)
        raise broken(tool, error) from error


def is_limited(tool: Tool) -> bool:
    """Whether a tool's calls run in a thread of their own under its time limit: all but ours that stay in this process."""
    return bool(tool.source) or tool.effect == "outside"


def wants_heartbeat(call: ToolCall) -> bool:
    """Whether the model asked, with `request_heartbeat`, to go on after this call."""
    with suppress(ToolRetry):
        return read_arguments(call.arguments).get(HEARTBEAT) in (True, "true", "True", 1)
    return False


def _outcome(tool: Tool, value: object, memory: ToolMemory) -> Outcome:
    result = value if isinstance(value, ToolResult) else ToolResult(_as_text(tool, value))
    if tool.source:  # it cannot vouch for its words, in whatever form it gives them
        result = replace(result, hits=(), wrapped=False)
    output = clean(result.output).strip()
    display = clean(result.display).strip() or first_line(output)
    found: Trust = memory.found if tool.source and isinstance(memory, StudentMemory) else "student"
    trust = least_trusted(_trust(tool, result.trust), found)
    if trust in OUTSIDE and not result.wrapped:
        output = wrap_untrusted(output, result.source or tool.name, trust)
    return Outcome(True, output, display, trust=trust, hits=result.hits, extras=result.extras)


def _failed(tool: Tool | None, failure: ToolFailure, language: str) -> Outcome:
    """Tell the model what went wrong.

    Args:
        tool: Whose words say so; None where they are ours.
    """
    ours = tool is None or (failure.ours and not tool.source)
    trust: Trust = "model" if tool is None or ours else _trust(tool, None)
    output = clean(f"{failure.en} {failure.advice}".strip())
    display, retry = clean(failure.say(language)), isinstance(failure, ToolRetry)
    fault = failure.fault if isinstance(failure, ToolFault) else None
    return Outcome(False, output, display, retry=retry, trust=trust, fault=fault)


def _trust(tool: Tool, said: Trust | None) -> Trust:
    """Whose words a tool gives: its own say counts for ours only."""
    usual: Trust = "web" if tool.effect == "outside" else "imported" if tool.source else "model"
    if not tool.source:
        return said or usual
    return least_trusted("imported", usual, said or usual)


def _as_text(tool: Tool, value: object) -> str:
    if value is None:
        return "Done."
    if isinstance(value, str) and not isinstance(value, Enum):
        return value
    from pydantic_core import to_jsonable_python

    try:
        plain = to_jsonable_python(value)
        return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise ToolFault(
            "output",
            f"{tool.name} gave a {type(value).__name__}, which is neither text nor JSON.",
            f"도구 {tool.name}이(가) 글도 JSON도 아닌 {type(value).__name__}을(를) 돌려주었습니다.",
        ) from error
