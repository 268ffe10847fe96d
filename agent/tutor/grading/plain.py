"""From LaTeX, Unicode and Korean to one line of plain mathematics, such as `tools.calculator.notation` reads."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from ....tools.calculator.notation import unraised
from ....tools.word_problems.spelling import korean_numbers

_COMMAND = re.compile(r"\\([A-Za-z]+|.)", re.DOTALL)
_MATRIX = re.compile(r"\\begin\{(\w*matrix|array)\}(?:\{[^{}]*\})?(.*?)\\end\{\1\}", re.DOTALL)
_SIGNS = {
    "cdot": "*", "times": "*", "div": "/", "leq": "<=", "le": "<=", "geq": ">=", "ge": ">=", "lt": "<", "gt": ">",
    "neq": "!=", "ne": "!=", "infty": " oo ", "pm": "±", "cup": "∪", "cap": "∩", "circ": "∘", "to": "->",
    "lambda": " lamda ", "%": "%", "{": "{", "}": "}", "|": "|", "\\": " ", "emptyset": "∅", "varnothing": "∅",
}  # fmt: skip
_SILENT = frozenset({
    "left", "right", "displaystyle", "quad", "qquad", "big", "Big", "bigl", "bigr", "limits", "$", ",", ";", "!", ":",
    " ", "\n",
})  # fmt: skip
_WRAPPERS = frozenset({"text", "mathrm", "operatorname", "mathbf", "mathit", "textbf", "boxed", "mbox"})
_UNICODE = str.maketrans({
    "−": "-", "–": "-", "—": "-", "‐": "-", "≤": "<=", "≦": "<=", "⩽": "<=", "≥": ">=", "≧": ">=", "⩾": ">=",
    "≠": "!=", "∞": " oo ", "×": "*", "⋅": "*", "∙": "*", "·": "*", "÷": "/", "∕": "/", "⁄": "/", "π": " pi ",
    "°": " degrees ", "’": "'", "‘": "'", "′": "'", "“": '"', "”": '"', "λ": " lamda ", "、": ",", "。": ".",
})  # fmt: skip
# Forms in which words write numbers and relations; what is said around an answer is not among them.
_WORDED: tuple[tuple[str, str], ...] = (
    (r"(-?[\w.^()*/]+)\s*분의\s*(-?(?:[\w^()*/]|\.(?=\d))+?)(?=[^\w.^()*/]|[가-힣]|\.(?!\d)|$)", r"((\2)/(\1))"),
    (r"마이너스\s*", "-"),
    (r"무한대", " oo "),
    (r"퍼센트|프로(?![가-힣])", "%"),
    (r"(?:은|는|이|가)?\s*([-\w.^()*/]+?)\s*(?:이상|(?:보다|과|와)?\s*크거나\s*같\w*)", r" >= \1 "),
    (r"(?:은|는|이|가)?\s*([-\w.^()*/]+?)\s*(?:이하|(?:보다|과|와)?\s*작거나\s*같\w*)", r" <= \1 "),
    (r"(?:은|는|이|가)?\s*([-\w.^()*/]+?)\s*(?:초과|보다\s*(?:크|큰|큽)\w*)", r" > \1 "),
    (r"(?:은|는|이|가)?\s*([-\w.^()*/]+?)\s*(?:미만|보다\s*(?:작)\w*)", r" < \1 "),
    (r"(?<![^\W_])([A-Za-z])(?:[은는]|\s+(?:is|equals))\s+(?=[-\d(√.])", r"\1 = "),
    (r"(?<=[A-Za-z0-9)])\s*(?:와|과|하고|그리고|이고|,\s*그리고)\s+(?=[-A-Za-z0-9(√])", " , "),
    (r"\s(?:또는|혹은|이거나|아니면)\s", " or "),
)  # fmt: skip


@lru_cache(maxsize=2048)
def plain(text: str) -> str:
    """Write an answer on one line without LaTeX; words stay as they are."""
    text = unicodedata.normalize("NFKC", unraised(text).translate(_UNICODE)).translate(_UNICODE)
    text = text.replace("**", "^")
    text = _MATRIX.sub(_matrix, text)
    text = re.sub(r"\$\$|\$(?!\d)|(?<=\S)\$(?!\d)", " ", text) if "\\" in text or "$$" in text else text
    text = korean_numbers(_latex(text.replace("$", " ")), single=False)
    for pattern, sign in _WORDED:
        text = re.sub(pattern, sign, text)
    return " ".join(text.split())


def squashed(text: str) -> str:
    """Give a text as it is held against another letter by letter: without LaTeX, spaces and outer punctuation."""
    return re.sub(r"\s+", "", plain(text)).strip(".,;!?\"'")


def _matrix(found: re.Match[str]) -> str:
    rows = [[cell.strip() for cell in row.split("&")] for row in re.split(r"\\\\", found[2]) if row.strip()]
    if all(len(row) == 1 for row in rows):
        return f"[{','.join(row[0] for row in rows)}]"
    return f"[{','.join('[' + ','.join(row) + ']' for row in rows)}]"


def _latex(text: str) -> str:
    out: list[str] = []
    at = 0
    while at < len(text):
        sign = text[at]
        if sign == "\\" and (command := _COMMAND.match(text, at)):
            piece, at = _command(command[1], text, command.end())
        elif sign in "^_" and text[at + 1 : at + 2] == "{":
            inner, at = _group(text, at + 1)
            piece = _raised(_latex(inner)) if sign == "^" else "_" + re.sub(r"\W", "", _latex(inner))
        elif sign == "{":
            inner, at = _group(text, at)
            inner = _latex(inner)
            if text[at : at + 1] == "^" and inner.isalpha():  # {ab}^2, as converters write a b^2, and {sin}^2
                piece = inner
            else:
                piece = f"{{{inner}}}" if "," in inner else f"({inner})"
        else:
            piece, at = sign, at + 1
        out.append(piece)
    return "".join(out)


def _command(name: str, text: str, at: int) -> tuple[str, int]:
    """Write one command with what it takes; gives where it ends too."""
    if name in {"frac", "dfrac", "tfrac", "cfrac"}:
        above, at = _group(text, at)
        below, at = _group(text, at)
        return f"(({_latex(above)})/({_latex(below)}))", at
    if name == "sqrt":
        degree = re.match(r"\s*\[([^\]]*)\]", text[at:])
        inner, at = _group(text, at + (degree.end() if degree else 0))
        return (f"root({_latex(inner)},{degree[1]})" if degree else f"sqrt({_latex(inner)})"), at
    if name in _WRAPPERS or name in {"hat", "vec", "bar", "overline"}:
        inner, at = _group(text, at)
        return (f" {_latex(inner)} " if name in _WRAPPERS else f" {_latex(inner).strip()}_{name} "), at
    if name in _SILENT:
        return " ", at
    based = text[at : at + 1] == "_"  # log_2
    return _SIGNS.get(name, f" {name}" if based else f" {name} "), at


def _raised(inner: str) -> str:
    return " degrees " if inner.strip() == "∘" else f"^({inner})"


def _group(text: str, at: int) -> tuple[str, int]:
    """Give what stands in the braces that open at `at`, or the one sign there, and where it ends."""
    while at < len(text) and text[at] == " ":
        at += 1
    if text[at : at + 1] != "{":
        command = _COMMAND.match(text, at)
        end = command.end() if command else at + 1
        return text[at:end], end
    depth = 0
    for end in range(at, len(text)):
        depth += (text[end] == "{") - (text[end] == "}")
        if depth == 0:
            return text[at + 1 : end], end + 1
    return text[at + 1 :], len(text)
