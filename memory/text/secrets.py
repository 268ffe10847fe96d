"""Mask secrets before anything is written: keys, tokens, passwords, resident registration and card numbers.

A secret becomes `[***:kind]`, the same in every language and in ASCII, so that it survives any encoding and is known
for what it is when it is read back. Everything else stays byte for byte. Names of keys, talk about passwords, hashes,
UUIDs, phone and bank numbers are left alone: this reads a tutor's conversation, in which they are the subject.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, cast

Kind = Literal["api-key", "token", "private-key", "password", "resident-number", "card-number"]

NAMES: dict[Kind, tuple[str, str]] = {
    "api-key": ("an API key", "API 키"),
    "token": ("an access token", "접근 토큰"),
    "private-key": ("a private key", "개인 키"),
    "password": ("a password", "비밀번호"),
    "resident-number": ("a resident registration number", "주민등록번호"),
    "card-number": ("a card number", "카드 번호"),
}
"""What a kind is called, in English and in Korean."""


@dataclass(frozen=True, slots=True)
class Found:
    """That something was masked, and as what. It does not hold the secret."""

    kind: Kind


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without its secrets, and what was found, in order of place."""

    text: str
    found: tuple[Found, ...]


class _Hit(NamedTuple):
    start: int
    end: int
    kind: Kind


_MARK = "[***:"


def named(kinds: Iterable[str], language: str) -> str:
    """Name kinds of secrets to a person, in "ko" or English."""
    return ", ".join(NAMES[cast("Kind", kind)][language == "ko"] for kind in kinds)


def mask(text: str) -> Masked:
    """Replace every secret in a text. Masking what is already masked changes nothing."""
    found: list[Found] = []
    while hits := _merged(hit for detect in _DETECTORS for hit in detect(text)):
        pieces: list[str] = []
        place = 0
        for hit in hits:
            pieces += (text[place : hit.start], f"{_MARK}{hit.kind}]")
            found.append(Found(hit.kind))
            place = hit.end
        text = "".join(pieces) + text[place:]
    return Masked(text, tuple(found))


