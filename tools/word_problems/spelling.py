"""What is typed, in one alphabet: small letters, one sign for each operation, numbers in digits."""

from __future__ import annotations

import re
import unicodedata

_SMALL = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ENGLISH = {word: n for n, word in enumerate(_SMALL)} | {word: 10 * n for n, word in enumerate(_TENS, 2)}
_SUB100 = rf"(?:(?:{'|'.join(_TENS)})(?:[\s-](?:{'|'.join(_SMALL[1:10])})\b)?|(?:{'|'.join(_SMALL)})\b)"
_SUB1000 = rf"(?:(?:{_SUB100}\s|\d+\s|an?\s)?hundred\b(?:\s(?:and\s)?{_SUB100})?|{_SUB100}|\d+)"
_ENGLISH_NUMBER = (
    rf"\b(?:(?:{_SUB1000}|an?)\s(?:thousand|million)\b(?:\s(?:and\s)?{_SUB1000})?|{_SUB1000})(?![\w.])"
)
_SINO = "영일이삼사오육칠팔구"
_PLACES = {"십": 10, "백": 100, "천": 1000, "만": 10**4, "억": 10**8}
_AFTER_NUMBER = (
    r"(?=$|[^가-힣]|원|달러|명|개|번|장|권|점|[은는을를의과와에]|이?랑|더하기|빼기|곱하기|나누기|플러스|마이너스|제곱|승|퍼센트|프로|"
    r"부터|까지|분의|입니다|이에요|예요|시간|팩토리얼|계승|[이가]\s)"
)
_KOREAN_NUMBER = rf"(?<![가-힣\d.])[\d,]*[{_SINO}십백천만억][\d{_SINO}십백천만억]*(?:(?<=[만억])\s?[\d{_SINO}십백천]+)*{_AFTER_NUMBER}"
_NATIVE_TENS = {
    "열": 10,
    "스물": 20,
    "서른": 30,
    "마흔": 40,
    "쉰": 50,
    "예순": 60,
    "일흔": 70,
    "여든": 80,
    "아흔": 90,
}
_NATIVE = {
    "한": 1,
    "두": 2,
    "세": 3,
    "네": 4,
    "다섯": 5,
    "여섯": 6,
    "일곱": 7,
    "여덟": 8,
    "아홉": 9,
    "스무": 20,
}
_NATIVE_ALONE = {"하나": 1, "둘": 2, "셋": 3, "넷": 4}
_NATIVE_NUMBER = re.compile(
    rf"(?<![가-힣])(?=[가-힣])({'|'.join(_NATIVE_TENS)})?({'|'.join(_NATIVE)})?(?=\s*(?:개|명|번|장|주사위|동전|사람|수))"
    rf"|(?<![가-힣])(?=[가-힣])(?P<tens>{'|'.join(_NATIVE_TENS)})?(?P<ones>{'|'.join([*_NATIVE_ALONE, *list(_NATIVE)[4:-1]])})?"
    r"(?=$|[^가-힣]|요|이요|이에요|예요|입니다|인가요|일까요|이죠)"
)
_SIGNS = str.maketrans({
    "×": "*", "⋅": "*", "·": "*", "∙": "*", "÷": "/", "∕": "/", "⁄": "/", "−": "-", "–": "-", "∞": " oo ", "π": " pi ",
    "’": "'", "‘": "'", "→": "->", "∫": " integral ", "∛": "cbrt ",
})  # fmt: skip
_SPELLINGS: tuple[tuple[str, str], ...] = (
    (r"\$+(?=\d)|[₩€£]", ""),
    (r"\$", " "),
    (r"\\(?:left|right|displaystyle|,|;|!)", ""),
    (r"\\d?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}", r"((\1)/(\2))"),
    (r"\\sqrt\s*\{([^{}]*)\}", r"sqrt(\1)"),
    (r"\\begin\{[pb]?matrix\}(.*?)\\end\{[pb]?matrix\}", r"(\1)"),
    (r"\\\\", "; "),
    (r"\\(?:cdot|times)", "*"),
    (r"\\int", " integral "),
    (r"\\infty|\binfinity\b|무한대|무한", " oo "),
    (r"\\to\b", "->"),
    (r"\\(?=[a-z])", ""),
    (r"\{([^{}]*)\}", r"(\1)"),
    (r"(?<=\d)&(?=-?\d)|(?<=\d) & (?=-?\d)", ", "),
    (r"퍼센트|프로(?!그|젝|세|토|모|필|듀)|(?<=\d)퍼(?=\s)|\bper\s?cent\b|\bpercentage\b", "%"),
    (r"(?<=\d)\s+%(?!\s*[\d(])", "%"),
    (r"(?<![가-힣])사인\s?", "sin "),
    (r"(?<![가-힣])코사인\s?", "cos "),
    (r"(?<![가-힣])탄젠트\s?", "tan "),
    (r"\b(sin|cos|tan)\s*\(?\s*(\d+)\s*(?:도|°|degrees?|deg)\s*\)?", r"\1(\2*pi/180)"),
    (r"(?<![가-힣])파이(?!썬|널|프|어)", " pi "),
    (r"(\d)\s+pi\b", r"\1*pi"),
    (r"\bpi\s*/\s*", "pi/"),
    (r"-\s+oo\b", "-oo"),
    (r"\b(pi|oo)\s+(?=[가-힣])", r"\1"),
    (r"(고유|최빈|중앙|절댓|극한)\s+값", r"\1값"),
    (r"(\d+)\s*분의\s*(\d+)", r"(\2/\1)"),
    (r"((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)\s*(?:원짜리|원어치|원|달러|명|개|권|장|마리|점|사람|dollars?\b|bucks\b|won\b|krw\b|usd\b)", r"\1"),
    (r"(?<=\d)\s*x\s*(?=\d)|(?<=\])\s*x\s*(?=\[)", "*"),
)  # fmt: skip
_FRACTIONS = {
    "half": 2,
    "halves": 2,
    "third": 3,
    "quarter": 4,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "eighth": 8,
    "tenth": 10,
}
_FRACTION = rf"\b(an?|\d+)[\s-]({'|'.join(_FRACTIONS)})s?\b(?=\s+(?:of|plus|minus|times)\b|\s*[-+*/]|$)"


