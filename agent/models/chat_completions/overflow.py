"""Whether a refusal says that the request is too long, and for which window: by what it speaks of, not by its wording.

Servers say it in hundreds of ways and several languages. What they have in common: they speak of tokens, context,
prompt, input or length, say that there is too much of it, and mostly name a number or two.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

SMALLEST = 256
"""No window is smaller, in tokens; smaller numbers are places in the history, codes and lengths of other things."""

_NUMBER = r"\d{1,3}(?:[,_ ]\d{3})+(?!\d)|\d+(?:\.\d+)?"
_TOKEN = re.compile(
    rf"(?P<number>(?:(?<![^\s(=:])-)?(?:{_NUMBER}))(?P<kilo>k\b)?|(?P<word>[a-z]+|[^\W\d_a-z]+)|(?P<mark>[<>≤≥=+/(\[\]),.;:])"
)

_OF_THE_REPLY = re.compile(r"max_(?:new_|completion_|output_)?tokens\b")
"""The limit of a reply: a number beside it is what was asked for."""

TOKENS = {"token", "tokens", "tokenized", "toks"}
WINDOW = {"context", "window", "ctx", "seq"}
TEXT = {
    "prompt",
    "prompts",
    "input",
    "inputs",
    "message",
    "messages",
    "conversation",
    "sequence",
    "request",
    "text",
    "content",
}
SIZE = {"length", "len", "size", "count", "long", "longer", "large", "larger", "many"}
TOO_MUCH = {
    "exceed", "exceeds", "exceeded", "exceeding", "over", "overflow", "overflows", "too", "long", "longer",
    "larger", "greater", "more", "beyond", "above", "maximum", "max", "limit", "limited", "limits", "most", "less",
    "fewer", "reduce", "shorten", "shorter", "truncate", "truncated", "range", "fit", "fits", "reached", "only",
    "allowed", "supports", "bigger", "outside",
}  # fmt: skip
MORE = {
    "exceed",
    "exceeds",
    "exceeded",
    "exceeding",
    "reduce",
    "shorten",
    "overflow",
    "overflows",
    "ran",
    "full",
}
"""Words that need no number beside them."""
WEAK = {"only", "most", "allowed", "supports", "more", "less", "fewer", "range", "over", "above", "max"}
"""Words that say little without a number."""

ELSEWHERE = {
    "토큰": "tokens", "컨텍스트": "context", "문맥": "context", "프롬프트": "prompt", "입력": "input", "대화": "conversation",
    "길이": "length", "초과": "exceeds", "넘": "exceeds", "최대": "maximum", "제한": "limit", "한도": "limit", "긴": "long",
    "길": "long", "너무": "too long", "词元": "tokens", "令牌": "tokens", "上下文": "context", "窗口": "window", "提示": "prompt",
    "输入": "input", "輸入": "input", "请求": "request", "对话": "conversation", "消息": "messages", "长度": "length",
    "長度": "length", "大小": "size", "超": "exceeds", "最大": "maximum", "最多": "maximum", "上限": "limit", "限制": "limit",
    "过长": "too long", "過長": "too long", "太长": "too long", "超长": "too long", "コンテキスト": "context", "トークン": "tokens",
    "入力": "input", "プロンプト": "prompt", "長さ": "length",
}  # fmt: skip
"""What words of other languages mean; they are not parted by spaces, so that they are looked for inside of words."""

OUTPUT = {
    "completion",
    "output",
    "generated",
    "generation",
    "new",
    "reply",
    "response",
    "出力",
    "输出",
    "출력",
}
RATE = {
    "minute", "tpm", "rpm", "tpd", "rpd", "rate", "quota", "second", "day", "hour", "deadline", "timeout", "timed",
    "expired", "authentication", "canceled", "cancelled", "billing", "credits", "balance", "分钟", "분당",
}  # fmt: skip
"""It is about how much in how long, about time, or about who asks: no shorter request would do."""

ANOTHER_THING = {
    "array", "items", "elements", "description", "url", "image", "images", "file", "enum", "stop", "name", "id", "ids",
    "pattern", "tools", "functions", "temperature", "schema", "identifier", "seed", "top",
    "json", "position", "character",
}  # fmt: skip
"""What else may be too long or too many."""

WINDOW_KEYS = {
    "n_ctx", "context_length", "context_window", "max_context_length", "max_model_len", "max_input_tokens",
    "max_prompt_tokens", "max_context_tokens", "token_limit", "maxtokens", "context_size", "max_tokens_allowed",
}  # fmt: skip
_BEFORE = {
    "maximum": 4, "max": 4, "limit": 4, "limited": 4, "limits": 4, "allowed": 3, "most": 4, "than": 3, "to": 1,
    "only": 3, "window": 4, "context": 3, "ctx": 4, "exceed": 3, "exceeds": 3, "exceeded": 3, "exceeding": 3, "of": 1,
    "up": 2, "length": 1, "size": 1, "supports": 3, "within": 3, "under": 2, "below": 2, "capacity": 3, "allows": 3,
    "accepts": 3, "takes": 3, "take": 3, "is": 1, "vs": 3, "into": 3, "fit": 2, "beyond": 2, "over": 2, "<": 4, "≤": 4, ">": 4,
}  # fmt: skip
_BEHIND = {"maximum": 4, "max": 4, "limit": 4, "window": 4, "context": 3, "allowed": 3}
_ASKED = {
    "requested", "request", "contains", "contained", "given", "received", "resulted", "got", "has", "have", "used", "your",
    "prompt", "input", "inputs", "messages", "by", "total", "about", "provided", "were", "was", "completion", "output",
    "number", "with", "estimated", "sent", "current", "actual", "count", "new", "totaling", "least", "reduce",
}  # fmt: skip
_SENT = {"requested", "sent", "got", "received", "used", "contains", "given", "needs", "provided", "passed"}
_LIMIT_ELSEWHERE = (
    "最大",
    "最多",
    "上限",
    "限制",
    "超过",
    "超過",
    "超出",
    "大于",
    "窗口",
    "支持",
    "최대",
    "제한",
    "한도",
    "지원",
    "윈도우",
)
_ASKED_ELSEWHERE = ("请求", "当前", "实际", "요청", "현재", "실제")


@dataclass(frozen=True, slots=True)
class Overflow:
    """The request is too long; `window` is how many tokens fit, where the server says it."""

    window: int | None = None


def read_overflow(status: int, body: str) -> Overflow | None:
    """Tell whether an answer says that the request is too long; None where it says something else.

    Args:
        status: 400 and the like, or 500 and 503, in which some servers say it too.
        body: The answer's body.
    """
    if status < 400 or status in {401, 402, 403, 404, 405, 407, 408, 409, 429, 502, 504}:
        return None
    said = texts_of(body)
    about = _spoken_of(said)
    if status == 413:
        return Overflow(None if about.words & RATE else _window(said, body))
    numbers = [n for n, _ in _numbers(_tokens(said))]
    if about.words & RATE or is_output_limit(said):
        return None
    named = next(_told(_json(body)), None) is not None and about.of(TOO_MUCH)
    if not (named or about.too_long(numbers)):
        return None
    return Overflow(None if about.counts_messages() and not named else _window(said, body))


def is_output_limit(said: str) -> bool:
    """Whether a refusal is about the longest reply that was asked for, not about what was sent."""
    words = set(re.findall(r"[a-z_]+", said.lower()))
    fields = words & {"max_tokens", "max_completion_tokens", "max_output_tokens", "max_new_tokens"}
    asks_for_less = bool(fields) or (bool(words & OUTPUT) and bool(words & TOKENS))
    of_what_was_sent = {"prompt", "prompts", "input", "inputs", "messages", "conversation"}
    return asks_for_less and not words & of_what_was_sent and not _negative(said) and not _alone(words)


def _alone(words: set[str]) -> bool:
    """The window is named, and nothing says that the reply's limit is what is wrong."""
    about_window = "context" in words and bool(words & {"length", "window", "size"})
    return about_window and not words & {
        "max_tokens",
        "max_completion_tokens",
        "max_output_tokens",
        "max_new_tokens",
    }


