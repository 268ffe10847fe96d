"""Which calls run by themselves, which wait for the student's yes, and which tools are not there: the one rule.

A tool's policy is "always", "ask" or "never". It is what the student's settings say of its name, else what the program
says that opened the tutor, else what these say of its effect, else what the tool comes with: ours run, but those that
were made to ask; anybody else's ask where they leave this process. Words in view that are neither the student's nor ours
may order a call, whatever its policy: then the tool's own guard says which calls wait (docs/adr/0032, 0052).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal, get_args

from ..memory.errors import ConfigError, OfficeHoursError
from ..memory.types import is_untrusted

if TYPE_CHECKING:  # the settings say policies, and load nothing that a tool needs
    from .base import Tool, ToolContext

Policy = Literal["always", "ask", "never"]
"""What becomes of the calls of a tool: they run, each waits for a yes, or the model is not told of the tool."""

Why = Literal["policy", "untrusted"]
"""Why a call waits: by the tool's policy, or for words in view that are neither the student's nor ours."""

POLICIES: tuple[Policy, ...] = get_args(Policy)
EFFECTS = ("read", "write", "outside")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Policies:
    """What is said of tools, by their names and by their effects.

    Attributes:
        settings: By the student; it goes before what the program says of the same name or effect.
        code: By the program that opened the tutor.

    Raises:
        ConfigError: The program says something else than a policy.
    """

    settings: Mapping[str, Policy] = field(default_factory=dict[str, Policy])
    code: Mapping[str, Policy] = field(default_factory=dict[str, Policy])

    def __post_init__(self) -> None:
        for name, policy in self.code.items():
            if policy not in POLICIES:
                raise ConfigError(
                    f"The policy of `{name}` cannot be {policy!r}: it is one of {', '.join(POLICIES)}.",
                    f"`{name}`의 정책으로 {policy!r}은(는) 쓸 수 없습니다. {', '.join(POLICIES)} 중 하나여야 합니다.",
                )

    def of(self, tool: Tool) -> Policy:
        """The policy of a tool. What is said of an effect does not loosen a tool that was made to ask."""
        if named := self._said_of(tool.name):
            return named
        usual: Policy = "ask" if tool.asks or (tool.source and tool.effect == "outside") else "always"
        of_effect = self._said_of(tool.effect) or usual
        return "ask" if tool.asks and of_effect == "always" else of_effect

    def _said_of(self, name: str) -> Policy | None:
        return self.settings.get(name) or self.code.get(name)

    def why_never(self, tool: Tool) -> OfficeHoursError:
        """Say by whose word a tool is never called, and how to turn it on."""
        said = tool.name if self._said_of(tool.name) == "never" else tool.effect
        way = f"officehours tools enable {tool.name}"
        return OfficeHoursError(
            f"switched off (tool_policy.{said} is never); {way} turns it on",
            f"꺼 두었습니다(tool_policy.{said} 설정이 never). 켜려면 {way}",
        )

    def unknown(self, names: Iterable[str]) -> Iterator[OfficeHoursError]:
        """Warn of what is said of names that are neither a tool's nor an effect.

        Args:
            names: Of the tools that there are, those that are left out included.
        """
        there = {*names, *EFFECTS}
        for name in sorted({*self.settings, *self.code} - there):
            near = get_close_matches(name, there, n=1)
            hint_en, hint_ko = (
                (f" Did you mean `{near[0]}`?", f" 혹시 `{near[0]}`인가요?") if near else ("", "")
            )
            yield OfficeHoursError(
                f"There is a policy for `{name}`, but no tool of that name.{hint_en} `officehours tools list` shows them.",
                f"`{name}` 정책이 있지만 그런 도구가 없습니다.{hint_ko} `officehours tools list`로 볼 수 있습니다.",
            )

    def why_ask(
        self, tool: Tool, arguments: Mapping[str, Any], context: ToolContext, *, obeys_text: bool = True
    ) -> Why | None:
        """Say why a call must wait for the student's yes; None where it may run.

        Args:
            arguments: As the tool will get them.
            obeys_text: Whether the model that speaks could be made to call a tool by what it reads.
        """
        if obeys_text and is_untrusted(context.trust) and _guards(tool, arguments, context):
            return "untrusted"
        return "policy" if self.of(tool) == "ask" else None

    def may_be_put_off(self, tool: Tool) -> bool:
        """Whether a turn waits for an answer that nobody gives now; else the call is refused and the turn goes on.

        Our own tools that run by themselves wait for nothing but words in view, and a note is not worth a stopped turn.
        """
        return bool(tool.source) or self.of(tool) == "ask"


def _guards(tool: Tool, arguments: Mapping[str, Any], context: ToolContext) -> bool:
    if not callable(tool.guarded):
        return tool.guarded
    try:
        return tool.guarded(arguments, context)
    except Exception:
        if not tool.source:
            raise
        _log.exception("the guard of the tool %s (%s) failed", tool.name, tool.source)
        return True