def in_digits(text: str) -> str:
    """Small letters, one sign for each operation, numbers in digits and without what is counted."""
    text = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", lambda run: "^" + unicodedata.normalize("NFKC", run[0]), text)
    text = unicodedata.normalize("NFKC", text.translate(_SIGNS)).translate(_SIGNS).casefold()
    text = korean_numbers(text)
    text = english_numbers(native_numbers(text))
    text = re.sub(_FRACTION, lambda f: f"({f[1] if f[1].isdigit() else 1}/{_FRACTIONS[f[2]]})", text)
    text = re.sub(r"(\d+) and \((\d+)/(\d+)\)", r"(\1+\2/\3)", text)
    text = re.sub(r"\bhalf of\b", "(1/2) of", text)
    for pattern, plain in _SPELLINGS:
        text = re.sub(pattern, plain, text)
    return " ".join(text.split())


def korean_numbers(text: str, *, single: bool = True) -> str:
    """Write Korean numbers in digits: 오천, 3만 5천.

    Args:
        single: Also numbers of one syllable, which may be other words: 이 is "two" and "this".
    """
    return re.sub(
        _KOREAN_NUMBER, lambda found: _korean(found[0]) if single or len(found[0]) > 1 else found[0], text
    )


def native_numbers(text: str) -> str:
    """Write native Korean numbers in digits: 두 개, 서른여섯."""

    def digits(found: re.Match[str]) -> str:
        tens, ones = found[1] or found["tens"], found[2] or found["ones"]
        value = _NATIVE_TENS.get(tens, 0) + (_NATIVE | _NATIVE_ALONE).get(ones, 0)
        return str(value) if value else found[0]

    return _NATIVE_NUMBER.sub(digits, text)


def english_numbers(text: str) -> str:
    """Write English numbers in digits: twenty-one, two hundred."""
    return re.sub(_ENGLISH_NUMBER, lambda found: _english(found[0]), text)


def _korean(text: str) -> str:
    """오천, 삼만 이천, 3만 2천; the text itself where it is no number that can be."""
    total = group = 0
    digits, lowest, great = "", 10**4, 10**12
    for sign in text.replace(" ", "").replace(",", ""):
        place = _PLACES.get(sign, 0)
        if sign.isdigit() or sign in _SINO:
            if digits and not (sign.isdigit() and digits.isdigit() and sign not in _SINO):
                return text
            digits += sign if sign.isdigit() else str(_SINO.index(sign))
        elif place < 10**4:
            if place >= lowest:
                return text
            group, digits, lowest = group + int(digits or 1) * place, "", place
        elif place >= great:
            return text
        else:
            total += (group + int(digits or 0) or 1) * place
            group, digits, lowest, great = 0, "", 10**4, place
    return str(total + group + int(digits or 0))


def _english(text: str) -> str:
    if text.isdigit():
        return text
    total = group = 0
    for word in re.findall(r"[a-z]+|\d+", text):
        if word.isdigit() or word in _ENGLISH:
            group += _ENGLISH[word] if word in _ENGLISH else int(word)
        elif word == "hundred":
            group = max(group, 1) * 100
        elif word in {"thousand", "million"}:
            total, group = total + max(group, 1) * (1000 if word == "thousand" else 10**6), 0
    return str(total + group)