def _negative(said: str) -> bool:
    """A server that takes the prompt from its window finds less than nothing left for the reply."""
    return any(number < 0 for number, _ in _numbers(_tokens(said)))


def output_limit(said: str, asked: int) -> int | None:
    """Give a shorter reply than the `asked` one, where a refusal is about that: the longest it names, or half."""
    if not is_output_limit(said):
        return None
    named = [number for number, _ in _numbers(_tokens(said)) if 16 <= number < asked]
    too_much = _spoken_of(said).words & {
        "large",
        "exceed",
        "exceeds",
        "exceeded",
        "maximum",
        "most",
        "range",
        "high",
    }
    return max(named) if named else asked // 2 if too_much and asked > 32 else None


@dataclass(frozen=True, slots=True)
class _About:
    """What a refusal speaks of."""

    words: frozenset[str]

    def of(self, kind: set[str]) -> bool:
        return bool(kind & self.words)

    def too_long(self, numbers: Sequence[int]) -> bool:
        large = [n for n in numbers if n >= SMALLEST]
        tokens, window, text, size = map(self.of, (TOKENS, WINDOW, TEXT, SIZE))
        too_much = self.of(TOO_MUCH)
        if any(number < 0 for number in numbers) and tokens:
            return True
        if window and (tokens or size or text or {"window", "ctx"} & self.words):
            return bool(large) or self.of(TOO_MUCH - WEAK)
        if window and ((too_much and large) or self.words & MORE):
            return True
        plainly_more = bool(self.words & MORE)
        if self.words & ANOTHER_THING:
            return tokens and text and too_much and (plainly_more or bool(large))
        if tokens:
            return (too_much and (text or plainly_more or bool(large))) or len(large) > 1
        return text and (self._plainly() or (size and (plainly_more or (too_much and bool(large)))))

    def counts_messages(self) -> bool:
        """Whether there may be too many messages, whose number is no window."""
        of_tokens = self.of(TOKENS) or self.of(WINDOW) or {"prompt", "input", "inputs"} & self.words
        return bool({"message", "messages"} & self.words) and not of_tokens

    def _plainly(self) -> bool:
        """Whether it says "too long", with no number."""
        too_long = "too" in self.words and {"long", "large", "big"} & self.words
        longer_than = "than" in self.words and {"longer", "larger", "bigger"} & self.words
        return bool(too_long or longer_than)


