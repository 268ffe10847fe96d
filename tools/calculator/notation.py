"""From how people write a calculation to one notation: `2의 10승`, `3×4`, `√2`, `15% of 80`, `5!`, `2x`."""

from __future__ import annotations

import re
import unicodedata

_NUMBER = r"\d+(?:\.\d+)?"
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_SIGNS = str.maketrans({
    "×": "*", "✕": "*", "✖": "*", "⋅": "*", "∙": "*", "·": "*", "÷": "/", "∕": "/", "⁄": "/",
    "−": "-", "–": "-", "—": "-", "π": " pi ", "∞": " oo ", "½": "(1/2)", "⅓": "(1/3)", "⅔": "(2/3)", "¼": "(1/4)",
    "¾": "(3/4)",
})  # fmt: skip
# In this order: longer phrases before the words they contain.
_PHRASES: tuple[tuple[str, str], ...] = (
    (rf"({_NUMBER})\s*(?:%|퍼센트|프로)\s*of\b", r"\1/100*"),
    (rf"({_NUMBER})\s*의\s*({_NUMBER})\s*(?:%|퍼센트|프로)", r"(\1*\2/100)"),
    (rf"({_NUMBER})\s*의\s*세제곱근", r"cbrt(\1)"),
    (rf"({_NUMBER})\s*의\s*제곱근", r"sqrt(\1)"),
    (r"\s*의\s*(-?\d+)\s*(?:승|제곱)", r"**(\1)"),
    (r"\s*(?:의\s*)?세제곱", "**3"),
    (r"\s*(?:의\s*)?제곱", "**2"),
    (r"루트\s*", "√"),
    (r"팩토리얼|계승", "!"),
    (r"퍼센트|프로|\bpercent\b", "%"),
    (r"더하기|플러스|\bplus\b", "+"),
    (r"빼기|마이너스|\bminus\b|\bnegative\b", "-"),
    (r"곱하기|\btimes\b", "*"),
    (r"나누기|\bdivided\s+by\b|\bover\b", "/"),
    (r"파이", " pi "),
    (r"\s*\bsquared\b", "**2"),
    (r"\s*\bcubed\b", "**3"),
    (r"\s*\bto\s+the\s+power\s+of\b", "**"),
    (rf"({_NUMBER})\s*thousand\b", r"(\1*1000)"),
    (rf"({_NUMBER})\s*million\b", r"(\1*1000000)"),
    (rf"({_NUMBER})\s*billion\b", r"(\1*1000000000)"),
    (r"\blambda\b|λ", "lamda"),  # Python keeps the word for itself
    (r"\bd\s*/\s*d([a-z])\s*\((.+)\)$", r"diff(\2, \1)"),
    (r"\bd\s*/\s*d([a-z])\s+(.+)$", r"diff(\2, \1)"),
    (rf"^(.+?)\s*([+-])\s*({_NUMBER})\s*%$", r"(\1)*(1\2\3/100)"),  # as a pocket calculator does
)
_TOKEN = re.compile(
    rf"\s*({_NUMBER}(?:[eE][+-]?\d+)?|\.\d+|[^\W\d]\w*|\*\*|//|==|<=|>=|!=|[-+*/%!=<>(),\[\]√∛]|\S)"
)
_OPERAND = re.compile(r"[\w.(√∛]")


def normalise(text: str, functions: frozenset[str]) -> str:
    """Write a calculation in one notation, that of Python's expressions.

    Args:
        text: As a person or a model wrote it.
        functions: Names that stand before a bracket as functions; any other name before one is multiplied.
    """
    text = unraised(text)
    text = unicodedata.normalize("NFKC", text.translate(_SIGNS)).translate(_SIGNS)
    text = re.sub(r"[\s=?]+$", "", text.replace("^", "**"))
    if not re.search(r"[A-Za-z]\w*\s*\(", text):  # in gcd(12,345) the comma is no thousands separator
        text = re.sub(r"\b\d{1,3}(?:,\d{3})+\b", lambda number: number.group().replace(",", ""), text)
    parts = _roots(_TOKEN.findall(in_signs(text)))
    parts = _factorials(_percents(parts))
    return "".join(_multiplied(["==" if part == "=" else part for part in parts], functions))


def in_signs(text: str) -> str:
    """Write operations that are said in words with their signs: 2의 10승, 루트 2, 3 over 4."""
    for pattern, replacement in _PHRASES:
        text = re.sub(pattern, replacement, text)
    return text


def unraised(text: str) -> str:
    """Write raised digits as powers, or before a root as its degree, and one-sign fractions as quotients: x², ⁴√t, 2½."""
    text = re.sub(
        r"(?<![\w)])([⁰¹²³⁴⁵⁶⁷⁸⁹]+)√\s*(\([^()]*\)|\w+)",
        lambda found: f"root({found[2]},{found[1].translate(_SUPERSCRIPTS)})",
        text,
    )
    text = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", lambda run: f"**({run.group().translate(_SUPERSCRIPTS)})", text)
    text = re.sub(r"(\d+)\s*([½⅓¼¾⅔])", r"(\1+\2)", text)
    return re.sub(r"[½⅓¼¾⅔]", lambda sign: sign.group().translate(_SIGNS), text)


def _roots(parts: list[str]) -> list[str]:
    """`√2` and `√(2)` become calls."""
    out: list[str] = []
    closing = 0
    for index, part in enumerate(parts):
        if part in {"√", "∛"}:
            out.append("sqrt" if part == "√" else "cbrt")
            if index + 1 < len(parts) and parts[index + 1] != "(":
                out.append("(")
                closing += 1
            continue
        out.append(part)
        if closing and part not in {"(", "-"}:
            out.extend(")" * closing)
            closing = 0
    return out


def _percents(parts: list[str]) -> list[str]:
    """`%` before an operand is the remainder, otherwise a hundredth."""
    out: list[str] = []
    for index, part in enumerate(parts):
        following = parts[index + 1] if index + 1 < len(parts) else ""
        if part == "%" and not _OPERAND.match(following):
            out.extend(("/", "100"))
        else:
            out.append(part)
    return out


def _factorials(parts: list[str]) -> list[str]:
    """`5!`, `n!` and `(2+3)!` become calls."""
    out: list[str] = []
    for part in parts:
        if part != "!" or not out:
            out.append(part)
            continue
        start = _operand_start(out)
        out[start:] = ["factorial", "(", *out[start:], ")"]
    return out


def _operand_start(parts: list[str]) -> int:
    if parts[-1] != ")":
        return len(parts) - 1
    depth = 0
    for index in range(len(parts) - 1, -1, -1):
        depth += (parts[index] == ")") - (parts[index] == "(")
        if depth == 0:
            return index - 1 if index and parts[index - 1].isidentifier() else index
    return 0


def _multiplied(parts: list[str], functions: frozenset[str]) -> list[str]:
    """Put in the multiplication signs that are left out: `2x`, `3(4+5)`, `(a)(b)`, `x(y+1)`."""
    out: list[str] = []
    for part in parts:
        before = out[-1] if out else ""
        ends = bool(before) and (before[-1].isalnum() or before == ")")
        begins = part[0].isalnum() or part == "("
        if ends and begins and not (part == "(" and before in functions):
            # Two numbers side by side are a slip, never a product: they stay apart, and the parser refuses them.
            out.append(" " if before[-1].isdigit() and part[0].isdigit() else "*")
        out.append(part)
    return out
