"""Mask secrets before anything is written: keys, tokens, passwords, resident registration and card numbers.

A secret becomes `[***:kind]`, the same in every language and in ASCII, so that it survives any encoding and is known
for what it is when it is read back. Everything else stays byte for byte. Names of keys, talk about passwords, hashes,
UUIDs, phone and bank numbers are left alone: this reads a tutor's conversation, in which they are the subject.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import cast

from .secret_forms import (
    Hit,
    Kind,
    cards,
    keys,
    private_keys,
    resident_numbers,
    tokens,
    url_passwords,
)
from .secret_words import MARK, named_secrets

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
            pieces += (text[place : hit.start], f"{MARK}{hit.kind}]")
            found.append(Found(hit.kind))
            place = hit.end
        text = "".join(pieces) + text[place:]
    return Masked(text, tuple(found))


def _merged(hits: Iterator[Hit]) -> list[Hit]:
    """Hits in order, those that overlap made one of the longest's kind, so that no part of a secret stays."""
    merged: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        if merged and hit.start < merged[-1].end:
            before = merged[-1]
            kind = before.kind if before.end - before.start >= hit.end - hit.start else hit.kind
            merged[-1] = Hit(before.start, max(before.end, hit.end), kind)
        else:
            merged.append(hit)
    return merged


_DETECTORS: tuple[Callable[[str], Iterator[Hit]], ...] = (
    private_keys, keys, tokens, url_passwords, resident_numbers, cards, named_secrets,
)  # fmt: skip
