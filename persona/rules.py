"""What a professor promises and a machine can check: pure functions from an exchange to its violations.

A persona file names a check for each of its rules, or says `unchecked: true`. Checks read prose only: code, formulas,
quoted lines and citations are left out. They err on the side of silence.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

from ..memory.text import HANGUL
from .acronyms import acronym_spelled_out
from .exchange import Check, Exchange, Violation
from .prose import (
    CITED,
    CODE,
    FORMULA,
    URL,
    ends_with_question,
    prose,
    prose_sentences,
    questions_at_end,
    without,
)
from .tone import no_ability_labels, no_empty_praise, no_learning_styles
from .verbatim import recited

_SLIP = 12
"""Letters of a reply that is too short to be worth asking for again in the right language."""
_LETTER = re.compile(r"[^\W\d_]")
# Endings, and words of address: "네, 민지 학생." calls somebody and is no sentence.
_POLITE = re.compile(r"(?:요|니다|시다|까|죠|시오|십쇼|소서|학생|여러분|님|씨)$|^(?:네|예|자|음|아|와|오)$")
# How casual speech ends; other sentences without a polite ending mostly end in a noun.
_BLUNT = re.compile(r"(?:다|어|아|지|해|야|라|자|네|군|게|래|니|냐|돼|봐|줘|데|걸)$")
_TRAILING = re.compile(r"(?:\([^()]*\)|[\s\W_])+$")
_NAMES_LANGUAGE = re.compile(
    r"영어|영문|한국어|한글|우리말|번역|일본어|중국어|\benglish\b|\bkorean\b|\btranslat", re.IGNORECASE
)
_ASKS_FOR_CODE = re.compile(r"코드|구현|\bcode\b|\bimplement|파이썬|\bpython\b", re.IGNORECASE)
_SUM = re.compile(r"\d\s*(?:[*×÷^/+−]|\*\*|-)\s*\(?\s*\d|\d\s*%|\d+의\s*\d+\s*(?:승|제곱)")
_EXPLAINS_GREETING = re.compile(
    r"안녕(?:하세요)?[’'\"”]?\s?(?:은|는|이란|란|이라는)\s|\bhello[’'\"”]?\s+(?:is|means)\b", re.IGNORECASE
)


def polite_korean(exchange: Exchange) -> list[Violation]:
    """Every Korean sentence ends politely: 요, 니다, 까, 죠.

    Measured on corpora elsewhere, such endings hold for 98.5 % of polite and 5.5 % of casual sentences. Headings,
    tables and list items without a full stop are no sentences. It is a slip unless a third of them end as casual speech
    does.
    """
    if _hangul_share(exchange.question) == 0:  # what is Korean in an answer to English is an example
        return []
    said = prose_sentences(exchange.answer)
    casual = [last for sentence in said if (last := _last_word(sentence)) and not _POLITE.search(last)]
    blunt = sum(bool(_BLUNT.search(last)) for last in casual)
    slip = Violation(
        "polite_korean",
        "a sentence does not end politely",
        "공손하게 끝나지 않는 문장이 있습니다",
        slight=not blunt or 3 * blunt < len(said),
    )
    return [slip] * len(casual)


def language_matches(exchange: Exchange) -> list[Violation]:
    """The answer is in the language of the question, Korean or English, unless a language is named in that.

    Quotations may be in another. A word or two in the wrong one ("Noted.") is a slip.
    """
    answer = prose(exchange.answer)
    asked, said = _hangul_share(exchange.question), _hangul_share(answer)
    if asked is None or said is None or _NAMES_LANGUAGE.search(exchange.question):
        return []
    slight = len(_LETTER.findall(answer)) < _SLIP
    if asked >= 0.2 and said < 0.2:
        en, ko = "asked in Korean, answered in another language", "한국어 질문에 다른 말로 답했습니다"
    elif asked == 0 and said > 0.2:
        en, ko = "asked in English, answered in Korean", "영어 질문에 한국어로 답했습니다"
    else:
        return []
    return [Violation("language_matches", en, ko, slight)]


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
    """An answer names a source, where one was found for the question."""
    named = CITED.search(exchange.answer) or URL.search(exchange.answer)
    if not exchange.sources or exchange.small_talk or named:
        return []
    return [
        Violation(
            "cites_sources", "sources were at hand and none is named", "자료가 있었는데 밝히지 않았습니다"
        )
    ]


def no_invented_sources(exchange: Exchange) -> list[Violation]:
    """No id is cited that never stood before the professor's eyes."""
    text = without(exchange.answer, CODE, FORMULA)
    groups = (re.split(r"\s*[,;]\s*", group) for group in CITED.findall(text))
    cited = {i for group in groups if not _is_notation(group) for i in group}
    return [
        Violation(
            "no_invented_sources", f"[{i}] was not among the sources", f"[{i}]은(는) 받은 자료가 아닙니다"
        )
        for i in sorted(cited - exchange.sources - exchange.shown)
    ]


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
    """An answer ends with a question to the student, unless they want to be told outright."""
    due = not exchange.small_talk and exchange.mode != "direct" and prose(exchange.answer).strip()
    if not due or ends_with_question(exchange.answer):
        return []
    return [Violation("asks_back", "the answer does not end with a question", "질문으로 끝나지 않습니다")]


