"""Secrets that show by their form: keys of known families, tokens, passwords in addresses, numbers with a check."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from typing import Literal, NamedTuple

Kind = Literal["api-key", "token", "private-key", "password", "resident-number", "card-number"]


class Hit(NamedTuple):
    """Where a secret stands."""

    start: int
    end: int
    kind: Kind


_PEM = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?P<body>.{0,16000}?)-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"
    r"|-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\s*[A-Za-z0-9+/=]{16,})+",
    re.DOTALL,
)
_BASE64_RUN = re.compile(r"[A-Za-z0-9+/=]{16}")
# How the keys of a family begin, and how many characters follow at least.
_FAMILIES = {
    r"sk-": 20, r"[srp]k_(?:live|test)_": 16, r"gh[pousr]_": 30, r"github_pat_": 22, r"gl[a-z]{2,5}-": 20,
    r"A(?:KIA|SIA)(?=[A-Z0-9]{16}(?![A-Za-z0-9]))": 16, r"AIza": 35, r"hf_": 20, r"xox[abeoprs]-": 10, r"xapp-": 10,
    r"gsk_": 30, r"xai-": 30, r"r8_": 30, r"npm_": 30, r"pypi-": 50, r"pplx-": 30, r"nvapi-": 30, r"SG\.": 32,
    r"[0-9]{8,10}:AA": 33, r"ya29\.": 20, r"GOCSPX-": 20, r"dop_v1_": 30, r"shp(?:at|ca|pa|ss)_": 30, r"whsec_": 20,
    r"tgp_v1_": 20, r"csk-": 20, r"fw_": 20, r"dckr_pat_": 20, r"lin_api_": 20, r"ntn_": 20, r"ATATT3x": 20,
}  # fmt: skip
_KEY = re.compile(
    r"(?<![A-Za-z0-9_-])(?:"
    + "|".join(
        f"{begins}(?P<f{at}>[A-Za-z0-9_.-]{{{least},}})"
        for at, (begins, least) in enumerate(_FAMILIES.items())
    )
    + ")"
)
_JWT = re.compile(r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{10,}")
_BEARER = re.compile(
    r"(?:\bBearer\s+|\bAuthorization[\"']?\s*:\s*[\"']?(?:Basic|Token)\s+)(?P<value>[A-Za-z0-9._~+/-]{16,}=*)",
    re.IGNORECASE,
)
_URL = re.compile(r"\b[A-Za-z][A-Za-z0-9+.-]{0,20}://[^\s/:@]{0,100}:(?P<value>[^\s/]{1,200})(?=@)")
_URL_SLASH = re.compile(
    r"\b[A-Za-z][A-Za-z0-9+.-]{0,20}://[^\s/:@]{0,100}:(?![0-9]{1,5}/)(?P<value>[^\s@]{1,200})(?=@[\w.\[-]+(?:[:/]|$))"
)
_URL_QUERY = re.compile(
    r"://[^\s?]{1,300}\?(?:[^\s&]{1,200}&)*?(?:(?:ssl)?passw(?:or)?d|pwd|(?:api_?)?key|(?:access_)?token)=(?P<value>[^\s&\[]{3,200})",
    re.IGNORECASE,
)
# A place for a secret and none itself: <password>, {pw}, ${PW}, $DB_PASSWORD, %s, ****, or one already masked.
TEMPLATE = re.compile(r"<\w|\{|\$\{|\$[A-Z_]+$|%[(s]|\*\*|\[")
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def is_mixed(value: str) -> bool:
    """Whether letters and digits are mixed, as they are in keys and seldom in words or identifiers."""
    return any(c.isdigit() for c in value) and any(c.isalpha() for c in value)


def private_keys(text: str) -> Iterator[Hit]:
    if "PRIVATE KEY" not in text:
        return
    for found in _PEM.finditer(text):
        # "-----BEGIN PRIVATE KEY----- ... -----END" in a lesson holds no key.
        if found["body"] is None or _BASE64_RUN.search(found["body"]):
            yield Hit(found.start(), found.end(), "private-key")


def _random(value: str) -> bool:
    """Whether it looks drawn by lot: digits among the letters, or capitals among the small ones."""
    return is_mixed(value) or (
        value.isalnum() and not value.islower() and not value.isupper() and not value.istitle()
    )


def keys(text: str) -> Iterator[Hit]:
    for found in _KEY.finditer(text):
        rest = found[found.lastgroup or 0]
        if _random(rest):
            yield Hit(found.start(), found.end() - (len(rest) - len(rest.rstrip("."))), "api-key")


def tokens(text: str) -> Iterator[Hit]:
    for found in _JWT.finditer(text):
        yield Hit(found.start(), found.end(), "token")
    for found in _BEARER.finditer(text):
        if is_mixed(found["value"]) or found["value"].endswith("="):
            yield Hit(found.start("value"), found.end("value"), "token")


def url_passwords(text: str) -> Iterator[Hit]:
    if "://" not in text:
        return
    for pattern in (_URL, _URL_SLASH, _URL_QUERY):
        for found in pattern.finditer(text):
            if not TEMPLATE.match(found["value"]):
                yield Hit(found.start("value"), found.end("value"), "password")


_RESIDENT = re.compile(
    r"(?<![0-9-])(?P<birth>[0-9]{6})(?P<gap>\s?[-–]\s?|)(?P<sex>[0-9])(?P<rest>[0-9]{6})(?![0-9-])"
)
_RESIDENT_WORD = re.compile(
    r"(?:주민(?:등록)?|외국인\s?등록)\s?번호\D{0,8}$|resident (?:registration )?number\D{0,8}$", re.IGNORECASE
)
# A sum, by what stands before two numbers and behind them.
_SUM_BEFORE = re.compile(
    r"(?:[=+*/^×<>]|comput\w*|calculat\w*|evaluat\w*|subtract\w*|what(?:'s| is)|계산\S*|빼\S*)\s*$",
    re.IGNORECASE,
)
_SUM_AFTER = re.compile(
    r"\s*(?:[=+*/^×<>]|mod\b|modulo|(?:은|는|이|가)?\s*얼마|(?:을|를)?\s*계산|의\s*(?:값|결과))",
    re.IGNORECASE,
)
_CARD = re.compile(
    r"(?<![0-9A-Za-z.-])(?:[0-9]{4}(?P<gap>[ -]?)[0-9]{4}(?P=gap)[0-9]{4}(?P=gap)[0-9]{4}|3[0-9]{3}(?P<gap2>[ -]?)[0-9]{6}(?P=gap2)[0-9]{5})"
    r"(?![0-9A-Za-z-]|\.[0-9])"
)
_ISSUER = re.compile(r"4|5[1-5]|3[47]|6011|64[4-9]|65|35|62|9[0-9]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)")
_CARD_WORD = re.compile(r"카드|card|visa|master|amex", re.IGNORECASE)


def resident_numbers(text: str) -> Iterator[Hit]:
    """Numbers of residents and of registered foreigners: a birth date that exists, then a digit for century and sex.

    What is named so is one. Otherwise it must not stand in a sum, and be written without spaces or have the right
    check digit; numbers given since October 2020 have none.
    """
    for found in _RESIDENT.finditer(text):
        if not _born(found["birth"], found["sex"]):
            continue
        named = _RESIDENT_WORD.search(text, max(0, found.start() - 24), found.start()) is not None
        likely = len(found["gap"]) == 1 or (
            found["gap"] and _checks(found["birth"] + found["sex"] + found["rest"])
        )
        if named or (likely and not _in_a_sum(found)):
            yield Hit(found.start(), found.end(), "resident-number")


def _checks(digits: str) -> bool:
    weights = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
    total = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))
    return (11 - total % 11) % 10 == int(digits[-1])


def _in_a_sum(found: re.Match[str]) -> bool:
    text, start, end = found.string, found.start(), found.end()
    return bool(_SUM_BEFORE.search(text, max(0, start - 24), start) or _SUM_AFTER.match(text, end, end + 24))


def _born(birth: str, sex: str) -> bool:
    century = {"9": 1800, "0": 1800, "1": 1900, "2": 1900, "5": 1900, "6": 1900}.get(sex, 2000)
    year, month, day = century + int(birth[:2]), int(birth[2:4]), int(birth[4:])
    return 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]


def cards(text: str) -> Iterator[Hit]:
    """Card numbers by an issuer's first digits and Luhn's check (ISO/IEC 7812)."""
    for found in _CARD.finditer(text):
        digits = re.sub(r"[ -]", "", found.group())
        if not _ISSUER.match(digits) or not _luhn(digits) or len(set(digits)) == 1:
            continue
        if found["gap"] or found["gap2"] or not _perhaps_integer(found, digits):
            yield Hit(found.start(), found.end(), "card-number")


def _perhaps_integer(found: re.Match[str], digits: str) -> bool:
    """Whether ungrouped digits may be a long integer: they stand in a sum, or an issuer's number is seldom like it."""
    text, start = found.string, found.start()
    if _CARD_WORD.search(text, max(0, start - 30), start):
        return False
    return digits[0] in "29" or _in_a_sum(found)


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
