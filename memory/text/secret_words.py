"""Secrets that are called by their name: a word from a small table, a link, and a value that has the shape of one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple, cast

from .secret_forms import TEMPLATE, UUID, Hit, is_mixed

MARK = "[***:"
"""How the mark begins that stands where a secret was."""

Sort = Literal["password", "short", "cipher", "pin", "code", "key", "token"]

# What a secret is called, by how much the word says. A space stands for any gap.
_CUES: dict[Sort, str] = {
    "password": "password|passwd|passphrase|passcode|비밀 번호|비번|패스워드|패스코드|핀 번호|핀 코드",
    "short": "pw|pwd|pass",
    "cipher": "암호",  # which also means cipher
    "pin": "pin",
    "code": "pin code|pin number|pin 번호|verification code|security code|cvc|cvv|otp|인증 번호|인증 코드|보안 코드",
    "key": "api key|api 키|api token|secret key|secret access key|access key|access token|auth token|account key|"
    "client secret|시크릿 키|비밀 키|인증 토큰|접근 토큰|액세스 토큰",
    "token": "token|secret|토큰",
}
_FIRST = "".join(sorted({word[0] for words in _CUES.values() for word in words.split("|")}))
_CUE = re.compile(  # in small letters, and behind a look at the first: this is held against every text
    f"(?=[{_FIRST}])(?:"
    + "|".join(
        rf"(?P<{sort}>{'|'.join(sorted(words.replace(' ', '[ _-]?').split('|'), key=len, reverse=True))})"
        for sort, words in sorted(_CUES.items(), key=lambda entry: entry[0] in {"pin", "short", "token"})
    )
    + ")"
)
_OWNER = re.compile(r"(?:\b(?:my|our|his|her|their)\b|내|제|우리|저희)[^.\n?!]{0,40}$", re.IGNORECASE)
_CHANGING = re.compile(
    r"\b(?:set|chang\w*|reset\w*|updat\w*|made|make|us(?:e|ing))\b[^.\n?!]{0,60}$", re.IGNORECASE
)
# How a value follows the word for it.
_LINKS: dict[str, re.Pattern[str]] = {
    "sign": re.compile(r"(?:은|는)?[\"']?\s*(?:[:=](?![=:])|->|→|\s[-–]\s)\s*"),
    "is": re.compile(
        r"(?:\s+(?:for|to|of|on|at|in)(?:\s+[\w.'-]{1,40}){1,6}?)?(?:'s|\s+(?:is|was))\s*:?\s+"
        r"(?:(?:now|still|just|set\s+to|changed\s+to)\s+)*",
        re.IGNORECASE,
    ),
    "for": re.compile(
        r"\s+(?:for|to|of|on|at|in)(?:\s+[\w.'-]{1,40}){1,6}?\s*[:=](?![=:])\s*", re.IGNORECASE
    ),
    "to": re.compile(r"\s+to\s+", re.IGNORECASE),
    "ko": re.compile(r"(?:은|는|이|가)요?\s*"),
    "into": re.compile(r"(?:을|를)\s*"),
    "beside": re.compile(r"\s+"),
}
_QUOTED = re.compile(r"[\"'`“‘](?P<value>[^\n\"'`“”‘’]{3,64})[\"'`”’]")
_PLAIN = re.compile(r"(?P<value>[!-~À-ɏ]{3,200}|[가-힣]{1,20}[0-9]{2,}[!-~]{0,40})")
# What follows a value: a copula and no question; the end; a measure or a particle, which make it no password.
_COPULA = re.compile(
    r"\s*(?:이에요|예요|이예요|에요|이야|야|입니다|이다|임(?![가-힣])|이?였|이었|이?라고|인데|이?고|이니까)(?!\s*[?？])"
)
_STOP = re.compile(r"\s*(?:$|[.,!;)\n](?![A-Za-z0-9])|and\b)")
_MEASURE = re.compile(
    r"\s*-?(?:자|글자|개|번|회|일|분|년|월|시간|초|비트|바이트|명|가지|칸|bits?\b|bytes?\b|char|digit|letter|symbol|times\b|days\b|volts?\b)",
    re.IGNORECASE,
)
_PARTICLE = re.compile(
    r"(?:(?:으로|로)(?!\s*(?:바꾸|바꿨|바꿔|변경|설정|정했|해(?:\b|줘|주|요)|했))|[을를의에과와]|이?면|처럼|같|보다)"
)
_CHANGED = re.compile(r"\s*(?:으로|로)\s*(?:바꾸|바꿨|바꿔|변경|설정|정했|지정|했|해)")
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
    r"pass\w*|pwd?|\w+(?:ed|ing|ten|able))",
    re.IGNORECASE,
)


_HANGUL = re.compile("[가-힣]")


class _Said(NamedTuple):
    """A value beside a word for a secret.

    Attributes:
        how: The link between them, one of `_LINKS`.
        sign: What stands there, such as "=".
        at: Where the word stands.
    """

    text: str
    cue: str
    sort: Sort
    how: str
    sign: str
    at: int
    start: int
    value: str
    quoted: bool

    @property
    def end(self) -> int:
        return self.start + len(self.value)

    @property
    def owned(self) -> bool:
        """Whether it is said to be somebody's."""
        return _OWNER.search(self.text, max(0, self.at - 60), self.at) is not None

    @property
    def korean(self) -> bool:
        return "가" <= self.cue[-1] <= "힣" or self.how in {"ko", "into"}

    def before(self, *patterns: re.Pattern[str]) -> bool:
        """Whether one of them follows the value, behind its closing quote if it has one."""
        return any(pattern.match(self.text, self.end + self.quoted) for pattern in patterns)

    def strong(self) -> bool:
        """Whether it holds a digit or a sign, or a row of words, as passwords do and words do not."""
        telling = any(c.isdigit() or not (c.isalnum() or c in " _-./'") for c in self.value)
        return (telling or len(self.value.split("-")) > 3) and not self.before(_MEASURE)

    def word(self) -> bool:
        """Whether it is a word that says nothing about passwords."""
        return self.value.isalpha() and not _PLAIN_WORD.fullmatch(self.value) and self.sort != "cipher"


