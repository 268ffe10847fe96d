"""What a professor promises and a machine can check: pure functions from an exchange to its violations.

A persona file names a check for each of its rules, or says `unchecked: true`. Checks read prose only: code, formulas,
quoted lines and citations are left out. They err on the side of silence.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from ..memory.text import HANGUL, sentences


@dataclass(frozen=True, slots=True)
class Exchange:
    """A reply with what it replies to.

    Attributes:
        small_talk: The student only greeted, thanked or took leave.
        sources: Ids (`a12`) that stood before the professor's eyes.
        tools: Names of the tools that were called.
    """

    answer: str
    question: str = ""
    small_talk: bool = False
    sources: frozenset[str] = frozenset()
    tools: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Violation:
    """Where a reply breaks a rule: what is wrong, in both languages."""

    check: str
    en: str
    ko: str

    def say(self, language: str) -> str:
        """Give the text in `language`."""
        return self.ko if language == "ko" else self.en


Check = Callable[..., list[Violation]]
"""Takes an `Exchange`, and options by keyword as a persona file may set them."""

_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
_FORMULA = re.compile(r"\$\$.*?\$\$|\$[^$\n]+\$|\\\(.*?\\\)|\\\[.*?\\\]", re.DOTALL)
_CITED = re.compile(r"\[\s*([am]\d+(?:\s*[,;]\s*[am]\d+)*)\s*\]")
_URL = re.compile(r"https?://[^\s)\]>]+")
_QUOTE = re.compile(r"“[^”]{0,300}”|‘[^’]{0,300}’|\"[^\"\n]{0,300}\"|「[^」]{0,300}」|(?m:^\s*>.*$)")
_LIST_ITEM = re.compile(r"\s*(?:[-*+•]|\d+[.)])\s+")
_NO_PROSE = re.compile(r"\s*(?:#|\||!\[)")
_EMPHASIS_END = re.compile(r"(?<=[.!?…\"'”’)\]])[*_]+(?=\s|$)")
_LETTER = re.compile(r"[^\W\d_]")
# Endings, and words of address: "네, 민지 학생." calls somebody and is no sentence.
_POLITE = re.compile(r"(?:요|니다|까|죠|시오|소서|학생|여러분|님|씨)$")
_TRAILING = re.compile(r"(?:\([^()]*\)|[\s\W_])+$")
_ACRONYM = re.compile(
    r"(?<![A-Za-z0-9_./-])(?:[A-Z][A-Za-z]{0,5}[A-Z][A-Za-z]?|[A-Z]{2,7})(?![A-Za-z0-9_./])"
)
_ASKS_FOR_CODE = re.compile(r"코드|구현|\bcode\b|\bimplement|파이썬|\bpython\b", re.IGNORECASE)
_SUM = re.compile(r"\d\s*(?:[*×÷^/+−]|\*\*|-)\s*\(?\s*\d|\d\s*%|\d+의\s*\d+\s*(?:승|제곱)")
_EXPLAINS_GREETING = re.compile(
    r"안녕(?:하세요)?[’'\"”]?\s?(?:은|는|이란|란|이라는)\s|\bhello[’'\"”]?\s+(?:is|means)\b", re.IGNORECASE
)
# Known to every student by the short form alone.
_EVERYDAY = frozenset(
    {
        "AI",
        "API",
        "CPU",
        "GPU",
        "GB",
        "ID",
        "IT",
        "KB",
        "MB",
        "OK",
        "OS",
        "PC",
        "PDF",
        "UK",
        "URL",
        "USA",
        "TV",
    }
)


def polite_korean(exchange: Exchange) -> list[Violation]:
    """Every Korean sentence ends politely: 요, 니다, 까, 죠.

    Measured on corpora elsewhere, such endings hold for 98.5 % of polite and 5.5 % of casual sentences. Headings,
    tables and list items without a full stop are no sentences.
    """
    found: list[Violation] = []
    for sentence in _sentences(exchange.answer):
        last = _TRAILING.sub("", sentence).split()
        if last and HANGUL.match(last[-1][-1]) and not _POLITE.search(last[-1]):
            found.append(
                Violation(
                    "polite_korean",
                    "a sentence does not end politely",
                    "공손하게 끝나지 않는 문장이 있습니다",
                )
            )
    return found


def language_matches(exchange: Exchange) -> list[Violation]:
    """The answer is in the language of the question, Korean or English; quotations may be in another."""
    asked, said = _hangul_share(exchange.question), _hangul_share(_prose(exchange.answer))
    if asked is None or said is None:
        return []
    if asked >= 0.2 and said < 0.2:
        return [
            Violation(
                "language_matches",
                "asked in Korean, answered in another language",
                "한국어 질문에 다른 말로 답했습니다",
            )
        ]
    if asked == 0 and said > 0.2:
        return [
            Violation(
                "language_matches", "asked in English, answered in Korean", "영어 질문에 한국어로 답했습니다"
            )
        ]
    return []


def acronym_spelled_out(exchange: Exchange, *, known: list[str] | None = None) -> list[Violation]:
    """Every acronym stands once with its full name: DoRA(Weight-Decomposed Low-Rank Adaptation) or the other way round.

    Args:
        exchange: What was said.
        known: Acronyms that need no explanation, beside the everyday ones.
    """
    text = _without(exchange.answer, _CODE, _FORMULA, _URL)
    spared = _EVERYDAY | set(known or ())
    shorts = dict.fromkeys(short.removesuffix("s") for short in _ACRONYM.findall(text))
    return [
        Violation("acronym_spelled_out", f"{short} is not spelled out", f"{short}의 본말이 없습니다")
        for short in shorts
        if short not in spared and not _spelled_out(short, text)
    ]


def code_fence_when_asked(exchange: Exchange) -> list[Violation]:
    """Who asks for code is shown code, in a fence that names its language."""
    if not _ASKS_FOR_CODE.search(exchange.question) or re.search(r"^```\w+", exchange.answer, re.MULTILINE):
        return []
    return [
        Violation(
            "code_fence_when_asked", "code was asked for and none is shown", "코드를 물었는데 코드가 없습니다"
        )
    ]


def cites_sources(exchange: Exchange) -> list[Violation]:
    """An answer names a source it had, and none that it had not."""
    cited = {i for group in _CITED.findall(exchange.answer) for i in re.split(r"\s*[,;]\s*", group)}
    made_up = sorted(cited - exchange.sources)
    found = [
        Violation("cites_sources", f"[{i}] was not among the sources", f"[{i}]은(는) 받은 자료가 아닙니다")
        for i in made_up
    ]
    if exchange.sources and not cited and not exchange.small_talk and not _URL.search(exchange.answer):
        found.append(
            Violation(
                "cites_sources", "sources were at hand and none is named", "자료가 있었는데 밝히지 않았습니다"
            )
        )
    return found


def answers_greeting_briefly(exchange: Exchange, *, words: int = 40) -> list[Violation]:
    """A greeting is answered as a greeting: short, no lecture, and never an explanation of the word itself."""
    if not exchange.small_talk:
        return []
    answer = exchange.answer
    if (
        len(answer.split()) > words
        or "```" in answer
        or re.search(r"^\s*(?:#|[-*] |\d+\. )", answer, re.MULTILINE)
    ):
        return [
            Violation("answers_greeting_briefly", "a greeting became a lecture", "인사에 강의로 답했습니다")
        ]
    if _EXPLAINS_GREETING.search(answer):
        return [Violation("answers_greeting_briefly", "the greeting is explained", "인사말을 풀이했습니다")]
    return []


def arithmetic_by_tool(exchange: Exchange) -> list[Violation]:
    """Whoever is asked for a calculation calls the calculator."""
    if not _SUM.search(exchange.question) or exchange.tools & {"calculate", "run_code"}:
        return []
    return [
        Violation("arithmetic_by_tool", "numbers were worked out without the tool", "도구 없이 계산했습니다")
    ]


def asks_back(exchange: Exchange) -> list[Violation]:
    """An answer ends with a question to the student."""
    prose = _TAIL.sub("", _prose(exchange.answer).strip())
    if exchange.small_talk or not prose or prose.endswith(("?", "？")):
        return []
    return [Violation("asks_back", "the answer does not end with a question", "질문으로 끝나지 않습니다")]


def max_words(exchange: Exchange, *, words: int = 250) -> list[Violation]:
    """An answer has at most so many words of prose."""
    count = len(_prose(exchange.answer).split())
    if count <= words:
        return []
    return [
        Violation(
            "max_words", f"{count} words, at most {words}", f"{count}단어입니다. 최대 {words}단어입니다"
        )
    ]


CHECKS: Mapping[str, Check] = {
    check.__name__: check
    for check in (
        polite_korean,
        language_matches,
        acronym_spelled_out,
        code_fence_when_asked,
        cites_sources,
        answers_greeting_briefly,
        arithmetic_by_tool,
        asks_back,
        max_words,
    )
}
"""Every check a persona file may name."""

_TAIL = re.compile(r"[\s\"'”’)*_]+$")


def options_of(check: str) -> dict[str, Any]:
    """Give the options a check takes, with their defaults."""
    parameters = inspect.signature(CHECKS[check]).parameters.values()
    return {p.name: p.default for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY}


def nearest(name: str, known: Mapping[str, Any] | list[str]) -> str:
    """Give the known name most like a mistaken one, "" if none is near."""
    return next(iter(get_close_matches(name, list(known), n=1, cutoff=0.5)), "")


def _without(text: str, *patterns: re.Pattern[str]) -> str:
    for pattern in patterns:
        text = pattern.sub(" ", text)
    return text


def _prose(text: str) -> str:
    return _without(text, _CODE, _FORMULA, _QUOTE, _CITED, _URL)


def _sentences(text: str) -> Iterator[str]:
    for line in _prose(text).splitlines():
        if _NO_PROSE.match(line):
            continue
        item = _LIST_ITEM.match(line)
        body = line[item.end() :] if item else line
        for piece in sentences(_EMPHASIS_END.sub("", body)):
            ended = bool(re.search(r"[.!?…][\"'”’)\]]*$", piece))
            if ended or (item is None and len(piece.split()) >= 3 and not piece.endswith(":")):
                yield piece


def _hangul_share(text: str) -> float | None:
    """Give the share of letters that are Hangul, None for a text of hardly any letters."""
    letters = _LETTER.findall(text)
    return len(HANGUL.findall(text)) / len(letters) if len(letters) >= 4 else None


def _spelled_out(short: str, text: str) -> bool:
    after = re.compile(
        rf"{re.escape(short)}s?\s*(?:\(|란|은|는|이란|,|:|=|—|-)?\s*[(“\"]?([A-Za-z][A-Za-z\s\-/&,]+)"
    )
    before = re.compile(rf"([A-Za-z][A-Za-z\s\-/&]+?)\s*[(\[]\s*{re.escape(short)}s?\b")
    longs = [*after.findall(text), *(found[-120:] for found in before.findall(text))]
    return any(_abbreviates(short, long) for long in longs)


def _abbreviates(short: str, long: str) -> bool:
    """Whether the capitals of the short form are initials of the long one, in order, and its letters all occur."""
    words = re.findall(r"[A-Za-z]+", long)
    initials = "".join(word[0] for word in words).lower()
    capitals = "".join(letter for letter in short if letter.isupper()).lower()
    joined = "".join(words).lower()
    # RNN: "Recurrent Neural Network"; ReLU: "Rectified Linear Unit"; LSTM: "long short-term memory".
    return (
        len(words) > 1
        and _in_order(short.lower(), joined)
        and (_in_order(capitals, initials) or _in_order(initials[:2], capitals))
    )


def _in_order(needle: str, hay: str) -> bool:
    rest = iter(hay)
    return bool(needle) and all(letter in rest for letter in needle)