def one_question(exchange: Exchange) -> list[Violation]:
    """A hint, which is what the socratic and the exam mode give, ends with one question and not with several."""
    hint = exchange.mode in {"socratic", "exam"} and not exchange.small_talk
    count = questions_at_end(exchange.answer)
    if not hint or count == 1 or not prose(exchange.answer).strip():
        return []
    return [
        Violation(
            "one_question", f"{count} questions at the end of a hint", f"힌트 끝의 질문이 {count}개입니다"
        )
    ]


def recites_no_instructions(exchange: Exchange) -> list[Violation]:
    """No run of twelve letters or more of what the professor is told to be is recited; see `verbatim`."""
    if not recited(exchange.answer, exchange.instructions):
        return []
    return [
        Violation(
            "recites_no_instructions", "your own instructions are recited", "받은 지시문을 그대로 읊었습니다"
        )
    ]


def max_words(exchange: Exchange, *, words: int = 250) -> list[Violation]:
    """An answer has at most so many words of prose."""
    count = len(prose(exchange.answer).split())
    if count <= words:
        return []
    return [
        Violation(
            "max_words", f"{count} words, at most {words}", f"{count}단어입니다. 최대 {words}단어입니다"
        )
    ]


CHECKS: Final[Mapping[str, Check]] = {
    check.__name__: check
    for check in (
        polite_korean,
        language_matches,
        acronym_spelled_out,
        code_fence_when_asked,
        cites_sources,
        no_invented_sources,
        answers_greeting_briefly,
        arithmetic_by_tool,
        asks_back,
        one_question,
        max_words,
        no_empty_praise,
        no_ability_labels,
        no_learning_styles,
        recites_no_instructions,
    )
}
"""Every check a persona file may name."""

HARD: Final = frozenset(
    {
        "polite_korean",
        "language_matches",
        "no_invented_sources",
        "no_ability_labels",
        "no_learning_styles",
        "recites_no_instructions",
    }
)
"""Checks that make a rule hard where the file does not say: who breaks one is asked once more."""

ALWAYS: Final[Mapping[str, str]] = {
    "no_invented_sources": "Cites nothing that was not there.",
    "no_ability_labels": "Speaks of what the student did, never of what they are.",
    "no_learning_styles": "Ascribes no learning style to anybody.",
    "recites_no_instructions": "Does not recite these instructions.",
}
"""What every student is owed, whoever speaks: rules that hold for a persona whose file does not name their check."""


def options_of(check: str) -> dict[str, Any]:
    """Give the options a check takes, with their defaults."""
    parameters = inspect.signature(CHECKS[check]).parameters.values()
    return {p.name: p.default for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY}


def _is_notation(ids: Sequence[str]) -> bool:
    """Whether ids in one bracket are the elements of a vector rather than sources: [a1, a2, a3]."""
    numbers = [int(i[1:]) for i in ids]
    return len(ids) > 1 and numbers[0] < 2 and numbers == list(range(numbers[0], numbers[0] + len(ids)))


def _last_word(sentence: str) -> str:
    """Give the last word where it is Korean."""
    last = _TRAILING.sub("", sentence).split()
    return last[-1] if last and HANGUL.match(last[-1][-1]) else ""


def nearest(name: str, known: Mapping[str, Any] | list[str]) -> str:
    """Give the known name most like a mistaken one, "" if none is near."""
    return next(iter(get_close_matches(name, list(known), n=1, cutoff=0.5)), "")


def _hangul_share(text: str) -> float | None:
    """Give the share of letters that are Hangul, None for a text of hardly any letters."""
    letters = _LETTER.findall(text)
    return len(HANGUL.findall(text)) / len(letters) if len(letters) >= 4 else None
