"""What `@tool(…)` takes besides the function; a wrong option is an error where the tool is defined."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import inf
from typing import Any, Literal, get_args

from ...memory.errors import ConfigError

Effect = Literal["read", "write", "outside"]
"""What a call does: only reads (may run beside others), writes (runs alone; a memory tool of ours in the transaction of
its result row), or leaves this process: network, other programs."""


def refuse_wrong_options(
    name: str,
    *,
    effect: object,
    timeout: object,
    asks: object = False,
    guarded: object = None,
    unavailable: object = None,
) -> None:
    """Refuse an option that is none of the values there are.

    Args:
        name: The tool's, for the error's text.

    Raises:
        ConfigError: It names the option, what was given, and what is allowed.
    """
    effects = ", ".join(f'"{one}"' for one in get_args(Effect))
    if effect not in get_args(Effect):
        raise _wrong(name, "effect", effect, effects, effects)
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 < timeout < inf:
        raise _wrong(name, "timeout", timeout, "seconds, more than 0", "0보다 큰 초")
    if not isinstance(asks, bool):
        raise _wrong(name, "asks", asks, "True, False", "True, False")
    if not (guarded is None or isinstance(guarded, bool) or callable(guarded)):
        raise _wrong(
            name,
            "guarded",
            guarded,
            "True, False, a function of arguments and context",
            "True, False, 인자와 맥락을 받는 함수",
        )
    if not (unavailable is None or callable(unavailable)):
        raise _wrong(
            name,
            "unavailable",
            unavailable,
            "a function that gives a reason or None",
            "이유나 None을 돌려주는 함수",
        )


def refuse_untold(name: str, told: Collection[str] | None, properties: Mapping[str, Any]) -> None:
    """Refuse to tell a model of parameters that are not there.

    Raises:
        ConfigError: `told` is one text, or names a parameter that the tool has not.
    """
    if told is not None and (isinstance(told, str) or not set(told) <= properties.keys()):
        listed = ", ".join(properties)
        raise _wrong(name, "told", told, f"a collection of {listed}", f"{listed} 중의 모음")


def _wrong(name: str, option: str, given: object, en: str, ko: str) -> ConfigError:
    return ConfigError(
        f"The tool `{name}` has `{option}={given!r}`. Allowed: {en}.",
        f"도구 `{name}`의 `{option}={given!r}`은(는) 쓸 수 없습니다. 쓸 수 있는 값: {ko}.",
    )