def _spoken_of(said: str) -> _About:
    text = said.lower().replace("invalid_request_error", "")  # stands in every refusal of some servers
    words = set(re.findall(r"[a-z]+", text))
    words |= {word for word in RATE if not word.isascii() and word in text}
    words.update(
        word for foreign, meaning in ELSEWHERE.items() if foreign in text for word in meaning.split()
    )
    return _About(frozenset(words))


def texts_of(body: str, most: int = 4_000) -> str:
    """Give the texts of an error's body, those inside of JSON in a text included; what it echoes of the request is left out."""
    return " ; ".join(_leaves(_json(body), 0))[:most] if body.lstrip()[:1] in {"{", "["} else body[:most]


_ECHOED = {"input", "ctx", "url", "request", "traceback", "request_id", "requestid"}


def _leaves(value: object, depth: int) -> Iterator[str]:
    if depth > 8:
        return
    match value:
        case str():
            inner = _json(value) if value.lstrip()[:1] in {"{", "["} else None
            if isinstance(inner, dict | list):
                yield from _leaves(cast("object", inner), depth + 1)
            elif value:
                yield value
        case dict():
            for key, inner in cast("dict[str, object]", value).items():
                if key.lower() not in _ECHOED:
                    yield from _leaves(inner, depth + 1)
        case list():
            for inner in cast("list[object]", value):
                yield from _leaves(inner, depth + 1)
        case _:
            return


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _tokens(said: str) -> list[str]:
    """Part a text into numbers, written out, and words and marks."""
    found: list[str] = []
    for match in _TOKEN.finditer(_OF_THE_REPLY.sub("completion", said.lower())):
        if match["number"]:
            value = float(re.sub(r"[,_ ]", "", match["number"])) * (1_000 if match["kilo"] else 1)
            found.append(str(int(value)) if abs(value) < 10**12 else "0")
        else:
            found.append(match[0])
    return found