def _merged(hits: Iterator[_Hit]) -> list[_Hit]:
    """Hits in order, those that overlap made one of the longest's kind, so that no part of a secret stays."""
    merged: list[_Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        if merged and hit.start < merged[-1].end:
            before = merged[-1]
            kind = before.kind if before.end - before.start >= hit.end - hit.start else hit.kind
            merged[-1] = _Hit(before.start, max(before.end, hit.end), kind)
        else:
            merged.append(hit)
    return merged


# --- keys and tokens that show by their form -------------------------------------------------------------------

_PEM = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?P<body>.{0,16000}?)-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"
    r"|-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\s*[A-Za-z0-9+/=]{16,})+",
    re.DOTALL,
)
_BASE64_RUN = re.compile(r"[A-Za-z0-9+/=]{32}")
_KEY = re.compile(
    r"(?<![A-Za-z0-9_-])(?:"
    r"sk-[A-Za-z0-9_-]{20,}|[sr]k_(?:live|test)_[A-Za-z0-9]{16,}|gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{22,}|"
    r"glpat-[A-Za-z0-9_-]{20,}|A(?:KIA|SIA)[A-Z0-9]{16}(?![A-Za-z0-9])|AIza[A-Za-z0-9_-]{35,}|hf_[A-Za-z0-9]{20,}|"
    r"xox[abeoprs]-[A-Za-z0-9-]{10,}|gsk_[A-Za-z0-9]{30,}|xai-[A-Za-z0-9]{30,}|r8_[A-Za-z0-9]{30,}|npm_[A-Za-z0-9]{30,}|"
    r"pypi-[A-Za-z0-9_-]{50,}|pplx-[A-Za-z0-9]{30,}|nvapi-[A-Za-z0-9_-]{30,}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|"
    r"[0-9]{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])"
    r")"
)
_JWT = re.compile(r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{10,}")
_BEARER = re.compile(
    r"(?:\bBearer\s+|\bAuthorization[\"']?\s*:\s*[\"']?(?:Basic|Token)\s+)(?P<value>[A-Za-z0-9._~+/-]{16,}=*)",
    re.IGNORECASE,
)
_URL = re.compile(r"\b[A-Za-z][A-Za-z0-9+.-]{0,20}://[^\s/:@]{0,100}:(?P<value>[^\s/]{1,200})(?=@)")
# A place for a secret and none itself: <password>, {pw}, ${PW}, $DB_PASSWORD, %s, ****, or one already masked.
_TEMPLATE = re.compile(r"<\w|\{|\$\{|\$[A-Z_]+$|%[(s]|\*\*|\[")
_NAMED_KEY = re.compile(
    r"(?:api[\s_-]?(?:key|키)|secret[\s_-]?(?:access[\s_-]?)?key|access[\s_-]?(?:token|key)|auth[\s_-]?token|시크릿\s?키)[\"']?"
    r"\s*(?:[:=](?!=)|is|은|는|가)\s*[\"'`]?(?P<value>[A-Za-z0-9_+/.=-]{16,})",
    re.IGNORECASE,
)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def _mixed(value: str) -> bool:
    """Whether letters and digits are mixed, as they are in keys and seldom in words or identifiers."""
    return any(c.isdigit() for c in value) and any(c.isalpha() for c in value)


def _private_keys(text: str) -> Iterator[_Hit]:
    if "PRIVATE KEY" not in text:
        return
    for found in _PEM.finditer(text):
        # "-----BEGIN PRIVATE KEY----- ... -----END" in a lesson holds no key.
        if found["body"] is None or _BASE64_RUN.search(found["body"]):
            yield _Hit(found.start(), found.end(), "private-key")


def _keys(text: str) -> Iterator[_Hit]:
    for found in _KEY.finditer(text):
        if _mixed(found.group()[4:]):
            yield _Hit(found.start(), found.end(), "api-key")
    for found in _NAMED_KEY.finditer(text):
        value = found["value"]
        if _mixed(value) and not _UUID.fullmatch(value) and not re.match(r"[A-Za-z_]\w*\.[A-Za-z_]", value):
            yield _Hit(found.start("value"), found.end("value"), "api-key")


def _tokens(text: str) -> Iterator[_Hit]:
    for found in _JWT.finditer(text):
        yield _Hit(found.start(), found.end(), "token")
    for found in _BEARER.finditer(text):
        if _mixed(found["value"]) or found["value"].endswith("="):
            yield _Hit(found.start("value"), found.end("value"), "token")


def _url_passwords(text: str) -> Iterator[_Hit]:
    if "://" not in text:
        return
    for found in _URL.finditer(text):
        if not _TEMPLATE.match(found["value"]):
            yield _Hit(found.start("value"), found.end("value"), "password")


# --- numbers ---------------------------------------------------------------------------------------------------

_RESIDENT = re.compile(r"(?<![0-9-])(?P<birth>[0-9]{6})\s?[-–]\s?(?P<sex>[0-9])[0-9]{6}(?![0-9-])")
_RESIDENT_NAMED = re.compile(
    r"(?:주민(?:등록)?\s?번호|외국인\s?등록\s?번호)\D{0,8}(?P<value>(?P<birth>[0-9]{6})(?P<sex>[0-9])[0-9]{6})(?![0-9])"
)
_CARD = re.compile(
    r"(?<![0-9A-Za-z.-])(?:[0-9]{4}(?P<gap>[ -]?)[0-9]{4}(?P=gap)[0-9]{4}(?P=gap)[0-9]{4}|3[0-9]{3}(?P<gap2>[ -]?)[0-9]{6}(?P=gap2)[0-9]{5})"
    r"(?![0-9A-Za-z-]|\.[0-9])"
)
_ISSUER = re.compile(r"4|5[1-5]|3[47]|6011|64[4-9]|65|35|62|9[0-9]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)")
_CARD_WORD = re.compile(r"카드|card|visa|master|amex", re.IGNORECASE)
_OPERATOR = re.compile(r"[=+*/^×<>]\s*$")


def _resident_numbers(text: str) -> Iterator[_Hit]:
    """Numbers of residents and of registered foreigners: a birth date that exists, then a digit for century and sex.

    The check digit is no help: numbers given since October 2020 have none.
    """
    for found in _RESIDENT.finditer(text):
        if _born(found["birth"], found["sex"]):
            yield _Hit(found.start(), found.end(), "resident-number")
    for found in _RESIDENT_NAMED.finditer(text):
        if _born(found["birth"], found["sex"]):
            yield _Hit(found.start("value"), found.end("value"), "resident-number")


def _born(birth: str, sex: str) -> bool:
    century = {"9": 1800, "0": 1800, "1": 1900, "2": 1900, "5": 1900, "6": 1900}.get(sex, 2000)
    year, month, day = century + int(birth[:2]), int(birth[2:4]), int(birth[4:])
    return 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]


