"""What a refusal teaches: the same request is written another way, until the server takes it.

The words of a refusal only say where to begin. Each property of a dialect has few values; those whose names stand in
the refusal are tried first, one at a time, and whatever did not change what the server says is taken back. What no
word explains is tried twice more, written as plainly as can be. Only what was answered is learned.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from .dialect import Dialect

MOST_TRIES = 40
"""Most requests that are made to find out how one is to be written."""

MOST_GUESSES = 12
"""Most of them to which the server says the same."""

_SIGNS = """
absent additional after allowed alternate before cannot disabled does enable error every exactly expected extra
extraneous fail failed field follow followed following forbidden format illegal incompatible incorrect inputs instead
invalid least longer length long malformed match maximum minimum missing must need needed needs no non none not null
only pattern permitted prohibited provide provided reject rejected required requires require schema should string supply
support supported supporting supports too unexpected unknown unprocessable unrecognised unrecognized unsupported use
valid without wrong 지원 필요 필수 없 않 허용 不支持 必须 必須 缺少 无效 無效 不能 错误 錯誤
"""
_TOO_MUCH = "extra unexpected forbidden permitted allowed unrecognized unknown unsupported remove"
SIGNS = frozenset(_SIGNS.split())
"""Words that say that something is wrong, or what would be right."""

_NAMES = {
    "usage_option": "stream_options include_usage",
    "parallel_option": "parallel_tool_calls parallel",
    "limit_field": "max_tokens max_completion_tokens max_output_tokens max_new_tokens",
    "streamed": "stream streaming streamed sse",
    "plain_schemas": "schema schemas parameters properties additionalproperties anyof oneof function_declarations",
    "ids": "id ids tool_call_id call_id tool_use_id identifier toolcallid tooluseid",
    "thoughts": "reasoning_content reasoning reasoning_details thinking thinking_blocks thought thoughts signature"
    " thought_signature thoughtsignature signatures extra_content extra_body provider_specific_fields 思考 思维 추론 생각",
    "call_content": "content nonetype null text",
    "result_names": "name function_response",
    "alternating": "role roles alternate alternates alternating alternation consecutive order sequence turn turns last"
    " conversation user assistant jinja template 角色 交替 顺序 역할 번갈아 교대 순서",
    "system_role": "system developer instruction instructions role roles 系统 系統 시스템",
    "native_tools": "tool tools tool_choice tool_calls function functions function_call functioncall calling jinja"
    " 도구 工具 函数 函數",
}
NAMES = {name: frozenset(words.split()) for name, words in _NAMES.items()}
"""Of each property the words that name what it is about, in the order in which equally likely ones are tried."""

VALUES: dict[str, tuple[Any, ...]] = {
    "usage_option": (False,),
    "parallel_option": (False,),
    "limit_field": ("max_completion_tokens", "max_tokens", "max_output_tokens", ""),
    "streamed": (False,),
    "plain_schemas": (True,),
    "call_content": ("empty", "null", "text", "absent"),
    "result_names": (True, False),
    "alternating": (True, False),
    "system_role": (False,),
    "native_tools": (False,),
}
"""What each property may be. Thoughts and ids depend on what was said."""

FILLED = ("reasoning_content", "reasoning", "thinking", "thought_signature", "signature", "reasoning_details")

_WORD = re.compile(r"[a-z0-9_]+")
_QUOTED = re.compile(r"[\"'`“‘]([A-Za-z][A-Za-z_.:-]{0,19})[\"'`”’]")
_LENGTH = re.compile(r"(?<![\d.\w-])\d{1,2}(?!\d)|(?<=\{)\d{1,2}(?=\})")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a refusal, in lower case."""

    text: str

    @property
    def all(self) -> frozenset[str]:
        """Each word once."""
        return frozenset(_WORD.findall(self.text))

    @property
    def meaning(self) -> frozenset[str]:
        """The words without numbers, names of requests and places in the history: what stays if nothing has changed."""
        words = re.findall(r"\w+", self.text)
        return frozenset(word for word in words if not any(letter.isdigit() for letter in word))

    def score(self, names: frozenset[str]) -> int:
        """How likely the refusal is about these: 0 where none is named."""
        named = self._of(names)
        return 0 if not named else 100 * bool(self._of(SIGNS)) + 10 * len(named) + max(map(len, named))

    def _of(self, words: frozenset[str]) -> set[str]:
        """Those of some words that stand here; words of other scripts are not parted from what is around them."""
        return {word for word in words if (word in self.all if word.isascii() else word in self.text)}


