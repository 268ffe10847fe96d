"""The calculation that a turn asks for, in words of either language, written as the calculator reads it."""

from __future__ import annotations

import re

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_FUNCTION = r"(?:sqrt|log10|log2|log|ln|exp|sin|cos|tan|diff|integrate|solve|det|factorial|limit|sum)"
_EXPRESSION = re.compile(
    rf"(?<![\w.])(?:{_FUNCTION}\s*\(|[-(√]|{_NUMBER}\s*%?)[-A-Za-z0-9\s+*/×÷·^().,%!√π=²³\[\]]*",
    re.IGNORECASE,
)
_OPERATOR = re.compile(
    rf"(?<=[\d)%!])\s*(?:\*\*|[+*/×÷·^-]|x(?=\s*[\d(]))\s*(?=[\d(√a-z-])|√|%\s+of\s+\d|{_FUNCTION}\s*\(|\d!",
    re.IGNORECASE,
)
_CALCULATE = re.compile(
    r"얼마|계산|값(?:은|이|을)|구해|몇(?:이|인|일까|이에요|이야|예요)|=\s*\??\s*$|더하면|빼면|곱하면|나누면|\bcalculate\b|\bcompute\b|\bevaluate\b|\bhow\s+much\b|\bwhat(?:'s|\s+is)\b|\bequals?\b|\bsolve\b|풀어|미분|적분|제곱|\d\s*승|퍼센트|프로",
    re.IGNORECASE,
)
_KOREAN_SUMS = (
    (re.compile(rf"({_NUMBER})\s*(?:의|에서)\s*({_NUMBER})\s*(?:%|퍼센트|프로)"), r"\2% of \1"),
    (re.compile(rf"({_NUMBER})\s*의\s*({_NUMBER})\s*(?:제곱(?!근)|승)"), r"\1^\2"),
    (re.compile(rf"({_NUMBER})\s*의\s*세제곱"), r"\1^3"),
    (re.compile(rf"({_NUMBER})\s*(?:의\s*)?제곱근"), r"sqrt(\1)"),
    (re.compile(rf"({_NUMBER})\s*의\s*제곱"), r"\1^2"),
    (re.compile(rf"(?:루트|제곱근|(?:sqrt|square\s+root)\s+of)\s*({_NUMBER})", re.IGNORECASE), r"sqrt(\1)"),
    (
        re.compile(
            r"(?<=[\d)])\s*(?:에\s*)?(?:곱하기|곱하면|times|multiplied\s+by)\s*(?=[\d(])", re.IGNORECASE
        ),
        "*",
    ),
    (re.compile(r"(?<=[\d)])\s*(?:나누기|divided\s+by)\s*(?=[\d(])", re.IGNORECASE), "/"),
    (re.compile(r"(?<=[\d)])\s*(?:더하기|플러스|plus)\s*(?=[\d(])", re.IGNORECASE), "+"),
    (re.compile(r"(?<=[\d)])\s*(?:빼기|마이너스|minus)\s*(?=[\d(])", re.IGNORECASE), "-"),
)
_SYMBOLIC = (
    (re.compile(r"(?P<e>[-+*/^().\w\s]*[a-z0-9)])\s*(?:을|를)\s*(?P<v>[a-z])?(?:에\s*대해\s*)?미분|\b(?:derivative\s+of|differentiate)\s+(?P<f>[-+*/^().\w]+(?:\s*[-+*/^]\s*[-+*/^().\w]+)*)", re.IGNORECASE), "diff({}, x)"),
    (re.compile(r"(?P<e>[-+*/^().\w\s]*[a-z0-9)])\s*(?:을|를)\s*적분|\b(?:integral\s+of|integrate)\s+(?P<f>[-+*/^().\w]+(?:\s*[-+*/^]\s*[-+*/^().\w]+)*)", re.IGNORECASE), "integrate({}, x)"),
    (re.compile(r"(?P<e>[-+*/^().\dxyz\s]*x[-+*/^().\dxyz\s]*=[-+*/^().\dxyz\s]*[\dxyz)])(?P<f>)", re.IGNORECASE), "solve({}, x)"),
)  # fmt: skip
_ASKS_SYMBOLS = re.compile(
    r"미분|적분|풀어|방정식|해를|\bderivative\b|\bdifferentiate\b|\bintegra\w+\b|\bsolve\b", re.IGNORECASE
)


def expression_in(text: str) -> str:
    """The calculation a turn asks for, in the calculator's notation; "" where it asks for none."""
    if _ASKS_SYMBOLS.search(text):
        for pattern, form in _SYMBOLIC:
            found = pattern.search(text)
            inner = (found["e"] or found["f"] or "").strip() if found else ""
            if (
                inner
                and re.search(r"[a-z]", inner)
                and re.search(r"\d|\^|\(", inner)
                and not re.search(r"[가-힣]", inner)
            ):
                return form.format(inner)
    plain = text
    for pattern, form in _KOREAN_SUMS:
        plain = pattern.sub(form, plain)
    best = ""
    for found in _EXPRESSION.finditer(plain):
        words = _trim(found.group())
        if _OPERATOR.search(words) and len(words) > len(best):
            best = words
    asked = _CALCULATE.search(text.replace(best, "")) if best else None
    like_a_date = re.fullmatch(r"(?:\d{4}|\d{1,2})(?:[-/.]\d{1,2}){1,2}", best.replace(" ", ""))
    if not best or (like_a_date and not asked):
        return ""
    rest = re.sub(r"[\s?=.!,]+", "", plain.replace(best, ""))
    return best if len(rest) <= 2 or (asked and (len(rest) <= 24 or len(best) >= 5)) else ""


def _trim(words: str) -> str:
    """Cut trailing words off an expression: "3*4 is what" is 3*4."""
    words = re.sub(r"(?:\s+(?!of\b)[A-Za-z]{2,}.*)$", "", words.strip())
    return words.strip(" ?=,.·")