def _cards(text: str) -> Iterator[_Hit]:
    """Card numbers by an issuer's first digits and Luhn's check (ISO/IEC 7812)."""
    for found in _CARD.finditer(text):
        digits = re.sub(r"[ -]", "", found.group())
        if not _ISSUER.match(digits) or not _luhn(digits) or len(set(digits)) == 1:
            continue
        if found["gap"] or found["gap2"] or not _perhaps_integer(found, digits):
            yield _Hit(found.start(), found.end(), "card-number")


def _perhaps_integer(found: re.Match[str], digits: str) -> bool:
    """Whether ungrouped digits may be a long integer: they stand in a sum, or an issuer's number is seldom like it."""
    text, start = found.string, found.start()
    if _CARD_WORD.search(text, max(0, start - 30), start):
        return False
    return digits[0] in "29" or _OPERATOR.search(text, max(0, start - 3), start) is not None


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


# --- passwords said in words -----------------------------------------------------------------------------------

_NOUN_KO = r"(?:비밀\s?번호|비번|패스워드|패스코드|핀\s?번호|(?P<cipher>암호))"
_NOUN_EN = r"(?<![A-Za-z0-9])(?:password|passwd|passphrase|passcode|(?P<short>pwd?))"
_OWNED = r"(?:(?P<owner>my|our|his|her)\s+|the\s+|your\s+)?(?:[\w.-]{1,40}\s+)?"
_VALUE = r"(?:(?P<quote>[\"'`“‘])(?P<quoted>[^\s\"'`“”‘’]{3,64})[\"'`”’]|(?P<plain>[!-~]{4,64}))"
_HANGUL_VALUE = r"(?P<plain>[가-힣]{1,20}[0-9]{2,}[!-~]{0,40})(?P<quote>)(?P<quoted>)"
# What follows a value: a copula and no question; the end; a measure or a particle, which make it no password.
_COPULA = re.compile(
    r"\s*(?:이에요|예요|이예요|에요|이야|야|입니다|이다|임(?![가-힣])|이?였|이었|이?라고|인데|이고|이니까)(?!\s*[?？])"
)
_STOP = re.compile(r"\s*(?:$|[.,!;)\n](?![A-Za-z0-9])|and\b)")
_MEASURE = re.compile(
    r"\s*-?(?:자|글자|개|번|회|일|분|년|월|시간|초|비트|바이트|명|가지|bits?\b|bytes?\b|char|digit|letter|symbol|times\b|days\b)",
    re.IGNORECASE,
)
_PARTICLE = re.compile(
    r"(?:(?:으로|로)(?!\s*(?:바꾸|바꿨|바꿔|변경|설정|정했|해\b|했))|[을를의에과와]|이?면|처럼|같|보다)"
)
_SCHEME = re.compile(
    r"(?:aes|rsa|3?des|sha|md|hmac|bcrypt|scrypt|argon|pbkdf|blake|base|utf|ascii|rot|ecc|ecdsa|ed|tls|ssl|oauth|[ht]?otp|"
    r"[0-9]fa|mfa|crc|chacha|salsa|rc|caesar|vigenere)[-_/]?[0-9]*[a-z]{0,2}(?:[-_/][a-z0-9]+)*",
    re.IGNORECASE,
)
_CODE = re.compile(r"[A-Za-z_][\w.]*[(\[]|[A-Za-z_]\w*\.[A-Za-z_]")
_DECIMAL = re.compile(r"[+-]?[0-9]*\.[0-9]+%?|[0-9]+%")
# Words that follow "my password is" or "password:" without being one.
_PLAIN_WORD = re.compile(
    r"(?:str|string|text|int|bytes|none|null|true|false|required|optional|any|(?:var)?char\S*|secretstr|(?:hash|salt|token|plain)\w*|"
    r"wrong|weak|strong|lost|gone|the|safe|secure|short|long|same|correct|incorrect|valid|invalid|secret|private|empty|"
    r"unknown|here|important|something|what|that|very|only|still|never|also|different|user|input|field|value|data|"
    r"\w+(?:ed|ing|ten|able))",
    re.IGNORECASE,
)