def properties(words: Words) -> list[str]:
    """Give the properties that a refusal may be about, the likeliest first.

    Tools are named in passing by much that is wrong with a conversation, so that they are what is given up last.
    """
    scores = {name: words.score(named) for name, named in NAMES.items()}
    scores["native_tools"] = min(1, scores["native_tools"] // 100)
    return sorted((name for name, score in scores.items() if score), key=lambda name: -scores[name])


def explained(words: Words) -> bool:
    """Whether a refusal names something of a request and says that it is wrong."""
    return any(words.score(named) >= 100 for named in NAMES.values())


def dialects(base: Dialect, said: str) -> Iterator[Dialect]:
    """Give the dialects to try after a refusal, the likeliest first, each one property away from `base`."""
    words = Words(said.lower())
    for name in properties(words):
        match name:
            case "thoughts":
                yield from _thoughts(base, words)
            case "ids":
                yield from (replace(base, ids=form) for form in id_forms(said))
            case _:
                yield from (replace(base, **{name: value}) for value in VALUES[name])


def _thoughts(base: Dialect, words: Words) -> Iterator[Dialect]:
    field = next((name for name in FILLED if name in words.text), base.thought_field)
    order = (
        ("none", "calls", "all", "filled", "told")
        if words.all & set(_TOO_MUCH.split())
        else ("all", "filled", "told", "none")
    )
    for value in order:
        yield replace(base, thoughts=value, thought_field=field)


def id_forms(said: str) -> list[str]:
    """Give the forms that call ids may have, by what a refusal says of them: how they begin, how long they are."""
    beginnings = [q for q in _QUOTED.findall(said) if q[-1] in "_-:." or len(q) <= 5]
    lengths = [int(n) for n in _LENGTH.findall(said) if 4 <= int(n) <= 64]
    forms = [f"{beginning}{'#' * 24}" for beginning in beginnings if beginning not in {"id", "tool"}]
    if "uuid" in said.lower():
        forms.append("########-####-4###-8###-############")
    forms += ["#" * length for length in lengths]
    return list(dict.fromkeys([*forms, "#" * 9, "call_" + "#" * 24, "toolu_" + "#" * 24]))


def plainest(base: Dialect) -> Iterator[Dialect]:
    """Give the plainest ways to write a request, in the end as nothing but words in turns."""
    plain = replace(
        base,
        usage_option=False,
        parallel_option=False,
        plain_schemas=True,
        call_content="text",
        ids=base.ids or "#" * 9,
        alternating=True,
        result_names=True,
        thoughts="none",
    )
    yield plain
    yield replace(plain, thoughts="filled")
    yield replace(plain, system_role=False)
    yield replace(plain, system_role=False, native_tools=False)


class Lessons:
    """Looks for the dialect in which one request is answered.

    Args:
        dialect: To begin with.
        write: Writes the request in a dialect: what does not change it need not be tried.
    """

    def __init__(self, dialect: Dialect, write: Callable[[Dialect], bytes]) -> None:
        self.dialect = dialect
        self._first, self._write = dialect, write
        self._said: frozenset[str] | None = None
        self._tried: set[bytes] = set()
        self._left: list[Iterator[Dialect]] = []
        self._blind = False
        self._guesses = 0

    def refused(self, said: str, *, blind: bool) -> bool:
        """Take in a refusal; whether there is another dialect to try, which is then `dialect`.

        Args:
            blind: The request itself is what the server refuses, whatever it says.
        """
        words = Words(said.lower())
        if words.meaning != self._said:
            # The last change made a difference, or this is the first refusal: go on from here, and come back if need be.
            self._said, self._guesses = words.meaning, 0
            if explained(words) or blind:
                self._left.append(dialects(self.dialect, said))
        if blind and not self._blind:
            self._blind = True
            self._left.insert(0, chain.from_iterable(map(plainest, self._bases())))
        self._guesses += 1
        if self._guesses == MOST_GUESSES:
            del self._left[1 if self._blind else 0 :]
        while self._left:
            candidate = next(self._left[-1], None)
            if candidate is None:
                self._left.pop()
            elif self._new(candidate):
                return True
        return False

    def limited(self, most: int, window: int | None = None) -> bool:
        """Ask for a shorter reply, in the window that was named with it if one was; False where that was tried."""
        return self._new(replace(self.dialect, most_output=most, window=window or self.dialect.window))

    def _new(self, candidate: Dialect) -> bool:
        """Take a dialect in which the request was not sent yet, if it may be sent once more."""
        self._tried = self._tried or {self._write(self._first)}
        body = self._write(candidate)
        if body in self._tried or len(self._tried) >= MOST_TRIES:
            return False
        self._tried.add(body)
        self.dialect = candidate
        return True

    def _bases(self) -> Iterator[Dialect]:
        """Give what the plainest dialects are made of, once it comes to that: the last one tried, then the first."""
        yield self.dialect
        yield self._first