def _said(text: str) -> Iterator[_Said]:
    """The values beside words for secrets, without schemes ("AES-256"), decimals, code, templates and masks."""
    lowered = text.lower()
    for cue in _CUE.finditer(lowered if len(lowered) == len(text) else text):
        if cue[0].isascii() and (_joined(text, cue.start() - 1, "") or _joined(text, cue.end(), "_")):
            continue
        for how, link in _LINKS.items():
            linked = link.match(text, cue.end(), cue.end() + 160)
            if linked is None or (
                how == "to" and not _CHANGING.search(text, max(0, cue.start() - 80), cue.start())
            ):
                continue
            found = _QUOTED.match(text, linked.end()) or _PLAIN.match(text, linked.end())
            if found is None:
                continue
            quoted, value = found.re is _QUOTED, found["value"]
            if not quoted:
                value = re.split(r"&\w+=", value)[0].rstrip(".,;:?)\"'`")
            if len(value) < 3 or MARK in value or TEMPLATE.match(value):
                continue
            if not (_SCHEME.fullmatch(value) or _DECIMAL.fullmatch(value) or _CODE.match(value)):
                sort = cast("Sort", cue.lastgroup)
                yield _Said(
                    text,
                    text[cue.start() : cue.end()],
                    sort,
                    how,
                    linked[0].strip(),
                    cue.start(),
                    found.start("value"),
                    value,
                    quoted,
                )
            break


def _joined(text: str, at: int, besides: str) -> bool:
    """Whether a letter of the same word stands there."""
    return (
        0 <= at < len(text) and text[at].isascii() and (text[at].isalnum() or text[at] in (besides or "\0"))
    )


def named_secrets(text: str) -> Iterator[Hit]:
    for said in _said(text):
        if said.sort in {"key", "token"}:
            if _is_key(said):
                yield Hit(said.start, said.end, "api-key")
        elif _is_number(said) if said.sort in {"pin", "code"} else _is_password(said):
            yield Hit(said.start, said.end, "password")


def _is_key(said: _Said) -> bool:
    """Keys are long and drawn by lot. "token" and "secret" alone say little, and must have a sign."""
    least = 12 if said.sort == "key" else 16 if said.how == "sign" else 1000
    value = said.value
    return (
        len(value) >= least and is_mixed(value) and value.isascii() and not UUID.fullmatch(value)
        and re.fullmatch(r"[A-Za-z0-9_+/.=~-]+", value) is not None
    )  # fmt: skip


def _is_number(said: _Said) -> bool:
    """A PIN is a few digits; a pin, in small letters and nobody's, is a part of a board."""
    if not re.fullmatch(r"[0-9]{3,8}", said.value) or said.before(_MEASURE, _PARTICLE):
        return False
    if said.how == "beside":
        return (said.cue.isupper() or said.sort == "code") and said.before(_COPULA, _STOP)
    return said.how in {"sign", "for", "ko", "to"} or said.sort == "code" or said.owned


def _is_password(said: _Said) -> bool:
    ended = said.quoted or said.before(_STOP)
    if not said.quoted and _HANGUL.match(said.value):  # with digits; where it is the whole of what is said
        return said.before(_COPULA, _STOP, _CHANGED)
    match said.how:
        case "sign" if said.sort == "short" and not said.quoted:
            algebra = said.sign.endswith("=") and re.search(r"[*+/^()<>|]", said.value)
            return said.strong() and not algebra and (said.cue.lower() != "pass" or is_mixed(said.value))
        case "sign":
            plain = said.sign.endswith("=") and not said.quoted  # of a program, where words are names
            return said.strong() or (said.word() and ended and not plain)
        case "is" | "for":
            return said.strong() or (said.word() and said.owned and ended)
        case "to":
            return said.strong() or (said.quoted and said.word())
        case "into":
            return said.before(_CHANGED) and (said.strong() or (said.quoted and said.word()))
        case "ko":
            return not said.before(_PARTICLE) and (said.strong() or (said.word() and said.before(_COPULA)))
        case _:
            letters = any(c.isalpha() for c in said.value) and len(said.value) >= 6
            if said.korean or said.sort == "short":
                told = letters or said.before(_COPULA, _STOP, _CHANGED)
                return said.strong() and told and not said.before(_PARTICLE)
            return said.strong() and (said.quoted or (said.owned and letters))