def _numbers(tokens: Sequence[str]) -> list[tuple[int, int]]:
    return [(int(token), place) for place, token in enumerate(tokens) if token.lstrip("-").isdigit()]


def _window(said: str, body: str) -> int | None:
    """Find which of a refusal's numbers is the window."""
    if told := next(_told(_json(body)), None):
        return told
    tokens = _tokens(said)
    numbers = [(number, place) for number, place in _numbers(tokens) if number >= SMALLEST]
    if _is_code(tokens, numbers):
        return None
    # What was sent is more than what fits; of only two numbers the larger one is hardly ever the window.
    less_likely = {2: 18}.get(len(numbers), 4 if numbers[1:] else 0)
    largest = max((number for number, _ in numbers), default=0)
    scored = [
        (_likely(tokens, place) - less_likely * (number == largest), -number, number)
        for number, place in numbers
    ]
    best = max(scored, default=(0, 0, 0))
    if best[0] > 0:
        return best[2]
    # No word says which is which: what was sent is more than what fits.
    return min((number for number, _ in numbers), default=None) if len(numbers) > 1 else None


def _told(value: object) -> Iterator[int]:
    match value:
        case dict():
            for key, inner in cast("dict[str, Any]", value).items():
                if key.lower() in WINDOW_KEYS and type(inner) is int and inner >= SMALLEST:
                    yield inner
                yield from _told(inner)
        case list():
            for inner in cast("list[object]", value):
                yield from _told(inner)
        case _:
            return


def _is_code(tokens: Sequence[str], numbers: Sequence[tuple[int, int]]) -> bool:
    """A lone number in parentheses at the end, in a text that counts no tokens, is the code of the error."""
    if len(numbers) != 1 or TOKENS & set(tokens):
        return False
    behind = tokens[numbers[0][1] + 1 :]
    before = tokens[numbers[0][1] - 1 : numbers[0][1]]
    return before == ["("] and behind[:1] == [")"] and (behind[1:] == [] or behind[1] == ";")


def _likely(tokens: Sequence[str], place: int) -> int:
    """How likely the number at a place is the window, by the words on both sides of it."""
    score = 0
    before = list(reversed(tokens[max(0, place - 7) : place]))
    for distance, word in enumerate(before):
        if word.isdigit() and int(word) >= SMALLEST and tokens[place - 1] != ",":
            break
        if word in {";", "."}:
            break
        weight = 8 - distance
        score += weight * _BEFORE.get(word, 0) // 2
        score += weight * any(sign in word for sign in _LIMIT_ELSEWHERE)
        score -= weight * (word in _ASKED or any(sign in word for sign in _ASKED_ELSEWHERE))
    if before[:1] and before[0] in {"<", "≤", ">", "/"}:
        score += 20
    if before[:1] == ["by"] or before[:1] == ["+"]:
        score -= 40
    if before[:1] and before[0] in _SENT:
        score -= 20
    if tokens[place + 1 : place + 2] in (["+"], [">"], ["/"]):
        score -= 40
    if before[:1] == [","] and "[" in before[:3]:
        score += 20  # the end of a range
    for distance, word in enumerate(tokens[place + 1 : place + 5]):
        if word.isdigit() or word in {".", ";", ">", "<", "+", "("} or (word == "," and distance):
            break
        score += (4 - distance) * _BEHIND.get(word, 0) // 2
        score -= (4 - distance) * (word in _ASKED)
    return score