_ASSIGNED = re.compile(
    rf"(?:{_NOUN_EN}|{_NOUN_KO})(?:은|는)?[\"']?(?P<sign>\s*[:=](?![=:])\s*)(?:{_VALUE})", re.IGNORECASE
)
_IS = re.compile(
    rf"\b{_OWNED}(?:password|passphrase|passcode|(?P<pin>pin)(?:\s+(?:code|number))?)(?:\s+for\s+[\w.-]{1, 40})?\s+(?:is|was)\s+"
    rf"(?:(?:now|still|just|set\s+to|changed\s+to)\s+)*{_VALUE}",
    re.IGNORECASE,
)
_CHANGED_EN = re.compile(
    rf"\b(?:set|changed?|reset|updated?|made|make)\s+{_OWNED}(?:password|passcode|pin)\s+to\s+{_VALUE}",
    re.IGNORECASE,
)
_SAID_KO = re.compile(
    rf"(?:{_NOUN_KO}|{_NOUN_EN}|\bPIN)(?P<particle>[은는이가]\s*|\s+){_VALUE}", re.IGNORECASE
)
_SAID_HANGUL = re.compile(rf"{_NOUN_KO}(?P<particle>[은는이가]\s*|\s*[:=]\s*){_HANGUL_VALUE}")
_CHANGED_KO = re.compile(
    rf"(?:{_NOUN_KO}|{_NOUN_EN})[을를]\s*{_VALUE}\s*(?:으로|로)\s*(?:바꾸|바꿨|바꿔|변경|설정|정했|지정|했|해)",
    re.IGNORECASE,
)
_NOUN = re.compile(
    r"pass(?:word|wd|phrase|code)|pw|\bpin\b|비밀\s?번호|비번|패스|암호|핀\s?번호", re.IGNORECASE
)


class _Said(NamedTuple):
    """A value that may be a password, and the sentence's own words around it."""

    found: re.Match[str]
    start: int
    value: str

    @property
    def end(self) -> int:
        return self.start + len(self.value)

    @property
    def quoted(self) -> bool:
        return bool(self.found["quote"])

    def before(self, pattern: re.Pattern[str]) -> bool:
        """Whether `pattern` follows the value, behind its closing quote if it has one."""
        return pattern.match(self.found.string, self.end + self.quoted) is not None

    def has(self, group: str) -> bool:
        return bool(self.found.groupdict().get(group))

    def strong(self) -> bool:
        """Whether it holds a digit or a sign, as passwords do and words do not."""
        return any(c.isdigit() or not (c.isalnum() or c in "_-./'") for c in self.value) and not self.before(
            _MEASURE
        )

    def word(self) -> bool:
        """Whether it is a word that says nothing about passwords, and 암호 (which also means cipher) is not meant."""
        return self.value.isalpha() and not _PLAIN_WORD.fullmatch(self.value) and not self.has("cipher")


def _said(pattern: re.Pattern[str], text: str) -> Iterator[_Said]:
    """The values that a pattern finds, without schemes ("AES-256"), decimals, code, templates and masks."""
    for found in pattern.finditer(text):
        group = "quoted" if found["quote"] else "plain"
        value: str = found[group] if found["quote"] else found[group].rstrip(".,;:?)\"'`")
        if len(value) < 3 or _MARK in value or _TEMPLATE.match(value):
            continue
        if not (_SCHEME.fullmatch(value) or _DECIMAL.fullmatch(value) or _CODE.match(value)):
            yield _Said(found, found.start(group), value)


def _assigned(said: _Said) -> bool:
    if said.has("short") and "=" in said.found["sign"] and not said.quoted:
        return said.value.isalnum() and _mixed(said.value)  # pw = w * x is algebra
    return said.strong() or (said.word() and not said.has("short") and (said.quoted or said.before(_STOP)))


def _is(said: _Said) -> bool:
    if said.has("pin") and not said.has("owner"):
        return False
    return said.strong() or (said.word() and said.has("owner") and (said.quoted or said.before(_STOP)))


def _changed(said: _Said) -> bool:
    return said.strong() or (said.quoted and said.word())


def _said_ko(said: _Said) -> bool:
    if said.before(_PARTICLE):
        return False
    if not said.found["particle"].strip():
        return said.strong() and (said.before(_COPULA) or said.before(_STOP))
    return said.strong() or (said.word() and said.before(_COPULA))


def _said_hangul(said: _Said) -> bool:
    return said.before(_COPULA) or said.before(_STOP)


_PASSWORDS: tuple[tuple[re.Pattern[str], Callable[[_Said], bool]], ...] = (
    (_ASSIGNED, _assigned),
    (_IS, _is),
    (_CHANGED_EN, _changed),
    (_SAID_KO, _said_ko),
    (_SAID_HANGUL, _said_hangul),
    (_CHANGED_KO, _changed),
)


def _passwords(text: str) -> Iterator[_Hit]:
    if not _NOUN.search(text):
        return
    for pattern, meant in _PASSWORDS:
        for said in _said(pattern, text):
            if meant(said):
                yield _Hit(said.start, said.end, "password")


_DETECTORS: tuple[Callable[[str], Iterator[_Hit]], ...] = (
    _private_keys, _keys, _tokens, _url_passwords, _resident_numbers, _cards, _passwords,
)  # fmt: skip
